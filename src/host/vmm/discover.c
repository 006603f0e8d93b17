/* SPDX-License-Identifier: MIT */
#include "host/vmm/discover.h"

#include "basic/array.h"
#include "host/proc/execs.h"
#include "host/vmm/pidlist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
  /* Where the kernel does not report who executes what: in how many scans a
   * process is young, after the first ones of which every other is enough; and
   * how many of the old ones have their turn in a scan, one of so many, within
   * limits. */
  YOUNG_SCANS = 60,
  FIRST_SCANS = 3,
  TURN_SHARE = 16,
  MIN_TURNS = 2,
  MAX_TURNS = 32,
  /* The list of known processes is made anew, without those that have ended,
   * when so many scans have passed and so many numbers have been given out. */
  STALE_SCANS = 64,
  STALE_NUMBERS = 4096,
  FIRST_ROOM = 256, /* of a queue */
  BUFFER = 32 * 1024,
  SMALL_BUFFER = 512,
  ALL = INT_MAX,
};

/* Processes to be probed, and in how many scans. */
struct pending {
  pid_t pid;
  unsigned scans;
};

struct queue {
  struct pending *v;
  size_t count, capacity;
};

struct vr_discover {
  int fd;
  bool own; /* this machine's own /proc, in our process namespace */
  bool by_title;
  struct vr_execs *execs; /* NULL: the kernel does not report them */
  struct vr_pidlist known, next;
  struct queue pending, suspects;
  off_t overlap;    /* where the next listing begins */
  off_t last_entry; /* where in the directory the newest number stands */
  bool changing;    /* the newest number was another one at the last scan */
  pid_t newest;     /* as loadavg had it at the last scan */
  unsigned scans, numbers; /* since the last complete listing */
  size_t turn;             /* of the old ones: whose it is */
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

int vr_discover_new(int procfd, const struct vr_discover_options *options,
                    struct vr_discover **ret) {
  struct vr_discover *d = calloc(1, sizeof(*d));
  if (!d)
    return -ENOMEM;
  d->fd = openat(procfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (d->fd < 0) {
    int r = -errno;
    free(d);
    return r;
  }
  d->by_title = options->by_title;
  d->own = is_own(procfd);
  if (!d->own || options->no_execs ||
      vr_execs_new(options->execs_room, &d->execs) < 0)
    d->execs = NULL;
  *ret = d;
  return 0;
}

void vr_discover_free(struct vr_discover *d) {
  if (!d)
    return;
  vr_execs_free(d->execs);
  close(d->fd);
  free(d->known.v);
  free(d->next.v);
  free(d->pending.v);
  free(d->suspects.v);
  free(d);
}

bool vr_discover_sees_execs(const struct vr_discover *d) {
  return d->execs != NULL;
}

/* --- lists --- */

static int enqueue(struct queue *q, pid_t pid, unsigned scans) {
  size_t need = q->count < FIRST_ROOM ? FIRST_ROOM : q->count + 1;
  int r = vr_array_reserve(&q->v, &q->capacity, need);
  if (r == 0)
    q->v[q->count++] = (struct pending){pid, scans};
  return r;
}

static unsigned scans_of_new(const struct vr_discover *d) {
  return d->execs ? 1 : YOUNG_SCANS;
}

/* Each is in the queue once. */
static int await(struct vr_discover *d, struct vr_pidlist_entry *p,
                 unsigned scans) {
  if (p->pending)
    return 0;
  int r = enqueue(&d->pending, p->pid, scans);
  p->pending = r == 0;
  return r;
}

/* --- listing --- */

/* Appends the numbers from the directory's position FROM on, up to LAST and a
 * few more. Remembers where the newest one stands: the entry before a
 * position names it. */
static int list_from(struct vr_discover *d, off_t from, pid_t last,
                     struct vr_pidlist *l) {
  off_t position = from;
  pid_t pid = 0;
  ssize_t n;
  /* Into a small buffer the kernel puts not many beyond the last. */
  size_t size = last == ALL ? BUFFER : SMALL_BUFFER;
  if (lseek(d->fd, from, SEEK_SET) < 0)
    return -errno;
  while (pid < last && (n = getdents64(d->fd, d->buffer, size)) != 0) {
    if (n < 0)
      return -errno;
    for (ssize_t at = 0; at < n;) {
      const struct dirent64 *e = (const struct dirent64 *)(d->buffer + at);
      if (e->d_name[0] >= '1' && e->d_name[0] <= '9') {
        pid = (pid_t)strtol(e->d_name, NULL, 10);
        if (pid <= d->newest)
          d->last_entry = position;
        int r = vr_pidlist_append(l, pid);
        if (r < 0)
          return r;
      }
      position = e->d_off;
      at += e->d_reclen;
    }
  }
  return 0;
}

/* Whether the number may have been given out again since the newest was BEFORE:
 * they have begun anew at the lowest. */
static bool is_reusable(const struct vr_discover *d, pid_t before, pid_t pid) {
  return d->own && d->newest < before && (pid > before || pid <= d->newest);
}

/* What is known of a process stays known; those that are not listed are gone. A
 * guest notices by itself that its number is another process's by now. */
static int merge_known(struct vr_discover *d, pid_t before) {
  const struct vr_pidlist_entry *old = d->known.v, *end = old + d->known.count;
  int r = 0;
  for (size_t i = 0; i < d->next.count && r == 0; i++) {
    struct vr_pidlist_entry *p = &d->next.v[i];
    while (old < end && old->pid < p->pid)
      old++;
    bool is_known = old < end && old->pid == p->pid;
    if (is_known)
      *p = *old;
    if (is_known &&
        (p->kind == VR_PID_GUEST || !is_reusable(d, before, p->pid)))
      continue;
    p->kind = VR_PID_OTHER;
    r = await(d, p, scans_of_new(d));
  }
  struct vr_pidlist previous = d->known;
  d->known = d->next;
  d->next = previous;
  return r;
}

static int list_all(struct vr_discover *d, pid_t before) {
  d->scans = d->numbers = 0;
  d->next.count = 0;
  int r = list_from(d, 0, ALL, &d->next);
  d->overlap = d->last_entry;
  if (r < 0)
    return r;
  /* The kernel lists them in order; a recorded tree need not. */
  vr_pidlist_sort(&d->next);
  return merge_known(d, before);
}

/* Lists from where the listing before the last ended: of two processes that are
 * made at once the one with the lower number may appear later. */
static int list_new(struct vr_discover *d) {
  off_t from = d->overlap;
  d->overlap = d->last_entry;
  d->next.count = 0;
  int r = list_from(d, from, d->newest, &d->next);
  for (size_t i = 0; r == 0 && i < d->next.count; i++) {
    pid_t pid = d->next.v[i].pid;
    if (vr_pidlist_find(&d->known, pid))
      continue;
    r = vr_pidlist_insert(&d->known, pid);
    if (r == 0)
      r = await(d, vr_pidlist_find(&d->known, pid), scans_of_new(d));
  }
  return r;
}

static int list_processes(struct vr_discover *d, pid_t newest) {
  pid_t before = d->newest;
  /* A number is given out a moment before it appears in the directory: after a
   * change, one listing more. */
  bool list = newest != before || d->changing;
  d->changing = newest != before;
  d->newest = newest;
  /* At first, too: once numbers have begun anew, old processes have higher ones
   * than the newest. */
  if (!d->own || newest == 0 || newest < before || before == 0)
    return list_all(d, before);
  d->numbers += (unsigned)(newest - before);
  if (++d->scans >= STALE_SCANS && d->numbers >= STALE_NUMBERS)
    return list_all(d, before);
  return list ? list_new(d) : 0;
}

/* --- probing --- */

static void add_suspect(void *ctx, pid_t pid) {
  struct vr_discover *d = ctx;
  const struct queue *q = &d->suspects;
  if (q->count == 0 || q->v[q->count - 1].pid != pid)
    enqueue(&d->suspects, pid, 1);
}

void vr_discover_suspect(struct vr_discover *d, pid_t pid) {
  add_suspect(d, pid);
}

/* Who executes another program may have become anything. */
static void recall_suspects(struct vr_discover *d) {
  for (size_t i = 0; i < d->suspects.count; i++) {
    struct vr_pidlist_entry *p =
        vr_pidlist_find(&d->known, d->suspects.v[i].pid);
    if (!p)
      continue;
    p->kind = VR_PID_OTHER;
    await(d, p, 1);
  }
  d->suspects.count = 0;
}

static void recall_all(struct vr_discover *d) {
  for (size_t i = 0; i < d->known.count; i++) {
    d->known.v[i].kind = VR_PID_OTHER;
    await(d, &d->known.v[i], 1);
  }
}

void vr_discover_recall_copies(struct vr_discover *d) {
  for (size_t i = 0; i < d->known.count; i++) {
    struct vr_pidlist_entry *p = &d->known.v[i];
    if (p->kind != VR_PID_COPY)
      continue;
    p->kind = VR_PID_OTHER;
    await(d, p, 1);
  }
}

void vr_discover_is_copy(struct vr_discover *d, pid_t pid) {
  struct vr_pidlist_entry *p = vr_pidlist_find(&d->known, pid);
  if (p)
    p->kind = VR_PID_COPY;
}

static enum vr_discovered show(struct vr_pidlist_entry *p, vr_discover_fn fn,
                               void *ctx) {
  enum vr_discovered is = fn(ctx, p->pid);
  if (is == VR_IS_GUEST)
    p->kind = VR_PID_GUEST;
  else if (is == VR_IS_COPY)
    p->kind = VR_PID_COPY;
  else if (is == VR_IS_REFUSED)
    p->kind = VR_PID_REFUSED;
  return is;
}

/* Returns whether the I-th is to be probed again. The queue may grow
 * meanwhile. */
static bool probe(struct vr_discover *d, size_t i, vr_discover_fn fn,
                  void *ctx) {
  struct vr_pidlist_entry *p = vr_pidlist_find(&d->known, d->pending.v[i].pid);
  if (!p)
    return false;
  p->pending = false;
  if (p->kind != VR_PID_OTHER)
    return false;
  unsigned scans = d->pending.v[i].scans;
  if (scans > 1 && scans <= YOUNG_SCANS - FIRST_SCANS && scans % 2 != 0) {
    d->pending.v[i].scans--;
    p->pending = true;
    return true;
  }
  enum vr_discovered is = show(p, fn, ctx);
  p->pending =
      is == VR_IS_EARLY || (is == VR_IS_OTHER && --d->pending.v[i].scans > 0);
  return p->pending;
}

static void probe_pending(struct vr_discover *d, vr_discover_fn fn, void *ctx) {
  struct queue *q = &d->pending;
  size_t kept = 0;
  for (size_t i = 0; i < q->count; i++)
    if (probe(d, i, fn, ctx))
      q->v[kept++] = q->v[i];
  q->count = kept;
}

static void take_turns(struct vr_discover *d, vr_discover_fn fn, void *ctx) {
  const struct vr_pidlist *l = &d->known;
  size_t shown = 0, turns = l->count / TURN_SHARE;
  turns = turns < MIN_TURNS ? MIN_TURNS : turns;
  turns = turns > MAX_TURNS ? MAX_TURNS : turns;
  for (size_t i = 0; i < l->count && shown < turns; i++) {
    struct vr_pidlist_entry *p = &l->v[d->turn++ % l->count];
    if (p->kind != VR_PID_OTHER || p->pending)
      continue;
    show(p, fn, ctx);
    shown++;
  }
}

int vr_discover_scan(struct vr_discover *d, pid_t newest, vr_discover_fn fn,
                     void *ctx) {
  /* Who executes something and is not listed yet is new, and listed next time.
   */
  bool lost = d->execs && vr_execs_take(d->execs, add_suspect, d) < 0;
  int r = list_processes(d, newest);
  if (r < 0)
    return r;
  recall_suspects(d);
  if (lost)
    recall_all(d);
  probe_pending(d, fn, ctx);
  if (!d->execs || d->by_title)
    take_turns(d, fn, ctx);
  return 0;
}

void vr_discover_forget(struct vr_discover *d, pid_t pid) {
  struct vr_pidlist_entry *p = vr_pidlist_find(&d->known, pid);
  if (!p)
    return;
  p->kind = VR_PID_OTHER;
  await(d, p, YOUNG_SCANS);
}
