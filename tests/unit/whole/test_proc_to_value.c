/* SPDX-License-Identifier: MIT
 *
 * A /proc tree in, a published value out: the reader (src/host) and the engine
 * (src/live) with the models that every installation has, in one process. The
 * trees are recorded ones whose counters are moved on by known amounts; what is
 * published is computed by hand from these.
 */
#include "../host/fake_qmp.h"
#include "../host/guests.h"
#include "../live/stream.h"

#include "basic/cleanup.h"
#include "host/emit_samples.h"

#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { STEP = 10 /* seconds between two readings */ };

#define S UINT64_C(1000000000) /* ns */

/* --- from the reader to the engine, as the two plugins do it --- */

struct stream {
  struct vr_live *live;
  const char *guest;
  double time;
};

static void feed_emitted(void *ctx, const struct vr_emitted *e) {
  const struct stream *s = ctx;
  const struct vr_identifier id = {"h", "vmrecon", s->guest, e->type,
                                   e->instance};
  assert_in_range(e->n, 1, 4);
  assert_true(vr_live_feed(s->live, &id, at(s->time), STEP * VR_SECOND,
                           e->values, e->n) >= 0);
}

/* --- a scene: a tree, its reader, the engine with what is shipped --- */

struct scene {
  struct tree tree;
  struct vr_host *host;
  struct vr_live *live;
  int readings;
};

static void read_shipped(const char *name, struct vr_model_set *set) {
  struct vr_error e;
  char path[512];
  const char *data = getenv("VR_TEST_DATA");
  snprintf(path, sizeof(path), "%s/../../contrib/models/%s",
           data ? data : "tests/data", name);
  if (vr_model_file_read(path, set, &e) < 0)
    fail_msg("%s", e.message);
}

static struct vr_live *engine_new(void) {
  struct vr_live_options o = vr_live_defaults();
  struct vr_model_set *sets = calloc(2, sizeof(*sets));
  read_shipped("generic.json", &sets[0]);
  read_shipped("laws.json", &sets[1]);
  o.answer = hear;
  heard.n = 0;
  struct vr_live *live = vr_live_new(&o);
  assert_non_null(live);
  assert_int_equal(vr_live_set_models(live, sets, 2), 0);
  return live;
}

static void scene_begin_every(struct scene *s, bool qmp, double interval) {
  struct vr_host_options options;
  reader_options(&s->tree, 100, &options);
  options.qmp = qmp;
  options.interval = interval;
  options.qmp_wait_ms = 20000; /* a starved machine may need them */
  assert_int_equal(vr_host_new(&options, &s->host), 0);
  s->live = engine_new();
}

static void scene_begin(struct scene *s, bool qmp) {
  scene_begin_every(s, qmp, STEP);
}

/* One reading, STEP seconds after the last. */
static void scene_read(struct scene *s) {
  struct stream stream = {s->live, "", STEP * s->readings++};
  vr_host_read(s->host);
  for (size_t i = 0; i < vr_host_vmproc_count(s->host); i++) {
    const struct vr_vmproc_sample *sample = vr_host_vmproc(s->host, i);
    stream.guest = sample->name;
    vr_emit_vmproc(sample, VR_EVERY_GROUP, feed_emitted, &stream);
  }
}

static void scene_end(struct scene *s) {
  vr_live_free(s->live);
  vr_host_free(s->host);
  tree_free(&s->tree);
}

/* What was published of the guest's counter for the interval that ends with
 * reading K; NAN: nothing. */
static double published(const char *guest, int k, enum vr_counter c) {
  for (size_t i = 0; i < heard.n; i++)
    if (heard.answers[i].time == at(STEP * k) &&
        strcmp(heard.guests[i], guest) == 0 &&
        heard.answers[i].counters[c].present)
      return heard.answers[i].counters[c].value;
  return NAN;
}

/* The bracket of the guest's load then. */
static const struct vr_load_bracket *bracket(const char *guest, int k) {
  for (size_t i = 0; i < heard.n; i++)
    if (heard.answers[i].time == at(STEP * k) &&
        strcmp(heard.guests[i], guest) == 0 && heard.answers[i].load.present)
      return &heard.answers[i].load;
  fail_msg("no bracket of %s after reading %d", guest, k);
  return NULL;
}

static void assert_bracket(const char *guest, int k, double lower,
                           double upper) {
  const struct vr_load_bracket *b = bracket(guest, k);
  if (!(fabs(b->lower[0] - lower) < 1e-3 && fabs(b->upper[0] - upper) < 1e-3))
    fail_msg("load of %s after reading %d: %.6g to %.6g, not %.6g to %.6g",
             guest, k, b->lower[0], b->upper[0], lower, upper);
}

static void assert_published(const char *guest, int k, enum vr_counter c,
                             double expected) {
  double value = published(guest, k, c);
  if (!(fabs(value - expected) <= 1e-6 * (1 + fabs(expected))))
    fail_msg("%s of %s after reading %d: %.9g is not %.9g",
             vr_counter_info(c)->name, guest, k, value, expected);
}

/* --- counters of a recorded tree, moved on --- */

/* The file's text; the caller's to free. */
static char *text_of(const struct scene *s, const char *path) {
  char full[256], *text = calloc(1, 65536);
  snprintf(full, sizeof(full), "%s/%s", s->tree.path, path);
  FILE *f = fopen(full, "r");
  assert_non_null(f);
  assert_true(fread(text, 1, 65535, f) > 0);
  fclose(f);
  return text;
}

static unsigned long long number_after(const char *text, const char *key) {
  const char *at = strstr(text, key);
  assert_non_null(at);
  return strtoull(at + strlen(key), NULL, 10);
}

/* A thread ran and waited so long, and gave its CPU away so often, by itself
 * and preempted. */
static void run_thread(const struct scene *s, int pid, int tid, uint64_t run,
                       uint64_t wait, unsigned voluntary,
                       unsigned involuntary) {
  char path[64];
  unsigned long long r, w, n;
  snprintf(path, sizeof(path), "%d/task/%d/schedstat", pid, tid);
  vr_auto_free char *sched = text_of(s, path);
  assert_int_equal(sscanf(sched, "%llu %llu %llu", &r, &w, &n), 3);
  tree_write(&s->tree, path, "%llu %llu %llu\n", r + run, w + wait,
             n + voluntary + involuntary);
  snprintf(path, sizeof(path), "%d/task/%d/status", pid, tid);
  vr_auto_free char *status = text_of(s, path);
  tree_write(&s->tree, path,
             "Name:\tx\nvoluntary_ctxt_switches:\t%llu\n"
             "nonvoluntary_ctxt_switches:\t%llu\n",
             number_after(status, "\nvoluntary_ctxt_switches:") + voluntary,
             number_after(status, "nonvoluntary_ctxt_switches:") + involuntary);
}

/* Linux 6.1's tree has one guest: its process, its vCPU threads and its tap. */
enum { OLD = 132, OLD_CPU0 = 138, OLD_CPU1 = 139 };

/* In its network namespace. */
static void interfaces(const struct scene *s, int k) {
  tree_write(&s->tree, "132/net/dev",
             "x\ny\n"
             "  eth0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n"
             "  tap0: %d %d 0 0 0 0 0 0 %d %d 0 0 0 0 0 0\n",
             160 + 50000 * k, 2 + 50 * k, 20000 * k, 20 * k);
}

/* In STEP seconds its vCPUs run 3 and 2 s and wait 1 s each; of ten times that
 * they give their CPUs away they are preempted four times. */
static void old_goes_on(const struct scene *s) {
  run_thread(s, OLD, OLD_CPU0, 3 * S, 1 * S, 6, 4);
  run_thread(s, OLD, OLD_CPU1, 2 * S, 1 * S, 6, 4);
  interfaces(s, s->readings);
}

static void read_old(struct scene *s, int readings) {
  for (int i = 0; i < readings; i++) {
    if (s->readings > 0)
      old_goes_on(s);
    scene_read(s);
  }
}

/* --- cases --- */

/* Without a steal clock the guest loses ticks: of 2 x 10 s it ran 5 and was
 * preempted 4/10 of 2 s, of which it counts 0.3; the delay after wake-up is the
 * rest of the 2 s. */
#define OLD_ACTIVE (100 * (5 + 0.3 * 0.8) / (20 - 0.7 * 0.8 - 1.2))
static void cpu_under_tcg_is_a_ratio_of_ticks(void **state) {
  (void)state;
  struct scene s = {.tree = tree_load("kernel-6.1.tree")};
  scene_begin(&s, false);
  read_old(&s, 5);
  for (int k = 2; k < 4; k++) {
    assert_published("old", k, VR_CPU, OLD_ACTIVE);
    assert_published("old", k, VR_BUSY, OLD_ACTIVE);
    assert_true(isnan(published("old", k, VR_WAIT)));
    assert_published("old", k, VR_STEAL, 10);
    assert_published("old", k, VR_EXECUTION, 500.0 / 7);
  }
  scene_end(&s);
}

/* The same guest with KVM, and MORE options. */
static void scene_begin_kvm(struct scene *s, const char *more) {
  char args[256];
  snprintf(args, sizeof(args),
           "qemu-system-x86_64\n-name\nguest=old,debug-threads=on\n-accel\n"
           "kvm\n-m\n128\n-smp\n2\n%s",
           more);
  s->tree = tree_load("kernel-6.1.tree");
  tree_args(&s->tree, "132/cmdline", args);
  tree_write(&s->tree, "132/task/138/comm", "CPU 0/KVM\n");
  tree_write(&s->tree, "132/task/139/comm", "CPU 1/KVM\n");
  scene_begin(s, false);
}

/* With one it is not idle while it is stolen from: 5 s and 2 s of 2 x 10 s. */
static void cpu_under_kvm_is_run_and_steal(void **state) {
  (void)state;
  struct scene s = {0};
  scene_begin_kvm(&s, "-overcommit\nmem-lock=off\n");
  read_old(&s, 5);
  for (int k = 2; k < 4; k++) {
    assert_published("old", k, VR_CPU, 35);
    assert_published("old", k, VR_BUSY, 25);
    assert_published("old", k, VR_STEAL, 10);
  }
  scene_end(&s);
}

/* Its threads run while it is idle, and nothing says how long it is. What its
 * kernel counts as steal is still the delay of its threads. */
static void run_time_with_cpu_pm_is_nobodys_usage(void **state) {
  (void)state;
  static const enum vr_counter unknown[] = {VR_CPU, VR_BUSY, VR_WAIT, VR_LOAD,
                                            VR_EXECUTION};
  struct scene s = {0};
  scene_begin_kvm(&s, "-overcommit\nmem-lock=off\n-overcommit\ncpu-pm=on\n");
  read_old(&s, 5);
  for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
    for (int k = 1; k < 5; k++)
      assert_true(isnan(published("old", k, unknown[i])));
  assert_published("old", 3, VR_STEAL, 10);
  assert_published("old", 3, VR_NET_TX, 5000);
  scene_end(&s);
}

/* What the tap receives is what the guest sends. */
static void network_is_the_taps(void **state) {
  (void)state;
  struct scene s = {.tree = tree_load("kernel-6.1.tree")};
  scene_begin(&s, false);
  read_old(&s, 5);
  assert_published("old", 3, VR_NET_TX, 5000);
  assert_published("old", 3, VR_NET_RX, 2000);
  scene_end(&s);
}

/* Nobody answers on a QMP socket: what the process itself read and wrote, past
 * the host's page cache. */
static void disks_are_the_process_where_qemu_is_silent(void **state) {
  (void)state;
  struct scene s = {.tree = tree_load("kernel-6.1.tree")};
  tree_link(&s.tree, "132/fd/91", "/dev/dm-3");
  tree_write(&s.tree, "132/fdinfo/91", "pos:\t0\nflags:\t0%o\n",
             O_RDWR | O_DIRECT);
  scene_begin(&s, false);
  for (int k = 0; k < 5; k++) {
    tree_write(&s.tree, "132/io",
               "syscr: 276\nsyscw: 20\nread_bytes: %d\nwrite_bytes: %d\n",
               1179648 + 40960 * k, 8192 * k);
    scene_read(&s);
  }
  assert_published("old", 3, VR_DISK_READ, 4096);
  assert_published("old", 3, VR_DISK_WRITE, 819.2);
  scene_end(&s);
}

/* A QEMU that answers while the reader waits. */
struct qemu {
  struct fake_qmp f;
  pthread_mutex_t lock;
  pthread_t thread;
  bool ended;
  int readings;
  char disk[320];
};

static void *serve(void *ctx) {
  struct qemu *q = ctx;
  for (bool ended = false; !ended;) {
    pthread_mutex_lock(&q->lock);
    fake_qmp_serve(&q->f);
    ended = q->ended;
    pthread_mutex_unlock(&q->lock);
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  return NULL;
}

static void qemu_start(struct qemu *q, const struct tree *t) {
  fake_qmp_start(&q->f, t, "web");
  q->f.faults = 9000;
  /* A thread that exists has been put on a CPU. */
  char path[64];
  for (int tid = q->f.pid + 1; tid <= q->f.pid + 2; tid++) {
    snprintf(path, sizeof(path), "%d/task/%d/schedstat", (int)q->f.pid, tid);
    tree_write(t, path, "0 0 1\n");
  }
  assert_int_equal(pthread_create(&q->thread, NULL, serve, q), 0);
}

/* In the STEP seconds before reading K its second disk has 4.5 reads, 0.5
 * writes and 0.2 flushes in flight. */
static void disk_works(struct qemu *q, int k) {
  snprintf(q->disk, sizeof(q->disk),
           ", {\"device\": \"d1\", \"stats\": {\"rd_bytes\": 1, "
           "\"wr_bytes\": 1, \"rd_operations\": 1, \"wr_operations\": 1, "
           "\"rd_total_time_ns\": %d000000000, "
           "\"wr_total_time_ns\": %d000000000, "
           "\"flush_total_time_ns\": %d000000000}}",
           45 * k, 5 * k, 2 * k);
  q->f.more_disks = q->disk;
}

static void qemu_goes_on(struct qemu *q, bool end) {
  pthread_mutex_lock(&q->lock);
  disk_works(q, ++q->readings);
  q->f.faults += 700;
  q->f.ahead += STEP; /* each is a new report */
  q->f.read_bytes += 12345;
  q->ended = end;
  pthread_mutex_unlock(&q->lock);
}

static void qemu_end(struct qemu *q) {
  qemu_goes_on(q, true);
  pthread_join(q->thread, NULL);
  fake_qmp_end(&q->f);
}

/* Its balloon driver reports its kernel's own faults, QEMU counts its disks. */
static void faults_and_disks_are_what_qemu_answers(void **state) {
  (void)state;
  struct scene s = {.tree = tree_new()};
  struct qemu q = {.lock = PTHREAD_MUTEX_INITIALIZER};
  qemu_start(&q, &s.tree);
  scene_begin(&s, true);
  for (int k = 0; k < 7; k++) {
    qemu_goes_on(&q, false);
    scene_read(&s);
  }
  assert_published("web", 5, VR_PAGE_FAULTS, 70);
  assert_published("web", 5, VR_PAGE_FAULTS_MAJOR, 7);
  assert_published("web", 5, VR_DISK_READ, 1234.5);
  scene_end(&s);
  qemu_end(&q);
}

/* Each new report between two readings is emitted once, by whichever reading
 * comes first, and the readings say the rest all the same. */
struct tally {
  unsigned faults, others;
  double newest;
};

static void count_series(void *ctx, const struct vr_emitted *s) {
  struct tally *t = ctx;
  if (strcmp(s->type, "vmpage_faults") != 0 ||
      strcmp(s->instance, "balloon") != 0) {
    t->others++;
    return;
  }
  assert_true(s->at > t->newest);
  t->newest = s->at;
  t->faults++;
}

enum { TRIES = 1000 };

static void read_between(const struct scene *s,
                         const struct vr_vmproc_sample *guest,
                         struct tally *t) {
  vr_host_read_between(s->host);
  vr_emit_faults(guest, count_series, t);
}

static void reports_between_readings_come_once(void **state) {
  (void)state;
  struct scene s = {.tree = tree_new()};
  struct qemu q = {.lock = PTHREAD_MUTEX_INITIALIZER};
  struct tally between = {0}, readings = {0};
  qemu_start(&q, &s.tree);
  /* However long this takes, a report is fresh and has its own time. */
  q.f.period = 3600;
  q.f.updated = (long long)time(NULL) - 1000;
  scene_begin_every(&s, true, 3600);
  for (int k = 0; k < 3; k++)
    vr_host_read(s.host);
  const struct vr_vmproc_sample *web = vr_host_vmproc(s.host, 0);
  for (int tries = 0; !web->have_faults && tries < TRIES; tries++)
    vr_host_read(s.host);
  assert_true(web->faults_at == (double)q.f.updated + 0.5);
  between.newest = web->faults_at;
  for (int k = 0; k < 5; k++) {
    pthread_mutex_lock(&q.lock);
    q.f.updated++;
    q.f.faults += 700;
    pthread_mutex_unlock(&q.lock);
    /* QEMU may not have closed the connection before. */
    for (int tries = 0; between.faults == (unsigned)k && tries < TRIES; tries++)
      read_between(&s, web, &between);
    read_between(&s, web, &between);
    assert_int_equal(between.faults, k + 1);
    assert_true(between.newest == (double)q.f.updated + 0.5);
    assert_int_equal(web->balloon.minor, 9000 + 700 * (k + 1));
    assert_int_equal(between.others, 0);
    readings.newest = between.newest;
    readings.others = 0;
    vr_host_read(s.host);
    vr_emit_vmproc(web, VR_EVERY_GROUP, count_series, &readings);
    assert_int_equal(readings.faults, 0);
    assert_true(readings.others > 5);
  }
  scene_end(&s);
  qemu_end(&q);
}

/* What STEP and more leave of an unknown start: 1884/2048 every 5 s. */
static double left(double seconds) { return pow(1884. / 2048, seconds / 5); }

/* What the kernel's looking adds to the bounds of the 1-minute average of a
 * queue of this variance: 1.645 sqrt(v (1 - e) / (1 + e)), e = 1884/2048. */
static double margin(double v) { return 1.645 * sqrt(v * 164 / 3932); }

/* Where nobody tells of requests: (5 s + 4/10 of 2 s) of 10 s in two vCPUs;
 * with all of the delay 7 s. What was before may have been both. */
static void load_is_that_of_busy_vcpus(void **state) {
  (void)state;
  struct scene s = {.tree = tree_load("kernel-6.1.tree")};
  scene_begin(&s, false);
  read_old(&s, 40);
  for (int k = 2; k < 39; k++)
    assert_published("old", k, VR_LOAD, 0.58);
  double u = left(10 * 30);
  double busy = 0.58 * (1 - 0.58 / 2); /* a variance */
  assert_bracket("old", 30, 0.58 * (1 - u) - margin(busy),
                 0.7 * (1 - u) + 2 * u + margin(busy + 0.12));
  assert_true(bracket("old", 3)->wide && !bracket("old", 38)->wide);
  scene_end(&s);
}

/* Of reads and writes up to four in the value, and all in the upper bound; all
 * flushes in both. */
static void load_counts_requests_in_flight(void **state) {
  (void)state;
  struct scene s = {.tree = tree_new()};
  struct qemu q = {.lock = PTHREAD_MUTEX_INITIALIZER};
  qemu_start(&q, &s.tree);
  scene_begin(&s, true);
  for (int k = 0; k < 40; k++) {
    qemu_goes_on(&q, false);
    scene_read(&s);
  }
  assert_published("web", 38, VR_LOAD, 4.2);
  assert_true(bracket("web", 38)->lower[0] == 0);
  assert_true(fabs(bracket("web", 38)->upper[0] - 5.2 - margin(5.2)) < 0.01);
  assert_true(bracket("web", 38)->wide);
  /* 2.5 for each of its vCPUs, which did nothing else. */
  assert_published("web", 38, VR_WAIT, 100);
  assert_published("web", 38, VR_CPU, 100);
  assert_published("web", 38, VR_BUSY, 0);
  scene_end(&s);
  qemu_end(&q);
}

/* A guest whose files have gone has no value; the others' go on. */
static void a_guest_that_vanishes_has_no_value(void **state) {
  (void)state;
  struct scene s = {.tree = tree_load("kernel-6.1.tree")};
  guest_start(&s.tree, 500, "web", 2000);
  scene_begin(&s, false);
  for (int k = 0; k < 8; k++) {
    guest_run(&s.tree, 500, 2000, k);
    if (k == 4) {
      /* Files of a made-up tree can still be read when they are gone. */
      tree_write(&s.tree, "132/stat", "132 (q) X 1\n");
      tree_remove(&s.tree, "132");
    }
    if (k > 0 && k < 4)
      old_goes_on(&s);
    scene_read(&s);
  }
  assert_int_equal(vr_host_vmproc_count(s.host), 1);
  assert_published("old", 2, VR_CPU, OLD_ACTIVE);
  for (int k = 4; k < 8; k++)
    assert_true(isnan(published("old", k, VR_CPU)));
  /* Its vCPUs run 2 and 3 s, wait half of that, preempted 3 times of 10. */
  for (int k = 2; k < 7; k++)
    assert_published("web", k, VR_CPU,
                     100 * (5 + 0.3 * 0.75) / (20 - 0.7 * 0.75 - 1.75));
  scene_end(&s);
}

/* A counter that goes back, as of a tap that was made anew, gives no value out
 * of thin air. */
static void a_counter_that_goes_back_gives_no_wild_value(void **state) {
  (void)state;
  struct scene s = {.tree = tree_load("kernel-6.1.tree")};
  scene_begin(&s, false);
  read_old(&s, 3);
  for (int k = 3; k < 8; k++) {
    interfaces(&s, k - 3);
    scene_read(&s);
  }
  for (int k = 1; k < 7; k++) {
    double tx = published("old", k, VR_NET_TX);
    assert_true(isnan(tx) || (tx >= 0 && tx <= 5000.001));
  }
  assert_published("old", 6, VR_NET_TX, 5000);
  scene_end(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cpu_under_tcg_is_a_ratio_of_ticks),
      cmocka_unit_test(cpu_under_kvm_is_run_and_steal),
      cmocka_unit_test(run_time_with_cpu_pm_is_nobodys_usage),
      cmocka_unit_test(network_is_the_taps),
      cmocka_unit_test(disks_are_the_process_where_qemu_is_silent),
      cmocka_unit_test(faults_and_disks_are_what_qemu_answers),
      cmocka_unit_test(reports_between_readings_come_once),
      cmocka_unit_test(load_is_that_of_busy_vcpus),
      cmocka_unit_test(load_counts_requests_in_flight),
      cmocka_unit_test(a_guest_that_vanishes_has_no_value),
      cmocka_unit_test(a_counter_that_goes_back_gives_no_wild_value),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
