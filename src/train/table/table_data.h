/* SPDX-License-Identifier: MIT
 *
 * The columns of a table that a fit is about: read, chosen, cut at gaps and
 * into what is estimated and what is validated on.
 */
#ifndef VR_TRAIN_TABLE_TABLE_DATA_H
#define VR_TRAIN_TABLE_TABLE_DATA_H

#include "archive/columns.h"
#include "train/table/table_result.h"

/* The chosen columns of a table, cut at gaps. */
struct vr_table_data {
  struct vr_table table;
  const double *y;
  const double *u[VR_MAX_TABLE_INPUTS];
  struct vr_dataset estimate, validate; /* detrended copies */
};

void vr_table_data_clear(struct vr_table_data *d);

/* Reads the table, and cuts what is estimated on; the samples and means go to
 * F. *D is to be cleared in any case. Returns 0 or a negative errno with
 * *ret_error filled. */
int vr_table_data_load(const struct vr_table_options *o,
                       struct vr_table_data *d, struct vr_table_fit *f,
                       struct vr_error *ret_error);

/* Cuts what is validated on, scored after the first ROW samples of each
 * stretch. May be called again. */
int vr_table_data_load_validation(const struct vr_table_options *o,
                                  struct vr_table_data *d, unsigned row,
                                  struct vr_table_fit *f,
                                  struct vr_error *ret_error);

/* What is validated on, and how many samples of it are scored. */
const struct vr_dataset *
vr_table_data_validation(const struct vr_table_fit *f,
                         const struct vr_table_data *d);
size_t vr_table_data_scored(const struct vr_table_fit *f,
                            const struct vr_table_data *d);

/* Fits of fewer samples mean nothing. */
enum { VR_TABLE_SCORED_MIN = 10 };

/* Are there enough samples to validate on? Returns 0 or -ENODATA with *e
 * filled. */
int vr_table_data_check(const struct vr_table_options *o,
                        const struct vr_table_data *d,
                        const struct vr_table_fit *f, struct vr_error *e);

#endif
