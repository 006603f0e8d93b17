/* SPDX-License-Identifier: MIT */
#include "introspect/gmem.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* Bits of an entry of /proc/PID/pagemap (Documentation/admin-guide/mm). */
#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_SWAPPED (1ull << 62)
#define PEEK_PAGES 64

void vr_gmem_from_buffer(struct vr_gmem *ret_m, const void *data,
                         size_t length) {
  *ret_m = (struct vr_gmem){
      .pagemap = -1,
      .size = length,
      .n_regions = 1,
      .regions = {{.address = (uintptr_t)data, .length = length}},
  };
}

int vr_gmem_begin_search(struct vr_gmem *m) {
  if (!m->pid)
    return 0;
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)m->pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? -ESRCH : -errno;
  m->pagemap = fd;
  return 0;
}

void vr_gmem_end_search(struct vr_gmem *m) {
  vr_closep(&m->pagemap);
  m->pagemap = -1;
}

void vr_gmem_reverse(struct vr_gmem *m) {
  uint64_t offset = 0;
  for (size_t i = 0; i < m->n_regions / 2; i++) {
    struct vr_gmem_region r = m->regions[i];
    m->regions[i] = m->regions[m->n_regions - 1 - i];
    m->regions[m->n_regions - 1 - i] = r;
  }
  for (size_t i = 0; i < m->n_regions; i++) {
    m->regions[i].offset = offset;
    offset += m->regions[i].length;
  }
}

static const struct vr_gmem_region *region_of(const struct vr_gmem *m,
                                              uint64_t offset) {
  for (size_t i = 0; i < m->n_regions; i++)
    if (offset - m->regions[i].offset < m->regions[i].length)
      return &m->regions[i];
  return NULL;
}

int vr_gmem_address(const struct vr_gmem *m, uint64_t offset, size_t length,
                    uint64_t *ret_address) {
  const struct vr_gmem_region *r = region_of(m, offset);
  if (!r || length > r->length - (offset - r->offset))
    return -ERANGE;
  *ret_address = r->address + (offset - r->offset);
  return 0;
}

static int read_vectors_once(pid_t pid, const struct iovec *local,
                             const struct iovec *remote, size_t n) {
  size_t total = 0;
  for (size_t i = 0; i < n; i++)
    total += remote[i].iov_len;
  ssize_t got = process_vm_readv(pid, local, n, remote, n, 0);
  if (got < 0)
    return -errno;
  return (size_t)got == total ? 0 : -EFAULT;
}

int vr_gmem_read_vectors(const struct vr_gmem *m, const struct iovec *local,
                         const struct iovec *remote, size_t n) {
  if (!m->pid) {
    for (size_t i = 0; i < n; i++)
      memcpy(local[i].iov_base, remote[i].iov_base, remote[i].iov_len);
    return 0;
  }
  for (size_t done = 0; done < n;) {
    size_t part = n - done < IOV_MAX ? n - done : IOV_MAX;
    int r = read_vectors_once(m->pid, local + done, remote + done, part);
    if (r < 0)
      return r;
    done += part;
  }
  return 0;
}

int vr_gmem_read(const struct vr_gmem *m, uint64_t offset, void *buffer,
                 size_t length) {
  uint64_t address;
  int r = vr_gmem_address(m, offset, length, &address);
  if (r < 0)
    return r;
  struct iovec local = {buffer, length};
  struct iovec remote = {(void *)(uintptr_t)address, length};
  return vr_gmem_read_vectors(m, &local, &remote, 1);
}

/* Reads the runs of present pages among N pages at ADDRESS. */
static int peek_pages(const struct vr_gmem *m, uint64_t address, char *buffer,
                      size_t n, size_t *present) {
  uint64_t entries[PEEK_PAGES];
  size_t want = n * sizeof(entries[0]);
  ssize_t got = pread(m->pagemap, entries, want,
                      (off_t)(address / VR_PAGE * sizeof(entries[0])));
  if (got < 0)
    return -errno;
  if ((size_t)got != want)
    return -ESRCH;
  struct iovec local[PEEK_PAGES], remote[PEEK_PAGES];
  size_t runs = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(entries[i] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED))) {
      memset(buffer + i * VR_PAGE, 0, VR_PAGE);
      continue;
    }
    *present += VR_PAGE;
    char *from = (char *)(uintptr_t)address + i * VR_PAGE;
    if (runs &&
        (char *)remote[runs - 1].iov_base + remote[runs - 1].iov_len == from) {
      local[runs - 1].iov_len += VR_PAGE;
      remote[runs - 1].iov_len += VR_PAGE;
    } else {
      local[runs] = (struct iovec){buffer + i * VR_PAGE, VR_PAGE};
      remote[runs++] = (struct iovec){from, VR_PAGE};
    }
  }
  return runs ? vr_gmem_read_vectors(m, local, remote, runs) : 0;
}

/* Whole pages through the pagemap, so that what lies between them and the
 * asked range is cut off afterwards. */
static int peek_unaligned(const struct vr_gmem *m, uint64_t address,
                          char *buffer, size_t length, size_t *present) {
  char page[VR_PAGE];
  while (length > 0) {
    size_t skip = address % VR_PAGE;
    size_t part = VR_PAGE - skip < length ? VR_PAGE - skip : length;
    if (skip == 0 && length >= VR_PAGE) {
      size_t pages = length / VR_PAGE;
      pages = pages < PEEK_PAGES ? pages : PEEK_PAGES;
      part = pages * VR_PAGE;
      int r = peek_pages(m, address, buffer, pages, present);
      if (r < 0)
        return r;
    } else {
      size_t got = 0;
      int r = peek_pages(m, address - skip, page, 1, &got);
      if (r < 0)
        return r;
      memcpy(buffer, page + skip, part);
      *present += got ? part : 0;
    }
    address += part;
    buffer += part;
    length -= part;
  }
  return 0;
}

int vr_gmem_peek(const struct vr_gmem *m, uint64_t offset, void *buffer,
                 size_t length, size_t *ret_present) {
  uint64_t address;
  size_t present = 0;
  int r = vr_gmem_address(m, offset, length, &address);
  if (r < 0)
    return r;
  if (m->pid) {
    r = peek_unaligned(m, address, buffer, length, &present);
    if (r < 0)
      return r;
  } else {
    memcpy(buffer, (const void *)(uintptr_t)address, length);
    present = length;
  }
  if (ret_present)
    *ret_present = present;
  return 0;
}
