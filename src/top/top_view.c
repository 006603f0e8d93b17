/* SPDX-License-Identifier: MIT */
#include "top_view.h"
#include "basic/sort.h"

#include "basic/array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Summary, counts and titles above; the status line below. */
enum { LINES_AROUND = 4 };

void vr_top_view_default(struct vr_top_view *v) {
  *v = (struct vr_top_view){
      .sort = VR_TOP_LOAD, .delay = 2, .width = 80, .height = 24};
}

void vr_top_view_free(struct vr_top_view *v) {
  free(v->order);
  free(v->selected_key);
  v->order = NULL;
  v->selected_key = NULL;
  v->n = v->capacity = 0;
}

/* Guests whose number is unknown come last, whichever way. */
static int compare_numbers(double x, double y, bool reverse) {
  if (isnan(x) || isnan(y))
    return isnan(x) - isnan(y);
  int r = (x < y) - (x > y);
  return reverse ? -r : r;
}

static int compare(const void *a, const void *b, void *ctx) {
  const struct vr_top_view *v = ctx;
  const struct vr_top_guest *x = *(const struct vr_top_guest *const *)a;
  const struct vr_top_guest *y = *(const struct vr_top_guest *const *)b;
  int r;
  if (v->sort == VR_TOP_GUEST || v->sort == VR_TOP_HOST) {
    r = v->sort == VR_TOP_HOST ? strcmp(x->host, y->host) : 0;
    r = r ? r : strcmp(x->name, y->name);
    r = v->reverse ? -r : r;
  } else {
    r = compare_numbers(vr_top_column_number(v->sort, x),
                        vr_top_column_number(v->sort, y), v->reverse);
  }
  r = r ? r : strcmp(x->name, y->name);
  return r ? r : strcmp(x->key, y->key);
}

static bool passes(const struct vr_top_view *v, const struct vr_top_guest *g) {
  return v->filter[0] == '\0' || strcasestr(g->name, v->filter) ||
         strcasestr(g->host, v->filter);
}

size_t vr_top_view_rows(const struct vr_top_view *v) {
  return v->height > LINES_AROUND ? v->height - LINES_AROUND : 0;
}

static void scroll_to_selected(struct vr_top_view *v) {
  size_t rows = vr_top_view_rows(v);
  if (rows == 0)
    return;
  if (v->selected < v->first)
    v->first = v->selected;
  if (v->selected >= v->first + rows)
    v->first = v->selected - rows + 1;
  if (v->first + rows > v->n)
    v->first = v->n > rows ? v->n - rows : 0;
}

void vr_top_view_select(struct vr_top_view *v, size_t row) {
  free(v->selected_key);
  v->selected_key = NULL;
  v->selected = row < v->n ? row : v->n > 0 ? v->n - 1 : 0;
  if (v->n > 0)
    v->selected_key = strdup(v->order[v->selected]->key);
  scroll_to_selected(v);
}

/* In the table the uppermost row stays selected while nobody moved. */
static void find_selected(struct vr_top_view *v) {
  size_t row = v->selected;
  bool follow = v->selected_key && (row > 0 || v->mode == VR_TOP_DETAIL);
  for (size_t i = 0; follow && i < v->n; i++)
    if (strcmp(v->order[i]->key, v->selected_key) == 0)
      row = i;
  vr_top_view_select(v, row);
}

int vr_top_view_order(struct vr_top_view *v, const struct vr_top_guests *g) {
  size_t n = vr_top_guests_count(g);
  v->n = 0;
  int r = vr_array_reserve(&v->order, &v->capacity, n + 1);
  if (r < 0)
    return r;
  for (const struct vr_top_guest *a = g->by_key; a; a = a->hh.next)
    if (passes(v, a))
      v->order[v->n++] = a;
  vr_sort_with(v->order, v->n, sizeof(*v->order), compare, v);
  find_selected(v);
  return 0;
}

const struct vr_top_guest *vr_top_view_selected(const struct vr_top_view *v) {
  return v->selected < v->n ? v->order[v->selected] : NULL;
}
