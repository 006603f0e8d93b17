/* SPDX-License-Identifier: MIT */
#include "topology/likelihood.h"

#include "basic/sort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The tables reach from -REACH to REACH, in steps of 1 / BINS_PER_UNIT. */
enum { BINS_PER_UNIT = 32, REACH = 14 };
_Static_assert(VR_LIKELIHOOD_BINS == 2 * REACH * BINS_PER_UNIT, "tables");

/* Of logarithms of rates: 0.3 is a third more or less. */
static const double edge_spreads[] = {0.3, 0.45, 0.62, 0.85, 1.15, 1.5};
static const double background_spreads[] = {0.25, 0.35, 0.5, 0.7, 1, 1.4};
static const double service_spread = 0.6;
/* The ratio of a pair is formed with these. */
enum { USUAL_EDGE = 2, USUAL_BACKGROUND = 5 };

/* Rates of pairs reach over so many natural units: the width of what is said
 * of a pair that is odd, and of where a median lies. */
static const double range = 12;
static const double odd_edges = 0.005, odd_background = 0.05;
static const double nothing_seen = 0.30, service_odd = 0.1;
/* A background is expected to be that much below the edges; what it is nearer
 * costs its square times this. */
static const double usual_level = -2.3, nearness_cost = 4;
static const double strongest_background = -0.8;
/* What it costs to say the spread of edges: wide ones are rare. */
static const double spread_cost[] = {1.8, 1.3, 1.3, 2.3, 3.3, 4.3};

static double normal(double d, double spread) {
  double z = d / spread;
  return exp(-0.5 * z * z) / (spread * 2.5066282746);
}

void vr_likelihood_init(struct vr_likelihood *l) {
  double background = 1 - odd_background - nothing_seen;
  for (int b = 0; b < VR_LIKELIHOOD_BINS; b++) {
    double d = (b + 0.5) / BINS_PER_UNIT - REACH;
    for (int s = 0; s < VR_LIKELIHOOD_SPREADS; s++) {
      l->edge[s][b] = (float)log((1 - odd_edges) * normal(d, edge_spreads[s]) +
                                 odd_edges / range);
      l->background[s][b] =
          (float)log(background * normal(d, background_spreads[s]) +
                     odd_background / range);
    }
    l->service[b] = (float)log((1 - service_odd) * normal(d, service_spread) +
                               service_odd / range);
  }
}

static double at(const float *table, double d) {
  int b = (int)((d + REACH) * BINS_PER_UNIT);
  return table[b < 0                     ? 0
               : b >= VR_LIKELIHOOD_BINS ? VR_LIKELIHOOD_BINS - 1
                                         : b];
}

/* Nothing was seen: a point mass, spread over a width of one half. */
static double at_floor(void) { return log(nothing_seen / 0.5); }

static bool is_at_floor(const struct vr_likelihood_rates *r, size_t p) {
  return r->log_rate[p] < r->floor + 0.5;
}

static int compare_rates(const void *a, const void *b, void *rates) {
  const struct vr_likelihood_rates *r = rates;
  double x = r->log_rate[*(const uint16_t *)a];
  double y = r->log_rate[*(const uint16_t *)b];
  return (x < y) - (x > y);
}

bool vr_likelihood_rates(const double *rate, unsigned n,
                         struct vr_likelihood_rates *ret) {
  double highest = 0;
  if (n < 2 || n > VR_TOPOLOGY_MEMBERS)
    return false;
  ret->n = n;
  ret->pairs = 0;
  ret->all_bytes = 0;
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++) {
      double both = rate[i * n + j] + rate[j * n + i];
      ret->index[i][j] = ret->index[j][i] = (unsigned)ret->pairs;
      ret->bytes[ret->pairs++] = both;
      ret->all_bytes += both;
      highest = fmax(highest, both);
    }
  if (!(highest > 0) || !isfinite(ret->all_bytes))
    return false;
  /* A ten-thousandth of the strongest pair is as good as nothing. */
  double least = highest * 1e-4;
  ret->floor = log(least);
  for (size_t p = 0; p < ret->pairs; p++) {
    ret->log_rate[p] = log(ret->bytes[p] + least);
    ret->strongest[p] = (uint16_t)p;
  }
  vr_sort_with(ret->strongest, ret->pairs, sizeof(*ret->strongest),
               compare_rates, ret);
  return true;
}

/* Median of the N pairs for which is_edge is WHICH, the strongest of them that
 * there are. */
static double median_of(const struct vr_likelihood_rates *r,
                        const bool *is_edge, bool which, size_t n) {
  size_t seen = 0;
  double upper = 0;
  for (size_t k = 0; k < r->pairs; k++) {
    size_t p = r->strongest[k];
    if (is_edge[p] != which)
      continue;
    if (seen == (n - 1) / 2)
      upper = r->log_rate[p];
    if (seen++ == n / 2)
      return (upper + r->log_rate[p]) / 2;
  }
  return upper;
}

struct sums {
  size_t edges; /* pairs */
  size_t
      background; /* pairs that are no edges, and of which traffic was seen */
  double edge_bytes;
};

static struct sums sum_up(const struct vr_likelihood_rates *r,
                          const bool *is_edge) {
  struct sums s = {0};
  for (size_t p = 0; p < r->pairs; p++)
    if (is_edge[p]) {
      s.edges++;
      s.edge_bytes += r->bytes[p];
    } else if (!is_at_floor(r, p)) {
      s.background++;
    }
  return s;
}

/* What it takes to say a median of N values that lie SPREAD about it. */
static double median_cost(size_t n, double spread) {
  return log(range / spread) + 0.5 * log((double)n);
}

static double shortest_edges(const struct vr_likelihood *l,
                             const struct vr_likelihood_rates *r,
                             const bool *is_edge, size_t n,
                             struct vr_likelihood_fit *f) {
  double best = INFINITY;
  for (unsigned s = 0; s < VR_LIKELIHOOD_SPREADS; s++) {
    double length = spread_cost[s] + median_cost(n, edge_spreads[s]);
    for (size_t p = 0; p < r->pairs; p++)
      if (is_edge[p])
        length -= at(l->edge[s], r->log_rate[p] - f->median);
    if (length < best) {
      best = length;
      f->edge_spread = s;
    }
  }
  return best;
}

static double background_of(const struct vr_likelihood *l,
                            const struct vr_likelihood_rates *r, size_t p,
                            unsigned spread,
                            const struct vr_likelihood_fit *f) {
  if (is_at_floor(r, p))
    return at_floor();
  /* As strong as edges are: that is odd. */
  if (r->log_rate[p] > f->median + strongest_background)
    return log(odd_background / range);
  return at(l->background[spread], r->log_rate[p] - f->level);
}

static double shortest_background(const struct vr_likelihood *l,
                                  const struct vr_likelihood_rates *r,
                                  const bool *is_edge, size_t n,
                                  struct vr_likelihood_fit *f) {
  double best = INFINITY;
  for (unsigned s = 0; s < VR_LIKELIHOOD_SPREADS; s++) {
    double length = n > 0 ? median_cost(n, background_spreads[s]) : 0;
    for (size_t p = 0; p < r->pairs; p++)
      if (!is_edge[p])
        length -= background_of(l, r, p, s, f);
    if (length < best) {
      best = length;
      f->background_spread = s;
    }
  }
  double nearer = n > 0 ? fmax(0, f->level - f->median - usual_level) : 0;
  return best + log(VR_LIKELIHOOD_SPREADS) + nearness_cost * nearer * nearer;
}

/* What is saved by calling member H a service. */
static double service_saves(const struct vr_likelihood *l,
                            const struct vr_likelihood_rates *r,
                            const bool *is_edge,
                            const struct vr_likelihood_fit *f, unsigned h) {
  double x[VR_TOPOLOGY_MEMBERS], sum = 0, saved = 0;
  unsigned k = 0;
  for (unsigned j = 0; j < r->n; j++) {
    size_t p = r->index[h][j];
    if (j == h || is_edge[p])
      continue;
    x[k++] = r->log_rate[p];
    sum += r->log_rate[p];
    saved -= background_of(l, r, p, f->background_spread, f);
  }
  if (k < 2)
    return 0;
  for (unsigned j = 0; j < k; j++)
    saved += at(l->service, x[j] - sum / k);
  return saved - log(r->n) - median_cost(k, service_spread);
}

struct vr_likelihood_fit
vr_likelihood_describe(const struct vr_likelihood *l,
                       const struct vr_likelihood_rates *r,
                       const bool *is_edge) {
  struct vr_likelihood_fit f = {.length = INFINITY};
  struct sums s = sum_up(r, is_edge);
  /* What is left is background: a pattern holds most of the bytes. */
  if (s.edges == 0 || s.edge_bytes < 0.65 * r->all_bytes)
    return f;
  f.median = median_of(r, is_edge, true, s.edges);
  if ((double)s.edges * exp(f.median) < 0.4 * r->all_bytes)
    return f;
  if (s.background > 0)
    f.level = median_of(r, is_edge, false, s.background);
  double saved = 0,
         length = shortest_edges(l, r, is_edge, s.edges, &f) +
                  shortest_background(l, r, is_edge, s.background, &f);
  for (unsigned h = 0; h < r->n; h++)
    saved = fmax(saved, service_saves(l, r, is_edge, &f, h));
  f.length = length - saved;
  return f;
}

void vr_likelihood_ratios(const struct vr_likelihood *l,
                          const struct vr_likelihood_rates *r, double median,
                          double *ret_ratio) {
  for (unsigned i = 0; i < r->n; i++)
    for (unsigned j = 0; j < r->n; j++) {
      size_t p = r->index[i][j];
      /* A pair that is stronger than usual is not more of an edge for that. */
      double d = fmin(r->log_rate[p] - median, 0.6);
      double other = is_at_floor(r, p)
                         ? at_floor()
                         : at(l->background[USUAL_BACKGROUND], d + 4);
      ret_ratio[i * r->n + j] = i == j ? 0 : at(l->edge[USUAL_EDGE], d) - other;
    }
}
