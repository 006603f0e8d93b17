/* SPDX-License-Identifier: MIT
 *
 * Bytes to and from a disk, and over the network.
 */
#include "tools/vmrecon-play-acts.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  BLOCK = 4096,         /* what a disk is written in */
  LARGEST = 16 * BLOCK, /* at once */
  FILE_SIZE = 32 << 20, /* then from the beginning again */
  DATAGRAM = 1400,
};

/* --- disk --- */

/* A file without a name, which goes with the process. */
static int unnamed_file(const char *directory) {
  int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    return fd;
  char path[4096];
  snprintf(path, sizeof(path), "%s/vmrecon-play.XXXXXX", directory);
  fd = mkostemp(path, O_CLOEXEC);
  if (fd >= 0)
    unlink(path);
  return fd;
}

int vr_tools_disk_open(struct vr_tools_act *a, struct vr_error *ret_error) {
  a->out = unnamed_file(a->directory);
  if (a->out < 0)
    return vr_error_set(ret_error, -errno, "no file in %s: %s", a->directory,
                        strerror(errno));
  a->direct = fcntl(a->out, F_SETFL, O_DIRECT) == 0;
  if (posix_memalign((void **)&a->memory, BLOCK, LARGEST) != 0)
    return vr_error_set(ret_error, -ENOMEM, "no memory");
  memset(a->memory, 'v', LARGEST);
  return 0;
}

static ssize_t one_piece(struct vr_tools_act *a, bool reads, size_t size) {
  if (a->at + (off_t)size > FILE_SIZE)
    a->at = 0;
  ssize_t n = reads ? pread(a->out, a->memory, size, a->at)
                    : pwrite(a->out, a->memory, size, a->at);
  a->at += (off_t)size;
  return n;
}

static double move(struct vr_tools_act *a, bool reads, double amount) {
  double done = 0;
  while (done + BLOCK <= amount) {
    double left = amount - done;
    size_t size = left >= LARGEST ? LARGEST : (size_t)left / BLOCK * BLOCK;
    ssize_t n = one_piece(a, reads, size);
    if (n <= 0)
      break;
    done += (double)n;
  }
  return done;
}

/* Without O_DIRECT the page cache is made to hand on what it has. */
double vr_tools_disk_do(struct vr_tools_act *a, double amount) {
  double done = move(a, false, amount);
  if (!a->direct && done > 0)
    fdatasync(a->out);
  return done;
}

int vr_tools_disk_read_open(struct vr_tools_act *a,
                            struct vr_error *ret_error) {
  int r = vr_tools_disk_open(a, ret_error);
  if (r < 0)
    return r;
  if (move(a, false, FILE_SIZE) < FILE_SIZE || fdatasync(a->out) < 0)
    return vr_error_set(ret_error, -EIO, "a file of %d MiB in %s: %s",
                        FILE_SIZE >> 20, a->directory, strerror(errno));
  return 0;
}

double vr_tools_disk_read_do(struct vr_tools_act *a, double amount) {
  if (!a->direct)
    posix_fadvise(a->out, 0, 0, POSIX_FADV_DONTNEED);
  return move(a, true, amount);
}

/* --- network: datagrams, which nobody has to answer --- */

static int connect_to(const char *host, const char *port) {
  const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
  struct addrinfo *found;
  if (getaddrinfo(host, port, &hints, &found) != 0)
    return -1;
  int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) < 0) {
    close(fd);
    fd = -1;
  }
  freeaddrinfo(found);
  return fd;
}

static int to_peer(struct vr_tools_act *a, struct vr_error *ret_error) {
  char host[256];
  const char *colon = strrchr(a->peer, ':');
  if (!colon || colon == a->peer || (size_t)(colon - a->peer) >= sizeof(host))
    return vr_error_set(ret_error, -EINVAL, "%s is not HOST:PORT", a->peer);
  snprintf(host, sizeof(host), "%.*s", (int)(colon - a->peer), a->peer);
  a->out = connect_to(host, colon + 1);
  return a->out < 0
             ? vr_error_set(ret_error, -EHOSTUNREACH,
                            "%s cannot be reached by UDP: is the name right?",
                            a->peer)
             : 0;
}

/* A receiver of our own, on the loopback. */
static int to_itself(struct vr_tools_act *a, struct vr_error *ret_error) {
  struct sockaddr_in here = {.sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof(here);
  a->sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  a->out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (a->sink < 0 || a->out < 0 ||
      bind(a->sink, (struct sockaddr *)&here, sizeof(here)) < 0 ||
      getsockname(a->sink, (struct sockaddr *)&here, &length) < 0 ||
      connect(a->out, (struct sockaddr *)&here, length) < 0)
    return vr_error_set(ret_error, -errno, "no loopback: %s", strerror(errno));
  return 0;
}

int vr_tools_network_open(struct vr_tools_act *a, struct vr_error *ret_error) {
  return a->peer ? to_peer(a, ret_error) : to_itself(a, ret_error);
}

/* A peer where nobody listens is no failure of ours: bytes were sent. */
double vr_tools_network_do(struct vr_tools_act *a, double amount) {
  static char data[DATAGRAM];
  double done = 0;
  while (done + DATAGRAM <= amount) {
    ssize_t n = send(a->out, data, sizeof(data), MSG_NOSIGNAL);
    if (n < 0 && errno != ECONNREFUSED)
      break;
    if (a->sink >= 0)
      while (recv(a->sink, data, sizeof(data), 0) > 0)
        continue;
    done += n > 0 ? (double)n : 0;
  }
  return done;
}
