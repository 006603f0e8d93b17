/* SPDX-License-Identifier: MIT
 *
 * Prediction intervals of models: from residuals on data that the model was not
 * estimated on to half-widths in the model file, with their measured coverage.
 */
#ifndef VR_TRAIN_FIT_FIT_INTERVALS_H
#define VR_TRAIN_FIT_FIT_INTERVALS_H

#include "sysid/coverage.h"
#include "train/fit/features.h"

/* Width regimes: how busy the guest's vCPUs are. Where they are saturated the
 * run queue cannot be seen, so errors are of another size there. */
enum vr_regime { VR_IDLE, VR_LOADED, VR_SATURATED, VR_REGIMES };

/* The nominal coverage of the intervals. */
#define VR_INTERVAL_LEVEL 0.9

/* Residuals of one group with the memory that they are in. */
struct vr_group {
  struct vr_residuals view;
  double *e;
  unsigned *regime;
};
void vr_fit_intervals_clear(struct vr_group *g);

/* Truth less PREDICTED of counter C on D, divided by PER, row by row; NAN where
 * either is unknown or where KEEP (NULL: all) is false. Returns 0 or -ENOMEM.
 */
int vr_fit_intervals_new(const struct vr_guest_data *d, enum vr_counter c,
                         const double *predicted, double per, const bool *keep,
                         struct vr_group *ret_group);

/* Are the regimes known on D? */
bool vr_fit_interval_knows_regimes(const struct vr_guest_data *d);

/* The same for counter C (index in F) of the guest of F. */
size_t vr_fit_interval_block_of(const struct vr_features *f, size_t c);

/* Rows of a block for counter C: by the longest memory of the guests' truth. */
size_t vr_fit_interval_block(const struct vr_guest_data *const *data, size_t n,
                             enum vr_counter c);

/* The block that widths for new guests come from when N guests are known: with
 * enough of them a guest is one block, and nothing needs to be assumed but that
 * guests are exchangeable; with fewer, BLOCK, which takes the blocks of all
 * guests for exchangeable. */
size_t vr_fit_interval_guest_block(size_t n, size_t block);

/* Gives M the half-widths from N groups of residuals in its own unit,
 * with regimes if WITH_REGIMES, in blocks of BLOCK. COVERAGE may be NULL. An M
 * without a finite width gets none. Returns 0 or -ENOMEM. */
int vr_fit_interval_set(const struct vr_residuals *groups, size_t n,
                        bool with_regimes, size_t block,
                        const struct vr_coverage *coverage, struct vr_model *m);

/* The same for a model of one guest, of which PREDICTED holds what models that
 * did not see a fold predicted for it: widths from all folds, coverage of each
 * fold by the others' (cross-conformal: V. Vovk, Annals of Mathematics and
 * Artificial Intelligence 2015). */
int vr_fit_interval_of_guest(const struct vr_features *f, size_t c,
                             const double *predicted, struct vr_model *m);

#endif
