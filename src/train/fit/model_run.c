/* SPDX-License-Identifier: MIT */
#include "train/fit/model_run.h"

#include "basic/cleanup.h"
#include "model/run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* IN without what makes a model's input of the sum of its signals. */
static struct vr_model_input plain(const struct vr_model_input *in) {
  struct vr_model_input sum = *in;
  sum.scale = 1;
  sum.per = VR_PER_ONE;
  sum.offset = 0;
  sum.transform = VR_PLAIN;
  return sum;
}

typedef int (*read_input)(const struct vr_guest_data *d,
                          const struct vr_model_input *in, double *ret);

/* M on ROWS rows of what READ gives. */
static int simulate(const struct vr_guest_data *d, const struct vr_model *m,
                    read_input read, size_t rows, double *ret) {
  vr_auto_free double *sums = calloc(m->n_inputs * rows + 1, sizeof(double));
  if (!sums)
    return -ENOMEM;
  for (size_t i = 0; i < m->n_inputs; i++) {
    const struct vr_model_input sum = plain(&m->inputs[i]);
    int r = read(d, &sum, sums + i * rows);
    if (r < 0)
      return r;
  }
  const struct vr_guest_size size = {.vcpus = d->vcpus, .gib = d->gib};
  return vr_model_simulate(m, sums, rows, &size, ret);
}

/* A model without a step gives a value whenever its inputs come. */
static int run_as_inputs_come(const struct vr_guest_data *d,
                              const struct vr_model *m, double *ret) {
  size_t parts = vr_data_guest_parts(d);
  vr_auto_free double *run = calloc(parts + 1, sizeof(*run));
  if (!run)
    return -ENOMEM;
  int r = simulate(d, m, vr_data_guest_input_parts, parts, run);
  return r < 0 ? r : vr_data_guest_mean(d, run, ret);
}

int vr_fit_run_model(const struct vr_guest_data *d, const struct vr_model *m,
                     double *ret) {
  if (m->step > 0 && fabs(m->step - d->grid.step) > 1e-6 * m->step)
    return -EINVAL;
  return m->step > 0 ? simulate(d, m, vr_data_guest_input, d->grid.rows, ret)
                     : run_as_inputs_come(d, m, ret);
}

/* Least squares of the error Y - YHAT of the first WARM rows on DECAY^t. */
static double start_error(const double *y, const double *yhat, double decay,
                          size_t warm) {
  double product = 0, energy = 0, power = 1;
  for (size_t t = 0; t < warm; t++, power *= decay) {
    if (!isfinite(y[t]) || !isfinite(yhat[t]))
      continue;
    product += power * (y[t] - yhat[t]);
    energy += power * power;
  }
  return energy > 0 ? product / energy : 0;
}

int vr_fit_run_model_started(const struct vr_guest_data *d,
                             const struct vr_model *m, size_t warm,
                             double *ret) {
  int r = vr_fit_run_model(d, m, ret);
  const double *y = d->y[m->counter];
  if (r < 0 || m->arx.na != 1 || !y)
    return r;
  size_t rows = d->grid.rows;
  double decay = -m->arx.a[1];
  double part = start_error(y, ret, decay, warm < rows ? warm : rows);
  for (size_t t = 0; t < rows; t++, part *= decay)
    ret[t] = fmin(fmax(ret[t] + part, m->output.min), m->output.max);
  return 0;
}

void vr_fit_run_one_step(const struct vr_model *m, const double *y,
                         const double *run, size_t rows, double *ret) {
  for (size_t t = 0; t < rows; t++) {
    ret[t] = t < m->arx.na ? NAN : run[t];
    for (unsigned k = 1; k <= m->arx.na && k <= t; k++)
      ret[t] -= m->arx.a[k] * (y[t - k] - run[t - k]);
  }
}
