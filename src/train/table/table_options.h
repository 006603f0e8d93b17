/* SPDX-License-Identifier: MIT
 *
 * How a table is fitted.
 */
#ifndef VR_TRAIN_TABLE_TABLE_OPTIONS_H
#define VR_TRAIN_TABLE_TABLE_OPTIONS_H

#include "sysid/given_orders.h"
#include "sysid/search_grid.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_MAX_TABLE_INPUTS = VR_MAX_ORDER_LIST };

/* Samples FROM to TO, counted from 1, TO included, SIZE_MAX for the last one;
 * FROM = 0: not given. */
struct vr_samples {
  size_t from, to;
};

struct vr_table_options {
  const char *file; /* NULL: no table */
  const char *output;
  const char *inputs[VR_MAX_TABLE_INPUTS];
  size_t n_inputs;
  bool detrend; /* subtract the estimation data's means */
  struct vr_samples estimate, validate;
  bool search; /* over these ranges, the same for all inputs */
  struct vr_range search_na, search_nb, search_nk;
  void (*progress)(size_t done, size_t of); /* of a search; may be NULL */
};

#endif
