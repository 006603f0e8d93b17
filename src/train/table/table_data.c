/* SPDX-License-Identifier: MIT */
#include "train/table/table_data.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_table_data_clear(struct vr_table_data *d) {
  vr_dataset_clear(&d->estimate);
  vr_dataset_clear(&d->validate);
  vr_columns_clear(&d->table);
}

/* "a, b, c": what the columns are called, as far as there is room. */
static void list_names(const struct vr_table *t, size_t size, char *ret) {
  size_t length = 0;
  *ret = '\0';
  for (size_t c = 0; c < t->columns && length + 1 < size; c++) {
    int n = snprintf(ret + length, size - length, "%s%s", c > 0 ? ", " : "",
                     t->names[c]);
    length += n > 0 ? (size_t)n : 0;
  }
}

static int choose_column(const struct vr_table_options *o,
                         const struct vr_table_data *d, const char *name,
                         const double **ret_column,
                         struct vr_error *ret_error) {
  char names[120];
  int r = vr_columns_find(&d->table, name, ret_column);
  if (r == -ENOTUNIQ)
    return vr_error_set(ret_error, r,
                        "%.300s: several columns are called \"%.60s\"", o->file,
                        name);
  if (r < 0) {
    list_names(&d->table, sizeof(names), names);
    return vr_error_set(ret_error, r,
                        "%.200s: no column \"%.60s\"; there are: %s", o->file,
                        name, names);
  }
  return 0;
}

static int choose_columns(const struct vr_table_options *o,
                          struct vr_table_data *d, struct vr_error *ret_error) {
  int r = choose_column(o, d, o->output, &d->y, ret_error);
  for (size_t i = 0; r == 0 && i < o->n_inputs; i++)
    r = choose_column(o, d, o->inputs[i], &d->u[i], ret_error);
  return r;
}

/* The segments of samples FROM to TO, counted from 1, with MEANS subtracted.
 * When FIRST, MEANS are filled from them. */
static int cut(const struct vr_table_options *o, const struct vr_table_data *d,
               size_t from, size_t to, bool first, double *means,
               struct vr_dataset *ret, struct vr_error *ret_error) {
  if (to > d->table.rows || from > to)
    return vr_error_set(
        ret_error, -ENODATA,
        "%.300s: samples %zu to %zu, but the table has %zu rows", o->file, from,
        to, d->table.rows);
  const double *u[VR_MAX_TABLE_INPUTS];
  for (size_t i = 0; i < o->n_inputs; i++)
    u[i] = d->u[i] + from - 1;
  vr_cleanup(vr_dataset_clear) struct vr_dataset raw = {0};
  struct vr_error e = {""};
  int r = vr_dataset_split(to - from + 1, d->y + from - 1,
                           (unsigned)o->n_inputs, u, 1, &raw, &e);
  if (r == 0 && first && o->detrend)
    vr_dataset_means(&raw, &means[0], means + 1);
  if (r == 0)
    r = vr_dataset_detrend(&raw, means[0], means + 1, ret, &e);
  return r < 0 ? vr_error_set(ret_error, r, "%.200s: %s", o->file,
                              *e.message ? e.message : strerror(-r))
               : 0;
}

/* S as far as it was given, and all ROWS where not. */
static struct vr_samples within(struct vr_samples s, size_t rows) {
  if (s.from == 0)
    s.from = 1;
  if (s.to == 0 || s.to == SIZE_MAX)
    s.to = rows;
  return s;
}

/* A search needs samples that no estimation saw: if none were chosen, these are
 * the last quarter. */
static void choose_samples(const struct vr_table_options *o, size_t rows,
                           struct vr_table_fit *f) {
  bool hold_out =
      o->search && !o->estimate.from && !o->validate.from && rows >= 4;
  f->estimated = within(o->estimate, rows);
  f->validation = o->validate.from ? within(o->validate, rows) : f->estimated;
  if (hold_out) {
    f->estimated.to = rows - rows / 4;
    f->validation.from = f->estimated.to + 1;
  }
  f->validated = hold_out || o->validate.from > 0;
  f->held_out = f->validation.from > f->estimated.to ||
                f->validation.to < f->estimated.from;
}

int vr_table_data_load(const struct vr_table_options *o,
                       struct vr_table_data *d, struct vr_table_fit *f,
                       struct vr_error *ret_error) {
  int r = vr_columns_read(o->file, &d->table, ret_error);
  if (r == 0)
    r = choose_columns(o, d, ret_error);
  if (r < 0)
    return r;
  choose_samples(o, d->table.rows, f);
  return cut(o, d, f->estimated.from, f->estimated.to, true, f->means,
             &d->estimate, ret_error);
}

int vr_table_data_load_validation(const struct vr_table_options *o,
                                  struct vr_table_data *d, unsigned row,
                                  struct vr_table_fit *f,
                                  struct vr_error *ret_error) {
  size_t from = f->validation.from;
  f->first_row = row;
  if (!f->validated)
    return 0;
  if (!o->validate.from)
    from = from > row ? from - row : 1;
  vr_dataset_clear(&d->validate);
  return cut(o, d, from, f->validation.to, false, f->means, &d->validate,
             ret_error);
}

const struct vr_dataset *
vr_table_data_validation(const struct vr_table_fit *f,
                         const struct vr_table_data *d) {
  return f->validated ? &d->validate : &d->estimate;
}

size_t vr_table_data_scored(const struct vr_table_fit *f,
                            const struct vr_table_data *d) {
  return vr_dataset_samples_after(vr_table_data_validation(f, d), f->first_row);
}

int vr_table_data_check(const struct vr_table_options *o,
                        const struct vr_table_data *d,
                        const struct vr_table_fit *f, struct vr_error *e) {
  size_t n = vr_table_data_scored(f, d);
  if (!f->validated || n >= VR_TABLE_SCORED_MIN)
    return 0;
  bool own = o->validate.from > 0, gaps = d->validate.n_segments > 1;
  snprintf(e->message, sizeof(e->message),
           "validation data%s: %zu samples%s, %u needed%s",
           own ? "" : " (the last quarter)",
           own ? vr_dataset_samples(&d->validate) : n, gaps ? " with gaps" : "",
           VR_TABLE_SCORED_MIN + (own ? f->first_row : 0),
           gaps ? " without one" : "");
  return -ENODATA;
}
