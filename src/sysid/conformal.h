/* SPDX-License-Identifier: MIT
 *
 * Prediction intervals from residuals: split-conformal half-widths over blocks.
 */
#ifndef VR_SYSID_CONFORMAL_H
#define VR_SYSID_CONFORMAL_H

#include "basic/error.h"
#include "sysid/calibration.h"

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

int vr_sysid_residuals_check(const struct vr_residuals *groups, size_t n_groups,
                             unsigned n_regimes, size_t block, double level,
                             struct vr_error *error);

#endif
