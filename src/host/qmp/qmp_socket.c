/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_socket.h"

#include "host/qmp/qmp_connect.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  FIRST_BUFFER = 16 * 1024,
  LARGEST_BUFFER = 2 * 1024 * 1024,
  RECEIVE_MAX = 256 * 1024,       /* at one go */
  BYTES_MAX = 2 * LARGEST_BUFFER, /* in one interval */
};

int vr_qmp_socket_connect(struct vr_qmp_socket *s, const char *process,
                          const char *path, pid_t pid) {
  int fd = vr_qmp_connect(process, path, pid);
  if (fd < 0)
    return fd;
  s->fd = fd;
  return 0;
}

int vr_qmp_socket_send(struct vr_qmp_socket *s, const char *text, size_t n) {
  ssize_t sent = send(s->fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent == (ssize_t)n ? 0 : -EPIPE;
}

static bool grow(struct vr_qmp_socket *s) {
  size_t size = s->size ? 2 * s->size : FIRST_BUFFER;
  char *buffer = size > LARGEST_BUFFER ? NULL : realloc(s->buffer, size);
  if (!buffer)
    return false;
  s->buffer = buffer;
  s->size = size;
  return true;
}

/* Handles the whole lines in the buffer and keeps the rest. */
static void take_lines(struct vr_qmp_socket *s, vr_qmp_line_fn fn, void *ctx) {
  size_t begin = 0;
  while (s->fd >= 0 && begin < s->length) {
    char *end = memchr(s->buffer + begin, '\n', s->length - begin);
    if (!end)
      break;
    size_t at = (size_t)(end - s->buffer);
    fn(ctx, s->buffer + begin, at - begin);
    begin = at + 1;
  }
  if (s->fd < 0)
    return;
  memmove(s->buffer, s->buffer + begin, s->length - begin);
  s->length -= begin;
}

const char *vr_qmp_socket_receive(struct vr_qmp_socket *s, vr_qmp_line_fn fn,
                                  void *ctx) {
  for (size_t received = 0; s->fd >= 0 && received < RECEIVE_MAX;) {
    if (s->bytes > BYTES_MAX)
      return VR_QMP_TOO_MUCH;
    if (s->length == s->size && !grow(s))
      return "a reply is too long";
    ssize_t n =
        recv(s->fd, s->buffer + s->length, s->size - s->length, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      return NULL;
    if (n <= 0)
      return n == 0 ? "QEMU closed the connection" : strerror(errno);
    s->length += (size_t)n;
    s->bytes += (size_t)n;
    received += (size_t)n;
    take_lines(s, fn, ctx);
  }
  return NULL;
}

void vr_qmp_socket_close(struct vr_qmp_socket *s) {
  if (s->fd >= 0)
    close(s->fd);
  s->fd = -1;
  s->length = 0;
}

void vr_qmp_socket_free(struct vr_qmp_socket *s) {
  vr_qmp_socket_close(s);
  free(s->buffer);
  s->buffer = NULL;
  s->size = 0;
}
