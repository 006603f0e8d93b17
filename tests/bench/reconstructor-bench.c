/* SPDX-License-Identifier: MIT
 *
 * How much the reconstructor costs: a value that no model wants, a value that
 * is wanted, an inferred value, a guest's memory. Prints one line a case;
 * reconstructor-bench [MAX_GUESTS] (default 1000).
 * reconstructor-bench --models NA NB NK FILE writes the models of one case, for
 * target.sh to run them inside the daemon.
 */
#include "basic/log.h"
#include "live/reconstructor.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { INPUTS = 3 };

static size_t answered;
static double checksum;

static void count_answers(void *user, const struct vr_answer *a) {
  (void)user;
  for (int c = 0; c < VR_COUNTERS; c++)
    if (a->counters[c].present) {
      answered++;
      checksum += a->counters[c].value;
    }
}

static void be_quiet(int priority, const char *message) {
  (void)priority;
  (void)message;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* One model of COUNTER with the orders (na, nb, nk) for each of three inputs.
 */
static void make_model(struct vr_model *m, enum vr_counter counter, unsigned na,
                       unsigned nb, unsigned nk) {
  static const char *const series[INPUTS] = {
      "%{host}/vmrecon-%{guest}/derive-vcpu_run:value",
      "%{host}/vmrecon-%{guest}/derive-vcpu_wait:value",
      "%{host}/vmrecon-%{guest}/memory-rss:value"};
  *m = (struct vr_model){
      .counter = counter,
      .provenance = VR_INFERRED,
      .guest = strdup("*"),
      .structure = VR_ARX,
      .step = 1,
      .n_inputs = INPUTS,
      .inputs = calloc(INPUTS, sizeof(*m->inputs)),
      .arx = {.na = na,
              .a = calloc(na + 1, sizeof(double)),
              .nu = INPUTS,
              .inputs = calloc(INPUTS, sizeof(struct vr_arx_input))},
      .output = {.min = -INFINITY, .max = INFINITY},
      .fit = {.free_run = 50,
              .one_step = NAN,
              .rows = 100,
              .begin = NAN,
              .end = NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN}};
  m->arx.a[0] = 1;
  for (unsigned k = 1; k <= na; k++)
    m->arx.a[k] = -0.5 / na;
  for (int i = 0; i < INPUTS; i++) {
    m->inputs[i] = (struct vr_model_input){.n_signals = 1,
                                           .signals = calloc(1, sizeof(char *)),
                                           .scale = 1e-9,
                                           .range_min = -INFINITY,
                                           .range_max = INFINITY};
    m->inputs[i].signals[0] = strdup(series[i]);
    m->arx.inputs[i] =
        (struct vr_arx_input){nb, nk, calloc(nb, sizeof(double))};
    for (unsigned k = 0; k < nb; k++)
      m->arx.inputs[i].b[k] = 1. / nb;
  }
}

/* All trainable counters by a model each. */
static struct vr_model_set *make_models(unsigned na, unsigned nb, unsigned nk) {
  struct vr_model_set *set = calloc(1, sizeof(*set));
  set->models = calloc(VR_COUNTERS, sizeof(*set->models));
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    make_model(&set->models[set->n_models++], (enum vr_counter)c, na, nb, nk);
  return set;
}

static int write_models(char **argv) {
  unsigned orders[3];
  for (int i = 0; i < 3; i++)
    orders[i] = (unsigned)strtoul(argv[i], NULL, 10);
  struct vr_model_set *set = make_models(orders[0], orders[1], orders[2]);
  struct vr_error e;
  int r = vr_model_file_write(argv[3], set, false, "bench", &e);
  if (r < 0)
    fprintf(stderr, "%s\n", e.message);
  vr_model_set_clear(set);
  free(set);
  return r < 0;
}

static struct vr_live *start(unsigned na, unsigned nb, unsigned nk,
                             size_t history) {
  struct vr_live_options o = vr_live_defaults();
  o.answer = count_answers;
  o.history_bytes = history;
  struct vr_live *r = vr_live_new(&o);
  vr_live_set_models(r, make_models(na, nb, nk), 1);
  answered = 0;
  return r;
}

static void feed_guest(struct vr_live *r, const char *name, int t) {
  static const char *const types[INPUTS][2] = {
      {"derive", "vcpu_run"}, {"derive", "vcpu_wait"}, {"memory", "rss"}};
  for (int i = 0; i < INPUTS; i++) {
    struct vr_identifier id = {"hypervisor.example", "vmrecon", name,
                               types[i][0], types[i][1]};
    struct vr_value v = {"value", i < 2 ? VR_DERIVE : VR_GAUGE, {0}};
    if (i < 2)
      v.number.derive = (int64_t)t * 500000000;
    else
      v.number.gauge = 2e8 + t;
    vr_live_feed(r, &id, (1700000000 + t) * VR_SECOND, VR_SECOND, &v, 1);
  }
}

static void bench_unwanted(void) {
  struct vr_live *r = start(2, 4, 1, 0);
  struct vr_identifier id = {"guest17.example", "interface", "eth0",
                             "if_octets", ""};
  struct vr_value v[] = {{"rx", VR_DERIVE, {.derive = 1}},
                         {"tx", VR_DERIVE, {.derive = 2}}};
  enum { N = 5000000 };
  double begin = now();
  for (int i = 0; i < N; i++)
    vr_live_feed(r, &id, i + 1, VR_SECOND, v, 2);
  printf("unwanted value           %8.1f ns\n", (now() - begin) / N * 1e9);
  vr_live_free(r);
}

static void bench_guests(size_t guests, unsigned na, unsigned nb, unsigned nk,
                         size_t history) {
  enum { TICKS_MIN = 20 };
  int ticks = (int)(200000 / guests) + TICKS_MIN;
  char(*names)[32] = calloc(guests, sizeof(*names));
  for (size_t g = 0; g < guests; g++)
    snprintf(names[g], sizeof(names[g]), "guest-%zu", g);
  size_t before = mallinfo2().uordblks;
  struct vr_live *r = start(na, nb, nk, history);
  for (int t = 0; t < 4; t++)
    for (size_t g = 0; g < guests; g++)
      feed_guest(r, names[g], t);
  size_t bytes = (mallinfo2().uordblks - before) / guests;
  answered = 0;
  double begin = now();
  for (int t = 4; t < 4 + ticks; t++)
    for (size_t g = 0; g < guests; g++)
      feed_guest(r, names[g], t);
  double seconds = now() - begin;
  double values = (double)ticks * (double)guests * INPUTS;
  printf("%7zu guests (%2u,%2u,%2u)  %8.1f ns a wanted value, with its part of "
         "the models  %9.0f inferred values/s  %6zu bytes a guest\n",
         guests, na, nb, nk, seconds / values * 1e9, (double)answered / seconds,
         bytes);
  vr_live_free(r);
  free(names);
}

int main(int argc, char **argv) {
  if (argc == 6 && strcmp(argv[1], "--models") == 0)
    return write_models(argv + 2);
  size_t max = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
  vr_log_set(be_quiet);
  bench_unwanted();
  for (size_t guests = 10; guests <= max; guests *= 100) {
    bench_guests(guests, 2, 4, 1, 0);
    bench_guests(guests, 20, 17, 50, 0);
  }
  return isfinite(checksum) ? 0 : 1;
}
