/* SPDX-License-Identifier: MIT
 *
 * A guest's memory with a kernel in it, forged: its symbol table, type
 * information and variables. An input says which layout the kernel has, and
 * then what is written where; what is marked as late is written when the kernel
 * has been found, before its counters are read.
 */
#include "fuzz.h"

#include "../unit/introspect/fake_kernel.h"
#include "introspect/plan.h"
#include "introspect/plan_counters.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1ull << 20)
enum { PATCHES = 64 };

struct patch {
  uint64_t at;
  unsigned length;
  uint8_t bytes[8], before[8];
  bool late;
};

static struct fake_kernel *kernel_of(unsigned layout) {
  static struct fake_kernel *kernels[FAKE_LAYOUTS];
  if (!kernels[layout])
    kernels[layout] =
        fake_new(&(struct fake_options){.layout = (enum fake_layout)layout,
                                        .size = 16 * MIB,
                                        .at = 2 * MIB,
                                        .low = 14 * MIB,
                                        .cpus = 2});
  return kernels[layout];
}

/* Stretches of memory that something is read from. */
static uint64_t place(const struct fake_kernel *f, unsigned which,
                      uint64_t offset) {
  switch (which) {
  case 0: /* number of symbols, names */
    return f->names - 16 + offset % 40000;
  case 1: /* token table and index, addresses after it */
    return f->tokens + offset % 20000;
  case 2: /* type information */
    return f->btf + offset % f->btf_size;
  case 3: /* read-only data: banners, addresses before the names */
    return f->o.at + 2 * MIB + offset % 0x10000;
  case 4: /* variables */
    return f->o.at + 4 * MIB + offset % 0xc000;
  case 5: /* areas of CPUs in the image */
    return f->o.at + 6 * MIB + offset % 0x10000;
  case 6: /* those elsewhere, and what is pointed to */
    return f->o.at + 10 * MIB + offset % 0x80000;
  default: /* anywhere */
    return (offset << 4) % (f->o.size - 8);
  }
}

static size_t read_patches(struct fuzz_input *in, const struct fake_kernel *f,
                           struct patch *p) {
  size_t n = 0;
  for (; n < PATCHES && in->left > 0; n++, p++) {
    uint8_t head = (uint8_t)fuzz_number(in, 1);
    p->late = head & 8;
    p->length = 1u << (head >> 4 & 3);
    p->at = place(f, head & 7, fuzz_number(in, 3));
    uint64_t bytes = fuzz_number(in, p->length);
    memcpy(p->bytes, &bytes, sizeof(bytes));
  }
  return n;
}

static void apply(uint8_t *ram, struct patch *p, size_t n, bool late) {
  for (size_t i = 0; i < n; i++)
    if (p[i].late == late) {
      memcpy(p[i].before, ram + p[i].at, p[i].length);
      memcpy(ram + p[i].at, p[i].bytes, p[i].length);
    }
}

static void undo(uint8_t *ram, const struct patch *p, size_t n, bool late) {
  for (; n > 0; n--)
    if (p[n - 1].late == late)
      memcpy(ram + p[n - 1].at, p[n - 1].before, p[n - 1].length);
}

static void read_counters(struct vr_plan *p, uint64_t now) {
  static struct vr_introspect_values v;
  if (vr_batch_read(&p->batch, &p->kernel.m) < 0)
    return;
  vr_plan_is_same_kernel(p);
  vr_plan_last_tick(p);
  vr_plan_counters(p, now, &v);
  fuzz_require(!(v.have & VR_HAVE_LOAD) || v.load[0] < 1e7);
  fuzz_require(!(v.have & VR_HAVE_PROCESSES) || v.processes <= 1u << 22);
  fuzz_require(!(v.have & VR_HAVE_FREE) || v.free <= v.total);
  fuzz_require(!(v.have & VR_HAVE_BUFFERED) || v.buffered <= v.total);
  fuzz_require(!(v.have & VR_HAVE_CACHED) || v.cached <= v.total);
  fuzz_require(v.n_cpus <= VR_INTROSPECT_MAX_CPUS);
}

static int find(const struct fake_kernel *f, bool search, struct vr_kernel *k) {
  struct vr_gmem m;
  struct vr_budget b = vr_budget_begin(VR_BUDGET_CPU_NS);
  vr_gmem_from_buffer(&m, f->ram, f->o.size);
  if (search)
    return vr_kernel_search(&m, &b, k);
  static const char digits[] = "0\0001\0002\0003";
  const uint8_t *at = memmem(f->ram + f->tokens, 2048, digits, sizeof(digits));
  return at ? vr_kernel_at(&m, (uint64_t)(at - f->ram), &b, k) : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct vr_kernel k;
  struct patch patches[PATCHES];
  struct fuzz_input in = {data, size};
  unsigned head = (unsigned)fuzz_number(&in, 1);
  struct fake_kernel *f = kernel_of((head & 15) % FAKE_LAYOUTS);
  uint64_t now = fuzz_number(&in, 8);
  size_t n = read_patches(&in, f, patches);
  struct vr_plan *p = NULL;
  apply(f->ram, patches, n, false);
  if (find(f, head & 16, &k) == 0 && vr_plan_build(&k, &p) == 0) {
    read_counters(p, now);
    apply(f->ram, patches, n, true);
    read_counters(p, now + 1000000000u);
    undo(f->ram, patches, n, true);
  }
  vr_plan_free(p);
  undo(f->ram, patches, n, false);
  return 0;
}

/* Every layout as it is, found either way, and with one early and one late
 * change. */
void fuzz_seeds(void) {
  for (uint8_t layout = 0; layout < FAKE_LAYOUTS; layout++)
    for (uint8_t search = 0; search < 2; search++) {
      const uint8_t seed[] = {(uint8_t)(layout | search << 4),
                              0,
                              0,
                              0,
                              0,
                              23,
                              0,
                              0,
                              0, /* 98 s */
                              0x34,
                              8,
                              3,
                              0,
                              0,
                              0x20,
                              0,
                              0,
                              0,
                              0,
                              0,
                              0, /* jiffies */
                              0x3c,
                              0,
                              2,
                              0,
                              0,
                              0x40,
                              0,
                              0,
                              0,
                              0,
                              0,
                              0}; /* load */
      fuzz_seed(seed, sizeof(seed));
      fuzz_seed(seed, 9);
    }
}
