/* SPDX-License-Identifier: MIT */
#include "basic/cleanup.h"
#include "model/run.h"

#include <errno.h>
#include <stdlib.h>

int vr_model_simulate(const struct vr_model *m, const double *sums, size_t n,
                      const struct vr_guest_size *size, double *ret_values) {
  struct vr_run *run = vr_run_new(m, 0);
  vr_auto_free double *now = calloc(m->n_inputs, sizeof(*now));
  if (!run || !now) {
    vr_run_free(run);
    return -ENOMEM;
  }
  for (size_t t = 0; t < n; t++) {
    for (size_t i = 0; i < m->n_inputs; i++)
      now[i] = sums[i * n + t];
    ret_values[t] = vr_run_step(run, now, size).value;
  }
  vr_run_free(run);
  return 0;
}
