/* SPDX-License-Identifier: MIT
 *
 * Introspection of a process that stands in for a VM process: a child that has
 * the made-up guest's memory mapped, while this process plays the guest and
 * lets its clock go on, stand still and begin anew.
 */
#include "../unit.h"

#include "fake_guest.h"
#include "introspect/budget.h"
#include "introspect/introspect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE FAKE_GUEST_SIZE
#define S 1000000000ull

struct guest {
  struct fake_guest fake;
  struct vr_introspect *i;
  struct vr_introspect_values v;
  uint64_t cpu_ns; /* of the search */
};

static int set_up(void **state) {
  struct guest *g = calloc(1, sizeof(*g));
  fake_guest_start(&g->fake);
  assert_int_equal(
      vr_introspect_open(
          &(struct vr_introspect_process){.pid = g->fake.pid, .memory = SIZE},
          NULL, &g->i),
      0);
  *state = g;
  return 0;
}

static int tear_down(void **state) {
  struct guest *g = *state;
  fake_guest_end(&g->fake);
  vr_introspect_close(g->i);
  free(g);
  return 0;
}

static void search_and_prove(struct guest *g) {
  struct vr_introspect_search_stats stats;
  assert_int_equal(vr_introspect_search(g->i, &stats), 0);
  assert_true(stats.bytes_read > 0 && stats.bytes_read < SIZE);
  assert_true(stats.cpu_ns < 2 * S);
  g->cpu_ns = stats.cpu_ns;
  fake_guest_tick(&g->fake);
  assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
}

static void life(void **state) {
  struct guest *g = *state;
  char banner[64];
  assert_true(vr_introspect_search_due(g->i, vr_clock_ns(CLOCK_MONOTONIC)));
  assert_int_equal(vr_introspect_read(g->i, &g->v), -EAGAIN);
  vr_introspect_banner(g->i, banner, sizeof(banner));
  assert_string_equal(banner, "");

  assert_int_equal(vr_introspect_search(g->i, NULL), 0);
  /* Nobody saw its clock go on: it may be dead, and the values stay untouched.
   */
  g->v.threads = 7;
  assert_int_equal(vr_introspect_read(g->i, &g->v), -ENODATA);
  assert_int_equal(g->v.threads, 7);
  fake_guest_tick(&g->fake);
  assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
  assert_int_equal(g->v.threads, 123);
  assert_float_equal(g->v.load[0], 1.25, 0);
  assert_true(g->v.have & VR_HAVE_CPU);
  assert_false(g->v.have & (VR_HAVE_UPTIME | VR_HAVE_CPU_IDLE));
  vr_introspect_banner(g->i, banner, sizeof(banner));
  assert_string_equal(banner,
                      "Linux version 6.12.9-fake (builder@example.org) (cc 1) "
                      "#1 SMP");
  assert_false(vr_introspect_search_due(g->i, UINT64_MAX));

  fake_put64(g->fake.f, g->fake.f->avenrun, 4096);
  fake_guest_tick(&g->fake);
  assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
  assert_float_equal(g->v.load[0], 2, 0);
}

/* After each: nothing known, and a search is due, as soon as ten times the CPU
 * time of the last one has passed. */
static void check_lost(struct guest *g) {
  assert_int_equal(vr_introspect_read(g->i, &g->v), -ESTALE);
  assert_int_equal(vr_introspect_read(g->i, &g->v), -EAGAIN);
  uint64_t now = vr_clock_ns(CLOCK_MONOTONIC);
  assert_false(vr_introspect_search_due(g->i, now - S));
  assert_true(vr_introspect_search_due(g->i, now + 10 * g->cpu_ns));
}

/* A guest that makes itself lost again and again costs a tenth of a CPU. */
static void searches_rest(void **state) {
  struct guest *g = *state;
  uint64_t begin = vr_clock_ns(CLOCK_MONOTONIC), used = 0;
  for (unsigned i = 0; i < 2; i++) {
    while (!vr_introspect_search_due(g->i, vr_clock_ns(CLOCK_MONOTONIC)))
      usleep(10000);
    assert_true(vr_clock_ns(CLOCK_MONOTONIC) - begin >= 9 * used);
    search_and_prove(g);
    used += g->cpu_ns;
    g->fake.jiffies -= 20000;
    fake_guest_tick(&g->fake);
    assert_int_equal(vr_introspect_read(g->i, &g->v), -ESTALE);
  }
}

static void reboot(void **state) {
  struct guest *g = *state;
  search_and_prove(g);
  g->fake.jiffies -= 20000;
  fake_guest_tick(&g->fake);
  check_lost(g);
  search_and_prove(g);
}

static void kexec(void **state) {
  struct guest *g = *state;
  search_and_prove(g);
  g->fake.f->ram[g->fake.f->banner + 15] = '8';
  check_lost(g);
}

static void counters_fall(void **state) {
  struct guest *g = *state;
  search_and_prove(g);
  fake_put64(g->fake.f, g->fake.f->forks, 3);
  fake_guest_tick(&g->fake);
  check_lost(g);
}

static void process_killed(void **state) {
  struct guest *g = *state;
  search_and_prove(g);
  fake_guest_kill(&g->fake);
  assert_int_equal(vr_introspect_read(g->i, &g->v), -ESRCH);
  assert_int_equal(vr_introspect_search(g->i, NULL), -ESRCH);
  struct vr_introspect *i = NULL;
  assert_int_equal(
      vr_introspect_open(
          &(struct vr_introspect_process){.pid = g->fake.pid, .memory = SIZE},
          NULL, &i),
      -ESRCH);
  assert_null(i);
}

/* Not a Linux guest: nothing is found, and the searches become rare. */
static void nothing_there(void **state) {
  struct guest *g = *state;
  memset(g->fake.f->ram, 0, SIZE);
  uint64_t now = vr_clock_ns(CLOCK_MONOTONIC);
  for (unsigned pause = 5; pause <= 20; pause *= 2) {
    assert_int_equal(vr_introspect_search(g->i, NULL), -ENOENT);
    assert_int_equal(vr_introspect_read(g->i, &g->v), -EAGAIN);
    assert_false(vr_introspect_search_due(g->i, now + (pause - 1) * S));
    now = vr_clock_ns(CLOCK_MONOTONIC);
    assert_true(vr_introspect_search_due(g->i, now + (pause + 1) * S));
  }
}

/* Another size than any mapping has. */
static void no_memory_of_that_size(void **state) {
  struct guest *g = *state;
  struct vr_introspect *i;
  assert_int_equal(
      vr_introspect_open(&(struct vr_introspect_process){.pid = g->fake.pid,
                                                         .memory = 1ull << 50},
                         NULL, &i),
      0);
  assert_int_equal(vr_introspect_search(i, NULL), -ENOENT);
  vr_introspect_close(i);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(life, set_up, tear_down),
      cmocka_unit_test_setup_teardown(searches_rest, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reboot, set_up, tear_down),
      cmocka_unit_test_setup_teardown(kexec, set_up, tear_down),
      cmocka_unit_test_setup_teardown(counters_fall, set_up, tear_down),
      cmocka_unit_test_setup_teardown(process_killed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(nothing_there, set_up, tear_down),
      cmocka_unit_test_setup_teardown(no_memory_of_that_size, set_up,
                                      tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
