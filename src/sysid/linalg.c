/* SPDX-License-Identifier: MIT */
#include "sysid/linalg.h"

#include "sysid/kernels.h"

#include <math.h>
#include <string.h>

unsigned vr_sysid_cholesky(unsigned n, double *a, double tol) {
  for (unsigned i = 0; i < n; i++) {
    double *row = a + (size_t)i * n;
    for (unsigned j = 0; j < i; j++) {
      const double *other = a + (size_t)j * n;
      row[j] = (row[j] - vr_dot(j, row, other)) / other[j];
    }
    double pivot = row[i] - vr_dot(i, row, row);
    if (!(pivot > tol * row[i]))
      return i + 1;
    row[i] = sqrt(pivot);
  }
  return 0;
}

void vr_sysid_forward(unsigned n, const double *l, double *x) {
  for (unsigned i = 0; i < n; i++) {
    const double *row = l + (size_t)i * n;
    x[i] = (x[i] - vr_dot(i, row, x)) / row[i];
  }
}

void vr_sysid_backward(unsigned n, const double *l, double *x) {
  for (unsigned i = n; i-- > 0;) {
    const double *row = l + (size_t)i * n;
    x[i] /= row[i];
    vr_axpy(i, -x[i], row, x);
  }
}

void vr_sysid_solve(unsigned n, const double *l, double *x) {
  vr_sysid_forward(n, l, x);
  vr_sysid_backward(n, l, x);
}

void vr_sysid_inverse_diagonal(unsigned n, const double *l, double *ret_d,
                               double *work) {
  for (unsigned j = 0; j < n; j++) {
    /* Column j of L^-1 begins at row j. */
    work[j] = 1 / l[(size_t)j * n + j];
    for (unsigned i = j + 1; i < n; i++) {
      const double *row = l + (size_t)i * n;
      work[i] = -vr_dot(i - j, row + j, work + j) / row[i];
    }
    ret_d[j] = vr_dot(n - j, work + j, work + j);
  }
}

static double normalise(unsigned n, double *x) {
  double norm = sqrt(vr_dot(n, x, x));
  for (unsigned i = 0; i < n; i++)
    x[i] /= norm;
  return norm;
}

/* x := L L' x. */
static void multiply(unsigned n, const double *l, double *x) {
  for (unsigned j = 0; j < n; j++) { /* L' x, from the first element on */
    double sum = 0;
    for (unsigned i = j; i < n; i++)
      sum += l[(size_t)i * n + j] * x[i];
    x[j] = sum;
  }
  for (unsigned i = n; i-- > 0;)
    x[i] = vr_dot(i + 1, l + (size_t)i * n, x);
}

double vr_sysid_condition(unsigned n, const double *l, double *work) {
  enum { STEPS = 12 };
  double largest = 1, smallest = 1;
  for (unsigned i = 0; i < n; i++)
    work[i] = cos(1.0 + i);
  normalise(n, work);
  for (int k = 0; k < STEPS; k++) {
    multiply(n, l, work);
    largest = normalise(n, work);
  }
  for (unsigned i = 0; i < n; i++)
    work[i] = cos(1.0 + i * 2.3);
  normalise(n, work);
  for (int k = 0; k < STEPS; k++) {
    vr_sysid_solve(n, l, work);
    smallest = normalise(n, work);
  }
  return sqrt(largest * smallest);
}
