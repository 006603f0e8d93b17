/* SPDX-License-Identifier: MIT */
#include "model/same.h"

#include <string.h>

static bool same_signals(const struct vr_model_input *a,
                         const struct vr_model_input *b) {
  if (a->n_signals != b->n_signals)
    return false;
  for (size_t s = 0; s < a->n_signals; s++)
    if (strcmp(a->signals[s], b->signals[s]) != 0)
      return false;
  return true;
}

/* Can the memory of an input of FROM be that of one of TO? What it is divided
 * by may have changed since, so that it is not known of the past. */
static bool may_rebase(const struct vr_model_input *from,
                       const struct vr_model_input *to) {
  return same_signals(from, to) && from->per == to->per &&
         from->n_busy == to->n_busy && from->transform == to->transform &&
         (from->transform == VR_PLAIN || from->scale == to->scale) &&
         (from->scale != 0 || to->scale == 0);
}

bool vr_same_structure(const struct vr_model *a, const struct vr_model *b) {
  if (a->structure == VR_LOAD_LAW || b->structure == VR_LOAD_LAW)
    return a->structure == b->structure;
  if (a->counter != b->counter || a->step != b->step ||
      a->arx.na != b->arx.na || a->n_inputs != b->n_inputs ||
      a->output.per != b->output.per ||
      (a->structure == VR_LOAD_FILTER) != (b->structure == VR_LOAD_FILTER))
    return false;
  for (size_t i = 0; i < a->n_inputs; i++)
    if (a->arx.inputs[i].nb != b->arx.inputs[i].nb ||
        a->arx.inputs[i].nk != b->arx.inputs[i].nk ||
        !may_rebase(&a->inputs[i], &b->inputs[i]))
      return false;
  return true;
}

static bool has_signal(const struct vr_model *m, const char *signal) {
  for (size_t i = 0; i < m->n_inputs; i++)
    for (size_t s = 0; s < m->inputs[i].n_signals; s++)
      if (strcmp(m->inputs[i].signals[s], signal) == 0)
        return true;
  return false;
}

bool vr_same_signals_or_more(const struct vr_model *a,
                             const struct vr_model *b) {
  for (size_t i = 0; i < a->n_inputs; i++)
    for (size_t s = 0; s < a->inputs[i].n_signals; s++)
      if (!has_signal(b, a->inputs[i].signals[s]))
        return false;
  return true;
}

bool vr_same_equation(const struct vr_model *a, const struct vr_model *b) {
  if (a->structure != b->structure || a->output.offset != b->output.offset)
    return false;
  if (a->structure == VR_LOAD_LAW)
    return true;
  for (unsigned k = 1; k <= a->arx.na; k++)
    if (a->arx.a[k] != b->arx.a[k])
      return false;
  for (size_t i = 0; i < a->n_inputs; i++) {
    const struct vr_arx_input *x = &a->arx.inputs[i], *y = &b->arx.inputs[i];
    if (a->inputs[i].scale != b->inputs[i].scale ||
        a->inputs[i].offset != b->inputs[i].offset)
      return false;
    for (unsigned k = 0; k < x->nb; k++)
      if (x->b[k] != y->b[k])
        return false;
  }
  return true;
}
