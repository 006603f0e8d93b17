/* SPDX-License-Identifier: MIT */
#include "live/reason.h"

#include "live/choose.h"
#include "live/guest_series.h"
#include "schema/guest_kernel.h"
#include "schema/plugin_names.h"
#include "schema/remedies.h"

#include <math.h>
#include <string.h>

#define TRAIN "train: vmrecon-train(1)"

/* What is in the way of the counter's models, the first of each kind. */
struct finding {
  const struct vr_catalog_model *by_refusal[VR_INPUT_TOO_FINE + 1];
  const struct vr_catalog_model *measurement; /* whose input is missing */
  const struct vr_catalog_model *law_off;     /* ready, and not wanted */
  const struct vr_catalog_model *weak;        /* of this guest; not published */
  const struct vr_catalog_model *introspection;
  /* Of a nested host, which this is not. */
  const struct vr_catalog_model *elsewhere;
};

static bool find_host_signal(const char *pattern, enum vr_signal_id *ret) {
  char text[VR_SIGNAL_PATTERN_SIZE];
  for (int id = 0; id < VR_SIGNALS; id++) {
    *ret = (enum vr_signal_id)id;
    size_t n = vr_schema_type(vr_schema_signal(*ret)->type)->n_sources;
    for (unsigned source = 0; source < n; source++) {
      vr_schema_signal_pattern((struct vr_signal_value){*ret, source}, text);
      if (strcmp(text, pattern) == 0)
        return true;
    }
  }
  return false;
}

/* Is it of the VM process itself? Then nothing else matters. */
static bool is_of_process(const struct vr_live_guest *g, uint32_t signal) {
  enum vr_signal_id id;
  return find_host_signal(g->catalog->signals[signal]->text, &id) &&
         vr_schema_signal(id)->group == VR_VM_PROCESS;
}

static uint32_t missing_signal(const struct vr_live_guest *g,
                               const struct vr_catalog_model *m) {
  uint32_t missing = VR_NO_SIGNAL;
  for (size_t i = 0; i < vr_live_catalog_model_signals(m); i++)
    if (vr_live_signal_interval(g, m->signals[i]) == 0 &&
        (missing == VR_NO_SIGNAL || is_of_process(g, m->signals[i])))
      missing = m->signals[i];
  return missing;
}

static void note(const struct vr_catalog_model **place,
                 const struct vr_catalog_model *m) {
  if (!*place)
    *place = m;
}

/* Measurements and laws: the first in the catalog's order is what is nearest to
 * the guest's own number. */
static void note_missing(struct finding *f, const struct vr_catalog_model *m) {
  switch (m->model->provenance) {
  case VR_INTROSPECTED:
    note(&f->introspection, m);
    break;
  case VR_INFERRED:
    if (!m->model->generic)
      note(&f->by_refusal[VR_INPUT_MISSING], m);
    break;
  default:
    note(&f->measurement, m);
  }
}

static void examine(const struct vr_live_guest *g,
                    const struct vr_catalog_model *m, struct finding *f) {
  enum vr_refusal refusal = vr_live_choose_refusal(g, m);
  if (refusal == VR_INPUT_MISSING)
    note_missing(f, m);
  else if (refusal != VR_NOT_REFUSED) {
    if (m->publishable)
      note(&f->by_refusal[refusal], m);
  } else if (m->model->provenance == VR_DERIVED)
    note(&f->law_off, m);
  else if (m->publishable && vr_live_choose_is_elsewhere(g, m))
    note(&f->elsewhere, m);
  else if (!m->model->generic)
    note(&f->weak, m);
}

/* --- a missing input --- */

/* Does anything come through the guest's QMP socket, or from libvirt? */
static bool is_qmp_there(const struct vr_live_guest *g) {
  for (size_t i = 0; i < g->n_series; i++) {
    enum vr_signal_id id;
    const struct vr_live_series *s = g->series[i];
    if (s->series.n > 0 &&
        find_host_signal(g->catalog->signals[s->signal]->text, &id) &&
        vr_schema_remedy(id)->by_qmp && id != VR_SIGNAL_UNCACHED_OCTETS)
      return true;
  }
  return false;
}

static void append_missing(struct vr_text *t, const struct vr_live_guest *g,
                           const struct vr_catalog_model *m) {
  uint32_t signal = missing_signal(g, m);
  enum vr_signal_id id;
  if (signal == VR_NO_SIGNAL)
    return;
  const char *pattern = g->catalog->signals[signal]->text;
  if (!find_host_signal(pattern, &id)) {
    vr_text_append(t, "%s does not come: load the plugin that sends it",
                   pattern);
    return;
  }
  const struct vr_remedy *r = vr_schema_remedy(id);
  if (r->by_qmp && !is_qmp_there(g))
    r = vr_schema_remedy_for_qmp();
  vr_text_append(t, "%s: %s", r->lacking, r->action);
}

/* --- models that there are --- */

static void append_steps(struct vr_text *t, const struct vr_live_guest *g,
                         enum vr_counter c) {
  struct vr_candidates all =
      vr_live_candidates_of(&g->catalog->candidates, g->name, (int)c);
  const struct vr_catalog_model *m;
  const char *comma = " ";
  vr_time last = 0;
  while ((m = vr_live_candidates_next(&all))) {
    if (!m->publishable || m->step == last ||
        vr_live_choose_refusal(g, m) != VR_INPUT_TOO_COARSE)
      continue;
    vr_text_append(t, "%s%g s", comma, vr_signal_seconds_of_time(m->step));
    comma = ", ";
    last = m->step;
  }
}

static void append_weak(struct vr_text *t, const struct vr_model *m) {
  if (isnan(m->fit.free_run))
    vr_text_append(t, "its model was never validated; ");
  else
    vr_text_append(t, "its model is not good enough, fit %.0f %%; ",
                   m->fit.free_run);
}

/* What introspection would add: it reads Linux only. */
static void append_introspection(struct vr_text *t,
                                 const struct vr_live_guest *g,
                                 const struct vr_catalog_model *m) {
  if (!m || vr_live_series_latest(g, VR_SIGNAL_GUEST_OS) == VR_OS_OTHER)
    return;
  uint32_t signal = missing_signal(g, m);
  const char *instance =
      signal != VR_NO_SIGNAL
          ? g->catalog->signals[signal]->pattern.name.id.type_instance
          : "";
  bool is_read = strcmp(instance, VR_PUBLISH_GATE) == 0 &&
                 vr_live_signal_interval(g, m->signals[0]) > 0;
  vr_text_append(t, is_read ? "; introspection knows: Introspect publish"
                            : "; introspection would tell: Introspect");
}

/* Where none of the models there are is in the way. */
static void append_training(struct vr_text *t, const struct finding *f) {
  if (f->elsewhere)
    vr_text_append(t, "its model is of nested KVM, this host is not; ");
  else if (f->weak)
    append_weak(t, f->weak->model);
  vr_text_append(t, TRAIN);
}

/* The reason that lies with models, where nothing measures the counter. */
static void append_model_reason(struct vr_text *t,
                                const struct vr_live_guest *g,
                                enum vr_counter c, const struct finding *f) {
  const struct vr_catalog_model *const *by = f->by_refusal;
  if (by[VR_OF_OTHER_SYSTEM])
    vr_text_append(t, "guest is not Linux: no law; ");
  if (by[VR_IDLE_NOT_SEEN])
    vr_text_append(t, "its idle time is hidden from the host (cpu-pm, or it "
                      "polls): IdleHidden, collectd-vmrecon(5); ");
  if (by[VR_INPUT_TOO_COARSE]) {
    vr_text_append(t, "interval %g s: models exist for",
                   vr_signal_seconds_of_time(
                       vr_live_choose_interval(g, by[VR_INPUT_TOO_COARSE])));
    append_steps(t, g, c);
  } else if (by[VR_INPUT_TOO_FINE])
    vr_text_append(t,
                   "values come too often for its model, whose step is "
                   "%g s; " TRAIN,
                   by[VR_INPUT_TOO_FINE]->model->step);
  else if (by[VR_INPUT_MISSING])
    append_missing(t, g, by[VR_INPUT_MISSING]);
  else if (by[VR_ACCELERATOR_UNKNOWN])
    vr_text_append(t, "its accelerator is not known: rights, "
                      "collectd-vmrecon(5)");
  else if (by[VR_SIZE_UNKNOWN])
    vr_text_append(t, "its size is not known: rights, collectd-vmrecon(5)");
  else
    append_training(t, f);
  append_introspection(t, g, f->introspection);
}

void vr_live_reason(const struct vr_live_guest *g, enum vr_counter c,
                    char ret[VR_REASON_SIZE]) {
  struct vr_candidates all =
      vr_live_candidates_of(&g->catalog->candidates, g->name, (int)c);
  const struct vr_catalog_model *m;
  struct finding f = {0};
  struct vr_text t = {ret, VR_REASON_SIZE};
  *ret = '\0';
  while ((m = vr_live_candidates_next(&all)))
    examine(g, m, &f);
  if (f.law_off)
    vr_text_append(&t, "PublishDerived is false");
  else if (f.measurement)
    append_missing(&t, g, f.measurement);
  else
    append_model_reason(&t, g, c, &f);
}
