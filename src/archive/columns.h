/* SPDX-License-Identifier: MIT
 *
 * A plain table of numbers: one row a line, columns separated by white space,
 * by commas or by semicolons, an optional first line of names (without one they
 * are c1, c2, …). Lines end as on any system. Names and numbers may stand in
 * quotes. Empty lines, lines that begin with '#' or '%', and what follows a '#'
 * after white space do not count. "nan", "NA", and nothing between two commas
 * are gaps; a comma that ends the line of a complete row separates nothing.
 */
#ifndef VR_ARCHIVE_COLUMNS_H
#define VR_ARCHIVE_COLUMNS_H

#include "archive/archive.h"

#include <stdio.h>

struct vr_table {
  size_t rows, columns;
  char **names;
  double *values; /* column c, row i at values[c * rows + i] */
};

void vr_columns_clear(struct vr_table *t);

/* Reads the table PATH ("-": standard input). Returns 0; -EINVAL for a cell
 * that is no number or a line with more or fewer cells than the first, naming
 * line and column; -ENODATA for a table without rows; another negative errno.
 * *ret_error is filled then and *ret_table untouched. */
int vr_columns_read(const char *path, struct vr_table *ret_table,
                    struct vr_error *ret_error);

/* The same from an open file, called NAME in messages. */
int vr_columns_read_file(FILE *f, const char *name, struct vr_table *ret_table,
                         struct vr_error *ret_error);

/* Column NAME: -ENOENT if there is none, -ENOTUNIQ if several are called so. */
int vr_columns_find(const struct vr_table *t, const char *name,
                    const double **ret_column);

#endif
