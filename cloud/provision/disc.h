/*
 * disc.h: discs as files: read by 7-Zip (discs of Windows are UDF) or xorriso, written by xorriso;
 * archives of Windows (WIM) by wimlib. Programs of Debian, run without a shell.
 */
#pragma once

#include <stdbool.h>

/* Runs a program; its standard output in *output (owned by the caller, may be NULL). 0, -ENOENT
 * where it is not installed, -EIO where it failed, with the end of what it said in *problem. */
int tool_run(char *const arguments[], char **output, char **problem);

/* Paths of the disc's files, one a line, with forward slashes; owned by the caller. */
int disc_list(const char *disc, char **paths, char **problem);
/* The path as the list has it, compared without case; NULL where there is none. Owned by the
 * caller. */
char *disc_find(const char *list, const char *path);
/* Copies the path (a file, or a folder with all in it) to below folder, under the same path. */
int disc_extract(const char *disc, const char *path, const char *folder, char **problem);
/* A disc of the folder that starts by UEFI with the FAT image (path below folder). */
int disc_burn(
    const char *folder, const char *label, const char *efi_image, const char *disc, char **problem);

/* A member of wimlib's XML of an archive's image, as "BUILD"; NULL where there is none. */
char *wim_fact(const char *wim, int image, const char *name, char **problem);
/* Number of images; negative errno. */
int wim_images(const char *wim, char **problem);
/* Puts a file into an image of the archive. */
int wim_add(const char *wim, int image, const char *file, const char *path, char **problem);
