/* SPDX-License-Identifier: MIT
 *
 * Looking for the running kernel, only where a kernel image can lie.
 *
 * x86-64 puts the image at a multiple of 2 MiB, and within it the read-only
 * data begins at one too. Its first page holds text of the kernel's first
 * objects, among it "Linux version ". So one page in 512 is read, and
 * where it has that text, the digits of a token table (kallsyms.h) are searched
 * in the stretch that follows, as far as read-only data goes. Only when this
 * finds nothing, everything that is present is scanned, as far as the budget
 * goes.
 *
 * After a reboot or kexec the image of the kernel before may still be there,
 * whole: a kernel counts only when its clock (jiffies) goes on.
 */
#include "introspect/kernel.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STEP (2ull << 20)
#define WINDOW (64ull << 20) /* read-only data of a large kernel: 30 MiB */
#define CHUNK (1u << 20)
#define MAX_KERNELS 8 /* whole images, dead ones included */
#define POLL_NS 20000000u

/* Tokens 48 to 57 of every kernel. */
static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
static const char banner[] = "Linux version ";

struct search {
  const struct vr_gmem *m;
  struct vr_gmem scanned; /* the same, as far as it is scanned */
  struct vr_budget *b;
  uint8_t *chunk;
  uint64_t scanned_to; /* windows overlap: nothing is scanned twice */
  unsigned n_kernels;
  struct vr_kernel *found; /* the result */
  struct vr_kernel *trial; /* the one that is tried */
  bool have;               /* found holds a kernel, though it may be dead */
};

/* Does its clock go on? An idle kernel's may rest a while, a second at most. */
static bool is_running(struct search *s, const struct vr_kernel *k) {
  const uint64_t longest = 1200000000u;
  uint64_t at, first, now;
  if (vr_kernel_image(k, VR_SYM_jiffies_64, &at) < 0 ||
      vr_gmem_peek(&k->m, at, &first, sizeof(first), NULL) < 0)
    return false;
  for (uint64_t waited = 0;
       waited < longest && s->b->waited_ns < VR_BUDGET_WAIT_NS && k->m.pid &&
       !vr_budget_cancelled(s->b);
       waited += POLL_NS) {
    nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
    s->b->waited_ns += POLL_NS;
    if (vr_gmem_peek(&k->m, at, &now, sizeof(now), NULL) < 0)
      return false;
    if (now != first)
      return true;
  }
  return false;
}

/* The same offset with the regions' order turned round. */
static uint64_t turned(const struct vr_gmem *m, uint64_t offset) {
  uint64_t address;
  struct vr_gmem r = *m;
  vr_gmem_reverse(&r);
  if (vr_gmem_address(m, offset, 1, &address) == 0)
    for (size_t i = 0; i < r.n_regions; i++)
      if (address - r.regions[i].address < r.regions[i].length)
        return r.regions[i].offset + (address - r.regions[i].address);
  return UINT64_MAX;
}

static int kernel_in_any_order(struct search *s, uint64_t at) {
  int r = vr_kernel_at(s->m, at, s->b, s->trial);
  if (r == -ENOENT && s->m->n_regions > 1) {
    struct vr_gmem m = *s->m;
    vr_gmem_reverse(&m);
    r = vr_kernel_at(&m, turned(s->m, at), s->b, s->trial);
  }
  return r;
}

/* Returns 0 when the running kernel is found, -EAGAIN to go on, else what ends
 * the search. */
static int try_at(struct search *s, uint64_t at) {
  int r = kernel_in_any_order(s, at);
  if (r == -ENOENT)
    return -EAGAIN;
  if (r < 0)
    return r;
  s->trial->running = is_running(s, s->trial);
  if (s->trial->running) {
    *s->found = *s->trial;
    s->have = true;
    return 0;
  }
  if (!s->have)
    *s->found = *s->trial;
  s->have = true;
  return ++s->n_kernels < MAX_KERNELS ? -EAGAIN : -ENOENT;
}

/* Searches one chunk, already read, for token tables. */
static int scan_chunk(struct search *s, uint64_t offset, size_t length) {
  for (size_t at = 0; at + sizeof(digits) <= length;) {
    const uint8_t *hit =
        memmem(s->chunk + at, length - at, digits, sizeof(digits));
    if (!hit)
      break;
    if (vr_budget_spent(s->b))
      return -ETIME;
    int r = try_at(s, offset + (uint64_t)(hit - s->chunk));
    if (r != -EAGAIN)
      return r;
    at = (size_t)(hit - s->chunk) + 1;
  }
  return -EAGAIN;
}

/* Scans a stretch within one region, chunks overlapping by the pattern. */
static int scan(struct search *s, uint64_t begin, uint64_t end) {
  if (begin < s->scanned_to)
    begin = s->scanned_to;
  while (begin < end) {
    size_t length = end - begin < CHUNK ? end - begin : CHUNK, present = 0;
    if (vr_budget_spent(s->b))
      return -ETIME;
    int r = vr_gmem_peek(&s->scanned, begin, s->chunk, length, &present);
    if (r < 0)
      return r;
    s->b->bytes_read += present;
    r = present ? scan_chunk(s, begin, length) : -EAGAIN;
    if (r != -EAGAIN)
      return r;
    begin += length;
    s->scanned_to = begin;
    if (begin < end)
      begin -= sizeof(digits);
  }
  return -EAGAIN;
}

/* Is this page the first of a kernel's read-only data? */
static bool begins_rodata(struct search *s, uint64_t offset) {
  uint8_t page[VR_PAGE];
  size_t present = 0;
  if (vr_gmem_peek(s->m, offset, page, sizeof(page), &present) < 0 || !present)
    return false;
  s->b->bytes_read += present;
  return memmem(page, sizeof(page), banner, sizeof(banner) - 1) != NULL;
}

static int search_region(struct search *s, const struct vr_gmem_region *r) {
  uint64_t end = r->offset + r->length;
  s->scanned_to = r->offset;
  for (uint64_t at = r->offset; at + VR_PAGE <= end; at += STEP) {
    if (vr_budget_spent(s->b))
      return -ETIME;
    if (!begins_rodata(s, at))
      continue;
    int result = scan(s, at, end - at < WINDOW ? end : at + WINDOW);
    if (result != -EAGAIN)
      return result;
  }
  return -EAGAIN;
}

static int search_all(struct search *s) {
  for (size_t i = 0; i < s->m->n_regions; i++) {
    int r = search_region(s, &s->m->regions[i]);
    if (r != -EAGAIN)
      return r;
  }
  /* All of it would be much to bring in from swap or a file. */
  s->scanned.resident = true;
  for (size_t i = 0; i < s->m->n_regions && !s->have; i++) {
    const struct vr_gmem_region *region = &s->m->regions[i];
    s->scanned_to = region->offset;
    int r = scan(s, region->offset, region->offset + region->length);
    if (r != -EAGAIN)
      return r;
  }
  return -EAGAIN;
}

int vr_kernel_search(const struct vr_gmem *m, struct vr_budget *b,
                     struct vr_kernel *ret) {
  vr_auto_free uint8_t *chunk = malloc(CHUNK);
  vr_auto_free struct vr_kernel *found = calloc(2, sizeof(*found));
  if (!chunk || !found)
    return -ENOMEM;
  struct search s = {.m = m,
                     .scanned = *m,
                     .b = b,
                     .chunk = chunk,
                     .found = found,
                     .trial = found + 1};
  int r = search_all(&s);
  /* None runs, one is there: the guest may be paused, or just resting. */
  if ((r == -EAGAIN || r == -ETIME || r == -ENOENT) && s.have)
    r = 0;
  if (r == 0)
    *ret = *s.found;
  return r == -EAGAIN ? -ENOENT : r;
}
