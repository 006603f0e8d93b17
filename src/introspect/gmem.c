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

static void open_files(struct vr_gmem *m) {
  for (size_t i = 0; i < m->n_regions; i++) {
    struct vr_gmem_region *r = &m->regions[i];
    r->file = vr_backing_open(m->pid, r->address, r->address + r->length,
                              &r->backing);
    r->has_file = r->file >= 0;
  }
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
  open_files(m);
  return 0;
}

void vr_gmem_forget_search(struct vr_gmem *m) {
  m->pagemap = -1;
  for (size_t i = 0; i < m->n_regions; i++)
    m->regions[i].has_file = false;
}

void vr_gmem_end_search(struct vr_gmem *m) {
  vr_closep(&m->pagemap);
  for (size_t i = 0; i < m->n_regions; i++)
    if (m->regions[i].has_file)
      close(m->regions[i].file);
  vr_gmem_forget_search(m);
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

/* Where a page is. */
enum place { NOWHERE, IN_MEMORY, IN_FILE };

static uint64_t file_offset(const struct vr_gmem_region *r, uint64_t address) {
  return r->backing.offset + (address - r->address);
}

static enum place place_of(const struct vr_gmem *m,
                           const struct vr_gmem_region *r, uint64_t address,
                           uint64_t entry) {
  if (entry & PAGEMAP_PRESENT)
    return IN_MEMORY;
  if (m->resident)
    return NOWHERE;
  if (entry & PAGEMAP_SWAPPED)
    return IN_MEMORY;
  return r->has_file && vr_backing_has(r->file, file_offset(r, address))
             ? IN_FILE
             : NOWHERE;
}

/* Where the N pages at ADDRESS, in the region R, are. */
static int find_pages(const struct vr_gmem *m, const struct vr_gmem_region *r,
                      uint64_t address, size_t n, enum place *places) {
  uint64_t entries[PEEK_PAGES];
  size_t want = n * sizeof(entries[0]);
  ssize_t got = pread(m->pagemap, entries, want,
                      (off_t)(address / VR_PAGE * sizeof(entries[0])));
  if (got < 0)
    return -errno;
  if ((size_t)got != want)
    return -ESRCH;
  for (size_t i = 0; i < n; i++)
    places[i] = place_of(m, r, address + i * VR_PAGE, entries[i]);
  return 0;
}

/* Reads a page that only the file has; what cannot be read counts as not there.
 */
static bool read_file_page(const struct vr_gmem_region *r, uint64_t address,
                           char *buffer) {
  return pread(r->file, buffer, VR_PAGE, (off_t)file_offset(r, address)) ==
         VR_PAGE;
}

/* Reads the runs of touched pages among N pages at ADDRESS. */
static int peek_pages(const struct vr_gmem *m, const struct vr_gmem_region *r,
                      uint64_t address, char *buffer, size_t n,
                      size_t *present) {
  struct iovec local[PEEK_PAGES], remote[PEEK_PAGES];
  enum place places[PEEK_PAGES];
  size_t runs = 0;
  int result = find_pages(m, r, address, n, places);
  for (size_t i = 0; result == 0 && i < n; i++) {
    char *to = buffer + i * VR_PAGE;
    char *from = (char *)(uintptr_t)address + i * VR_PAGE;
    if (places[i] == IN_FILE && !read_file_page(r, (uintptr_t)from, to))
      places[i] = NOWHERE;
    *present += places[i] != NOWHERE ? VR_PAGE : 0;
    if (places[i] == NOWHERE)
      memset(to, 0, VR_PAGE);
    if (places[i] != IN_MEMORY)
      continue;
    if (runs &&
        (char *)remote[runs - 1].iov_base + remote[runs - 1].iov_len == from) {
      local[runs - 1].iov_len += VR_PAGE;
      remote[runs - 1].iov_len += VR_PAGE;
    } else {
      local[runs] = (struct iovec){to, VR_PAGE};
      remote[runs++] = (struct iovec){from, VR_PAGE};
    }
  }
  return result < 0 || runs == 0 ? result
                                 : vr_gmem_read_vectors(m, local, remote, runs);
}

/* Whole pages through the pagemap, so that what lies between them and the
 * asked range is cut off afterwards. */
static int peek_unaligned(const struct vr_gmem *m,
                          const struct vr_gmem_region *region, uint64_t address,
                          char *buffer, size_t length, size_t *present) {
  char page[VR_PAGE];
  while (length > 0) {
    size_t skip = address % VR_PAGE;
    size_t part = VR_PAGE - skip < length ? VR_PAGE - skip : length;
    if (skip == 0 && length >= VR_PAGE) {
      size_t pages = length / VR_PAGE;
      pages = pages < PEEK_PAGES ? pages : PEEK_PAGES;
      part = pages * VR_PAGE;
      int r = peek_pages(m, region, address, buffer, pages, present);
      if (r < 0)
        return r;
    } else {
      size_t got = 0;
      int r = peek_pages(m, region, address - skip, page, 1, &got);
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
    r = peek_unaligned(m, region_of(m, offset), address, buffer, length,
                       &present);
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

bool vr_gmem_is_there(const struct vr_gmem *m, uint64_t offset, size_t length) {
  uint64_t address;
  enum place places[PEEK_PAGES];
  if (vr_gmem_address(m, offset, length, &address) < 0)
    return false;
  if (m->pagemap < 0)
    return true;
  size_t n = (address % VR_PAGE + length + VR_PAGE - 1) / VR_PAGE;
  if (n > PEEK_PAGES || find_pages(m, region_of(m, offset),
                                   address - address % VR_PAGE, n, places) < 0)
    return false;
  for (size_t i = 0; i < n; i++)
    if (places[i] == NOWHERE)
      return false;
  return true;
}
