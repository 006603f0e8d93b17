/* SPDX-License-Identifier: MIT */
#include "topology/advice.h"

#include "basic/cleanup.h"
#include "topology/advice_anneal.h"
#include "topology/advice_state.h"

#include <errno.h>
#include <math.h>
#include <string.h>

enum {
  TOGETHER = 24, /* steps that are tried together where no single one helps */
  ANNEALED = 6,  /* targets that are looked for by annealing */
  /* With more guests only steps are tried that help by themselves. */
  MOST_GUESTS_TOGETHER = 100,
};

struct vr_advice_options vr_advice_defaults(void) {
  return (struct vr_advice_options){.max_steps = 50, .least_gain = 0.001};
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

/* A guest that moves has to be worth LEAST. */
static double cost(const struct vr_advice_step *step, double least) {
  return step->is_swap ? 2 * least : least;
}

/* One step after the other, while each helps by itself. */
static void go_greedily(struct vr_advice_state *s, double least,
                        struct plan *p) {
  struct vr_advice_step step;
  while (p->n < p->capacity && vr_advice_state_best(s, least, &step))
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
  double worth_it = 0, most = 0;
  struct vr_advice_step step;
  while (p->n < p->capacity && p->n < begin + TOGETHER &&
         vr_advice_state_best(s, -INFINITY, &step)) {
    add_step(p, s, &step);
    s->locked[step.guest] = true;
    if (step.is_swap)
      s->locked[step.other] = true;
    worth_it += step.bytes - cost(&step, least);
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

/* The way from where the guests are to TARGET, as far as the limits allow. */
static void go_directly(struct vr_advice_state *s, const size_t *target,
                        struct plan *p) {
  struct vr_advice_step step;
  while (p->n < p->capacity && vr_advice_state_toward(s, target, &step))
    add_step(p, s, &step);
}

static void go_on(struct vr_advice_state *s, double least, struct plan *p) {
  go_greedily(s, least, p);
  while (s->n <= MOST_GUESTS_TOGETHER && go_together(s, least, p))
    go_greedily(s, least, p);
}

/* Only as many steps as were asked for; what comes last and is not worth it by
 * then is left out. Returns what the plan is worth. */
static double cut(struct plan *p, const struct vr_advice_options *options,
                  double least) {
  size_t best = 0;
  double worth_it = 0, most = 0;
  for (size_t i = 0; i < p->n && i < options->max_steps; i++) {
    worth_it += p->steps[i].bytes - cost(&p->steps[i], least);
    if (worth_it > most) {
      most = worth_it;
      best = i + 1;
    }
  }
  p->n = best;
  return most;
}

struct search {
  const struct vr_placement *placement;
  const struct vr_advice_options *options;
  double least; /* bytes per second */
  bool is_small;
  struct plan best;
  double worth; /* of the best plan */
};

static void search_clear(struct search *f) { plan_clear(&f->best); }

/* P is the best plan if it is distinctly better than the best one so far. */
static void compare(struct search *f, struct plan *p) {
  double worth = cut(p, f->options, f->least);
  if (f->best.steps && worth <= f->worth + f->least)
    return;
  struct plan x = f->best;
  f->best = *p;
  *p = x;
  f->worth = worth;
}

/* Follows TARGET, then goes on from there. */
static int follow(struct search *f, const size_t *target, bool goes_on) {
  size_t capacity = 4 * f->placement->n_guests + TOGETHER;
  vr_cleanup(vr_advice_state_clear) struct vr_advice_state s = {0};
  vr_cleanup(plan_clear) struct plan p = {0};
  if (vr_advice_state_init(&s, f->placement) < 0 || plan_init(&p, capacity) < 0)
    return -ENOMEM;
  go_directly(&s, target, &p);
  if (goes_on)
    go_on(&s, f->least, &p);
  compare(f, &p);
  return 0;
}

/* Steps that help, and the shorter way to where they lead. PER_COPY: prefer
 * what has little memory to copy. */
static int try_steps(struct search *f, bool per_copy) {
  size_t capacity = f->is_small ? 4 * f->placement->n_guests + TOGETHER
                                : f->options->max_steps;
  vr_cleanup(vr_advice_state_clear) struct vr_advice_state s = {0};
  vr_cleanup(plan_clear) struct plan p = {0};
  if (vr_advice_state_init(&s, f->placement) < 0 || plan_init(&p, capacity) < 0)
    return -ENOMEM;
  if (!per_copy)
    s.usual_copy = 0;
  go_on(&s, f->least, &p);
  if (f->is_small && follow(f, s.host, false) < 0)
    return -ENOMEM;
  compare(f, &p);
  return 0;
}

static int try_annealing(struct search *f) {
  vr_auto_free size_t *target =
      calloc(f->placement->n_guests + 1, sizeof(*target));
  if (!target)
    return -ENOMEM;
  for (unsigned seed = 1; seed <= ANNEALED; seed++) {
    vr_cleanup(vr_advice_state_clear) struct vr_advice_state s = {0};
    if (vr_advice_state_init(&s, f->placement) < 0)
      return -ENOMEM;
    vr_advice_anneal(&s, f->least, seed, target);
    if (follow(f, target, true) < 0)
      return -ENOMEM;
  }
  return 0;
}

/* The way with little to copy, unless another one saves distinctly more. */
static int find_plan(struct search *f) {
  int r = try_steps(f, true);
  if (r == 0)
    r = try_steps(f, false);
  if (r == 0 && f->is_small)
    r = try_annealing(f);
  return r;
}

static int conclude(const struct vr_placement *placement, struct plan *p,
                    struct vr_advice *a) {
  size_t *host = calloc(placement->n_guests + 1, sizeof(*host));
  if (!host)
    return -ENOMEM;
  for (size_t i = 0; i < placement->n_guests; i++)
    host[i] = placement->guests[i].host;
  a->n_guests = placement->n_guests;
  a->total = vr_placement_total(placement);
  a->crossing = vr_placement_crossing(placement, host);
  a->n_steps = p->n;
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
  vr_cleanup(search_clear) struct search f = {
      .placement = p,
      .options = options,
      .least = options->least_gain * vr_placement_total(p),
      .is_small = p->n_guests <= MOST_GUESTS_TOGETHER,
  };
  struct vr_advice a = {0};
  int r = find_plan(&f);
  if (r == 0)
    r = conclude(p, &f.best, &a);
  if (r == 0)
    *ret = a;
  return r;
}
