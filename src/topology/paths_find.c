/* SPDX-License-Identifier: MIT */
#include "basic/cleanup.h"
#include "topology/paths_rates.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Single changes are tried until this many steps of the computation were
 * taken, some 10 ms: a count, so that a plan does not depend on the machine. */
#define MOST_WORK UINT64_C(4000000)
/* What a way that differs from the default must add, of what gets through. */
#define WORTH 1e-3
#define BETTER (1 + 1e-9)

void vr_paths_plan_clear(struct vr_paths_plan *plan) {
  free(plan->via);
  *plan = (struct vr_paths_plan){0};
}

struct search {
  const struct vr_paths *p;
  struct vr_paths_rates r;
  size_t *via, *best, *kept;
  double best_carried;
  bool hopeful; /* a delay that is not known counts as none: another start */
};

static size_t *copy_of_default(const struct vr_paths *p) {
  size_t *via = calloc(p->n * p->n + 1, sizeof(*via));
  for (size_t w = 0; via && w < p->n * p->n; w++)
    via[w] = w / p->n == w % p->n ? VR_PATHS_DIRECT
                                  : vr_paths_default(p, w / p->n, w % p->n);
  return via;
}

static void copy(const struct search *s, size_t *to, const size_t *from) {
  memcpy(to, from, s->p->n * s->p->n * sizeof(*to));
}

/* Does anybody reach TO through FROM? */
static bool is_second_leg(const struct search *s, size_t from, size_t to) {
  for (size_t i = 0; i < s->p->n; i++)
    if (i != from && i != to && s->via[i * s->p->n + to] == from)
      return true;
  return false;
}

/* Sets the way from FROM to TO, and, so that it exists, that of the relay on.
 * Returns whether it can be. */
static bool set_way(struct search *s, size_t from, size_t to, size_t via) {
  size_t n = s->p->n;
  if (!vr_paths_exists(s->p, from, to, via) ||
      (via != VR_PATHS_DIRECT && is_second_leg(s, from, to)))
    return false;
  s->via[from * n + to] = via;
  if (via != VR_PATHS_DIRECT)
    s->via[via * n + to] = VR_PATHS_DIRECT;
  return true;
}

static double room_of(const struct search *s, const double *left, size_t from,
                      size_t to) {
  size_t n;
  const size_t *links = vr_paths_rates_links(&s->r, from, to, &n);
  double room = INFINITY;
  for (size_t i = 0; i < n; i++)
    room = fmin(room, left[links[i]]);
  return room;
}

static void use(const struct search *s, double *left, size_t from, size_t to,
                double bytes) {
  size_t n;
  const size_t *links = vr_paths_rates_links(&s->r, from, to, &n);
  for (size_t i = 0; i < n; i++)
    left[links[i]] -= bytes;
}

/* --- the largest first --- */

struct way {
  size_t via;
  double room, delay;
  bool lossy;
};

static struct way look_at(const struct search *s, const double *left,
                          const struct vr_paths_flow *f, size_t via) {
  return (struct way){
      via,
      via == VR_PATHS_DIRECT
          ? room_of(s, left, f->from, f->to)
          : fmin(room_of(s, left, f->from, via), room_of(s, left, via, f->to)),
      vr_paths_delay(s->p, f->from, f->to, via, s->hopeful ? 0 : NAN),
      vr_paths_loss(s->p, f->from, f->to, via) >= VR_PATHS_LOSSY};
}

/* Room beyond what the flow wants is of no use: then one that loses nothing,
 * then the shorter one. A delay that is not known is not shorter. */
static bool is_wider(const struct way *a, const struct way *b, double want) {
  double x = fmin(a->room, want), y = fmin(b->room, want);
  if (x != y)
    return x > y;
  return a->lossy != b->lossy ? b->lossy : a->delay < b->delay;
}

static void route_widest(struct search *s, double *left,
                         const struct vr_paths_flow *f) {
  const struct vr_paths *p = s->p;
  size_t usual = s->via[f->from * p->n + f->to];
  struct way best = look_at(s, left, f, usual);
  bool exists = vr_paths_exists(p, f->from, f->to, usual);
  for (size_t k = 0; k <= p->n; k++) {
    size_t via = k == 0 ? VR_PATHS_DIRECT : k - 1;
    if (!vr_paths_exists(p, f->from, f->to, via))
      continue;
    struct way w = look_at(s, left, f, via);
    bool wider = !exists || is_wider(&w, &best, f->want);
    if (wider && set_way(s, f->from, f->to, via)) {
      best = w;
      exists = true;
    }
  }
  if (!exists)
    return;
  double bytes = fmax(0, fmin(best.room, f->want));
  use(s, left, f->from, best.via == VR_PATHS_DIRECT ? f->to : best.via, bytes);
  if (best.via != VR_PATHS_DIRECT)
    use(s, left, best.via, f->to, bytes);
}

static int route_all(struct search *s, bool hopeful) {
  vr_auto_free double *left = calloc(s->p->n_links + 1, sizeof(*left));
  if (!left)
    return -ENOMEM;
  for (size_t l = 0; l < s->p->n_links; l++)
    left[l] = fmax(0, s->p->links[l].capacity - s->p->links[l].other);
  s->hopeful = hopeful;
  for (size_t i = 0; i < s->p->n_flows; i++)
    route_widest(s, left, &s->p->flows[i]);
  return 0;
}

/* --- single changes --- */

/* Whether another way of one flow lets more through; then it is set. */
static bool improve(struct search *s, const struct vr_paths_flow *f,
                    double *carried) {
  const struct vr_paths *p = s->p;
  size_t w = f->from * p->n + f->to;
  bool improved = false;
  for (size_t k = 0; k <= p->n && s->r.work < MOST_WORK; k++) {
    size_t via = k == 0 ? VR_PATHS_DIRECT : k - 1;
    if (via == s->via[w])
      continue;
    copy(s, s->kept, s->via);
    if (!set_way(s, f->from, f->to, via))
      continue;
    double c = vr_paths_rates_fill(&s->r, s->via);
    if (c > *carried * BETTER) {
      *carried = c;
      improved = true;
    } else {
      copy(s, s->via, s->kept);
    }
  }
  return improved;
}

static void climb(struct search *s) {
  double carried = vr_paths_rates_fill(&s->r, s->via);
  bool improved = true;
  while (improved && s->r.work < MOST_WORK) {
    improved = false;
    for (size_t i = 0; i < s->p->n_flows; i++)
      improved |= improve(s, &s->p->flows[i], &carried);
  }
  if (carried > s->best_carried * BETTER) {
    s->best_carried = carried;
    copy(s, s->best, s->via);
  }
}

/* --- the plan --- */

/* Sets the way W to USUAL if that is valid, and at least LEAST gets through. */
static bool set_back(struct search *s, size_t w, size_t usual, double least) {
  size_t was = s->via[w];
  s->via[w] = usual;
  if (was != usual && vr_paths_are_valid(s->p, s->via) &&
      vr_paths_rates_fill(&s->r, s->via) >= least)
    return true;
  s->via[w] = was;
  return false;
}

/* Ways that add nothing go back to the default. */
static void simplify(struct search *s, const size_t *usual, double by_default) {
  double least = fmax(s->best_carried * (1 - WORTH), by_default);
  bool changed = true;
  copy(s, s->via, s->best);
  while (changed) {
    changed = false;
    for (size_t w = 0; w < s->p->n * s->p->n; w++)
      changed |= set_back(s, w, usual[w], least);
  }
  copy(s, s->best, s->via);
  s->best_carried = vr_paths_rates_fill(&s->r, s->best);
}

static bool has_delays(const struct vr_paths *p) {
  for (size_t w = 0; w < p->n * p->n; w++)
    if (!isnan(p->seen[w].delay))
      return true;
  return false;
}

static int search(struct search *s, const size_t *usual,
                  struct vr_paths_plan *plan) {
  const struct vr_paths *p = s->p;
  for (size_t i = 0; i < p->n_flows; i++)
    plan->total += p->flows[i].want;
  plan->by_default = s->best_carried = vr_paths_rates_fill(&s->r, usual);
  plan->now = vr_paths_rates_fill(&s->r, p->via);
  copy(s, s->best, usual);
  copy(s, s->via, usual);
  if (has_delays(p)) {
    if (route_all(s, false) < 0)
      return -ENOMEM;
    climb(s);
    copy(s, s->via, usual);
  }
  if (route_all(s, true) < 0)
    return -ENOMEM;
  climb(s);
  if (vr_paths_are_valid(p, p->via)) {
    copy(s, s->via, p->via);
    climb(s);
  }
  copy(s, s->via, usual);
  climb(s);
  simplify(s, usual, plan->by_default);
  plan->planned = s->best_carried;
  return 0;
}

int vr_paths_find(const struct vr_paths *p, struct vr_paths_plan *ret) {
  struct search s = {.p = p};
  size_t room = p->n * p->n + 1;
  vr_auto_free size_t *usual = copy_of_default(p);
  vr_auto_free size_t *via = calloc(room, sizeof(*via));
  vr_auto_free size_t *kept = calloc(room, sizeof(*kept));
  vr_auto_free size_t *best = calloc(room, sizeof(*best));
  vr_cleanup(vr_paths_rates_clear) struct vr_paths_rates rates = {0};
  if (!usual || !via || !kept || !best || vr_paths_rates_init(&rates, p) < 0)
    return -ENOMEM;
  struct vr_paths_plan plan = {.n = p->n};
  s.r = rates;
  s.via = via;
  s.kept = kept;
  s.best = best;
  int r = search(&s, usual, &plan);
  if (r < 0)
    return r;
  plan.via = vr_steal(&best);
  *ret = plan;
  return 0;
}
