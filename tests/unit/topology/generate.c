/* SPDX-License-Identifier: MIT */
#include "generate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = VR_TOPOLOGY_MEMBERS, MOST_WINDOWS = 16 };

/* --- numbers --- */

static uint64_t step(struct random *r) {
  uint64_t a = r->s[0], b = r->s[1];
  r->s[0] = b;
  a ^= a << 23;
  r->s[1] = a ^ b ^ (a >> 17) ^ (b >> 26);
  return r->s[1] + b;
}

struct random random_of(uint64_t number) {
  struct random r = {
      {88172645463325252u ^ (number * 2654435761u), 1234567 + number}};
  for (int i = 0; i < 20; i++)
    step(&r);
  return r;
}

double random_uniform(struct random *r) {
  return (double)(step(r) >> 11) * 0x1p-53;
}

double random_normal(struct random *r) {
  double u = random_uniform(r) + 1e-300;
  return sqrt(-2 * log(u)) * cos(2 * M_PI * random_uniform(r));
}

static double exponential(struct random *r) {
  return -log(random_uniform(r) + 1e-12);
}

unsigned random_index(struct random *r, unsigned n) {
  return (unsigned)(random_uniform(r) * n);
}

void random_order(struct random *r, unsigned n, unsigned *ret_order) {
  for (unsigned i = 0; i < n; i++)
    ret_order[i] = i;
  for (unsigned i = n - 1; i > 0; i--) {
    unsigned j = random_index(r, i + 1), x = ret_order[i];
    ret_order[i] = ret_order[j];
    ret_order[j] = x;
  }
}

/* --- patterns --- */

const char *const background_names[BACKGROUNDS] = {"uniform", "sparse-heavy",
                                                   "service-star"};
const char *const pattern_names[PATTERNS] = {
    "all-to-all", "star",          "ring",          "bus",       "mesh",
    "torus",      "tree (binary)", "tree (binom.)", "hypercube", "bipartite"};

/* The side of the grid that is nearest to a square; 0 if there is none. */
static unsigned squarest(unsigned n, unsigned least) {
  unsigned best = 0;
  for (unsigned side = least; side * side <= n; side++)
    if (n % side == 0)
      best = side;
  return best;
}

bool pattern_template(unsigned pattern, unsigned n, struct vr_template *ret) {
  switch (pattern) {
  case 0:
    return vr_template_all_to_all(n, ret);
  case 1:
    return vr_template_star(n, ret);
  case 2:
    return n >= 4 && vr_template_ring(n, ret);
  case 3:
    return n >= 4 && vr_template_bus(n, ret);
  case 4: /* 2x2 is the ring */
    return n > 4 && vr_template_mesh(n, squarest(n, 2), ret);
  case 5: /* 4x4 is the hypercube */
    return n != 16 && vr_template_torus(n, squarest(n, 3), ret);
  case 6:
    return vr_template_tree(VR_TREE_BINARY, n, ret);
  case 7:
    return vr_template_tree(VR_TREE_BINOMIAL, n, ret);
  case 8:
    return n > 4 && vr_template_hypercube(n, ret);
  default: /* 2,2 is the ring */
    return n > 4 && vr_template_bipartite(n, n / 4 < 2 ? 2 : n / 4, ret);
  }
}

void irregular_template(struct random *r, unsigned n, struct vr_template *ret) {
  memset(ret, 0, sizeof(*ret));
  ret->kind = VR_TOPOLOGY_IRREGULAR;
  ret->n = n;
  while (ret->n_edges == 0)
    for (unsigned i = 0; i < n; i++)
      for (unsigned j = 0; j < i; j++)
        if (random_uniform(r) < 3.5 / (n - 1)) {
          ret->adjacent[i] |= UINT64_C(1) << j;
          ret->adjacent[j] |= UINT64_C(1) << i;
          ret->n_edges++;
        }
}

/* --- first generator --- */

/* What one pair gets of the background of one window, not yet to scale. */
static double background_of(struct random *r, enum background kind,
                            bool touches_hub) {
  switch (kind) {
  case UNIFORM:
    return exponential(r);
  case SPARSE_HEAVY:
    return random_uniform(r) < .1 ? pow(1 - random_uniform(r), -1 / 1.5) : 0;
  default:
    return touches_hub ? exponential(r) : 0;
  }
}

static void draw_weights(struct random *r, const struct vr_template *t,
                         double *weight) {
  unsigned place[N], n = t->n;
  random_order(r, n, place);
  memset(weight, 0, n * n * sizeof(*weight));
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++) {
      if (!(t->adjacent[i] >> j & 1))
        continue;
      double w = exp(.5 * random_normal(r)),
             back = .03 + .97 * random_uniform(r);
      unsigned x = place[i], y = place[j];
      if (random_uniform(r) < .5) {
        x = place[j];
        y = place[i];
      }
      weight[x * n + y] = w;
      weight[y * n + x] = w * back;
    }
}

static void draw_window(struct random *r, unsigned n, const double *weight,
                        enum background kind, unsigned hub, double share,
                        double *ret) {
  double background[N * N] = {0}, pattern = 0, rest = 0;
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < n; j++) {
      unsigned p = i * n + j;
      ret[p] = weight[p] * exp(.3 * random_normal(r));
      pattern += ret[p];
      background[p] = i == j ? 0 : background_of(r, kind, i == hub || j == hub);
      rest += background[p];
    }
  for (unsigned p = 0; p < n * n && rest > 0; p++)
    ret[p] += background[p] * share * pattern / rest;
}

static double median(double *x, unsigned k) {
  for (unsigned i = 1; i < k; i++) {
    double a = x[i];
    unsigned j = i;
    for (; j > 0 && x[j - 1] > a; j--)
      x[j] = x[j - 1];
    x[j] = a;
  }
  return (x[(k - 1) / 2] + x[k / 2]) / 2;
}

static void medians(unsigned n, unsigned windows,
                    double window[MOST_WINDOWS][N * N], double *ret_rate) {
  for (unsigned p = 0; p < n * n; p++) {
    double x[MOST_WINDOWS];
    for (unsigned w = 0; w < windows; w++)
      x[w] = window[w][p];
    ret_rate[p] = median(x, windows);
  }
}

void generate_weights(struct random *r, const struct vr_template *t,
                      enum background background, double share,
                      unsigned windows, double *ret_rate) {
  static _Thread_local double window[MOST_WINDOWS][N * N];
  double weight[N * N];
  unsigned hub = random_index(r, t->n);
  draw_weights(r, t, weight);
  for (unsigned w = 0; w < windows; w++)
    draw_window(r, t->n, weight, background, hub, share, window[w]);
  medians(t->n, windows, window, ret_rate);
}

/* --- second generator --- */

enum { SLICES = 10, SAMPLING = 64, SIZES = 1000 };

/* A size in packets by Zipf's law (exponent 1.2). */
static unsigned zipf(struct random *r) {
  static double cumulated[SIZES];
  if (cumulated[SIZES - 1] == 0)
    for (unsigned k = 0; k < SIZES; k++)
      cumulated[k] = (k ? cumulated[k - 1] : 0) + pow(k + 1.0, -1.2);
  double x = random_uniform(r) * cumulated[SIZES - 1];
  unsigned low = 0, high = SIZES - 1;
  while (low < high) {
    unsigned middle = (low + high) / 2;
    if (cumulated[middle] < x)
      low = middle + 1;
    else
      high = middle;
  }
  return low + 1;
}

static unsigned poisson(struct random *r, double mean) {
  unsigned k = 0;
  for (double t = exponential(r); t < mean; t += exponential(r))
    k++;
  return k;
}

/* Packets of a flow that the switch has sampled, scaled up again. From one
 * that is sampled to the next is a geometric number. */
static double sampled(struct random *r, unsigned packets) {
  static const double missed = 1 - 1.0 / SAMPLING;
  unsigned seen = 0;
  for (double i = 0;; seen++) {
    i += 1 + floor(log(random_uniform(r) + 1e-300) / log(missed));
    if (i > packets)
      break;
  }
  return 1500.0 * SAMPLING * seen;
}

/* Flows that begin on the conversation A, B in one slice: requests one way,
 * answers the other, either of which may be the larger. */
static void begin_flows(struct random *r, unsigned n, unsigned a, unsigned b,
                        double flows, double skew, double *window) {
  for (unsigned k = poisson(r, flows); k > 0; k--) {
    bool forward = random_uniform(r) < skew;
    window[forward ? a * n + b : b * n + a] += sampled(r, zipf(r));
  }
}

struct conversation {
  unsigned a, b;
  double flows; /* that begin in a second, while it is on */
  double skew;
  bool on;
};

static unsigned draw_conversations(struct random *r,
                                   const struct vr_template *t,
                                   struct conversation *list) {
  unsigned place[N], k = 0;
  random_order(r, t->n, place);
  for (unsigned i = 0; i < t->n; i++)
    for (unsigned j = 0; j < i; j++)
      if (t->adjacent[i] >> j & 1)
        list[k++] = (struct conversation){
            .a = place[i],
            .b = place[j],
            .flows = 12 * (0.5 + random_uniform(r)),
            .skew = 0.1 + 0.8 * random_uniform(r),
            .on = true,
        };
  return k;
}

void generate_flows(struct random *r, const struct vr_template *t, double share,
                    unsigned windows, double *ret_rate) {
  static _Thread_local double window[MOST_WINDOWS][N * N];
  static _Thread_local struct conversation list[N * N / 2];
  unsigned n = t->n, k = draw_conversations(r, t, list);
  double total = 0;
  for (unsigned i = 0; i < k; i++)
    total += list[i].flows;
  memset(window, 0, sizeof(window));
  for (unsigned s = 0; s < windows * SLICES; s++) {
    double *w = window[s / SLICES];
    /* On for 8 s, off for 2 s, on average. */
    for (unsigned i = 0; i < k; i++) {
      list[i].on = random_uniform(r) < (list[i].on ? 1 - 1.0 / 8 : 1.0 / 2);
      if (list[i].on)
        begin_flows(r, n, list[i].a, list[i].b, list[i].flows, list[i].skew, w);
    }
    for (unsigned f = poisson(r, 0.8 * total * share); f > 0; f--) {
      unsigned a = random_index(r, n), b = random_index(r, n - 1);
      b += b >= a;
      w[a * n + b] += sampled(r, zipf(r));
    }
  }
  for (unsigned i = 0; i < windows; i++)
    for (unsigned p = 0; p < n * n; p++)
      window[i][p] /= SLICES;
  medians(n, windows, window, ret_rate);
}
