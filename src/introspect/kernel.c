/* SPDX-License-Identifier: MIT */
#include "introspect/kernel.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KERNEL_MAP 0xffffffff80000000ull
#define KERNEL_MAP_SIZE (1ull << 30)
#define DEFAULT_PAGE_OFFSET 0xffff888000000000ull /* without memory KASLR */
#define FOUR_GIB (1ull << 32)
#define MAX_E820 256
#define MAX_VMSTAT 320

static const char *const symbol_names[] = {
#define X(name) #name,
    VR_KERNEL_SYMBOLS(X)
#undef X
};

static const struct vr_btf_member member_names[] = {
#define X(structure, member) {#structure, #member, -1, -1},
    VR_KERNEL_MEMBERS(X)
#undef X
};

static const char *const vmstat_names[] = {
#define X(name) #name,
    VR_KERNEL_VMSTAT(X)
#undef X
};

/* Reading during a search goes by peek, which faults nothing in. */
static int peek(const struct vr_kernel *k, uint64_t offset, void *buffer,
                size_t length) {
  return vr_gmem_peek(&k->m, offset, buffer, length, NULL);
}

int vr_kernel_read_pointer(const struct vr_kernel *k, uint64_t offset,
                           uint64_t *ret) {
  return peek(k, offset, ret, sizeof(*ret));
}

/* The hole of the physical address space lies below 4 GiB. */
static int offset_of_physical(const struct vr_kernel *k, uint64_t physical,
                              uint64_t *ret) {
  uint64_t offset = physical;
  if (physical >= FOUR_GIB && k->low < k->m.size)
    offset = physical - FOUR_GIB + k->low;
  else if (physical >= k->low)
    return -ENOENT;
  if (offset >= k->m.size)
    return -ENOENT;
  *ret = offset;
  return 0;
}

static uint64_t physical_of_offset(const struct vr_kernel *k, uint64_t offset) {
  return offset < k->low ? offset : offset - k->low + FOUR_GIB;
}

int vr_kernel_translate(const struct vr_kernel *k, uint64_t va, uint64_t *ret) {
  if (va >= KERNEL_MAP) {
    if (va - KERNEL_MAP >= KERNEL_MAP_SIZE || va - k->delta >= k->m.size)
      return -ENOENT;
    *ret = va - k->delta;
    return 0;
  }
  if (va < k->page_offset)
    return -ENOENT;
  return offset_of_physical(k, va - k->page_offset, ret);
}

int vr_kernel_image(const struct vr_kernel *k, enum vr_kernel_symbol s,
                    uint64_t *ret) {
  if (!k->symbols[s].found || !k->symbols[s].in_image)
    return -ENOENT;
  *ret = k->symbols[s].value;
  return 0;
}

/* Up to 6.14 per-CPU symbols are absolute, from 6.15 they lie in the image: the
 * sum with the CPU's offset is the address in both. */
int vr_kernel_percpu(const struct vr_kernel *k, enum vr_kernel_symbol s,
                     unsigned cpu, uint64_t *ret) {
  const struct vr_symbol *symbol = &k->symbols[s];
  if (!symbol->found || cpu >= k->n_cpus || k->percpu[cpu] == 0)
    return -ENOENT;
  uint64_t va = symbol->value + (symbol->in_image ? k->delta : 0);
  return vr_kernel_translate(k, va + k->percpu[cpu], ret);
}

unsigned vr_kernel_version(const struct vr_kernel *k) {
  unsigned version = 0;
  const char *digit = k->banner + strlen("Linux version ");
  for (; *digit >= '0' && *digit <= '9' && version < 1000; digit++)
    version = 10 * version + (unsigned)(*digit - '0');
  return version;
}

static int read_image(const struct vr_kernel *k, enum vr_kernel_symbol s,
                      void *buffer, size_t length) {
  uint64_t offset;
  int r = vr_kernel_image(k, s, &offset);
  return r < 0 ? r : peek(k, offset, buffer, length);
}

/* The possible CPUs, numbered without a gap as x86 numbers them. A sum that
 * leaves some of them out would be wrong: of a guest with more CPUs than are
 * known here, nothing is given. */
static int read_cpus(struct vr_kernel *k) {
  uint8_t mask[VR_KERNEL_MAX_CPUS / 8 + 1];
  if (read_image(k, VR_SYM___cpu_possible_mask, mask, sizeof(mask)) < 0)
    return -ENOENT;
  unsigned n = 0;
  while (n <= VR_KERNEL_MAX_CPUS && mask[n / 8] & 1u << n % 8)
    n++;
  if (n == 0 || n > VR_KERNEL_MAX_CPUS ||
      read_image(k, VR_SYM___per_cpu_offset, k->percpu,
                 n * sizeof(k->percpu[0])) < 0)
    return -ENOENT;
  k->n_cpus = n;
  return 0;
}

/* Every CPU keeps its own offset in its area: the proof that the way from
 * virtual addresses to RAM offsets is right. */
static bool percpu_fits(const struct vr_kernel *k) {
  for (unsigned cpu = 0; cpu < k->n_cpus; cpu++) {
    uint64_t at, own;
    if (vr_kernel_percpu(k, VR_SYM_this_cpu_off, cpu, &at) < 0 ||
        peek(k, at, &own, sizeof(own)) < 0 || own != k->percpu[cpu])
      return false;
  }
  return true;
}

struct e820_entry {
  uint64_t address, size;
  uint32_t type;
} __attribute__((packed));

/* RAM above 4 GiB, by the firmware's memory map, which the kernel keeps.
 * Returns 0, -ENOENT when the kernel has no map, -EINVAL when it is none. */
static int read_high(const struct vr_kernel *k, uint64_t *ret) {
  uint64_t pointer, at, high = 0;
  uint32_t n;
  struct e820_entry entries[MAX_E820];
  if (read_image(k, VR_SYM_e820_table_firmware, &pointer, sizeof(pointer)) < 0)
    return -ENOENT;
  if (vr_kernel_translate(k, pointer, &at) < 0 ||
      peek(k, at, &n, sizeof(n)) < 0 || n == 0 || n > MAX_E820 ||
      peek(k, at + sizeof(n), entries, n * sizeof(entries[0])) < 0)
    return -EINVAL;
  for (uint32_t i = 0; i < n; i++)
    if (entries[i].address >= FOUR_GIB && entries[i].type == 1)
      high += entries[i].size;
  *ret = high;
  return 0;
}

/* The rest is below: does that agree with k->low? */
static bool e820_fits(const struct vr_kernel *k) {
  uint64_t high;
  int r = read_high(k, &high);
  return r == -ENOENT ||
         (r == 0 && high <= k->m.size && k->m.size - high == k->low);
}

/* Tries where the hole is, with the kernel's own phys_base as arbiter. */
static bool layout_fits(struct vr_kernel *k, uint64_t low) {
  uint64_t banner = k->symbols[VR_SYM_linux_banner].value, phys_base;
  k->low = low;
  if (read_image(k, VR_SYM_phys_base, &phys_base, sizeof(phys_base)) < 0)
    return false;
  uint64_t delta =
      physical_of_offset(k, banner) - banner + KERNEL_MAP - phys_base;
  if (k->delta != 0 && k->delta != delta)
    return false;
  uint64_t known = k->delta;
  k->delta = delta;
  if (percpu_fits(k) && e820_fits(k))
    return true;
  k->delta = known;
  return false;
}

/* Wherever else the hole is: the map lies below it, so it can be found before
 * that is known. */
static bool layout_by_map_fits(struct vr_kernel *k) {
  uint64_t high;
  k->low = k->m.size;
  return read_high(k, &high) == 0 && high < k->m.size &&
         layout_fits(k, k->m.size - high);
}

/* QEMU q35 begins the hole at 2 or 2.75 GiB, i440fx at 3 or 3.5 GiB,
 * Firecracker at 3.25 GiB (3 GiB before), cloud-hypervisor at 3 GiB. */
static int find_layout(struct vr_kernel *k) {
  const uint64_t lows[] = {
      k->m.size,   2ull << 30,  3ull << 30, 13ull << 28,
      11ull << 28, 14ull << 28, 5ull << 29, k->m.regions[0].length};
  if (read_image(k, VR_SYM_page_offset_base, &k->page_offset,
                 sizeof(k->page_offset)) < 0)
    k->page_offset = DEFAULT_PAGE_OFFSET;
  for (size_t i = 0; i < sizeof(lows) / sizeof(lows[0]); i++)
    if (lows[i] <= k->m.size && layout_fits(k, lows[i]))
      return 0;
  return layout_by_map_fits(k) ? 0 : -ENOENT;
}

/* Text of at most SIZE - 1 characters at a kernel pointer. */
static int read_text(const struct vr_kernel *k, uint64_t pointer, char *text,
                     size_t size) {
  uint64_t at;
  int r = vr_kernel_translate(k, pointer, &at);
  if (r == 0)
    r = peek(k, at, text, size - 1);
  if (r == 0)
    text[size - 1] = '\0';
  return r;
}

/* The kernel prints /proc/vmstat by a table of names: the order of its items.
 * It ends where a pointer is no pointer or a name no name. */
static int read_vmstat_names(struct vr_kernel *k, struct vr_budget *b) {
  uint64_t at, pointers[MAX_VMSTAT];
  for (int i = 0; i < VR_VMS_COUNT; i++)
    k->vmstat[i] = -1;
  if (vr_kernel_image(k, VR_SYM_vmstat_text, &at) < 0 ||
      peek(k, at, pointers, sizeof(pointers)) < 0)
    return 0;
  for (int i = 0; i < MAX_VMSTAT; i++) {
    char text[40];
    if (vr_budget_spent(b))
      return -ETIME;
    if (pointers[i] < KERNEL_MAP ||
        read_text(k, pointers[i], text, sizeof(text)) < 0 || text[0] < 'a' ||
        text[0] > 'z')
      break;
    for (int j = 0; j < VR_VMS_COUNT; j++)
      if (k->vmstat[j] < 0 && strcmp(text, vmstat_names[j]) == 0)
        k->vmstat[j] = i;
  }
  return 0;
}

/* The type information is a section of its own in the image. */
static int read_members(struct vr_kernel *k, struct vr_budget *b) {
  uint64_t begin, end;
  memcpy(k->members, member_names, sizeof(member_names));
  if (vr_kernel_image(k, VR_SYM___start_BTF, &begin) < 0 ||
      vr_kernel_image(k, VR_SYM___stop_BTF, &end) < 0 || end <= begin ||
      end - begin > VR_BTF_MAX_SIZE)
    return 0;
  /* libbpf does not ask. */
  if (vr_budget_spent(b))
    return -ETIME;
  vr_auto_free uint8_t *data = malloc(end - begin);
  if (!data)
    return -ENOMEM;
  if (peek(k, begin, data, end - begin) < 0)
    return 0;
  b->bytes_read += end - begin;
  k->has_btf = vr_btf_find(data, end - begin, k->members, VR_MEM_COUNT) == 0;
  return 0;
}

static int read_symbols(struct vr_kernel *k, uint64_t digits,
                        struct vr_budget *b) {
  vr_cleanup(vr_kallsyms_free) struct vr_kallsyms table = {0};
  int r = vr_kallsyms_at(&k->m, digits, b, &table);
  if (r < 0)
    return r;
  for (int i = 0; i < VR_SYM_COUNT; i++)
    k->symbols[i] = (struct vr_symbol){.name = symbol_names[i]};
  r = vr_kallsyms_lookup(&table, k->symbols, VR_SYM_COUNT, b);
  if (r == 0)
    r = vr_kallsyms_resolve(&table, &k->m, k->symbols, VR_SYM_COUNT,
                            &k->symbols[VR_SYM_linux_banner],
                            &k->symbols[VR_SYM_linux_proc_banner], b);
  k->delta = table.delta;
  return r;
}

int vr_kernel_at(const struct vr_gmem *m, uint64_t digits, struct vr_budget *b,
                 struct vr_kernel *ret) {
  vr_auto_free struct vr_kernel *k = calloc(1, sizeof(*k));
  if (!k)
    return -ENOMEM;
  k->m = *m;
  int r = read_symbols(k, digits, b);
  if (r == 0)
    r = read_image(k, VR_SYM_linux_banner, k->banner, sizeof(k->banner));
  if (r == 0)
    r = read_cpus(k);
  if (r == 0)
    r = find_layout(k);
  if (r == 0)
    r = read_vmstat_names(k, b);
  if (r == 0)
    r = read_members(k, b);
  if (r == 0)
    *ret = *k;
  return r == -ERANGE ? -ENOENT : r;
}
