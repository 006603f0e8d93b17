/* SPDX-License-Identifier: MIT
 *
 * From a guest's memory to its counters, over every layout of the symbol table
 * and of the RAM. What the counters must be follows from what fake_kernel.c
 * writes; the sums are worked out beside each.
 */
#include "../unit.h"

#include "vmrecon-config.h"

#include "fake_kernel.h"
#include "introspect/introspect.h"
#include "introspect/plan.h"
#include "introspect/plan_counters.h"
#include "introspect/plan_tasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1ull << 20)
#define GIB (1ull << 30)

/* A build without libbpf has none of the counters that lie in structures. */
#ifdef HAVE_LIBBPF
#define NEEDS_LIBBPF()
#else
#define NEEDS_LIBBPF() skip()
#endif

static struct vr_gmem gmem_of(const struct fake_kernel *f) {
  struct vr_gmem m;
  vr_gmem_from_buffer(&m, f->ram, f->o.size);
  return m;
}

static int find(const struct fake_kernel *f, struct vr_kernel *k) {
  struct vr_gmem m = gmem_of(f);
  struct vr_budget b = vr_budget_begin(20 * VR_BUDGET_CPU_NS);
  return vr_kernel_search(&m, &b, k);
}

static struct vr_plan *plan_of(const struct vr_kernel *k) {
  struct vr_plan *p = NULL;
  assert_int_equal(vr_plan_build(k, &p), 0);
  assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
  assert_true(vr_plan_is_same_kernel(p));
  return p;
}

/* Two CPUs, numbered c = 0, 1, see put_cpus() and put_globals(). */
static void check_tasks(const struct vr_introspect_values *v) {
  assert_true(v->have & VR_HAVE_LOAD);
  assert_float_equal(v->load[0], 1.25, 0); /* 2560 / 2048 */
  assert_float_equal(v->load[1], 0.5, 0);
  assert_float_equal(v->load[2], 0.0009765625, 0);
  assert_int_equal(v->threads, 123);
  assert_int_equal(v->processes, 43); /* 45 - 2 */
  assert_int_equal(v->forks, 4567);
}

static void check_run_queues(const struct vr_introspect_values *v) {
  assert_true(v->have & VR_HAVE_RUNNING);
  assert_true(v->have & VR_HAVE_BLOCKED);
  assert_true(v->have & VR_HAVE_SWITCHES);
  assert_int_equal(v->running, 3);         /* 1 + 2 */
  assert_int_equal(v->blocked, 1);         /* 0 + 1 */
  assert_int_equal(v->uninterruptible, 4); /* 5 - 1 */
  assert_int_equal(v->switches, 2001);     /* 1000 + 1001 */
  assert_true(v->have & VR_HAVE_IDLE_TASKS);
  assert_int_equal(v->idle_tasks, FAKE_IDLE_TASKS);
}

/* Times are (i + 1) s + c ns, i the state's number: user 0, nice 1, system 2,
 * softirq 3, irq 4, idle 5, iowait 6, steal 7. */
static void check_cpu(const struct vr_introspect_values *v, bool new) {
  const uint64_t s = 1000000000;
  assert_int_equal(v->n_cpus, 2);
  assert_int_equal(v->n_online, 2);
  assert_true(v->have & VR_HAVE_CPU);
  assert_int_equal(v->cpu.user, 2 * s + 1);
  assert_int_equal(v->cpu.nice, 4 * s + 1);
  assert_int_equal(v->cpu.system, 6 * s + 1);
  assert_int_equal(v->cpu.softirq, 8 * s + 1);
  assert_int_equal(v->cpu.irq, 10 * s + 1);
  assert_int_equal(v->cpu.steal, 16 * s + 1);
  assert_int_equal(v->cpus[1].steal, 8 * s + 1);
  assert_true(v->have & VR_HAVE_CPU_IDLE);
  /* CPU 0 sleeps since 90 s and it is 100 s now: 10 s beside what is booked. */
  assert_int_equal(v->cpu.idle, (new ? 12 * s + 1 : 140 * s) + 10 * s);
  assert_int_equal(v->cpu.iowait, new ? 14 * s + 1 : 6 * s);
  assert_float_equal(v->uptime, 100, 1e-9);
}

/* Events are 100 (i + 1) + c: pgpgin, pgpgout, pswpin, pswpout, another,
 * pgfault, pgmajfault. */
static void check_events(const struct vr_introspect_values *v) {
  assert_int_equal(v->pgpgin, 201 * 512);
  assert_int_equal(v->pgpgout, 401 * 512);
  assert_int_equal(v->pswpin, 601);
  assert_int_equal(v->pswpout, 801);
  assert_int_equal(v->pgfault, 1201);
  assert_int_equal(v->pgmajfault, 1401);
  assert_true(v->have & VR_HAVE_FAULTS);
}

static void check_memory(const struct vr_introspect_values *v) {
  const uint64_t page = 4096;
  assert_int_equal(v->total, 9000 * page);
  assert_int_equal(v->free, 3000 * page);
  assert_int_equal(v->slab_reclaimable, 40 * page);
  assert_int_equal(v->slab_unreclaimable, 50 * page);
  assert_true(v->have & VR_HAVE_BUFFERED);
  assert_int_equal(v->buffered, 60 * page); /* 10 + 20 + 30 */
  assert_true(v->have & VR_HAVE_CACHED);
  assert_int_equal(v->cached, 940 * page); /* 1000 - 0 - 60 */
  /* low marks 20 + 30 + 5 = 55; 3000 - 100 + (500 - min(250, 55))
   * + (47 - min(23, 55)) = 2900 + 445 + 24 */
  assert_true(v->have & VR_HAVE_AVAILABLE);
  assert_int_equal(v->available, 3369 * page);
}

static void check_all(struct fake_kernel *f) {
  struct vr_kernel *k = calloc(1, sizeof(*k));
  assert_int_equal(find(f, k), 0);
  struct vr_plan *p = plan_of(k);
  struct vr_introspect_values *v = calloc(1, sizeof(*v));
  assert_int_equal(vr_plan_last_tick(p), 100000000000ull);
  vr_plan_counters(p, vr_plan_last_tick(p), v);
  check_tasks(v);
  check_run_queues(v);
  check_cpu(v, f->o.layout == FAKE_7_2);
  check_events(v);
  check_memory(v);
  free(v);
  vr_plan_free(p);
  free(k);
}

static void every_layout(void **state) {
  (void)state;
  NEEDS_LIBBPF();
  for (int layout = 0; layout < FAKE_LAYOUTS; layout++) {
    struct fake_kernel *f =
        fake_new(&(struct fake_options){.layout = (enum fake_layout)layout,
                                        .size = 64 * MIB,
                                        .at = 16 * MIB,
                                        .cpus = 2});
    check_all(f);
    fake_free(f);
  }
}

/* The image, or the per-CPU areas, above a hole that begins at 2, 3 or 3.25
 * GiB, or where no program is known to have it; or nothing above it. */
static void every_hole(void **state) {
  (void)state;
  NEEDS_LIBBPF();
  static const struct {
    uint64_t low, size, at;
  } cases[] = {
      {2 * GIB, 5 * GIB, 16 * MIB},     {2 * GIB, 5 * GIB, 3 * GIB + 16 * MIB},
      {3 * GIB, 4 * GIB, 32 * MIB},     {13 * GIB / 4, 4 * GIB, 32 * MIB},
      {5 * GIB / 4, 2 * GIB, 32 * MIB}, {0, 11 * GIB / 4 - 2 * MIB, 2 * GIB}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    for (int layout = FAKE_6_12; layout <= FAKE_7_2; layout += 2) {
      struct fake_kernel *f =
          fake_new(&(struct fake_options){.layout = (enum fake_layout)layout,
                                          .size = cases[i].size,
                                          .at = cases[i].at,
                                          .low = cases[i].low,
                                          .cpus = 2});
      check_all(f);
      fake_free(f);
    }
}

static void without_its_first_page(void **state) {
  (void)state;
  NEEDS_LIBBPF();
  struct fake_kernel *f =
      fake_new(&(struct fake_options){.size = 64 * MIB,
                                      .at = 8 * MIB,
                                      .cpus = 2,
                                      .layout = FAKE_6_1,
                                      .without_banner_page = true});
  check_all(f);
  fake_free(f);
}

/* Kernels 7.x have other things before the times of a CPU, and where they are
 * only the type information says: no time is given there, rather than another
 * number. */
static void check_without_type_information(enum fake_layout layout) {
  struct fake_kernel *f = fake_new(&(struct fake_options){.size = 64 * MIB,
                                                          .at = 8 * MIB,
                                                          .cpus = 2,
                                                          .layout = layout,
                                                          .without_btf = true});
  struct vr_kernel *k = calloc(1, sizeof(*k));
  assert_int_equal(find(f, k), 0);
  assert_false(k->has_btf);
  struct vr_plan *p = plan_of(k);
  struct vr_introspect_values *v = calloc(1, sizeof(*v));
  vr_plan_counters(p, vr_plan_last_tick(p), v);
  check_tasks(v);
  check_events(v);
  if (layout == FAKE_7_2)
    assert_false(v->have & VR_HAVE_CPU);
  else
    assert_true(v->have & VR_HAVE_CPU && v->cpu.user == 2000000001);
  assert_int_equal(v->free, 3000 * 4096);
  assert_int_equal(v->have &
                       (VR_HAVE_RUNNING | VR_HAVE_BLOCKED | VR_HAVE_SWITCHES |
                        VR_HAVE_CPU_IDLE | VR_HAVE_BUFFERED | VR_HAVE_CACHED |
                        VR_HAVE_AVAILABLE),
                   0);
  free(v);
  vr_plan_free(p);
  free(k);
  fake_free(f);
}

static void without_type_information(void **state) {
  (void)state;
  for (int layout = 0; layout < FAKE_LAYOUTS; layout++)
    check_without_type_information((enum fake_layout)layout);
}

/* 256 CPUs can be read; that there is one more must not go unnoticed. */
static void too_many_cpus(void **state) {
  (void)state;
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .size = 64 * MIB, .at = 8 * MIB, .cpus = 2, .layout = FAKE_6_12});
  struct vr_kernel *k = calloc(1, sizeof(*k));
  memset(f->ram + f->possible, 0xff, 256 / 8);
  for (uint64_t cpu = 0; cpu < 256; cpu++)
    fake_put64(f, f->offsets + 8 * cpu, f->percpu[0]);
  assert_int_equal(find(f, k), 0);
  assert_int_equal(k->n_cpus, 256);
  f->ram[f->possible + 256 / 8] = 1;
  assert_int_equal(find(f, k), -ENOENT);
  free(k);
  fake_free(f);
}

/* A block device goes: what the plan has of the list is not the list. */
static void block_device_vanishes(void **state) {
  (void)state;
  NEEDS_LIBBPF();
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .size = 64 * MIB, .at = 8 * MIB, .cpus = 1, .layout = FAKE_6_12});
  struct vr_kernel *k = calloc(1, sizeof(*k));
  struct vr_introspect_values *v = calloc(1, sizeof(*v));
  assert_int_equal(find(f, k), 0);
  struct vr_plan *p = plan_of(k);
  fake_put64(f, f->inode[0] + 272, fake_direct(f, f->inode[2] + 272));
  assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
  vr_plan_counters(p, 1, v);
  assert_int_equal(v->have & (VR_HAVE_BUFFERED | VR_HAVE_CACHED), 0);
  assert_true(p->inodes_stale);
  vr_plan_free(p);

  p = plan_of(k);
  vr_plan_counters(p, 1, v);
  assert_true(v->have & VR_HAVE_BUFFERED);
  assert_int_equal(v->buffered, 40 * 4096); /* 10 + 30 */
  vr_plan_free(p);
  free(v);
  free(k);
  fake_free(f);
}

/* A list that runs in a circle past its head is followed so far and no more. */
static void endless_list(void **state) {
  (void)state;
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .size = 64 * MIB, .at = 8 * MIB, .cpus = 1, .layout = FAKE_6_12});
  struct vr_kernel *k = calloc(1, sizeof(*k));
  struct vr_introspect_values *v = calloc(1, sizeof(*v));
  fake_put64(f, f->inode[2] + 272, fake_direct(f, f->inode[0] + 272));
  assert_int_equal(find(f, k), 0);
  struct vr_plan *p = plan_of(k);
  vr_plan_counters(p, 1, v);
  assert_int_equal(v->have & VR_HAVE_BUFFERED, 0);
  assert_true(v->have & VR_HAVE_LOAD);
  vr_plan_free(p);
  free(v);
  free(k);
  fake_free(f);
}

static void another_kernel_is_noticed(void **state) {
  (void)state;
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .size = 64 * MIB, .at = 8 * MIB, .cpus = 2, .layout = FAKE_6_12});
  struct vr_kernel *k = calloc(1, sizeof(*k));
  assert_int_equal(find(f, k), 0);
  struct vr_plan *p = plan_of(k);
  f->ram[f->banner + 16]++;
  assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
  assert_false(vr_plan_is_same_kernel(p));
  f->ram[f->banner + 16]--;
  fake_put64(f, f->area[1] + 0x100, 1); /* CPU 1's own offset */
  assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
  assert_false(vr_plan_is_same_kernel(p));
  vr_plan_free(p);
  free(k);
  fake_free(f);
}

static void memory_without_a_kernel(void **state) {
  (void)state;
  struct vr_gmem m;
  struct vr_budget b = vr_budget_begin(20 * VR_BUDGET_CPU_NS);
  struct vr_kernel *k = calloc(1, sizeof(*k));
  uint8_t *ram = calloc(1, 32 * MIB);
  vr_gmem_from_buffer(&m, ram, 32 * MIB);
  assert_int_equal(vr_kernel_search(&m, &b, k), -ENOENT);
  free(ram);
  free(k);
}

/* Where only one page in 512 is looked at, a kernel at the end of 2 GiB is
 * found for a small part of their bytes. */
static void reads_far_less_than_all(void **state) {
  (void)state;
  struct fake_kernel *f =
      fake_new(&(struct fake_options){.size = 2 * GIB,
                                      .at = 2 * GIB - 32 * MIB,
                                      .cpus = 1,
                                      .layout = FAKE_6_12});
  struct vr_gmem m = gmem_of(f);
  struct vr_budget b = vr_budget_begin(20 * VR_BUDGET_CPU_NS);
  struct vr_kernel *k = calloc(1, sizeof(*k));
  assert_int_equal(vr_kernel_search(&m, &b, k), 0);
  /* 1024 pages of 4 KiB, at most 32 MiB after the begin, the tables. */
  assert_true(b.bytes_read < 4 * MIB + 32 * MIB + 20 * MIB);
  free(k);
  fake_free(f);
}

/* What is read of range RANGE from now on. */
static void forge(struct fake_kernel *f, const struct vr_plan *p, int range,
                  uint64_t value) {
  assert_true(range >= 0);
  fake_put64(f, p->batch.ranges[range].offset, value);
}

/* Numbers of pages that no guest has, 9000 being all of them: what they would
 * be part of is not given, and no sum of them overflows (the sanitizers see to
 * that). */
static void impossible_pages(void **state) {
  (void)state;
  NEEDS_LIBBPF();
  const uint64_t numbers[] = {9001, 1ull << 40, INT64_MAX, 1ull << 52};
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 64 * MIB, .at = 16 * MIB, .cpus = 2});
  struct vr_kernel *k = calloc(1, sizeof(*k));
  assert_int_equal(find(f, k), 0);
  struct vr_plan *p = plan_of(k);
  const struct {
    int ranges[2]; /* both get the number */
    uint64_t lost;
  } cases[] = {
      {{p->stats[VR_VMS_nr_active_file], p->stats[VR_VMS_nr_inactive_file]},
       VR_HAVE_AVAILABLE},
      {{p->stats[VR_VMS_nr_slab_reclaimable],
        p->stats[VR_VMS_nr_kernel_misc_reclaimable]},
       VR_HAVE_AVAILABLE | VR_HAVE_SLAB},
      {{p->inodes[0].pages, p->inodes[2].pages},
       VR_HAVE_BUFFERED | VR_HAVE_CACHED},
      {{p->zones[0].low, p->zones[1].boost}, VR_HAVE_AVAILABLE},
      {{p->reserve, p->reserve}, VR_HAVE_AVAILABLE},
      {{p->stats[VR_VMS_nr_file_pages], p->stats[VR_VMS_nr_swapcached]},
       VR_HAVE_CACHED},
      {{p->stats[VR_VMS_nr_free_pages], p->stats[VR_VMS_nr_free_pages]},
       VR_HAVE_FREE | VR_HAVE_AVAILABLE}};
  const uint64_t all = VR_HAVE_FREE | VR_HAVE_AVAILABLE | VR_HAVE_BUFFERED |
                       VR_HAVE_CACHED | VR_HAVE_SLAB;
  struct vr_introspect_values *v = calloc(1, sizeof(*v));
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    for (size_t n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++) {
      uint64_t sound[2];
      for (int j = 0; j < 2; j++)
        sound[j] = vr_batch_u64(&p->batch, cases[i].ranges[j], 0);
      for (int j = 0; j < 2; j++)
        forge(f, p, cases[i].ranges[j], numbers[n]);
      assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
      vr_plan_counters(p, 1, v);
      assert_int_equal(v->have & all, all & ~cases[i].lost);
      for (int j = 0; j < 2; j++)
        forge(f, p, cases[i].ranges[j], sound[j]);
      assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
    }
  forge(f, p, p->total, INT64_MAX);
  assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
  vr_plan_counters(p, 1, v);
  assert_int_equal(v->have & (all | VR_HAVE_TOTAL), 0);
  free(v);
  vr_plan_free(p);
  free(k);
  fake_free(f);
}

/* A list of processes that a guest forged, or that changed under way: it ends,
 * and what cannot be known is not given. */
static void damaged_task_list(void **state) {
  (void)state;
  NEEDS_LIBBPF();
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 64ull << 20, .at = 16ull << 20, .cpus = 2});
  struct vr_kernel *k = calloc(1, sizeof(*k));
  assert_int_equal(find(f, k), 0);
  uint64_t next = f->tasks[4] + 2200; /* where fake_kernel.c has the list */
  assert_int_equal(vr_plan_count_idle(k), FAKE_IDLE_TASKS);
  fake_put64(f, f->tasks[2] + 24, 1); /* one wakes up */
  assert_int_equal(vr_plan_count_idle(k), FAKE_IDLE_TASKS - 1);
  const uint64_t nowhere[] = {
      fake_direct(f, f->tasks[1] + 2200), /* round and round */
      fake_direct(f, f->o.size - 4),      /* over the end */
      fake_direct(f, 1ull << 40),         0, UINT64_MAX, 0xdead000000000100ull};
  for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
    fake_put64(f, next, nowhere[i]);
    assert_true(vr_plan_count_idle(k) < 0);
    struct vr_plan *p = plan_of(k);
    struct vr_introspect_values *v = calloc(1, sizeof(*v));
    vr_plan_counters(p, vr_plan_last_tick(p), v);
    assert_false(v->have & VR_HAVE_IDLE_TASKS);
    assert_int_equal(v->processes, 43);
    free(v);
    vr_plan_free(p);
  }
  free(k);
  fake_free(f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_layout),
      cmocka_unit_test(every_hole),
      cmocka_unit_test(without_its_first_page),
      cmocka_unit_test(without_type_information),
      cmocka_unit_test(too_many_cpus),
      cmocka_unit_test(block_device_vanishes),
      cmocka_unit_test(endless_list),
      cmocka_unit_test(damaged_task_list),
      cmocka_unit_test(impossible_pages),
      cmocka_unit_test(another_kernel_is_noticed),
      cmocka_unit_test(memory_without_a_kernel),
      cmocka_unit_test(reads_far_less_than_all),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
