/* SPDX-License-Identifier: MIT */
#include "train/data/cpu_models.h"

#include "model/ratio.h"
#include "train/data/sources.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)VR_CPU_TERM_WEIGHTS == (int)VR_RATIO_WEIGHTS,
               "one b for each");

static int add_term(const struct vr_cpu_term *t, const double *b,
                    struct vr_model *m) {
  char patterns[VR_CPU_TERM_VALUES][VR_SIGNAL_PATTERN_SIZE];
  struct vr_source s = {.name = "law", .scale = t->scale, .per = VR_PER_VCPU};
  for (size_t i = 0; i < t->n_values; i++) {
    vr_schema_signal_pattern(t->values[i], patterns[i]);
    s.signals[i] = patterns[i];
  }
  struct vr_arx_input *x = &m->arx.inputs[m->arx.nu];
  *x = (struct vr_arx_input){.nb = VR_RATIO_WEIGHTS,
                             .b = calloc(VR_RATIO_WEIGHTS, sizeof(*x->b))};
  if (!x->b)
    return -ENOMEM;
  memcpy(x->b, b, VR_RATIO_WEIGHTS * sizeof(*b));
  m->arx.nu++;
  int r = vr_sources_input(&s, &m->inputs[m->n_inputs]);
  if (r == 0)
    m->inputs[m->n_inputs++].range_max = t->max;
  return r;
}

int vr_cpu_model(const struct vr_cpu_definition *d, const char *guest,
                 struct vr_model *ret_model) {
  size_t n = vr_schema_cpu_terms_count;
  struct vr_model m = {
      .counter = d->counter,
      .provenance = d->provenance,
      .guest = strdup(guest),
      .accelerator = d->accelerator,
      .steal_clock = d->steal_clock,
      .structure = VR_RATIO,
      .inputs = calloc(n, sizeof(*m.inputs)),
      .arx.inputs = calloc(n, sizeof(*m.arx.inputs)),
      .output = {.min = 0, .max = vr_counter_info(d->counter)->max},
      .fit = {.free_run = NAN, .one_step = NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN},
  };
  int r = m.guest && m.inputs && m.arx.inputs ? 0 : -ENOMEM;
  double b[VR_CPU_TERM_WEIGHTS];
  for (size_t i = 0; r == 0 && i < n; i++)
    if (vr_schema_cpu_weights(d, &vr_schema_cpu_terms[i], b))
      r = add_term(&vr_schema_cpu_terms[i], b, &m);
  if (r < 0)
    vr_model_clear(&m);
  else
    *ret_model = m;
  return r;
}

size_t vr_cpu_model_delay(const struct vr_model *m) {
  size_t i = 0;
  while (i < m->n_inputs && !(m->arx.inputs[i].b[VR_RATIO_NUMERATOR] > 0 &&
                              m->arx.inputs[i].b[VR_RATIO_NUMERATOR] < 1))
    i++;
  return i;
}

void vr_cpu_model_calibrate(struct vr_model *m, size_t delay, double counted) {
  double *b = m->arx.inputs[delay].b;
  b[VR_RATIO_DENOMINATOR] += counted - b[VR_RATIO_NUMERATOR];
  b[VR_RATIO_NUMERATOR] = counted;
}
