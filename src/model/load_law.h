/* SPDX-License-Identifier: MIT
 *
 * Load by law: the kernel's filter (load_filter.h) over the number of active
 * tasks as a host can count them, n = busy vCPUs + requests in flight. Nothing
 * is estimated. Some requests in flight are nobody's uninterruptible sleep
 * (asynchronous I/O), and some sleeps are nobody's request, so that n has a
 * lower bound, a value and an upper bound, each with its own filter.
 *
 * What n was before the first tick, and in gaps, is not known. Each average
 * therefore keeps the weight U that unknown time has in it, beside the sum S of
 * what is known: at each tick of S seconds, decay = vr_load_filter_decay(),
 *
 *   known:    S <- decay S + (1 - decay) n,   U <- decay U
 *   unknown:  S <- decay S,                   U <- decay U + (1 - decay)
 *
 * The value is S / (1 - U), the mean of what is known. The bounds include the
 * rest: the lower one as if there had been no active task, the upper one as if
 * there had been as many as all vCPUs, or as were at most since. Ticks may have
 * any length, and another one each.
 *
 * The kernel counts at an instant every five seconds, not all the time. With
 * tasks that come and go, of variance v about their mean n, its average has the
 * variance W about that of n, e being the filter's constant:
 *
 *   W <- decay^2 W + (1 - decay^2) (1 - e) / (1 + e) v
 *
 * For busy vCPUs v = n (1 - n / vCPUs), since each is busy or is not; of
 * requests that come at random v is their number. The bounds are further apart
 * by VR_LOAD_SAMPLING standard deviations on either side.
 *
 * While all vCPUs are busy, more tasks may wait for them inside of the guest,
 * and no host can see how many: then the bounds hold only what it sees.
 */
#ifndef VR_MODEL_LOAD_LAW_H
#define VR_MODEL_LOAD_LAW_H

#include "model/load_filter.h"

#include <stdbool.h>
#include <stddef.h>

/* Also the order of the three weights b of an input. */
enum vr_load_bound { VR_LOAD_LOWER, VR_LOAD_POINT, VR_LOAD_UPPER };

enum { VR_LOAD_AVERAGES = 3, VR_LOAD_BOUNDS = 3 };

#define VR_LOAD_SAMPLING 1.645 /* 90 % of a normal distribution */

/* All zero is no state: begin with vr_load_law_start(). */
struct vr_load_law {
  double sum[VR_LOAD_BOUNDS][VR_LOAD_AVERAGES]; /* S */
  double unknown[VR_LOAD_AVERAGES];             /* U, 0 to 1 */
  double busy_variance[VR_LOAD_AVERAGES];       /* W of the lower bound */
  double variance[VR_LOAD_AVERAGES];            /* and of the upper one */
  double saturated; /* weight of time with all vCPUs busy, 0 to 1 */
  double peak;      /* the most active tasks, fading with the slowest filter */
  double step;      /* seconds that the decays are for */
  double decay[VR_LOAD_AVERAGES];
};

/* Nothing is known. */
void vr_load_law_start(struct vr_load_law *l);

/* A tick of STEP seconds in which N[bound] tasks were active, in a guest of so
 * many VCPUS (NAN: not known). N below 0 counts as 0, and the bounds are made
 * to hold the value. */
void vr_load_law_known(struct vr_load_law *l, double step, const double *n,
                       double vcpus);

/* TICKS ticks of STEP seconds of which nothing is known. */
void vr_load_law_unknown(struct vr_load_law *l, double step, unsigned ticks);

/* Is the unknown time forgotten, to less than a twentieth? */
bool vr_load_law_is_settled(const struct vr_load_law *l,
                            enum vr_load_average which);

/* The averages and their bounds, tasks. */
struct vr_load_values {
  double value[VR_LOAD_AVERAGES];
  double lower[VR_LOAD_AVERAGES], upper[VR_LOAD_AVERAGES];
  bool saturated; /* there may be more than that, see above */
};

/* As of the last tick. The value of the 5- and of the 15-minute average is NAN
 * until it is settled, and that of the 1-minute average before the first known
 * tick. The bounds are known from that tick on. */
struct vr_load_values vr_load_law_values(const struct vr_load_law *l);

/* Are bounds so far apart that VALUE between them says little: by more than 0.5
 * and a fifth of it? */
bool vr_load_law_is_wide(double lower, double value, double upper);

/* The state as VR_LOAD_LAW_STATE numbers. */
enum { VR_LOAD_LAW_STATE = (VR_LOAD_BOUNDS + 3) * VR_LOAD_AVERAGES + 2 };
void vr_load_law_export(const struct vr_load_law *l, double *ret_values);

/* Returns 0, or -EINVAL, changing nothing, for numbers that are no state. */
int vr_load_law_import(struct vr_load_law *l, const double *values);

#endif
