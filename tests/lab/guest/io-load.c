/* SPDX-License-Identifier: MIT
 *
 * Kinds of I/O for a laboratory guest, through the kernel's own interfaces, so
 * that one small static program has them all:
 *   io-load sync N FILE      N processes read 4 KiB blocks, O_DIRECT
 *   io-load aio DEPTH FILE   one process keeps DEPTH reads in flight, libaio's
 *                            system calls, O_DIRECT
 *   io-load uring DEPTH FILE the same through io_uring
 *   io-load read N FILE      N processes read the file through the page cache,
 *                            and drop what they have read
 *   io-load write N DIR      N processes write 64 KiB at a time into files of
 *                            their own, as fast as the kernel lets them
 *   io-load fsync N DIR      N processes write 4 KiB and call fsync
 * Runs until it is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 4096, DEPTH_MAX = 256, WRITE = 64 * 1024, FILE_SIZE = 32 << 20 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static unsigned char *blocks(size_t n) {
  void *p;
  if (posix_memalign(&p, BLOCK, n) != 0)
    fail("memory");
  memset(p, 0x5a, n);
  return p;
}

static int open_it(const char *path, int flags, off_t *ret_size) {
  int fd = open(path, flags, 0644);
  if (fd < 0)
    fail(path);
  *ret_size = lseek(fd, 0, SEEK_END);
  return fd;
}

static off_t any_block(off_t size) {
  return (off_t)(random() % (size / BLOCK)) * BLOCK;
}

/* --- one request at a time --- */

static void sync_reads(const char *path, int depth) {
  off_t size;
  unsigned char *buffer = blocks(BLOCK);
  int fd = open_it(path, O_RDONLY | O_DIRECT, &size);
  (void)depth;
  for (;;)
    if (pread(fd, buffer, BLOCK, any_block(size)) != BLOCK)
      fail("read");
}

static void cached_reads(const char *path, int depth) {
  off_t size;
  unsigned char *buffer = blocks(WRITE);
  int fd = open_it(path, O_RDONLY, &size);
  off_t at = any_block(size) / WRITE * WRITE;
  (void)depth;
  for (;;) {
    ssize_t n = pread(fd, buffer, WRITE, at);
    if (n < 0)
      fail("read");
    at = n < WRITE ? 0 : at + n;
    if (at % FILE_SIZE == 0)
      posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  }
}

static int own_file(const char *directory) {
  char path[256];
  off_t size;
  snprintf(path, sizeof(path), "%s/io-load.%d", directory, (int)getpid());
  int fd = open_it(path, O_RDWR | O_CREAT | O_TRUNC, &size);
  unlink(path);
  return fd;
}

static void cached_writes(const char *directory, int depth) {
  unsigned char *buffer = blocks(WRITE);
  int fd = own_file(directory);
  (void)depth;
  for (off_t at = 0;; at = (at + WRITE) % FILE_SIZE)
    if (pwrite(fd, buffer, WRITE, at) != WRITE)
      fail("write");
}

static void fsyncs(const char *directory, int depth) {
  unsigned char *buffer = blocks(BLOCK);
  int fd = own_file(directory);
  (void)depth;
  for (off_t at = 0;; at = (at + BLOCK) % FILE_SIZE)
    if (pwrite(fd, buffer, BLOCK, at) != BLOCK || fsync(fd) < 0)
      fail("fsync");
}

/* --- many in flight --- */

static void aio_reads(const char *path, int depth) {
  static struct iocb control[DEPTH_MAX];
  struct iocb *list[DEPTH_MAX];
  struct io_event done[DEPTH_MAX];
  off_t size;
  aio_context_t context = 0;
  unsigned char *buffer = blocks((size_t)depth * BLOCK);
  int fd = open_it(path, O_RDONLY | O_DIRECT, &size);
  if (syscall(SYS_io_setup, depth, &context) < 0)
    fail("io_setup");
  for (int i = 0; i < depth; i++) {
    control[i] = (struct iocb){.aio_lio_opcode = IOCB_CMD_PREAD,
                               .aio_fildes = (unsigned)fd,
                               .aio_buf = (uintptr_t)(buffer + i * BLOCK),
                               .aio_nbytes = BLOCK};
    list[i] = &control[i];
  }
  for (long n = depth;;) {
    for (long i = 0; i < n; i++)
      list[i]->aio_offset = any_block(size);
    if (syscall(SYS_io_submit, context, n, list) != n)
      fail("io_submit");
    n = syscall(SYS_io_getevents, context, 1L, (long)depth, done, NULL);
    if (n < 1)
      fail("io_getevents");
    for (long i = 0; i < n; i++)
      list[i] = (struct iocb *)(uintptr_t)done[i].obj;
  }
}

struct ring {
  int fd;
  _Atomic unsigned *sq_tail, *cq_head, *cq_tail;
  unsigned *sq_mask, *cq_mask, *sq_array;
  struct io_uring_sqe *sqes;
  struct io_uring_cqe *cqes;
};

static unsigned char *map(int fd, size_t size, off_t at) {
  void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                 fd, at);
  if (p == MAP_FAILED)
    fail("mmap");
  return p;
}

static struct ring ring_new(unsigned depth) {
  struct io_uring_params p = {0};
  struct ring r = {.fd = (int)syscall(SYS_io_uring_setup, depth, &p)};
  if (r.fd < 0)
    fail("io_uring_setup");
  unsigned char *sq =
      map(r.fd, p.sq_off.array + p.sq_entries * 4, IORING_OFF_SQ_RING);
  unsigned char *cq = map(r.fd, p.cq_off.cqes + p.cq_entries * sizeof(*r.cqes),
                          IORING_OFF_CQ_RING);
  r.sqes = (void *)map(r.fd, p.sq_entries * sizeof(*r.sqes), IORING_OFF_SQES);
  r.sq_tail = (void *)(sq + p.sq_off.tail);
  r.sq_mask = (void *)(sq + p.sq_off.ring_mask);
  r.sq_array = (void *)(sq + p.sq_off.array);
  r.cq_head = (void *)(cq + p.cq_off.head);
  r.cq_tail = (void *)(cq + p.cq_off.tail);
  r.cq_mask = (void *)(cq + p.cq_off.ring_mask);
  r.cqes = (void *)(cq + p.cq_off.cqes);
  return r;
}

static void queue_read(struct ring *r, int fd, unsigned char *buffer, int i,
                       off_t at) {
  unsigned tail = atomic_load(r->sq_tail), slot = tail & *r->sq_mask;
  r->sqes[slot] = (struct io_uring_sqe){.opcode = IORING_OP_READ,
                                        .fd = fd,
                                        .addr = (uintptr_t)(buffer + i * BLOCK),
                                        .len = BLOCK,
                                        .off = (uint64_t)at,
                                        .user_data = (uint64_t)i};
  r->sq_array[slot] = slot;
  atomic_store(r->sq_tail, tail + 1);
}

static void uring_reads(const char *path, int depth) {
  off_t size;
  unsigned char *buffer = blocks((size_t)depth * BLOCK);
  int fd = open_it(path, O_RDONLY | O_DIRECT, &size);
  struct ring r = ring_new((unsigned)depth);
  unsigned submit = (unsigned)depth;
  for (int i = 0; i < depth; i++)
    queue_read(&r, fd, buffer, i, any_block(size));
  for (;;) {
    if (syscall(SYS_io_uring_enter, r.fd, submit, 1, IORING_ENTER_GETEVENTS,
                NULL, 0) < 0 &&
        errno != EINTR)
      fail("io_uring_enter");
    submit = 0;
    unsigned head = atomic_load(r.cq_head);
    for (; head != atomic_load(r.cq_tail); head++, submit++) {
      const struct io_uring_cqe *c = &r.cqes[head & *r.cq_mask];
      if (c->res != BLOCK)
        fail("io_uring read");
      queue_read(&r, fd, buffer, (int)c->user_data, any_block(size));
    }
    atomic_store(r.cq_head, head);
  }
}

static const struct {
  const char *name;
  void (*run)(const char *path, int depth);
  int one; /* the number is a depth, not processes */
} kinds[] = {
    {"sync", sync_reads, 0},     {"aio", aio_reads, 1},
    {"uring", uring_reads, 1},   {"read", cached_reads, 0},
    {"write", cached_writes, 0}, {"fsync", fsyncs, 0},
};

static void start(int kind, const char *path, int depth, unsigned seed) {
  if (fork() != 0)
    return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  srandom(seed);
  kinds[kind].run(path, depth);
}

int main(int argc, char **argv) {
  int n = argc == 4 ? atoi(argv[2]) : 0;
  for (int k = 0; k < (int)(sizeof(kinds) / sizeof(kinds[0])); k++) {
    if (n < 1 || n > DEPTH_MAX || strcmp(argv[1], kinds[k].name) != 0)
      continue;
    for (int i = 0; i < (kinds[k].one ? 1 : n); i++)
      start(k, argv[3], n, (unsigned)i + 1);
    while (wait(NULL) > 0)
      ;
    return 1;
  }
  fprintf(stderr, "usage: io-load sync|aio|uring|read|write|fsync N PATH\n");
  return 2;
}
