/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-generate.h"

#include "tools/vmrecon-play-invert.h"
#include "tools/vmrecon-play-noise.h"
#include "tools/vmrecon-play-random.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double GAIN_SPREAD = 0.6; /* deviation of the gains' logarithms */

static double mean_of(const double *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += x[i];
  return sum / (double)n;
}

/* From the logarithms of the numbers of tasks in one epoch to the numbers, with
 * the deviations of the logarithms from their mean multiplied. The numbers'
 * mean is what it would be without: else the epochs' gains would be seen above
 * their length, where only the noise is to be. */
static void scale_epoch(double *z, size_t n, double gain) {
  double middle = mean_of(z, n), wanted = 0;
  for (size_t i = 0; i < n; i++) {
    wanted += exp(z[i]) / (double)n;
    z[i] = exp(middle + gain * (z[i] - middle));
  }
  double is = mean_of(z, n);
  for (size_t i = 0; i < n; i++)
    z[i] *= wanted / is;
}

/* Makes the numbers of active tasks of noise of N values, epoch by epoch.
 * FIRST[i] says that one begins at i. */
static void make_tasks(double *z, bool *first, size_t n,
                       const struct vr_tools_generate_options *o) {
  struct vr_tools_random random = {o->seed ^ 0x65706f6368u};
  double s2 = log(1 + o->deviation * o->deviation);
  for (size_t i = 0; i < n; i++)
    z[i] = log(o->mean) + sqrt(s2) * z[i] - s2 / 2;
  for (size_t begin = 0, length; begin < n; begin += length) {
    double seconds = o->epoch * (0.5 + vr_tools_random_uniform(&random));
    /* The mean of its square is 1. */
    double gain = exp(GAIN_SPREAD * vr_tools_random_normal(&random) -
                      GAIN_SPREAD * GAIN_SPREAD);
    length = (size_t)fmax(round(seconds / VR_TOOLS_LOAD_STEP), 1);
    if (length > n - begin)
      length = n - begin;
    scale_epoch(z + begin, length, gain);
    first[begin] = true;
  }
}

static void print(const double *tasks, const bool *first, size_t n,
                  const struct vr_tools_generate_options *o, FILE *f) {
  double load = o->mean, left = o->seconds;
  fprintf(f,
          "# load of a host, one value a second: Hurst %g, epochs of %g s, "
          "mean %g, seed %llu\n",
          o->hurst, o->epoch, o->mean, (unsigned long long)o->seed);
  for (size_t k = 0; k < n && !ferror(f); k++) {
    if (first[k])
      fprintf(f, "# epoch at %.0f\n", (double)k * VR_TOOLS_LOAD_STEP);
    load = vr_tools_invert_back(load, tasks[k]);
    for (int i = 0; i < VR_TOOLS_LOAD_STEP && left > 0; i++, left--)
      fprintf(f, "%.4f\n", load);
  }
}

int vr_tools_generate(const struct vr_tools_generate_options *o, FILE *f,
                      struct vr_error *ret_error) {
  size_t n = (size_t)ceil(o->seconds / VR_TOOLS_LOAD_STEP);
  vr_auto_free double *z = calloc(n, sizeof(*z));
  vr_auto_free bool *first = calloc(n, sizeof(*first));
  if (!z || !first || vr_tools_noise(o->hurst, o->seed, z, n) < 0)
    return vr_error_set(ret_error, -ENOMEM, "no memory for %.0f seconds",
                        o->seconds);
  make_tasks(z, first, n, o);
  print(z, first, n, o, f);
  return 0;
}
