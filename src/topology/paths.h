/* SPDX-License-Identifier: MIT
 *
 * Which pairs of hosts get a direct way and which one through another host, so
 * that more of what guests want to send gets through. Pure: it knows neither a
 * kernel nor a clock.
 *
 * What a way may carry is said by links: capacities that all ways between some
 * hosts share, such as the card of a host in one direction, or the line between
 * two sites. Ways share a link fairly (max-min): none gets more as long as one
 * that wants more gets less.
 *
 * A route of a host is a next hop for a destination, so the host in the middle
 * goes on by its own route: who relays to a destination must reach it directly.
 * Then no way has more than one host in the middle, and none goes in circles.
 */
#ifndef VR_TOPOLOGY_PATHS_H
#define VR_TOPOLOGY_PATHS_H

#include "topology/placement.h"

#include <stdint.h>

#define VR_PATHS_DIRECT SIZE_MAX
enum {
  VR_PATHS_HOSTS = 64,
  VR_PATHS_LINKS = 512,
  VR_PATHS_NAME = 64,
  VR_PATHS_SOURCE = 16,
  VR_PATHS_INTERFACE = 64,
  VR_PATHS_FLOWS = 256, /* the largest demands between hosts; others stay */
};

/* Carries every direct way from one of FROM to one of TO, N hosts each. */
struct vr_paths_link {
  char name[VR_PATHS_NAME];
  double capacity; /* bytes per second */
  double delay;    /* seconds */
  double other;    /* of the capacity, what others than our guests use */
  char source[VR_PATHS_SOURCE]; /* who says so; "": the operator */
  bool *from, *to;
};

/* The interface by which a host reaches the others; 0 or "": not known. */
struct vr_paths_card {
  char interface[VR_PATHS_INTERFACE];
  double speed; /* bytes per second, each way */
  unsigned mtu;
};

/* What is measured from one host to another, by the way that they have now.
 * NAN: not known. */
struct vr_paths_seen {
  double delay; /* seconds, one way */
  double drop;  /* part of the pings */
  double loss;  /* part of the guests' bytes */
  bool lossy;   /* loss that lasts */
  double since; /* when the time began over which LOSS is; since 1970 */
};

struct vr_paths_flow {
  size_t from, to; /* hosts */
  double bytes;    /* per second, as measured */
  double want;     /* what it would send where nothing holds it back */
  double arrived;  /* bytes per second that arrive */
  double latest;   /* the same, of the last window alone */
  double sent;     /* in the last window alone, by senders */
};

/* A way that is not to be used: it has proved worse than it should be. */
struct vr_paths_ban {
  size_t from, to, via;
};

/* All zero: not known. */
struct vr_paths {
  size_t n;     /* hosts */
  size_t hub;   /* the default is a star through it; VR_PATHS_DIRECT: direct */
  bool *relays; /* N: may pass on what is not theirs; the hub may anyhow */
  bool *unreachable; /* N * N: no direct way */
  size_t n_links;
  struct vr_paths_link *links;
  size_t n_flows;
  struct vr_paths_flow *flows; /* the largest first */
  size_t *via; /* N * N: the host in the middle of each way, as it is now, or
                  VR_PATHS_DIRECT */
  struct vr_paths_seen *seen;  /* N * N, of these ways */
  struct vr_paths_card *cards; /* N */
  size_t n_bans;
  struct vr_paths_ban *bans; /* never of a default */
};

void vr_paths_clear(struct vr_paths *p);

/* For N hosts, direct ways, as they are now. Returns 0, -ENOMEM or -EINVAL. */
int vr_paths_init(struct vr_paths *p, size_t n);

/* Adds a link that carries nothing yet. Returns it or NULL. */
struct vr_paths_link *vr_paths_add_link(struct vr_paths *p, const char *name,
                                        double capacity, double delay);

/* Returns 0 or -ENOMEM. */
int vr_paths_add_ban(struct vr_paths *p, size_t from, size_t to, size_t via);

/* What is known of a way, from what is measured of the ways as they are, then
 * from links; NAN where it is not known. Seconds; a part. A direct way of which
 * nothing is known takes UNKNOWN. */
double vr_paths_delay(const struct vr_paths *p, size_t from, size_t to,
                      size_t via, double unknown);
double vr_paths_loss(const struct vr_paths *p, size_t from, size_t to,
                     size_t via);

/* Bytes per second that L carries now, others' included. */
double vr_paths_use(const struct vr_paths *p, const struct vr_paths_link *l);

/* Of the links of a way, how much of the fullest one is used; 0: no link of it
 * is known. */
double vr_paths_fullest(const struct vr_paths *p, size_t from, size_t to,
                        size_t via);

/* Bytes per second that the way could carry more, beside all flows as they are:
 * capacity less what is carried; INFINITY: no link of it is known. */
double vr_paths_available(const struct vr_paths *p, size_t from, size_t to,
                          size_t via);

/* From here on a link is taken to hold its flows back. */
#define VR_PATHS_BUSY 0.8

/* A way that loses so much is worse than any other one that is as wide. */
#define VR_PATHS_LOSSY 0.01

/* The way from FROM to TO where nothing is done: direct or through the hub. */
size_t vr_paths_default(const struct vr_paths *p, size_t from, size_t to);

/* Whether a way from FROM to TO by VIA exists, given that all else is direct,
 * and may be used. */
bool vr_paths_exists(const struct vr_paths *p, size_t from, size_t to,
                     size_t via);

/* Whether all ways of VIA (N * N) exist, each relay with a direct way on. */
bool vr_paths_are_valid(const struct vr_paths *p, const size_t *via);

/* The flows between hosts, from demands between guests and where those are. A
 * flow whose way has a link that is used by four fifths or more wants as much
 * again as it gets, eight times: what it would send cannot be known. Returns 0
 * or -ENOMEM. */
int vr_paths_take_demands(struct vr_paths *p,
                          const struct vr_placement *placement);

/* Bytes per second that get through with the ways VIA, and of each flow (may be
 * NULL). Returns a negative number without memory. */
double vr_paths_carried(const struct vr_paths *p, const size_t *via,
                        double *ret_rates);

struct vr_paths_plan {
  size_t n;
  size_t *via;                     /* N * N */
  double total;                    /* bytes per second that flows want, */
  double by_default, now, planned; /* and that get through */
};

void vr_paths_plan_clear(struct vr_paths_plan *plan);

/* The best ways that are found: the largest flow first, each by the way with
 * the most room left, then single changes as long as they help; never less than
 * the default carries, and no way differs from the default for nothing. The
 * same problem always gives the same plan. Returns 0 or -ENOMEM. */
int vr_paths_find(const struct vr_paths *p, struct vr_paths_plan *ret);

#endif
