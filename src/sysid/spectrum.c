/* SPDX-License-Identifier: MIT */
#include "sysid/spectrum.h"

#include "basic/cleanup.h"
#include "sysid/sysid_errors.h"
#include "sysid/timeseries.h"

#include <complex.h>
#include <errno.h>
#include <gsl/gsl_fft_real.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

double vr_spectrum_of_ar(const struct vr_ar *ar, double f) {
  double complex sum = 0;
  for (unsigned k = 0; k <= ar->order; k++)
    sum += ar->a[k] * cexp(-2 * M_PI * I * f * k);
  return ar->variance / pow(cabs(sum), 2);
}

/* Copies LENGTH windowed samples; false when one is a gap. */
static bool windowed(const double *x, const double *window, double mean,
                     unsigned length, double *ret) {
  for (unsigned t = 0; t < length; t++) {
    if (!isfinite(x[t]))
      return false;
    ret[t] = window[t] * (x[t] - mean);
  }
  return true;
}

/* Adds the squared magnitudes of the half-complex transform. */
static void add_power(const double *transform, unsigned length, double *sum) {
  sum[0] += transform[0] * transform[0];
  for (unsigned k = 1; k < length / 2; k++)
    sum[k] += pow(transform[k], 2) + pow(transform[length - k], 2);
  sum[length / 2] += pow(transform[length / 2], 2);
}

int vr_spectrum_of_series(size_t n, const double *x, unsigned length,
                          double *ret_density, size_t *ret_windows,
                          struct vr_error *error) {
  if (length < 4 || (length & (length - 1)) != 0)
    return vr_error_set(error, -EINVAL, "window of %u is no power of two",
                        length);
  vr_auto_free double *work = calloc(3 * (size_t)length, sizeof(*work));
  if (!work)
    return vr_sysid_no_memory(error);
  double *window = work, *piece = work + length, *sum = work + 2 * length;
  double energy = 0, mean = vr_timeseries_moments(n, x).mean;
  for (unsigned t = 0; t < length; t++) {
    window[t] = 0.5 * (1 - cos(2 * M_PI * t / length));
    energy += window[t] * window[t];
  }
  size_t count = 0;
  for (size_t from = 0; from + length <= n; from += length / 2) {
    if (!windowed(x + from, window, mean, length, piece))
      continue;
    gsl_fft_real_radix2_transform(piece, 1, length);
    add_power(piece, length, sum);
    count++;
  }
  if (count == 0)
    return vr_error_set(error, -ENODATA, "no %u values without a gap", length);
  for (unsigned k = 0; k <= length / 2; k++)
    ret_density[k] =
        sum[k] / (energy * (double)count) * (k == 0 || k == length / 2 ? 1 : 2);
  if (ret_windows)
    *ret_windows = count;
  return 0;
}
