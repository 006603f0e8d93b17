/* SPDX-License-Identifier: MIT
 *
 * Guests whose memory is made to hurt the one who reads it: damaged tables at
 * random, and memory full of forged banners, symbol tables and type
 * information. Whatever it holds: no crash (the sanitizers see to that), no
 * value outside its kind's range, an end within the budget. Seeds are fixed.
 */
#include "../unit.h"

#include "fake_kernel.h"
#include "introspect/plan.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MIB (1ull << 20)

static uint64_t seed;

static uint64_t random64(void) {
  seed += 0x9e3779b97f4a7c15u; /* splitmix64 */
  uint64_t z = seed;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* Looks for a kernel, reads its counters twice. Returns the search's result. */
static int introspect(const uint8_t *ram, uint64_t size, uint64_t cpu_ns,
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
    assert_int_equal(vr_batch_read(&p->batch, &p->kernel.m), 0);
    vr_plan_counters(p, random64(), v);
    assert_true(!(v->have & VR_HAVE_LOAD) || v->load[0] < 1e7);
    assert_true(!(v->have & VR_HAVE_PROCESSES) || v->processes <= 1u << 22);
    assert_true(!(v->have & VR_HAVE_FREE) || v->free <= v->total);
    assert_true(!(v->have & VR_HAVE_BUFFERED) || v->buffered <= v->total);
    assert_true(v->n_cpus <= VR_INTROSPECT_MAX_CPUS);
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
  static const uint64_t nasty[] = {0,
                                   1,
                                   0xff,
                                   0x7fffffff,
                                   0xffffffff,
                                   1ull << 63,
                                   UINT64_MAX,
                                   0xffffffff80000000ull,
                                   0xffff9d0340000000ull,
                                   1ull << 20};
  uint64_t at = choose_target(f);
  if (random64() % 2)
    f->ram[at] = (uint8_t)random64();
  else
    fake_put64(f, at & ~7ull,
               random64() % 3 ? nasty[random64() % 10] : random64());
}

static void damaged_images(void **state) {
  (void)state;
  const unsigned rounds = 60;
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
 * the real one, and holds no more than 64 MiB while it runs. */
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
  fill(g.ram, g.size, "Linux version 6", 15, 2 * MIB);
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

/* What the dearest search holds at its peak: the window before the tokens, the
 * names, the places of the markers; or the type information twice. */
static void memory_is_bounded(void **state) {
  (void)state;
  const uint64_t window = VR_KALLSYMS_MAX_NAMES, names = VR_KALLSYMS_MAX_NAMES;
  const uint64_t places = VR_KALLSYMS_MAX_SYMBOLS / 256 * 4;
  const uint64_t kernels = 4 * sizeof(struct vr_kernel), chunk = MIB;
  assert_true(window + names + places + kernels + chunk < 64 * MIB);
  /* libbpf: a copy of the data, and 4 bytes for each type of at least 12. */
  const uint64_t types = 2ull * VR_BTF_MAX_SIZE + VR_BTF_MAX_SIZE / 12 * 4 * 2;
  assert_true(types + names + kernels + chunk < 64 * MIB);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(damaged_images),       cmocka_unit_test(full_of_digits),
      cmocka_unit_test(full_of_token_tables), cmocka_unit_test(full_of_names),
      cmocka_unit_test(full_of_kernels),      cmocka_unit_test(random_bytes),
      cmocka_unit_test(memory_is_bounded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
