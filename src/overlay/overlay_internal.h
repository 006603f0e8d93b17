/* SPDX-License-Identifier: MIT
 *
 * What the parts of the overlay share. Whoever calls holds the lock.
 */
#ifndef VR_OVERLAY_OVERLAY_INTERNAL_H
#define VR_OVERLAY_OVERLAY_INTERNAL_H

#include "basic/remote_file.h"
#include "overlay/arrival.h"
#include "overlay/locations.h"
#include "overlay/overlay_options.h"
#include "overlay/rtnl_fdb.h"

#include <pthread.h>

enum { VR_OVERLAY_MIGRATIONS = 64 };

/* A tap of a guest on the bridge of a LAN. */
struct vr_overlay_port {
  unsigned index;
  char name[VR_RTNL_NAME];
  struct vr_lan *lan;
  char guest[VR_ANNOUNCEMENT_NAME];
  pid_t pid;
  uint64_t start;
  bool incoming; /* its VMM waits, or waited, for the guest */
  struct vr_nics nics;
  int fd;      /* the socket that waits for it, or -1 */
  bool muted;  /* nothing is waited for until the next interval */
  bool listed; /* found by this scan */
  struct vr_complaint trouble, mtu;
};

struct vr_overlay_migration {
  struct vr_location_key key;
  char guest[VR_ANNOUNCEMENT_NAME];
  char from[VR_ANNOUNCEMENT_NAME], to[VR_ANNOUNCEMENT_NAME];
  int64_t at;  /* when its first frame was seen there; microseconds */
  int64_t gap; /* until this host's entries were right; microseconds */
};

struct vr_overlay {
  struct vr_overlay_options options;
  /* Looking at all processes takes long, and has a lock of its own, so that
   * announcements do not wait for it. It is taken before the other. */
  pthread_mutex_t looking;
  struct vr_rtnl *look_rtnl;
  struct vr_rtnl_links seen;
  pthread_mutex_t lock; /* all that follows, but host */
  struct vr_locations locations;
  struct vr_ways ways; /* of this host, or, on a central, of all */
  struct vr_host *host;
  struct vr_rtnl *rtnl;
  struct vr_rtnl_links links;
  size_t n_ports, ports_capacity;
  struct vr_overlay_port *ports;
  struct vr_overlay_migration migrations[VR_OVERLAY_MIGRATIONS];
  size_t n_migrations; /* in all */
  uint64_t refused[VR_REFUSAL_KINDS];
  uint64_t taken, sent, repaired, held;
  struct vr_log_limit refusals, moves;
  unsigned steps;
  struct vr_complaint failed, kernel, unsent, unwritten, unrouted, undecided;
  struct vr_remote_file state;
  /* The thread. */
  pthread_t thread;
  bool running, flush_due;
  int epoll, wake, link_fd, paths_fd;
  int64_t rescan; /* when to look again; 0: not */
  unsigned rescans;
};

/* Microseconds since 1970. */
int64_t vr_overlay_now(void);

/* The LAN with that VNI, or NULL. */
struct vr_lan *vr_overlay_lan(struct vr_overlay *o, uint32_t vni);

/* Whether L is on this host. */
bool vr_overlay_is_here(const struct vr_overlay *o,
                        const struct vr_location *l);

#endif
