/* SPDX-License-Identifier: MIT
 *
 * Which guests are shown, in which order, and how: what keys and options set.
 */
#ifndef VR_TOP_TOP_VIEW_H
#define VR_TOP_TOP_VIEW_H

#include "top_columns.h"

enum { VR_TOP_FILTER_SIZE = 64 };

enum vr_top_mode { VR_TOP_TABLE, VR_TOP_DETAIL, VR_TOP_HELP };

struct vr_top_view {
  enum vr_top_column sort;
  bool reverse; /* the smallest first; of names, the last */
  char filter[VR_TOP_FILTER_SIZE];
  bool typing; /* keys go to the text below */
  char typed[VR_TOP_FILTER_SIZE];
  enum vr_top_mode mode;
  double delay; /* seconds between refreshes */
  bool paused, quit;
  bool utf8;
  size_t width, height; /* of the screen */
  /* The guests that the filter lets through, sorted; by vr_top_view_order(). */
  const struct vr_top_guest **order;
  size_t n, capacity;
  size_t selected, first; /* in order; first is the uppermost row */
  char *selected_key;     /* it keeps the selection while rows move */
};

/* By load, greatest first. */
void vr_top_view_default(struct vr_top_view *v);
void vr_top_view_free(struct vr_top_view *v);

/* Filters and sorts anew. The order is valid while no guest is removed. Returns
 * 0 or -ENOMEM: then nothing is shown. */
int vr_top_view_order(struct vr_top_view *v, const struct vr_top_guests *g);

/* Selects the guest at ROW of the order, the last if there are fewer. */
void vr_top_view_select(struct vr_top_view *v, size_t row);

/* Rows of guests that the screen has place for. */
size_t vr_top_view_rows(const struct vr_top_view *v);

/* The guest that is selected, or NULL. */
const struct vr_top_guest *vr_top_view_selected(const struct vr_top_view *v);

#endif
