/* SPDX-License-Identifier: MIT */
#include "topology/groups.h"

#include "basic/cleanup.h"
#include "basic/sort.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* A tie that is weaker than this part of what is usual on both of its sides
 * does not hold an application together. Edges of one application vary by a
 * factor of two or three. */
static const double weakest_tie = 1.0 / 8;
/* A partner of a service: so much above the background. */
static const double above_background = 8;
/* A service has at least this part of an application's members as partners,
 * and of at least two applications. */
static const double hub_reach = 0.5;
enum { MOST_HUBS = 8, MEMBERS_OF_HUB = 3, LEAST_GUESTS_WITH_HUB = 6 };

struct work {
  size_t n;
  double *both; /* n x n: both directions together */
  double background;
  bool *is_hub;
  size_t *parent; /* of the heaviest spanning tree */
  double *tie;    /* to the parent; 0: nothing ties it to anything */
  size_t *order;  /* guests as the tree was grown */
  size_t grown;   /* how many are in the tree: all but hubs */
  int *group;
  double *scratch;
};

static void work_clear(struct work *w) {
  free(w->both);
  free(w->is_hub);
  free(w->parent);
  free(w->tie);
  free(w->order);
  free(w->group);
  free(w->scratch);
}

static int work_init(struct work *w, size_t n) {
  w->n = n;
  w->both = calloc(n * n + 1, sizeof(*w->both));
  w->is_hub = calloc(n + 1, sizeof(*w->is_hub));
  w->parent = calloc(n + 1, sizeof(*w->parent));
  w->tie = calloc(n + 1, sizeof(*w->tie));
  w->order = calloc(n + 1, sizeof(*w->order));
  w->group = calloc(n + 1, sizeof(*w->group));
  w->scratch = calloc(n + 1, sizeof(*w->scratch));
  bool all = w->both && w->is_hub && w->parent && w->tie && w->order &&
             w->group && w->scratch;
  return all ? 0 : -ENOMEM;
}

static double both(const struct work *w, size_t i, size_t j) {
  return w->both[i * w->n + j];
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The lower quartile of all pairs, those without traffic among them: pairs of
 * different applications, unless all is one. */
static int find_background(struct work *w) {
  size_t k = 0;
  vr_auto_free double *x = calloc(w->n * w->n + 1, sizeof(*x));
  if (!x)
    return -ENOMEM;
  for (size_t i = 0; i < w->n; i++)
    for (size_t j = 0; j < i; j++)
      x[k++] = both(w, i, j);
  vr_sort(x, k, sizeof(*x), ascending);
  w->background = k ? x[k / 4] : 0;
  return 0;
}

/* --- the heaviest spanning tree, and where it is cut --- */

static void begin_tree(struct work *w, double *reach, size_t *from) {
  for (size_t v = 0; v < w->n; v++) {
    reach[v] = w->is_hub[v] ? -2 : -1; /* -2: in the tree, or a hub */
    from[v] = v;
  }
}

/* The guest that is tied most to the tree, or any when nothing is; n at the
 * end. */
static size_t next_of_tree(const struct work *w, const double *reach) {
  size_t best = w->n;
  for (size_t v = 0; v < w->n; v++)
    if (reach[v] > -2 && (best == w->n || reach[v] > reach[best]))
      best = v;
  return best;
}

static int grow_tree(struct work *w, size_t *ret_n) {
  vr_auto_free double *reach = calloc(w->n + 1, sizeof(*reach));
  vr_auto_free size_t *from = calloc(w->n + 1, sizeof(*from));
  size_t k = 0;
  if (!reach || !from)
    return -ENOMEM;
  begin_tree(w, reach, from);
  for (size_t v; (v = next_of_tree(w, reach)) < w->n; k++) {
    w->order[k] = v;
    w->parent[v] = from[v];
    w->tie[v] = reach[v] > 0 ? reach[v] : 0;
    reach[v] = -2;
    for (size_t u = 0; u < w->n; u++)
      if (reach[u] > -2 && both(w, v, u) > reach[u]) {
        reach[u] = both(w, v, u);
        from[u] = v;
      }
  }
  *ret_n = k;
  return 0;
}

static double median(double *x, size_t k) {
  vr_sort(x, k, sizeof(*x), ascending);
  return k ? (x[(k - 1) / 2] + x[k / 2]) / 2 : 0;
}

/* Marks the part of the tree of V below the tie to its parent: children come
 * later in the order, and ties that are cut already bound it. */
static void mark_below(const struct work *w, size_t k, size_t v, bool *ret) {
  memset(ret, 0, w->n * sizeof(*ret));
  ret[v] = true;
  for (size_t i = 0; i < k; i++) {
    size_t u = w->order[i];
    if (u != v && w->tie[u] > 0 && ret[w->parent[u]])
      ret[u] = true;
  }
}

/* The same for the part that the parent is in. */
static void mark_above(const struct work *w, size_t k, size_t v,
                       const bool *below, bool *ret) {
  size_t root = w->parent[v];
  while (w->tie[root] > 0)
    root = w->parent[root];
  memset(ret, 0, w->n * sizeof(*ret));
  ret[root] = true;
  for (size_t i = 0; i < k; i++) {
    size_t u = w->order[i];
    if (w->tie[u] > 0 && ret[w->parent[u]] && !below[u])
      ret[u] = true;
  }
}

/* The usual tie inside a part of the tree; 0 for a single guest. */
static double usual_tie(const struct work *w, size_t k, const bool *part,
                        double *x) {
  size_t m = 0;
  for (size_t i = 0; i < k; i++) {
    size_t u = w->order[i];
    if (part[u] && w->tie[u] > 0 && part[w->parent[u]])
      x[m++] = w->tie[u];
  }
  return median(x, m);
}

/* A tie is cut when both sides that hold together by themselves do so by much
 * more. A single guest has no say. */
static bool is_weak(double tie, double below, double above) {
  if (below <= 0 && above <= 0)
    return false;
  return (below <= 0 || tie < weakest_tie * below) &&
         (above <= 0 || tie < weakest_tie * above);
}

static int compare_ties(const void *a, const void *b, void *work) {
  const struct work *w = work;
  double x = w->tie[*(const size_t *)a], y = w->tie[*(const size_t *)b];
  return (x > y) - (x < y);
}

/* Weakest ties first: what is cut no longer counts as usual. */
static int cut_tree(struct work *w, size_t k) {
  vr_auto_free size_t *weakest = calloc(w->n + 1, sizeof(*weakest));
  vr_auto_free bool *below = calloc(w->n + 1, sizeof(*below));
  vr_auto_free bool *above = calloc(w->n + 1, sizeof(*above));
  vr_auto_free double *x = calloc(w->n + 1, sizeof(*x));
  if (!weakest || !below || !above || !x)
    return -ENOMEM;
  memcpy(weakest, w->order, k * sizeof(*weakest));
  vr_sort_with(weakest, k, sizeof(*weakest), compare_ties, w);
  for (size_t i = 0; i < k; i++) {
    size_t v = weakest[i];
    if (w->tie[v] <= 0)
      continue;
    mark_below(w, k, v, below);
    mark_above(w, k, v, below, above);
    if (is_weak(w->tie[v], usual_tie(w, k, below, x),
                usual_tie(w, k, above, x)))
      w->tie[v] = 0;
  }
  return 0;
}

/* Numbers what is still connected; single guests get -1. Returns how many. */
static size_t number_groups(struct work *w, size_t k) {
  size_t groups = 0;
  for (size_t v = 0; v < w->n; v++)
    w->group[v] = -1;
  for (size_t i = 0; i < k; i++) {
    size_t v = w->order[i];
    if (w->tie[v] <= 0)
      continue;
    int *parent = &w->group[w->parent[v]];
    if (*parent < 0)
      *parent = (int)groups++;
    w->group[v] = *parent;
  }
  return groups;
}

static int form_groups(struct work *w, size_t *ret_groups) {
  int r = grow_tree(w, &w->grown);
  if (r == 0)
    r = cut_tree(w, w->grown);
  if (r == 0)
    *ret_groups = number_groups(w, w->grown);
  return r;
}

/* --- services --- */

static bool is_partner(const struct work *w, size_t v, size_t u) {
  return u != v && both(w, v, u) > 0 &&
         both(w, v, u) > above_background * w->background;
}

static size_t partners(const struct work *w, size_t v) {
  size_t k = 0;
  for (size_t u = 0; u < w->n; u++)
    k += is_partner(w, v, u) && !w->is_hub[u];
  return k;
}

/* The guest with most partners that is no service yet. */
static size_t busiest(const struct work *w) {
  size_t best = w->n, most = 0;
  for (size_t v = 0; v < w->n; v++) {
    size_t k = w->is_hub[v] ? 0 : partners(w, v);
    if (k > most) {
      most = k;
      best = v;
    }
  }
  return best;
}

/* Fills X with what H exchanges with each member of group G. */
static size_t ties_to(const struct work *w, size_t h, int g, double *x) {
  size_t k = 0;
  for (size_t v = 0; v < w->n; v++)
    if (w->group[v] == g)
      x[k++] = both(w, h, v);
  return k;
}

static double usual_inside(const struct work *w, size_t k, int g, double *x) {
  size_t m = 0;
  for (size_t i = 0; i < k; i++) {
    size_t u = w->order[i];
    if (w->tie[u] > 0 && w->group[u] == g)
      x[m++] = w->tie[u];
  }
  return median(x, m);
}

/* A member that would be missing, like one in the middle of a chain, is tied
 * to a few neighbours as they are to each other, and much less to the others.
 * A service treats all alike. X: M ties in rising order. */
static bool is_missing_member(const double *x, size_t m, double inside) {
  size_t strong = 0, few = m / 4 > 2 ? m / 4 : 2;
  while (strong < m && x[m - 1 - strong] > inside / 3)
    strong++;
  return strong > 0 && strong <= few && strong < m &&
         x[(m - strong) / 2] < inside / 4;
}

/* Does H serve group G: a partner of most members, and none of them itself? */
static bool serves(const struct work *w, size_t h, int g, double *x) {
  size_t met = 0;
  double inside = usual_inside(w, w->grown, g, x);
  size_t m = ties_to(w, h, g, x);
  for (size_t v = 0; v < w->n; v++)
    met += w->group[v] == g && is_partner(w, h, v);
  vr_sort(x, m, sizeof(*x), ascending);
  return m >= MEMBERS_OF_HUB && (double)met >= hub_reach * (double)m &&
         !is_missing_member(x, m, inside);
}

static size_t groups_served(struct work *w, size_t groups, size_t h) {
  size_t served = 0;
  for (size_t g = 0; g < groups; g++)
    served += serves(w, h, (int)g, w->scratch);
  return served;
}

static bool all_are_hubs(struct work *w, size_t groups) {
  for (size_t v = 0; v < w->n; v++)
    if (w->is_hub[v] && groups_served(w, groups, v) < 2)
      return false;
  return true;
}

/* Sets aside the fewest guests without which at least two applications remain
 * that each of them serves; nobody, where there is no such number. */
static int find_hubs(struct work *w) {
  size_t candidates[MOST_HUBS], most = w->n / 8 + 1, groups = 0;
  if (w->n < LEAST_GUESTS_WITH_HUB)
    return 0;
  most = most < MOST_HUBS ? most : MOST_HUBS;
  for (size_t k = 0; k < most; k++) {
    candidates[k] = busiest(w);
    if (candidates[k] == w->n)
      most = k;
    else
      w->is_hub[candidates[k]] = true;
    int r = form_groups(w, &groups);
    if (r < 0 || all_are_hubs(w, groups))
      return r;
  }
  for (size_t k = 0; k < most; k++)
    w->is_hub[candidates[k]] = false;
  return 0;
}

/* --- the answer --- */

static void group_traffic(const struct work *w, size_t groups, double *ret) {
  memset(ret, 0, groups * sizeof(*ret));
  for (size_t i = 0; i < w->n; i++)
    for (size_t j = 0; j < i; j++)
      if (w->group[i] >= 0 && w->group[i] == w->group[j])
        ret[w->group[i]] += both(w, i, j);
}

/* Renumbers the groups by falling traffic. */
static int rank_groups(struct work *w, size_t groups) {
  vr_auto_free double *traffic = calloc(groups + 1, sizeof(*traffic));
  vr_auto_free int *rank = calloc(groups + 1, sizeof(*rank));
  if (!traffic || !rank)
    return -ENOMEM;
  group_traffic(w, groups, traffic);
  for (size_t g = 0; g < groups; g++)
    for (size_t o = 0; o < groups; o++)
      rank[g] += traffic[o] > traffic[g] || (traffic[o] == traffic[g] && o < g);
  for (size_t v = 0; v < w->n; v++)
    if (w->group[v] >= 0)
      w->group[v] = rank[w->group[v]];
  return 0;
}

static int separate(struct work *w, const double *rate, const bool *known_hub,
                    size_t *ret_groups) {
  for (size_t i = 0; i < w->n; i++)
    for (size_t j = 0; j < w->n; j++) {
      double sum = i == j ? 0 : rate[i * w->n + j] + rate[j * w->n + i];
      w->both[i * w->n + j] = isfinite(sum) && sum > 0 ? sum : 0;
    }
  int r = find_background(w);
  if (r == 0)
    r = find_hubs(w);
  for (size_t v = 0; v < w->n && known_hub; v++)
    w->is_hub[v] = w->is_hub[v] || known_hub[v];
  if (r == 0)
    r = form_groups(w, ret_groups);
  return r == 0 ? rank_groups(w, *ret_groups) : r;
}

int vr_groups_separate(const double *rate, size_t n, const bool *known_hub,
                       struct vr_groups *ret) {
  vr_cleanup(work_clear) struct work w = {0};
  size_t groups = 0;
  int r = work_init(&w, n);
  if (r == 0)
    r = separate(&w, rate, known_hub, &groups);
  if (r < 0)
    return r;
  *ret = (struct vr_groups){.n = n,
                            .n_groups = groups,
                            .group = vr_steal(&w.group),
                            .is_hub = vr_steal(&w.is_hub)};
  return 0;
}

void vr_groups_clear(struct vr_groups *g) {
  free(g->group);
  free(g->is_hub);
  *g = (struct vr_groups){0};
}
