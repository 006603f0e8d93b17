/* SPDX-License-Identifier: MIT
 *
 * What the hosts' counters of pairs say, by name. Hosts report per guest and
 * peer's MAC; which MACs are whose is reported as well. Totals by the names of
 * guest and peer go on rising evenly when a guest moves to another host.
 * Everything is bounded; what is not reported any longer is forgotten.
 */
#ifndef VR_TOPOLOGY_LEDGER_H
#define VR_TOPOLOGY_LEDGER_H

#include "signal/resample.h"
#include "topology/windows.h"

#include <stdbool.h>

struct vr_ledger_options {
  size_t max_guests; /* and twice as many MACs for each */
  size_t max_flows;  /* guest, host and peer */
  vr_time interval;  /* at which hosts report */
};

/* 1000 guests, 65536 flows, 10 s. */
struct vr_ledger_options vr_ledger_defaults(void);

struct vr_ledger;

struct vr_ledger *vr_ledger_new(const struct vr_ledger_options *o);
void vr_ledger_free(struct vr_ledger *l);
void vr_ledger_freep(struct vr_ledger **l);

/* A router or another machine that is no guest: its MAC (12 hex digits) is
 * called NAME, as said at TIME; VR_LEDGER_EVER: by the configuration. Returns
 * 0, -EINVAL, -ENOSPC, -ENOMEM, or -EBUSY for a guest's. */
#define VR_LEDGER_EVER INT64_MAX
int vr_ledger_name_peer(struct vr_ledger *l, const char *mac, const char *name,
                        vr_time time);

enum vr_ledger_unit { VR_LEDGER_OCTETS, VR_LEDGER_PACKETS };

/* HOST says at TIME that MAC is a guest's. A MAC that another guest holds stays
 * that guest's while it is reported. Returns 0, -EINVAL for a name that is no
 * MAC, -ENOSPC when the tables are full, -EBUSY for a MAC that is taken. */
int vr_ledger_mac(struct vr_ledger *l, const char *host, const char *guest,
                  const char *mac, vr_time time);

struct vr_ledger_count {
  enum vr_ledger_unit unit;
  int64_t rx, tx;   /* RX: what the guest sent */
  vr_time time;     /* by the host's clock, which may be wrong */
  vr_time arrival;  /* by ours */
  vr_time interval; /* at which it is reported; 0: as in the options */
};

/* HOST's counters of a guest and PEER: 12 hex digits, "broadcast",
 * "multicast", "others" or "spoofed". Returns as above. */
int vr_ledger_count(struct vr_ledger *l, const char *host, const char *guest,
                    const char *peer, const struct vr_ledger_count *count);

/* One row by name, since it was first seen. */
struct vr_ledger_row {
  const char *guest, *peer;      /* valid during the call */
  int64_t octets[2], packets[2]; /* rx, tx */
  bool has_packets;
};
typedef void (*vr_ledger_fn)(void *ctx, const struct vr_ledger_row *row);

/* Ends a window at NOW: passes each row that was reported in it to FN (may be
 * NULL), adds the rates of pairs of guests to W and closes its window. */
void vr_ledger_close(struct vr_ledger *l, vr_time now, struct vr_windows *w,
                     vr_ledger_fn fn, void *ctx);

/* The host of a guest; NULL if the guest is not known. */
const char *vr_ledger_host(const struct vr_ledger *l, const char *guest);

/* The guest that has a MAC (12 hex digits); NULL: no guest's. */
const char *vr_ledger_guest(const struct vr_ledger *l, const char *mac);

/* How many there are, and how many were refused for want of room. */
struct vr_ledger_stats {
  size_t guests, macs, flows, rows;
  size_t refused;
};
struct vr_ledger_stats vr_ledger_stats(const struct vr_ledger *l);

#endif
