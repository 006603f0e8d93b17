/* SPDX-License-Identifier: MIT */
#include "live/guest.h"

#include "basic/log.h"
#include "model/interval.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of whoever else answers. */
#define LONGEST_TICK (3600 * VR_SECOND)

enum {
  /* Samples that a series keeps besides those of one tick and of patience. */
  SPARE_SAMPLES = 6,
  /* A sample that is older than the newest by this many intervals is not late
   * but from another time: a clock was set. */
  STALE_INTERVALS = 30,
  /* So many counters that were higher before mean that it was. */
  SET_BACK_SAMPLES = 2,
  /* A guest of which its host has said nothing for so many begins anew. */
  SILENCE = 10,
};

struct vr_live_guest *vr_live_guest_new(const char *key, size_t key_length,
                                        struct vr_live_context *context,
                                        struct vr_catalog *catalog) {
  struct vr_live_guest *g = calloc(1, sizeof(*g));
  char *copy = malloc(key_length);
  if (!g || !copy || !(g->on = vr_live_hosts_enter(context->hosts, key))) {
    free(g);
    free(copy);
    return NULL;
  }
  memcpy(copy, key, key_length);
  g->key = copy;
  g->key_length = key_length;
  g->host = copy;
  g->name = copy + strlen(copy) + 1;
  g->newest = g->born = g->answered = INT64_MIN;
  g->catalog = vr_live_catalog_ref(catalog);
  pthread_mutex_init(&g->lock, NULL);
  return g;
}

void vr_live_saved_guest_free(struct vr_saved_guest *saved) {
  if (!saved)
    return;
  for (size_t i = 0; i < saved->n_runs; i++)
    free(saved->runs[i].values);
  free(saved->runs);
  free(saved->key);
  free(saved);
}

void vr_live_guest_free(struct vr_live_guest *g,
                        struct vr_live_context *context) {
  vr_live_guest_clear_groups(g, context);
  for (size_t i = 0; i < g->n_series; i++) {
    vr_series_clear(&g->series[i]->series);
    free(g->series[i]);
  }
  free(g->series);
  vr_live_saved_guest_free(g->saved);
  free(g->bound_totals);
  vr_live_drift_free(g->drift);
  vr_live_catalog_unref(g->catalog);
  vr_live_hosts_leave(context->hosts, g->on);
  pthread_mutex_destroy(&g->lock);
  free(g->key);
  free(g);
}

/* --- signals --- */

/* Where signal is or would be among the guest's series. */
static size_t series_place(const struct vr_live_guest *g, uint32_t signal) {
  size_t low = 0, high = g->n_series;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (g->series[middle]->signal < signal)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct vr_live_series *vr_live_guest_find_series(const struct vr_live_guest *g,
                                                 uint32_t signal) {
  size_t i = series_place(g, signal);
  return i < g->n_series && g->series[i]->signal == signal ? g->series[i]
                                                           : NULL;
}

double vr_live_guest_latest(const struct vr_live_guest *g, uint32_t signal) {
  const struct vr_live_series *s = vr_live_guest_find_series(g, signal);
  if (!s || s->series.n == 0 || s->series.form.kind != VR_GAUGE)
    return NAN;
  return s->series.samples[s->series.at + s->series.n - 1].value.gauge;
}

vr_time vr_live_guest_interval(const struct vr_live_guest *g) {
  vr_time longest = 0;
  for (size_t i = 0; i < g->n_series; i++)
    if (g->series[i]->series.form.interval > longest)
      longest = g->series[i]->series.form.interval;
  return longest;
}

struct vr_guest_size vr_live_guest_size(const struct vr_live_guest *g) {
  return (struct vr_guest_size){
      .vcpus = vr_live_guest_latest(g, VR_SIGNAL_VCPUS),
      .gib = vr_live_guest_latest(g, VR_SIGNAL_MEMORY) / (double)(1 << 30),
  };
}

static struct vr_live_series *add_series(struct vr_live_guest *g,
                                         uint32_t signal,
                                         const struct vr_signal_form *form,
                                         unsigned capacity) {
  if (g->n_series == g->series_size) {
    size_t size = g->series_size ? 2 * g->series_size : 16;
    void *p = realloc(g->series, size * sizeof(struct vr_live_series *));
    if (!p)
      return NULL;
    g->series = p;
    g->series_size = size;
  }
  struct vr_live_series *s = calloc(1, sizeof(*s));
  if (!s || vr_series_init(&s->series, form, capacity) < 0) {
    free(s);
    return NULL;
  }
  s->signal = signal;
  size_t at = series_place(g, signal);
  memmove(g->series + at + 1, g->series + at,
          (g->n_series - at) * sizeof(struct vr_live_series *));
  g->series[at] = s;
  g->n_series++;
  return s;
}

/* What comes next is said as if it were new. */
static void forget_qualities(struct vr_live_guest *g) {
  for (int c = 0; c < VR_COUNTERS; c++)
    g->qualities[c].said = false;
}

/* The guest's time begins anew: a clock was set. Models start at rest. */
static void reset_time(struct vr_live_guest *g, vr_time now) {
  vr_log_notice("guest %s on %s: time went from %.3f to %.3f, starting anew",
                g->name, g->host, vr_signal_seconds_of_time(g->newest),
                vr_signal_seconds_of_time(now));
  for (size_t i = 0; i < g->n_series; i++)
    vr_series_empty(&g->series[i]->series);
  g->newest = g->born = now;
  g->inherited = false;
  forget_qualities(g);
  g->stale = g->set_back = 0;
  g->bind_after = now;
  g->silent_until = 0;
  g->answered = INT64_MIN;
  g->range_alarm.opposite = g->drift_alarm.opposite = false;
  for (size_t l = 0; l < g->n_lanes; l++) {
    g->lanes[l].next = vr_signal_tick_of(g->lanes[l].step, now);
    g->lanes[l].history_n = 0;
  }
  for (int c = 0; c < VR_COUNTERS; c++)
    g->totals[c].last = g->model_totals[c].last = 0;
  for (int c = 0; g->bound_totals && c < VR_COUNTERS; c++)
    g->bound_totals[c].lower.last = g->bound_totals[c].upper.last = 0;
}

/* Is the sample from another time than the guest's others? Then it is dropped,
 * until there are so many that it must be the time that has changed. */
static bool from_another_time(struct vr_live_guest *g, vr_time time,
                              vr_time interval, unsigned patience) {
  vr_time limit = (STALE_INTERVALS + (vr_time)patience) * interval;
  if (g->newest == INT64_MIN || time >= g->newest - limit) {
    g->stale = 0;
    return false;
  }
  if (++g->stale <= 2 * g->n_series)
    return true;
  reset_time(g, time);
  return false;
}

/* Has the clock that stamps the series been set back by a little, so that its
 * counter was higher at an earlier time? A sample that says so is dropped; the
 * second in a row of the guest means it. */
static bool was_set_back(struct vr_live_guest *g, const struct vr_series *s,
                         const struct vr_arrival *arrival) {
  vr_time time = arrival->sample.time;
  if (!vr_series_contradicts(s, &arrival->sample)) {
    if (s->n > 0 && time > vr_series_newest(s))
      g->set_back = 0;
    return false;
  }
  if (++g->set_back < SET_BACK_SAMPLES)
    return true;
  reset_time(g, time);
  return false;
}

/* Is the tick that the sample belongs to computed already, on every lane? */
static bool too_late(const struct vr_live_guest *g, vr_time time) {
  for (size_t l = 0; l < g->n_lanes; l++)
    if (time > (g->lanes[l].next - 1) * g->lanes[l].step)
      return false;
  return g->n_lanes > 0;
}

/* Series without a host do not make the guest's time go on: once it has left,
 * they are no sign of life, and its runs stay as they were when it left. */
static void note_time(struct vr_live_guest *g,
                      const struct vr_arrival *arrival) {
  vr_time time = arrival->sample.time;
  if (!arrival->host_told)
    return;
  if (g->newest == INT64_MIN ||
      time - g->newest > SILENCE * arrival->interval) {
    g->born = time;
    g->inherited = false;
    forget_qualities(g);
  }
  if (time > g->newest)
    g->newest = time;
}

static void ask_to_bind(struct vr_live_guest *g, vr_time after) {
  g->bind = true;
  g->bind_after = after;
}

/* The series of the signal, made if there is none and there is a use for it.
 * NULL with *ret_error. */
static struct vr_live_series *series_of(struct vr_live_guest *g,
                                        struct vr_live_context *context,
                                        const struct vr_arrival *arrival,
                                        int *ret_error) {
  const struct vr_signal_form form = {.kind = arrival->kind,
                                      .interval = arrival->interval};
  struct vr_live_series *s = vr_live_guest_find_series(g, arrival->signal);
  *ret_error = 0;
  if (s)
    return s;
  if (!g->catalog->signals[arrival->signal]->wanted &&
      !vr_may_remember(context))
    return NULL;
  s = add_series(g, arrival->signal, &form,
                 context->options.patience + SPARE_SAMPLES + 2);
  if (!s)
    *ret_error = -ENOMEM;
  return s;
}

/* Its samples are of another kind or come at another distance from now on. */
static void follow_form(struct vr_series *s, const struct vr_arrival *arrival) {
  if (s->form.interval == arrival->interval && s->form.kind == arrival->kind)
    return;
  vr_series_empty(s);
  s->form = (struct vr_signal_form){.kind = arrival->kind,
                                    .interval = arrival->interval};
}

int vr_live_guest_add(struct vr_live_guest *g, struct vr_live_context *context,
                      struct vr_catalog *catalog,
                      const struct vr_arrival *arrival) {
  vr_time time = arrival->sample.time;
  if (g->catalog != catalog &&
      vr_live_guest_change_catalog(g, context, catalog) < 0)
    return -ENOMEM;
  if (from_another_time(g, time, arrival->interval, context->options.patience))
    return 0;
  if (g->bind && time > g->bind_after && vr_live_guest_bind(g, context) < 0)
    return -ENOMEM;

  int error;
  struct vr_live_series *s = series_of(g, context, arrival, &error);
  if (!s)
    return error;
  follow_form(&s->series, arrival);
  if (was_set_back(g, &s->series, arrival))
    return 0;
  bool reserved = arrival->signal < VR_RESERVED_SIGNALS;
  double before = reserved ? vr_live_guest_latest(g, arrival->signal) : 0;
  bool is_new = s->series.n == 0; /* or is back */
  if (too_late(g, time))
    atomic_fetch_add_explicit(&context->late, 1, memory_order_relaxed);
  vr_series_add(&s->series, &arrival->sample);
  note_time(g, arrival);
  if (is_new ||
      (reserved && vr_live_guest_latest(g, arrival->signal) != before))
    ask_to_bind(g, time);
  return 0;
}

int vr_live_guest_add_own(struct vr_live_guest *g, unsigned i,
                          enum vr_kind kind, vr_time interval,
                          const struct vr_sample *sample) {
  if (!g->drift)
    g->drift = vr_live_drift_new();
  return g->drift ? vr_live_drift_add(g->drift, i, kind, interval, sample)
                  : -ENOMEM;
}

/* What somebody says who is ahead of the guest's time counts as of now: one
 * wrong stamp must not silence for days. So long as nothing was heard of the
 * guest there is no now, and nothing to be silent of. */
void vr_live_guest_standby(struct vr_live_guest *g,
                           const struct vr_live_context *context, vr_time time,
                           vr_time interval) {
  if (g->newest == INT64_MIN)
    return;
  interval = interval < LONGEST_TICK ? interval : LONGEST_TICK;
  vr_time latest =
      g->newest + (3 + (vr_time)context->options.patience) * interval;
  vr_time until = (time < latest ? time : latest) + 3 * interval;
  if (until > g->silent_until)
    g->silent_until = until;
}

/* --- ticks --- */

/* Reads the lane's inputs at the tick (BEGIN, END]. Have all arrived? */
static bool read_inputs(struct vr_live_guest *g, struct vr_rate_group *lane,
                        vr_time begin, vr_time end, bool at_any_price) {
  for (unsigned i = 0; i < lane->n_inputs && !at_any_price; i++) {
    const struct vr_rate_group_input *in = &lane->inputs[i];
    if (in->own && in->needed &&
        !vr_series_covers(&in->own->series, begin, end))
      return false;
  }
  for (unsigned i = 0; i < lane->n_inputs; i++) {
    struct vr_rate_group_input *in = &lane->inputs[i];
    bool covered = true;
    in->value =
        in->own
            ? vr_series_mean(&in->own->series, begin, end)
            : vr_live_host_mean(g->on, g->catalog->signals[in->signal]->text,
                                begin, end, &covered);
    if (!covered && !at_any_price)
      return false;
  }
  return true;
}

static void remember_inputs(struct vr_rate_group *lane) {
  for (unsigned i = 0; i < lane->n_inputs; i++)
    if (lane->inputs[i].history)
      lane->inputs[i].history[lane->history_at] = lane->inputs[i].value;
  lane->history_at = (lane->history_at + 1) % VR_HISTORY_TICKS;
  if (lane->history_n < VR_HISTORY_TICKS)
    lane->history_n++;
}

/* The sum of the signals that tell A's regime; NAN where they do not. */
static double regime_sum(const struct vr_rate_group *lane,
                         const struct vr_active *a) {
  double sum = 0;
  if (!a->regime)
    return NAN;
  for (size_t s = 0; s < a->model->model->intervals.regime.n_signals; s++)
    sum += lane->inputs[a->regime[s]].value;
  return sum;
}

static struct vr_run_value step_active(const struct vr_rate_group *lane,
                                       struct vr_active *a, double regime,
                                       const struct vr_guest_size *size) {
  const struct vr_model *m = a->model->model;
  const uint32_t *at = a->inputs;
  double sums[VR_MODEL_MAX_INPUTS];
  for (size_t i = 0; i < m->n_inputs; i++) {
    sums[i] = 0;
    for (size_t s = 0; s < m->inputs[i].n_signals; s++)
      sums[i] += lane->inputs[*at++].value;
  }
  vr_run_set_regime(a->run, regime);
  return vr_run_step(a->run, sums, size);
}

/* Lets the total rise as the rate says; one below zero is none. */
static int64_t advance_total(struct vr_total *t, double rate, vr_time now,
                             vr_time step) {
  vr_time since = t->last > 0 && t->last < now ? now - t->last : step;
  double rise = fmax(rate, 0) * vr_signal_seconds_of_time(since) + t->fraction;
  double whole = floor(rise);
  if (!(whole >= 0 && whole < 9e18))
    whole = 0;
  t->total = (int64_t)((uint64_t)t->total + (uint64_t)whole);
  t->fraction = rise - whole < 1 ? rise - whole : 0;
  t->last = now;
  return t->total;
}

/* Puts interval I into ANSWER. */
static void add_interval(struct vr_counter_answer *answer,
                         const struct vr_active *a, const struct vr_interval *i,
                         struct vr_bound_totals *totals, vr_time now,
                         vr_time step) {
  const struct vr_model *m = a->model->model;
  if (!totals || m->intervals.level == 0)
    return;
  answer->has_interval = true;
  answer->lower = i->lower;
  answer->upper = i->upper;
  if (!vr_counter_info(m->counter)->is_rate || !isfinite(answer->lower))
    return;
  totals += m->counter;
  answer->lower_total = advance_total(&totals->lower, i->lower, now, step);
  answer->upper_total = advance_total(&totals->upper, i->upper, now, step);
}

/* V without what must not pass for the guest's: what an inferred model says
 * that is outside what it was trained on, or where it was never validated. */
static struct vr_run_value withhold(const struct vr_active *a,
                                    const struct vr_run_value *v) {
  if (!v->out || a->model->model->provenance != VR_INFERRED)
    return *v;
  return (struct vr_run_value){NAN, NAN, NAN, false, true};
}

static struct vr_counter_answer make_answer(const struct vr_active *a,
                                            const struct vr_run_value *v,
                                            struct vr_total *total, vr_time now,
                                            vr_time step) {
  const struct vr_model *m = a->model->model;
  struct vr_counter_answer answer = {
      .present = true,
      .value = v->value,
      .provenance = m->provenance,
      .fit = v->settled ? m->fit.free_run : NAN,
      .midterm = v->midterm,
      .longterm = v->longterm,
  };
  if (vr_counter_info(m->counter)->is_rate && isfinite(v->value))
    answer.total = advance_total(total, v->value, now, step);
  return answer;
}

/* Marks what of the lane's counters is known, and whether it is time to say how
 * good it is. */
static void mark_quality(struct vr_live_guest *g,
                         const struct vr_rate_group *lane, unsigned every,
                         struct vr_answer *answer) {
  for (unsigned i = 0; i < lane->n_active; i++) {
    enum vr_counter c = lane->active[i].model->model->counter;
    struct vr_counter_answer *a = &answer->counters[c];
    if (!lane->active[i].published)
      continue;
    if (a->present && (!vr_counter_info(c)->is_rate || isfinite(a->value)))
      a->quality_due = vr_live_quality_due(&g->qualities[c], c, a->provenance,
                                           a->fit, lane->next, every);
    else
      g->qualities[c].said = false;
  }
}

static void compute_tick(struct vr_live_guest *g,
                         struct vr_live_context *context,
                         struct vr_rate_group *lane, vr_time end) {
  struct vr_answer answer = {.host = g->host,
                             .guest = g->name,
                             .time = end,
                             .interval = lane->step,
                             .named = atomic_load(&g->named),
                             .has_models = context->options.model_series};
  struct vr_guest_size size = vr_live_guest_size(g);
  bool any = false;
  for (unsigned i = 0; i < lane->n_active; i++) {
    struct vr_active *a = &lane->active[i];
    double regime = regime_sum(lane, a);
    struct vr_run_value v = step_active(lane, a, regime, &size);
    enum vr_counter c = a->model->model->counter;
    struct vr_run_value kept = withhold(a, &v);
    struct vr_interval interval =
        vr_model_interval(a->model->model, kept.value, regime, &size);
    a->spoke = a->spoke || isfinite(v.value);
    if (!a->spoke)
      continue;
    if (a->published)
      answer.counters[c] =
          make_answer(a, &kept, &g->totals[c], end, lane->step);
    if (a->published)
      add_interval(&answer.counters[c], a, &interval, g->bound_totals, end,
                   lane->step);
    if (a->published && g->drift && isfinite(interval.lower)) {
      const struct vr_prediction prediction = {end - lane->step, end,
                                               interval.lower, interval.upper};
      vr_live_drift_predict(g->drift, c, &prediction);
    }
    if (a->shown)
      answer.models[c] =
          make_answer(a, &v, &g->model_totals[c], end, lane->step);
    any = true;
  }
  if (end > g->answered)
    g->answered = end;
  if (!any)
    return;
  if (end <= g->silent_until) {
    forget_qualities(g);
    return;
  }
  mark_quality(g, lane, context->options.quality_every, &answer);
  context->options.answer(context->options.user, &answer);
}

static bool all_unknown(const struct vr_rate_group *lane) {
  for (unsigned i = 0; i < lane->n_inputs; i++)
    if (isfinite(lane->inputs[i].value))
      return false;
  return true;
}

/* After a long silence: the first tick that anything is known of. */
static void skip_silence(const struct vr_live_guest *g,
                         struct vr_rate_group *lane) {
  vr_time end = lane->next * lane->step, first = g->newest;
  for (unsigned i = 0; i < lane->n_inputs; i++) {
    if (!lane->inputs[i].own)
      continue;
    const struct vr_series *s = &lane->inputs[i].own->series;
    for (unsigned k = 0; k < s->n; k++) {
      vr_time t = s->samples[s->at + k].time;
      if (t > end && t < first)
        first = t;
    }
  }
  int64_t tick = vr_signal_tick_of(lane->step, first);
  if (tick > lane->next)
    lane->next = tick;
  lane->history_n = 0;
}

/* How long after a tick's end its late values are waited for. */
static vr_time patience(const struct vr_live_context *context,
                        const struct vr_rate_group *lane) {
  vr_time longest = 0;
  for (unsigned i = 0; i < lane->n_inputs; i++)
    if (lane->inputs[i].own && lane->inputs[i].needed &&
        lane->inputs[i].own->series.form.interval > longest)
      longest = lane->inputs[i].own->series.form.interval;
  return longest * context->options.patience;
}

static void advance_lane(struct vr_live_guest *g,
                         struct vr_live_context *context,
                         struct vr_rate_group *lane) {
  for (;;) {
    vr_time end = lane->next * lane->step;
    if (g->newest < end)
      return;
    bool forced = g->newest >= end + patience(context, lane);
    if (!read_inputs(g, lane, end - lane->step, end, forced))
      return;
    remember_inputs(lane);
    compute_tick(g, context, lane, end);
    g->ticks_since_bind++;
    lane->next++;
    lane->empty = all_unknown(lane) ? lane->empty + 1 : 0;
    if (lane->empty > VR_HOLD_TICKS + 1) {
      skip_silence(g, lane);
      lane->empty = 0;
    }
  }
}

/* A signal that has stopped makes room for the second choice. */
static void drop_dead_series(struct vr_live_guest *g,
                             struct vr_live_context *context) {
  for (size_t i = 0; i < g->n_series; i++) {
    struct vr_series *s = &g->series[i]->series;
    vr_time limit = s->form.interval * (3 + (vr_time)context->options.patience);
    if (s->n > 0 && g->newest - vr_series_newest(s) > limit) {
      vr_series_empty(s);
      ask_to_bind(g, g->newest);
    }
  }
}

/* A signal of the host that an input is made of has stopped, or there is one
 * that was not there when the guest was bound. */
static void follow_host(struct vr_live_guest *g) {
  unsigned changes = vr_live_host_changes(g->on);
  bool bind = changes != g->host_changes;
  g->host_changes = changes;
  for (size_t l = 0; l < g->n_lanes && !bind; l++)
    for (unsigned i = 0; i < g->lanes[l].n_inputs && !bind; i++) {
      const struct vr_rate_group_input *in = &g->lanes[l].inputs[i];
      bind = !in->own && isnan(in->value) &&
             vr_live_host_interval(g->on, g->catalog->signals[in->signal]->text,
                                   g->newest) == 0;
    }
  if (bind)
    ask_to_bind(g, g->newest);
}

void vr_live_guest_advance(struct vr_live_guest *g,
                           struct vr_live_context *context) {
  unsigned before = g->ticks_since_bind;
  for (size_t l = 0; l < g->n_lanes; l++)
    advance_lane(g, context, &g->lanes[l]);
  if (g->n_lanes == 0)
    g->ticks_since_bind++; /* values, then */
  if (g->ticks_since_bind == before)
    return;
  drop_dead_series(g, context);
  follow_host(g);
  vr_live_guest_describe(g, context);
  vr_live_guest_watch_range(g, context);
  vr_live_guest_watch_drift(g, context);
}
