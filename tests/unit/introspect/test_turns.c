/* SPDX-License-Identifier: MIT
 *
 * Whose kernel is searched next, when many guests make their searches dear: the
 * watch with searches that are made up, so that a turn takes milliseconds.
 */
#include "../unit.h"

#include "basic/log.h"
#include "introspect/budget.h"
#include "introspect/introspect_watch.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COST_NS 10000000ull /* CPU time of a search, said and slept */
#define GUESTS 12

struct vr_introspect {
  pid_t pid;
  uint64_t due_ns;
  unsigned searches;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pid_t order[1000]; /* of searches */
static unsigned n_searches;
static bool all_named; /* before, no search is due */
static int result;

int vr_introspect_open(const struct vr_introspect_process *process,
                       struct vr_fd_budget *budget,
                       struct vr_introspect **ret) {
  (void)budget;
  *ret = calloc(1, sizeof(**ret));
  (*ret)->pid = process->pid;
  return 0;
}

void vr_introspect_close(struct vr_introspect *i) { free(i); }

void vr_introspect_cancel(struct vr_introspect *i) { (void)i; }

/* As with the real ones: never found, and due again after nine times the cost,
 * which is sooner than the others have had their turns. */
int vr_introspect_search(struct vr_introspect *i,
                         struct vr_introspect_search_stats *ret_stats) {
  usleep(COST_NS / 1000);
  pthread_mutex_lock(&lock);
  if (n_searches < sizeof(order) / sizeof(order[0]))
    order[n_searches++] = i->pid;
  i->due_ns = vr_clock_ns(CLOCK_MONOTONIC) + 9 * COST_NS;
  pthread_mutex_unlock(&lock);
  ret_stats->cpu_ns = COST_NS;
  return result;
}

uint64_t vr_introspect_due(struct vr_introspect *i) {
  pthread_mutex_lock(&lock);
  uint64_t due = all_named ? i->due_ns : UINT64_MAX;
  pthread_mutex_unlock(&lock);
  return due;
}

int vr_introspect_read(struct vr_introspect *i,
                       struct vr_introspect_values *ret_values) {
  (void)i;
  (void)ret_values;
  return -EAGAIN;
}

void vr_introspect_banner(struct vr_introspect *i, char *text, size_t size) {
  (void)i;
  (void)size;
  *text = '\0';
}

const char *vr_introspect_why(int r) { return strerror(-r); }

static void ignore(void *ctx, const struct vr_emitted *s) {
  (void)ctx;
  (void)s;
}

static void be_silent(int priority, const char *message) {
  (void)priority;
  (void)message;
}

static void name_guests(struct vr_watch *w, unsigned n) {
  for (unsigned i = 1; i <= n; i++) {
    struct vr_introspect_process process = {.pid = (pid_t)i};
    vr_introspect_watch_guest(w, &process, "web", ignore, NULL);
  }
  vr_introspect_watch_end_round(w);
  pthread_mutex_lock(&lock);
  all_named = true;
  pthread_mutex_unlock(&lock);
}

/* Names N guests until there were so many searches. */
static void watch_searches(struct vr_watch *w, unsigned guests, unsigned many) {
  for (unsigned i = 0, done = 0; i < 6000 && done < many; i++) {
    name_guests(w, guests);
    usleep(5000);
    pthread_mutex_lock(&lock);
    done = n_searches;
    pthread_mutex_unlock(&lock);
  }
}

/* Every guest was searched N times before any was searched more often. */
static void check_turns(unsigned guests, unsigned rounds) {
  assert_true(n_searches >= guests * rounds);
  for (unsigned round = 0; round < rounds; round++) {
    unsigned seen[GUESTS + 2] = {0};
    for (unsigned i = 0; i < guests; i++)
      seen[order[round * guests + i]]++;
    for (unsigned pid = 1; pid <= guests; pid++)
      assert_int_equal(seen[pid], 1);
  }
}

static void each_has_its_turn(void **state) {
  (void)state;
  struct vr_watch *w;
  result = -ETIME;
  n_searches = 0;
  all_named = false;
  vr_log_set(be_silent);
  assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
  uint64_t begin = vr_clock_ns(CLOCK_MONOTONIC);
  watch_searches(w, GUESTS, 3 * GUESTS);
  uint64_t elapsed = vr_clock_ns(CLOCK_MONOTONIC) - begin;
  vr_introspect_watch_free(w);
  check_turns(GUESTS, 3);
  /* It rests as long as it works. */
  assert_true(elapsed >= (2 * 3 * GUESTS - 1) * COST_NS);
  vr_log_set(NULL);
}

/* One that comes late waits for one search, not for everybody's. */
static void a_new_guest_is_next(void **state) {
  (void)state;
  struct vr_watch *w;
  n_searches = 0;
  all_named = false;
  vr_log_set(be_silent);
  assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
  watch_searches(w, GUESTS, 2 * GUESTS);
  pthread_mutex_lock(&lock);
  unsigned before = n_searches;
  pthread_mutex_unlock(&lock);
  watch_searches(w, GUESTS + 1, before + 3);
  vr_introspect_watch_free(w);
  bool seen = false;
  for (unsigned i = before; i < before + 3; i++)
    seen = seen || order[i] == GUESTS + 1;
  assert_true(seen);
  vr_log_set(NULL);
}

static unsigned lines;

/* A machine that is busy may add that a reading came late. */
static void count_lines(int priority, const char *message) {
  (void)priority;
  lines += strstr(message, "not introspected") != NULL &&
           strstr(message, strerror(-result)) != NULL;
}

static void no_right_is_said_once(void **state) {
  (void)state;
  const int results[] = {-EPERM, -EACCES};
  for (unsigned i = 0; i < 2; i++) {
    struct vr_watch *w;
    n_searches = lines = 0;
    result = results[i];
    vr_log_set(count_lines);
    assert_int_equal(vr_introspect_watch_new(NULL, &w), 0);
    watch_searches(w, 4, 12);
    vr_introspect_watch_free(w);
    vr_log_set(NULL);
    assert_int_equal(lines, 1);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_has_its_turn),
      cmocka_unit_test(a_new_guest_is_next),
      cmocka_unit_test(no_right_is_said_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
