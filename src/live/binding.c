/* SPDX-License-Identifier: MIT
 *
 * Which models run on a guest: chosen anew when its signals, its size, its
 * accelerator or the catalog change, and not at any other time.
 */
#include "basic/cleanup.h"
#include "basic/log.h"
#include "live/guest.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A model's step may be this many times its inputs' interval. */
enum { MAX_SAMPLES_A_TICK = 1000 };

static void active_clear(struct vr_active *a) {
  vr_run_free(a->run);
  free(a->inputs);
  free(a->regime);
}

static void history_free(struct vr_live_context *context, double *history) {
  if (!history)
    return;
  atomic_fetch_add(&context->history_left, VR_HISTORY_BYTES);
  free(history);
}

static double *history_new(struct vr_live_context *context) {
  size_t size = VR_HISTORY_BYTES;
  size_t left = atomic_load(&context->history_left);
  do {
    if (left < size)
      return NULL;
  } while (!atomic_compare_exchange_weak(&context->history_left, &left,
                                         left - size));
  double *history = malloc(size);
  if (!history) {
    atomic_fetch_add(&context->history_left, size);
    return NULL;
  }
  for (int i = 0; i < VR_HISTORY_TICKS; i++)
    history[i] = NAN;
  return history;
}

static void lanes_free(struct vr_live_context *context,
                       struct vr_rate_group *lanes, size_t n) {
  for (size_t l = 0; l < n; l++) {
    for (unsigned i = 0; i < lanes[l].n_inputs; i++)
      history_free(context, lanes[l].inputs[i].history);
    for (unsigned i = 0; i < lanes[l].n_active; i++)
      active_clear(&lanes[l].active[i]);
    free(lanes[l].inputs);
    free(lanes[l].active);
  }
  free(lanes);
}

void vr_live_guest_clear_groups(struct vr_live_guest *g,
                                struct vr_live_context *context) {
  lanes_free(context, g->lanes, g->n_lanes);
  g->lanes = NULL;
  g->n_lanes = 0;
}

/* --- can it run? --- */

/* Interval of a signal of the guest or its host; 0 if it is not there. */
static vr_time signal_interval(const struct vr_live_guest *g, uint32_t signal) {
  const struct vr_catalog_signal *s = g->catalog->signals[signal];
  if (!vr_signal_pattern_has_guest(&s->pattern))
    return vr_live_host_interval(g->on, s->text, g->newest);
  const struct vr_live_series *own = vr_live_guest_find_series(g, signal);
  return own && own->series.n > 0 ? own->series.form.interval : 0;
}

/* The intervals of a model's signals; 0 if one is not there. */
struct intervals {
  vr_time longest, shortest;
};

static struct intervals model_intervals(const struct vr_live_guest *g,
                                        const struct vr_catalog_model *m) {
  struct intervals found = {0, INT64_MAX};
  for (size_t i = 0; i < vr_live_catalog_model_signals(m); i++) {
    vr_time interval = signal_interval(g, m->signals[i]);
    if (interval == 0)
      return (struct intervals){0, 0};
    found.longest = interval > found.longest ? interval : found.longest;
    found.shortest = interval < found.shortest ? interval : found.shortest;
  }
  return found;
}

/* Can values that come every INTERVAL be averaged to ticks of STEP? A hundredth
 * for intervals that no clock can express exactly. */
static bool too_coarse(vr_time interval, vr_time step) {
  return interval > step + step / 100;
}
static bool too_fine(vr_time interval, vr_time step) {
  return step / interval > MAX_SAMPLES_A_TICK;
}

static bool knows_size(const struct vr_live_guest *g,
                       const struct vr_model *m) {
  struct vr_guest_size size = vr_live_guest_size(g);
  bool vcpu = m->output.per == VR_PER_VCPU, gib = m->output.per == VR_PER_GIB;
  for (size_t i = 0; i < m->n_inputs; i++) {
    vcpu = vcpu || m->inputs[i].per == VR_PER_VCPU;
    gib = gib || m->inputs[i].per == VR_PER_GIB;
  }
  return (!vcpu || size.vcpus > 0) && (!gib || size.gib > 0);
}

const char *vr_live_guest_refuses(const struct vr_live_guest *g,
                                  const struct vr_catalog_model *m) {
  enum vr_accelerator wanted = m->model->accelerator;
  if (!vr_live_catalog_model_is_for(m, g->name))
    return "made for other guests";
  if (wanted != VR_ACCEL_ANY) {
    double accelerator = vr_live_guest_latest(g, VR_SIGNAL_ACCELERATOR);
    if (isnan(accelerator))
      return "accelerator not known";
    if (accelerator != (double)wanted)
      return "made for another accelerator";
  }
  struct intervals intervals = model_intervals(g, m);
  if (intervals.longest == 0)
    return "inputs missing";
  if (!knows_size(g, m->model))
    return "size of the guest not known";
  vr_time step = m->step > 0 ? m->step : intervals.longest;
  if (too_coarse(intervals.longest, step))
    return "values come less often than its step";
  if (too_fine(intervals.shortest, step))
    return "values come far more often than its step";
  return NULL;
}

/* --- choosing --- */

struct choice {
  const struct vr_catalog_model *model;
  vr_time step;
  bool published, shown;
};

struct choices {
  size_t n;
  struct choice items[2 * VR_COUNTERS];
};

static void choose(const struct vr_live_guest *g, struct choices *choices,
                   const struct vr_catalog_model *m, bool published) {
  for (size_t i = 0; i < choices->n; i++)
    if (choices->items[i].model == m) {
      choices->items[i].published |= published;
      choices->items[i].shown |= !published;
      return;
    }
  choices->items[choices->n++] = (struct choice){
      .model = m,
      .step = m->step > 0 ? m->step : model_intervals(g, m).longest,
      .published = published,
      .shown = !published,
  };
}

static void choose_all(const struct vr_live_guest *g,
                       const struct vr_live_context *context,
                       struct choices *choices) {
  const struct vr_catalog *c = g->catalog;
  for (int k = 0; k < VR_COUNTERS; k++) {
    bool published = false, shown = !context->options.model_series;
    for (size_t i = 0; i < c->n_candidates[k] && !(published && shown); i++) {
      const struct vr_catalog_model *m = &c->models[c->candidates[k][i]];
      bool publish = !published && m->publishable;
      bool show = !shown && m->model->provenance == VR_INFERRED;
      if ((!publish && !show) || vr_live_guest_refuses(g, m))
        continue;
      if (publish)
        choose(g, choices, m, true);
      if (show)
        choose(g, choices, m, false);
      published |= publish;
      shown |= show;
    }
  }
}

/* --- lanes --- */

static struct vr_rate_group *find_lane(struct vr_rate_group *lanes, size_t n,
                                       vr_time step) {
  for (size_t l = 0; l < n; l++)
    if (lanes[l].step == step)
      return &lanes[l];
  return NULL;
}

static int lane_input(struct vr_rate_group *lane, const struct vr_live_guest *g,
                      uint32_t signal) {
  for (unsigned i = 0; i < lane->n_inputs; i++)
    if (lane->inputs[i].signal == signal)
      return (int)i;
  void *p = realloc(lane->inputs, (lane->n_inputs + 1) * sizeof(*lane->inputs));
  if (!p)
    return -ENOMEM;
  lane->inputs = p;
  lane->inputs[lane->n_inputs] = (struct vr_rate_group_input){
      .signal = signal,
      .own = vr_live_guest_find_series(g, signal),
      .value = NAN,
  };
  return (int)lane->n_inputs++;
}

/* The same for a signal that a model runs on. */
static int needed_input(struct vr_rate_group *lane,
                        const struct vr_live_guest *g, uint32_t signal) {
  int i = lane_input(lane, g, signal);
  if (i >= 0)
    lane->inputs[i].needed = true;
  return i;
}

/* Gives A the run of an old binding that can go on with its model: that of the
 * very same model, else of one with its structure. */
static void take_run(struct vr_active *a, struct vr_rate_group *old) {
  const struct vr_catalog_model *m = a->model;
  for (int same = 1; same >= 0 && !a->run; same--)
    for (unsigned i = 0; old && i < old->n_active && !a->run; i++) {
      struct vr_active *o = &old->active[i];
      if (!o->run || (same && o->model->fingerprint != m->fingerprint) ||
          vr_run_change_model(o->run, m->model, m->settling) < 0)
        continue;
      a->run = vr_steal(&o->run);
      a->restored = o->restored;
      a->spoke = true;
    }
}

/* Lane inputs of the signals that tell A's regime, where they are all there: a
 * model runs without them, only its interval is then the widest. */
static int add_regime(struct vr_rate_group *lane, const struct vr_live_guest *g,
                      struct vr_active *a) {
  size_t n = a->model->regime ? a->model->model->intervals.regime.n_signals : 0;
  for (size_t i = 0; i < n; i++) {
    vr_time interval = signal_interval(g, a->model->regime[i]);
    if (interval == 0 || too_coarse(interval, lane->step) ||
        too_fine(interval, lane->step))
      return 0;
  }
  if (n == 0)
    return 0;
  a->regime = calloc(n, sizeof(*a->regime));
  if (!a->regime)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    int at = needed_input(lane, g, a->model->regime[i]);
    if (at < 0)
      return at;
    a->regime[i] = (uint32_t)at;
  }
  return 0;
}

static int add_active(struct vr_rate_group *lane, struct vr_rate_group *old,
                      const struct vr_live_guest *g,
                      const struct choice *choice) {
  void *p = realloc(lane->active, (lane->n_active + 1) * sizeof(*lane->active));
  if (!p)
    return -ENOMEM;
  lane->active = p;
  struct vr_active *a = &lane->active[lane->n_active];
  *a = (struct vr_active){.model = choice->model,
                          .published = choice->published,
                          .shown = choice->shown};
  size_t n = vr_live_catalog_model_signals(choice->model);
  a->inputs = calloc(n, sizeof(*a->inputs));
  if (!a->inputs)
    return -ENOMEM;
  lane->n_active++;
  for (size_t i = 0; i < n; i++) {
    int at = needed_input(lane, g, choice->model->signals[i]);
    if (at < 0)
      return at;
    a->inputs[i] = (uint32_t)at;
  }
  int r = add_regime(lane, g, a);
  if (r < 0)
    return r;
  take_run(a, old);
  if (!a->run)
    a->run = vr_run_new(choice->model->model, choice->model->settling);
  return a->run ? 0 : -ENOMEM;
}

/* --- what is carried over, and how a run starts --- */

/* Also remembers signals that no model uses just now: a better model may come,
 * or the first choice may fail. */
static void set_up_history(struct vr_live_guest *g,
                           struct vr_live_context *context,
                           struct vr_rate_group *lane,
                           struct vr_rate_group *old) {
  for (size_t i = 0; i < g->n_series; i++) {
    const struct vr_live_series *s = g->series[i];
    if (s->signal >= VR_RESERVED_SIGNALS && s->series.n > 0 &&
        s->series.form.interval <= lane->step &&
        !too_fine(s->series.form.interval, lane->step) &&
        vr_may_remember(context))
      lane_input(lane, g, s->signal);
  }
  for (unsigned i = 0; i < lane->n_inputs; i++) {
    struct vr_rate_group_input *in = &lane->inputs[i];
    for (unsigned k = 0; old && k < old->n_inputs && !in->history; k++)
      if (old->inputs[k].signal == in->signal)
        in->history = vr_steal(&old->inputs[k].history);
    if (!in->history)
      in->history = history_new(context);
  }
}

/* What input I of the lane was at TICK; NAN where that is not remembered. */
static double past_value(const struct vr_rate_group *lane, uint32_t i,
                         int64_t tick) {
  int64_t ago = lane->next - tick; /* 1: the tick computed last */
  if (ago <= 0 || ago > (int64_t)lane->history_n || !lane->inputs[i].history)
    return NAN;
  return lane->inputs[i]
      .history[(lane->history_at + VR_HISTORY_TICKS - (unsigned)ago) %
               VR_HISTORY_TICKS];
}

/* What the model's inputs were at TICK of the lane, as far as is remembered. Is
 * all of it known? */
static bool past_sums(const struct vr_rate_group *lane,
                      const struct vr_active *a, int64_t tick, double *sums) {
  const struct vr_model *m = a->model->model;
  bool all = true;
  const uint32_t *in = a->inputs;
  for (size_t i = 0; i < m->n_inputs; i++) {
    sums[i] = 0;
    for (size_t s = 0; s < m->inputs[i].n_signals; s++, in++)
      sums[i] += past_value(lane, *in, tick);
    all = all && isfinite(sums[i]);
  }
  return all;
}

static double past_regime(const struct vr_rate_group *lane,
                          const struct vr_active *a, int64_t tick) {
  double sum = 0;
  if (!a->regime)
    return NAN;
  for (size_t s = 0; s < a->model->model->intervals.regime.n_signals; s++)
    sum += past_value(lane, a->regime[s], tick);
  return sum;
}

/* Lets the run pass over the ticks from FIRST on that are remembered. */
static void replay(const struct vr_live_guest *g,
                   const struct vr_rate_group *lane, struct vr_active *a,
                   int64_t first) {
  struct vr_guest_size size = vr_live_guest_size(g);
  double sums[VR_MODEL_MAX_INPUTS];
  for (int64_t tick = first; tick < lane->next; tick++) {
    past_sums(lane, a, tick, sums);
    vr_run_set_regime(a->run, past_regime(lane, a, tick));
    vr_run_step(a->run, sums, &size);
  }
}

/* The first tick from FIRST on whose inputs are remembered, or the next. */
static int64_t first_known(const struct vr_rate_group *lane,
                           const struct vr_active *a, int64_t first) {
  double sums[VR_MODEL_MAX_INPUTS];
  int64_t oldest = lane->next - (int64_t)lane->history_n;
  int64_t tick = first > oldest ? first : oldest;
  while (tick < lane->next && !past_sums(lane, a, tick, sums))
    tick++;
  return tick;
}

/* The state that was saved for the model of A, of a tick before those that are
 * to come; NULL if there is none. */
static struct vr_saved_run *find_saved(const struct vr_live_guest *g,
                                       const struct vr_rate_group *lane,
                                       const struct vr_active *a) {
  for (size_t i = 0; g->saved && i < g->saved->n_runs; i++) {
    struct vr_saved_run *s = &g->saved->runs[i];
    if (!s->done && s->fingerprint == a->model->fingerprint &&
        s->n == vr_run_state_size(a->run) && s->tick < lane->next)
      return s;
  }
  return NULL;
}

/* Takes up the state that was saved for this model. What is remembered of the
 * time since then is gone over; a gap before that is held if it is short, as
 * any other, and lost if it is not. */
static bool restore_run(const struct vr_live_guest *g,
                        struct vr_live_context *context,
                        const struct vr_rate_group *lane, struct vr_active *a) {
  struct vr_saved_run *s = find_saved(g, lane, a);
  if (!s)
    return false;
  s->done = true;
  int64_t first = s->tick + 1, known = first_known(lane, a, first);
  int64_t lost = known - first;
  bool held = known < lane->next && lost <= VR_HOLD_TICKS;
  if (lost > (int64_t)a->model->settling + VR_HISTORY_TICKS ||
      vr_run_import(a->run, s->values, held ? 0 : (unsigned)lost) < 0) {
    atomic_fetch_add(&context->too_old, 1);
    return false;
  }
  replay(g, lane, a, held ? first : known);
  a->restored = true;
  return true;
}

/* Lets go of what was saved when nothing of it is wanted any more. */
static void drop_used_state(struct vr_live_guest *g) {
  for (size_t i = 0; g->saved && i < g->saved->n_runs; i++)
    if (!g->saved->runs[i].done)
      return;
  if (!g->saved || !g->saved->totals_taken)
    return;
  vr_live_saved_guest_free(g->saved);
  g->saved = NULL;
}

/* Lets a new run pass over the inputs that are remembered. */
static void warm_run(const struct vr_live_guest *g,
                     const struct vr_rate_group *lane, struct vr_active *a) {
  replay(g, lane, a, lane->next - (int64_t)lane->history_n);
}

unsigned vr_live_guest_inherit(struct vr_live_guest *g,
                               struct vr_live_context *context,
                               struct vr_saved_guest *saved) {
  unsigned n = 0;
  vr_live_saved_guest_free(g->saved);
  g->saved = saved;
  g->inherited = true;
  saved->totals_taken = true; /* its own have been published */
  for (size_t l = 0; l < g->n_lanes; l++)
    for (unsigned i = 0; i < g->lanes[l].n_active; i++) {
      struct vr_active *a = &g->lanes[l].active[i];
      if (!vr_model_structure_is_static(a->model->model->structure))
        n += restore_run(g, context, &g->lanes[l], a);
    }
  drop_used_state(g);
  return n;
}

static int reserve_samples(const struct vr_live_guest *g,
                           struct vr_live_context *context,
                           struct vr_rate_group *lane) {
  for (unsigned i = 0; i < lane->n_inputs; i++) {
    struct vr_live_series *own = lane->inputs[i].own;
    int r;
    if (own)
      r = vr_series_reserve(
          &own->series, (unsigned)(lane->step / own->series.form.interval + 1) +
                            context->options.patience + 8);
    else
      r = vr_live_host_reserve(
          g->on, g->catalog->signals[lane->inputs[i].signal]->text, lane->step);
    if (r < 0)
      return r;
  }
  return 0;
}

/* Position in time: where the lane of this step was, else the tick that the
 * newest sample is in, unless a lane of another step has answered for it. */
static void place_in_time(const struct vr_live_guest *g,
                          struct vr_rate_group *lane,
                          const struct vr_rate_group *old) {
  if (old) {
    lane->next = old->next;
    lane->empty = old->empty;
    lane->history_at = old->history_at;
    lane->history_n = old->history_n;
  } else {
    lane->next = vr_signal_tick_of(lane->step, g->newest);
    if (lane->next * lane->step <= g->answered)
      lane->next++;
  }
}

static int finish_lane(struct vr_live_guest *g, struct vr_live_context *context,
                       struct vr_rate_group *lane, struct vr_rate_group *old) {
  place_in_time(g, lane, old);
  set_up_history(g, context, lane, old);
  for (unsigned i = 0; i < lane->n_active; i++) {
    struct vr_active *a = &lane->active[i];
    if (!a->spoke &&
        !vr_model_structure_is_static(a->model->model->structure) &&
        !restore_run(g, context, lane, a))
      warm_run(g, lane, a);
  }
  return reserve_samples(g, context, lane);
}

static int make_lanes(struct vr_live_guest *g, struct vr_live_context *context,
                      const struct choices *choices,
                      struct vr_rate_group *lanes, size_t *n_lanes) {
  for (size_t i = 0; i < choices->n; i++) {
    const struct choice *choice = &choices->items[i];
    struct vr_rate_group *lane = find_lane(lanes, *n_lanes, choice->step);
    if (!lane) {
      lane = &lanes[(*n_lanes)++];
      lane->step = choice->step;
    }
    int r = add_active(lane, find_lane(g->lanes, g->n_lanes, choice->step), g,
                       choice);
    if (r < 0)
      return r;
  }
  for (size_t l = 0; l < *n_lanes; l++) {
    int r = finish_lane(g, context, &lanes[l],
                        find_lane(g->lanes, g->n_lanes, lanes[l].step));
    if (r < 0)
      return r;
  }
  return 0;
}

/* The totals of what was saved go on, so that counts do not fall; what was told
 * is not told again. */
static void restore_totals(struct vr_live_guest *g) {
  if (!g->saved || g->saved->totals_taken)
    return;
  g->saved->totals_taken = true;
  for (int c = 0; c < VR_COUNTERS; c++) {
    g->totals[c] = g->saved->totals[c];
    g->model_totals[c] = g->saved->model_totals[c];
  }
  g->range_alarm.raised = g->saved->range_alarm;
}

int vr_live_guest_bind(struct vr_live_guest *g,
                       struct vr_live_context *context) {
  struct choices choices = {0};
  choose_all(g, context, &choices);
  restore_totals(g);
  if (context->options.intervals && !g->bound_totals)
    g->bound_totals = calloc(VR_COUNTERS, sizeof(*g->bound_totals));
  struct vr_rate_group *lanes =
      calloc(choices.n ? choices.n : 1, sizeof(*lanes));
  if (!lanes) {
    vr_live_guest_clear_groups(g, context);
    return -ENOMEM;
  }
  size_t n_lanes = 0;
  int r = make_lanes(g, context, &choices, lanes, &n_lanes);
  if (r < 0) {
    lanes_free(context, lanes, n_lanes);
    vr_live_guest_clear_groups(g, context);
    return r;
  }
  vr_live_guest_clear_groups(g, context);
  g->lanes = lanes;
  g->n_lanes = n_lanes;
  g->bind = false;
  g->ticks_since_bind = 0;
  drop_used_state(g);
  return 0;
}

/* --- another catalog --- */

static int compare_series(const void *a, const void *b) {
  uint32_t x = (*(struct vr_live_series *const *)a)->signal,
           y = (*(struct vr_live_series *const *)b)->signal;
  return x < y ? -1 : x > y;
}

static uint32_t translate(const struct vr_catalog *from,
                          const struct vr_catalog *to, uint32_t signal) {
  struct vr_catalog_signal *s = NULL;
  HASH_FIND_STR(to->by_text, from->signals[signal]->text, s);
  return s ? s->index : VR_NO_SIGNAL;
}

int vr_live_guest_change_catalog(struct vr_live_guest *g,
                                 struct vr_live_context *context,
                                 struct vr_catalog *catalog) {
  struct vr_catalog *old = g->catalog;
  for (size_t l = 0; l < g->n_lanes; l++)
    for (unsigned i = 0; i < g->lanes[l].n_inputs; i++)
      g->lanes[l].inputs[i].signal =
          translate(old, catalog, g->lanes[l].inputs[i].signal);
  size_t kept = 0;
  for (size_t i = 0; i < g->n_series; i++) {
    struct vr_live_series *s = g->series[i];
    s->signal = translate(old, catalog, s->signal);
    g->series[kept] = s;
    if (s->signal != VR_NO_SIGNAL) {
      kept++;
    } else {
      vr_series_clear(&s->series);
      free(s);
    }
  }
  g->n_series = kept;
  qsort(g->series, kept, sizeof(struct vr_live_series *), compare_series);
  g->catalog = vr_live_catalog_ref(catalog);
  int r = vr_live_guest_bind(g, context);
  if (r < 0)
    g->bind = true;
  vr_live_catalog_unref(old);
  return r;
}
