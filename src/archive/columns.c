/* SPDX-License-Identifier: MIT */
#include "archive/columns.h"

#include "archive/cells.h"
#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_COLUMNS = 10000 };

/* A table that grows row by row. */
struct reading {
  const char *name; /* of the file */
  size_t line;
  size_t columns, rows;
  size_t capacity; /* cells */
  char **names;
  double *cells; /* row after row */
  struct vr_error *error;
};

static int fail(struct reading *r, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct reading *r, int error, const char *format, ...) {
  char text[300];
  va_list ap;
  va_start(ap, format);
  vsnprintf(text, sizeof(text), format, ap);
  va_end(ap);
  if (r->line > 0)
    snprintf(r->error->message, sizeof(r->error->message), "%.180s:%zu: %s",
             r->name, r->line, text);
  else
    snprintf(r->error->message, sizeof(r->error->message), "%.180s: %s",
             r->name, text);
  return error;
}

void vr_columns_clear(struct vr_table *t) {
  for (size_t i = 0; t->names && i < t->columns; i++)
    free(t->names[i]);
  free(t->names);
  free(t->values);
  *t = (struct vr_table){0};
}

static void reading_clear(struct reading *r) {
  for (size_t i = 0; r->names && i < r->columns; i++)
    free(r->names[i]);
  free(r->names);
  free(r->cells);
}

/* Is TEXT a decimal number or a gap? Numbers that overflow are none. */
static bool parse_cell(const char *text, double *ret) {
  static const char *const gaps[] = {"", "nan", "na", "null", "-nan"};
  for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++)
    if (strcasecmp(text, gaps[i]) == 0) {
      *ret = NAN;
      return true;
    }
  char *rest;
  double value = strtod(text, &rest);
  /* strtod() also takes hexadecimal ones. */
  if (rest == text || *rest || !isfinite(value) || strpbrk(text, "xX"))
    return false;
  *ret = value;
  return true;
}

static size_t count_cells(const char *line, char separator) {
  vr_auto_free char *copy = strdup(line);
  size_t n = 0;
  for (char *at = copy; copy && vr_cells_next(&at, separator);)
    n++;
  return n;
}

/* Names stand where words and no numbers do. */
static bool is_header(const char *line, char separator) {
  vr_auto_free char *copy = strdup(line);
  bool has_word = false;
  char *at = copy;
  for (char *cell; copy && (cell = vr_cells_next(&at, separator));) {
    double value;
    if (!parse_cell(cell, &value))
      has_word = true;
    else if (isfinite(value))
      return false;
  }
  return has_word;
}

static char *printable_copy(const char *text) {
  size_t size = 4 * strlen(text) + 1;
  char *copy = malloc(size);
  if (copy)
    vr_text_printable(text, copy, size);
  return copy;
}

static int take_names(struct reading *r, char *line, char separator,
                      bool has_names) {
  r->names = calloc(r->columns, sizeof(*r->names));
  if (!r->names)
    return fail(r, -ENOMEM, "%s", strerror(ENOMEM));
  for (size_t c = 0; c < r->columns; c++) {
    const char *cell = has_names ? vr_cells_next(&line, separator) : NULL;
    if (cell)
      r->names[c] = printable_copy(cell);
    else if (asprintf(&r->names[c], "c%zu", c + 1) < 0)
      r->names[c] = NULL;
    if (!r->names[c])
      return fail(r, -ENOMEM, "%s", strerror(ENOMEM));
  }
  return 0;
}

static int take_row(struct reading *r, char *line, char separator) {
  if (vr_array_reserve(&r->cells, &r->capacity, (r->rows + 1) * r->columns) < 0)
    return fail(r, -ENOMEM, "%s", strerror(ENOMEM));
  size_t n = 0;
  for (char *cell; (cell = vr_cells_next(&line, separator)); n++) {
    /* A separator at the end of the line separates nothing. */
    if (n == r->columns && *cell == '\0' && !line)
      break;
    if (n == r->columns)
      return fail(r, -EINVAL, "more than %zu cells", r->columns);
    if (!parse_cell(cell, &r->cells[r->rows * r->columns + n]))
      return fail(r, -EINVAL, "column %zu (%.40s): \"%.60s\" is not a number",
                  n + 1, r->names[n], cell);
  }
  if (n < r->columns)
    return fail(r, -EINVAL, "%zu cells, not %zu", n, r->columns);
  r->rows++;
  return 0;
}

/* Does LINE hold no values? */
static bool is_remark(const char *line) {
  line += strspn(line, " \t\v\f");
  return *line == '\0' || *line == '%';
}

static int take_line(struct reading *r, char *line) {
  r->line++;
  vr_cells_cut_remark(line);
  if (is_remark(line))
    return 0;
  char separator = vr_cells_separator(line);
  if (r->columns > 0)
    return take_row(r, line, separator);
  size_t columns = count_cells(line, separator);
  if (columns == 0 || columns > MAX_COLUMNS)
    return fail(r, -EINVAL, "%zu columns; 1 to %d make a table", columns,
                MAX_COLUMNS);
  bool has_names = is_header(line, separator);
  r->columns = columns;
  int e = take_names(r, line, separator, has_names);
  return e < 0 || has_names ? e : take_row(r, line, separator);
}

/* TEXT up to a line feed: one line, or several when they end with a carriage
 * return alone. */
static int take_lines(struct reading *r, char *text, size_t n) {
  static const char byte_order_mark[] = "\xef\xbb\xbf";
  if (memchr(text, '\0', n)) {
    r->line++;
    return fail(r, -EINVAL, "not text");
  }
  if (n > 0 && text[n - 1] == '\n')
    text[--n] = '\0';
  if (n > 0 && text[n - 1] == '\r')
    text[--n] = '\0';
  if (r->line == 0 && strncmp(text, byte_order_mark, 3) == 0)
    text += 3;
  int e = 0;
  for (char *line; e == 0 && (line = strsep(&text, "\r"));)
    e = take_line(r, line);
  return e;
}

/* Row-major cells become columns. */
static int finish(struct reading *r, struct vr_table *ret_table) {
  r->line = 0;
  if (r->rows == 0)
    return fail(r, -ENODATA, "a table without rows");
  double *values = calloc(r->rows * r->columns, sizeof(*values));
  if (!values)
    return fail(r, -ENOMEM, "%s", strerror(ENOMEM));
  for (size_t i = 0; i < r->rows; i++)
    for (size_t c = 0; c < r->columns; c++)
      values[c * r->rows + i] = r->cells[i * r->columns + c];
  *ret_table = (struct vr_table){.rows = r->rows,
                                 .columns = r->columns,
                                 .names = vr_steal(&r->names),
                                 .values = values};
  return 0;
}

int vr_columns_read_file(FILE *f, const char *name, struct vr_table *ret_table,
                         struct vr_error *ret_error) {
  vr_cleanup(reading_clear) struct reading r = {.name = name,
                                                .error = ret_error};
  vr_auto_free char *line = NULL;
  size_t size = 0;
  for (ssize_t n; (n = getline(&line, &size, f)) >= 0;) {
    int e = take_lines(&r, line, (size_t)n);
    if (e < 0)
      return e;
  }
  if (ferror(f)) {
    int error = errno ? errno : EIO;
    r.line = 0;
    return fail(&r, -error, "%s", strerror(error));
  }
  return finish(&r, ret_table);
}

int vr_columns_read(const char *path, struct vr_table *ret_table,
                    struct vr_error *ret_error) {
  if (strcmp(path, "-") == 0)
    return vr_columns_read_file(stdin, "standard input", ret_table, ret_error);
  vr_auto_fclose FILE *f = fopen(path, "re");
  if (!f) {
    int error = errno;
    snprintf(ret_error->message, sizeof(ret_error->message), "%.400s: %s", path,
             strerror(error));
    return -error;
  }
  return vr_columns_read_file(f, path, ret_table, ret_error);
}

int vr_columns_find(const struct vr_table *t, const char *name,
                    const double **ret_column) {
  const double *found = NULL;
  for (size_t c = 0; c < t->columns; c++) {
    if (strcmp(t->names[c], name) != 0)
      continue;
    if (found)
      return -ENOTUNIQ;
    found = t->values + c * t->rows;
  }
  if (!found)
    return -ENOENT;
  *ret_column = found;
  return 0;
}
