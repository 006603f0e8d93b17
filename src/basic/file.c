/* SPDX-License-Identifier: MIT */
#include "basic/file.h"

#include "basic/cleanup.h"
#include "basic/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Appends to BUFFER until the end of the file or until it is full. */
static int read_all(int fd, char *buffer, size_t size, size_t *ret_length) {
  size_t length = 0;
  while (length < size) {
    ssize_t n = read(fd, buffer + length, size - length);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return -errno;
    if (n == 0)
      break;
    length += (size_t)n;
  }
  *ret_length = length;
  return 0;
}

int vr_file_read(const char *path, size_t max, char **ret_text,
                 size_t *ret_length) {
  vr_auto_close int fd = vr_safe_open(AT_FDCWD, path);
  if (fd < 0)
    return fd;

  struct stat st;
  if (fstat(fd, &st) < 0)
    return -errno;
  if ((unsigned long long)st.st_size > max)
    return -EFBIG;

  /* A file of /proc reports size 0, so only positive sizes are believed. */
  size_t size = st.st_size > 0 ? (size_t)st.st_size : max;
  vr_auto_free char *text = malloc(size + 1);
  if (!text)
    return -ENOMEM;

  size_t length = 0;
  int r = read_all(fd, text, size, &length);
  if (r < 0)
    return r;
  text[length] = '\0';
  if (ret_length)
    *ret_length = length;
  *ret_text = vr_steal(&text);
  return 0;
}

int vr_file_read_text(const char *path, size_t max, char **ret_text,
                      struct vr_error *ret_error) {
  vr_auto_free char *text = NULL;
  size_t length = 0;
  int r = vr_file_read(path, max, &text, &length);
  if (r < 0)
    return vr_error_set(ret_error, r, "%s: %s", path, vr_safe_why(r));
  if (memchr(text, '\0', length))
    return vr_error_set(ret_error, -EINVAL, "%s: not text", path);
  *ret_text = vr_steal(&text);
  return 0;
}

/* Writes all, to the disk. Closes FD. */
static int write_and_sync(int fd, vr_file_writer writer, void *user) {
  FILE *f = fdopen(fd, "w");
  if (!f) {
    int r = -errno;
    close(fd);
    return r;
  }
  int r = writer(user, f);
  if (r == 0 && (fflush(f) != 0 || fchmod(fd, 0644) < 0 || fsync(fd) < 0))
    r = -errno;
  if (fclose(f) != 0 && r == 0)
    r = -errno;
  return r;
}

int vr_file_replace(const char *path, vr_file_writer writer, void *user) {
  vr_auto_free char *beside = NULL;
  if (asprintf(&beside, "%s.XXXXXX", path) < 0) {
    beside = NULL;
    return -ENOMEM;
  }
  int fd = mkostemp(beside, O_CLOEXEC);
  if (fd < 0)
    return -errno;
  int r = write_and_sync(fd, writer, user);
  if (r == 0 && rename(beside, path) < 0)
    r = -errno;
  if (r < 0)
    unlink(beside);
  return r;
}

struct bytes {
  const void *data;
  size_t length;
};

static int write_bytes(void *user, FILE *f) {
  const struct bytes *b = user;
  errno = EIO; /* where fwrite does not set it */
  return fwrite(b->data, 1, b->length, f) == b->length ? 0 : -errno;
}

int vr_file_write_atomic(const char *path, const void *data, size_t length) {
  struct bytes b = {data, length};
  return vr_file_replace(path, write_bytes, &b);
}
