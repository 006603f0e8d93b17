/* SPDX-License-Identifier: MIT */
#include "train/cli/scratch.h"

#include "basic/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Room in the file, of addresses only; pieces are multiples of a page, and
 * smaller ones stay in memory. */
#define ROOM ((size_t)1 << 40)
enum { PAGE = 4096, LEAST = 16384 };

/* Bytes of the file that stay resident, and how often that is looked after, in
 * milliseconds. */
enum { RESIDENT = 64 << 20, LOOK = 5 };

/* One behind the other, without a hole between them. */
struct piece {
  size_t first, size;
  bool used;
  struct piece *next;
};

static struct {
  char *base; /* NULL: not used */
  int fd;
  pthread_mutex_t lock;
  struct piece *pieces;
  _Atomic size_t end; /* nothing was ever behind it */
  atomic_bool is_full;
} scratch = {.fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

/* Not there in programs that are not linked so. */
void *__real_malloc(size_t size) __attribute__((weak));
void *__real_calloc(size_t n, size_t size) __attribute__((weak));
void *__real_realloc(void *at, size_t size) __attribute__((weak));
void __real_free(void *at) __attribute__((weak));
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);

static bool is_within(const void *at) {
  return scratch.base && (const char *)at >= scratch.base &&
         (const char *)at < scratch.base + ROOM;
}

static size_t whole_pages(size_t size) {
  return (size + PAGE - 1) / PAGE * PAGE;
}

/* Makes two pieces of P, the first of SIZE. */
static bool split(struct piece *p, size_t size) {
  if (p->size == size)
    return true;
  struct piece *rest = __real_malloc(sizeof(*rest));
  if (!rest)
    return false;
  *rest = (struct piece){p->first + size, p->size - size, false, p->next};
  p->size = size;
  p->next = rest;
  return true;
}

/* The first piece of SIZE that is free. The disk must have room for it now:
 * later the kernel could only end the program. */
static struct piece *take(size_t size) {
  struct piece *p = scratch.pieces;
  while (p && (p->used || p->size < size))
    p = p->next;
  if (!p || !split(p, size))
    return NULL;
  if (posix_fallocate(scratch.fd, (off_t)p->first, (off_t)size) != 0) {
    scratch.is_full = true;
    return NULL;
  }
  p->used = true;
  if (p->first + size > scratch.end)
    scratch.end = p->first + size;
  return p;
}

/* SIZE zeros; NULL where the file has no room. */
static void *allocate(size_t size) {
  size = whole_pages(size);
  pthread_mutex_lock(&scratch.lock);
  struct piece *p = size <= ROOM ? take(size) : NULL;
  pthread_mutex_unlock(&scratch.lock);
  if (!p)
    errno = ENOMEM;
  return p ? scratch.base + p->first : NULL;
}

/* Joins P with what is behind it, as long as both are free. */
static void join(struct piece *p) {
  while (!p->used && p->next && !p->next->used) {
    struct piece *next = p->next;
    p->size += next->size;
    p->next = next->next;
    __real_free(next);
  }
}

static struct piece *find(const void *at, struct piece **ret_before) {
  size_t first = (size_t)((const char *)at - scratch.base);
  struct piece *p = scratch.pieces;
  *ret_before = NULL;
  while (p && p->first != first) {
    *ret_before = p;
    p = p->next;
  }
  return p;
}

/* A hole in the file reads as zeros when it is used again. */
static void release(void *at) {
  struct piece *before;
  pthread_mutex_lock(&scratch.lock);
  struct piece *p = find(at, &before);
  if (p) {
    if (madvise(at, p->size, MADV_REMOVE) < 0)
      memset(at, 0, p->size);
    p->used = false;
    join(p);
    if (before)
      join(before);
  }
  pthread_mutex_unlock(&scratch.lock);
}

static size_t size_of(const void *at) {
  struct piece *before;
  pthread_mutex_lock(&scratch.lock);
  const struct piece *p = find(at, &before);
  size_t size = p ? p->size : 0;
  pthread_mutex_unlock(&scratch.lock);
  return size;
}

void *__wrap_malloc(size_t size) {
  return scratch.base && size >= LEAST ? allocate(size) : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
  size_t all;
  if (!scratch.base || __builtin_mul_overflow(n, size, &all) || all < LEAST)
    return __real_calloc(n, size);
  return allocate(all);
}

void *__wrap_realloc(void *at, size_t size) {
  if (!is_within(at))
    return __real_realloc(at, size);
  size_t before = size_of(at);
  void *to = __wrap_malloc(size);
  if (!to)
    return NULL;
  memcpy(to, at, before < size ? before : size);
  release(at);
  return to;
}

void __wrap_free(void *at) {
  if (is_within(at))
    release(at);
  else
    __real_free(at);
}

/* Pages of files that are resident. */
static size_t resident(int statm) {
  char text[128] = "";
  unsigned long all, pages, of_files;
  ssize_t n = pread(statm, text, sizeof(text) - 1, 0);
  return n > 0 && sscanf(text, "%lu %lu %lu", &all, &pages, &of_files) == 3
             ? of_files * PAGE
             : 0;
}

/* Lets go of what is resident: it stays in the kernel's cache for as long as
 * there is room, and goes to the disk where there is not. */
static void *look_after(void *unused) {
  const struct timespec pause = {0, LOOK * 1000000L};
  int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  (void)unused;
  size_t libraries = resident(statm);
  for (;;) {
    nanosleep(&pause, NULL);
    if (resident(statm) > libraries + RESIDENT)
      madvise(scratch.base, scratch.end, MADV_DONTNEED);
  }
  return NULL;
}

/* What ran out was not memory. */
static void say_full(void) {
  if (scratch.is_full)
    vr_log_error("--scratch: its file system has no more room: give another "
                 "directory, or a shorter time (--start)");
}

static int open_file(const char *directory, struct vr_error *ret_error) {
  int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, (off_t)ROOM) < 0) {
    int code = -errno;
    if (fd >= 0)
      close(fd);
    return vr_error_set(ret_error, code, "--scratch %s: %s", directory,
                        strerror(-code));
  }
  return fd;
}

int vr_scratch_use(const char *directory, struct vr_error *ret_error) {
  pthread_t thread;
  if (!__real_malloc)
    return vr_error_set(ret_error, -ENOTSUP, "--scratch: not in this program");
  struct piece *all = __real_malloc(sizeof(*all));
  int fd = open_file(directory, ret_error);
  if (fd < 0 || !all) {
    __real_free(all);
    return fd < 0 ? fd : -ENOMEM;
  }
  void *base = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (base == MAP_FAILED) {
    int code = -errno;
    close(fd);
    __real_free(all);
    return vr_error_set(ret_error, code, "--scratch %s: %s", directory,
                        strerror(-code));
  }
  *all = (struct piece){0, ROOM, false, NULL};
  scratch.fd = fd;
  scratch.pieces = all;
  scratch.base = base;
  atexit(say_full);
  if (pthread_create(&thread, NULL, look_after, NULL) == 0)
    pthread_detach(thread);
  return 0;
}
