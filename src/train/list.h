/* SPDX-License-Identifier: MIT
 *
 * What an archive holds that could be trained, and what its series are like.
 */
#ifndef VR_TRAIN_LIST_H
#define VR_TRAIN_LIST_H

#include "train/guest_data.h"

#include <jansson.h>
#include <stdio.h>

/* One line: who, how long, which counters. */
void vr_list_print(const struct vr_guest_data *d, FILE *f);
json_t *vr_list_json(const struct vr_guest_data *d);

/* What a series is like, over all its rows. */
struct vr_character {
  size_t samples;
  double mean, sd, min, max;
  double memory;   /* seconds until the autocorrelation falls below 1/e */
  unsigned ar;     /* order of the autoregressive model of least AIC */
  double ar_share; /* of the variance that it explains, 0 .. 1 */
  double slow;     /* share of the variance below 1/60 Hz, by that model */
  double hurst, hurst_se;
  double drift; /* spread of block means over the standard deviation */
  double drift_p;
};

/* The first lag, in seconds, at which the autocorrelation of N rows is below
 * 1/e; INFINITY if it is not within ten minutes or a third of the rows, NAN
 * when there is none. */
double vr_memory_seconds(size_t n, const double *x, double step);

/* Describes N rows of STEP seconds. Returns 0, -ENODATA for fewer than 30
 * known samples or a constant series (then only the first five are filled). */
int vr_characterise(size_t n, const double *x, double step,
                    struct vr_character *ret);

/* Every counter and every source of one guest. */
int vr_characterise_print(const struct vr_guest_data *d, FILE *f);
json_t *vr_characterise_json(const struct vr_guest_data *d);

#endif
