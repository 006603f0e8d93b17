/* SPDX-License-Identifier: MIT */
#include "live/sum_members.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- who is there --- */

/* The last of the list S, where there is room for another; else NULL. */
static struct vr_live_series *last_of(struct vr_live_series *s) {
  unsigned n = 1;
  for (; s->next; s = s->next)
    n++;
  return n < VR_MEMBERS ? s : NULL;
}

static int add(struct vr_live_series *first, const char *instance,
               const struct vr_signal_form *form,
               struct vr_live_series **ret_member) {
  struct vr_live_series *last = last_of(first);
  if (!last)
    return -ENOSPC;
  struct vr_live_series *m = calloc(1, sizeof(*m));
  char *copy = strdup(instance);
  if (!m || !copy ||
      vr_series_init(&m->series, form, first->series.capacity) < 0) {
    free(m);
    free(copy);
    return -ENOMEM;
  }
  m->signal = first->signal;
  m->member = copy;
  *ret_member = last->next = m;
  return 0;
}

/* Nothing is left of the name that the first one has. */
static int rename_first(struct vr_live_series *first, const char *instance,
                        struct vr_live_series **ret_member) {
  char *copy = strdup(instance);
  if (!copy)
    return -ENOMEM;
  free(first->member);
  first->member = copy;
  *ret_member = first;
  return 0;
}

int vr_live_members_enter(struct vr_live_series *s, const char *instance,
                          const struct vr_signal_form *form,
                          struct vr_live_series **ret_member) {
  for (struct vr_live_series *m = s->member ? s : NULL; m; m = m->next)
    if (strcmp(m->member, instance) == 0) {
      *ret_member = m;
      return 0;
    }
  return s->series.n == 0 ? rename_first(s, instance, ret_member)
                          : add(s, instance, form, ret_member);
}

static vr_time longest_gap(const struct vr_live_series *m) {
  return m->series.form.interval * 5 / 2;
}

void vr_live_members_begin(struct vr_live_series *m, vr_time time) {
  if (m->series.n > 0 && time - vr_series_newest(&m->series) > longest_gap(m))
    vr_series_empty(&m->series);
  bool is_first = m->series.n == 0 || time < m->begun;
  if (is_first)
    m->begun =
        m->series.form.kind == VR_GAUGE ? time - m->series.form.interval : time;
}

static void member_free(struct vr_live_series *m) {
  vr_series_clear(&m->series);
  free(m->member);
  free(m);
}

/* The first one stays where it is, for the inputs of models point at it: it
 * takes what the next one holds. */
static void drop_first(struct vr_live_series *s) {
  struct vr_live_series *next = s->next;
  const struct vr_live_series first = *s;
  *s = *next;
  next->series = first.series;
  next->member = first.member;
  member_free(next);
}

bool vr_live_members_drop(struct vr_live_series *s, vr_time oldest) {
  for (struct vr_live_series **at = &s->next; *at;) {
    struct vr_live_series *m = *at;
    if (m->series.n > 0 && vr_series_newest(&m->series) > oldest) {
      at = &m->next;
      continue;
    }
    *at = m->next;
    member_free(m);
  }
  if (s->series.n > 0 && vr_series_newest(&s->series) > oldest)
    return false;
  if (s->next) {
    drop_first(s);
    return false;
  }
  vr_series_empty(&s->series);
  return true;
}

void vr_live_members_clear(struct vr_live_series *s) {
  while (s->next) {
    struct vr_live_series *m = s->next;
    s->next = m->next;
    member_free(m);
  }
}

void vr_live_members_empty(struct vr_live_series *s) {
  vr_live_members_clear(s);
  vr_series_empty(&s->series);
}

vr_time vr_live_members_interval(const struct vr_live_series *s) {
  vr_time longest = 0;
  for (; s; s = s->next)
    if (s->series.n > 0 && s->series.form.interval > longest)
      longest = s->series.form.interval;
  return longest;
}

int vr_live_members_reserve(struct vr_live_series *s, unsigned capacity) {
  int r = 0;
  for (; s && r == 0; s = s->next)
    r = vr_series_reserve(&s->series, capacity);
  return r;
}

/* --- one tick --- */

/* Has M ended? */
static bool has_ended(const struct vr_live_series *first,
                      const struct vr_live_series *m) {
  vr_time newest = vr_series_newest(&m->series);
  for (const struct vr_live_series *o = first; o; o = o->next) {
    if (o == m || o->series.n == 0)
      continue;
    vr_time ahead = vr_series_newest(&o->series) - newest;
    bool replaces = o->begun > newest && o->series.n > 1;
    if (ahead > longest_gap(m) ||
        (replaces && ahead > m->series.form.interval * 3 / 2))
      return true;
  }
  return false;
}

bool vr_live_members_cover(const struct vr_live_series *s, vr_time begin,
                           vr_time end) {
  if (!s->member)
    return vr_series_covers(&s->series, begin, end);
  for (const struct vr_live_series *m = s; m; m = m->next)
    if (m->series.n > 0 && !vr_series_covers(&m->series, begin, end) &&
        !has_ended(s, m))
      return false;
  return s->series.n > 0;
}

/* Has one that was not there before followed M before long? Then M goes on as
 * that, and the time between the two is not known; *ret_begun is its end. */
static bool is_followed(const struct vr_live_series *first,
                        const struct vr_live_series *m, vr_time *ret_begun) {
  vr_time newest = vr_series_newest(&m->series);
  *ret_begun = INT64_MAX;
  for (const struct vr_live_series *o = first; o; o = o->next)
    if (o != m && o->series.n > 0 && o->begun > newest &&
        o->begun - newest <= longest_gap(m) && o->begun < *ret_begun)
      *ret_begun = o->begun;
  return *ret_begun < INT64_MAX;
}

static bool follows(const struct vr_live_series *first,
                    const struct vr_live_series *o) {
  for (const struct vr_live_series *m = first; m; m = m->next) {
    vr_time newest = m->series.n > 0 ? vr_series_newest(&m->series) : INT64_MAX;
    if (m != o && newest < o->begun && o->begun - newest <= longest_gap(m))
      return true;
  }
  return false;
}

/* Members that were there for a part of a tick only. */
struct parts {
  double sum;          /* of mean values times known parts */
  double ended, begun; /* the longest known parts */
  bool any;
};

/* The mean over the time in which any was there: those that ended, then those
 * that began. */
static double mean_of(const struct parts *p) {
  double known = p->ended + p->begun;
  return known > 0 ? p->sum / known : NAN;
}

/* What is known of a tick: of members that were there for all of it, of those
 * that follow others or are followed by them, and of those that came or went
 * alone, and were nothing for the rest of it. */
struct tick_sum {
  vr_time begin, end;
  double all;
  bool has_all, unknown;
  struct parts handed_over, alone;
};

static void add_part(struct parts *p, double mean, double known, bool ends) {
  double *longest = ends ? &p->ended : &p->begun;
  p->any = true;
  if (!isfinite(mean))
    return;
  p->sum += mean * known;
  *longest = fmax(*longest, known);
}

/* M ended in the tick, or before. */
static void add_ended(struct tick_sum *t, const struct vr_live_series *first,
                      const struct vr_live_series *m, double mean,
                      double known) {
  vr_time begun;
  if (is_followed(first, m, &begun) && begun > t->begin)
    add_part(&t->handed_over, mean, known, true);
  else if (isfinite(mean))
    add_part(&t->alone, mean, known, true);
}

static void add_member(struct tick_sum *t, const struct vr_live_series *first,
                       const struct vr_live_series *m) {
  const struct vr_series *s = &m->series;
  double known, mean = vr_resample_mean(&s->form, s->samples + s->at, s->n,
                                        t->begin, t->end, &known);
  bool is_short = vr_series_newest(s) < t->end;
  if (is_short && has_ended(first, m)) {
    add_ended(t, first, m, mean, known);
  } else if (m->begun <= t->begin) {
    t->has_all = true;
    t->unknown = t->unknown || !isfinite(mean);
    t->all += mean;
  } else if (m->begun < t->end) {
    t->unknown = t->unknown || is_short; /* its next one is on the way */
    add_part(follows(first, m) ? &t->handed_over : &t->alone, mean, known,
             false);
  }
}

double vr_live_members_mean(const struct vr_live_series *s, vr_time begin,
                            vr_time end) {
  if (!s->member)
    return vr_series_mean(&s->series, begin, end);
  struct tick_sum t = {.begin = begin, .end = end};
  for (const struct vr_live_series *m = s; m; m = m->next)
    if (m->series.n > 0)
      add_member(&t, s, m);
  if (t.unknown)
    return NAN;
  if (t.has_all || t.handed_over.any)
    return t.all + t.alone.sum +
           (t.handed_over.any ? mean_of(&t.handed_over) : 0);
  return mean_of(&t.alone);
}

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

vr_time vr_live_members_first_after(const struct vr_live_series *s, vr_time end,
                                    vr_time limit) {
  for (; s; s = s->next)
    limit = first_after(&s->series, end, limit);
  return limit;
}
