/* SPDX-License-Identifier: MIT
 *
 * Which mappings of a VM process are the guest's RAM. Known layouts:
 *
 *   QEMU               one mapping a memory backend: anonymous, memfd, a file,
 *                      hugetlbfs; the hole below 4 GiB is not in it
 *   Firecracker,       one mapping below the hole and one above, anonymous or
 *   cloud-hypervisor   memfd
 *
 * RAM is readable and writable, not executable (QEMU's code buffer is), and a
 * multiple of 1 MiB. Other memory can be alike (shared with another guest,
 * a device's): so there are several choices, the likeliest first, and what the
 * memory holds decides.
 */
#include "basic/sort.h"
#include "introspect/gmem.h"

#include "basic/cleanup.h"
#include "basic/file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB (1024u * 1024u)
#define MIN_RAM (32ull * MIB)
#define MAX_CANDIDATES 32
#define MAX_MAPS_TEXT (4u * MIB)
#define MAX_SUMS 100000u /* partial sums that are tried for one choice */

struct mapping {
  uint64_t begin, end;
  struct vr_backing backing;
  bool ram_like;
};

static uint64_t length_of(const struct mapping *m) { return m->end - m->begin; }

/* The kernel's own names, as [heap], are not of RAM; one that the program gave
 * to anonymous memory means nothing. */
static bool has_own_name(const char *line) {
  size_t length = strcspn(line, "\n"), at = 0;
  for (int field = 0; field < 5; field++) {
    at += strcspn(line + at, " \n");
    at += strspn(line + at, " ");
  }
  return at < length && line[at] == '[' &&
         strncmp(line + at, "[anon:", strlen("[anon:")) != 0;
}

static bool parse_line(const char *line, struct mapping *ret) {
  char perms[5];
  struct vr_backing *b = &ret->backing;
  if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64,
             &ret->begin, &ret->end, perms, &b->offset, &b->major, &b->minor,
             &b->inode) != 7)
    return false;
  ret->ram_like = perms[0] == 'r' && perms[1] == 'w' && perms[2] != 'x' &&
                  !has_own_name(line);
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
      if (join && last && last->end == m.begin &&
          last->backing.inode == m.backing.inode)
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

/* Sets of mappings whose lengths sum up to a size, one after the other. */
struct sums {
  const struct mapping *all; /* longest first */
  size_t n;
  size_t set[VR_GMEM_MAX_REGIONS], n_set;
  unsigned skip;  /* sets that are passed over */
  unsigned steps; /* how many partial sums may still be tried */
};

/* Goes on with mappings from FIRST on, MORE of them, LEFT bytes together. */
static bool find_sum(struct sums *s, size_t first, size_t more, uint64_t left) {
  if (more == 0)
    return left == 0 && s->skip-- == 0;
  for (size_t i = first; i + more <= s->n && s->steps > 0; i++) {
    s->steps--;
    uint64_t length = length_of(&s->all[i]);
    if (length > left || length * more < left)
      continue;
    s->set[s->n_set++] = i;
    if (find_sum(s, i + 1, more - 1, left - length))
      return true;
    s->n_set--;
  }
  return false;
}

/* Choice number CHOICE: sets of one mapping before those of two, and so on. */
static bool choose_by_size(struct sums *s, uint64_t size, unsigned choice) {
  s->skip = choice;
  s->steps = MAX_SUMS;
  for (size_t n = 1; n <= VR_GMEM_MAX_REGIONS && n <= s->n; n++)
    if (find_sum(s, 0, n, size))
      return true;
  return false;
}

/* Two mappings can be one RAM where the hole splits it: the lower part is then
 * 2 to 3.5 GiB, whatever the other's size. */
static bool may_be_split(const struct mapping *x, const struct mapping *y) {
  const uint64_t low = 2048ull * MIB, high = 3584ull * MIB;
  uint64_t a = length_of(x), b = length_of(y);
  return (a >= low && a <= high) || (b >= low && b <= high);
}

/* The same without knowing the size: the longest two if the hole can lie
 * between them, each alone, the longest first, then other pairs. */
static bool choose_by_guess(struct sums *s, unsigned choice) {
  for (size_t i = 0; i < s->n; i++) {
    if (i + 1 < s->n && may_be_split(&s->all[i], &s->all[i + 1]) &&
        choice-- == 0) {
      s->set[0] = i;
      s->set[1] = i + 1;
      s->n_set = 2;
      return true;
    }
    if (choice-- == 0) {
      s->set[0] = i;
      s->n_set = 1;
      return true;
    }
  }
  return false;
}

static int by_address(const void *a, const void *b) {
  const struct vr_gmem_region *x = a, *y = b;
  return x->address < y->address ? -1 : x->address > y->address;
}

static struct vr_gmem gmem_of(const struct sums *s) {
  struct vr_gmem m = {.pagemap = -1, .n_regions = s->n_set};
  for (size_t i = 0; i < s->n_set; i++) {
    const struct mapping *from = &s->all[s->set[i]];
    m.regions[i] = (struct vr_gmem_region){.address = from->begin,
                                           .length = length_of(from),
                                           .backing = from->backing};
  }
  vr_sort(m.regions, m.n_regions, sizeof(m.regions[0]), by_address);
  for (size_t i = 0; i < m.n_regions; i++) {
    m.regions[i].offset = m.size;
    m.size += m.regions[i].length;
  }
  return m;
}

int vr_gmem_parse_maps(struct vr_gmem *ret_m, const char *maps, uint64_t size,
                       unsigned choice) {
  struct mapping all[MAX_CANDIDATES];
  bool joined = false;
  struct sums s = {.all = all};
  do {
    s.n = read_maps(maps, joined, all);
    vr_sort(all, s.n, sizeof(all[0]), by_length);
    if (size ? choose_by_size(&s, size, choice) : choose_by_guess(&s, choice)) {
      *ret_m = gmem_of(&s);
      return 0;
    }
    joined = !joined;
  } while (joined);
  return -ENOENT;
}

int vr_gmem_from_process(struct vr_gmem *ret_m, pid_t pid, uint64_t size,
                         unsigned choice) {
  char path[64];
  vr_auto_free char *text = NULL;
  snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
  int r = vr_file_read(path, MAX_MAPS_TEXT, &text, NULL);
  if (r < 0)
    return r == -ENOENT ? -ESRCH : r;
  r = vr_gmem_parse_maps(ret_m, text, size, choice);
  if (r == 0)
    ret_m->pid = pid;
  return r;
}
