/* SPDX-License-Identifier: MIT
 *
 * When a guest's models have been outside what they were trained on for long,
 * or the guest itself measures something else, the operator is told: once for
 * the guest, not for each counter, since what goes wrong mostly takes several
 * models along.
 */
#include "basic/text.h"
#include "live/guest.h"

#include <math.h>
#include <stdio.h>

static bool is_withheld(const struct vr_active *a) {
  return a->published && a->model->model->provenance == VR_INFERRED &&
         vr_run_is_out(a->run, NULL);
}

/* The first model that is withheld; NULL if none is. */
static const struct vr_active *first_withheld(const struct vr_live_guest *g) {
  for (size_t l = 0; l < g->n_lanes; l++)
    for (unsigned i = 0; i < g->lanes[l].n_active; i++)
      if (is_withheld(&g->lanes[l].active[i]))
        return &g->lanes[l].active[i];
  return NULL;
}

static void append_withheld(struct vr_text *t, const struct vr_live_guest *g) {
  for (size_t l = 0; l < g->n_lanes; l++)
    for (unsigned i = 0; i < g->lanes[l].n_active; i++)
      if (is_withheld(&g->lanes[l].active[i]))
        vr_text_append(
            t, " %s",
            vr_counter_info(g->lanes[l].active[i].model->model->counter)->name);
}

/* What strayed, in the model's own words and units. */
static void append_stray(struct vr_text *t, const struct vr_active *a) {
  struct vr_run_stray stray;
  const struct vr_model *m = a->model->model;
  if (!vr_run_is_out(a->run, &stray) || isnan(stray.level))
    return;
  if (stray.regime) {
    const struct vr_model_input *told = &m->intervals.regime;
    vr_text_append(t, "; never validated where %s%s is %.6g", told->signals[0],
                   told->n_signals > 1 ? " + ..." : "", stray.level);
    return;
  }
  const struct vr_model_input *in = &m->inputs[stray.input];
  vr_text_append(t, "; %s%s is %.6g, believed from %.6g to %.6g",
                 in->signals[0], in->n_signals > 1 ? " + ..." : "", stray.level,
                 in->range_min, in->range_max);
}

static struct vr_notice notice_of(const struct vr_live_guest *g,
                                  enum vr_notice_kind kind, bool raised) {
  struct vr_notice n = {.kind = kind, .raised = raised, .time = g->newest};
  snprintf(n.host, sizeof(n.host), "%s", g->host);
  snprintf(n.guest, sizeof(n.guest), "%s", g->name);
  return n;
}

static void tell_range(const struct vr_live_guest *g,
                       struct vr_live_context *context,
                       const struct vr_active *withheld) {
  struct vr_notice n = notice_of(g, VR_NOTICE_RANGE, withheld != NULL);
  struct vr_text t = {n.message, sizeof(n.message)};
  vr_text_append(&t, "guest %s on %s: ", g->name, g->host);
  if (withheld) {
    vr_text_append(&t, "outside what its models were trained on, withheld:");
    append_withheld(&t, g);
    append_stray(&t, withheld);
  } else {
    vr_text_append(&t, "inside what its models were trained on again");
  }
  vr_live_notices_add(context->notices, &n);
}

/* While somebody else answers, what was told is neither repeated nor taken
 * back. */
static bool is_aside(const struct vr_live_guest *g, struct vr_alarm *a) {
  if (g->newest > g->silent_until)
    return false;
  a->opposite = false;
  return true;
}

void vr_live_guest_watch_range(struct vr_live_guest *g,
                               struct vr_live_context *context) {
  if (is_aside(g, &g->range_alarm))
    return;
  const struct vr_active *withheld = first_withheld(g);
  if (vr_live_alarm_update(&g->range_alarm, withheld != NULL, g->newest,
                           context->options.notify_after))
    tell_range(g, context, withheld);
}

static void tell_drift(const struct vr_live_guest *g,
                       struct vr_live_context *context, bool drifted) {
  struct vr_notice n = notice_of(g, VR_NOTICE_DRIFT, drifted);
  struct vr_text t = {n.message, sizeof(n.message)};
  vr_text_append(&t, "guest %s on %s: ", g->name, g->host);
  if (drifted) {
    vr_text_append(&t, "its own values disagree with what is published");
    vr_live_drift_describe(g->drift, &t);
  } else {
    vr_text_append(&t, "its own values agree with what is published again");
  }
  vr_live_notices_add(context->notices, &n);
}

void vr_live_guest_watch_drift(struct vr_live_guest *g,
                               struct vr_live_context *context) {
  if (!g->drift || is_aside(g, &g->drift_alarm))
    return;
  bool drifted = vr_live_drift_is_there(g->drift);
  if (vr_live_alarm_update(&g->drift_alarm, drifted, g->newest,
                           context->options.notify_after))
    tell_drift(g, context, drifted);
}

static void end_alarm(const struct vr_live_guest *g,
                      struct vr_live_context *context, const struct vr_alarm *a,
                      enum vr_notice_kind kind) {
  if (!a->raised)
    return;
  struct vr_notice n = notice_of(g, kind, false);
  snprintf(n.message, sizeof(n.message),
           "guest %s on %s: gone, and with it what was told of it", g->name,
           g->host);
  vr_live_notices_add(context->notices, &n);
}

void vr_live_guest_end_alarms(struct vr_live_guest *g,
                              struct vr_live_context *context) {
  end_alarm(g, context, &g->range_alarm, VR_NOTICE_RANGE);
  end_alarm(g, context, &g->drift_alarm, VR_NOTICE_DRIFT);
}
