/* SPDX-License-Identifier: MIT */
#include "train/data/sources.h"

#include "schema/derived.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Room for every data source of every signal, and for the sums. */
enum {
  MAX_SUMS = 16,
  MAX_DERIVED = 32,
  MAX_OFFERED = VR_SIGNALS * VR_TYPE_MAX_SOURCES + MAX_SUMS + MAX_DERIVED
};
static struct vr_source offered[MAX_OFFERED];
static char patterns[MAX_OFFERED][VR_SOURCE_SIGNALS][VR_SIGNAL_PATTERN_SIZE];

const struct vr_source *vr_sources = offered;
size_t vr_sources_count;

/* Adds SOURCE, the sum of N PARTS. */
static void offer(struct vr_source source, const struct vr_signal_value *parts,
                  size_t n) {
  const struct vr_signal_info *s = vr_schema_signal(parts[0].id);
  source.origin = s->group;
  source.scale = s->uses[parts[0].source].scale;
  source.per = s->per;
  for (size_t i = 0; i < n; i++) {
    char *pattern = patterns[vr_sources_count][i];
    vr_schema_signal_pattern(parts[i], pattern);
    source.signals[i] = pattern;
  }
  offered[vr_sources_count++] = source;
}

static void offer_sums_before(struct vr_signal_value v) {
  for (size_t i = 0; i < vr_schema_sums_count; i++) {
    const struct vr_signal_sum *sum = &vr_schema_sums[i];
    if (sum->parts[0].id == v.id && sum->parts[0].source == v.source)
      offer((struct vr_source){.name = sum->source,
                               .explains = sum->explains,
                               .measures = sum->measures},
            sum->parts, 2);
  }
}

static void offer_derived(const struct vr_derived *x) {
  const struct vr_signal_value parts[] = {
      x->value, {VR_SIGNAL_VCPU_RUN, 0}, {VR_SIGNAL_VCPU_WAIT, 0}};
  offer((struct vr_source){.name = x->source,
                           .explains = x->explains,
                           .n_busy = x->per_idle ? 2 : 0,
                           .transform = x->is_log ? VR_LOG1P : VR_PLAIN,
                           .own = true},
        parts, x->per_idle ? 3 : 1);
  offered[vr_sources_count - 1].scale = x->scale;
}

/* Before main(): whoever looks at the sources finds them there. */
static __attribute__((constructor)) void offer_all(void) {
  for (int id = 0; id < VR_SIGNALS; id++)
    for (unsigned i = 0; i < VR_TYPE_MAX_SOURCES; i++) {
      const struct vr_signal_value v = {(enum vr_signal_id)id, i};
      const struct vr_signal_use *use = &vr_schema_signal(v.id)->uses[i];
      offer_sums_before(v);
      if (use->source)
        offer((struct vr_source){.name = use->source,
                                 .explains = use->explains,
                                 .measures = use->measures},
              &v, 1);
    }
  for (size_t i = 0; i < vr_schema_derived_count; i++)
    offer_derived(&vr_schema_derived[i]);
}

static unsigned origin_of(const char *signal) {
  for (size_t s = 0; s < vr_sources_count; s++)
    for (size_t i = 0; i < VR_SOURCE_SIGNALS && vr_sources[s].signals[i]; i++)
      if (strcmp(vr_sources[s].signals[i], signal) == 0)
        return vr_sources[s].origin;
  return 0;
}

enum vr_signal_group vr_sources_group(const char *text) {
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  for (int id = 0; id < VR_SIGNALS; id++)
    for (unsigned i = 0; i < VR_TYPE_MAX_SOURCES; i++) {
      const struct vr_signal_value v = {(enum vr_signal_id)id, i};
      const struct vr_signal_info *s = vr_schema_signal(v.id);
      if (!vr_schema_type(s->type)->sources[i])
        continue;
      vr_schema_signal_pattern(v, pattern);
      if (strcmp(pattern, text) == 0)
        return s->group;
    }
  unsigned origin = origin_of(text);
  return origin ? (enum vr_signal_group)origin : VR_VM_PROCESS;
}

unsigned vr_sources_of(const struct vr_model *model) {
  unsigned origins = 0;
  for (size_t i = 0; i < model->n_inputs; i++)
    for (size_t k = 0; k < model->inputs[i].n_signals; k++)
      origins |= origin_of(model->inputs[i].signals[k]);
  return origins;
}

void vr_data_input_clear(struct vr_model_input *input) {
  for (size_t i = 0; i < input->n_signals; i++)
    free(input->signals[i]);
  free(input->signals);
  *input = (struct vr_model_input){0};
}

static int input_from(const char *const *signals, size_t n,
                      struct vr_model_input *in) {
  in->n_signals = 0;
  in->signals = calloc(n ? n : 1, sizeof(*in->signals));
  if (!in->signals)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    in->signals[i] = strdup(signals[i]);
    if (!in->signals[i]) {
      vr_data_input_clear(in);
      return -ENOMEM;
    }
    in->n_signals = i + 1;
  }
  return 0;
}

int vr_sources_input(const struct vr_source *c,
                     struct vr_model_input *ret_input) {
  size_t n = 0;
  while (n < VR_SOURCE_SIGNALS && c->signals[n])
    n++;
  struct vr_model_input in = {.n_busy = c->n_busy,
                              .transform = c->transform,
                              .scale = c->scale,
                              .per = c->per,
                              .range_min = -INFINITY,
                              .range_max = INFINITY};
  int r = input_from(c->signals, n, &in);
  if (r == 0)
    *ret_input = in;
  return r;
}

int vr_data_input_copy(const struct vr_model_input *from,
                       struct vr_model_input *ret_input) {
  struct vr_model_input in = *from;
  int r = input_from((const char *const *)from->signals, from->n_signals, &in);
  if (r == 0)
    *ret_input = in;
  return r;
}
