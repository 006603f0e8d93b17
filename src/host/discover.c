/* SPDX-License-Identifier: MIT */
#include "host/discover.h"

#include "host/hoststat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
  YOUNG_LOOKS = 3,
  TURNS = 4,
  /* Scans between two complete listings: they drop the numbers of processes
   * that have ended, and find what a full turn of all numbers may have hidden.
   */
  COMPLETE = 64,
  BUFFER = 32 * 1024,
};

enum kind { OTHER, GUEST, REFUSED };

struct process {
  pid_t pid;
  unsigned char looks; /* how often it is still looked at for being young */
  unsigned char kind;
};

/* Numbers in ascending order. */
struct list {
  struct process *v;
  size_t count, capacity;
};

struct vr_discover {
  int procfd, fd;
  bool own; /* this machine's own /proc, in our process namespace */
  struct vr_procfile load_file;
  struct list known, next;
  off_t overlap;    /* where the next listing begins */
  off_t last_entry; /* where in the directory the newest number stands */
  bool changing;    /* loadavg's number was another one at the last scan */
  pid_t newest;     /* as loadavg said at the last listing */
  unsigned scans;   /* since the last complete listing */
  size_t turn;      /* of the old ones: whose it is */
  char buffer[BUFFER] __attribute__((aligned(8)));
};

/* In another namespace the numbers in the tree are not those of loadavg. */
static bool is_own(int procfd) {
  struct statfs fs;
  char self[32];
  ssize_t n = readlinkat(procfd, "self", self, sizeof(self) - 1);
  if (n < 0 || fstatfs(procfd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
    return false;
  self[n] = '\0';
  return strtol(self, NULL, 10) == getpid();
}

int vr_discover_new(int procfd, struct vr_discover **ret) {
  struct vr_discover *d = calloc(1, sizeof(*d));
  if (!d)
    return -ENOMEM;
  d->procfd = procfd;
  d->load_file = VR_PROCFILE_CLOSED;
  d->fd = openat(procfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (d->fd < 0) {
    int r = -errno;
    free(d);
    return r;
  }
  d->own = is_own(procfd);
  *ret = d;
  return 0;
}

void vr_discover_free(struct vr_discover *d, struct vr_fd_budget *budget) {
  if (!d)
    return;
  vr_procfile_close(&d->load_file, budget);
  close(d->fd);
  free(d->known.v);
  free(d->next.v);
  free(d);
}

static int append(struct list *l, pid_t pid) {
  if (l->count == l->capacity) {
    size_t capacity = l->capacity ? 2 * l->capacity : 256;
    struct process *v = realloc(l->v, capacity * sizeof(*v));
    if (!v)
      return -ENOMEM;
    l->v = v;
    l->capacity = capacity;
  }
  l->v[l->count++] = (struct process){.pid = pid, .looks = YOUNG_LOOKS};
  return 0;
}

static int by_pid(const void *a, const void *b) {
  pid_t x = ((const struct process *)a)->pid;
  pid_t y = ((const struct process *)b)->pid;
  return (x > y) - (x < y);
}

/* Appends the numbers from the directory's position FROM on. Remembers where
 * the last one stands: a position is told by the entry before it. */
static int list_from(struct vr_discover *d, off_t from, struct list *l) {
  off_t position = from;
  ssize_t n;
  if (lseek(d->fd, from, SEEK_SET) < 0)
    return -errno;
  while ((n = getdents64(d->fd, d->buffer, sizeof(d->buffer))) > 0) {
    for (ssize_t at = 0; at < n;) {
      const struct dirent64 *e = (const struct dirent64 *)(d->buffer + at);
      if (e->d_name[0] >= '1' && e->d_name[0] <= '9') {
        pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);
        if (pid <= d->newest)
          d->last_entry = position;
        int r = append(l, pid);
        if (r < 0)
          return r;
      }
      position = e->d_off;
      at += e->d_reclen;
    }
  }
  return n < 0 ? -errno : 0;
}

static bool is_sorted(const struct list *l) {
  for (size_t i = 1; i < l->count; i++)
    if (l->v[i - 1].pid > l->v[i].pid)
      return false;
  return true;
}

/* What is known of a process stays known; those that are not listed are gone.
 */
static void merge_known(struct vr_discover *d) {
  const struct process *old = d->known.v, *end = old + d->known.count;
  for (size_t i = 0; i < d->next.count; i++) {
    while (old < end && old->pid < d->next.v[i].pid)
      old++;
    if (old < end && old->pid == d->next.v[i].pid)
      d->next.v[i] = *old;
  }
  struct list previous = d->known;
  d->known = d->next;
  d->next = previous;
}

static int list_all(struct vr_discover *d) {
  d->scans = 0;
  d->next.count = 0;
  int r = list_from(d, 0, &d->next);
  d->overlap = d->last_entry;
  if (r < 0)
    return r;
  /* The kernel lists them in order; a recorded tree need not. */
  if (!is_sorted(&d->next))
    qsort(d->next.v, d->next.count, sizeof(d->next.v[0]), by_pid);
  merge_known(d);
  return 0;
}

static struct process *find(const struct list *l, pid_t pid) {
  struct process key = {.pid = pid};
  return l->count ? bsearch(&key, l->v, l->count, sizeof(l->v[0]), by_pid)
                  : NULL;
}

/* Lists from where the listing before the last ended: of two processes that are
 * made at once the one with the lower number may appear later. */
static int list_new(struct vr_discover *d) {
  off_t from = d->overlap;
  d->overlap = d->last_entry;
  d->next.count = 0;
  int r = list_from(d, from, &d->next);
  size_t known = d->known.count;
  for (size_t i = 0; r == 0 && i < d->next.count; i++) {
    const struct list sorted = {d->known.v, known, known};
    if (!find(&sorted, d->next.v[i].pid))
      r = append(&d->known, d->next.v[i].pid);
  }
  if (d->known.count > known && !is_sorted(&d->known))
    qsort(d->known.v, d->known.count, sizeof(d->known.v[0]), by_pid);
  return r;
}

/* The newest process or thread of the machine, or 0 if it cannot be known. */
static pid_t newest_process(struct vr_discover *d,
                            struct vr_fd_budget *budget) {
  char text[128];
  struct vr_loadavg load;
  if (!d->own ||
      vr_procfile_read(&d->load_file, budget, d->procfd, "loadavg", text,
                       sizeof(text)) < 0 ||
      vr_loadavg_parse(text, &load) < 0)
    return 0;
  return load.last_pid;
}

static int list_processes(struct vr_discover *d, struct vr_fd_budget *budget) {
  pid_t newest = newest_process(d, budget), before = d->newest;
  /* A number is given out a moment before it appears in the directory: after a
   * change, one listing more. */
  bool list = newest != before || d->changing;
  d->changing = newest != before;
  d->newest = newest;
  if (newest == 0 || newest < before || ++d->scans >= COMPLETE)
    return list_all(d);
  return list ? list_new(d) : 0;
}

static void show(struct process *p, vr_discover_fn fn, void *ctx) {
  switch (fn(ctx, p->pid)) {
  case VR_IS_GUEST:
    p->kind = GUEST;
    break;
  case VR_IS_REFUSED:
    p->kind = REFUSED;
    break;
  case VR_IS_OTHER:
    break;
  }
}

int vr_discover_scan(struct vr_discover *d, struct vr_fd_budget *budget,
                     vr_discover_fn fn, void *ctx) {
  int r = list_processes(d, budget);
  if (r < 0)
    return r;
  struct list *l = &d->known;
  for (size_t i = 0; i < l->count; i++) {
    struct process *p = &l->v[i];
    if (p->kind != OTHER || p->looks == 0)
      continue;
    p->looks--;
    show(p, fn, ctx);
  }
  for (size_t n = 0; n < TURNS && n < l->count; n++) {
    struct process *p = &l->v[d->turn++ % l->count];
    if (p->kind == OTHER && p->looks == 0)
      show(p, fn, ctx);
  }
  return 0;
}

void vr_discover_forget(struct vr_discover *d, pid_t pid) {
  struct process *p = find(&d->known, pid);
  if (!p)
    return;
  p->kind = OTHER;
  p->looks = YOUNG_LOOKS;
}
