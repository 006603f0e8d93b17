/* SPDX-License-Identifier: MIT */
#include "topology/advice_state.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void vr_advice_state_clear(struct vr_advice_state *s) {
  free(s->both);
  free(s->at);
  free(s->host);
  free(s->cpu);
  free(s->memory);
  free(s->nic);
  free(s->apart);
  free(s->has_apart);
  free(s->locked);
}

static double both(const struct vr_advice_state *s, size_t i, size_t j) {
  return s->both[i * s->n + j];
}

/* What guest I exchanges with the guests on host H. */
static double at(const struct vr_advice_state *s, size_t i, size_t h) {
  return s->at[i * s->k + h];
}

static double all_of(const struct vr_advice_state *s, size_t i) {
  double sum = 0;
  for (size_t h = 0; h < s->k; h++)
    sum += at(s, i, h);
  return sum;
}

static void mark_apart(struct vr_advice_state *s) {
  for (size_t a = 0; a < s->p->n_apart; a++) {
    const struct vr_placement_apart *group = &s->p->apart[a];
    for (size_t i = 0; i < group->n; i++) {
      s->has_apart[group->guests[i]] = true;
      for (size_t j = 0; j < group->n; j++)
        s->apart[group->guests[i] * s->n + group->guests[j]] = i != j;
    }
  }
}

static void sum_hosts(struct vr_advice_state *s) {
  memset(s->at, 0, s->n * s->k * sizeof(*s->at));
  memset(s->cpu, 0, s->k * sizeof(*s->cpu));
  memset(s->memory, 0, s->k * sizeof(*s->memory));
  memset(s->nic, 0, s->k * sizeof(*s->nic));
  for (size_t i = 0; i < s->n; i++) {
    for (size_t j = 0; j < s->n; j++)
      s->at[i * s->k + s->host[j]] += both(s, i, j);
    s->cpu[s->host[i]] += s->p->guests[i].cpu;
    s->memory[s->host[i]] += s->p->guests[i].memory;
  }
  for (size_t i = 0; i < s->n; i++)
    s->nic[s->host[i]] += all_of(s, i) - at(s, i, s->host[i]);
}

int vr_advice_state_init(struct vr_advice_state *s,
                         const struct vr_placement *p) {
  size_t n = p->n_guests, k = p->n_hosts;
  s->p = p;
  s->n = n;
  s->k = k;
  s->both = calloc(n * n + 1, sizeof(*s->both));
  s->at = calloc(n * k + 1, sizeof(*s->at));
  s->host = calloc(n + 1, sizeof(*s->host));
  s->cpu = calloc(k + 1, sizeof(*s->cpu));
  s->memory = calloc(k + 1, sizeof(*s->memory));
  s->nic = calloc(k + 1, sizeof(*s->nic));
  s->apart = calloc(n * n + 1, sizeof(*s->apart));
  s->has_apart = calloc(n + 1, sizeof(*s->has_apart));
  s->locked = calloc(n + 1, sizeof(*s->locked));
  if (!s->both || !s->at || !s->host || !s->cpu || !s->memory || !s->nic ||
      !s->apart || !s->has_apart || !s->locked)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    s->host[i] = p->guests[i].host;
    s->locked[i] = p->guests[i].fixed;
    s->usual_copy += p->guests[i].memory / (double)n;
  }
  for (size_t d = 0; d < p->n_demands; d++) {
    size_t i = p->demands[d].from, j = p->demands[d].to;
    if (i == j)
      continue;
    s->both[i * n + j] += p->demands[d].bytes;
    s->both[j * n + i] += p->demands[d].bytes;
  }
  mark_apart(s);
  sum_hosts(s);
  return 0;
}

/* --- what a step would do --- */

/* Bytes per second that no longer cross hosts. */
static double gain_of_move(const struct vr_advice_state *s, size_t i,
                           size_t to) {
  return at(s, i, to) - at(s, i, s->host[i]);
}

static double gain_of_swap(const struct vr_advice_state *s, size_t i,
                           size_t j) {
  return gain_of_move(s, i, s->host[j]) + gain_of_move(s, j, s->host[i]) -
         2 * both(s, i, j);
}

/* May USED grow by MORE? What is exceeded already may shrink. */
static bool fits(double used, double more, double limit) {
  return more <= 0 || used + more <= limit;
}

/* Would anybody on host H, WITHOUT aside, have to be apart from I? */
static bool clashes(const struct vr_advice_state *s, size_t i, size_t h,
                    size_t without) {
  if (!s->has_apart[i])
    return false;
  for (size_t j = 0; j < s->n; j++)
    if (s->host[j] == h && j != without && s->apart[i * s->n + j])
      return true;
  return false;
}

static bool has_room(const struct vr_advice_state *s, size_t h, double cpu,
                     double memory) {
  const struct vr_placement_host *limit = &s->p->hosts[h];
  return fits(s->cpu[h], cpu, limit->cpu) &&
         fits(s->memory[h], memory, limit->memory);
}

/* What crosses the edge of host H between it and guest I, when I is not on it:
 * how its load changes if I goes there. */
static double nic_if_joined(const struct vr_advice_state *s, size_t i,
                            size_t h) {
  return all_of(s, i) - 2 * at(s, i, h);
}

static double nic_if_left(const struct vr_advice_state *s, size_t i, size_t h) {
  return 2 * at(s, i, h) - all_of(s, i);
}

static bool move_is_allowed(const struct vr_advice_state *s, size_t i,
                            size_t to) {
  const struct vr_placement_guest *g = &s->p->guests[i];
  size_t from = s->host[i];
  return !s->locked[i] && to != from && has_room(s, to, g->cpu, g->memory) &&
         fits(s->nic[to], nic_if_joined(s, i, to), s->p->hosts[to].nic) &&
         fits(s->nic[from], nic_if_left(s, i, from), s->p->hosts[from].nic) &&
         !clashes(s, i, to, s->n);
}

static bool swap_is_allowed(const struct vr_advice_state *s, size_t i,
                            size_t j) {
  const struct vr_placement_guest *a = &s->p->guests[i], *b = &s->p->guests[j];
  size_t x = s->host[i], y = s->host[j];
  double cpu = a->cpu - b->cpu, memory = a->memory - b->memory;
  if (s->locked[i] || s->locked[j] || x == y || !has_room(s, y, cpu, memory) ||
      !has_room(s, x, -cpu, -memory))
    return false;
  /* The pair's own bytes cross before and after. */
  double pair = 2 * both(s, i, j);
  double more_x = nic_if_left(s, i, x) + nic_if_joined(s, j, x) + pair;
  double more_y = nic_if_left(s, j, y) + nic_if_joined(s, i, y) + pair;
  return fits(s->nic[x], more_x, s->p->hosts[x].nic) &&
         fits(s->nic[y], more_y, s->p->hosts[y].nic) && !clashes(s, i, y, j) &&
         !clashes(s, j, x, i);
}

/* --- the best step --- */

/* What a step is worth: bytes off the wire, with some weight on the memory
 * that has to be copied for them. A swap of two like guests is worth as much
 * as a move if it saves twice as much. */
static double worth(double bytes, double copy, double usual_copy) {
  double cost = usual_copy > 0 ? copy / usual_copy + 1 : 1;
  return bytes > 0 ? bytes / cost : bytes * cost;
}

struct choice {
  double least;         /* bytes */
  const size_t *target; /* of each guest, or NULL: anywhere */
  double usual_copy;
  double worth;
  bool found;
  struct vr_advice_step step;
};

static void offer(struct choice *c, const struct vr_advice_step *step) {
  double w = worth(step->bytes, step->copy, c->usual_copy);
  if (step->bytes <= c->least || (c->found && w <= c->worth))
    return;
  c->found = true;
  c->worth = w;
  c->step = *step;
}

static void offer_moves(const struct vr_advice_state *s, size_t i,
                        struct choice *c) {
  for (size_t to = 0; to < s->k; to++) {
    struct vr_advice_step step = {.guest = i,
                                  .from = s->host[i],
                                  .to = to,
                                  .bytes = gain_of_move(s, i, to),
                                  .copy = s->p->guests[i].memory};
    if (c->target && c->target[i] != to)
      continue;
    if (step.bytes > c->least && move_is_allowed(s, i, to))
      offer(c, &step);
  }
}

static bool one_has_room_for_both(const struct vr_advice_state *s, size_t i,
                                  size_t j) {
  const struct vr_placement_guest *a = &s->p->guests[i], *b = &s->p->guests[j];
  return has_room(s, s->host[j], a->cpu, a->memory) ||
         has_room(s, s->host[i], b->cpu, b->memory);
}

static void offer_swaps(const struct vr_advice_state *s, size_t i,
                        struct choice *c) {
  for (size_t j = 0; j < i; j++) {
    struct vr_advice_step step = {.is_swap = true,
                                  .guest = i,
                                  .other = j,
                                  .from = s->host[i],
                                  .to = s->host[j],
                                  .bytes = gain_of_swap(s, i, j),
                                  .copy = s->p->guests[i].memory +
                                          s->p->guests[j].memory};
    if (c->target && (c->target[i] != s->host[j] || c->target[j] != s->host[i]))
      continue;
    if (step.bytes <= fmax(c->least, 2 * c->least) || !swap_is_allowed(s, i, j))
      continue;
    step.needs_room = !one_has_room_for_both(s, i, j);
    offer(c, &step);
  }
}

bool vr_advice_state_best(const struct vr_advice_state *s, double least,
                          const size_t *target, struct vr_advice_step *ret) {
  struct choice c = {
      .least = least, .usual_copy = s->usual_copy, .target = target};
  for (size_t i = 0; i < s->n; i++) {
    if (s->locked[i])
      continue;
    offer_moves(s, i, &c);
    offer_swaps(s, i, &c);
  }
  *ret = c.step;
  return c.found;
}

void vr_advice_state_take(struct vr_advice_state *s,
                          const struct vr_advice_step *step) {
  s->host[step->guest] = step->to;
  if (step->is_swap)
    s->host[step->other] = step->from;
  sum_hosts(s);
}
