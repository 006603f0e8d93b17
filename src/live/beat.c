/* SPDX-License-Identifier: MIT */
#include "live/beat.h"

#include "live/between.h"
#include "live/law.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- which beats there are --- */

static struct vr_beat *find(struct vr_beat *beats, size_t n, vr_time interval) {
  for (size_t b = 0; b < n; b++)
    if (beats[b].interval == interval)
      return &beats[b];
  return NULL;
}

/* Where the beat of this interval was, else the tick that the newest sample is
 * in, unless another beat has published for it. */
static struct vr_beat beat_of(const struct vr_live_guest *g, vr_time interval) {
  const struct vr_beat *old = find(g->beats, g->n_beats, interval);
  if (old)
    return *old;
  int64_t next = vr_signal_tick_of(interval, g->newest);
  if (next * interval <= g->published_until)
    next++;
  return (struct vr_beat){.interval = interval, .next = next};
}

int vr_live_beats_set_up(struct vr_live_guest *g) {
  size_t n = 0, most = 0;
  for (size_t l = 0; l < g->n_groups; l++)
    most += g->groups[l].n_active;
  struct vr_beat *beats = calloc(most ? most : 1, sizeof(*beats));
  for (size_t l = 0; beats && l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++) {
      vr_time interval = g->groups[l].active[i].interval;
      if (!find(beats, n, interval))
        beats[n++] = beat_of(g, interval);
    }
  free(g->beats);
  g->beats = beats;
  g->n_beats = n;
  return beats ? 0 : -ENOMEM;
}

void vr_live_beats_restart(struct vr_live_guest *g, vr_time now) {
  if (g->held)
    memset(g->held, 0, VR_COUNTERS * sizeof(*g->held));
  if (g->held_models)
    memset(g->held_models, 0, VR_COUNTERS * sizeof(*g->held_models));
  for (size_t b = 0; b < g->n_beats; b++)
    g->beats[b].next = vr_signal_tick_of(g->beats[b].interval, now);
}

/* Does the beat publish anything of the group? */
static bool feeds(const struct vr_rate_group *group,
                  const struct vr_beat *beat) {
  for (unsigned i = 0; i < group->n_active; i++)
    if (group->active[i].interval == beat->interval)
      return true;
  return false;
}

bool vr_live_beats_have_reached(const struct vr_live_guest *g,
                                const struct vr_rate_group *group,
                                vr_time end) {
  for (size_t b = 0; b < g->n_beats; b++)
    if (g->beats[b].next * g->beats[b].interval < end &&
        feeds(group, &g->beats[b]))
      return false;
  return true;
}

/* --- one tick --- */

static bool is_of(const struct vr_beat *beat, const struct vr_held *h) {
  return h->end > 0 && h->interval == beat->interval;
}

/* Is anything held at END? */
static bool is_anything_held(const struct vr_live_guest *g,
                             const struct vr_beat *beat, vr_time end) {
  for (int c = 0; c < VR_COUNTERS; c++)
    if ((is_of(beat, &g->held[c]) && vr_live_held_holds(&g->held[c], end)) ||
        (g->held_models && is_of(beat, &g->held_models[c]) &&
         vr_live_held_holds(&g->held_models[c], end)))
      return true;
  return false;
}

/* The bounds of a load by law, as long as its value holds. */
static void fill_bracket(const struct vr_held *h, struct vr_answer *answer) {
  if (h->is_law && answer->counters[VR_LOAD].present)
    vr_live_law_bracket(&h->value, isfinite(answer->counters[VR_LOAD].value),
                        &answer->load);
}

/* Is there anything in it? */
static bool fill_answer(struct vr_live_guest *g, const struct vr_beat *beat,
                        struct vr_answer *answer) {
  bool any = false;
  for (int c = 0; c < VR_COUNTERS; c++) {
    if (is_of(beat, &g->held[c]))
      vr_live_held_answer(
          &g->held[c], (enum vr_counter)c, answer->time, &g->totals[c],
          g->bound_totals ? &g->bound_totals[c] : NULL, &answer->counters[c]);
    if (g->held_models && is_of(beat, &g->held_models[c]))
      vr_live_held_answer(&g->held_models[c], (enum vr_counter)c, answer->time,
                          &g->model_totals[c], NULL, &answer->models[c]);
    any = any || answer->counters[c].present || answer->models[c].present;
  }
  if (is_of(beat, &g->held[VR_LOAD]))
    fill_bracket(&g->held[VR_LOAD], answer);
  return any;
}

static void mark_counter(struct vr_quality *q, enum vr_counter c, int64_t tick,
                         const struct vr_quality_rule *rule,
                         struct vr_answer *answer) {
  struct vr_counter_answer *a = &answer->counters[c];
  const struct vr_quality now = {.fit = a->fit,
                                 .provenance = a->provenance,
                                 .wide = c == VR_LOAD && answer->load.wide};
  struct vr_quality_due due = vr_live_quality_due(q, c, &now, tick, rule);
  a->quality_due = due.provenance;
  a->fit_due = due.fit;
  if (c == VR_LOAD)
    answer->load.wide_due = due.wide;
}

/* Which of the answer's quality is to be published with it? */
static void mark_quality(struct vr_live_guest *g, const struct vr_beat *beat,
                         const struct vr_quality_rule *rule,
                         struct vr_answer *answer) {
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_counter_answer *a = &answer->counters[c];
    struct vr_quality *q = &g->qualities[c];
    if (!is_of(beat, &g->held[c]))
      continue;
    if (a->present &&
        (!vr_counter_info((enum vr_counter)c)->is_rate || isfinite(a->value)))
      mark_counter(q, (enum vr_counter)c, beat->next, rule, answer);
    else
      q->published = false;
  }
}

static size_t count_withheld(const struct vr_answer *answer) {
  size_t n = 0;
  for (int c = 0; c < VR_COUNTERS; c++)
    n += answer->counters[c].present && isnan(answer->counters[c].value);
  return n;
}

static void publish(struct vr_live_guest *g, struct vr_live_context *context,
                    const struct vr_beat *beat, vr_time end) {
  struct vr_answer answer = {.host = g->host,
                             .guest = g->name,
                             .time = end,
                             .interval = beat->interval,
                             .named = atomic_load(&g->owns_name),
                             .details =
                                 end <= g->details_until ? g->details : 0,
                             .has_models = context->options.model_series};
  if (!fill_answer(g, beat, &answer))
    return;
  if (end <= g->standby_until) {
    vr_live_quality_forget(g->qualities);
    return;
  }
  if (!g->has_published)
    vr_live_hosts_settle(context->hosts, g->on, &g->newcomer);
  g->has_published = true;
  atomic_fetch_add(&context->withheld, count_withheld(&answer));
  mark_quality(g, beat, &context->options.quality, &answer);
  context->options.answer(context->options.user, &answer);
}

/* --- which ticks --- */

/* Is what is to be published at END computed, as far as anything is? A model
 * that waits for longer than the allowed lateness at this interval, because it
 * has inputs that come less often, is not waited for. */
static bool is_computed(const struct vr_live_guest *g,
                        const struct vr_live_context *context,
                        const struct vr_beat *beat, vr_time end) {
  vr_time late = beat->interval * context->options.allowed_lateness;
  if (g->newest >= end + late)
    return true;
  for (size_t l = 0; l < g->n_groups; l++)
    if (g->groups[l].next * g->groups[l].step <= end &&
        feeds(&g->groups[l], beat))
      return false;
  return true;
}

/* After a silence nothing can be published before the next tick of a group. */
static void skip_silence(const struct vr_live_guest *g, struct vr_beat *beat) {
  vr_time first = INT64_MAX;
  for (size_t l = 0; l < g->n_groups; l++) {
    vr_time end = g->groups[l].next * g->groups[l].step;
    if (end < first && feeds(&g->groups[l], beat))
      first = end;
  }
  int64_t tick = vr_signal_tick_of(beat->interval, first);
  if (first != INT64_MAX && tick > beat->next)
    beat->next = tick;
}

/* What is overdue is published once more, as unknown. */
static bool advance_beat(struct vr_live_guest *g,
                         struct vr_live_context *context,
                         struct vr_beat *beat) {
  vr_time end = beat->next * beat->interval;
  if (g->newest < end || !is_computed(g, context, beat, end))
    return false;
  bool silent = !is_anything_held(g, beat, end);
  if (!silent)
    vr_live_between_publish(g, context, beat, end);
  if (!silent || !beat->silent)
    publish(g, context, beat, end);
  if (end > g->published_until)
    g->published_until = end;
  beat->next++;
  g->ticks_since_bind++;
  if (silent)
    skip_silence(g, beat);
  beat->silent = silent;
  return true;
}

bool vr_live_beats_advance(struct vr_live_guest *g,
                           struct vr_live_context *context) {
  bool any = false;
  for (size_t b = 0; b < g->n_beats; b++)
    any |= advance_beat(g, context, &g->beats[b]);
  return any;
}
