/* SPDX-License-Identifier: MIT
 *
 * topology-bench WHAT TRIALS: how often patterns are named right, what is
 * claimed where there is none, whether applications are separated, and how far
 * advice is from the best. tests/bench/topology runs all of it.
 */
#include "../unit/topology/generate.h"
#include "../unit/topology/instances.h"
#include "topology/advice.h"
#include "topology/classify.h"
#include "topology/groups.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { N = VR_TOPOLOGY_MEMBERS, SIZES = 9 };
static const unsigned sizes[SIZES] = {4, 5, 6, 8, 9, 12, 16, 24, 32};
static struct vr_classifier *classifier;

static double milliseconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* --- the baseline: the graph of the pairs above a part of the strongest --- */

static const double parts[] = {.05, .1, .2, .3};
enum { PARTS = 4 };

static bool fits(const struct vr_template *t, const struct vr_template *g,
                 unsigned depth, uint64_t used, unsigned *at, long *budget) {
  if (depth == t->n)
    return true;
  for (unsigned v = 0; v < g->n && --*budget > 0; v++) {
    bool ok = !(used >> v & 1) && t->degree[depth] == g->degree[v];
    for (unsigned i = 0; ok && i < depth; i++)
      ok = (t->adjacent[depth] >> i & 1) == (g->adjacent[v] >> at[i] & 1);
    if (!ok)
      continue;
    at[depth] = v;
    if (fits(t, g, depth + 1, used | UINT64_C(1) << v, at, budget))
      return true;
  }
  return false;
}

static struct vr_template graph_above(const double *rate, unsigned n,
                                      double part) {
  struct vr_template g = {.n = n};
  double most = 0;
  for (unsigned p = 0; p < n * n; p++)
    most = fmax(most, rate[p]);
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < i; j++) {
      if (rate[i * n + j] <= part * most && rate[j * n + i] <= part * most)
        continue;
      g.adjacent[i] |= UINT64_C(1) << j;
      g.adjacent[j] |= UINT64_C(1) << i;
      g.degree[i]++;
      g.degree[j]++;
      g.n_edges++;
    }
  return g;
}

/* Is the graph the pattern's? It is told which one it could be: the baseline
 * cannot name another one. */
static bool threshold_names(const struct vr_template *t, const double *rate,
                            double part) {
  struct vr_template g = graph_above(rate, t->n, part);
  unsigned at[N];
  long budget = 300000;
  return g.n_edges == t->n_edges && fits(t, &g, 0, 0, at, &budget);
}

/* --- patterns --- */

struct tally {
  unsigned all, right, baseline[PARTS];
  double ms, longest;
};

static void add(struct tally *to, const struct tally *from) {
  to->all += from->all;
  to->right += from->right;
  for (int k = 0; k < PARTS; k++)
    to->baseline[k] += from->baseline[k];
  to->ms += from->ms;
  to->longest = fmax(to->longest, from->longest);
}

static double percent(unsigned part, unsigned all) {
  return all ? 100.0 * part / all : 0;
}

static unsigned confused[VR_TOPOLOGIES][VR_TOPOLOGIES];
/* By tens of percent of the confidence that was stated. */
static unsigned stated[11], stated_right[11];

static void classify_one(const struct vr_template *t, const double *rate,
                         bool baseline, struct tally *tally) {
  struct vr_classification a;
  double begin = milliseconds();
  vr_classify(classifier, rate, t->n, &a);
  double ms = milliseconds() - begin;
  int ten = (int)(a.confidence / 10);
  tally->all++;
  tally->right += a.topology == t->kind;
  tally->ms += ms;
  tally->longest = fmax(tally->longest, ms);
  confused[t->kind][a.topology]++;
  stated[ten]++;
  stated_right[ten] += a.topology == t->kind;
  for (int k = 0; baseline && k < PARTS; k++)
    tally->baseline[k] += threshold_names(t, rate, parts[k]);
}

static void print_confusion(void) {
  puts("\n| truth | answers, percent |\n|---|---|");
  for (int t = 1; t < VR_TOPOLOGIES; t++) {
    unsigned all = 0;
    for (int a = 0; a < VR_TOPOLOGIES; a++)
      all += confused[t][a];
    if (all == 0)
      continue;
    printf("| %s |", vr_topology_name((enum vr_topology)t));
    for (int a = 0; a < VR_TOPOLOGIES; a++)
      if (confused[t][a])
        printf(" %s %.2f", vr_topology_name((enum vr_topology)a),
               percent(confused[t][a], all));
    puts(" |");
  }
  puts("\n| confidence stated | answers | right, percent |\n|---|---|---|");
  for (int k = 0; k < 11; k++)
    if (stated[k])
      printf("| %d-%d %% | %u | %.1f |\n", 10 * k, k == 10 ? 100 : 10 * k + 10,
             stated[k], percent(stated_right[k], stated[k]));
}

/* Cells of one size and background, and within them of one pattern. */
static void weights(unsigned trials) {
  struct random r = random_of(1);
  struct tally total = {0};
  double worst = 100;
  char worst_cell[80] = "";
  puts("| members | background | named right % | worst pattern % | share of "
       "maximum > .05 | .1 | .2 | .3 | ms |\n"
       "|---|---|---|---|---|---|---|---|---|");
  for (int s = 0; s < SIZES; s++)
    for (int b = 0; b < BACKGROUNDS; b++) {
      struct tally cell = {0};
      double least = 100;
      const char *least_name = "";
      for (unsigned k = 0; k < PATTERNS; k++) {
        struct tally one = {0};
        struct vr_template t;
        double rate[N * N];
        if (!pattern_template(k, sizes[s], &t))
          continue;
        for (unsigned i = 0; i < trials; i++) {
          generate_weights(&r, &t, (enum background)b, .1, 6, rate);
          classify_one(&t, rate, i < 40, &one);
        }
        if (percent(one.right, one.all) < least) {
          least = percent(one.right, one.all);
          least_name = pattern_names[k];
        }
        add(&cell, &one);
      }
      add(&total, &cell);
      unsigned compared = cell.all / trials * (trials < 40 ? trials : 40);
      printf("| %u | %s | %.2f | %.1f %s |", sizes[s], background_names[b],
             percent(cell.right, cell.all), least,
             least < 100 ? least_name : "");
      for (int k = 0; k < PARTS; k++)
        printf(" %.1f |", percent(cell.baseline[k], compared));
      printf(" %.2f |\n", cell.ms / cell.all);
      fflush(stdout);
      if (least < worst) {
        worst = least;
        snprintf(worst_cell, sizeof(worst_cell), "%u %s %s", sizes[s],
                 background_names[b], least_name);
      }
    }
  unsigned compared = total.all / trials * (trials < 40 ? trials : 40);
  printf("\nAll: %.2f %% of %u; shares of the maximum",
         percent(total.right, total.all), total.all);
  for (int k = 0; k < PARTS; k++)
    printf(" %.1f", percent(total.baseline[k], compared));
  printf(
      " %%; worst cell of one pattern %.1f %% (%s); %.2f ms, longest %.1f ms\n",
      worst, worst_cell, total.ms / total.all, total.longest);
  print_confusion();
}

static void flows(unsigned trials) {
  static const double shares[] = {.1, .2, .3};
  struct random r = random_of(2);
  puts("| members | 10 % background, right % | worst pattern | 20 % | 30 % "
       "|\n|---|---|---|---|---|");
  struct tally total[3] = {{0}};
  for (int s = 0; s < SIZES; s++) {
    struct tally cell[3] = {{0}};
    double least = 100;
    const char *least_name = "";
    for (int k3 = 0; k3 < 3; k3++)
      for (unsigned k = 0; k < PATTERNS; k++) {
        struct tally one = {0};
        struct vr_template t;
        double rate[N * N];
        if (!pattern_template(k, sizes[s], &t))
          continue;
        for (unsigned i = 0; i < (k3 ? trials / 4 : trials); i++) {
          generate_flows(&r, &t, shares[k3], 6, rate);
          classify_one(&t, rate, false, &one);
        }
        add(&cell[k3], &one);
        if (k3 == 0 && percent(one.right, one.all) < least) {
          least = percent(one.right, one.all);
          least_name = pattern_names[k];
        }
      }
    printf("| %u | %.2f | %.1f %s | %.2f | %.2f |\n", sizes[s],
           percent(cell[0].right, cell[0].all), least, least_name,
           percent(cell[1].right, cell[1].all),
           percent(cell[2].right, cell[2].all));
    fflush(stdout);
    for (int k3 = 0; k3 < 3; k3++)
      add(&total[k3], &cell[k3]);
  }
  printf("\nAll: %.2f %% of %u (10 %%), %.2f (20 %%), %.2f (30 %%)\n",
         percent(total[0].right, total[0].all), total[0].all,
         percent(total[1].right, total[1].all),
         percent(total[2].right, total[2].all));
}

static void irregular(unsigned trials) {
  struct random r = random_of(3);
  unsigned all = 0, claims = 0;
  puts("| members | uniform: claims % | sparse-heavy | service-star | flows "
       "|\n|---|---|---|---|---|");
  for (int s = 3; s < SIZES; s++) {
    printf("| %u |", sizes[s]);
    for (int b = 0; b <= BACKGROUNDS; b++) {
      struct tally one = {0};
      for (unsigned i = 0; i < trials; i++) {
        struct vr_template t;
        double rate[N * N];
        irregular_template(&r, sizes[s], &t);
        if (b < BACKGROUNDS)
          generate_weights(&r, &t, (enum background)b, .1, 6, rate);
        else
          generate_flows(&r, &t, .1, 6, rate);
        classify_one(&t, rate, false, &one);
      }
      printf(" %.1f |", 100 - percent(one.right, one.all));
      all += one.all;
      claims += one.all - one.right;
    }
    puts("");
    fflush(stdout);
  }
  printf("\nAll: a pattern is claimed in %.2f %% of %u\n", percent(claims, all),
         all);
  print_confusion();
}

/* --- applications --- */

struct scene {
  const char *name;
  bool scaled;       /* rates differ by up to 1000 */
  double background; /* between all guests, part of all bytes */
  double hub;        /* what a service takes, part of all bytes */
  unsigned hubs;
};

struct drawn {
  size_t n, first[5];
  struct vr_template t[4];
  double *rate;
};

static void draw_scene(struct random *r, const struct scene *s,
                       struct drawn *d) {
  double all = 0;
  for (int a = 0; a < 4; a++) {
    while (!pattern_template(random_index(r, PATTERNS), 4 + random_index(r, 13),
                             &d->t[a])) {
    }
    d->first[a + 1] = d->first[a] + d->t[a].n;
  }
  size_t members = d->first[4], n = d->n = members + s->hubs + 3;
  d->rate = calloc(n * n, sizeof(*d->rate));
  for (int a = 0; a < 4; a++) {
    double one[N * N], scale = s->scaled ? pow(10, 3 * random_uniform(r)) : 1;
    size_t k = d->t[a].n;
    generate_weights(r, &d->t[a], (enum background)random_index(r, 3), .1, 6,
                     one);
    for (size_t p = 0; p < k * k; p++)
      d->rate[(d->first[a] + p / k) * n + d->first[a] + p % k] = scale * one[p];
  }
  for (size_t p = 0; p < n * n; p++)
    all += d->rate[p];
  for (size_t h = members; h < members + s->hubs; h++)
    for (size_t i = 0; i < members; i++) {
      double x = exp(.5 * random_normal(r)) * s->hub * all / (double)members;
      d->rate[i * n + h] += x;
      d->rate[h * n + i] += .05 * x;
    }
  for (size_t p = 0; p < n * n; p++)
    if (p / n != p % n)
      d->rate[p] += -log(random_uniform(r) + 1e-12) * s->background * all /
                    (double)(n * n);
}

/* Counts whether groups and services are right, and patterns of those. */
static void judge_scene(const struct scene *s, const struct drawn *d,
                        unsigned *groups, unsigned *patterns) {
  struct vr_groups g;
  size_t members = d->first[4];
  vr_groups_separate(d->rate, d->n, NULL, &g);
  bool right = true;
  for (size_t i = 0; i < d->n; i++) {
    right = right && g.is_hub[i] == (i >= members && i < members + s->hubs);
    for (size_t j = 0; j < i && i < members; j++) {
      int a = 0, b = 0;
      while (i >= d->first[a + 1])
        a++;
      while (j >= d->first[b + 1])
        b++;
      right =
          right && (a == b) == (g.group[i] == g.group[j] && g.group[i] >= 0);
    }
  }
  *groups += right;
  for (int a = 0; right && a < 4; a++) {
    double one[N * N];
    struct vr_classification c;
    size_t k = d->t[a].n;
    for (size_t p = 0; p < k * k; p++)
      one[p] = d->rate[(d->first[a] + p / k) * d->n + d->first[a] + p % k];
    vr_classify(classifier, one, (unsigned)k, &c);
    *patterns += c.topology == d->t[a].kind;
  }
  vr_groups_clear(&g);
}

static void applications(unsigned trials) {
  static const struct scene scenes[] = {
      {"backup takes half of all bytes", false, .02, .5, 1},
      {"the same, rates differ by up to 1000", true, 2e-5, .5, 1},
      {"DNS takes a fiftieth", true, 1e-7, .02, 1},
      {"backup and DNS", true, 2e-5, .5, 2},
      {"no service", true, 2e-5, 0, 0},
  };
  struct random r = random_of(4);
  puts("| scene: four applications of 4 to 16, three idle guests | separated % "
       "| then named right % |\n|---|---|---|");
  for (size_t k = 0; k < sizeof(scenes) / sizeof(scenes[0]); k++) {
    unsigned groups = 0, patterns = 0;
    for (unsigned i = 0; i < trials; i++) {
      struct drawn d = {0};
      draw_scene(&r, &scenes[k], &d);
      judge_scene(&scenes[k], &d, &groups, &patterns);
      free(d.rate);
    }
    printf("| %s | %.1f | %.2f |\n", scenes[k].name, percent(groups, trials),
           percent(patterns, 4 * groups));
    fflush(stdout);
  }
}

/* --- advice --- */

struct sum {
  double before, few, all, judge, worst, steps, ms;
};

static void advise_one(struct random *r, const struct problem *what,
                       bool annealing, struct sum *s) {
  struct vr_placement p;
  struct vr_advice few, all;
  make_problem(r, what, &p);
  double total = vr_placement_total(&p), begin = milliseconds();
  vr_advice_find(&p, &(struct vr_advice_options){200, .002}, &all);
  s->ms += milliseconds() - begin;
  struct vr_advice_options usual = vr_advice_defaults();
  vr_advice_find(&p, &usual, &few);
  if (!vr_placement_is_allowed(&p, few.host) ||
      !vr_placement_is_allowed(&p, all.host))
    puts("AN ADVICE BREAKS A LIMIT");
  double judge = annealing ? annealed_crossing(r, &p) : least_crossing(&p);
  s->before += 100 * all.crossing / total;
  s->few += 100 * few.crossing_advised / total;
  s->all += 100 * all.crossing_advised / total;
  s->judge += 100 * judge / total;
  s->worst = fmax(s->worst, 100 * (all.crossing_advised - judge) / total);
  s->steps += (double)all.n_steps;
  vr_advice_clear(&few);
  vr_advice_clear(&all);
  vr_placement_clear(&p);
}

static void advice(unsigned trials) {
  static const struct {
    const char *name;
    unsigned guests, hosts;
    double slack;
    unsigned apart;
    double nic;
  } cases[] = {
      {"9 guests on 3 hosts", 9, 3, 1.25, 0, 0},
      {"9 on 3, two pairs apart", 9, 3, 1.25, 2, 0},
      {"9 on 3, limits of network cards", 9, 3, 1.25, 0, .9},
      {"10 on 3, one tenth free", 10, 3, 1.1, 1, 0},
      {"36 on 6", 36, 6, 1.25, 0, 0},
      {"36 on 6, six pairs apart", 36, 6, 1.25, 6, 0},
  };
  struct random r = random_of(5);
  puts("| case | traffic | before | 12 steps | all steps | judge | points "
       "above it: mean | worst | steps | ms |\n"
       "|---|---|---|---|---|---|---|---|---|---|");
  for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++)
    for (unsigned f = 0; f < FLOWS; f++) {
      struct sum s = {0};
      bool annealing = cases[c].guests > 10;
      struct problem what = {cases[c].guests, cases[c].hosts, f,
                             cases[c].slack,  cases[c].apart, cases[c].nic};
      for (unsigned i = 0; i < trials; i++)
        advise_one(&r, &what, annealing, &s);
      double n = trials;
      printf("| %s | %s | %.1f | %.1f | %.1f | %s %.1f | %.1f | %.1f | %.1f | "
             "%.1f |\n",
             cases[c].name, flow_names[f], s.before / n, s.few / n, s.all / n,
             annealing ? "annealing" : "optimum", s.judge / n,
             (s.all - s.judge) / n, s.worst, s.steps / n, s.ms / n);
      fflush(stdout);
    }
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*run)(unsigned trials);
  } parts_of_it[] = {{"weights", weights},
                     {"flows", flows},
                     {"irregular", irregular},
                     {"applications", applications},
                     {"advice", advice}};
  unsigned trials = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
  classifier = vr_classify_new();
  for (size_t i = 0; classifier && i < 5; i++)
    if (argc > 2 && trials > 0 && strcmp(argv[1], parts_of_it[i].name) == 0) {
      parts_of_it[i].run(trials);
      vr_classify_free(classifier);
      return 0;
    }
  fprintf(stderr, "usage: topology-bench "
                  "weights|flows|irregular|applications|advice TRIALS\n");
  return 2;
}
