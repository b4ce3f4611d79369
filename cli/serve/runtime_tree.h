/*
 * runtime_tree.h: PostgreSQL's binaries with our extension beside them, private to a data
 * directory.
 *
 * Nothing is put into the system's PostgreSQL. <data>/runtime/<major> mirrors the absolute paths of
 * PostgreSQL's own folders: copies of its programs (which find library and share folders relative
 * to themselves), links to the rest, and the extension's library, control file and script.
 */
#pragma once

typedef struct RuntimeTree {
    char *bin; /* folder of the copied programs */
} RuntimeTree;

/*
 * Makes or refreshes the tree under <data>/runtime. Finds the extension in engine/ beside the
 * running program (build tree), else where it was installed. Exits on failure.
 */
RuntimeTree runtime_tree_prepare(const char *data);

/* The tree that was prepared under another data directory. Exits where there is none. */
RuntimeTree runtime_tree_at(const char *data);
