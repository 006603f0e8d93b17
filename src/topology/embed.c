/* SPDX-License-Identifier: MIT */
#include "topology/embed.h"

#include <math.h>
#include <string.h>

enum {
  BUDGET = 20000,     /* steps of an exact search */
  PERTURBATIONS = 12, /* of the best placement found */
  MOVES = 4,          /* swaps of one perturbation */
  PASSES = 60,        /* of local improvement */
};

struct search {
  const struct vr_template *t;
  unsigned n;
  const double *weight;
  uint8_t order[VR_TOPOLOGY_MEMBERS]; /* positions, neighbours close together */
  uint64_t random;
  /* The graph of strong pairs that an exact placement must keep to. */
  uint64_t strong[VR_TOPOLOGY_MEMBERS];
  uint8_t strong_degree[VR_TOPOLOGY_MEMBERS];
  long budget;
  double best;
  uint8_t best_member[VR_TOPOLOGY_MEMBERS];
};

static double weight(const struct search *s, unsigned i, unsigned j) {
  return s->weight[i * s->n + j];
}

static unsigned random_below(struct search *s, unsigned n) {
  s->random ^= s->random << 13;
  s->random ^= s->random >> 7;
  s->random ^= s->random << 17;
  return (unsigned)(s->random >> 33) % n;
}

static double total(const struct search *s, const uint8_t *member) {
  double sum = 0;
  for (unsigned i = 0; i < s->n; i++)
    for (unsigned k = 0; k < s->t->degree[i]; k++)
      if (s->t->neighbour[i][k] > i)
        sum += weight(s, member[i], member[s->t->neighbour[i][k]]);
  return sum;
}

static void swap(uint8_t *a, uint8_t *b) {
  uint8_t x = *a;
  *a = *b;
  *b = x;
}

/* --- local improvement --- */

/* What the edges of position I gain when B stands there instead of its member;
 * the edge to position EXCEPT stays as it is. */
static double change_at(const struct search *s, const uint8_t *member,
                        unsigned i, unsigned b, unsigned except) {
  double gain = 0;
  for (unsigned k = 0; k < s->t->degree[i]; k++) {
    unsigned m = s->t->neighbour[i][k];
    if (m != except)
      gain += weight(s, b, member[m]) - weight(s, member[i], member[m]);
  }
  return gain;
}

static bool improve_by_swaps(const struct search *s, uint8_t *member) {
  bool improved = false;
  for (unsigned i = 0; i < s->n; i++)
    for (unsigned j = i + 1; j < s->n; j++)
      if (change_at(s, member, i, member[j], j) +
              change_at(s, member, j, member[i], i) >
          1e-9) {
        swap(&member[i], &member[j]);
        improved = true;
      }
  return improved;
}

/* What a chain or ring gains when positions I to J are reversed. */
static double reversal_gain(const struct search *s, const uint8_t *member,
                            unsigned i, unsigned j, bool ring) {
  unsigned n = s->n;
  double gain = 0;
  if (i > 0 || ring) {
    unsigned left = member[(i + n - 1) % n];
    gain += weight(s, left, member[j]) - weight(s, left, member[i]);
  }
  if (j + 1 < n || ring) {
    unsigned right = member[(j + 1) % n];
    gain += weight(s, member[i], right) - weight(s, member[j], right);
  }
  return gain;
}

static bool improve_by_reversal(const struct search *s, uint8_t *member) {
  bool ring = s->t->kind == VR_TOPOLOGY_RING;
  if (!ring && s->t->kind != VR_TOPOLOGY_BUS)
    return false;
  for (unsigned i = 0; i + 1 < s->n; i++)
    for (unsigned j = i + 1; j < s->n; j++) {
      if (i == 0 && j == s->n - 1)
        continue;
      if (reversal_gain(s, member, i, j, ring) > 1e-9) {
        for (unsigned a = i, b = j; a < b; a++, b--)
          swap(&member[a], &member[b]);
        return true;
      }
    }
  return false;
}

static void improve(const struct search *s, uint8_t *member) {
  for (int pass = 0; pass < PASSES; pass++)
    if (!improve_by_swaps(s, member) && !improve_by_reversal(s, member))
      return;
}

/* Improves a placement, and keeps it if it is the best. */
static void consider(struct search *s, uint8_t *member) {
  improve(s, member);
  double sum = total(s, member);
  if (sum > s->best) {
    s->best = sum;
    memcpy(s->best_member, member, s->n);
  }
}

/* --- exact search in the graph of strong pairs --- */

/* Members that may stand at position O, best first. PLACED: bits of those that
 * are taken; member[] of the positions in DONE is known. */
static unsigned candidates(const struct search *s, unsigned o, uint64_t done,
                           uint64_t placed, const uint8_t *member,
                           uint8_t *ret) {
  double score[VR_TOPOLOGY_MEMBERS];
  unsigned k = 0;
  uint64_t allowed = ~placed;
  for (unsigned m = 0; m < s->t->degree[o]; m++)
    if (done >> s->t->neighbour[o][m] & 1)
      allowed &= s->strong[member[s->t->neighbour[o][m]]];
  for (unsigned v = 0; v < s->n; v++) {
    if (!(allowed >> v & 1) || s->strong_degree[v] < s->t->degree[o])
      continue;
    double x = -0.5 * (s->strong_degree[v] - s->t->degree[o]);
    for (unsigned m = 0; m < s->t->degree[o]; m++)
      if (done >> s->t->neighbour[o][m] & 1)
        x += weight(s, v, member[s->t->neighbour[o][m]]);
    unsigned i = k++;
    for (; i > 0 && score[i - 1] < x; i--) {
      score[i] = score[i - 1];
      ret[i] = ret[i - 1];
    }
    score[i] = x;
    ret[i] = (uint8_t)v;
  }
  return k;
}

static bool place(struct search *s, unsigned depth, uint64_t done,
                  uint64_t placed, uint8_t *member) {
  uint8_t list[VR_TOPOLOGY_MEMBERS];
  if (depth == s->n)
    return true;
  if (--s->budget < 0)
    return false;
  unsigned o = s->order[depth];
  unsigned k = candidates(s, o, done, placed, member, list);
  for (unsigned i = 0; i < k && s->budget >= 0; i++) {
    member[o] = list[i];
    if (place(s, depth + 1, done | UINT64_C(1) << o,
              placed | UINT64_C(1) << list[i], member))
      return true;
  }
  return false;
}

/* Number of edges of the graph of the pairs above CUT. */
static unsigned make_strong(struct search *s, double cut) {
  unsigned ends = 0;
  for (unsigned i = 0; i < s->n; i++) {
    s->strong[i] = 0;
    for (unsigned j = 0; j < s->n; j++)
      if (i != j && weight(s, i, j) > cut)
        s->strong[i] |= UINT64_C(1) << j;
    s->strong_degree[i] = (uint8_t)__builtin_popcountll(s->strong[i]);
    ends += s->strong_degree[i];
  }
  return ends / 2;
}

/* True if nothing better can be: the strong pairs are the template. */
static bool search_exact(struct search *s) {
  static const double cuts[] = {2, 0, -2};
  for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
    uint8_t member[VR_TOPOLOGY_MEMBERS];
    unsigned edges = make_strong(s, cuts[c]);
    s->budget = BUDGET;
    if (edges < s->t->n_edges || !place(s, 0, 0, 0, member))
      continue;
    consider(s, member);
    return edges == s->t->n_edges;
  }
  return false;
}

/* --- starts of the local search --- */

static void find_order(struct search *s) {
  const struct vr_template *t = s->t;
  unsigned root = 0, k = 0;
  for (unsigned i = 0; i < s->n; i++)
    if (t->degree[i] > t->degree[root])
      root = i;
  s->order[k++] = (uint8_t)root;
  uint64_t seen = UINT64_C(1) << root;
  for (unsigned h = 0; h < k; h++)
    for (unsigned m = 0; m < t->degree[s->order[h]]; m++) {
      unsigned p = t->neighbour[s->order[h]][m];
      if (!(seen >> p & 1)) {
        seen |= UINT64_C(1) << p;
        s->order[k++] = (uint8_t)p;
      }
    }
}

/* Position after position takes the member that is tied most to those that
 * stand already; ROOT stands at the first. */
static void place_greedily(struct search *s, unsigned root, uint8_t *member) {
  uint64_t used = UINT64_C(1) << root, done = UINT64_C(1) << s->order[0];
  member[s->order[0]] = (uint8_t)root;
  for (unsigned k = 1; k < s->n; k++) {
    unsigned o = s->order[k], best = 0;
    double most = -INFINITY;
    for (unsigned v = 0; v < s->n; v++) {
      double x = 1e-9 * random_below(s, 1000);
      if (used >> v & 1)
        continue;
      for (unsigned m = 0; m < s->t->degree[o]; m++)
        if (done >> s->t->neighbour[o][m] & 1)
          x += weight(s, v, member[s->t->neighbour[o][m]]);
      if (x > most) {
        most = x;
        best = v;
      }
    }
    member[o] = (uint8_t)best;
    used |= UINT64_C(1) << best;
    done |= UINT64_C(1) << o;
  }
}

static void perturb_best(struct search *s) {
  uint8_t member[VR_TOPOLOGY_MEMBERS];
  memcpy(member, s->best_member, s->n);
  for (int k = 0; k < MOVES; k++)
    swap(&member[random_below(s, s->n)], &member[random_below(s, s->n)]);
  consider(s, member);
}

double vr_embed_template(const struct vr_template *t, const double *weights,
                         uint8_t *ret_member) {
  struct search s = {.t = t,
                     .n = t->n,
                     .weight = weights,
                     .random = UINT64_C(88172645463325252),
                     .best = -INFINITY};
  find_order(&s);
  if (!search_exact(&s)) {
    for (unsigned root = 0; root < t->n; root++) {
      uint8_t member[VR_TOPOLOGY_MEMBERS];
      place_greedily(&s, root, member);
      consider(&s, member);
    }
    for (int k = 0; k < PERTURBATIONS; k++)
      perturb_best(&s);
  }
  memcpy(ret_member, s.best_member, t->n);
  return s.best;
}

/* --- trees and cuts --- */

double vr_embed_tree(unsigned n, const double *weights, uint8_t *ret_order,
                     uint8_t *ret_parent) {
  double sum = 0, reach[VR_TOPOLOGY_MEMBERS];
  uint8_t from[VR_TOPOLOGY_MEMBERS];
  uint64_t in = 1;
  ret_order[0] = ret_parent[0] = 0;
  for (unsigned v = 0; v < n; v++) {
    reach[v] = weights[v];
    from[v] = 0;
  }
  for (unsigned k = 1; k < n; k++) {
    unsigned best = 0;
    for (unsigned v = 1; v < n; v++)
      if (!(in >> v & 1) && (best == 0 || reach[v] > reach[best]))
        best = v;
    in |= UINT64_C(1) << best;
    sum += reach[best];
    ret_order[k] = (uint8_t)best;
    ret_parent[k] = from[best];
    for (unsigned v = 0; v < n; v++)
      if (weights[best * n + v] > reach[v]) {
        reach[v] = weights[best * n + v];
        from[v] = (uint8_t)best;
      }
  }
  return sum;
}

/* What is gained when member V changes sides. */
static double flip_gain(unsigned n, const double *weights, uint64_t side,
                        unsigned v) {
  double gain = 0;
  for (unsigned j = 0; j < n; j++)
    if (j != v)
      gain += ((side >> j ^ side >> v) & 1) ? -weights[v * n + j]
                                            : weights[v * n + j];
  return gain;
}

static uint64_t improve_cut(unsigned n, const double *weights, uint64_t side) {
  for (int pass = 0; pass < PASSES; pass++) {
    bool improved = false;
    for (unsigned v = 0; v < n; v++)
      if (flip_gain(n, weights, side, v) > 1e-9) {
        side ^= UINT64_C(1) << v;
        improved = true;
      }
    if (!improved)
      break;
  }
  return side;
}

static double cut_weight(unsigned n, const double *weights, uint64_t side) {
  double sum = 0;
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++)
      if ((side >> i ^ side >> j) & 1)
        sum += weights[i * n + j];
  return sum;
}

double vr_embed_cut(unsigned n, const double *weights, uint64_t *ret_side) {
  double best = -INFINITY;
  /* A member and those that it is not tied to are one side to begin with. */
  for (unsigned v = 0; v < n; v++) {
    uint64_t side = UINT64_C(1) << v;
    for (unsigned j = 0; j < n; j++)
      if (weights[v * n + j] < 0)
        side |= UINT64_C(1) << j;
    side = improve_cut(n, weights, side);
    double sum = cut_weight(n, weights, side);
    if (sum > best) {
      best = sum;
      *ret_side = side;
    }
  }
  return best;
}
