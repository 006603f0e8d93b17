/* SPDX-License-Identifier: MIT */
#include "train/data/definitions.h"

#include "basic/cleanup.h"
#include "train/data/sources.h"

#include <errno.h>
#include <math.h>
#include <string.h>

const struct vr_direct *vr_definitions_of(enum vr_counter c, size_t i) {
  for (size_t k = 0; k < vr_schema_direct_count; k++) {
    const struct vr_direct *def = &vr_schema_direct[k];
    if (def->counter == c && !def->proxy && i-- == 0)
      return def;
  }
  return NULL;
}

bool vr_definitions_serve(enum vr_accelerator model,
                          enum vr_accelerator guest) {
  return model == VR_ACCEL_ANY || model == guest;
}

void vr_definitions_pattern(const struct vr_direct *def, size_t i,
                            char ret_pattern[VR_SIGNAL_PATTERN_SIZE]) {
  vr_schema_signal_pattern(def->values[i], ret_pattern);
}

/* Input of the values FIRST .. END - 1 of DEF. */
static int definition_input(const struct vr_direct *def, size_t first,
                            size_t end, struct vr_model_input *ret_input) {
  char patterns[VR_DIRECT_VALUES][VR_SIGNAL_PATTERN_SIZE];
  struct vr_source s = {
      .name = "definition", .scale = def->scale, .per = def->per};
  for (size_t i = first; i < end; i++) {
    vr_definitions_pattern(def, i, patterns[i - first]);
    s.signals[i - first] = patterns[i - first];
  }
  return vr_sources_input(&s, ret_input);
}

static int add_gain(struct vr_arx *arx, double gain) {
  double *b = calloc(1, sizeof(*b));
  if (!b)
    return -ENOMEM;
  *b = gain;
  arx->inputs[arx->nu++] = (struct vr_arx_input){.nb = 1, .nk = 0, .b = b};
  return 0;
}

/* One input of all values; with a weight of its own the last is another. */
static int fill_inputs(const struct vr_direct *def, double weight,
                       struct vr_model *m) {
  size_t n = def->n_values, together = weight == 1 ? n : n - 1;
  int r = definition_input(def, 0, together, &m->inputs[0]);
  if (r < 0)
    return r;
  m->n_inputs = 1;
  r = add_gain(&m->arx, def->gain);
  if (r < 0 || together == n)
    return r;
  r = definition_input(def, together, n, &m->inputs[1]);
  if (r < 0)
    return r;
  m->n_inputs = 2;
  return add_gain(&m->arx, weight * def->gain);
}

int vr_definitions_model(const struct vr_direct *def, const char *guest,
                         double weight, struct vr_model *ret_model) {
  struct vr_model m = {
      .counter = def->counter,
      .provenance = def->provenance,
      .guest = strdup(guest),
      .accelerator = def->accelerator,
      .structure = VR_STATIC,
      .inputs = calloc(VR_DIRECT_VALUES, sizeof(*m.inputs)),
      .arx.inputs = calloc(VR_DIRECT_VALUES, sizeof(*m.arx.inputs)),
      .output = {.per = VR_PER_ONE,
                 .min = 0,
                 .max = vr_counter_info(def->counter)->max},
      .fit = {.free_run = NAN, .one_step = NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN},
  };
  int r = m.guest && m.inputs && m.arx.inputs ? fill_inputs(def, weight, &m)
                                              : -ENOMEM;
  if (r < 0)
    vr_model_clear(&m);
  else
    *ret_model = m;
  return r;
}

int vr_definitions_column(const struct vr_direct *def, struct vr_reader *reader,
                          const char *host, const char *guest, double *ret) {
  vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
  int r = definition_input(def, 0, def->n_values, &in);
  if (r == 0)
    r = vr_reader_input(reader, &in, host, guest, ret);
  if (r < 0)
    return r;
  size_t rows = vr_reader_timeline(reader)->rows;
  double max = vr_counter_info(def->counter)->max;
  for (size_t i = 0; i < rows; i++) {
    ret[i] *= def->gain;
    if (isfinite(ret[i]))
      ret[i] = fmin(fmax(ret[i], 0), max);
  }
  return 0;
}
