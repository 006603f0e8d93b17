/* SPDX-License-Identifier: MIT
 *
 * What the parts of src/sysid share with each other and with nobody else.
 */
#ifndef VR_SYSID_SYSID_INTERNAL_H
#define VR_SYSID_SYSID_INTERNAL_H

#include "sysid/residual.h"
#include "sysid/simulate.h"
#include "sysid/timeseries.h"

#include <stdbool.h>

int vr_sysid_no_memory(struct vr_error *error);

/* Is the output (SIGNAL 0) or input SIGNAL - 1 finite and not constant? -EDOM
 * with a text, or 0. */
int vr_dataset_signal_check(const struct vr_dataset *d, unsigned signal,
                            struct vr_error *error);

/* Levinson-Durbin on autocovariances C at lags 0 .. MAX_ORDER of SAMPLES
 * values, order by AIC; the mean is left 0. -ENOMEM. */
int vr_timeseries_ar_of_covariance(const double *c, unsigned max_order,
                                   size_t samples, struct vr_ar *ret);

/* Residuals sorted once, to compute widths from them often. */
struct vr_sized {
  double size;  /* |e| */
  size_t block; /* counted through all groups */
};
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

int vr_sysid_residuals_check(const struct vr_residuals *groups, size_t n_groups,
                             unsigned n_regimes, size_t block, double level,
                             struct vr_error *error);
size_t vr_residual_blocks(const struct vr_residuals *groups, size_t n_groups,
                          size_t block);
/* The block of sample T within its group. */
size_t vr_residual_block(const struct vr_residuals *group, size_t t,
                         size_t block);

/* GSL's default is to abort: errors come back as codes instead. */
void vr_sysid_quiet_gsl(void);

/* vr_simulate and vr_simulate_score_free_run with filters over whole arrays
 * instead of vr_arx_step: equal to rounding, for comparing many candidates. */
void vr_simulate_fast(const struct vr_arx *arx, const struct vr_segment *s,
                      enum vr_initial initial, double *ret_yhat);
int vr_simulate_score_free_run_fast(const struct vr_arx *arx,
                                    const struct vr_dataset *d,
                                    enum vr_initial initial,
                                    struct vr_score *ret);

#endif
