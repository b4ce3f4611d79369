/*
 * What the files of the plan folder share of programs: making, finding, keeping. Private.
 */
#pragma once

#include "postgres.h"

#include "plan/program.h"

Program *program_new(void);
AstBatch *program_parse(Program *program, const char *text, size_t length);
void program_declare(Program *program, const AstList *params, bool check_uses);
Program *program_make(const char *text,
                      size_t length,
                      const char *parameters,
                      size_t parameters_length,
                      bool check_uses);

/* Puts a program into the table, which takes a reference of its own. */
void program_cache_add(Program *program);
void program_touch(Program *program);
dlist_head *program_bucket(uint32 hash);
Program *program_lookup_text(const char *text,
                             size_t length,
                             const char *parameters,
                             size_t parameters_length,
                             uint32 *hash_out);
