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
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
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

static void touch_nothing(const struct fake_kernel *f) { (void)f; }

/* A hole in the memory file, and what is in the file beside it. */
enum { HOLE = 56 << 20, HOLE_PAGES = 256 };

static unsigned pages_of_hole(const struct fake_guest *g) {
  uint64_t entries[HOLE_PAGES];
  char path[64];
  unsigned n = 0;
  snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)g->pid);
  int fd = open(path, O_RDONLY);
  off_t at = (off_t)(((uintptr_t)g->f->ram + HOLE) / 4096 * 8);
  assert_int_equal(pread(fd, entries, sizeof(entries), at), sizeof(entries));
  close(fd);
  for (unsigned i = 0; i < HOLE_PAGES; i++)
    n += entries[i] >> 62 != 0;
  return n;
}

static bool hole_is_there(const struct fake_guest *g) {
  return lseek(g->f->file, HOLE, SEEK_DATA) >= HOLE + HOLE_PAGES * 4096;
}

/* The clock goes on while it is searched. */
static void search_ticking(struct guest *g) {
  pid_t clock = fork();
  if (clock == 0)
    for (;;) {
      fake_guest_tick(&g->fake);
      usleep(2000);
    }
  int r = vr_introspect_search(g->i, NULL);
  kill(clock, SIGKILL);
  waitpid(clock, NULL, 0);
  assert_int_equal(r, 0);
}

/* Memory that is a file: the kernel's pages are in the file, and the process's
 * page table has none of them, as after reclaim or in a restored snapshot. */
static void cold_file(void **state) {
  (void)state;
  struct guest *g = calloc(1, sizeof(*g));
  fake_guest_start_cold(&g->fake, touch_nothing);
  assert_true(hole_is_there(&g->fake));
  assert_int_equal(
      vr_introspect_open(
          &(struct vr_introspect_process){.pid = g->fake.pid, .memory = SIZE},
          NULL, &g->i),
      0);
  search_ticking(g);
  g->fake.jiffies += 250000;
  fake_guest_tick(&g->fake);
  assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
  assert_int_equal(g->v.threads, 123);
  assert_int_equal(g->v.processes, 43);
  assert_true(hole_is_there(&g->fake));
  tear_down((void **)&g);
}

/* Lists that a guest leads into memory which it never touched: nothing of it is
 * read or brought in, by the search or by the readings after it. */
static void lists_into_the_untouched(void **state) {
  (void)state;
  struct fake_guest cold;
  fake_guest_start_cold(&cold, touch_nothing);
  struct fake_kernel *f = cold.f;
  fake_put64(f, f->inode[2] + 272, fake_direct(f, HOLE));
  fake_put64(f, f->tasks[FAKE_TASKS - 1] + 2200,
             fake_direct(f, HOLE + 8 * 4096 + 2200));
  struct vr_introspect *i;
  struct guest other = {.fake = cold};
  assert_int_equal(
      vr_introspect_open(
          &(struct vr_introspect_process){.pid = cold.pid, .memory = SIZE},
          NULL, &i),
      0);
  other.i = i;
  search_ticking(&other);
  other.fake.jiffies += 250000;
  for (unsigned n = 0; n < 70; n++) { /* plans and counts anew meanwhile */
    fake_guest_tick(&other.fake);
    assert_int_equal(vr_introspect_read(i, &other.v), 0);
    assert_false(other.v.have & (VR_HAVE_IDLE_TASKS | VR_HAVE_BUFFERED));
  }
  assert_int_equal(other.v.threads, 123);
  assert_int_equal(pages_of_hole(&other.fake), 0);
  assert_true(hole_is_there(&other.fake));
  vr_introspect_close(i);
  fake_guest_end(&other.fake);
}

/* A page that is not there yet, as when a migration still brings the memory: it
 * is not waited for and not brought in, and what it holds is given soon after
 * it has come. The page is that of the zones' and nodes' items. */
static void a_page_that_comes_later(void **state) {
  (void)state;
  struct guest *g;
  set_up((void **)&g);
  const struct fake_kernel *f = g->fake.f;
  const off_t at = (off_t)f->o.at + (4 << 20) + 0x7000;
  assert_int_equal(
      fallocate(f->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at, 4096),
      0);
  search_and_prove(g);
  assert_int_equal(g->v.threads, 123);
  assert_false(g->v.have & (VR_HAVE_FREE | VR_HAVE_AVAILABLE | VR_HAVE_SLAB));
  assert_true(lseek(f->file, at, SEEK_DATA) >= at + 4096);
  fake_put64(g->fake.f, (uint64_t)at, 3001);
  for (unsigned i = 0; i < 5; i++) {
    fake_guest_tick(&g->fake);
    assert_int_equal(vr_introspect_read(g->i, &g->v), 0);
  }
  assert_true(g->v.have & VR_HAVE_FREE);
  assert_int_equal(g->v.free, 3001 * 4096);
  tear_down((void **)&g);
}

static void *map_nothing(void) {
  void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  assert_true(p != MAP_FAILED);
  return p;
}

/* Another mapping of the guest's size, with nothing in it, comes first: the
 * kernel places mappings downwards, the guest's memory in the gap above. */
static void beside_another_mapping(void **state) {
  (void)state;
  struct guest *g;
  void *gap = map_nothing(), *other = map_nothing();
  munmap(gap, SIZE);
  set_up((void **)&g);
  search_and_prove(g);
  assert_int_equal(g->v.threads, 123);
  tear_down((void **)&g);
  munmap(other, SIZE);
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
      cmocka_unit_test(cold_file),
      cmocka_unit_test(lists_into_the_untouched),
      cmocka_unit_test(a_page_that_comes_later),
      cmocka_unit_test(beside_another_mapping),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
