/* SPDX-License-Identifier: MIT
 *
 * What is measured of the underlay: how long frames take between the ends of
 * the tunnels (collectd's plugin ping, on each host), what is lost on the way
 * (conservation.h), and what the interface carries by which a host reaches the
 * others (HOST/vmrecon_underlay-INTERFACE/..., from vmrecon_overlay).
 */
#ifndef VR_TOPOLOGY_UNDERLAY_H
#define VR_TOPOLOGY_UNDERLAY_H

#include "topology/conservation.h"
#include "topology/paths.h"
#include "topology/roster.h"

struct vr_underlay {
  struct vr_roster hosts, pings, addresses;
};

void vr_underlay_init(struct vr_underlay *m, size_t max_hosts);
void vr_underlay_clear(struct vr_underlay *m);

/* ADDRESS is HOST's end of its tunnels, as said at TIME; VR_LEDGER_EVER: by the
 * configuration. Returns 0, -EBUSY where it is another host's that has not been
 * silent about it, -ENOSPC or -ENOMEM. */
int vr_underlay_address(struct vr_underlay *m, const char *host,
                        const char *address, vr_time time);

/* Takes HOST/ping/ping-TARGET, ping_droprate- and ping_stddev-TARGET, and
 * HOST/vmrecon_underlay-INTERFACE/gauge-speed (bytes per second), gauge-mtu and
 * gauge-vtep_ADDRESS (1); passes over all others. TARGET is a host's name or
 * its address. Returns as above. */
int vr_underlay_take(struct vr_underlay *m, const struct vr_identifier *id,
                     double value, vr_time time);

/* HOST/vmrecon_underlay-INTERFACE/if_octets. Returns as above; -EINVAL for
 * negative counters. */
int vr_underlay_octets(struct vr_underlay *m, const struct vr_identifier *id,
                       int64_t rx, int64_t tx, vr_time time);

/* What has not been heard of for ten minutes makes room for others. */
void vr_underlay_forget(struct vr_underlay *m, vr_time now);

/* Gives P, whose hosts are those of PLACEMENT, what is known at NOW: delays,
 * losses, and for each host without a configured link of its own two links as
 * fast as its interface. Returns 0 or -ENOMEM. */
int vr_underlay_apply(const struct vr_underlay *m,
                      const struct vr_conservation *c,
                      const struct vr_placement *placement, vr_time now,
                      struct vr_paths *p);

#endif
