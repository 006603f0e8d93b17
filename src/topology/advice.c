/* SPDX-License-Identifier: MIT */
#include "topology/advice.h"

#include "basic/cleanup.h"
#include "topology/advice_state.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Steps that are tried together where no single one helps. */
enum { TOGETHER = 24, MOST_GUESTS_TOGETHER = 100 };

struct vr_advice_options vr_advice_defaults(void) {
  return (struct vr_advice_options){.max_steps = 12, .least_gain = 0.01};
}

void vr_advice_clear(struct vr_advice *a) {
  free(a->steps);
  free(a->host);
  *a = (struct vr_advice){0};
}

struct plan {
  size_t n, capacity;
  struct vr_advice_step *steps;
};

static void plan_clear(struct plan *p) { free(p->steps); }

static int plan_init(struct plan *p, size_t capacity) {
  p->capacity = capacity;
  p->steps = calloc(capacity + 1, sizeof(*p->steps));
  return p->steps ? 0 : -ENOMEM;
}

static void add_step(struct plan *p, struct vr_advice_state *s,
                     const struct vr_advice_step *step) {
  p->steps[p->n++] = *step;
  vr_advice_state_take(s, step);
}

static void take_back(struct vr_advice_state *s,
                      const struct vr_advice_step *step) {
  struct vr_advice_step back = *step;
  back.from = step->to;
  back.to = step->from;
  vr_advice_state_take(s, &back);
}

/* One step after the other, while each helps by itself. */
static void go_greedily(struct vr_advice_state *s, double least,
                        struct plan *p) {
  struct vr_advice_step step;
  while (p->n < p->capacity && vr_advice_state_best(s, least, NULL, &step))
    add_step(p, s, &step);
}

static void unlock(struct vr_advice_state *s) {
  for (size_t i = 0; i < s->n; i++)
    s->locked[i] = s->p->guests[i].fixed;
}

/* Kernighan and Lin: the best steps one after the other even where they cost,
 * no guest twice; those up to the point where most is saved are kept. Returns
 * whether anything is. */
static bool go_together(struct vr_advice_state *s, double least,
                        struct plan *p) {
  size_t begin = p->n, keep = p->n;
  double sum = 0, most = 0;
  struct vr_advice_step step;
  while (p->n < p->capacity && p->n < begin + TOGETHER &&
         vr_advice_state_best(s, -INFINITY, NULL, &step)) {
    add_step(p, s, &step);
    s->locked[step.guest] = true;
    if (step.is_swap)
      s->locked[step.other] = true;
    sum += step.bytes;
    double worth_it = sum - least * (double)(p->n - begin);
    if (worth_it > most) {
      most = worth_it;
      keep = p->n;
    }
  }
  while (p->n > keep)
    take_back(s, &p->steps[--p->n]);
  unlock(s);
  return keep > begin;
}

/* The way from where the guests are to TARGET, no guest twice. False if there
 * is none that keeps all limits. */
static bool go_directly(struct vr_advice_state *s, const size_t *target,
                        struct plan *p) {
  struct vr_advice_step step;
  while (p->n < p->capacity &&
         vr_advice_state_best(s, -INFINITY, target, &step))
    add_step(p, s, &step);
  return memcmp(s->host, target, s->n * sizeof(*target)) == 0;
}

struct way {
  struct plan plan;
  double crossing;
};

static void way_clear(struct way *w) { plan_clear(&w->plan); }

static void exchange(struct plan *a, struct plan *b) {
  struct plan x = *a;
  *a = *b;
  *b = x;
}

/* Looks for steps without a limit to their number. PER_COPY: prefer what has
 * little memory to copy. */
static int find_way(const struct vr_placement *placement, double least,
                    bool per_copy, struct way *w) {
  size_t capacity = 4 * placement->n_guests + TOGETHER;
  vr_cleanup(vr_advice_state_clear) struct vr_advice_state s = {0};
  vr_cleanup(vr_advice_state_clear) struct vr_advice_state again = {0};
  vr_cleanup(plan_clear) struct plan direct = {0};
  if (vr_advice_state_init(&s, placement) < 0 ||
      vr_advice_state_init(&again, placement) < 0 ||
      plan_init(&w->plan, capacity) < 0 || plan_init(&direct, capacity) < 0)
    return -ENOMEM;
  if (!per_copy)
    s.usual_copy = 0;
  go_greedily(&s, least, &w->plan);
  while (s.n <= MOST_GUESTS_TOGETHER && go_together(&s, least, &w->plan))
    go_greedily(&s, least, &w->plan);
  w->crossing = vr_placement_crossing(placement, s.host);
  if (go_directly(&again, s.host, &direct) && direct.n <= w->plan.n)
    exchange(&w->plan, &direct);
  return 0;
}

/* The way with little to copy, unless another one saves distinctly more. */
static int find_plan(const struct vr_placement *placement, double least,
                     struct plan *ret) {
  vr_cleanup(way_clear) struct way cheap = {0}, other = {0};
  int r = find_way(placement, least, true, &cheap);
  if (r == 0)
    r = find_way(placement, least, false, &other);
  if (r == 0)
    exchange(ret, other.crossing < cheap.crossing - 2 * least ? &other.plan
                                                              : &cheap.plan);
  return r;
}

/* Only as many steps as were asked for; what comes last and saves nothing by
 * then is left out. */
static size_t steps_wanted(const struct plan *p, size_t max_steps) {
  size_t best = 0;
  double sum = 0, most = 0;
  for (size_t i = 0; i < p->n && i < max_steps; i++) {
    sum += p->steps[i].bytes;
    if (sum > most) {
      most = sum;
      best = i + 1;
    }
  }
  return best;
}

static int conclude(const struct vr_placement *placement, struct plan *p,
                    size_t max_steps, struct vr_advice *a) {
  size_t *host = calloc(placement->n_guests + 1, sizeof(*host));
  if (!host)
    return -ENOMEM;
  for (size_t i = 0; i < placement->n_guests; i++)
    host[i] = placement->guests[i].host;
  a->n_guests = placement->n_guests;
  a->total = vr_placement_total(placement);
  a->crossing = vr_placement_crossing(placement, host);
  a->n_steps = steps_wanted(p, max_steps);
  a->steps = vr_steal(&p->steps);
  for (size_t i = 0; i < a->n_steps; i++) {
    const struct vr_advice_step *step = &a->steps[i];
    host[step->guest] = step->to;
    if (step->is_swap)
      host[step->other] = step->from;
    a->copy += step->copy;
  }
  a->crossing_advised = vr_placement_crossing(placement, host);
  a->host = host;
  return 0;
}

int vr_advice_find(const struct vr_placement *p,
                   const struct vr_advice_options *options,
                   struct vr_advice *ret) {
  vr_cleanup(plan_clear) struct plan plan = {0};
  struct vr_advice a = {0};
  double least = options->least_gain * vr_placement_total(p);
  int r = find_plan(p, least, &plan);
  if (r == 0)
    r = conclude(p, &plan, options->max_steps, &a);
  if (r == 0)
    *ret = a;
  return r;
}
