/* SPDX-License-Identifier: MIT */
#include "instances.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 64 };

const char *const flow_names[FLOWS] = {"ring",  "star",       "tree",
                                       "tiers", "all-to-all", "random"};

static bool exchange(struct random *r, unsigned flows, unsigned n, unsigned i,
                     unsigned j) {
  switch (flows) {
  case 0:
    return i - j == 1 || i - j == n - 1;
  case 1:
    return j == 0;
  case 2:
    return (i - 1) / 2 == j;
  case 3:
    return i / 3 == j / 3;
  case 4:
    return true;
  default:
    return random_uniform(r) < 3.0 / n;
  }
}

/* Bytes of the pairs i > j; a tenth more as background. */
static double draw_demands(struct random *r, unsigned flows, unsigned n,
                           double w[N][N]) {
  unsigned at[N];
  double all = 0, pairs = n * (n - 1) / 2.0;
  random_order(r, n, at);
  memset(w, 0, sizeof(double[N][N]));
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++)
      if (exchange(r, flows, n, i, j)) {
        double bytes = exp(.5 * random_normal(r));
        w[at[i]][at[j]] += bytes;
        all += bytes;
      }
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++)
      w[i][j] += -log(random_uniform(r) + 1e-12) * .1 * all / pairs;
  return all;
}

static void place_anywhere(struct random *r, struct vr_placement *p) {
  size_t host[N] = {0};
  unsigned tries = 0;
  do {
    if (++tries > 5000000)
      abort(); /* a problem that nobody can solve: choose another one */
    for (size_t i = 0; i < p->n_guests; i++)
      host[i] = random_index(r, (unsigned)p->n_hosts);
  } while (!vr_placement_is_allowed(p, host));
  for (size_t i = 0; i < p->n_guests; i++)
    p->guests[i].host = host[i];
}

void make_problem(struct random *r, const struct problem *what,
                  struct vr_placement *ret) {
  static _Thread_local double w[N][N];
  double memory[N], cpu[N], all_memory = 0, all_cpu = 0;
  char name[24];
  *ret = (struct vr_placement){0};
  double all = draw_demands(r, what->flows, what->guests, w);
  for (unsigned i = 0; i < what->guests; i++) {
    all_memory += memory[i] = 1 + random_index(r, 3);
    all_cpu += cpu[i] = 1 + random_index(r, 4);
  }
  for (unsigned h = 0; h < what->hosts; h++) {
    snprintf(name, sizeof(name), "host%u", h);
    vr_placement_add_host(ret, name,
                          ceil(what->slack * all_cpu / what->hosts) + 1,
                          ceil(what->slack * all_memory / what->hosts) + 1,
                          what->nic > 0 ? what->nic * all : INFINITY);
  }
  for (unsigned i = 0; i < what->guests; i++) {
    snprintf(name, sizeof(name), "guest%u", i);
    vr_placement_add_guest(ret, name, cpu[i], memory[i], 0);
  }
  for (unsigned i = 0; i < what->guests; i++)
    for (unsigned j = 0; j < what->guests; j++)
      if (w[i][j] > 0)
        vr_placement_add_demand(ret, i, j, w[i][j]);
  for (unsigned a = 0; a < what->apart; a++) {
    unsigned order[N];
    random_order(r, what->guests, order);
    vr_placement_add_apart(ret);
    vr_placement_join_apart(ret, order[0]);
    vr_placement_join_apart(ret, order[1]);
  }
  place_anywhere(r, ret);
}

static void try_all(const struct vr_placement *p, size_t *host, size_t i,
                    double *best) {
  if (i == p->n_guests) {
    double crossing = vr_placement_crossing(p, host);
    if (crossing < *best && vr_placement_is_allowed(p, host))
      *best = crossing;
    return;
  }
  for (size_t h = 0; h < p->n_hosts; h++) {
    double memory = p->guests[i].memory;
    for (size_t j = 0; j < i; j++)
      if (host[j] == h)
        memory += p->guests[j].memory;
    host[i] = h;
    if (memory <= p->hosts[h].memory)
      try_all(p, host, i + 1, best);
  }
}

double least_crossing(const struct vr_placement *p) {
  size_t host[N] = {0};
  double best = INFINITY;
  try_all(p, host, 0, &best);
  return best;
}

/* Bytes that guest V exchanges with guests on other hosts. */
static double crossing_of(double w[N][N], const size_t *host, unsigned n,
                          size_t v) {
  double sum = 0;
  for (unsigned j = 0; j < n; j++)
    if (host[j] != host[v])
      sum += w[v][j];
  return sum;
}

/* Of V and W together; their own pair counts once. */
static double crossing_of_two(double w[N][N], const size_t *host, unsigned n,
                              size_t v, size_t u) {
  double sum = crossing_of(w, host, n, v);
  if (v != u)
    sum += crossing_of(w, host, n, u) - (host[u] != host[v] ? w[u][v] : 0);
  return sum;
}

double annealed_crossing(struct random *r, const struct vr_placement *p) {
  static _Thread_local double w[N][N];
  unsigned n = (unsigned)p->n_guests, steps = 1500 * n;
  size_t host[N] = {0};
  memset(w, 0, sizeof(w));
  for (size_t d = 0; d < p->n_demands; d++) {
    w[p->demands[d].from][p->demands[d].to] += p->demands[d].bytes;
    w[p->demands[d].to][p->demands[d].from] += p->demands[d].bytes;
  }
  for (unsigned i = 0; i < n; i++)
    host[i] = p->guests[i].host;
  double now = vr_placement_crossing(p, host), best = now;
  double heat = now / 10 + 1e-9, cooling = pow(1e-3, 1.0 / steps);
  for (unsigned s = 0; s < steps; s++, heat *= cooling) {
    size_t v = random_index(r, n), u = random_index(r, n);
    size_t from = host[v], other = host[u];
    bool swap = random_uniform(r) < .5;
    double next = now - crossing_of_two(w, host, n, v, u);
    host[v] = swap ? other : random_index(r, (unsigned)p->n_hosts);
    if (swap)
      host[u] = from;
    next += crossing_of_two(w, host, n, v, u);
    if ((next <= now || random_uniform(r) < exp((now - next) / heat)) &&
        vr_placement_is_allowed(p, host)) {
      now = next;
      best = fmin(best, now);
    } else {
      host[u] = other;
      host[v] = from;
    }
  }
  return best;
}
