/* SPDX-License-Identifier: MIT
 *
 * What is lost between hosts: what the tap of guest X has sent to guest Y, as
 * its host counts it, against what the tap of Y has been given from X, as Y's
 * host counts it. Both counts are taken at the same edges of time, multiples of
 * the window, so that a frame is in the same window at both ends; what may
 * still be in another one, because readings are not at the edge itself and
 * clocks differ, is allowed for.
 */
#ifndef VR_TOPOLOGY_CONSERVATION_H
#define VR_TOPOLOGY_CONSERVATION_H

#include "signal/identifier.h"
#include "topology/ledger.h"

struct vr_conservation_options {
  size_t max_guests, max_flows; /* as of the ledger */
  vr_time window;
  vr_time skew; /* by which clocks of hosts may differ */
};

/* 1000 guests, 65536 flows, 10 s, 5 ms. */
struct vr_conservation_options vr_conservation_defaults(void);

struct vr_conservation;

struct vr_conservation *
vr_conservation_new(const struct vr_conservation_options *o);
void vr_conservation_free(struct vr_conservation *c);

enum vr_conservation_unit {
  VR_CONSERVATION_OCTETS,
  VR_CONSERVATION_FRAMES,
  VR_CONSERVATION_WIRE, /* bytes with the headers of each segment */
  VR_CONSERVATION_UNITS,
};

struct vr_conservation_count {
  enum vr_conservation_unit unit;
  bool has[2]; /* [0]: what the guest sent, [1]: what it received */
  int64_t count[2];
  vr_time time;     /* by the host's clock */
  vr_time interval; /* at which it is reported */
};

/* HOST's counters of a guest and the MAC of a peer. Returns 0, -EINVAL for a
 * negative one, -ENOSPC or -ENOMEM. */
int vr_conservation_take(struct vr_conservation *c, const char *host,
                         const char *guest, const char *peer,
                         const struct vr_conservation_count *count);

/* MAC is the guest's. Guests with several cards are not judged. Returns as
 * above. */
int vr_conservation_mac(struct vr_conservation *c, const char *guest,
                        const char *mac, vr_time time);

/* Between two hosts, in one direction. */
struct vr_conservation_pair {
  char from[VR_FIELD_SIZE], to[VR_FIELD_SIZE];
  double sent; /* bytes per second, in the last window */
  double loss; /* part of the bytes; NAN: not known; 0: less than can be seen */
  bool lossy;  /* it has been seen in two windows in a row, and is not over */
  bool changed;       /* it was the other way round in the window before */
  unsigned bad, good; /* windows in a row */
  int64_t edge;       /* of the last window that was judged */
  double since; /* when the time began over which LOSS is; seconds since 1970 */
};

/* Judges the windows that have ended since; L says who is who, and where.
 * Returns whether there was one. */
bool vr_conservation_judge(struct vr_conservation *c, const struct vr_ledger *l,
                           vr_time now);

/* All host pairs with traffic in the last minute, as last judged. */
size_t vr_conservation_pairs(const struct vr_conservation *c);
const struct vr_conservation_pair *
vr_conservation_pair_at(const struct vr_conservation *c, size_t i);

#endif
