/* SPDX-License-Identifier: MIT
 *
 * What a model gives on data: free run (simulation: it feeds on its own
 * output, as it must when nobody measures the guest) and one-step prediction,
 * and how good they are.
 */
#ifndef VR_SYSID_SIMULATE_H
#define VR_SYSID_SIMULATE_H

#include "model/arx.h"
#include "sysid/dataset.h"

#include <stdbool.h>

/* Where a free run begins in every segment. */
enum vr_initial {
  /* The first largest-lag samples are the measured ones, as estimation had
   * them; they are not scored. */
  VR_INITIAL_MEASURED,
  /* Cold: all past inputs and outputs are 0, which is the
   * mean of detrended data. Every sample is scored. */
  VR_INITIAL_REST,
};

/* fit = 100 (1 - |y - yhat| / |y - mean(y)|) percent over the scored samples of
 * all segments, mean(y) over the same samples. NAN when they are constant or
 * there is none; -INFINITY when a free run is not finite. */
struct vr_score {
  double fit;
  double rmse;
  double bias; /* mean of yhat - y */
  size_t samples;
};

/* Free run over one segment with vr_arx_step; RET_YHAT holds s->n values, the
 * unscored first ones of VR_INITIAL_MEASURED are the measured. -ENOMEM. */
int vr_simulate(const struct vr_arx *arx, const struct vr_segment *s,
                enum vr_initial initial, double *ret_yhat);

/* One-step prediction from measured past; the first largest-lag values are the
 * measured ones. */
void vr_simulate_predict(const struct vr_arx *arx, const struct vr_segment *s,
                         double *ret_yhat);

/* Scores of the free run and of the one-step prediction over all segments.
 * -EINVAL when nu differs, -ENOMEM. */
int vr_simulate_score_free_run(const struct vr_arx *arx,
                               const struct vr_dataset *d,
                               enum vr_initial initial, struct vr_score *ret);
int vr_simulate_score_one_step(const struct vr_arx *arx,
                               const struct vr_dataset *d,
                               struct vr_score *ret);

/* vr_simulate and vr_simulate_score_free_run with filters over whole arrays
 * instead of vr_arx_step: equal to rounding, for comparing many candidates. */
void vr_simulate_fast(const struct vr_arx *arx, const struct vr_segment *s,
                      enum vr_initial initial, double *ret_yhat);
int vr_simulate_score_free_run_fast(const struct vr_arx *arx,
                                    const struct vr_dataset *d,
                                    enum vr_initial initial,
                                    struct vr_score *ret);

/* Score of N plain values; samples that are not finite in either are left
 * out. */
struct vr_score vr_simulate_score_values(size_t n, const double *y,
                                         const double *yhat);

/* Residuals y - yhat of all segments one after the other, scored samples only.
 * FREE_RUN or one step. *ret_e is the caller's to free. */
int vr_simulate_residuals(const struct vr_arx *arx, const struct vr_dataset *d,
                          bool free_run, enum vr_initial initial,
                          double **ret_e, size_t *ret_n);

#endif
