/* SPDX-License-Identifier: MIT */
#include "top_link.h"

#include "basic/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
  CHUNK = 256 * 1024,
  LONGEST_LINE = 16 * 1024, /* a name has 600 bytes; who sends more is not
                               collectd */
};

void vr_top_link_init(struct vr_top_link *l, const char *path) {
  *l = (struct vr_top_link){.path = path, .fd = -1};
}

int vr_top_link_open(struct vr_top_link *l, struct vr_error *ret_error) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  vr_top_link_close(l);
  if (strlen(l->path) >= sizeof(address.sun_path))
    return vr_error_set(ret_error, -ENAMETOOLONG, "socket %s: name too long",
                        l->path);
  strcpy(address.sun_path, l->path);
  l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (l->fd >= 0 &&
      connect(l->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
    return 0;
  int r = -errno;
  vr_top_link_close(l);
  return vr_error_set(ret_error, r, "collectd cannot be reached: %s (%s)",
                      strerror(-r), l->path);
}

void vr_top_link_close(struct vr_top_link *l) {
  if (l->fd >= 0)
    close(l->fd);
  free(l->out);
  free(l->in);
  vr_top_link_init(l, l->path);
}

int vr_top_link_send(struct vr_top_link *l, const char *text, size_t length) {
  if (l->out_at == l->out_length)
    l->out_at = l->out_length = 0;
  int r = vr_array_reserve(&l->out, &l->out_capacity, l->out_length + length);
  if (r < 0)
    return r;
  memcpy(l->out + l->out_length, text, length);
  l->out_length += length;
  return 0;
}

short vr_top_link_events(const struct vr_top_link *l) {
  return POLLIN | (l->out_at < l->out_length ? POLLOUT : 0);
}

static bool would_wait(void) {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static long send_some(struct vr_top_link *l) {
  long sum = 0;
  while (l->out_at < l->out_length) {
    ssize_t n = send(l->fd, l->out + l->out_at, l->out_length - l->out_at,
                     MSG_NOSIGNAL);
    if (n < 0)
      return would_wait() ? sum : -errno;
    l->out_at += (size_t)n;
    sum += n;
  }
  return sum;
}

/* Room for a chunk behind what has not been taken yet. */
static int make_room(struct vr_top_link *l) {
  if (l->in_at > 0)
    memmove(l->in, l->in + l->in_at, l->in_length - l->in_at);
  l->in_length -= l->in_at;
  l->in_at = 0;
  return vr_array_reserve(&l->in, &l->in_capacity, l->in_length + CHUNK);
}

static long receive_some(struct vr_top_link *l) {
  if (l->in_length - l->in_at > LONGEST_LINE &&
      !memchr(l->in + l->in_at, '\n', l->in_length - l->in_at))
    return -EPROTO;
  if (l->in_capacity - l->in_length < CHUNK / 4) {
    int r = make_room(l);
    if (r < 0)
      return r;
  }
  ssize_t n =
      recv(l->fd, l->in + l->in_length, l->in_capacity - l->in_length, 0);
  if (n == 0)
    return -EPIPE;
  if (n < 0)
    return would_wait() ? 0 : -errno;
  l->in_length += (size_t)n;
  return n;
}

long vr_top_link_work(struct vr_top_link *l) {
  long sent = send_some(l);
  if (sent < 0)
    return sent;
  long received = receive_some(l);
  return received < 0 ? received : sent + received;
}

char *vr_top_link_line(struct vr_top_link *l, size_t *ret_length) {
  if (l->in_at == l->in_length) {
    l->in_at = l->in_length = 0;
    return NULL;
  }
  char *line = l->in + l->in_at;
  char *end = memchr(line, '\n', l->in_length - l->in_at);
  if (!end)
    return NULL;
  *end = '\0';
  *ret_length = (size_t)(end - line);
  l->in_at += *ret_length + 1;
  return line;
}
