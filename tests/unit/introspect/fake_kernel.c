/* SPDX-License-Identifier: MIT */
#include "fake_kernel.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1ull << 20)
#define RODATA (2 * MIB) /* from the image's begin */
#define TABLES (RODATA + 0x4000)
#define TYPES (RODATA + 1 * MIB)
#define DATA (4 * MIB)
#define PERCPU_SECTION (6 * MIB) /* in the image, from 6.15 on */
#define SLAB (10 * MIB)          /* RAM offset after the image's begin */
#define KERNEL_MAP 0xffffffff80000000ull
#define PAGE_OFFSET 0xffff9d0340000000ull
#define KASLR 0x1a400000ull   /* a multiple of 2 MiB */
#define HUGE_TYPES (12 * MIB) /* the most that is read */
#define AREA_SIZE 0x40000u
#define FILLERS 3000

static const char *const versions[FAKE_LAYOUTS] = {
    [FAKE_4_19] = "4.19.9",   [FAKE_6_1] = "6.1.9",   [FAKE_6_2] = "6.2.9",
    [FAKE_6_12] = "6.12.9",   [FAKE_6_15] = "6.15.9", [FAKE_7_2] = "7.2.9",
    [FAKE_ABSOLUTE] = "5.9.9"};
static const char proc_banner[] = "%s version %s (builder@example.org) (cc 1)";

struct fake_symbol {
  char name[400];
  char type;
  bool percpu;
  uint64_t offset; /* in the image, or in the per-CPU area */
};

struct build {
  struct fake_kernel *f;
  struct fake_symbol *symbols;
  unsigned n;
};

void fake_put64(struct fake_kernel *f, uint64_t offset, uint64_t value) {
  memcpy(f->ram + offset, &value, 8);
}

void fake_put32(struct fake_kernel *f, uint64_t offset, uint32_t value) {
  memcpy(f->ram + offset, &value, 4);
}

static uint64_t low_of(const struct fake_kernel *f) {
  return f->o.low ? f->o.low : f->o.size;
}

static uint64_t physical(const struct fake_kernel *f, uint64_t offset) {
  return offset < low_of(f) ? offset : offset - low_of(f) + (1ull << 32);
}

uint64_t fake_direct(const struct fake_kernel *f, uint64_t offset) {
  return PAGE_OFFSET + physical(f, offset);
}

static void symbol(struct build *b, const char *name, char type, bool percpu,
                   uint64_t offset) {
  struct fake_symbol *s = &b->symbols[b->n++];
  snprintf(s->name, sizeof(s->name), "%s", name);
  s->type = type;
  s->percpu = percpu;
  s->offset = offset;
}

/* A variable of the image; returns its RAM offset. */
static uint64_t variable(struct build *b, const char *name, uint64_t offset) {
  symbol(b, name, 'D', false, offset);
  return b->f->o.at + offset;
}

static bool percpu_in_image(const struct fake_kernel *f) {
  return f->o.layout == FAKE_6_15 || f->o.layout == FAKE_7_2;
}

/* ---- kallsyms ---- */

static const char *const pairs[] = {"er", "in", "fi", "ll", "_0", "st", "at"};
enum { N_PAIRS = sizeof(pairs) / sizeof(pairs[0]), FIRST_PAIR = 200 };

static void token(unsigned i, char *text) {
  if (i >= FIRST_PAIR && i < FIRST_PAIR + N_PAIRS)
    strcpy(text, pairs[i - FIRST_PAIR]);
  else if (i > ' ' && i < 127)
    sprintf(text, "%c", i);
  else
    sprintf(text, "~%u", i);
}

static size_t pack(const struct fake_symbol *s, uint8_t *to) {
  char full[410];
  uint8_t packed[410];
  size_t n = 0;
  snprintf(full, sizeof(full), "%c%s", s->type, s->name);
  for (const char *p = full; *p;) {
    unsigned pair = N_PAIRS;
    for (unsigned i = 0; i < N_PAIRS && p > full; i++)
      if (strncmp(p, pairs[i], 2) == 0)
        pair = i;
    packed[n++] = pair < N_PAIRS ? (uint8_t)(FIRST_PAIR + pair) : (uint8_t)*p;
    p += pair < N_PAIRS ? 2 : 1;
  }
  size_t head = 1;
  to[0] = (uint8_t)n;
  if (n > 127) {
    to[0] = (uint8_t)(0x80 | (n & 0x7f));
    to[1] = (uint8_t)(n >> 7);
    head = 2;
  }
  memcpy(to + head, packed, n);
  return head + n;
}

static uint64_t virtual_of(const struct build *b, const struct fake_symbol *s) {
  if (!s->percpu)
    return b->f->o.at + s->offset + b->f->delta;
  return percpu_in_image(b->f)
             ? b->f->o.at + PERCPU_SECTION + s->offset + b->f->delta
             : s->offset;
}

static int by_address(const void *x, const void *y) {
  const struct fake_symbol *a = x, *b = y;
  uint64_t i = a->offset + (a->percpu ? 0 : 1ull << 40);
  uint64_t j = b->offset + (b->percpu ? 0 : 1ull << 40);
  return (i > j) - (i < j);
}

static uint64_t align(uint64_t at, unsigned a) {
  return (at + a - 1) & ~(uint64_t)(a - 1);
}

/* The table of addresses at AT (RAM offset), with its base. Returns the end. */
static uint64_t put_addresses(struct build *b, uint64_t at) {
  struct fake_kernel *f = b->f;
  enum fake_layout l = f->o.layout;
  uint64_t base = f->o.at + f->delta;
  if (l == FAKE_ABSOLUTE) {
    for (unsigned i = 0; i < b->n; i++)
      fake_put64(f, at + 8ull * i, virtual_of(b, &b->symbols[i]));
    return at + 8ull * b->n;
  }
  for (unsigned i = 0; i < b->n; i++) {
    uint64_t va = virtual_of(b, &b->symbols[i]), place = at + 4ull * i;
    uint64_t value = l == FAKE_7_2          ? va - f->delta - place
                     : l == FAKE_6_15       ? va - base
                     : b->symbols[i].percpu ? va
                                            : base - 1 - va;
    fake_put32(f, place, (uint32_t)value);
  }
  at += 4ull * b->n;
  if (l == FAKE_7_2)
    return at;
  at = align(at, 8);
  fake_put64(f, at, base);
  return at + 8;
}

static uint64_t put_names(struct build *b, uint64_t at, unsigned a) {
  struct fake_kernel *f = b->f;
  unsigned width = f->o.layout == FAKE_4_19 ? 8 : 4;
  uint32_t *markers = calloc(b->n / 256 + 1, sizeof(*markers));
  at = align(at, a);
  fake_put32(f, at, b->n);
  at = align(at + 4, a);
  f->names = at;
  for (unsigned i = 0; i < b->n; i++) {
    if (i % 256 == 0)
      markers[i / 256] = (uint32_t)(at - f->names);
    at += pack(&b->symbols[i], f->ram + at);
  }
  at = align(at, a);
  for (unsigned i = 0; i < (b->n + 255) / 256; i++, at += width)
    memcpy(f->ram + at, &(uint64_t){markers[i]}, width);
  free(markers);
  at = align(at, a);
  if (f->o.layout == FAKE_6_2) {
    memset(f->ram + at, 0x5a, 3ull * b->n);
    at = align(at + 3ull * b->n, a);
  }
  return at;
}

static uint64_t put_tokens(struct build *b, uint64_t at, unsigned a) {
  struct fake_kernel *f = b->f;
  uint16_t index[256];
  f->tokens = at;
  for (unsigned i = 0; i < 256; i++) {
    char text[16];
    token(i, text);
    index[i] = (uint16_t)(at - f->tokens);
    strcpy((char *)f->ram + at, text);
    at += strlen(text) + 1;
  }
  at = align(at, a);
  memcpy(f->ram + at, index, sizeof(index));
  return at + sizeof(index);
}

static void put_kallsyms(struct build *b) {
  enum fake_layout l = b->f->o.layout;
  unsigned a = l == FAKE_7_2 ? 4 : 8;
  bool first = l <= FAKE_6_2 || l == FAKE_ABSOLUTE;
  uint64_t at = b->f->o.at + TABLES;
  qsort(b->symbols, b->n, sizeof(b->symbols[0]), by_address);
  if (first)
    at = put_addresses(b, at);
  at = put_tokens(b, put_names(b, at, a), a);
  if (!first)
    at = put_addresses(b, align(at, a));
  assert(at < b->f->o.at + TYPES);
}

/* ---- type information ---- */

struct types {
  uint8_t *data;
  size_t length;
  char strings[4096];
  size_t n_strings;
  unsigned id;
};

static uint32_t text(struct types *t, const char *s) {
  size_t at = t->n_strings;
  strcpy(t->strings + at, s);
  t->n_strings += strlen(s) + 1;
  return (uint32_t)at;
}

static void word(struct types *t, uint32_t v) {
  memcpy(t->data + t->length, &v, 4);
  t->length += 4;
}

enum { BTF_INT = 1, BTF_STRUCT = 4, BTF_UNION = 5 };

static unsigned begin_type(struct types *t, const char *name, unsigned kind,
                           unsigned vlen, uint32_t size) {
  word(t, *name ? text(t, name) : 0);
  word(t, kind << 24 | vlen);
  word(t, size);
  return ++t->id;
}

static void put_member(struct types *t, const char *name, unsigned type,
                       uint32_t bytes) {
  word(t, *name ? text(t, name) : 0);
  word(t, type);
  word(t, bytes * 8);
}

/* A structure: name, size, then pairs of member and offset. */
static void structure(struct types *t, const char *name, uint32_t size,
                      const char *const *names, const uint32_t *offsets,
                      unsigned n) {
  begin_type(t, name, BTF_STRUCT, n, size);
  for (unsigned i = 0; i < n; i++)
    put_member(t, names[i], 1, offsets[i]);
}

#define STRUCTURE(t, name, size, names, ...)                                   \
  structure(t, name, size, names, (const uint32_t[]){__VA_ARGS__},             \
            sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void put_cpu_structures(struct types *t, enum fake_layout layout) {
  if (layout == FAKE_7_2) {
    STRUCTURE(t, "kernel_cpustat", 112,
              ((const char *const[]){"idle_dyntick", "idle_elapse",
                                     "idle_entrytime", "cpustat"}),
              0, 1, 8, 32);
    STRUCTURE(t, "tick_sched", 216,
              ((const char *const[]){"flags", "idle_entrytime"}), 0, 136);
    return;
  }
  STRUCTURE(t, "kernel_cpustat", 80, ((const char *const[]){"cpustat"}), 0);
  STRUCTURE(t, "tick_sched", 232,
            ((const char *const[]){"flags", "idle_entrytime", "idle_sleeptime",
                                   "iowait_sleeptime"}),
            0, 128, 200, 208);
}

static void put_structures(struct types *t, enum fake_layout layout) {
  begin_type(t, "long", BTF_INT, 0, 8);
  word(t, 64);
  STRUCTURE(t, "rq", 512,
            ((const char *const[]){"nr_running", "nr_switches",
                                   "nr_uninterruptible", "nr_iowait"}),
            4, 112, 200, 240);
  put_cpu_structures(t, layout);
  STRUCTURE(t, "super_block", 1408, ((const char *const[]){"s_inodes"}), 1352);
  /* i_mapping within an unnamed union within the structure */
  unsigned in = begin_type(t, "", BTF_UNION, 1, 8);
  put_member(t, "i_mapping", 1, 0);
  begin_type(t, "inode", BTF_STRUCT, 3, 624);
  put_member(t, "", in, 48);
  put_member(t, "i_sb_list", 1, 272);
  put_member(t, "i_data", 1, 368);
  STRUCTURE(t, "address_space", 192, ((const char *const[]){"nrpages"}), 88);
  STRUCTURE(t, "pglist_data", 4096,
            ((const char *const[]){"node_zones", "nr_zones"}), 0, 3072);
  bool old = layout == FAKE_4_19;
  STRUCTURE(t, "task_struct", 9000,
            ((const char *const[]){old ? "state" : "__state", "tasks"}), 24,
            2200);
  STRUCTURE(t, "zone", 1024,
            ((const char *const[]){"_watermark", "watermark_boost"}), 0, 32);
}

static uint64_t put_btf(struct fake_kernel *f, uint64_t at) {
  struct types t = {.data = f->ram + at + 24, .n_strings = 1};
  put_structures(&t, f->o.layout);
  uint32_t header[6] = {
      0x0001eb9f,           24, 0, (uint32_t)t.length, (uint32_t)t.length,
      (uint32_t)t.n_strings};
  memcpy(f->ram + at, header, sizeof(header));
  memcpy(f->ram + at + 24 + t.length, t.strings, t.n_strings);
  f->btf = at;
  f->btf_size = 24 + t.length + t.n_strings;
  return at + f->btf_size;
}

/* The dearest there is to parse: as many structures as fit, without members. */
static uint64_t put_huge_btf(struct fake_kernel *f, uint64_t at) {
  const uint32_t n = (HUGE_TYPES - 24 - 32) / 12;
  const uint32_t header[6] = {0x0001eb9f, 24, 0, 12 * n, 12 * n, 12};
  const uint32_t type[3] = {1, BTF_STRUCT << 24, 8};
  memcpy(f->ram + at, header, sizeof(header));
  for (uint32_t i = 0; i < n; i++)
    memcpy(f->ram + at + 24 + 12 * i, type, sizeof(type));
  memcpy(f->ram + at + 24 + 12 * n, "\0task_structs", 12);
  f->ram[at + 24 + 12 * n + 11] = '\0';
  f->btf = at;
  f->btf_size = 24 + 12 * n + 12;
  return at + f->btf_size;
}

/* ---- variables ---- */

static const char *const vmstat_text[] = {"nr_free_pages",
                                          "nr_zone_inactive_anon",
                                          "numa_hit",
                                          "nr_inactive_anon",
                                          "nr_active_anon",
                                          "nr_inactive_file",
                                          "nr_active_file",
                                          "nr_slab_reclaimable",
                                          "nr_slab_unreclaimable",
                                          "nr_file_pages",
                                          "nr_kernel_misc_reclaimable",
                                          "nr_swapcached",
                                          "nr_dirty_threshold",
                                          "pgpgin",
                                          "pgpgout",
                                          "pswpin",
                                          "pswpout",
                                          "pgalloc_dma",
                                          "pgfault",
                                          "pgmajfault"};
enum { N_VMSTAT = sizeof(vmstat_text) / sizeof(vmstat_text[0]) };

static void put_vmstat(struct build *b) {
  struct fake_kernel *f = b->f;
  uint64_t table = variable(b, "vmstat_text", DATA + 0x6000);
  uint64_t at = f->o.at + RODATA + 0x2000;
  for (unsigned i = 0; i < N_VMSTAT; i++) {
    fake_put64(f, table + 8 * i, at + f->delta);
    strcpy((char *)f->ram + at, vmstat_text[i]);
    at += strlen(vmstat_text[i]) + 1;
  }
  uint64_t zone = variable(b, "vm_zone_stat", DATA + 0x7000);
  uint64_t node = variable(b, "vm_node_stat", DATA + 0x7100);
  fake_put64(f, zone, 3000); /* free */
  const uint64_t nodes[] = {11, 12, 200, 300, 40, 50, 1000, 7, 0};
  for (unsigned i = 0; i < 9; i++)
    fake_put64(f, node + 8 * i, nodes[i]);
}

/* CPU 0 is idle since 90 s; in 7.x the kernel keeps that beside the times. */
static void put_cpu_time(struct fake_kernel *f, uint64_t area, unsigned cpu) {
  bool new = f->o.layout == FAKE_7_2;
  uint64_t times = area + 0x2000 + (new ? 32 : 0);
  for (unsigned i = 0; i < 10; i++) /* user … */
    fake_put64(f, times + 8 * i, (i + 1) * 1000000000ull + cpu);
  if (new) {
    f->ram[area + 0x2001] = cpu == 0;
    fake_put64(f, area + 0x2008, 90000000000ull);
    return;
  }
  fake_put64(f, area + 0x3000, cpu == 0 ? 4 : 0);
  fake_put64(f, area + 0x3000 + 128, 90000000000ull);
  fake_put64(f, area + 0x3000 + 200, 70000000000ull);
  fake_put64(f, area + 0x3000 + 208, 3000000000ull);
}

static void put_cpus(struct build *b) {
  struct fake_kernel *f = b->f;
  uint64_t offsets = variable(b, "__per_cpu_offset", DATA + 0x1000);
  uint64_t possible = variable(b, "__cpu_possible_mask", DATA + 0x2000);
  uint64_t online = variable(b, "__cpu_online_mask", DATA + 0x2400);
  static const struct {
    const char *name;
    uint32_t offset;
  } percpu[] = {{"this_cpu_off", 0x100},    {"process_counts", 0x200},
                {"runqueues", 0x1000},      {"kernel_cpustat", 0x2000},
                {"tick_cpu_sched", 0x3000}, {"vm_event_states", 0x4000}};
  for (unsigned i = 0; i < 6; i++)
    symbol(b, percpu[i].name, 'd', true, percpu[i].offset);
  f->possible = possible;
  f->offsets = offsets;
  fake_put32(f, possible, (1u << f->o.cpus) - 1);
  fake_put32(f, online, (1u << f->o.cpus) - 1);
  uint64_t section =
      percpu_in_image(f) ? f->o.at + PERCPU_SECTION + f->delta : 0;
  for (unsigned c = 0; c < f->o.cpus; c++) {
    uint64_t area = f->area[c] = f->o.size - (c + 1ull) * AREA_SIZE;
    f->percpu[c] = fake_direct(f, area) - section;
    fake_put64(f, offsets + 8 * c, f->percpu[c]);
    fake_put64(f, area + 0x100, f->percpu[c]);
    fake_put64(f, area + 0x200, c == 0 ? 45u : (uint64_t)-2); /* processes */
    fake_put32(f, area + 0x1000 + 4, 1 + c);                  /* nr_running */
    fake_put64(f, area + 0x1000 + 112, 1000 + c);             /* switches */
    fake_put32(f, area + 0x1000 + 200, c == 0 ? 5u : (uint32_t)-1);
    fake_put32(f, area + 0x1000 + 240, c == 1); /* nr_iowait */
    put_cpu_time(f, area, c);
    for (unsigned i = 0; i < 7; i++) /* pgpgin … pgmajfault */
      fake_put64(f, area + 0x4000 + 8 * i, 100 * (i + 1) + c);
  }
}

/* Two zones with low watermarks 20 and 30, the second raised by 5. */
static void put_node(struct build *b, uint64_t slab) {
  struct fake_kernel *f = b->f;
  uint64_t node = slab + 0x10000;
  fake_put64(f, variable(b, "node_data", DATA + 0x5000), fake_direct(f, node));
  fake_put32(f, node + 3072, 2);
  fake_put64(f, node + 8, 20);
  fake_put64(f, node + 1024 + 8, 30);
  fake_put64(f, node + 1024 + 32, 5);
}

/* A superblock with three block devices of 10, 20 and 30 pages. */
static void put_inodes(struct build *b, uint64_t slab) {
  struct fake_kernel *f = b->f;
  uint64_t sb = slab + 0x20000, previous = f->inodes_head = sb + 1352;
  fake_put64(f, variable(b, "blockdev_superblock", DATA + 0x5100),
             fake_direct(f, sb));
  for (unsigned i = 0; i < 3; i++) {
    uint64_t inode = f->inode[i] = slab + 0x30000 + i * 0x1000;
    fake_put64(f, previous, fake_direct(f, inode + 272));
    fake_put64(f, inode + 48, fake_direct(f, inode + 368));
    f->pages[i] = inode + 368 + 88;
    fake_put64(f, f->pages[i], 10 * (i + 1));
    previous = inode + 272;
  }
  fake_put64(f, previous, fake_direct(f, f->inodes_head));
}

/* Seven processes: running, asleep, idle (once with a bit of newer kernels
 * beside), in disk sleep, dead; and the idle loop, which is none. */
static void put_tasks(struct build *b, uint64_t slab) {
  struct fake_kernel *f = b->f;
  static const uint32_t states[] = {0, 1, 0x402, 2, 0x2402, 0x402, 0x80};
  uint64_t first = variable(b, "init_task", DATA + 0x8000), previous = first;
  fake_put32(f, first + 24, 0);
  for (unsigned i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
    uint64_t task = f->tasks[i] = slab + 0x50000 + i * 0x4000;
    fake_put32(f, task + 24, states[i]);
    fake_put64(f, previous + 2200, fake_direct(f, task + 2200));
    previous = task;
  }
  fake_put64(f, previous + 2200, first + 2200 + f->delta);
}

/* The firmware's map: RAM below the hole, RAM above 4 GiB. */
static void put_e820(struct build *b, uint64_t slab) {
  struct fake_kernel *f = b->f;
  uint64_t at = slab + 0x40000, low = low_of(f);
  fake_put64(f, variable(b, "e820_table_firmware", DATA + 0x5200),
             fake_direct(f, at));
  fake_put32(f, at, 2);
  fake_put64(f, at + 4, 0);
  fake_put64(f, at + 12, low);
  fake_put32(f, at + 20, 1);
  fake_put64(f, at + 24, 1ull << 32);
  fake_put64(f, at + 32, f->o.size - low);
  fake_put32(f, at + 40, f->o.size > low ? 1 : 2);
}

static void put_globals(struct build *b) {
  struct fake_kernel *f = b->f;
  uint64_t at = f->o.at;
  char banner[128];
  snprintf(banner, sizeof(banner),
           "Linux version %s-fake (builder@example.org) (cc 1) #1 SMP\n",
           versions[f->o.layout]);
  f->banner = variable(b, "linux_banner", RODATA + 0x1200);
  strcpy((char *)f->ram + f->banner, banner);
  strcpy((char *)f->ram + variable(b, "linux_proc_banner", RODATA + 0x140),
         proc_banner);
  if (!f->o.without_banner_page)
    strcpy((char *)f->ram + at + RODATA + 0x200, banner);
  fake_put64(f, variable(b, "phys_base", DATA),
             physical(f, at) - (at + f->delta - KERNEL_MAP));
  fake_put64(f, variable(b, "page_offset_base", DATA + 8), PAGE_OFFSET);
  fake_put32(f, variable(b, "nr_threads", DATA + 0x100), 123);
  fake_put64(f, variable(b, "total_forks", DATA + 0x108), 4567);
  fake_put32(f, variable(b, "tick_nohz_active", DATA + 0x110), 1);
  f->avenrun = variable(b, "avenrun", DATA + 0x200);
  fake_put64(f, f->avenrun, 2048 + 512); /* 1.25 */
  fake_put64(f, f->avenrun + 8, 1024);   /* 0.5 */
  fake_put64(f, f->avenrun + 16, 2);     /* 2/2048 */
  f->forks = b->f->o.at + DATA + 0x108;
  f->jiffies = variable(b, "jiffies_64", DATA + 0x300);
  fake_put64(f, f->jiffies, 4294892296ull + 25000);
  f->last_tick = f->o.at + DATA + 0x308;
  if (!f->o.without_tick_time)
    variable(b, "last_jiffies_update", DATA + 0x308);
  fake_put64(f, f->last_tick, 100000000000ull);
  fake_put64(f, variable(b, "_totalram_pages", DATA + 0x400), 9000);
  fake_put64(f, variable(b, "totalreserve_pages", DATA + 0x408), 100);
  fake_put64(f, variable(b, "total_swap_pages", DATA + 0x410), 0);
}

static void put_fillers(struct build *b) {
  char name[400];
  for (unsigned i = 0; i < FILLERS; i++) {
    snprintf(name, sizeof(name), "filler_%04u", i);
    symbol(b, name, 't', false, 0x100 + 16 * i);
  }
  memset(name, 'z', 300); /* longer than one byte of length can say */
  name[300] = '\0';
  if (b->f->o.layout != FAKE_4_19)
    symbol(b, name, 't', false, 0x80);
}

static uint8_t *map_ram(const struct fake_options *o, int *ret_file) {
  *ret_file = -1;
  if (o->into)
    return o->into;
  if (o->shared)
    *ret_file = memfd_create("ram", MFD_CLOEXEC);
  if (o->shared && ftruncate(*ret_file, (off_t)o->size) < 0)
    abort();
  uint8_t *ram = mmap(
      NULL, o->size, PROT_READ | PROT_WRITE,
      MAP_NORESERVE | (o->shared ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS),
      *ret_file, 0);
  assert(ram != MAP_FAILED);
  return ram;
}

struct fake_kernel *fake_new(const struct fake_options *o) {
  struct fake_kernel *f = calloc(1, sizeof(*f));
  struct build b = {.f = f,
                    .symbols = calloc(FILLERS + 64, sizeof(*b.symbols))};
  f->o = *o;
  f->ram = map_ram(o, &f->file);
  f->delta = KERNEL_MAP + KASLR - o->at;
  uint64_t slab = o->at + SLAB;
  put_globals(&b);
  put_cpus(&b);
  put_vmstat(&b);
  put_node(&b, slab);
  put_inodes(&b, slab);
  put_e820(&b, slab);
  put_tasks(&b, slab);
  if (!o->without_btf) {
    uint64_t types = o->huge_btf ? SLAB + 1 * MIB : TYPES;
    uint64_t end = o->huge_btf ? put_huge_btf(f, o->at + types)
                               : put_btf(f, o->at + types);
    variable(&b, "__start_BTF", types);
    variable(&b, "__stop_BTF", end - o->at);
  }
  put_fillers(&b);
  put_kallsyms(&b);
  free(b.symbols);
  return f;
}

void fake_free(struct fake_kernel *f) {
  if (!f->o.into)
    munmap(f->ram, f->o.size);
  if (f->file >= 0)
    close(f->file);
  free(f);
}
