/* SPDX-License-Identifier: MIT
 *
 * What the units of src/sysid compare with: least squares by Householder QR in
 * quadruple precision on the rows written down from the definition, sharing no
 * code with the library; and reproducible data.
 */
#ifndef VR_TESTS_SYSID_REFERENCE_H
#define VR_TESTS_SYSID_REFERENCE_H

#include "sysid/dataset.h"

#include <stdbool.h>

struct reference {
  unsigned p;
  size_t rows;
  double *theta; /* a_1 .. a_na, b of each input */
  double *se;
  double rss;
};

/* Fits ORDERS to D over rows t > largest lag of each segment. */
struct reference reference_fit(const struct vr_dataset *d,
                               const struct vr_orders *o);
void reference_free(struct reference *r);

/* A standard normal variate (Box-Muller on a 64-bit linear congruential
 * generator); *SEED is the generator's state. */
double normal(unsigned long long *seed);

/* One segment of N samples with NU inputs: white inputs through a pole
 * INPUT_POLE, the output of a stable second-order system in all of them, noise
 * of standard deviation NOISE at the equation. */
struct made {
  struct vr_dataset d;
  struct vr_segment s;
  double *values;
  const double *u[8];
};
void make_data(struct made *m, size_t n, unsigned nu, double input_pole,
               double noise, unsigned long long seed);
void made_free(struct made *m);

/* |x - y| <= tol max(|x|, |y|) in the 2-norm of vectors of N. */
bool close_vectors(unsigned n, const double *x, const double *y, double tol);

#endif
