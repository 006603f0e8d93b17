/* SPDX-License-Identifier: MIT */
#include "live/binding.h"

#include "basic/cleanup.h"
#include "live/beat.h"
#include "live/choose.h"
#include "live/guest_series.h"
#include "live/input_history.h"
#include "live/memory.h"
#include "live/rate_group.h"
#include "live/sum_members.h"

#include <errno.h>
#include <stdlib.h>

/* Samples that a series keeps besides those of one tick and of lateness. */
enum { SPARE_SAMPLES = 8 };

void vr_live_guest_request_bind(struct vr_live_guest *g, vr_time after) {
  g->bind = true;
  g->bind_after = after;
}

/* --- one model --- */

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
      a->has_begun = true;
    }
}

/* Are all signals of A's regime there, at intervals that fit the group? */
static bool is_regime_there(const struct vr_rate_group *group,
                            const struct vr_live_guest *g,
                            const struct vr_active *a, size_t n) {
  for (size_t i = 0; i < n; i++) {
    vr_time interval = vr_live_signal_interval(g, a->model->regime[i]);
    if (interval == 0 || vr_live_choose_too_coarse(interval, group->step) ||
        vr_live_choose_too_fine(interval, group->step))
      return false;
  }
  return n > 0;
}

/* Adds N SIGNALS to the inputs of the group; their places become *ret_at, which
 * is the caller's also on error. Returns 0 or -ENOMEM. */
static int add_inputs(struct vr_rate_group *group,
                      const struct vr_live_guest *g, const uint32_t *signals,
                      size_t n, uint32_t **ret_at) {
  uint32_t *at = *ret_at = calloc(n, sizeof(*at));
  if (!at)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    int place = vr_live_group_needs(group, g, signals[i]);
    if (place < 0)
      return place;
    at[i] = (uint32_t)place;
  }
  return 0;
}

/* A model runs without the signals of its regime, only its interval is then the
 * widest. */
static int add_regime(struct vr_rate_group *group,
                      const struct vr_live_guest *g, struct vr_active *a) {
  size_t n = a->model->regime ? a->model->model->intervals.regime.n_signals : 0;
  if (!is_regime_there(group, g, a, n))
    return 0;
  return add_inputs(group, g, a->model->regime, n, &a->regime);
}

static int add_active(struct vr_rate_group *group, struct vr_rate_group *old,
                      const struct vr_live_guest *g,
                      const struct vr_choice *choice) {
  const struct vr_catalog_model *m = choice->model;
  struct vr_active *a = vr_live_group_reserve_active(group);
  if (!a)
    return -ENOMEM;
  *a = (struct vr_active){.model = m,
                          .published = choice->published,
                          .model_series = choice->model_series,
                          .interval = choice->interval};
  group->n_active++;
  int r = add_inputs(group, g, m->signals, vr_live_catalog_model_signals(m),
                     &a->inputs);
  if (r == 0 && vr_counter_info(m->model->counter)->no_mean)
    for (size_t i = 0; i < vr_live_catalog_model_signals(m); i++)
      group->inputs[a->inputs[i]].no_mean = true;
  if (r == 0)
    r = add_regime(group, g, a);
  if (r < 0)
    return r;
  take_run(a, old);
  /* What a law remembers holds at any step. */
  for (size_t l = 0; m->model->structure == VR_LOAD_LAW && l < g->n_groups; l++)
    take_run(a, &g->groups[l]);
  if (!a->run)
    a->run = vr_run_new(m->model, m->settling);
  if (!a->run)
    return -ENOMEM;
  vr_run_set_step(a->run, vr_signal_seconds_of_time(group->step));
  return 0;
}

/* --- what is carried over, and how a run starts --- */

/* Can the samples of S, which no model uses just now, be averaged to the
 * group's ticks? */
static bool is_of_use(const struct vr_rate_group *group,
                      const struct vr_live_series *s) {
  vr_time interval = s->series.form.interval;
  return s->signal >= VR_RESERVED_SIGNALS && s->series.n > 0 &&
         interval <= group->step &&
         !vr_live_choose_too_fine(interval, group->step);
}

/* The history of an input is that of the old group, or a new one. */
static void set_up_history(struct vr_live_context *context,
                           struct vr_rate_group_input *in,
                           struct vr_rate_group *old) {
  for (unsigned k = 0; old && k < old->n_inputs && !in->history; k++)
    if (old->inputs[k].signal == in->signal)
      in->history = vr_steal(&old->inputs[k].history);
  if (!in->history)
    in->history = vr_live_history_new(context);
}

/* Signals that no model uses just now have a history, too: a better model may
 * come, or the first choice may fail. */
static void set_up_histories(struct vr_live_guest *g,
                             struct vr_live_context *context,
                             struct vr_rate_group *group,
                             struct vr_rate_group *old) {
  for (size_t i = 0; i < g->n_series; i++)
    if (is_of_use(group, g->series[i]) && vr_live_history_has_room(context))
      vr_live_group_input(group, g, g->series[i]->signal);
  for (unsigned i = 0; i < group->n_inputs; i++)
    set_up_history(context, &group->inputs[i], old);
}

static int reserve_samples(const struct vr_live_guest *g,
                           const struct vr_live_context *context,
                           const struct vr_rate_group *group,
                           const struct vr_rate_group_input *in) {
  if (!in->own)
    return vr_live_host_reserve(g->on, g->catalog->signals[in->signal]->text,
                                group->step);
  unsigned per_tick =
      (unsigned)(group->step / in->own->series.form.interval + 1);
  return vr_live_members_reserve(
      in->own, per_tick + context->options.allowed_lateness + SPARE_SAMPLES);
}

/* Position in time: where the group of this step was, else the tick that the
 * newest sample is in, unless a group of another step has published for it. */
static void place_in_time(const struct vr_live_guest *g,
                          struct vr_rate_group *group,
                          const struct vr_rate_group *old) {
  if (old) {
    group->next = old->next;
    group->empty = old->empty;
    group->history_at = old->history_at;
    group->history_n = old->history_n;
    return;
  }
  group->next = vr_signal_tick_of(group->step, g->newest);
  if (group->next * group->step <= g->published_until)
    group->next++;
}

/* A new run continues what was saved, or passes over the inputs that are in the
 * history. */
static void start_run(const struct vr_live_guest *g,
                      struct vr_live_context *context,
                      const struct vr_rate_group *group, struct vr_active *a) {
  if (a->has_begun ||
      vr_model_structure_is_static(a->model->model->structure) ||
      vr_live_memory_continue(g, context, group, a))
    return;
  vr_live_history_replay(g, group, a, group->next - (int64_t)group->history_n);
}

static int finish_group(struct vr_live_guest *g,
                        struct vr_live_context *context,
                        struct vr_rate_group *group,
                        struct vr_rate_group *old) {
  place_in_time(g, group, old);
  set_up_histories(g, context, group, old);
  for (unsigned i = 0; i < group->n_active; i++)
    start_run(g, context, group, &group->active[i]);
  for (unsigned i = 0; i < group->n_inputs; i++) {
    int r = reserve_samples(g, context, group, &group->inputs[i]);
    if (r < 0)
      return r;
  }
  return 0;
}

/* --- all rate groups --- */

static int make_groups(struct vr_live_guest *g, struct vr_live_context *context,
                       const struct vr_choices *choices,
                       struct vr_rate_group *groups, size_t *n_groups) {
  for (size_t i = 0; i < choices->n; i++) {
    const struct vr_choice *choice = &choices->items[i];
    struct vr_rate_group *group =
        vr_live_group_find(groups, *n_groups, choice->step);
    if (!group) {
      group = &groups[(*n_groups)++];
      group->step = choice->step;
    }
    struct vr_rate_group *old =
        vr_live_group_find(g->groups, g->n_groups, choice->step);
    int r = add_active(group, old, g, choice);
    if (r < 0)
      return r;
  }
  for (size_t l = 0; l < *n_groups; l++) {
    int r = finish_group(
        g, context, &groups[l],
        vr_live_group_find(g->groups, g->n_groups, groups[l].step));
    if (r < 0)
      return r;
  }
  return 0;
}

/* Puts the groups for CHOICES into the place of the guest's. Its old ones are
 * gone in any case: they have given away their runs. */
static int replace_groups(struct vr_live_guest *g,
                          struct vr_live_context *context,
                          const struct vr_choices *choices) {
  size_t n = 0;
  struct vr_rate_group *groups =
      calloc(choices->n ? choices->n : 1, sizeof(*groups));
  int r = groups ? make_groups(g, context, choices, groups, &n) : -ENOMEM;
  vr_live_groups_clear(g, context);
  if (r < 0) {
    vr_live_groups_free(context, groups, n);
    return r;
  }
  g->groups = groups;
  g->n_groups = n;
  return 0;
}

/* --- what is held --- */

/* What is held of a counter, published or yet to be, is published until its new
 * model has its first tick, so that a model of another step leaves no gap. */
static void carry_held(struct vr_live_guest *g,
                       const struct vr_live_context *context) {
  for (int c = 0; g->held && c < VR_COUNTERS; c++) {
    struct vr_held *h = &g->held[c];
    const struct vr_rate_group *group;
    const struct vr_active *a = vr_live_group_published(g, c, &group);
    if (!a || h->end == 0 || g->published_until >= h->until) {
      h->end = 0;
      continue;
    }
    vr_time until = group->next * group->step;
    if (group->step > a->interval)
      until += vr_live_group_lateness(context, group);
    h->interval = a->interval;
    h->until = until > h->until ? until : h->until;
  }
}

static bool has_model_series(const struct vr_live_guest *g, enum vr_counter c) {
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++) {
      const struct vr_active *a = &g->groups[l].active[i];
      if (a->model_series && a->model->model->counter == c)
        return true;
    }
  return false;
}

/* The model series of a counter ends with its last model. */
static void drop_held_models(struct vr_live_guest *g) {
  for (int c = 0; g->held_models && c < VR_COUNTERS; c++)
    if (!has_model_series(g, (enum vr_counter)c))
      g->held_models[c].end = 0;
}

/* --- all of it --- */

/* What is there once a guest: not before something runs on it, since many are
 * heard of once, and the rest where an option wants it. Returns 0 or -ENOMEM.
 */
static int make_room(struct vr_live_guest *g,
                     const struct vr_live_context *context, bool runs) {
  if (runs && !g->held)
    g->held = calloc(VR_COUNTERS, sizeof(*g->held));
  if (context->options.intervals && !g->bound_totals)
    g->bound_totals = calloc(VR_COUNTERS, sizeof(*g->bound_totals));
  if (context->options.model_series && !g->held_models)
    g->held_models = calloc(VR_COUNTERS, sizeof(*g->held_models));
  return runs && !g->held ? -ENOMEM : 0;
}

int vr_live_guest_bind(struct vr_live_guest *g,
                       struct vr_live_context *context) {
  struct vr_choices choices;
  if (g->newest == INT64_MIN) {
    g->bind = true;
    return 0;
  }
  vr_live_choose(g, context, &choices);
  vr_live_memory_take_totals(g);
  int r = make_room(g, context, choices.n > 0);
  if (r == 0)
    r = replace_groups(g, context, &choices);
  if (r == 0)
    r = vr_live_beats_set_up(g);
  if (r < 0)
    return r;
  vr_live_memory_take_held(g);
  carry_held(g, context);
  drop_held_models(g);
  g->bind = false;
  g->ticks_since_bind = 0;
  g->binding_known = false;
  vr_live_memory_drop_used(g);
  return 0;
}

int vr_live_guest_change_catalog(struct vr_live_guest *g,
                                 struct vr_live_context *context,
                                 struct vr_catalog *catalog) {
  struct vr_catalog *old = g->catalog;
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_inputs; i++) {
      uint32_t *signal = &g->groups[l].inputs[i].signal;
      *signal = vr_live_signal_translate(old, catalog, *signal);
    }
  vr_live_series_translate(g, catalog);
  g->catalog = vr_live_catalog_ref(catalog);
  int r = vr_live_guest_bind(g, context);
  if (r < 0)
    g->bind = true;
  vr_live_catalog_unref(old);
  return r;
}
