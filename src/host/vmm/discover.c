/* SPDX-License-Identifier: MIT */
#include "host/vmm/discover.h"

#include "host/proc/execs.h"

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
  /* Where nobody tells who executes what: how many scans a process is young,
   * after the first ones of which every other is enough; and how many of the
   * old ones have their turn in a scan, one of so many, within limits. */
  YOUNG_LOOKS = 60,
  FIRST_LOOKS = 3,
  TURN_SHARE = 16,
  MIN_TURNS = 2,
  MAX_TURNS = 32,
  /* The list of known processes is made anew, without those that have ended,
   * when so many scans have passed and so many numbers have been given out. */
  STALE_SCANS = 64,
  STALE_NUMBERS = 4096,
  BUFFER = 32 * 1024,
  SMALL_BUFFER = 512,
  ALL = INT_MAX,
};

enum kind { OTHER, GUEST, COPY, REFUSED };

struct process {
  pid_t pid;
  unsigned char kind;
  bool pending; /* it is in the queue */
};

/* Numbers in ascending order. */
struct list {
  struct process *v;
  size_t count, capacity;
};

/* Processes to be looked at, and how often. */
struct pending {
  pid_t pid;
  unsigned looks;
};

struct queue {
  struct pending *v;
  size_t count, capacity;
};

struct vr_discover {
  int fd;
  bool own; /* this machine's own /proc, in our process namespace */
  bool by_title;
  struct vr_execs *execs; /* NULL: nobody tells */
  struct list known, next;
  struct queue pending, suspects;
  off_t overlap;    /* where the next listing begins */
  off_t last_entry; /* where in the directory the newest number stands */
  bool changing;    /* the newest number was another one at the last scan */
  pid_t newest;     /* as loadavg said at the last scan */
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

bool vr_discover_is_told(const struct vr_discover *d) {
  return d->execs != NULL;
}

/* --- lists --- */

/* Makes room for one more of SIZE bytes. */
static int grow(void **v, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity)
    return 0;
  size_t n = *capacity ? 2 * *capacity : 256;
  void *larger = realloc(*v, n * size);
  if (!larger)
    return -ENOMEM;
  *v = larger;
  *capacity = n;
  return 0;
}

static int append(struct list *l, pid_t pid) {
  int r = grow((void **)&l->v, l->count, &l->capacity, sizeof(*l->v));
  if (r == 0)
    l->v[l->count++] = (struct process){.pid = pid};
  return r;
}

static int enqueue(struct queue *q, pid_t pid, unsigned looks) {
  int r = grow((void **)&q->v, q->count, &q->capacity, sizeof(*q->v));
  if (r == 0)
    q->v[q->count++] = (struct pending){pid, looks};
  return r;
}

static int by_pid(const void *a, const void *b) {
  pid_t x = ((const struct process *)a)->pid;
  pid_t y = ((const struct process *)b)->pid;
  return (x > y) - (x < y);
}

static void sort(struct list *l) {
  for (size_t i = 1; i < l->count; i++)
    if (l->v[i - 1].pid > l->v[i].pid) {
      qsort(l->v, l->count, sizeof(l->v[0]), by_pid);
      return;
    }
}

static struct process *find(const struct list *l, pid_t pid) {
  struct process key = {.pid = pid};
  return l->count ? bsearch(&key, l->v, l->count, sizeof(l->v[0]), by_pid)
                  : NULL;
}

/* New numbers are the highest, but when they have begun anew. */
static int insert(struct list *l, pid_t pid) {
  int r = append(l, pid);
  if (r < 0)
    return r;
  size_t i = l->count - 1;
  while (i > 0 && l->v[i - 1].pid > pid)
    i--;
  memmove(&l->v[i + 1], &l->v[i], (l->count - 1 - i) * sizeof(l->v[0]));
  l->v[i] = (struct process){.pid = pid};
  return 0;
}

static unsigned looks_at_new(const struct vr_discover *d) {
  return d->execs ? 1 : YOUNG_LOOKS;
}

/* Each is in the queue once. */
static int await(struct vr_discover *d, struct process *p, unsigned looks) {
  if (p->pending)
    return 0;
  int r = enqueue(&d->pending, p->pid, looks);
  p->pending = r == 0;
  return r;
}

/* --- listing --- */

/* Appends the numbers from the directory's position FROM on, up to LAST and a
 * few more. Remembers where the newest one stands: a position is told by the
 * entry before it. */
static int list_from(struct vr_discover *d, off_t from, pid_t last,
                     struct list *l) {
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
        int r = append(l, pid);
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
 * guest tells by itself that its number is another process's by now. */
static int merge_known(struct vr_discover *d, pid_t before) {
  const struct process *old = d->known.v, *end = old + d->known.count;
  int r = 0;
  for (size_t i = 0; i < d->next.count && r == 0; i++) {
    struct process *p = &d->next.v[i];
    while (old < end && old->pid < p->pid)
      old++;
    bool is_known = old < end && old->pid == p->pid;
    if (is_known)
      *p = *old;
    if (is_known && (p->kind == GUEST || !is_reusable(d, before, p->pid)))
      continue;
    p->kind = OTHER;
    r = await(d, p, looks_at_new(d));
  }
  struct list previous = d->known;
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
  sort(&d->next);
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
    if (find(&d->known, pid))
      continue;
    r = insert(&d->known, pid);
    if (r == 0)
      r = await(d, find(&d->known, pid), looks_at_new(d));
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

/* --- looking --- */

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
    struct process *p = find(&d->known, d->suspects.v[i].pid);
    if (!p)
      continue;
    p->kind = OTHER;
    await(d, p, 1);
  }
  d->suspects.count = 0;
}

static void recall_all(struct vr_discover *d) {
  for (size_t i = 0; i < d->known.count; i++) {
    d->known.v[i].kind = OTHER;
    await(d, &d->known.v[i], 1);
  }
}

void vr_discover_recall_copies(struct vr_discover *d) {
  for (size_t i = 0; i < d->known.count; i++) {
    struct process *p = &d->known.v[i];
    if (p->kind != COPY)
      continue;
    p->kind = OTHER;
    await(d, p, 1);
  }
}

void vr_discover_is_copy(struct vr_discover *d, pid_t pid) {
  struct process *p = find(&d->known, pid);
  if (p)
    p->kind = COPY;
}

static enum vr_discovered show(struct process *p, vr_discover_fn fn,
                               void *ctx) {
  enum vr_discovered is = fn(ctx, p->pid);
  if (is == VR_IS_GUEST)
    p->kind = GUEST;
  else if (is == VR_IS_COPY)
    p->kind = COPY;
  else if (is == VR_IS_REFUSED)
    p->kind = REFUSED;
  return is;
}

/* Returns whether the I-th is to be looked at again. The queue may grow
 * meanwhile. */
static bool look(struct vr_discover *d, size_t i, vr_discover_fn fn,
                 void *ctx) {
  struct process *p = find(&d->known, d->pending.v[i].pid);
  if (!p)
    return false;
  p->pending = false;
  if (p->kind != OTHER)
    return false;
  unsigned looks = d->pending.v[i].looks;
  if (looks > 1 && looks <= YOUNG_LOOKS - FIRST_LOOKS && looks % 2 != 0) {
    d->pending.v[i].looks--;
    p->pending = true;
    return true;
  }
  enum vr_discovered is = show(p, fn, ctx);
  p->pending =
      is == VR_IS_EARLY || (is == VR_IS_OTHER && --d->pending.v[i].looks > 0);
  return p->pending;
}

static void look_at_pending(struct vr_discover *d, vr_discover_fn fn,
                            void *ctx) {
  struct queue *q = &d->pending;
  size_t kept = 0;
  for (size_t i = 0; i < q->count; i++)
    if (look(d, i, fn, ctx))
      q->v[kept++] = q->v[i];
  q->count = kept;
}

static void take_turns(struct vr_discover *d, vr_discover_fn fn, void *ctx) {
  const struct list *l = &d->known;
  size_t shown = 0, turns = l->count / TURN_SHARE;
  turns = turns < MIN_TURNS ? MIN_TURNS : turns;
  turns = turns > MAX_TURNS ? MAX_TURNS : turns;
  for (size_t i = 0; i < l->count && shown < turns; i++) {
    struct process *p = &l->v[d->turn++ % l->count];
    if (p->kind != OTHER || p->pending)
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
  look_at_pending(d, fn, ctx);
  if (!d->execs || d->by_title)
    take_turns(d, fn, ctx);
  return 0;
}

void vr_discover_forget(struct vr_discover *d, pid_t pid) {
  struct process *p = find(&d->known, pid);
  if (!p)
    return;
  p->kind = OTHER;
  await(d, p, YOUNG_LOOKS);
}
