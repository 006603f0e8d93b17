/* SPDX-License-Identifier: MIT */
#include "host/proc/diskstats.h"

#include "host/proc/scan.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

enum { DISK_NAME_MAX = 32, SECTOR = 512 };

struct entry {
  char name[DISK_NAME_MAX];
  bool counts;
  UT_hash_handle hh;
};

struct vr_diskstats {
  struct vr_procfile file;
  struct entry *entries; /* every name seen, and whether it counts */
};

void vr_diskstats_add(struct vr_disks *sum, const struct vr_disks *d) {
  sum->read_bytes += d->read_bytes;
  sum->write_bytes += d->write_bytes;
  sum->read_ops += d->read_ops;
  sum->write_ops += d->write_ops;
  sum->have_times |= d->have_times;
  sum->have_flush_time |= d->have_flush_time;
  sum->read_ns += d->read_ns;
  sum->write_ns += d->write_ns;
  sum->flush_ns += d->flush_ns;
  sum->have_errors |= d->have_errors;
  sum->errors += d->errors;
}

void vr_diskstats_name(struct vr_disk *disk, const char *name) {
  snprintf(disk->name, sizeof(disk->name), "%s", name);
  for (char *c = disk->name; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("-.", *c))
      *c = '_';
  if (disk->name[0] == '.')
    disk->name[0] = '_';
}

struct vr_disk *vr_diskstats_list_next(struct vr_disk_list *l) {
  if (l->count == VR_DISKS_MAX)
    return &l->v[VR_DISKS_MAX - 1];
  l->v[l->count] = (struct vr_disk){0};
  return &l->v[l->count++];
}

int vr_diskstats_new(struct vr_diskstats **ret) {
  struct vr_diskstats *d = calloc(1, sizeof(*d));
  if (!d)
    return -ENOMEM;
  d->file = VR_PROCFILE_CLOSED;
  *ret = d;
  return 0;
}

static void forget_all(struct vr_diskstats *d) {
  struct entry *e, *next;
  HASH_ITER(hh, d->entries, e, next) {
    HASH_DEL(d->entries, e);
    free(e);
  }
}

void vr_diskstats_free(struct vr_diskstats *d, struct vr_fd_budget *budget) {
  if (!d)
    return;
  forget_all(d);
  vr_procfile_close(&d->file, budget);
  free(d);
}

/* A path of a multipath NVMe disk (nvme0c1n1) counts in its disk (nvme0n1). */
static bool is_whole_disk(int sysfd, const char *name) {
  char path[64 + DISK_NAME_MAX];
  snprintf(path, sizeof(path), "block/%s/device", name);
  return faccessat(sysfd, path, F_OK, 0) == 0 &&
         fnmatch("nvme[0-9]*c[0-9]*n[0-9]*", name, 0) != 0;
}

static struct entry *entry_of(struct vr_diskstats *d, int sysfd,
                              const char *name, size_t length) {
  struct entry *e;
  HASH_FIND(hh, d->entries, name, length, e);
  if (e)
    return e;
  e = calloc(1, sizeof(*e));
  if (!e)
    return NULL;
  memcpy(e->name, name, length);
  e->counts = is_whole_disk(sysfd, e->name);
  HASH_ADD_KEYPTR(hh, d->entries, e->name, length, e);
  return e;
}

/* major minor NAME reads merged sectors ms writes merged sectors ms ... */
static bool parse_line(struct vr_diskstats *d, int sysfd, const char *p,
                       struct vr_disks *sum) {
  if (!vr_skip_words(&p, 2))
    return false;
  vr_skip_blanks(&p);
  size_t length = strcspn(p, " \n");
  if (length == 0 || length >= DISK_NAME_MAX)
    return false;
  const char *name = p;
  uint64_t reads, sectors_read, writes, sectors_written;
  p += length;
  if (!vr_scan_u64(&p, &reads) || !vr_skip_words(&p, 1) ||
      !vr_scan_u64(&p, &sectors_read) || !vr_skip_words(&p, 1) ||
      !vr_scan_u64(&p, &writes) || !vr_skip_words(&p, 1) ||
      !vr_scan_u64(&p, &sectors_written))
    return false;
  struct entry *e = entry_of(d, sysfd, name, length);
  if (!e || !e->counts)
    return false;
  sum->read_ops += reads;
  sum->read_bytes += sectors_read * SECTOR;
  sum->write_ops += writes;
  sum->write_bytes += sectors_written * SECTOR;
  return true;
}

int vr_diskstats_read(struct vr_diskstats *d, struct vr_fd_budget *budget,
                      int dirfd, int sysfd, struct vr_procfile_text *text,
                      struct vr_disks *ret) {
  ssize_t r = vr_procfile_read_all(&d->file, budget, dirfd, "diskstats", text);
  if (r < 0)
    return (int)r;
  struct vr_disks sum = {0};
  bool any = false;
  unsigned lines = 0;
  const char *p = text->data;
  for (bool more = r > 0; more; more = vr_next_line(&p), lines++)
    any |= parse_line(d, sysfd, p, &sum);
  /* Names that went stay in the table until they would fill it. */
  if (HASH_COUNT(d->entries) > 2 * lines + 64)
    forget_all(d);
  if (!any)
    return -ENODEV;
  *ret = sum;
  return 0;
}
