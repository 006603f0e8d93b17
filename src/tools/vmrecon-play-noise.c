/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-noise.h"

#include "tools/vmrecon-play-random.h"

#include "basic/cleanup.h"

#include <complex.h>
#include <errno.h>
#include <stdlib.h>

static void reverse_bits(double complex *x, size_t n) {
  for (size_t i = 1, j = 0; i < n; i++) {
    size_t bit = n >> 1;
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      double complex t = x[i];
      x[i] = x[j];
      x[j] = t;
    }
  }
}

/* The discrete Fourier transform in place, N a power of two (J. W. Cooley, J.
 * W. Tukey). */
static void transform(double complex *x, size_t n) {
  reverse_bits(x, n);
  for (size_t length = 2; length <= n; length *= 2)
    for (size_t k = 0; k < length / 2; k++) {
      double complex w = cexp(-2 * M_PI * I * (double)k / (double)length);
      for (size_t i = k; i < n; i += length) {
        double complex a = x[i], b = w * x[i + length / 2];
        x[i] = a + b;
        x[i + length / 2] = a - b;
      }
    }
}

static double covariance(double hurst, double k) {
  double h = 2 * hurst;
  return (pow(fabs(k + 1), h) - 2 * pow(fabs(k), h) + pow(fabs(k - 1), h)) / 2;
}

/* The eigenvalues of the circulant matrix that holds the covariances: they are
 * those covariances' transform, and never negative. M is its size. */
static void eigenvalues(double hurst, double complex *x, size_t m) {
  for (size_t i = 0; i < m; i++)
    x[i] = covariance(hurst, (double)(i <= m / 2 ? i : m - i));
  transform(x, m);
}

int vr_tools_noise(double hurst, uint64_t seed, double *ret, size_t n) {
  size_t m = 2;
  while (m < 2 * n)
    m *= 2;
  vr_auto_free double complex *x = calloc(m, sizeof(*x));
  if (!x)
    return -ENOMEM;
  struct vr_tools_random random = {seed};
  eigenvalues(hurst, x, m);
  for (size_t i = 0; i < m; i++) {
    double lambda = fmax(creal(x[i]), 0) / (double)m;
    double re = vr_tools_random_normal(&random);
    x[i] = sqrt(lambda) * (re + I * vr_tools_random_normal(&random));
  }
  transform(x, m);
  for (size_t i = 0; i < n; i++)
    ret[i] = creal(x[i]);
  return 0;
}
