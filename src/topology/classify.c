/* SPDX-License-Identifier: MIT */
#include "topology/classify.h"

#include "basic/sort.h"
#include "topology/embed.h"
#include "topology/likelihood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { REFINEMENTS = 3, CUTS = 48 };

/* A template whose strongest pairs alone are described so much worse than the
 * best is not searched for. */
static const double hopeless = 12;
/* Descriptions are less certain than their lengths say: the densities are
 * approximations. Found on the bench (docs/evaluation-network.md). */
static const double caution = 0.5;

struct candidate {
  enum vr_topology topology;
  unsigned side;
  double length;
  uint64_t adjacent[VR_TOPOLOGY_MEMBERS];
};

struct vr_classifier {
  struct vr_likelihood likelihood;
  /* Of one call: */
  struct vr_likelihood_rates rates;
  double sorted[VR_LIKELIHOOD_PAIRS]; /* log rates, strongest first */
  double ratio[VR_TOPOLOGY_MEMBERS * VR_TOPOLOGY_MEMBERS];
  struct vr_template templates[VR_TEMPLATES];
  unsigned n_templates;
  double length[VR_TOPOLOGIES]; /* shortest of each pattern */
  struct candidate best;
};

struct vr_classifier *vr_classify_new(void) {
  struct vr_classifier *c = calloc(1, sizeof(*c));
  if (c)
    vr_likelihood_init(&c->likelihood);
  return c;
}

void vr_classify_free(struct vr_classifier *c) { free(c); }
void vr_classify_freep(struct vr_classifier **c) { vr_classify_free(*c); }

/* Which pattern, of all that there are. */
static double naming_cost(void) { return log(VR_TOPOLOGIES - 1); }

static void edges_of(const struct vr_classifier *c, const uint64_t *adjacent,
                     bool *ret_is_edge) {
  for (unsigned i = 0; i < c->rates.n; i++)
    for (unsigned j = 0; j < i; j++)
      ret_is_edge[c->rates.index[i][j]] = adjacent[i] >> j & 1;
}

static void connect_pair(uint64_t *adjacent, unsigned i, unsigned j) {
  adjacent[i] |= UINT64_C(1) << j;
  adjacent[j] |= UINT64_C(1) << i;
}

/* Describes the rates by the graph of *CANDIDATE, which costs GRAPH to say,
 * and keeps it if nothing shorter is known. Returns the edges' median. */
static double consider(struct vr_classifier *c, struct candidate *candidate,
                       double graph) {
  bool is_edge[VR_LIKELIHOOD_PAIRS];
  edges_of(c, candidate->adjacent, is_edge);
  struct vr_likelihood_fit f =
      vr_likelihood_describe(&c->likelihood, &c->rates, is_edge);
  candidate->length = f.length + graph + naming_cost();
  if (candidate->length < c->length[candidate->topology])
    c->length[candidate->topology] = candidate->length;
  if (candidate->length < c->best.length)
    c->best = *candidate;
  return f.median;
}

/* --- irregular: the strongest pairs, whichever they are --- */

static int descending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

static void sort_rates(struct vr_classifier *c) {
  memcpy(c->sorted, c->rates.log_rate, c->rates.pairs * sizeof(*c->sorted));
  vr_sort(c->sorted, c->rates.pairs, sizeof(*c->sorted), descending);
}

static double log_choose(double n, double k) {
  return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

static void consider_irregular(struct vr_classifier *c, double cut,
                               size_t edges) {
  struct candidate x = {.topology = VR_TOPOLOGY_IRREGULAR};
  const struct vr_likelihood_rates *r = &c->rates;
  for (unsigned i = 0; i < r->n; i++)
    for (unsigned j = 0; j < i; j++)
      if (r->log_rate[r->index[i][j]] > cut)
        connect_pair(x.adjacent, i, j);
  consider(c, &x,
           log_choose((double)r->pairs, (double)edges) + log((double)r->pairs));
}

/* The widest gaps between neighbouring rates are the cuts that are tried. */
static void try_irregular(struct vr_classifier *c) {
  double gaps[VR_LIKELIHOOD_PAIRS];
  size_t n = c->rates.pairs;
  for (size_t e = 1; e < n; e++)
    gaps[e - 1] = c->sorted[e - 1] - c->sorted[e];
  vr_sort(gaps, n - 1, sizeof(*gaps), descending);
  double least = n - 1 > CUTS ? gaps[CUTS] : 0;
  for (size_t e = 1; e < n; e++)
    if (c->sorted[e - 1] - c->sorted[e] > least)
      consider_irregular(c, (c->sorted[e - 1] + c->sorted[e]) / 2, e);
}

/* --- patterns --- */

/* Median of the E strongest pairs: where the edges of a pattern with so many
 * of them are expected. */
static double strongest_median(const struct vr_classifier *c, size_t e) {
  return (c->sorted[(e - 1) / 2] + c->sorted[e / 2]) / 2;
}

/* No graph of E edges is described shorter than by the E strongest pairs. */
static bool is_hopeless(struct vr_classifier *c, size_t e, double graph) {
  bool is_edge[VR_LIKELIHOOD_PAIRS];
  size_t left = e;
  for (size_t p = 0; p < c->rates.pairs; p++) {
    is_edge[p] = left > 0 && c->rates.log_rate[p] >= c->sorted[e - 1];
    left -= is_edge[p];
  }
  struct vr_likelihood_fit f =
      vr_likelihood_describe(&c->likelihood, &c->rates, is_edge);
  return f.length + graph + naming_cost() > c->best.length + hopeless;
}

/* FIND places a pattern by c->ratio and fills the candidate's graph; it
 * returns what the graph costs. Repeated until the edges' median, on which the
 * ratios depend, stays. */
typedef double (*find_fn)(struct vr_classifier *c, const void *what,
                          struct candidate *x);

static void refine(struct vr_classifier *c, const struct candidate *begin,
                   double median, find_fn find, const void *what) {
  for (int pass = 0; pass < REFINEMENTS; pass++) {
    struct candidate x = *begin;
    vr_likelihood_ratios(&c->likelihood, &c->rates, median, c->ratio);
    double graph = find(c, what, &x);
    double found = consider(c, &x, graph);
    if (fabs(found - median) < 0.05)
      return;
    median = found;
  }
}

static double find_template(struct vr_classifier *c, const void *what,
                            struct candidate *x) {
  const struct vr_template *t = what;
  uint8_t member[VR_TOPOLOGY_MEMBERS];
  vr_embed_template(t, c->ratio, member);
  for (unsigned i = 0; i < t->n; i++)
    for (unsigned k = 0; k < t->degree[i]; k++)
      connect_pair(x->adjacent, member[i], member[t->neighbour[i][k]]);
  return 0;
}

static unsigned of_kind(const struct vr_classifier *c, enum vr_topology kind) {
  unsigned k = 0;
  for (unsigned i = 0; i < c->n_templates; i++)
    k += c->templates[i].kind == kind;
  return k;
}

static double find_one_template(struct vr_classifier *c, const void *what,
                                struct candidate *x) {
  const struct vr_template *t = what;
  find_template(c, what, x);
  unsigned choices = of_kind(c, t->kind) + (t->kind == VR_TOPOLOGY_TREE);
  return t->labellings + log(choices);
}

static void try_template(struct vr_classifier *c, const struct vr_template *t) {
  struct candidate x = {.topology = t->kind, .side = t->side};
  if (!is_hopeless(c, t->n_edges, t->labellings))
    refine(c, &x, strongest_median(c, t->n_edges), find_one_template, t);
}

static double find_tree(struct vr_classifier *c, const void *what,
                        struct candidate *x) {
  (void)what;
  unsigned n = c->rates.n;
  uint8_t order[VR_TOPOLOGY_MEMBERS], parent[VR_TOPOLOGY_MEMBERS];
  vr_embed_tree(n, c->ratio, order, parent);
  for (unsigned k = 1; k < n; k++)
    connect_pair(x->adjacent, order[k], parent[k]);
  /* Cayley: there are n^(n-2) trees. */
  return (n - 2) * log(n) + log(of_kind(c, VR_TOPOLOGY_TREE) + 1.0);
}

/* Is the graph one that has another name, a star or a bus? */
static double find_star(struct vr_classifier *c, const void *what,
                        struct candidate *x) {
  (void)what;
  unsigned n = c->rates.n, best = 0;
  double most = -INFINITY;
  for (unsigned h = 0; h < n; h++) {
    double sum = 0;
    for (unsigned j = 0; j < n; j++)
      sum += c->ratio[h * n + j];
    if (sum > most) {
      most = sum;
      best = h;
    }
  }
  for (unsigned j = 0; j < n; j++)
    if (j != best)
      connect_pair(x->adjacent, best, j);
  return log(n);
}

static double find_bipartite(struct vr_classifier *c, const void *what,
                             struct candidate *x) {
  (void)what;
  unsigned n = c->rates.n;
  uint64_t side = 0;
  vr_embed_cut(n, c->ratio, &side);
  unsigned a = (unsigned)__builtin_popcountll(side);
  a = a < n - a ? a : n - a;
  if (a < 2)
    return INFINITY; /* a star, or nothing */
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++)
      if ((side >> i ^ side >> j) & 1)
        connect_pair(x->adjacent, i, j);
  x->side = a;
  return log_choose(n, a) - (2 * a == n ? M_LN2 : 0) + log(n / 2 - 1.0);
}

static void try_all_to_all(struct vr_classifier *c) {
  struct candidate x = {.topology = VR_TOPOLOGY_ALL_TO_ALL};
  for (unsigned i = 0; i < c->rates.n; i++)
    for (unsigned j = 0; j < i; j++)
      connect_pair(x.adjacent, i, j);
  consider(c, &x, 0);
}

static void try_patterns(struct vr_classifier *c) {
  unsigned n = c->rates.n;
  try_all_to_all(c);
  if (n >= 3)
    refine(c, &(struct candidate){.topology = VR_TOPOLOGY_STAR},
           strongest_median(c, n - 1), find_star, NULL);
  if (n >= 5)
    refine(c, &(struct candidate){.topology = VR_TOPOLOGY_TREE},
           strongest_median(c, n - 1), find_tree, NULL);
  if (n >= 5)
    refine(c, &(struct candidate){.topology = VR_TOPOLOGY_BIPARTITE},
           strongest_median(c, n), find_bipartite, NULL);
  for (unsigned i = 0; i < c->n_templates; i++)
    try_template(c, &c->templates[i]);
}

/* --- the answer --- */

static void conclude(const struct vr_classifier *c,
                     struct vr_classification *ret) {
  double others = 0, nearest = INFINITY;
  for (int t = 1; t < VR_TOPOLOGIES; t++) {
    if (t == (int)c->best.topology)
      continue;
    others += exp(-caution * (c->length[t] - c->best.length));
    if (c->length[t] < nearest) {
      nearest = c->length[t];
      ret->second = (enum vr_topology)t;
    }
  }
  ret->topology = c->best.topology;
  ret->side = c->best.side;
  ret->confidence = 100 / (1 + others);
  memcpy(ret->adjacent, c->best.adjacent, sizeof(ret->adjacent));
}

void vr_classify(struct vr_classifier *c, const double *rate, unsigned n,
                 struct vr_classification *ret) {
  *ret = (struct vr_classification){.n = n};
  if (n > VR_TOPOLOGY_MEMBERS)
    ret->topology = VR_TOPOLOGY_IRREGULAR;
  if (!vr_likelihood_rates(rate, n, &c->rates))
    return;
  c->best = (struct candidate){.length = INFINITY};
  for (int t = 0; t < VR_TOPOLOGIES; t++)
    c->length[t] = INFINITY;
  c->n_templates = vr_template_list(n, c->templates);
  sort_rates(c);
  try_irregular(c);
  try_patterns(c);
  if (isfinite(c->best.length))
    conclude(c, ret);
  else
    ret->topology = VR_TOPOLOGY_IRREGULAR;
}
