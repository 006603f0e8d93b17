/* SPDX-License-Identifier: MIT
 *
 * What the models of a whole fleet cost in one directory:
 * models-bench [--shipped DIRECTORY] [GUESTS...] (1000 20000). For each number
 * of guests a file each, of a model for every trainable counter, beside those
 * that ship: loading them, a look that finds nothing new, what a guest takes,
 * and one file replaced while values keep coming.
 */
#include "basic/exit_status.h"
#include "basic/log.h"
#include "live/model_dir.h"
#include "live/reconstructor.h"

#include <malloc.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GUESTS_OF_HOST = 60, STEP = 10, WARM = 4, INPUTS = 3 };

static double clock_now(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
static double wall(void) { return clock_now(CLOCK_MONOTONIC); }
static double cpu(void) { return clock_now(CLOCK_PROCESS_CPUTIME_ID); }

static void only_errors(int priority, const char *message) {
  if (priority <= LOG_ERR)
    fprintf(stderr, "%s\n", message);
}

/* --- the files --- */

static const char *const series[INPUTS][2] = {
    {"derive", "vcpu_run"}, {"derive", "vcpu_wait"}, {"memory", "rss"}};

static void fill_input(struct vr_model *m, int i, double gain) {
  char *signal = NULL;
  if (asprintf(&signal, "%%{host}/vmrecon-%%{guest}/%s-%s:value", series[i][0],
               series[i][1]) < 0)
    abort();
  m->inputs[i] = (struct vr_model_input){.n_signals = 1,
                                         .signals = calloc(1, sizeof(char *)),
                                         .scale = 1e-9,
                                         .range_min = -INFINITY,
                                         .range_max = INFINITY};
  m->inputs[i].signals[0] = signal;
  m->arx.inputs[i] = (struct vr_arx_input){4, 1, calloc(4, sizeof(double))};
  for (int k = 0; k < 4; k++)
    m->arx.inputs[i].b[k] = gain / (k + 1);
}

/* Of the orders (2, 4, 1), as trained ones are at 10 s. */
static void make_model(struct vr_model *m, enum vr_counter counter,
                       const char *guest, double gain) {
  *m = (struct vr_model){
      .counter = counter,
      .provenance = VR_INFERRED,
      .guest = strdup(guest),
      .structure = VR_ARX,
      .step = STEP,
      .n_inputs = INPUTS,
      .inputs = calloc(INPUTS, sizeof(*m->inputs)),
      .arx = {.na = 2,
              .a = calloc(3, sizeof(double)),
              .nu = INPUTS,
              .inputs = calloc(INPUTS, sizeof(struct vr_arx_input))},
      .output = {.min = -INFINITY, .max = INFINITY},
      .fit = {50, NAN, 100, NAN, NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN}};
  m->arx.a[0] = 1;
  m->arx.a[1] = m->arx.a[2] = -0.25;
  for (int i = 0; i < INPUTS; i++)
    fill_input(m, i, gain);
}

static void write_file(const char *directory, size_t g, double gain) {
  char guest[32], path[4096];
  struct vr_model models[VR_COUNTERS];
  struct vr_model_set set = {.models = models};
  struct vr_error e;
  snprintf(guest, sizeof(guest), "guest-%zu", g);
  snprintf(path, sizeof(path), "%s/%s.json", directory, guest);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    make_model(&models[set.n_models++], (enum vr_counter)c, guest, gain);
  if (vr_model_file_write(path, &set, false, "bench", &e) < 0) {
    fprintf(stderr, "%s\n", e.message);
    exit(VR_EXIT_OUTPUT);
  }
  for (size_t i = 0; i < set.n_models; i++)
    vr_model_clear(&models[i]);
}

/* --- the stream --- */

static atomic_size_t answered;

static void count_answers(void *user, const struct vr_answer *a) {
  (void)user;
  (void)a;
  atomic_fetch_add(&answered, 1);
}

static void feed_guest(struct vr_live *r, size_t g, int t) {
  char host[32], name[32];
  snprintf(host, sizeof(host), "hv%zu", g / GUESTS_OF_HOST);
  snprintf(name, sizeof(name), "guest-%zu", g);
  for (int i = 0; i < INPUTS; i++) {
    struct vr_identifier id = {host, "vmrecon", name, series[i][0],
                               series[i][1]};
    struct vr_value v = {"value", i < 2 ? VR_DERIVE : VR_GAUGE, {0}};
    if (i < 2)
      v.number.derive = (int64_t)t * STEP * 500000000;
    else
      v.number.gauge = 2e8 + t;
    vr_live_feed(r, &id, (1700000000 + (vr_time)t * STEP) * VR_SECOND,
                 STEP * VR_SECOND, &v, 1);
  }
}

/* One thread that feeds all guests over and over, as a write thread does. */
struct feeder {
  struct vr_live *live;
  size_t guests;
  int t; /* of the round to come */
  atomic_int rounds;
  atomic_bool stop;
  _Atomic double longest; /* seconds that a guest's values took */
};

static void *feed_on(void *user) {
  struct feeder *f = user;
  while (!atomic_load(&f->stop)) {
    for (size_t g = 0; g < f->guests; g++) {
      double begin = clock_now(CLOCK_THREAD_CPUTIME_ID);
      feed_guest(f->live, g, f->t);
      double took = clock_now(CLOCK_THREAD_CPUTIME_ID) - begin;
      if (took > atomic_load(&f->longest))
        atomic_store(&f->longest, took);
    }
    f->t++;
    atomic_fetch_add(&f->rounds, 1);
  }
  return NULL;
}

static void wait_for_rounds(struct feeder *f, int n) {
  const struct timespec pause = {.tv_nsec = 1000000};
  for (int until = atomic_load(&f->rounds) + n;
       atomic_load(&f->rounds) < until;)
    nanosleep(&pause, NULL);
}

/* --- the cases --- */

static void load(struct vr_model_dir *d, struct vr_live *r, size_t at_least) {
  const struct timespec pause = {.tv_nsec = 1000000};
  struct vr_model_set *sets;
  size_t n;
  /* Those of a directory that takes its time come with a later look. */
  do {
    while (vr_live_model_dir_poll(d, &sets, &n) != 1)
      nanosleep(&pause, NULL);
    if (vr_live_set_models(r, sets, n) < 0)
      abort();
  } while (n < at_least);
}

/* Polls while nothing has changed; the first may take longer than it waits. */
static double idle_look(struct vr_model_dir *d) {
  struct vr_model_set *sets;
  size_t n;
  double begin = cpu();
  for (int i = 0; i < 3; i++) {
    vr_live_model_dir_poll(d, &sets, &n);
    usleep(300000);
  }
  return (cpu() - begin) / 3;
}

static void replace_one(const char *directory, struct vr_model_dir *d,
                        struct vr_live *r, size_t guests) {
  struct feeder f = {.live = r, .guests = guests, .t = WARM};
  pthread_t thread;
  pthread_create(&thread, NULL, feed_on, &f);
  wait_for_rounds(&f, 2);
  double usual = atomic_exchange(&f.longest, 0);
  double begin_cpu = cpu(), begin = wall();
  write_file(directory, 7, 2);
  load(d, r, guests);
  double took = wall() - begin, took_cpu = cpu() - begin_cpu;
  wait_for_rounds(&f, 2);
  vr_live_sweep(r);
  double longest = atomic_load(&f.longest);
  begin_cpu = cpu();
  wait_for_rounds(&f, 3);
  atomic_store(&f.stop, true);
  pthread_join(thread, NULL);
  printf("  one replaced              %8.3f s (%.3f s of CPU, the stream's "
         "included)\n"
         "  longest wait of values    %8.3f ms of CPU meanwhile, %.3f ms "
         "before\n",
         took, took_cpu, longest * 1e3, usual * 1e3);
}

static void bench(const char *shipped, size_t guests) {
  char directory[] = "/var/tmp/vmrecon-models.XXXXXX", path[64];
  if (!mkdtemp(directory))
    exit(VR_EXIT_OUTPUT);
  for (size_t g = 0; g < guests; g++)
    write_file(directory, g, 1);
  struct vr_live_options o = vr_live_defaults();
  o.answer = count_answers;
  size_t before = mallinfo2().uordblks;
  struct vr_live *r = vr_live_new(&o);
  const char *const paths[] = {directory, shipped};
  struct vr_model_dir *d = vr_live_model_dir_new(paths, shipped ? 2 : 1);
  double begin_cpu = cpu(), begin = wall();
  load(d, r, guests);
  printf("%zu guests, %zu models\n  loaded in                 %8.3f s (%.3f s "
         "of CPU)\n",
         guests, vr_live_stats(r).models, wall() - begin, cpu() - begin_cpu);
  size_t models = mallinfo2().uordblks;
  printf("  a look at the directory   %8.3f s of CPU\n", idle_look(d));
  begin_cpu = cpu();
  for (int t = 0; t < WARM; t++)
    for (size_t g = 0; g < guests; g++)
      feed_guest(r, g, t);
  printf("  a guest's beginning       %8.1f us (%d rounds of %d values)\n"
         "  memory of a guest         %8.1f kB its models, %.1f kB itself\n",
         (cpu() - begin_cpu) / (double)guests * 1e6, WARM, INPUTS,
         (double)(models - before) / (double)guests / 1e3,
         (double)(mallinfo2().uordblks - models) / (double)guests / 1e3);
  replace_one(directory, d, r, guests);
  vr_live_model_dir_free(d);
  vr_live_free(r);
  for (size_t g = 0; g < guests; g++) {
    snprintf(path, sizeof(path), "%s/guest-%zu.json", directory, g);
    unlink(path);
  }
  rmdir(directory);
}

int main(int argc, char **argv) {
  const char *shipped = NULL;
  int at = 1;
  if (argc > 2 && strcmp(argv[1], "--shipped") == 0) {
    shipped = argv[2];
    at = 3;
  }
  vr_log_set(only_errors);
  if (at == argc) {
    bench(shipped, 1000);
    bench(shipped, 20000);
  }
  for (; at < argc; at++)
    bench(shipped, strtoul(argv[at], NULL, 10));
  return VR_EXIT_OK;
}
