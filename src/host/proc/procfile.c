/* SPDX-License-Identifier: MIT */
#include "host/proc/procfile.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
  FIRST_SIZE = 16 * 1024,
  LARGEST = 64 * 1024 * 1024,
  /* The kernel fills a page with whole records: a piece that leaves room for
   * one is the last. */
  SMALLEST_PIECE = 4096,
  LONGEST_RECORD = 1024,
};

int vr_procfile_budget_default(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
    return 512;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > 2000000)
    return 1000000;
  return (int)(limit.rlim_cur / 2);
}

/* Returns a descriptor to read from, kept in F if the budget allows. */
static int file_open(struct vr_procfile *f, struct vr_fd_budget *budget,
                     int dirfd, const char *path) {
  int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return -errno;
  if (budget->used < budget->max) {
    budget->used++;
    f->fd = fd;
  }
  return fd;
}

static ssize_t read_at(int fd, char *buffer, size_t size, off_t offset) {
  ssize_t n;
  do
    n = pread(fd, buffer, size, offset);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -errno : n;
}

ssize_t vr_procfile_read(struct vr_procfile *f, struct vr_fd_budget *budget,
                         int dirfd, const char *path, char *buffer,
                         size_t size) {
  int fd = f->fd >= 0 ? f->fd : file_open(f, budget, dirfd, path);
  if (fd < 0)
    return fd;
  ssize_t n = read_at(fd, buffer, size - 1, 0);
  if (fd != f->fd)
    close(fd);
  if (n >= 0)
    buffer[n] = '\0';
  return n;
}

static int text_grow(struct vr_procfile_text *text) {
  size_t size = text->size ? 2 * text->size : FIRST_SIZE;
  if (size > LARGEST)
    return -EFBIG;
  char *data = realloc(text->data, size);
  if (!data)
    return -ENOMEM;
  text->data = data;
  text->size = size;
  return 0;
}

/* A piece that fills the text may go on. */
static ssize_t read_piece(int fd, struct vr_procfile_text *text) {
  for (;;) {
    ssize_t n = text->size > 1 ? read_at(fd, text->data, text->size - 1, 0) : 0;
    if (n < 0)
      return n;
    if ((size_t)n + 1 < text->size) {
      text->data[n] = '\0';
      return n;
    }
    int r = text_grow(text);
    if (r < 0)
      return r;
  }
}

static ssize_t read_pieces(int fd, struct vr_procfile_text *text) {
  size_t length = 0;
  for (;;) {
    if (length + 1 >= text->size) {
      int r = text_grow(text);
      if (r < 0)
        return r;
    }
    ssize_t n = read_at(fd, text->data + length, text->size - 1 - length,
                        (off_t)length);
    if (n < 0)
      return n;
    length += (size_t)n;
    if (n == 0 || length + LONGEST_RECORD < SMALLEST_PIECE)
      break;
  }
  text->data[length] = '\0';
  return (ssize_t)length;
}

static ssize_t
read_into(struct vr_procfile *f, struct vr_fd_budget *budget, int dirfd,
          const char *path, struct vr_procfile_text *text,
          ssize_t (*read_fd)(int fd, struct vr_procfile_text *text)) {
  int fd = f->fd >= 0 ? f->fd : file_open(f, budget, dirfd, path);
  if (fd < 0)
    return fd;
  ssize_t n = read_fd(fd, text);
  if (fd != f->fd)
    close(fd);
  return n;
}

ssize_t vr_procfile_read_piece(struct vr_procfile *f,
                               struct vr_fd_budget *budget, int dirfd,
                               const char *path,
                               struct vr_procfile_text *text) {
  return read_into(f, budget, dirfd, path, text, read_piece);
}

ssize_t vr_procfile_read_all(struct vr_procfile *f, struct vr_fd_budget *budget,
                             int dirfd, const char *path,
                             struct vr_procfile_text *text) {
  return read_into(f, budget, dirfd, path, text, read_pieces);
}

void vr_procfile_close(struct vr_procfile *f, struct vr_fd_budget *budget) {
  if (f->fd < 0)
    return;
  close(f->fd);
  f->fd = -1;
  budget->used--;
}

ssize_t vr_procfile_read_once(int dirfd, const char *path, char *buffer,
                              size_t size) {
  vr_auto_close int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return -errno;
  ssize_t n = read_at(fd, buffer, size - 1, 0);
  if (n >= 0)
    buffer[n] = '\0';
  return n;
}
