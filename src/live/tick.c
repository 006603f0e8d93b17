/* SPDX-License-Identifier: MIT */
#include "live/tick.h"

#include "live/alarms.h"
#include "live/binding.h"
#include "live/describe.h"
#include "live/drift.h"
#include "live/guest_series.h"
#include "live/input_history.h"
#include "live/law.h"
#include "model/interval.h"

#include <math.h>

/* A signal has stopped after so many intervals and the allowed lateness. */
enum { STOPPED_INTERVALS = 3 };

/* --- its inputs --- */

static bool is_covered(const struct vr_rate_group *group, vr_time begin,
                       vr_time end) {
  for (unsigned i = 0; i < group->n_inputs; i++) {
    const struct vr_rate_group_input *in = &group->inputs[i];
    if (in->own && in->needed &&
        !vr_series_covers(&in->own->series, begin, end))
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
    in->value =
        in->own
            ? vr_series_mean(&in->own->series, begin, end)
            : vr_live_host_mean(g->on, g->catalog->signals[in->signal]->text,
                                begin, end, &covered);
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
    sums[i] = 0;
    for (size_t s = 0; s < m->inputs[i].n_signals; s++)
      sums[i] += group->inputs[*at++].value;
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

/* --- what is published --- */

/* A tick on its way to being published. */
struct tick {
  struct vr_live_guest *guest;
  const struct vr_rate_group *group;
  vr_time end;
  struct vr_guest_size size;
  struct vr_answer answer;
};

/* Fills ANSWER, which is all zero, in place: every model does it at every tick,
 * and a copy of the whole costs more than all that is in it. */
static void fill_answer(const struct tick *t, const struct vr_active *a,
                        const struct vr_run_value *v, struct vr_total *total,
                        struct vr_counter_answer *answer) {
  const struct vr_model *m = a->model->model;
  answer->present = true;
  answer->value = v->value;
  answer->provenance = m->provenance;
  answer->fit = v->settled ? m->fit.free_run : NAN;
  answer->midterm = v->midterm;
  answer->longterm = v->longterm;
  if (vr_counter_info(m->counter)->is_rate && isfinite(v->value))
    answer->total =
        vr_live_total_advance(total, v->value, t->end, t->group->step);
}

/* Puts interval I into ANSWER. */
static void add_interval(const struct tick *t, const struct vr_active *a,
                         const struct vr_interval *i,
                         struct vr_counter_answer *answer) {
  const struct vr_model *m = a->model->model;
  if (!t->guest->bound_totals || m->intervals.level == 0)
    return;
  answer->has_interval = true;
  answer->lower = i->lower;
  answer->upper = i->upper;
  if (!vr_counter_info(m->counter)->is_rate || !isfinite(answer->lower))
    return;
  struct vr_bound_totals *totals = &t->guest->bound_totals[m->counter];
  answer->lower_total =
      vr_live_total_advance(&totals->lower, i->lower, t->end, t->group->step);
  answer->upper_total =
      vr_live_total_advance(&totals->upper, i->upper, t->end, t->group->step);
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

/* Puts V, or NAN where it is withheld, with its interval into the answer. */
static void publish(struct tick *t, const struct vr_active *a,
                    const struct vr_run_value *v, double regime) {
  struct vr_live_guest *g = t->guest;
  const struct vr_model *m = a->model->model;
  const struct vr_verdict *verdict = vr_live_law_verdict(g, a);
  struct vr_run_value kept = withhold(a, v, verdict);
  struct vr_interval interval =
      vr_model_interval(m, kept.value, regime, &t->size);
  struct vr_counter_answer *answer = &t->answer.counters[m->counter];
  fill_answer(t, a, &kept, &g->totals[m->counter], answer);
  add_interval(t, a, &interval, answer);
  if (m->structure == VR_LOAD_LAW)
    vr_live_law_bracket(&kept, &t->answer.load);
  if (verdict)
    answer->fit = verdict->fit;
  predict(t, a, v, &interval);
}

/* One tick of one model. Is there anything to publish of it? */
static bool compute_active(struct tick *t, struct vr_active *a) {
  double regime = regime_sum(t->group, a);
  struct vr_run_value v = step_active(t->group, a, regime, &t->size);
  enum vr_counter c = a->model->model->counter;
  a->has_begun = a->has_begun || isfinite(v.value);
  if (!a->has_begun)
    return false;
  if (a->published)
    publish(t, a, &v, regime);
  if (a->model_series)
    fill_answer(t, a, &v, &t->guest->model_totals[c], &t->answer.models[c]);
  return true;
}

static bool is_quality_due(const struct tick *t, enum vr_counter c,
                           struct vr_quality *q, unsigned every) {
  const struct vr_counter_answer *a = &t->answer.counters[c];
  const struct vr_quality now = {.fit = a->fit,
                                 .provenance = a->provenance,
                                 .wide = c == VR_LOAD && t->answer.load.wide};
  return vr_live_quality_due(q, c, &now, t->group->next, every);
}

/* Is quality of what the group publishes to be published with this answer? */
static void mark_quality(struct tick *t, unsigned every) {
  for (unsigned i = 0; i < t->group->n_active; i++) {
    enum vr_counter c = t->group->active[i].model->model->counter;
    struct vr_counter_answer *a = &t->answer.counters[c];
    struct vr_quality *q = &t->guest->qualities[c];
    if (!t->group->active[i].published)
      continue;
    if (a->present && (!vr_counter_info(c)->is_rate || isfinite(a->value)))
      a->quality_due = is_quality_due(t, c, q, every);
    else
      q->published = false;
  }
}

static void compute_tick(struct vr_live_guest *g,
                         struct vr_live_context *context,
                         struct vr_rate_group *group, vr_time end) {
  struct tick t = {.guest = g,
                   .group = group,
                   .end = end,
                   .size = vr_live_guest_size(g),
                   .answer = {.host = g->host,
                              .guest = g->name,
                              .time = end,
                              .interval = group->step,
                              .named = atomic_load(&g->owns_name),
                              .has_models = context->options.model_series}};
  bool any = false;
  for (unsigned i = 0; i < group->n_active; i++)
    any |= compute_active(&t, &group->active[i]);
  if (end > g->computed_until)
    g->computed_until = end;
  if (!any)
    return;
  if (end <= g->standby_until) {
    vr_live_quality_forget(g->qualities);
    return;
  }
  if (!g->has_published)
    vr_live_hosts_settle(context->hosts, g->on, &g->newcomer);
  g->has_published = true;
  mark_quality(&t, context->options.quality_every);
  context->options.answer(context->options.user, &t.answer);
}

/* --- which ticks --- */

/* The time of the first sample in S later than END; LIMIT if that is earlier.
 */
static vr_time first_after(const struct vr_series *s, vr_time end,
                           vr_time limit) {
  for (unsigned k = 0; k < s->n; k++) {
    vr_time t = s->samples[s->at + k].time;
    if (t > end)
      return t < limit ? t : limit;
  }
  return limit;
}

/* After a long silence: on to the first tick that anything is known of. */
static void skip_silence(const struct vr_live_guest *g,
                         struct vr_rate_group *group) {
  vr_time end = group->next * group->step, first = g->newest;
  for (unsigned i = 0; i < group->n_inputs; i++)
    if (group->inputs[i].own)
      first = first_after(&group->inputs[i].own->series, end, first);
  int64_t tick = vr_signal_tick_of(group->step, first);
  int64_t skipped = tick > group->next ? tick - group->next : 0;
  for (unsigned i = 0; i < group->n_active; i++)
    vr_run_skip(group->active[i].run,
                skipped < INT32_MAX ? (unsigned)skipped : INT32_MAX);
  group->next += skipped;
  group->history_n = 0;
}

/* How long after a tick's end its late values are waited for. */
static vr_time allowed_lateness(const struct vr_live_context *context,
                                const struct vr_rate_group *group) {
  vr_time longest = 0;
  for (unsigned i = 0; i < group->n_inputs; i++)
    if (group->inputs[i].own && group->inputs[i].needed &&
        group->inputs[i].own->series.form.interval > longest)
      longest = group->inputs[i].own->series.form.interval;
  return longest * context->options.allowed_lateness;
}

static void advance_group(struct vr_live_guest *g,
                          struct vr_live_context *context,
                          struct vr_rate_group *group) {
  for (;;) {
    vr_time end = group->next * group->step;
    if (g->newest < end)
      return;
    bool forced = g->newest >= end + allowed_lateness(context, group);
    if (!read_inputs(g, group, end - group->step, end, forced))
      return;
    vr_live_history_add(group);
    compute_tick(g, context, group, end);
    g->ticks_since_bind++;
    group->next++;
    group->empty = all_unknown(group) ? group->empty + 1 : 0;
    if (group->empty > VR_HOLD_TICKS + 1) {
      skip_silence(g, group);
      group->empty = 0;
    }
  }
}

/* --- after a tick --- */

/* A signal that has stopped makes room for the second choice. */
static void drop_stopped_series(struct vr_live_guest *g,
                                const struct vr_live_context *context) {
  vr_time late = context->options.allowed_lateness;
  for (size_t i = 0; i < g->n_series; i++) {
    struct vr_series *s = &g->series[i]->series;
    vr_time limit = s->form.interval * (STOPPED_INTERVALS + late);
    if (s->n > 0 && g->newest - vr_series_newest(s) > limit) {
      vr_series_empty(s);
      vr_live_guest_request_bind(g, g->newest);
    }
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
  unsigned before = g->ticks_since_bind;
  for (size_t l = 0; l < g->n_groups; l++)
    advance_group(g, context, &g->groups[l]);
  if (g->n_groups == 0)
    g->ticks_since_bind++; /* values, then */
  if (g->ticks_since_bind == before)
    return;
  drop_stopped_series(g, context);
  follow_host(g);
  vr_live_guest_describe(g, context);
  vr_live_guest_watch_range(g, context);
  vr_live_guest_watch_drift(g, context);
}
