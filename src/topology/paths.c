/* SPDX-License-Identifier: MIT */
#include "topology/paths.h"

#include "basic/array.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_paths_clear(struct vr_paths *p) {
  for (size_t i = 0; i < p->n_links; i++) {
    free(p->links[i].from);
    free(p->links[i].to);
  }
  free(p->relays);
  free(p->unreachable);
  free(p->links);
  free(p->flows);
  free(p->via);
  free(p->seen);
  free(p->cards);
  free(p->bans);
  *p = (struct vr_paths){0};
}

int vr_paths_init(struct vr_paths *p, size_t n) {
  *p = (struct vr_paths){.n = n, .hub = VR_PATHS_DIRECT};
  if (n > VR_PATHS_HOSTS)
    return -EINVAL;
  p->relays = calloc(n + 1, sizeof(*p->relays));
  p->unreachable = calloc(n * n + 1, sizeof(*p->unreachable));
  p->via = malloc((n * n + 1) * sizeof(*p->via));
  p->seen = calloc(n * n + 1, sizeof(*p->seen));
  p->cards = calloc(n + 1, sizeof(*p->cards));
  if (!p->relays || !p->unreachable || !p->via || !p->seen || !p->cards) {
    vr_paths_clear(p);
    return -ENOMEM;
  }
  for (size_t k = 0; k < n * n; k++)
    p->via[k] = VR_PATHS_DIRECT;
  for (size_t k = 0; k < n * n; k++)
    p->seen[k] = (struct vr_paths_seen){.delay = NAN, .drop = NAN, .loss = NAN};
  return 0;
}

struct vr_paths_link *vr_paths_add_link(struct vr_paths *p, const char *name,
                                        double capacity, double delay) {
  bool *from = calloc(p->n + 1, sizeof(*from));
  bool *to = calloc(p->n + 1, sizeof(*to));
  if (!from || !to || p->n_links >= VR_PATHS_LINKS ||
      vr_array_one_more(&p->links, p->n_links, sizeof(*p->links)) < 0) {
    free(from);
    free(to);
    return NULL;
  }
  struct vr_paths_link *l = &p->links[p->n_links++];
  *l = (struct vr_paths_link){
      .capacity = capacity, .delay = delay, .from = from, .to = to};
  snprintf(l->name, sizeof(l->name), "%s", name);
  return l;
}

int vr_paths_add_ban(struct vr_paths *p, size_t from, size_t to, size_t via) {
  if (vr_array_one_more(&p->bans, p->n_bans, sizeof(*p->bans)) < 0)
    return -ENOMEM;
  p->bans[p->n_bans++] = (struct vr_paths_ban){from, to, via};
  return 0;
}

/* --- ways --- */

static bool is_banned(const struct vr_paths *p, size_t from, size_t to,
                      size_t via) {
  for (size_t i = 0; i < p->n_bans; i++)
    if (p->bans[i].from == from && p->bans[i].to == to && p->bans[i].via == via)
      return true;
  return false;
}

static bool is_reachable(const struct vr_paths *p, size_t from, size_t to) {
  return !p->unreachable[from * p->n + to];
}

bool vr_paths_exists(const struct vr_paths *p, size_t from, size_t to,
                     size_t via) {
  if (is_banned(p, from, to, via))
    return false;
  if (via == VR_PATHS_DIRECT)
    return is_reachable(p, from, to);
  return via < p->n && via != from && via != to &&
         (p->relays[via] || via == p->hub) && is_reachable(p, from, via) &&
         is_reachable(p, via, to);
}

size_t vr_paths_default(const struct vr_paths *p, size_t from, size_t to) {
  return p->hub < p->n && vr_paths_exists(p, from, to, p->hub)
             ? p->hub
             : VR_PATHS_DIRECT;
}

bool vr_paths_are_valid(const struct vr_paths *p, const size_t *via) {
  for (size_t i = 0; i < p->n; i++)
    for (size_t j = 0; j < p->n; j++) {
      size_t m = via[i * p->n + j];
      if (i == j || m == VR_PATHS_DIRECT)
        continue;
      if (!vr_paths_exists(p, i, j, m) || via[m * p->n + j] != VR_PATHS_DIRECT)
        return false;
    }
  return true;
}

/* --- what is known of a way --- */

/* Nobody says that a link takes no time. */
static double configured_delay(const struct vr_paths *p, size_t from, size_t to,
                               double unknown) {
  double sum = 0;
  for (size_t l = 0; l < p->n_links; l++)
    if (p->links[l].from[from] && p->links[l].to[to])
      sum += p->links[l].delay;
  return sum > 0 ? sum : unknown;
}

static double delay_of_leg(const struct vr_paths *p, size_t from, size_t to,
                           double unknown) {
  size_t w = from * p->n + to;
  return p->via[w] == VR_PATHS_DIRECT && !isnan(p->seen[w].delay)
             ? p->seen[w].delay
             : configured_delay(p, from, to, unknown);
}

double vr_paths_delay(const struct vr_paths *p, size_t from, size_t to,
                      size_t via, double unknown) {
  size_t w = from * p->n + to;
  if (p->via[w] == via && !isnan(p->seen[w].delay))
    return p->seen[w].delay;
  return via == VR_PATHS_DIRECT ? delay_of_leg(p, from, to, unknown)
                                : delay_of_leg(p, from, via, unknown) +
                                      delay_of_leg(p, via, to, unknown);
}

/* Pings are few: they count where guests' bytes say nothing. */
static double seen_loss(const struct vr_paths *p, size_t w) {
  return isnan(p->seen[w].loss) ? p->seen[w].drop : p->seen[w].loss;
}

static double loss_of_leg(const struct vr_paths *p, size_t from, size_t to) {
  size_t w = from * p->n + to;
  return p->via[w] == VR_PATHS_DIRECT ? seen_loss(p, w) : NAN;
}

double vr_paths_loss(const struct vr_paths *p, size_t from, size_t to,
                     size_t via) {
  size_t w = from * p->n + to;
  if (p->via[w] == via)
    return seen_loss(p, w);
  return via == VR_PATHS_DIRECT
             ? NAN
             : fmax(loss_of_leg(p, from, via), loss_of_leg(p, via, to));
}

/* --- what is left of links --- */

static bool leads_over(const struct vr_paths_link *l, size_t from, size_t to,
                       size_t via) {
  return via == VR_PATHS_DIRECT
             ? l->from[from] && l->to[to]
             : (l->from[from] && l->to[via]) || (l->from[via] && l->to[to]);
}

double vr_paths_use(const struct vr_paths *p, const struct vr_paths_link *l) {
  double use = l->other;
  for (size_t f = 0; f < p->n_flows; f++) {
    const struct vr_paths_flow *x = &p->flows[f];
    if (leads_over(l, x->from, x->to, p->via[x->from * p->n + x->to]))
      use += x->latest;
  }
  return use;
}

double vr_paths_available(const struct vr_paths *p, size_t from, size_t to,
                          size_t via) {
  double least = INFINITY;
  for (size_t l = 0; l < p->n_links; l++)
    if (leads_over(&p->links[l], from, to, via))
      least = fmin(
          least, fmax(0, p->links[l].capacity - vr_paths_use(p, &p->links[l])));
  return least;
}

double vr_paths_fullest(const struct vr_paths *p, size_t from, size_t to,
                        size_t via) {
  double most = 0;
  for (size_t l = 0; l < p->n_links; l++)
    if (leads_over(&p->links[l], from, to, via))
      most = fmax(most, vr_paths_use(p, &p->links[l]) / p->links[l].capacity);
  return most;
}
