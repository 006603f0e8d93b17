/* SPDX-License-Identifier: MIT
 *
 * The thread that waits: for frames of guests who arrive, for taps that come to
 * our bridges, and for what a central has to pass on soon.
 */
#include <sys/socket.h>

#include "overlay/overlay_watch.h"

#include "overlay/overlay_claim.h"
#include "overlay/overlay_ports.h"
#include "overlay/overlay_ways.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
  SOON_MS = 20,     /* a tap has come; its process may not be complete yet */
  SPACING_MS = 200, /* between two looks at all processes */
  RESCANS = 6,      /* for a tap that is nobody's yet */
  FLUSH_MS = 50,    /* what waits to be sent */
  EVENTS = 32,
  FRAMES = 16, /* of one port before others have their turn */
};
#define MS INT64_C(1000)

/* --- what happens --- */

static void on_frames(struct vr_overlay *o, int fd) {
  struct vr_overlay_port *p = NULL;
  struct vr_mac mac;
  for (size_t i = 0; i < o->n_ports; i++)
    if (o->ports[i].fd == fd)
      p = &o->ports[i];
  /* A socket that was closed meanwhile has no port. */
  for (int i = 0; p && i < FRAMES && vr_arrival_next(fd, &mac); i++) {
    const struct vr_location *l =
        vr_locations_find(&o->locations, p->lan->vni, &mac);
    bool known =
        l && !l->gone && vr_overlay_is_here(o, l) && l->port == p->index;
    if (!known && vr_overlay_port_may_use(p, &mac))
      vr_overlay_claim(o, p, &mac);
  }
}

static bool is_on_ours(const struct vr_overlay *o,
                       const struct vr_rtnl_link *l) {
  for (size_t i = 0; l->master && i < o->options.n_lans; i++)
    if (o->options.lans[i].bridge_index == l->master &&
        o->options.lans[i].device_index != l->index)
      return true;
  return false;
}

static void look_again(struct vr_overlay *o, int64_t ms) {
  int64_t at = vr_overlay_now() + ms * MS;
  if (!o->rescan || at < o->rescan)
    o->rescan = at;
}

static void on_links(struct vr_overlay *o) {
  char buffer[16384] __attribute__((aligned(8)));
  ssize_t n;
  bool ours = false;
  while ((n = recv(o->link_fd, buffer, sizeof(buffer), MSG_DONTWAIT)) != 0) {
    int left = (int)n;
    struct vr_rtnl_link l;
    if (n < 0 && errno != ENOBUFS)
      break;
    ours |= n < 0; /* some were lost */
    for (const struct nlmsghdr *p = (const void *)buffer;
         n > 0 && mnl_nlmsg_ok(p, left); p = mnl_nlmsg_next(p, &left))
      ours |= vr_rtnl_link_parse(p, &l) && is_on_ours(o, &l);
  }
  if (!ours)
    return;
  o->rescans = 0;
  look_again(o, SOON_MS);
}

/* A tap on our bridge whose process is not known. */
static bool has_orphan(struct vr_overlay *o) {
  for (size_t i = 0; i < o->links.n; i++)
    if (is_on_ours(o, &o->links.list[i]) &&
        !vr_overlay_port_at(o, o->links.list[i].index))
      return true;
  return false;
}

/* The locks are taken in their order; what happens meanwhile is not missed. */
static void rescan(struct vr_overlay *o) {
  o->rescan = 0;
  pthread_mutex_unlock(&o->lock);
  pthread_mutex_lock(&o->looking);
  vr_overlay_look(o);
  pthread_mutex_lock(&o->lock);
  vr_overlay_take_ports(o);
  pthread_mutex_unlock(&o->looking);
  vr_overlay_claim_begun(o);
  if (has_orphan(o) && o->rescans < RESCANS)
    look_again(o, (int64_t)SPACING_MS << o->rescans++);
}

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* Whether the file with the ways was written, or took the place of the former
 * one. */
static bool has_new_ways(const struct vr_overlay *o) {
  char buffer[4096] __attribute__((aligned(8)));
  bool any = false;
  ssize_t n;
  while ((n = read(o->paths_fd, buffer, sizeof(buffer))) > 0)
    for (ssize_t at = 0; at < n;) {
      const struct inotify_event *e = (const void *)(buffer + at);
      any |=
          (e->mask & IN_Q_OVERFLOW) ||
          (e->len > 0 && strcmp(e->name, base_of(o->options.paths_file)) == 0);
      at += (ssize_t)sizeof(*e) + e->len;
    }
  return any;
}

/* The locks are taken in their order. Nobody waits for an interval, so that a
 * way that proves worse is left soon. */
static void on_paths(struct vr_overlay *o) {
  if (!has_new_ways(o))
    return;
  pthread_mutex_unlock(&o->lock);
  pthread_mutex_lock(&o->looking);
  vr_auto_free char *text = vr_overlay_ways_read(o);
  pthread_mutex_lock(&o->lock);
  pthread_mutex_unlock(&o->looking);
  vr_overlay_ways_pass_on(o, text);
  o->options.flush();
}

static void flush(struct vr_overlay *o) {
  o->flush_due = false;
  o->options.flush();
}

/* --- the thread --- */

static int wait_ms(const struct vr_overlay *o) {
  int64_t ms = o->flush_due ? FLUSH_MS : -1;
  if (o->rescan) {
    int64_t left = (o->rescan - vr_overlay_now()) / MS + 1;
    /* A clock that was set back must not keep us waiting. */
    left = left < 0 ? 0 : left > 60000 ? 60000 : left;
    ms = ms < 0 || left < ms ? left : ms;
  }
  return (int)ms;
}

static void handle(struct vr_overlay *o, const struct epoll_event *e, int n) {
  uint64_t count;
  for (int i = 0; i < n; i++)
    if (e[i].data.fd == o->link_fd)
      on_links(o);
    else if (e[i].data.fd == o->paths_fd)
      on_paths(o);
    else if (e[i].data.fd == o->wake)
      (void)!read(o->wake, &count, sizeof(count));
    else
      on_frames(o, e[i].data.fd);
  if (o->rescan && vr_overlay_now() >= o->rescan)
    rescan(o);
  if (o->flush_due && n == 0)
    flush(o);
}

static void *run(void *ctx) {
  struct vr_overlay *o = ctx;
  struct epoll_event e[EVENTS];
  pthread_mutex_lock(&o->lock);
  while (o->running) {
    int ms = wait_ms(o);
    pthread_mutex_unlock(&o->lock);
    int n = epoll_wait(o->epoll, e, EVENTS, ms);
    pthread_mutex_lock(&o->lock);
    if (o->running)
      handle(o, e, n);
  }
  pthread_mutex_unlock(&o->lock);
  return NULL;
}

static int add(struct vr_overlay *o, int fd) {
  struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
  return epoll_ctl(o->epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static int open_link_events(struct vr_overlay *o) {
  const struct sockaddr_nl address = {.nl_family = AF_NETLINK,
                                      .nl_groups = RTMGRP_LINK};
  o->link_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (o->link_fd < 0 ||
      bind(o->link_fd, (const void *)&address, sizeof(address)) < 0)
    return -errno;
  return add(o, o->link_fd);
}

/* Without it they are looked for once an interval. */
static void open_path_events(struct vr_overlay *o) {
  const char *path = o->options.paths_file;
  size_t n = (size_t)(base_of(path) - path);
  vr_auto_free char *directory = n > 0 ? strndup(path, n) : strdup(".");
  o->paths_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (o->paths_fd >= 0 && directory &&
      inotify_add_watch(o->paths_fd, directory, IN_CLOSE_WRITE | IN_MOVED_TO) >=
          0)
    add(o, o->paths_fd);
}

static int open_all(struct vr_overlay *o) {
  o->epoll = epoll_create1(EPOLL_CLOEXEC);
  o->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (o->epoll < 0 || o->wake < 0)
    return -errno;
  int r = add(o, o->wake);
  if (r == 0 && o->options.n_lans > 0)
    r = open_link_events(o);
  if (r == 0 && o->options.paths_file)
    open_path_events(o);
  for (size_t i = 0; r == 0 && i < o->n_ports; i++)
    if (o->ports[i].fd >= 0)
      r = add(o, o->ports[i].fd);
  return r;
}

/* Signals are for the daemon's other threads. */
int vr_overlay_watch_start(struct vr_overlay *o) {
  sigset_t all, before;
  int r = open_all(o);
  if (r < 0)
    return r;
  o->running = true;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  r = -pthread_create(&o->thread, NULL, run, o);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  o->running = r == 0;
  return r;
}

void vr_overlay_watch_stop(struct vr_overlay *o) {
  pthread_mutex_lock(&o->lock);
  bool was_running = o->running;
  o->running = false;
  if (o->wake >= 0)
    (void)!write(o->wake, &(uint64_t){1}, sizeof(uint64_t));
  pthread_mutex_unlock(&o->lock);
  if (was_running)
    pthread_join(o->thread, NULL);
  const int fds[] = {o->epoll, o->wake, o->link_fd, o->paths_fd};
  for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
    if (fds[i] >= 0)
      close(fds[i]);
  o->epoll = o->wake = o->link_fd = o->paths_fd = -1;
}
