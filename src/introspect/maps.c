/* SPDX-License-Identifier: MIT
 *
 * Which mappings of a VM process are the guest's RAM. Known layouts:
 *
 *   QEMU               one mapping a memory backend: anonymous, memfd, a file,
 *                      hugetlbfs; the hole below 4 GiB is not in it
 *   Firecracker,       one mapping below the hole and one above, anonymous or
 *   cloud-hypervisor   memfd
 *
 * RAM is readable and writable, not executable (QEMU's code buffer is), a
 * multiple of 1 MiB, and larger than anything else of that kind.
 */
#include "introspect/gmem.h"

#include "basic/cleanup.h"
#include "basic/fileio.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1024u * 1024u)
#define MIN_RAM (32ull * MIB)
#define MAX_CANDIDATES 32
#define MAX_MAPS_TEXT (4u * MIB)

struct mapping {
  uint64_t begin, end, inode;
  bool ram_like;
};

static uint64_t length_of(const struct mapping *m) { return m->end - m->begin; }

static bool parse_line(const char *line, struct mapping *ret) {
  char perms[5];
  uint64_t offset;
  unsigned major, minor;
  if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64,
             &ret->begin, &ret->end, perms, &offset, &major, &minor,
             &ret->inode) != 7)
    return false;
  ret->ram_like = perms[0] == 'r' && perms[1] == 'w' && perms[2] != 'x' &&
                  !memchr(line, '[', strcspn(line, "\n"));
  return true;
}

/* The mappings that could be RAM. With JOIN, one that continues the last is
 * part of it: the kernel splits a mapping where its flags differ. */
static size_t read_maps(const char *maps, bool join, struct mapping *all) {
  struct mapping m;
  size_t n = 0, kept = 0;
  for (const char *line = maps; line && *line && n < MAX_CANDIDATES;) {
    if (parse_line(line, &m) && m.ram_like) {
      struct mapping *last = n ? &all[n - 1] : NULL;
      if (join && last && last->end == m.begin && last->inode == m.inode)
        last->end = m.end;
      else if (last && length_of(last) < MIN_RAM)
        *last = m;
      else
        all[n++] = m;
    }
    line = strchr(line, '\n');
    line = line ? line + 1 : NULL;
  }
  for (size_t i = 0; i < n; i++)
    if (length_of(&all[i]) >= MIN_RAM && length_of(&all[i]) % MIB == 0)
      all[kept++] = all[i];
  return kept;
}

static int by_length(const void *a, const void *b) {
  const struct mapping *x = a, *y = b;
  uint64_t lx = length_of(x), ly = length_of(y);
  return (lx < ly) - (lx > ly);
}

/* The mapping of exactly SIZE bytes, or N. */
static size_t find_exact(const struct mapping *all, size_t n, uint64_t size) {
  for (size_t i = 0; i < n; i++)
    if (length_of(&all[i]) == size)
      return i;
  return n;
}

/* Of mappings sorted by length, longest first: how many make up SIZE bytes? */
static size_t count_sum(const struct mapping *all, size_t n, uint64_t size) {
  uint64_t sum = 0;
  for (size_t i = 0; i < n && i < VR_GMEM_MAX_REGIONS; i++) {
    sum += length_of(&all[i]);
    if (sum >= size)
      return i + 1;
  }
  return 0;
}

/* The same without knowing the size. Two mappings are one RAM where the hole
 * splits it: the lower part is then 2 to 3.5 GiB, whatever the other's size. */
static size_t count_guess(const struct mapping *all, size_t n) {
  const uint64_t low = 2048ull * MIB, high = 3584ull * MIB;
  for (size_t i = 0; n >= 2 && i < 2; i++)
    if (length_of(&all[i]) >= low && length_of(&all[i]) <= high)
      return 2;
  return n ? 1 : 0;
}

static int by_address(const void *a, const void *b) {
  const struct vr_gmem_region *x = a, *y = b;
  return x->address < y->address ? -1 : x->address > y->address;
}

/* Of the N mappings of ALL, takes those that are the RAM to the front; returns
 * how many, 0 for none. */
static size_t choose(struct mapping *all, size_t n, uint64_t size) {
  qsort(all, n, sizeof(all[0]), by_length);
  size_t exact = find_exact(all, n, size);
  if (exact < n) {
    all[0] = all[exact];
    return 1;
  }
  return size ? count_sum(all, n, size) : count_guess(all, n);
}

int vr_gmem_parse_maps(struct vr_gmem *ret_m, const char *maps, uint64_t size) {
  struct mapping all[MAX_CANDIDATES];
  size_t n = choose(all, read_maps(maps, false, all), size);
  if (n == 0)
    n = choose(all, read_maps(maps, true, all), size);
  if (n == 0)
    return -ENOENT;

  struct vr_gmem gm = {.pagemap = -1, .n_regions = n};
  for (size_t i = 0; i < n; i++)
    gm.regions[i] = (struct vr_gmem_region){.address = all[i].begin,
                                            .length = length_of(&all[i])};
  qsort(gm.regions, n, sizeof(gm.regions[0]), by_address);
  for (size_t i = 0; i < n; i++) {
    gm.regions[i].offset = gm.size;
    gm.size += gm.regions[i].length;
  }
  *ret_m = gm;
  return 0;
}

int vr_gmem_from_process(struct vr_gmem *ret_m, pid_t pid, uint64_t size) {
  char path[64];
  vr_auto_free char *text = NULL;
  snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
  int r = vr_read_file(path, MAX_MAPS_TEXT, &text, NULL);
  if (r < 0)
    return r == -ENOENT ? -ESRCH : r;
  r = vr_gmem_parse_maps(ret_m, text, size);
  if (r == 0)
    ret_m->pid = pid;
  return r;
}
