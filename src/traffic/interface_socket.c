/* SPDX-License-Identifier: MIT */
#include "traffic/interface_socket.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Linux 4.20, newer than some headers. */
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

/* Signals are for the daemon's other threads. */
static int start(pthread_t *ret, void *(*fn)(void *), void *ctx) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(ret, NULL, fn, ctx);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return error;
}

struct request {
  int network;
  const char *name;
  int index; /* the answer */
  int fd;    /* the answer, or a negative errno */
};

/* Protocol 0: nothing arrives before the socket is bound. */
static int open_here(const char *name, int *ret_index) {
  struct ifreq r = {0};
  vr_auto_close int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
  if (ioctl(fd, SIOCGIFINDEX, &r) < 0)
    return -errno;
  *ret_index = r.ifr_ifindex;
  int opened = fd;
  fd = -1;
  return opened;
}

static void *open_there(void *ctx) {
  struct request *r = ctx;
  if (setns(r->network, CLONE_NEWNET) < 0)
    r->fd = -errno;
  else
    r->fd = open_here(r->name, &r->index);
  return NULL;
}

/* A thread that has entered another namespace goes no way back: it ends, and no
 * other part of the daemon ever runs there. */
static int run_thread(struct request *r) {
  pthread_t thread;
  int error = start(&thread, open_there, r);
  if (error)
    return -error;
  pthread_join(thread, NULL);
  return r->fd;
}

int vr_interface_socket_open(int network, const char *name, int *ret_index) {
  if (network < 0)
    return open_here(name, ret_index);
  struct request r = {.network = network, .name = name};
  int fd = run_thread(&r);
  if (fd >= 0)
    *ret_index = r.index;
  return fd;
}

int vr_interface_socket_attach(int fd, int program) {
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) <
                 0
             ? -errno
             : 0;
}

int vr_interface_socket_bind(int fd, int index, int program, bool outgoing) {
  const int yes = 1;
  const struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                      .sll_protocol = htons(ETH_P_ALL),
                                      .sll_ifindex = index};
  int r = vr_interface_socket_attach(fd, program);
  if (r < 0)
    return r;
  /* A kernel without it shows those frames to the program, which counts none of
   * them: only the time is lost. */
  if (!outgoing)
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
  return bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0
             ? -errno
             : 0;
}

bool vr_interface_socket_is_there(int fd) {
  struct sockaddr_ll address;
  socklen_t size = sizeof(address);
  return getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
         address.sll_ifindex > 0;
}

/* Every CLOSERS-th socket, from FIRST on. */
enum { CLOSERS = 16 };
struct closer {
  const int *fds;
  size_t first, count;
};

static void *close_some(void *ctx) {
  const struct closer *c = ctx;
  for (size_t i = c->first; i < c->count; i += CLOSERS)
    if (c->fds[i] >= 0)
      close(c->fds[i]);
  return NULL;
}

void vr_interface_socket_close(const int *fds, size_t count) {
  pthread_t threads[CLOSERS];
  struct closer closers[CLOSERS];
  bool started[CLOSERS] = {false};
  for (size_t i = 0; i < CLOSERS && i < count; i++) {
    closers[i] = (struct closer){fds, i, count};
    started[i] = count > 1 && start(&threads[i], close_some, &closers[i]) == 0;
    if (!started[i])
      close_some(&closers[i]);
  }
  for (size_t i = 0; i < CLOSERS; i++)
    if (started[i])
      pthread_join(threads[i], NULL);
}
