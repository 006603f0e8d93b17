/* SPDX-License-Identifier: MIT
 *
 * A search, and the reference orders (20, 17, 50) beside it.
 */
#ifndef VR_TRAIN_TABLE_TABLE_REFERENCE_H
#define VR_TRAIN_TABLE_TABLE_REFERENCE_H

#include "train/table/table_data.h"

/* The structures that O searches; borrows from O. */
struct vr_search_grid vr_table_grid(const struct vr_table_options *o);

/* Where rows and scores of a search begin: where those of its largest lag do,
 * or those of the reference orders, if that leaves at least half. Loads what is
 * validated on accordingly. */
int vr_table_reference_load(const struct vr_table_options *o,
                            struct vr_table_data *d, struct vr_table_fit *f,
                            struct vr_error *ret_error);

/* The reference orders beside what was searched: on the same rows, if there are
 * enough for its lags. Returns 0 or -ENOMEM. */
int vr_table_reference_fit(const struct vr_table_options *o,
                           const struct vr_table_data *d,
                           struct vr_table_fit *f);

#endif
