/* SPDX-License-Identifier: MIT
 *
 * Prediction intervals from residuals: split-conformal half-widths over blocks.
 */
#ifndef VR_SYSID_CONFORMAL_H
#define VR_SYSID_CONFORMAL_H

#include "basic/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Residuals of one group of samples (a guest, a stretch of time), in the order
 * of time; not finite: left out. */
struct vr_residuals {
  size_t n;
  const double *e;
  const unsigned
      *regime; /* of each sample, below n_regimes; NULL: one regime */
};

/* Half-widths q, one for each of N_REGIMES regimes (0: one for all), such that
 * |y - yhat| <= q with probability LEVEL for a sample of a new block of that
 * regime, when blocks (not samples) are exchangeable: the LEVEL quantile of the
 * blocks' averaged distributions with one more block at infinity (hierarchical
 * split-conformal: R. Dunn, L. Wasserman, A. Ramdas, Distribution-free
 * prediction sets for two-layer hierarchical models, JASA 2022). Block b of a
 * group is its samples b BLOCK .. (b + 1) BLOCK - 1, a last one below half that
 * length joins the one before; with BLOCK as long as the groups each group is
 * one block, and the level holds for a new group.
 *
 * A width is INFINITY when there are fewer than LEVEL / (1 - LEVEL) blocks with
 * samples of the regime. A regime with some, but too few, gets the width of all
 * together if that is wider than its own largest residual. -ENODATA without
 * residuals. */
int vr_conformal_widths(const struct vr_residuals *groups, size_t n_groups,
                        unsigned n_regimes, size_t block, double level,
                        double *ret_q, struct vr_error *error);

/* The same for one group and one regime. */
int vr_conformal_width(size_t n, const double *e, size_t block, double level,
                       double *ret_q, struct vr_error *error);

/* --- for measuring coverage --- */

/* Residuals sorted once, to compute widths from them often. */
struct vr_calibration;
/* NULL when out of memory. Groups must have passed vr_sysid_residuals_check().
 */
struct vr_calibration *
vr_sysid_calibration_new(const struct vr_residuals *groups, size_t n_groups,
                         unsigned n_regimes, size_t block);
void vr_sysid_calibration_free(struct vr_calibration *c);
size_t vr_sysid_calibration_blocks(const struct vr_calibration *c);
/* As vr_conformal_widths(), with block b there TIMES[b] times (NULL: once). */
void vr_sysid_calibration_widths(const struct vr_calibration *c, double level,
                                 const unsigned *times, double *ret_q);

/* How many samples there are, each block TIMES[b] times (NULL: once), and how
 * many of them the widths Q of their regimes hold. */
void vr_sysid_calibration_held(const struct vr_calibration *c, const double *q,
                               const unsigned *times, double *ret_hits,
                               double *ret_of);
/* The widths 2 Q of all samples, summed. */
double vr_sysid_calibration_total_width(const struct vr_calibration *c,
                                        const double *q);

int vr_sysid_residuals_check(const struct vr_residuals *groups, size_t n_groups,
                             unsigned n_regimes, size_t block, double level,
                             struct vr_error *error);
size_t vr_residual_blocks(const struct vr_residuals *groups, size_t n_groups,
                          size_t block);
/* The block of sample T within its group. */
size_t vr_residual_block(const struct vr_residuals *group, size_t t,
                         size_t block);

#endif
