/* SPDX-License-Identifier: MIT
 *
 * Guests whose memory is made to hurt the one who reads it: damaged tables at
 * random, and memory full of forged banners, symbol tables and type
 * information. Whatever it holds: no crash (the sanitizers see to that), no
 * value outside its kind's range, an end within the budget. Seeds are fixed.
 */
#include "../unit.h"

#include "vmrecon-config.h"

#include "fake_kernel.h"
#include "introspect/introspect.h"
#include "introspect/plan.h"
#include "introspect/plan_counters.h"
#include "introspect/plan_tasks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1ull << 20)

static uint64_t seed;

static uint64_t random64(void) {
  seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
  uint64_t z = seed;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

static const uint64_t nasty[] = {0,
                                 1,
                                 0xff,
                                 0x7fffffff,
                                 0xffffffff,
                                 1ull << 63,
                                 UINT64_MAX,
                                 INT64_MAX,
                                 INT64_MAX - 1,
                                 0xffffffff80000000ull,
                                 0xffff9d0340000000ull,
                                 1ull << 20};

static uint64_t nasty_number(void) {
  return nasty[random64() % (sizeof(nasty) / sizeof(nasty[0]))];
}

/* Reads the counters. */
static void check_values(struct vr_plan *p, struct vr_introspect_values *v) {
  assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
  vr_plan_counters(p, random64(), v);
  assert_true(!(v->have & VR_HAVE_LOAD) || v->load[0] < 1e7);
  assert_true(!(v->have & VR_HAVE_PROCESSES) || v->processes <= 1u << 22);
  assert_true(!(v->have & VR_HAVE_FREE) || v->free <= v->total);
  assert_true(!(v->have & VR_HAVE_BUFFERED) || v->buffered <= v->total);
  assert_true(!(v->have & VR_HAVE_CACHED) || v->cached <= v->total);
  assert_true(!(v->have & VR_HAVE_AVAILABLE) ||
              v->available <= 4 * (v->total + 4096));
  assert_true(v->n_cpus <= VR_INTROSPECT_MAX_CPUS);
}

/* The numbers themselves, at the places that are read: more and more of them
 * become what no kernel has. */
static void forge_counters(uint8_t *ram, struct vr_plan *p,
                           struct vr_introspect_values *v) {
  for (unsigned i = 0; i < 16; i++) {
    for (unsigned j = 0; j < 1 + i / 2; j++) {
      const struct vr_batch_range *r =
          &p->batch.ranges[random64() % p->batch.n];
      uint64_t value = nasty_number();
      memcpy(ram + r->offset, &value, r->length < 8 ? r->length : 8);
    }
    check_values(p, v);
  }
}

/* Looks for a kernel, reads its counters, forges and reads them. Returns the
 * search's result. */
static int introspect(uint8_t *ram, uint64_t size, uint64_t cpu_ns,
                      struct vr_budget *ret_budget) {
  struct vr_gmem m;
  struct vr_kernel *k = calloc(1, sizeof(*k));
  struct vr_introspect_values *v = calloc(1, sizeof(*v));
  struct vr_plan *p = NULL;
  vr_gmem_from_buffer(&m, ram, size);
  struct vr_budget b = vr_budget_begin(cpu_ns);
  int r = vr_kernel_search(&m, &b, k);
  *ret_budget = b;
  if (r == 0 && vr_plan_build(k, &p) == 0) {
    check_values(p, v);
    forge_counters(ram, p, v);
  }
  vr_plan_free(p);
  free(v);
  free(k);
  return r;
}

/* A stretch of the image where damage bites. */
static uint64_t choose_target(const struct fake_kernel *f) {
  const uint64_t mib = MIB;
  switch (random64() % 6) {
  case 0: /* number of symbols, names */
    return f->names - 8 + random64() % 600;
  case 1: /* token table and index, addresses after it */
    return f->tokens + random64() % 3000;
  case 2: /* type information */
    return f->btf + random64() % f->btf_size;
  case 3: /* variables */
    return f->o.at + 4 * mib + random64() % 0x8000;
  case 4: /* what is pointed to */
    return f->o.at + 10 * mib + random64() % 0x45000;
  default: /* addresses before the names */
    return f->o.at + 2 * mib + 0x4000 + random64() % 20000;
  }
}

static void damage(struct fake_kernel *f) {
  uint64_t at = choose_target(f);
  if (random64() % 2)
    f->ram[at] = (uint8_t)random64();
  else
    fake_put64(f, at & ~7ull, random64() % 3 ? nasty_number() : random64());
}

/* FUZZ_ROUNDS, as the fuzzer of input files takes it, makes it longer. */
static unsigned rounds_wanted(void) {
  const char *fuzz_rounds = getenv("FUZZ_ROUNDS");
  unsigned long n = fuzz_rounds ? strtoul(fuzz_rounds, NULL, 10) : 0;
  return 60 + (unsigned)(n / 2000);
}

static void damaged_images(void **state) {
  (void)state;
  const unsigned rounds = rounds_wanted();
  unsigned found = 0, lost = 0;
  for (int layout = 0; layout < FAKE_LAYOUTS; layout++)
    for (unsigned i = 0; i < rounds; i++) {
      struct vr_budget b;
      seed = (uint64_t)layout << 32 | i;
      struct fake_kernel *f =
          fake_new(&(struct fake_options){.layout = (enum fake_layout)layout,
                                          .size = 32 * MIB,
                                          .at = 4 * MIB,
                                          .cpus = 1 + i % 4});
      unsigned n = 1u << i % 8;
      for (unsigned j = 0; j < n; j++)
        damage(f);
      int r = introspect(f->ram, f->o.size, VR_BUDGET_CPU_NS, &b);
      assert_true(r == 0 || r == -ENOENT || r == -ETIME);
      found += r == 0;
      lost += r != 0;
      fake_free(f);
    }
  /* Both happen, or the damage missed what it was aimed at. */
  assert_true(found > rounds / 2 && lost > rounds / 2);
}

/* Fills RAM with copies of N bytes. */
static void fill(uint8_t *ram, uint64_t size, const void *with, size_t n,
                 uint64_t step) {
  for (uint64_t at = 0; at + n <= size; at += step)
    memcpy(ram + at, with, n);
}

struct forged {
  uint8_t *ram;
  uint64_t size;
};

static struct forged forge_begin(void) {
  struct forged g = {.size = 256 * MIB};
  g.ram = mmap(NULL, g.size, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  assert_true(g.ram != MAP_FAILED);
  return g;
}

/* The search ends soon after the CPU time that it was given, here a tenth of
 * the real one. */
static void check_bounded(struct forged *g) {
  struct vr_budget b;
  const uint64_t given = VR_BUDGET_CPU_NS / 10;
  int r = introspect(g->ram, g->size, given, &b);
  assert_true(r == -ENOENT || r == -ETIME);
  /* One step between two looks at the clock: reading and parsing 16 MiB. The
   * factor is for valgrind and the sanitizers. */
  assert_true(vr_budget_used_ns(&b) < given + 200000000u * 50);
  munmap(g->ram, g->size);
}

static void full_of_digits(void **state) {
  (void)state;
  struct forged g = forge_begin();
  static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
  fill(g.ram, g.size, digits, sizeof(digits), sizeof(digits));
  fill(g.ram, g.size, "Linux version 6", 15, 4096);
  check_bounded(&g);
}

/* Whole token tables with a sound index, packed: each costs the most before it
 * is found to have no names. */
static void full_of_token_tables(void **state) {
  (void)state;
  struct forged g = forge_begin();
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 32 * MIB, .at = 4 * MIB, .cpus = 1});
  fill(g.ram, g.size, f->ram + f->tokens, 2048, 2048);
  fill(g.ram, g.size, "Linux version 6", 15, 2 * MIB);
  fake_free(f);
  check_bounded(&g);
}

/* Numbers of symbols everywhere, and names that go on and on before them: the
 * walk over names is the dearest loop. */
static void full_of_names(void **state) {
  (void)state;
  struct forged g = forge_begin();
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 32 * MIB, .at = 4 * MIB, .cpus = 1});
  for (uint64_t at = 0; at < g.size; at += 8) {
    uint32_t n = 400000;
    memcpy(g.ram + at, &n, 4);
    memcpy(g.ram + at + 4, "\0\0\0\0", 4);
  }
  memset(g.ram + 8 * MIB, 1, 8 * MIB); /* names of one token */
  for (uint64_t at = 8 * MIB; at < 16 * MIB; at += 4096)
    memcpy(g.ram + at, &(uint32_t){300000}, 4);
  fill(g.ram, g.size, f->ram + f->tokens, 2048, 16 * MIB);
  fill(g.ram + MIB, g.size - MIB, "Linux version 6", 15, 2 * MIB);
  fake_free(f);
  check_bounded(&g);
}

/* Whole kernels, sound but for their per-CPU areas, one after the other. */
static void full_of_kernels(void **state) {
  (void)state;
  struct forged g = forge_begin();
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 32 * MIB, .at = 4 * MIB, .cpus = 1});
  fill(g.ram, g.size, f->ram + 4 * MIB, 6 * MIB, 6 * MIB);
  fake_free(f);
  check_bounded(&g);
}

static void random_bytes(void **state) {
  (void)state;
  struct forged g = forge_begin();
  seed = 42;
  for (uint64_t at = 0; at < 64 * MIB; at += 8) {
    uint64_t v = random64();
    memcpy(g.ram + at, &v, 8);
  }
  check_bounded(&g);
}

/* ---- a whole search in another process, with all that it may take ---- */

#define GUEST_SIZE (264 * MIB) /* a size that no other mapping has */
#define MAY_HOLD (64 * MIB)

/* Between two pages without rights, as QEMU has it: so that it is a mapping of
 * its own. */
static uint8_t *map_guarded(uint64_t size) {
  uint8_t *p = mmap(NULL, size + 8192, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED || mprotect(p + 4096, size, PROT_READ | PROT_WRITE) < 0)
    abort();
  return p + 4096;
}

/* A process whose memory the function fills. */
static pid_t start_guest(void (*fill_ram)(uint8_t *ram, uint64_t size)) {
  int ready[2];
  char c;
  assert_int_equal(pipe(ready), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    fill_ram(map_guarded(GUEST_SIZE), GUEST_SIZE);
    if (write(ready[1], "x", 1) == 1)
      for (;;)
        pause();
    _exit(1);
  }
  assert_int_equal(read(ready[0], &c, 1), 1);
  close(ready[0]);
  close(ready[1]);
  return pid;
}

struct outcome {
  int result;
  uint64_t cpu_ns;
};

/* Sanitizers keep shadows of all memory, and make everything slow. */
static bool has_sanitizers(void) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#else
  return false;
#endif
}

/* No more than so many bytes beyond what this process has now. */
static void limit_memory(uint64_t more) {
  unsigned long pages = 0;
  FILE *f = fopen("/proc/self/statm", "r");
  if (!f || fscanf(f, "%lu", &pages) != 1)
    abort();
  fclose(f);
  struct rlimit limit = {pages * 4096 + more, pages * 4096 + more};
  if (setrlimit(RLIMIT_AS, &limit) < 0)
    abort();
}

static struct outcome search_for(pid_t pid) {
  struct outcome o;
  struct vr_introspect *i;
  const struct vr_introspect_process process = {.pid = pid,
                                                .memory = GUEST_SIZE};
  if (vr_introspect_open(&process, NULL, &i) < 0)
    abort();
  if (!has_sanitizers())
    limit_memory(MAY_HOLD);
  uint64_t begin = vr_clock_ns(CLOCK_THREAD_CPUTIME_ID);
  o.result = vr_introspect_search(i, NULL);
  o.cpu_ns = vr_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin;
  return o;
}

static void fill_with_ones(uint8_t *ram, uint64_t size) {
  memset(ram, 1, size);
}

/* Searches in a process of its own, so that its limit ends with it. */
static struct outcome search_apart(void (*fill_ram)(uint8_t *ram,
                                                    uint64_t size)) {
  struct outcome o = {.result = 1};
  int answer[2];
  pid_t guest = start_guest(fill_ram);
  assert_int_equal(pipe(answer), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    o = search_for(guest);
    _exit(write(answer[1], &o, sizeof(o)) != sizeof(o));
  }
  close(answer[1]);
  assert_int_equal(read(answer[0], &o, sizeof(o)), sizeof(o));
  close(answer[0]);
  waitpid(pid, NULL, 0);
  kill(guest, SIGKILL);
  waitpid(guest, NULL, 0);
  return o;
}

/* A CPU that is shared with others may count more time for the same work: one
 * of three searches has to keep to the limit. What a search costs where nothing
 * is to be found says what is dear on this machine. */
static void check_promise(const char *what,
                          void (*fill_ram)(uint8_t *ram, uint64_t size)) {
  struct outcome o, nothing = search_apart(fill_with_ones);
  for (int i = 0; i < 3; i++) {
    o = search_apart(fill_ram);
    print_message("# %s: %.3f s of CPU, %s\n", what, (double)o.cpu_ns / 1e9,
                  o.result ? vr_introspect_why(o.result) : "a kernel");
    assert_true(o.result == 0 || o.result == -ENOENT || o.result == -ETIME);
    if (has_sanitizers() || o.cpu_ns < 2000000000u)
      break;
  }
  assert_true(o.cpu_ns > 2 * nothing.cpu_ns); /* or it shows nothing */
  assert_true(has_sanitizers() || o.cpu_ns < 2000000000u);
}

/* Whole kernels, with sound areas of their CPUs, and for each the type
 * information that takes the most time. None of their clocks goes on. */
static void fill_with_kernels(uint8_t *ram, uint64_t size) {
  for (uint64_t at = 4 * MIB; at + 32 * MIB <= size; at += 32 * MIB)
    fake_new(&(struct fake_options){.layout = FAKE_6_12,
                                    .size = size,
                                    .at = at,
                                    .cpus = 4,
                                    .into = ram,
                                    .huge_btf = true});
}

static void fill_with_tables(uint8_t *ram, uint64_t size) {
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 32 * MIB, .at = 4 * MIB, .cpus = 1});
  fill(ram, size, f->ram + f->tokens, 2048, 2048);
  fill(ram, size, "Linux version 6", 15, 2 * MIB);
}

/* Numbers of symbols, and names that go on and on, before every table. */
static void fill_with_names(uint8_t *ram, uint64_t size) {
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12, .size = 32 * MIB, .at = 4 * MIB, .cpus = 1});
  memset(ram, 1, size);
  for (uint64_t at = 0; at + 4 <= size; at += 4096)
    memcpy(ram + at, &(uint32_t){300000}, 4);
  fill(ram, size, f->ram + f->tokens, 2048, 2 * MIB);
  fill(ram + MIB, size - MIB, "Linux version 6", 15, 2 * MIB);
}

static void promise_among_kernels(void **state) {
  (void)state;
#ifndef HAVE_LIBBPF
  skip(); /* nothing parses it, and nothing is dear */
#endif
  check_promise("full of kernels", fill_with_kernels);
}

static void promise_among_tables(void **state) {
  (void)state;
  check_promise("full of tables", fill_with_tables);
}

static void promise_among_names(void **state) {
  (void)state;
  check_promise("full of names", fill_with_names);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(damaged_images),
      cmocka_unit_test(full_of_digits),
      cmocka_unit_test(full_of_token_tables),
      cmocka_unit_test(full_of_names),
      cmocka_unit_test(full_of_kernels),
      cmocka_unit_test(random_bytes),
      cmocka_unit_test(promise_among_kernels),
      cmocka_unit_test(promise_among_tables),
      cmocka_unit_test(promise_among_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
