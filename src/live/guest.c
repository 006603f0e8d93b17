/* SPDX-License-Identifier: MIT */
#include "live/guest.h"

#include "basic/log.h"
#include "live/beat.h"
#include "live/binding.h"
#include "live/guest_series.h"
#include "live/input_history.h"
#include "live/memory.h"
#include "live/rate_group.h"
#include "live/sum_members.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
  /* Samples that a series keeps besides those of lateness. */
  SPARE_SAMPLES = 8,
  /* And that it keeps at most, where several come in one interval. */
  MOST_SAMPLES = 1024,
  /* A sample that is older than the newest by this many intervals is not late
   * but from another time: a clock was set. */
  STALE_INTERVALS = 30,
  /* So many counters that were higher before show that it was. */
  SET_BACK_SAMPLES = 2,
  /* A guest without a value from its host for so many intervals begins anew. */
  SILENCE = 10,
  /* For so many of another target's intervals it is taken to go on. */
  STANDBY_INTERVALS = 3,
};

struct vr_live_guest *vr_live_guest_new(const char *key, size_t key_length,
                                        struct vr_live_context *context,
                                        struct vr_catalog *catalog) {
  struct vr_live_guest *g = calloc(1, sizeof(*g));
  char *copy = malloc(key_length);
  if (g && copy) {
    memcpy(copy, key, key_length);
    g->newcomer = (struct vr_newcomer){.key = copy, .key_length = key_length};
    g->on = vr_live_hosts_enter(context->hosts, copy, &g->newcomer);
  }
  if (!g || !copy || !g->on) {
    free(g);
    free(copy);
    return NULL;
  }
  g->key = copy;
  g->key_length = key_length;
  g->host = copy;
  g->name = copy + strlen(copy) + 1;
  g->newest = g->born = g->published_until = INT64_MIN;
  g->catalog = vr_live_catalog_ref(catalog);
  pthread_mutex_init(&g->lock, NULL);
  return g;
}

void vr_live_guest_free(struct vr_live_guest *g,
                        struct vr_live_context *context) {
  vr_live_groups_clear(g, context);
  vr_live_series_free_all(g);
  vr_live_saved_guest_free(g->saved);
  free(g->bound_totals);
  free(g->held);
  free(g->held_models);
  free(g->beats);
  vr_live_drift_free(g->drift);
  vr_live_catalog_unref(g->catalog);
  vr_live_hosts_leave(context->hosts, g->on, &g->newcomer);
  pthread_mutex_destroy(&g->lock);
  free(g->key);
  free(g);
}

/* Values that claim a longer interval are not believed in that. */
#define LONGEST_TICK (3600 * VR_SECOND)

/* The longest interval at which the guest's values are published here; where no
 * model runs, at which they come. */
static vr_time own_interval(const struct vr_live_guest *g) {
  vr_time longest = 0;
  for (size_t b = 0; b < g->n_beats; b++)
    if (g->beats[b].interval > longest)
      longest = g->beats[b].interval;
  for (size_t i = 0; longest == 0 && i < g->n_series; i++)
    if (g->series[i]->series.form.interval > longest)
      longest = g->series[i]->series.form.interval;
  return longest;
}

/* --- the guest's time --- */

/* Rates from now on are not counted from what was before. */
static void forget_last_times(struct vr_live_guest *g) {
  for (int c = 0; c < VR_COUNTERS; c++)
    g->totals[c].last = g->model_totals[c].last = 0;
  for (int c = 0; g->bound_totals && c < VR_COUNTERS; c++)
    g->bound_totals[c].lower.last = g->bound_totals[c].upper.last = 0;
}

/* The guest's time begins anew: a clock was set. Models start at rest. */
static void reset_time(struct vr_live_guest *g, vr_time now) {
  vr_log_notice("guest %s on %s: a clock was set: time went from %.3f to %.3f; "
                "its models start anew",
                g->name, g->host, vr_signal_seconds_of_time(g->newest),
                vr_signal_seconds_of_time(now));
  for (size_t i = 0; i < g->n_series; i++)
    vr_live_members_empty(g->series[i]);
  g->newest = g->born = now;
  g->inherited = false;
  vr_live_quality_forget(g->qualities);
  g->stale = g->set_back = 0;
  g->bind_after = now;
  g->standby_until = g->ahead = 0;
  g->published_until = INT64_MIN;
  g->range_alarm.opposite = g->drift_alarm.opposite = false;
  for (size_t l = 0; l < g->n_groups; l++) {
    g->groups[l].next = vr_signal_tick_of(g->groups[l].step, now);
    g->groups[l].history_n = 0;
  }
  vr_live_beats_restart(g, now);
  forget_last_times(g);
}

/* Is the sample from another time than the guest's others? Then it is dropped,
 * until there are so many that it must be the time that has changed. */
static bool from_another_time(struct vr_live_guest *g, vr_time time,
                              vr_time interval, unsigned lateness) {
  vr_time limit = (STALE_INTERVALS + (vr_time)lateness) * interval;
  if (g->newest == INT64_MIN || time >= g->newest - limit) {
    g->stale = 0;
    return false;
  }
  if (++g->stale <= 2 * vr_live_series_count(g))
    return true;
  reset_time(g, time);
  return false;
}

/* Is the sample so far ahead of the guest's others that their time must have
 * gone on to be there, as after a silence? That is so when a later one comes
 * and none of the old time between; until then it is dropped: what one value
 * claims must not publish a year's ticks at once. */
static bool is_far_ahead(struct vr_live_guest *g, vr_time time,
                         unsigned lateness) {
  vr_time limit = (STALE_INTERVALS + (vr_time)lateness) * own_interval(g);
  if (g->newest == INT64_MIN || limit == 0 || time <= g->newest + limit) {
    g->ahead = 0;
    return false;
  }
  if (g->ahead == 0)
    g->ahead = time;
  if (time <= g->ahead)
    return true;
  g->ahead = 0;
  return false;
}

/* Does the sample show that the clock which stamps the series was set back by a
 * little, so that its counter was higher at an earlier time? */
static bool shows_set_back(struct vr_live_guest *g, const struct vr_series *s,
                           const struct vr_arrival *arrival) {
  if (vr_series_contradicts(s, &arrival->sample))
    return true;
  if (s->n > 0 && arrival->sample.time > vr_series_newest(s))
    g->set_back = 0;
  return false;
}

/* Series without a host do not advance the guest's time: once it has left its
 * host they do not show that it is there, and its runs stay as they were when
 * it left. */
static void note_time(struct vr_live_guest *g,
                      const struct vr_arrival *arrival) {
  vr_time time = arrival->sample.time;
  if (!arrival->names_host)
    return;
  if (g->newest == INT64_MIN ||
      time - g->newest > SILENCE * arrival->interval) {
    g->born = time;
    g->inherited = false;
    vr_live_quality_forget(g->qualities);
  }
  if (g->newest != INT64_MIN)
    atomic_store_explicit(&g->newcomer.came_again, true, memory_order_relaxed);
  if (time > g->newest)
    g->newest = time;
}

/* --- one sample --- */

/* Is the tick that the sample belongs to computed already, in every group? */
static bool is_too_late(const struct vr_live_guest *g, vr_time time) {
  for (size_t l = 0; l < g->n_groups; l++)
    if (time > (g->groups[l].next - 1) * g->groups[l].step)
      return false;
  return g->n_groups > 0;
}

/* The series of the signal, made if there is none and there is a use for it.
 * NULL with *ret_error. */
static struct vr_live_series *series_of(struct vr_live_guest *g,
                                        struct vr_live_context *context,
                                        const struct vr_arrival *arrival,
                                        const struct vr_signal_form *form,
                                        int *ret_error) {
  struct vr_live_series *s = vr_live_series_find(g, arrival->signal);
  *ret_error = 0;
  if (s)
    return s;
  if (!g->catalog->signals[arrival->signal]->wanted &&
      !vr_live_history_has_room(context))
    return NULL;
  s = vr_live_series_add(g, arrival->signal, form,
                         context->options.allowed_lateness + SPARE_SAMPLES);
  if (!s)
    *ret_error = -ENOMEM;
  return s;
}

/* The longest step of a rate group. */
static vr_time longest_step(const struct vr_live_guest *g) {
  vr_time longest = 0;
  for (size_t l = 0; l < g->n_groups; l++)
    if (g->groups[l].step > longest)
      longest = g->groups[l].step;
  return longest;
}

/* Reports of the guest may come more often than at the interval. Where samples
 * would give way that a tick to come is made of, there is room for more. */
static void make_room(const struct vr_live_guest *g, struct vr_series *s,
                      unsigned lateness) {
  if (s->n < s->capacity || s->capacity > MOST_SAMPLES / 2 ||
      vr_series_newest(s) - vr_series_oldest(s) >=
          longest_step(g) + (2 + (vr_time)lateness) * s->form.interval)
    return;
  vr_series_reserve(s, 2 * s->capacity); /* else the oldest give way */
}

/* The member of the list S that the arrival is of. NULL with *ret_error. */
static struct vr_live_series *member_of(const struct vr_live_guest *g,
                                        struct vr_live_series *s,
                                        const struct vr_arrival *arrival,
                                        const struct vr_signal_form *form,
                                        int *ret_error) {
  struct vr_live_series *m = NULL;
  *ret_error = vr_live_members_enter(s, arrival->member, form, &m);
  if (*ret_error != -ENOSPC)
    return m;
  *ret_error = 0;
  if (!s->was_full)
    vr_log_warning("guest %s on %s: more than %d series match %s: those beyond "
                   "are not added up",
                   g->name, g->host, VR_MEMBERS,
                   g->catalog->signals[arrival->signal]->text);
  s->was_full = true;
  return NULL;
}

/* Where the arrival's sample belongs; NULL with *ret_error. */
static struct vr_live_series *place_of(struct vr_live_guest *g,
                                       struct vr_live_context *context,
                                       const struct vr_arrival *arrival,
                                       int *ret_error) {
  const struct vr_signal_form form = {.kind = arrival->kind,
                                      .interval = arrival->interval};
  struct vr_live_series *s = series_of(g, context, arrival, &form, ret_error);
  if (s && arrival->member)
    s = member_of(g, s, arrival, &form, ret_error);
  if (s)
    vr_live_series_change_form(s, &form);
  return s;
}

/* Adds the sample to S. Is S new or back, or has a signal changed on which
 * it depends which models can run? */
static bool add_sample(struct vr_live_guest *g, struct vr_live_series *s,
                       const struct vr_arrival *arrival) {
  bool reserved = arrival->signal < VR_RESERVED_SIGNALS;
  double before = reserved ? vr_live_series_latest(g, arrival->signal) : 0;
  if (s->member)
    vr_live_members_begin(s, arrival->sample.time);
  bool is_new = s->series.n == 0;
  vr_series_add(&s->series, &arrival->sample);
  return is_new ||
         (reserved && vr_live_series_latest(g, arrival->signal) != before);
}

int vr_live_guest_add(struct vr_live_guest *g, struct vr_live_context *context,
                      struct vr_catalog *catalog,
                      const struct vr_arrival *arrival) {
  vr_time time = arrival->sample.time;
  unsigned lateness = context->options.allowed_lateness;
  if (g->catalog != catalog &&
      vr_live_guest_change_catalog(g, context, catalog) < 0)
    return -ENOMEM;
  if (from_another_time(g, time, arrival->interval, lateness) ||
      is_far_ahead(g, time, lateness))
    return 0;
  if (g->bind && time > g->bind_after && vr_live_guest_bind(g, context) < 0)
    return -ENOMEM;

  int error;
  struct vr_live_series *s = place_of(g, context, arrival, &error);
  if (!s)
    return error;
  if (shows_set_back(g, &s->series, arrival)) {
    /* It is dropped; the second in a row of the guest is taken as so. */
    if (++g->set_back < SET_BACK_SAMPLES)
      return 0;
    reset_time(g, time);
    s = place_of(g, context, arrival, &error); /* the members are gone */
    if (!s)
      return error;
  }
  if (is_too_late(g, time))
    atomic_fetch_add_explicit(&context->late, 1, memory_order_relaxed);
  make_room(g, &s->series, lateness);
  bool changed = add_sample(g, s, arrival);
  note_time(g, arrival);
  /* A series without a host may have any time: nothing waits for that. */
  if (changed)
    vr_live_guest_request_bind(
        g, g->newest != INT64_MIN && time > g->newest ? g->newest : time);
  return 0;
}

int vr_live_guest_add_own(struct vr_live_guest *g, const char *sender,
                          unsigned i, enum vr_kind kind, vr_time interval,
                          const struct vr_sample *sample) {
  if (!g->drift)
    g->drift = vr_live_drift_new();
  if (!g->drift)
    return -ENOMEM;
  return vr_live_drift_is_from(g->drift, sender, g->name)
             ? vr_live_drift_add(g->drift, i, kind, interval, sample)
             : 0;
}

/* --- standby --- */

/* A time that is ahead of the guest's counts as now, and an interval that is
 * longer than the guest's own as that: one wrong value must not silence for
 * hours. Before the first sample of the guest there is no now, and
 * nothing that would be published. */
void vr_live_guest_standby(struct vr_live_guest *g,
                           const struct vr_live_context *context, vr_time time,
                           vr_time interval) {
  if (g->newest == INT64_MIN)
    return;
  vr_time lateness = context->options.allowed_lateness;
  vr_time own = own_interval(g);
  vr_time longest = own < LONGEST_TICK ? own : LONGEST_TICK;
  interval = interval < longest ? interval : longest;
  vr_time latest = g->newest + (STANDBY_INTERVALS + lateness) * interval;
  vr_time until =
      (time < latest ? time : latest) + STANDBY_INTERVALS * interval;
  if (until > g->standby_until)
    g->standby_until = until;
}
