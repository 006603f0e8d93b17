/* SPDX-License-Identifier: MIT
 *
 * A guest's RAM as one linear space of offsets, whatever holds it: the mappings
 * of a live VM process, or an image in a file or buffer (tests, recorded
 * memory). Offsets count through the RAM without the holes that the machine's
 * physical addresses have; kernel.h has the way from one to the other.
 *
 * Promise: pages that the guest never touched are neither read nor faulted in
 * by vr_gmem_peek(), which all searching, planning and following of lists goes
 * by; nothing is ever written. A page counts as touched when the process's page
 * table or swap has it, or the file that it maps.
 */
#ifndef VR_INTROSPECT_GMEM_H
#define VR_INTROSPECT_GMEM_H

#include "introspect/backing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define VR_GMEM_MAX_REGIONS 8
#define VR_PAGE 4096u

struct vr_gmem_region {
  uint64_t address; /* in the VM process (or the buffer) */
  uint64_t offset;  /* of its first byte in the linear space */
  uint64_t length;
  struct vr_backing backing;
  bool has_file; /* while a search runs, and the file could be opened */
  int file;      /* then: its descriptor */
};

struct vr_gmem {
  pid_t pid;     /* 0: an image in this process */
  int pagemap;   /* /proc/PID/pagemap while a search runs, else -1 */
  bool resident; /* what is swapped out, or in the file only, counts as not
                    touched: for scanning all of it */
  uint64_t size; /* sum of the regions' lengths */
  size_t n_regions;
  struct vr_gmem_region regions[VR_GMEM_MAX_REGIONS];
};

/* Memory of an image: LENGTH bytes at DATA, which must outlive it. */
void vr_gmem_from_buffer(struct vr_gmem *ret_m, const void *data,
                         size_t length);

/* Finds guest RAM in /proc/PID/maps. SIZE is the guest's memory in bytes if
 * known: then the mappings sum up to it; else 0: then the largest that could be
 * RAM are taken. Where several could be it, CHOICE (0, 1, ...) selects
 * which are meant. Returns 0, -ENOENT without such a choice, or another
 * negative errno. */
int vr_gmem_from_process(struct vr_gmem *ret_m, pid_t pid, uint64_t size,
                         unsigned choice);

/* The same from the text of a maps file (NUL-terminated), for tests. */
int vr_gmem_parse_maps(struct vr_gmem *ret_m, const char *maps, uint64_t size,
                       unsigned choice);

/* Turns the order of the regions round: which one is the lower RAM cannot be
 * seen from outside. */
void vr_gmem_reverse(struct vr_gmem *m);

/* Opens and closes what peeking needs. */
int vr_gmem_begin_search(struct vr_gmem *m);
void vr_gmem_end_search(struct vr_gmem *m);

/* For a copy that was made during a search and outlives it. */
void vr_gmem_forget_search(struct vr_gmem *m);

/* Reads LENGTH bytes at OFFSET. Returns 0, -ERANGE outside the RAM, -ESRCH if
 * the process is gone, -EPERM, -EFAULT. */
int vr_gmem_read(const struct vr_gmem *m, uint64_t offset, void *buffer,
                 size_t length);

/* Reads what is present of LENGTH bytes at OFFSET and fills the rest with
 * zeroes. *ret_present is the number of bytes that came from the guest. */
int vr_gmem_peek(const struct vr_gmem *m, uint64_t offset, void *buffer,
                 size_t length, size_t *ret_present);

/* Are all pages of LENGTH bytes at OFFSET, at most 64 pages, touched? Reading
 * one that is not would fault it in, or wait for who is to bring it (a
 * migration under way). True outside of a search. */
bool vr_gmem_is_there(const struct vr_gmem *m, uint64_t offset, size_t length);

/* Where OFFSET lies in the VM process, if LENGTH bytes from it are in one
 * region. Returns 0 or -ERANGE. */
int vr_gmem_address(const struct vr_gmem *m, uint64_t offset, size_t length,
                    uint64_t *ret_address);

/* Copies N ranges of the VM process at once: as few process_vm_readv calls as
 * the kernel allows (1024 ranges each). All or nothing. */
struct iovec;
int vr_gmem_read_vectors(const struct vr_gmem *m, const struct iovec *local,
                         const struct iovec *remote, size_t n);

#endif
