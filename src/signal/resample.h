/* SPDX-License-Identifier: MIT
 *
 * The one resampler: samples at whatever times they came, onto a regular grid.
 * The archive's reader and the live stream both use it, so that a model sees
 * live what it was estimated on.
 *
 * A sample is what held since the sample before it: a level or a ready-made
 * rate holds over (previous time, its time], a counter has risen evenly over
 * it. Tick k of a grid is the time mean over ((k-1) step, k step], counted from
 * the epoch; for a counter that is the linearly interpolated counter's rise
 * divided by the step. RRDtool forms its primary data points the same way
 * (rrdcreate(1), "The HEARTBEAT and the STEP"), so that a tick of the live
 * stream and a row of an RRD with the same step agree.
 *
 * A tick of which less than half is known is NAN; otherwise the mean is over
 * the part that is known, again as RRDtool does it.
 */
#ifndef VR_SIGNAL_RESAMPLE_H
#define VR_SIGNAL_RESAMPLE_H

#include "schema/value.h"

#include <stddef.h>
#include <stdint.h>

/* Time: nanoseconds since the epoch, or a duration in nanoseconds. */
typedef int64_t vr_time;
#define VR_SECOND INT64_C(1000000000)

vr_time vr_signal_time_of_seconds(double seconds);
double vr_signal_seconds_of_time(vr_time t);

struct vr_sample {
  vr_time time;
  union vr_number value;
};

/* How the samples of one signal are to be taken. */
struct vr_signal_form {
  enum vr_kind kind;
  /* Nominal distance of samples. A gauge's first sample, and one after a gap,
   * holds for this long before itself. */
  vr_time interval;
  /* Samples further apart than this have a gap between them: unknown. 0 stands
   * for 2.5 intervals: one sample may be lost without a gap. */
  vr_time max_gap;
  /* Added to every sample's time: how far the clock that stamped them lags
   * behind the grid's clock. Any fraction of a step. */
  vr_time offset;
};

/* The rate or level that held between two neighbouring samples, per second;
 * NAN for a counter's reset or a gauge that is NAN or infinite. PREVIOUS may
 * be NULL for a gauge. */
double vr_resample_between(enum vr_kind kind, const struct vr_sample *previous,
                           const struct vr_sample *sample);

/* Mean over (BEGIN, END] of the N samples, sorted by strictly rising time.
 * *ret_known (may be NULL) is the part of the span that is known, 0..1. NAN
 * when that is below one half. Samples wholly outside are skipped by bisection:
 * the call costs log N plus the samples inside. */
double vr_resample_mean(const struct vr_signal_form *form,
                        const struct vr_sample *samples, size_t n,
                        vr_time begin, vr_time end, double *ret_known);

/* A stretch of a regular grid: ticks FIRST .. FIRST + N - 1, tick k ending at
 * k * STEP. */
struct vr_grid {
  vr_time step;
  int64_t first;
  size_t n;
};

/* The grid of STEP whose ticks lie wholly inside (BEGIN, END]. */
struct vr_grid vr_signal_grid_between(vr_time step, vr_time begin, vr_time end);

/* The tick that the instant T belongs to: the k with (k-1) step < t <= k step.
 */
int64_t vr_signal_tick_of(vr_time step, vr_time t);

/* Time at which tick I (0 .. n-1) of the grid ends. */
vr_time vr_signal_grid_time(const struct vr_grid *grid, size_t i);

/* Fills RET_VALUES (grid->n of them) with the ticks' means. */
void vr_resample(const struct vr_signal_form *form,
                 const struct vr_sample *samples, size_t n,
                 const struct vr_grid *grid, double *ret_values);

/* The same for rates or levels that already stand at regular distance: VALUES
 * of grid FROM, stamped by a clock that lags OFFSET behind, onto grid TO.
 * VALUES may hold NAN for gaps. */
void vr_resample_regrid(const struct vr_grid *from, const double *values,
                        vr_time offset, const struct vr_grid *to,
                        double *ret_values);

#endif
