/* SPDX-License-Identifier: MIT */
#include "live/memory.h"

#include "live/input_history.h"
#include "live/rate_group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void vr_live_saved_guest_free(struct vr_saved_guest *saved) {
  if (!saved)
    return;
  for (size_t i = 0; i < saved->n_runs; i++)
    free(saved->runs[i].values);
  free(saved->runs);
  free(saved->key);
  free(saved);
}

bool vr_live_saved_run_is_of(const struct vr_saved_run *run,
                             const struct vr_catalog_model *m) {
  return run->fingerprint == (run->is_v3 ? m->fingerprint_v3 : m->fingerprint);
}

/* --- taking a snapshot --- */

static bool has_memory(const struct vr_active *a) {
  return (a->has_begun || a->restored) &&
         !vr_model_structure_is_static(a->model->model->structure);
}

static size_t count_runs(const struct vr_live_guest *g) {
  size_t n = g->saved ? g->saved->n_runs : 0;
  for (size_t l = 0; l < g->n_groups; l++)
    n += g->groups[l].n_active;
  return n;
}

static void save_run(struct vr_saved_guest *saved,
                     const struct vr_rate_group *group,
                     const struct vr_active *a) {
  size_t n = vr_run_state_size(a->run);
  double *values = calloc(n, sizeof(*values));
  if (!values)
    return;
  vr_run_export(a->run, values);
  saved->runs[saved->n_runs++] = (struct vr_saved_run){
      .fingerprint = a->model->fingerprint,
      .tick = group->next - 1 - vr_run_lost(a->run),
      .n = n,
      .values = values,
  };
}

/* Does SAVED hold the memory of a model that RUN is of, too? */
static bool has_run(const struct vr_live_guest *g,
                    const struct vr_saved_guest *saved,
                    const struct vr_saved_run *run) {
  for (size_t i = 0; i < saved->n_runs; i++)
    if (saved->runs[i].is_v3 == run->is_v3 &&
        saved->runs[i].fingerprint == run->fingerprint)
      return true;
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++)
      if (has_memory(&g->groups[l].active[i]) &&
          vr_live_saved_run_is_of(run, g->groups[l].active[i].model))
        return true;
  return false;
}

/* What was saved before and waits for its model's inputs waits on. */
static void keep_run(const struct vr_live_guest *g,
                     struct vr_saved_guest *saved,
                     const struct vr_saved_run *run) {
  if (run->done || has_run(g, saved, run))
    return;
  double *values = malloc(run->n * sizeof(*values));
  if (!values)
    return;
  memcpy(values, run->values, run->n * sizeof(*values));
  struct vr_saved_run *copy = &saved->runs[saved->n_runs++];
  *copy = *run;
  copy->values = values;
}

struct vr_saved_guest *vr_live_memory_of_runs(const struct vr_live_guest *g) {
  struct vr_saved_guest *saved = calloc(1, sizeof(*saved));
  size_t n = count_runs(g);
  if (!saved || !(saved->runs = calloc(n ? n : 1, sizeof(*saved->runs)))) {
    free(saved);
    return NULL;
  }
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++)
      if (has_memory(&g->groups[l].active[i]))
        save_run(saved, &g->groups[l], &g->groups[l].active[i]);
  for (size_t i = 0; g->saved && i < g->saved->n_runs; i++)
    keep_run(g, saved, &g->saved->runs[i]);
  return saved;
}

/* What G publishes of C between the ticks of its model. */
static struct vr_saved_held held_of(const struct vr_live_guest *g, int c) {
  const struct vr_held *h = g->held ? &g->held[c] : NULL;
  const struct vr_rate_group *group;
  const struct vr_active *a = vr_live_group_published(g, c, &group);
  if (!h || !a || group->step <= a->interval || h->end == 0 ||
      !isfinite(h->value.value))
    return (struct vr_saved_held){0};
  return (struct vr_saved_held){
      a->model->fingerprint, h->end,           h->until,
      h->value.value,        h->value.midterm, h->value.longterm};
}

struct vr_saved_guest *vr_live_memory_of_guest(const struct vr_live_guest *g) {
  struct vr_saved_guest *saved = vr_live_memory_of_runs(g);
  if (!saved)
    return NULL;
  bool waiting = g->saved && !g->saved->totals_taken;
  memcpy(saved->totals, waiting ? g->saved->totals : g->totals,
         sizeof(saved->totals));
  memcpy(saved->model_totals,
         waiting ? g->saved->model_totals : g->model_totals,
         sizeof(saved->model_totals));
  for (int c = 0; c < VR_COUNTERS; c++) {
    saved->held[c] = held_of(g, c);
    if (g->saved && saved->held[c].end == 0)
      saved->held[c] = g->saved->held[c];
  }
  saved->range_alarm = waiting ? g->saved->range_alarm : g->range_alarm.raised;
  saved->drifted = waiting ? g->saved->drifted : g->drift_alarm.raised;
  return saved;
}

/* --- continuing it --- */

/* The last tick of S as one of GROUP: a law was perhaps saved at another step,
 * which its numbers begin with. */
static int64_t tick_in(const struct vr_saved_run *s,
                       const struct vr_rate_group *group,
                       const struct vr_active *a) {
  if (a->model->model->structure != VR_LOAD_LAW || !(s->values[0] >= 0.001) ||
      s->values[0] > 86400)
    return s->tick;
  double step = vr_signal_seconds_of_time(group->step);
  return (int64_t)((double)s->tick * (s->values[0] / step));
}

/* What was saved for the model of A, at a tick before those that are to come;
 * NULL if there is nothing. */
static struct vr_saved_run *find_saved(const struct vr_live_guest *g,
                                       const struct vr_rate_group *group,
                                       const struct vr_active *a) {
  for (size_t i = 0; g->saved && i < g->saved->n_runs; i++) {
    struct vr_saved_run *s = &g->saved->runs[i];
    if (!s->done && vr_live_saved_run_is_of(s, a->model) &&
        s->n == vr_run_state_size(a->run) && tick_in(s, group, a) < group->next)
      return s;
  }
  return NULL;
}

/* A law knows by itself how much of what it remembers still counts. */
static bool is_too_old(const struct vr_active *a, int64_t lost) {
  return a->model->model->structure == VR_LOAD_LAW
             ? lost > INT32_MAX
             : lost > (int64_t)a->model->settling + VR_HISTORY_TICKS;
}

/* Inputs that are known since then are replayed; a gap before them is held if
 * it is short, as any other, and lost if it is not. */
bool vr_live_memory_continue(const struct vr_live_guest *g,
                             struct vr_live_context *context,
                             const struct vr_rate_group *group,
                             struct vr_active *a) {
  struct vr_saved_run *s = find_saved(g, group, a);
  if (!s)
    return false;
  s->done = true;
  int64_t first = tick_in(s, group, a) + 1;
  int64_t known = vr_live_history_first_known(group, a, first);
  int64_t lost = known - first;
  bool held = known < group->next && lost <= VR_HOLD_TICKS;
  if (is_too_old(a, lost) ||
      vr_run_import(a->run, s->values, held ? 0 : (unsigned)lost) < 0) {
    atomic_fetch_add(&context->too_old, 1);
    return false;
  }
  vr_live_history_replay(g, group, a, held ? first : known);
  a->restored = true;
  return true;
}

void vr_live_memory_take_totals(struct vr_live_guest *g) {
  if (!g->saved || g->saved->totals_taken)
    return;
  g->saved->totals_taken = true;
  memcpy(g->totals, g->saved->totals, sizeof(g->totals));
  memcpy(g->model_totals, g->saved->model_totals, sizeof(g->model_totals));
  g->range_alarm.raised = g->saved->range_alarm;
}

/* Its fit is not known, as of any model that has begun anew. */
void vr_live_memory_take_held(struct vr_live_guest *g) {
  for (int c = 0; g->saved && c < VR_COUNTERS; c++) {
    const struct vr_saved_held *s = &g->saved->held[c];
    const struct vr_rate_group *group;
    const struct vr_active *a = vr_live_group_published(g, c, &group);
    if (!a || s->end == 0 || g->held[c].end > 0 ||
        s->fingerprint != a->model->fingerprint || group->step <= a->interval ||
        s->until <= g->newest || s->end > g->newest)
      continue;
    g->held[c] = (struct vr_held){
        .end = s->end,
        .until = s->until,
        .interval = a->interval,
        .value = {s->value, s->midterm, s->longterm, false, false},
        .provenance = a->model->model->provenance,
        .fit = NAN,
    };
  }
}

void vr_live_memory_drop_used(struct vr_live_guest *g) {
  for (size_t i = 0; g->saved && i < g->saved->n_runs; i++)
    if (!g->saved->runs[i].done)
      return;
  if (!g->saved || !g->saved->totals_taken)
    return;
  vr_live_saved_guest_free(g->saved);
  g->saved = NULL;
}

unsigned vr_live_memory_inherit(struct vr_live_guest *g,
                                struct vr_live_context *context,
                                struct vr_saved_guest *saved) {
  unsigned n = 0;
  vr_live_saved_guest_free(g->saved);
  g->saved = saved;
  g->inherited = true;
  saved->totals_taken = true; /* its own have been published */
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++) {
      struct vr_active *a = &g->groups[l].active[i];
      if (!vr_model_structure_is_static(a->model->model->structure))
        n += vr_live_memory_continue(g, context, &g->groups[l], a);
    }
  vr_live_memory_drop_used(g);
  return n;
}
