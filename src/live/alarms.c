/* SPDX-License-Identifier: MIT */
#include "live/alarms.h"

#include "basic/text.h"

#include <math.h>
#include <stdio.h>

static bool is_withheld(const struct vr_active *a) {
  return a->published && a->model->model->provenance == VR_INFERRED &&
         vr_run_is_out_of_range(a->run, NULL);
}

/* The first model that is withheld; NULL if none is. */
static const struct vr_active *first_withheld(const struct vr_live_guest *g) {
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++)
      if (is_withheld(&g->groups[l].active[i]))
        return &g->groups[l].active[i];
  return NULL;
}

static void append_withheld(struct vr_text *t, const struct vr_live_guest *g) {
  const char *comma = "";
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++) {
      const struct vr_active *a = &g->groups[l].active[i];
      if (!is_withheld(a))
        continue;
      vr_text_append(t, "%s %s", comma,
                     vr_counter_info(a->model->model->counter)->name);
      comma = ",";
    }
}

/* The input or regime that is out of range, in the model's own units. */
static void append_outlier(struct vr_text *t, const struct vr_active *a) {
  struct vr_run_outlier outlier;
  const struct vr_model *m = a->model->model;
  if (!vr_run_is_out_of_range(a->run, &outlier) || isnan(outlier.level))
    return;
  if (outlier.regime) {
    const struct vr_model_input *in = &m->intervals.regime;
    vr_text_append(t, "; the model was never validated with %s%s at %.6g",
                   in->signals[0], in->n_signals > 1 ? " + ..." : "",
                   outlier.level);
    return;
  }
  const struct vr_model_input *in = &m->inputs[outlier.input];
  vr_text_append(t, "; %s%s is %.6g, training range %.6g to %.6g",
                 in->signals[0], in->n_signals > 1 ? " + ..." : "",
                 outlier.level, in->range_min, in->range_max);
}

static struct vr_notice notice_of(const struct vr_live_guest *g,
                                  enum vr_notice_kind kind, bool raised) {
  struct vr_notice n = {.kind = kind, .raised = raised, .time = g->newest};
  snprintf(n.host, sizeof(n.host), "%s", g->host);
  snprintf(n.guest, sizeof(n.guest), "%s", g->name);
  return n;
}

static void notify_range(const struct vr_live_guest *g,
                         struct vr_live_context *context,
                         const struct vr_active *withheld) {
  struct vr_notice n = notice_of(g, VR_NOTICE_RANGE, withheld != NULL);
  struct vr_text t = {n.message, sizeof(n.message)};
  vr_text_append(&t, "guest %s on %s: ", g->name, g->host);
  if (withheld) {
    vr_text_append(&t, "its models are out of their training range; withheld:");
    append_withheld(&t, g);
    append_outlier(&t, withheld);
  } else {
    vr_text_append(&t, "its models are back in their training range");
  }
  vr_live_notices_add(context->notices, &n);
}

/* On standby, what was notified is neither repeated nor taken back. */
static bool is_on_standby(const struct vr_live_guest *g, struct vr_alarm *a) {
  if (g->newest > g->standby_until)
    return false;
  a->opposite = false;
  return true;
}

void vr_live_guest_watch_range(struct vr_live_guest *g,
                               struct vr_live_context *context) {
  if (is_on_standby(g, &g->range_alarm))
    return;
  const struct vr_active *withheld = first_withheld(g);
  if (vr_live_alarm_update(&g->range_alarm, withheld != NULL, g->newest,
                           context->options.notify_after))
    notify_range(g, context, withheld);
}

static void notify_drift(const struct vr_live_guest *g,
                         struct vr_live_context *context, bool drifted) {
  struct vr_notice n = notice_of(g, VR_NOTICE_DRIFT, drifted);
  struct vr_text t = {n.message, sizeof(n.message)};
  vr_text_append(&t, "guest %s on %s: ", g->name, g->host);
  if (drifted) {
    vr_text_append(&t, "its own values are outside the published intervals");
    vr_live_drift_describe(g->drift, &t);
  } else {
    vr_text_append(&t,
                   "its own values are within the published intervals again");
  }
  vr_live_notices_add(context->notices, &n);
}

void vr_live_guest_watch_drift(struct vr_live_guest *g,
                               struct vr_live_context *context) {
  if (!g->drift || is_on_standby(g, &g->drift_alarm))
    return;
  bool drifted = vr_live_drift_is_there(g->drift);
  if (vr_live_alarm_update(&g->drift_alarm, drifted, g->newest,
                           context->options.notify_after))
    notify_drift(g, context, drifted);
}

static void end_alarm(const struct vr_live_guest *g,
                      struct vr_live_context *context, const struct vr_alarm *a,
                      enum vr_notice_kind kind) {
  if (!a->raised)
    return;
  struct vr_notice n = notice_of(g, kind, false);
  snprintf(n.message, sizeof(n.message),
           "guest %s on %s: is gone; this notification is closed", g->name,
           g->host);
  vr_live_notices_add(context->notices, &n);
}

void vr_live_guest_end_alarms(struct vr_live_guest *g,
                              struct vr_live_context *context) {
  end_alarm(g, context, &g->range_alarm, VR_NOTICE_RANGE);
  end_alarm(g, context, &g->drift_alarm, VR_NOTICE_DRIFT);
}
