/* SPDX-License-Identifier: MIT */
#include "live/law.h"

#include "basic/log.h"
#include "schema/host_signals.h"

#include <math.h>
#include <string.h>

static void log_change(const struct vr_live_guest *g, enum vr_counter c,
                       struct vr_verdict *verdict) {
  const char *name = vr_counter_info(c)->name;
  verdict->withheld_logged = verdict->withheld;
  if (verdict->withheld)
    vr_log_notice("guest %s on %s: %s by law is withheld: in the last hour it "
                  "was further from the guest's own values than their mean "
                  "(fit %.0f %%); vmrecon-train(1) makes a model of them",
                  g->name, g->host, name, verdict->fit);
  else
    vr_log_info("guest %s on %s: %s by law is published again (fit %.0f %%)",
                g->name, g->host, name, verdict->fit);
}

const struct vr_verdict *vr_live_law_verdict(const struct vr_live_guest *g,
                                             const struct vr_active *a) {
  const struct vr_model *m = a->model->model;
  if (!g->drift || m->provenance != VR_DERIVED)
    return NULL;
  struct vr_verdict *verdict = vr_live_drift_verdict(g->drift, m->counter);
  if (verdict && verdict->withheld != verdict->withheld_logged)
    log_change(g, m->counter, verdict);
  return verdict;
}

void vr_live_law_bracket(const struct vr_run_value *v, bool known,
                         struct vr_load_bracket *ret_bracket) {
  struct vr_load_bracket *b = ret_bracket;
  const struct vr_load_values *load = &v->load;
  bool has_bounds = known && v->has_bounds;
  b->present = true;
  for (int i = 0; i < VR_LOAD_AVERAGES; i++) {
    b->lower[i] = has_bounds ? load->lower[i] : NAN;
    b->upper[i] = has_bounds ? load->upper[i] : NAN;
  }
  b->wide =
      has_bounds && (load->saturated ||
                     vr_load_law_is_wide(load->lower[VR_LOAD_1MIN], v->value,
                                         load->upper[VR_LOAD_1MIN]));
}

bool vr_live_law_lacks_requests(const struct vr_model *m) {
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  if (m->structure != VR_LOAD_LAW)
    return false;
  vr_schema_signal_pattern((struct vr_signal_value){VR_SIGNAL_BLOCK_TIME, 0},
                           pattern);
  for (size_t i = 0; i < m->n_inputs; i++)
    for (size_t k = 0; k < m->inputs[i].n_signals; k++)
      if (strcmp(m->inputs[i].signals[k], pattern) == 0)
        return false;
  return true;
}
