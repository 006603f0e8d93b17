/* SPDX-License-Identifier: MIT
 *
 * All guests of a machine: found by the thread, read in rounds, forgotten; and
 * the series that come out. What the guest's values are: see test_kernel.c.
 */
#include "../unit.h"

#include "vmrecon-config.h"

#include "basic/log.h"
#include "fake_guest.h"
#include "introspect/introspect_series.h"
#include "introspect/introspect_watch.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* While it is set, memory of other processes cannot be read, as where their
 * pages come from a server that is dead. */
static atomic_bool hanging;
static atomic_int hung;
static int gate[2];

ssize_t __real_process_vm_readv(pid_t pid, const struct iovec *local,
                                unsigned long nl, const struct iovec *remote,
                                unsigned long nr, unsigned long flags);
ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *local,
                                unsigned long nl, const struct iovec *remote,
                                unsigned long nr, unsigned long flags);
ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *local,
                                unsigned long nl, const struct iovec *remote,
                                unsigned long nr, unsigned long flags) {
  char c;
  if (atomic_load(&hanging)) {
    atomic_fetch_add(&hung, 1);
    if (read(gate[0], &c, 1) < 0)
      abort();
  }
  return __real_process_vm_readv(pid, local, nl, remote, nr, flags);
}

struct seen {
  char text[8192];
  size_t length;
};

static void note(void *ctx, const struct vr_emitted *s) {
  struct seen *seen = ctx;
  seen->length += (size_t)snprintf(
      seen->text + seen->length, sizeof(seen->text) - seen->length, "%s%s%s",
      s->type, *s->instance ? "-" : "", s->instance);
  for (size_t i = 0; i < s->n; i++)
    seen->length += (size_t)snprintf(
        seen->text + seen->length, sizeof(seen->text) - seen->length, " %.10g",
        s->values[i].kind == VR_DERIVE ? (double)s->values[i].number.derive
                                       : s->values[i].number.gauge);
  seen->length += (size_t)snprintf(seen->text + seen->length,
                                   sizeof(seen->text) - seen->length, "\n");
}

/* Two seconds of one CPU between two readings: 0.5 s user, 0.25 s waiting,
 * 1.25 s idle: active 0.75 of 2 = 37.5 %. */
static void every_series(void **state) {
  (void)state;
  const uint64_t s = 1000000000;
  struct vr_introspect_values *v = calloc(2, sizeof(*v));
  struct seen seen = {.length = 0};
  v[0].have = VR_HAVE_CPU | VR_HAVE_CPU_IDLE;
  v[0].cpu = (struct vr_introspect_cpu){.user = 10 * s, .idle = 20 * s};
  v[1] = (struct vr_introspect_values){
      .have = UINT64_MAX,
      .load = {1.5, 0.5, 0.25},
      .threads = 90,
      .processes = 60,
      .forks = 1000,
      .running = 2,
      .blocked = 1,
      .uninterruptible = 3,
      .idle_tasks = 25,
      .switches = 5000,
      .pgfault = 700,
      .pgmajfault = 7,
      .pgpgin = 4096,
      .pgpgout = 8192,
      .pswpin = 11,
      .pswpout = 12,
      .total = 1000,
      .free = 500,
      .buffered = 50,
      .cached = 200,
      .available = 640,
      .slab_reclaimable = 40,
      .slab_unreclaimable = 10,
      .uptime = 99.5,
      .n_cpus = 2,
      .n_online = 1,
      .cpu = {.user = 21 * s / 2, .idle = 85 * s / 4, .iowait = s / 4}};
  vr_introspect_series(&v[0], &v[1], note, &seen);
  assert_string_equal(seen.text, "load 1.5 0.5 0.25\n"
                                 "count-processes 60\n"
                                 "count-threads 90\n"
                                 "ps_state-running 2\n"
                                 "ps_state-blocked 3\n"
                                 "ps_state-idle 25\n"
                                 "fork_rate 1000\n"
                                 "contextswitch 5000\n"
                                 "uptime 99.5\n"
                                 "cpu-user 1050\n"
                                 "cpu-nice 0\n"
                                 "cpu-system 0\n"
                                 "cpu-softirq 0\n"
                                 "cpu-interrupt 0\n"
                                 "cpu-steal 0\n"
                                 "count-cpus 1\n"
                                 "cpu-idle 2125\n"
                                 "cpu-wait 25\n"
                                 "percent-active 37.5\n"
                                 "vmpage_faults 700 7\n"
                                 "vmpage_io-memory 4 8\n"
                                 "vmpage_io-swap 11 12\n"
                                 "bytes-available 640\n"
                                 "memory-used 200\n"
                                 "memory-free 500\n"
                                 "memory-buffered 50\n"
                                 "memory-cached 200\n"
                                 "memory-slab_recl 40\n"
                                 "memory-slab_unrecl 10\n"
                                 "percent-buffered 5\n");
  free(v);
}

/* What is not known is absent, and a share needs a reading before. */
static void unknown_is_absent(void **state) {
  (void)state;
  struct vr_introspect_values *v = calloc(1, sizeof(*v));
  struct seen seen = {.length = 0};
  vr_introspect_series(NULL, v, note, &seen);
  assert_int_equal(seen.length, 0);
  v->have = VR_HAVE_CPU | VR_HAVE_CPU_IDLE | VR_HAVE_TOTAL | VR_HAVE_FREE;
  vr_introspect_series(NULL, v, note, &seen);
  assert_null(strstr(seen.text, "percent"));
  assert_null(strstr(seen.text, "memory"));
  free(v);
}

static char messages[4096];

static void take_message(int priority, const char *message) {
  (void)priority;
  strncat(messages, message, sizeof(messages) - strlen(messages) - 2);
  strcat(messages, "\n");
}

static int read_one(struct vr_watch *w, const struct fake_guest *g,
                    struct seen *seen) {
  const struct vr_introspect_process process = {.pid = g->pid,
                                                .memory = FAKE_GUEST_SIZE};
  return vr_introspect_watch_guest(w, &process, "web", note, seen);
}

/* Waits until the thread has found the guest. */
static int watch_until(struct vr_watch *w, struct fake_guest *g, int want,
                       struct seen *seen) {
  int r = -EAGAIN;
  for (unsigned i = 0; i < 3000 && r != want; i++) {
    seen->length = 0;
    fake_guest_tick(g);
    r = read_one(w, g, seen);
    vr_introspect_watch_end_round(w);
    usleep(10000);
  }
  return r;
}

static void life_of_a_guest(void **state) {
  (void)state;
  struct vr_watch *w;
  struct fake_guest g;
  struct seen seen = {.length = 0};
  vr_log_set(take_message);
  fake_guest_start(&g);
  assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
  assert_int_equal(read_one(w, &g, &seen), -EAGAIN);
  assert_int_equal(watch_until(w, &g, 0, &seen), 0);
  assert_non_null(strstr(seen.text, "load 1.25 0.5 0.0009765625\n"));
  assert_non_null(strstr(seen.text, "count-processes 43\n"));
  assert_non_null(strstr(messages, "guest web: introspected: Linux version "));

  /* Paused: withheld, and logged once however long it lasts. */
  for (int i = 0; i < 3; i++)
    assert_int_equal(read_one(w, &g, &seen), -ENODATA);
  const char *logged = strstr(messages, "does not advance");
  assert_non_null(logged);
  assert_null(strstr(logged + 1, "does not advance"));
  assert_int_equal(watch_until(w, &g, 0, &seen), 0);

  fake_guest_kill(&g);
  assert_int_equal(read_one(w, &g, &seen), -ESRCH);
  vr_introspect_watch_end_round(w);
  vr_introspect_watch_free(w);
  fake_free(g.f);
  vr_log_set(NULL);
}

/* Forgotten and freed while the thread searches it. */
static void forgotten_in_a_search(void **state) {
  (void)state;
  struct vr_watch *w;
  struct fake_guest g;
  struct seen seen = {.length = 0};
  vr_log_set(take_message);
  fake_guest_start(&g);
  assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
  for (unsigned i = 0; i < 5; i++) {
    /* The kernel's clock does not advance, so a search takes more than a
     * second. */
    read_one(w, &g, &seen);
    usleep(1000 * i);
    vr_introspect_watch_end_round(w);
    vr_introspect_watch_end_round(w);
  }
  vr_introspect_watch_free(w);
  fake_guest_end(&g);
  vr_log_set(NULL);
}

/* Descriptors that are kept count in the budget that all share; beyond it, and
 * without any, a guest is watched all the same. */
static void descriptors_are_budgeted(void **state) {
  (void)state;
  struct vr_watch *w;
  struct vr_fd_budget budget = {.max = 3, .used = 1};
  struct seen seen = {.length = 0};
  struct fake_guest g[4];
  vr_log_set(take_message);
  assert_int_equal(vr_introspect_watch_new(&budget, &w), 0);
  for (int i = 0; i < 4; i++)
    fake_guest_start(&g[i]);
  for (int i = 0; i < 4; i++)
    assert_int_equal(watch_until(w, &g[i], 0, &seen), 0);
  for (int i = 0; i < 4; i++) {
    read_one(w, &g[i], &seen);
    assert_in_range(budget.used, 1, 3);
  }
  assert_int_equal(budget.used, 3);
  fake_guest_kill(&g[3]);
  assert_int_equal(read_one(w, &g[3], &seen), -ESRCH);
  vr_introspect_watch_end_round(w);
  vr_introspect_watch_free(w);
  assert_int_equal(budget.used, 1);
  for (int i = 0; i < 4; i++)
    fake_guest_end(&g[i]);
  vr_log_set(NULL);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void begin_to_hang(void) {
  assert_int_equal(pipe(gate), 0);
  atomic_store(&hanging, true);
}

static void stop_hanging(void) {
  atomic_store(&hanging, false);
  close(gate[1]);
}

/* Somebody provides the pages of the guest's memory, and stops. */
static void a_reading_that_hangs_is_left_behind(void **state) {
  (void)state;
  struct vr_watch *w;
  struct fake_guest g;
  struct seen seen = {.length = 0};
  fake_guest_start(&g);
  vr_log_set(take_message);
  assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
  assert_int_equal(watch_until(w, &g, 0, &seen), 0);
  begin_to_hang();
  double before = now();
  assert_int_equal(read_one(w, &g, &seen), -ETIMEDOUT);
  for (int i = 0; i < 10; i++) {
    assert_int_equal(read_one(w, &g, &seen), -EBUSY);
    vr_introspect_watch_end_round(w);
  }
  assert_true(now() - before < 2);
  stop_hanging();
  assert_int_equal(watch_until(w, &g, 0, &seen), 0);
  vr_introspect_watch_free(w);
  fake_guest_end(&g);
  vr_log_set(NULL);
}

static void the_end_waits_for_no_search(void **state) {
  (void)state;
  struct vr_watch *w;
  struct fake_guest g;
  struct seen seen = {.length = 0};
  fake_guest_start(&g);
  vr_log_set(take_message);
  atomic_store(&hung, 0);
  assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
  begin_to_hang();
  read_one(w, &g, &seen);
  for (int i = 0; i < 1000 && atomic_load(&hung) == 0; i++)
    usleep(10000);
  assert_true(atomic_load(&hung) > 0);
  double before = now();
  vr_introspect_watch_free(w);
  assert_true(now() - before < 2);
  stop_hanging();
  usleep(100000);
  fake_guest_end(&g);
  vr_log_set(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_series),
      cmocka_unit_test(unknown_is_absent),
      cmocka_unit_test(life_of_a_guest),
      cmocka_unit_test(forgotten_in_a_search),
      cmocka_unit_test(descriptors_are_budgeted),
      cmocka_unit_test(a_reading_that_hangs_is_left_behind),
      cmocka_unit_test(the_end_waits_for_no_search),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
