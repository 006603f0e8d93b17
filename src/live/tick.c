/* SPDX-License-Identifier: MIT */
#include "live/tick.h"

#include "live/alarms.h"
#include "live/beat.h"
#include "live/binding.h"
#include "live/describe.h"
#include "live/drift.h"
#include "live/guest_series.h"
#include "live/input_history.h"
#include "live/law.h"
#include "live/rate_group.h"
#include "live/sum_members.h"

#include <math.h>

/* A signal has stopped after so many intervals and the allowed lateness. */
enum { STOPPED_INTERVALS = 3 };

/* --- its inputs --- */

static bool is_covered(const struct vr_rate_group *group, vr_time begin,
                       vr_time end) {
  for (unsigned i = 0; i < group->n_inputs; i++) {
    const struct vr_rate_group_input *in = &group->inputs[i];
    if (in->own && in->needed && !vr_live_members_cover(in->own, begin, end))
      return false;
  }
  return true;
}

/* Reads the group's inputs at the tick (BEGIN, END]. Have all arrived? Where
 * FORCED, it is enough that their time is over. */
static bool read_inputs(struct vr_live_guest *g, struct vr_rate_group *group,
                        vr_time begin, vr_time end, bool forced) {
  if (!forced && !is_covered(group, begin, end))
    return false;
  for (unsigned i = 0; i < group->n_inputs; i++) {
    struct vr_rate_group_input *in = &group->inputs[i];
    bool covered = true;
    if (in->own)
      in->value = in->no_mean ? vr_series_level_at(&in->own->series, end)
                              : vr_live_members_mean(in->own, begin, end);
    else
      in->value = vr_live_host_mean(
          g->on, g->catalog->signals[in->signal]->text, begin, end, &covered);
    if (!covered && !forced)
      return false;
  }
  return true;
}

static bool all_unknown(const struct vr_rate_group *group) {
  for (unsigned i = 0; i < group->n_inputs; i++)
    if (isfinite(group->inputs[i].value))
      return false;
  return true;
}

/* --- one model --- */

/* The sum of the signals of A's regime; NAN where it is not known. */
static double regime_sum(const struct vr_rate_group *group,
                         const struct vr_active *a) {
  double sum = 0;
  if (!a->regime)
    return NAN;
  for (size_t s = 0; s < a->model->model->intervals.regime.n_signals; s++)
    sum += group->inputs[a->regime[s]].value;
  return sum;
}

static struct vr_run_value step_active(const struct vr_rate_group *group,
                                       struct vr_active *a, double regime,
                                       const struct vr_guest_size *size) {
  const struct vr_model *m = a->model->model;
  const uint32_t *at = a->inputs;
  double sums[VR_MODEL_MAX_INPUTS];
  for (size_t i = 0; i < m->n_inputs; i++) {
    const struct vr_model_input *in = &m->inputs[i];
    double busy = 0;
    size_t s = 0;
    sums[i] = 0;
    for (; s < in->n_signals - in->n_busy; s++)
      sums[i] += group->inputs[*at++].value;
    for (; s < in->n_signals; s++)
      busy += group->inputs[*at++].value;
    if (in->n_busy > 0)
      sums[i] = vr_model_over_idle(sums[i], busy, size);
  }
  vr_run_set_regime(a->run, regime);
  return vr_run_step(a->run, sums, size);
}

/* V without what must not pass for the guest's: what an inferred model gives
 * out of its training range, or where it was never validated, and what a law
 * gives that the guest's own values have shown to be wrong. */
static struct vr_run_value withhold(const struct vr_active *a,
                                    const struct vr_run_value *v,
                                    const struct vr_verdict *verdict) {
  bool inferred = a->model->model->provenance == VR_INFERRED;
  if (!(v->out_of_range && inferred) && !(verdict && verdict->withheld))
    return *v;
  return (struct vr_run_value){NAN,   NAN,      NAN,
                               false, inferred, .has_bounds = false};
}

/* --- what is to be published --- */

/* A tick that is being computed. */
struct tick {
  struct vr_live_guest *guest;
  const struct vr_rate_group *group;
  vr_time end, overdue; /* when the next one is */
  struct vr_guest_size size;
};

/* V is what is published until the next tick of A is there. */
static void hold(const struct tick *t, const struct vr_active *a,
                 const struct vr_run_value *v, struct vr_held *h) {
  const struct vr_model *m = a->model->model;
  h->end = t->end;
  h->until = t->group->step > a->interval ? t->overdue : t->end + a->interval;
  h->interval = a->interval;
  h->value = *v;
  h->provenance = m->provenance;
  h->fit = v->settled ? m->fit.free_run : NAN;
  h->has_interval = false;
  h->is_law = m->structure == VR_LOAD_LAW;
}

/* Lets what is published of a counter be compared with the guest's own values:
 * whether they lie in the interval I, or how near they come to a law's V. */
static void predict(const struct tick *t, const struct vr_active *a,
                    const struct vr_run_value *v, const struct vr_interval *i) {
  const struct vr_model *m = a->model->model;
  struct vr_prediction p = {t->end - t->group->step, t->end, i->lower, i->upper,
                            NAN};
  if (m->provenance == VR_DERIVED && v->settled) {
    p.lower = -INFINITY;
    p.upper = INFINITY;
    p.value = v->value;
  }
  if (t->guest->drift && (isfinite(p.lower) || isfinite(p.value)))
    vr_live_drift_predict(t->guest->drift, m->counter, &p);
}

/* Holds V, or NAN where it is withheld, with its interval. */
static void hold_published(const struct tick *t, const struct vr_active *a,
                           const struct vr_run_value *v, double regime) {
  struct vr_live_guest *g = t->guest;
  const struct vr_model *m = a->model->model;
  struct vr_held *h = &g->held[m->counter];
  const struct vr_verdict *verdict = vr_live_law_verdict(g, a);
  struct vr_run_value kept = withhold(a, v, verdict);
  hold(t, a, &kept, h);
  h->has_interval = m->intervals.level != 0;
  h->bounds = vr_model_interval(m, kept.value, regime, &t->size);
  if (verdict)
    h->fit = verdict->fit;
  predict(t, a, v, &h->bounds);
}

/* One tick of one model. */
static void compute_active(const struct tick *t, struct vr_active *a) {
  double regime = regime_sum(t->group, a);
  struct vr_run_value v = step_active(t->group, a, regime, &t->size);
  a->has_begun = a->has_begun || isfinite(v.value);
  if (!a->has_begun)
    return;
  if (a->published)
    hold_published(t, a, &v, regime);
  if (a->model_series && t->guest->held_models)
    hold(t, a, &v, &t->guest->held_models[a->model->model->counter]);
}

/* --- which ticks --- */

/* After a long silence: on to the first tick that anything is known of. */
static void skip_silence(const struct vr_live_guest *g,
                         struct vr_rate_group *group) {
  vr_time end = group->next * group->step, first = g->newest;
  for (unsigned i = 0; i < group->n_inputs; i++)
    if (group->inputs[i].own)
      first = vr_live_members_first_after(group->inputs[i].own, end, first);
  int64_t tick = vr_signal_tick_of(group->step, first);
  int64_t skipped = tick > group->next ? tick - group->next : 0;
  for (unsigned i = 0; i < group->n_active; i++)
    vr_run_skip(group->active[i].run,
                skipped < INT32_MAX ? (unsigned)skipped : INT32_MAX);
  group->next += skipped;
  group->history_n = 0;
}

static void compute_tick(struct vr_live_guest *g, struct vr_rate_group *group,
                         vr_time end, vr_time lateness) {
  const struct tick t = {.guest = g,
                         .group = group,
                         .end = end,
                         .overdue = end + group->step + lateness,
                         .size = vr_live_guest_size(g)};
  for (unsigned i = 0; i < group->n_active; i++)
    compute_active(&t, &group->active[i]);
}

/* Computes one tick, if it is due. */
static bool advance_group(struct vr_live_guest *g,
                          struct vr_live_context *context,
                          struct vr_rate_group *group) {
  vr_time end = group->next * group->step;
  if (g->newest < end || !vr_live_beats_have_reached(g, group, end))
    return false;
  vr_time lateness = vr_live_group_lateness(context, group);
  if (!read_inputs(g, group, end - group->step, end,
                   g->newest >= end + lateness))
    return false;
  vr_live_history_add(group);
  compute_tick(g, group, end, lateness);
  group->next++;
  group->empty = all_unknown(group) ? group->empty + 1 : 0;
  if (group->empty > VR_HOLD_TICKS + 1) {
    skip_silence(g, group);
    group->empty = 0;
  }
  return true;
}

/* What is computed is published before what comes after it is computed. */
static bool advance_all(struct vr_live_guest *g,
                        struct vr_live_context *context) {
  bool any = false, more;
  do {
    more = false;
    for (size_t l = 0; l < g->n_groups; l++)
      more |= advance_group(g, context, &g->groups[l]);
    more |= vr_live_beats_advance(g, context);
    any |= more;
  } while (more);
  return any;
}

/* --- after a tick --- */

/* A signal that has stopped makes room for the second choice. */
static void drop_stopped_series(struct vr_live_guest *g,
                                const struct vr_live_context *context) {
  vr_time late = context->options.allowed_lateness;
  for (size_t i = 0; i < g->n_series; i++) {
    struct vr_live_series *s = g->series[i];
    vr_time limit = s->series.form.interval * (STOPPED_INTERVALS + late);
    if (s->series.n > 0 && vr_live_members_drop(s, g->newest - limit))
      vr_live_guest_request_bind(g, g->newest);
  }
}

/* Is IN a signal of the host that has stopped? */
static bool has_host_signal_stopped(const struct vr_live_guest *g,
                                    const struct vr_rate_group_input *in) {
  return !in->own && isnan(in->value) &&
         vr_live_host_interval(g->on, g->catalog->signals[in->signal]->text,
                               g->newest) == 0;
}

/* Binds anew where a signal of the host that is an input has stopped, or there
 * is one that was not there when the guest was bound. */
static void follow_host(struct vr_live_guest *g) {
  unsigned changes = vr_live_host_changes(g->on);
  bool bind = changes != g->host_changes;
  g->host_changes = changes;
  for (size_t l = 0; l < g->n_groups && !bind; l++)
    for (unsigned i = 0; i < g->groups[l].n_inputs && !bind; i++)
      bind = has_host_signal_stopped(g, &g->groups[l].inputs[i]);
  if (bind)
    vr_live_guest_request_bind(g, g->newest);
}

void vr_live_guest_advance(struct vr_live_guest *g,
                           struct vr_live_context *context) {
  bool any = advance_all(g, context);
  if (g->n_groups == 0)
    g->ticks_since_bind++; /* values, then */
  else if (!any)
    return;
  if (g->newest != INT64_MIN) { /* else it has no time of its own yet */
    drop_stopped_series(g, context);
    follow_host(g);
  }
  vr_live_guest_describe(g, context);
  vr_live_guest_watch_range(g, context);
  vr_live_guest_watch_drift(g, context);
}
