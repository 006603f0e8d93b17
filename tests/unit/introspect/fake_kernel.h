/* SPDX-License-Identifier: MIT
 *
 * The memory of a guest with a made-up Linux kernel in it: symbol table in any
 * of the layouts that kernels had, type information, per-CPU areas, and the
 * variables that introspection reads, all of known content. Written after the
 * kernel's own scripts/kallsyms.c and Documentation/bpf/btf.rst, not after the
 * code under test.
 */
#ifndef VR_TESTS_FAKE_KERNEL_H
#define VR_TESTS_FAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fake_layout {
  FAKE_4_19,     /* addresses first; markers of 8 bytes */
  FAKE_6_1,      /* markers of 4 bytes, names longer than 127 */
  FAKE_6_2,      /* and the order of names before the tokens */
  FAKE_6_12,     /* addresses last */
  FAKE_6_15,     /* per-CPU symbols in the image */
  FAKE_7_2,      /* place-relative, aligned to 4 */
  FAKE_ABSOLUTE, /* addresses first, 8 bytes each */
  FAKE_LAYOUTS
};

struct fake_options {
  enum fake_layout layout;
  uint64_t size; /* of the RAM, bytes */
  uint64_t at;   /* RAM offset of the image, a multiple of 2 MiB */
  uint64_t low;  /* RAM below the hole, 0: no hole */
  unsigned cpus; /* possible ones */
  uint8_t *into; /* build it in this RAM, which others may be in, too */
  bool without_btf;
  bool huge_btf;          /* as much type information as is read, of no use */
  bool without_tick_time; /* only the number of ticks is told */
  bool shared; /* a file in memory, with the processes that are forked from this
                  one */
  bool without_banner_page; /* the first page of read-only data is not there */
};

#define FAKE_MAX_CPUS 8
enum { FAKE_TASKS = 7, FAKE_IDLE_TASKS = 3 };

struct fake_kernel {
  struct fake_options o;
  uint8_t *ram;
  int file;       /* that RAM which is shared is of, else -1 */
  uint64_t delta; /* virtual address - RAM offset in the image */
  uint64_t percpu[FAKE_MAX_CPUS]; /* __per_cpu_offset */
  uint64_t area[FAKE_MAX_CPUS];   /* RAM offset of the CPU's area */
  /* RAM offsets of what tests change. */
  uint64_t banner, jiffies, last_tick, avenrun, forks, btf, btf_size, names,
      tokens, possible, offsets;
  uint64_t inode[3], inodes_head, pages[3];
  uint64_t tasks[FAKE_TASKS]; /* FAKE_IDLE_TASKS of them are idle */
};

/* Builds it. The caller frees it with fake_free(). */
struct fake_kernel *fake_new(const struct fake_options *o);
void fake_free(struct fake_kernel *f);

void fake_put64(struct fake_kernel *f, uint64_t offset, uint64_t value);
void fake_put32(struct fake_kernel *f, uint64_t offset, uint32_t value);

/* Virtual address of a RAM offset in the direct map. */
uint64_t fake_direct(const struct fake_kernel *f, uint64_t offset);

#endif
