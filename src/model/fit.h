/* SPDX-License-Identifier: MIT
 *
 * How well predictions fit: 100 (1 - |y - yhat| / |y - mean(y)|) percent.
 */
#ifndef VR_MODEL_FIT_H
#define VR_MODEL_FIT_H

#include <stddef.h>

/* Squared errors, and squared deviations of the truth from its mean. */
struct vr_model_fit_sums {
  double error, spread;
};

/* Adds the ROWS values of the truth Y and of YHAT, where both are finite and,
 * when USED is not NULL, used. The mean is that of Y over these rows alone:
 * what is added in several parts is judged against a mean each. */
void vr_model_fit_add(struct vr_model_fit_sums *s, const double *y,
                      const double *yhat, const unsigned char *used,
                      size_t rows);

/* The fit in percent; NAN where the truth is constant or there is none, and
 * -INFINITY where the error is infinite. */
double vr_model_fit_percent(double error, double spread);

/* Both, of one part. */
double vr_model_fit_of(const double *y, const double *yhat,
                       const unsigned char *used, size_t rows);

#endif
