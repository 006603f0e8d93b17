/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_socket.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
  FIRST_BUFFER = 16 * 1024,
  LARGEST_BUFFER = 4 * 1024 * 1024,
  RECEIVE_MAX = 256 * 1024,       /* at one go */
  BYTES_MAX = 2 * LARGEST_BUFFER, /* in one interval */
};

/* Only the process itself may answer for it. */
static bool is_peer(int fd, pid_t pid) {
  struct ucred peer;
  socklen_t length = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
    return false;
  return peer.pid == pid || peer.pid == 0;
}

/* The path may be longer than a socket's address can be, so it is reached
 * through a descriptor of the file. */
int vr_qmp_socket_connect(struct vr_qmp_socket *s, const char *path,
                          pid_t pid) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  vr_auto_close int file = open(path, O_PATH | O_CLOEXEC);
  if (file < 0)
    return -errno;
  snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d",
           file);
  vr_auto_close int fd =
      socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 ||
      connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
    return -errno;
  if (!is_peer(fd, pid))
    return -ESTALE;
  s->fd = fd;
  fd = -1;
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
