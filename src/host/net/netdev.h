/* SPDX-License-Identifier: MIT
 *
 * net/dev: the counters of all network interfaces of one network namespace, by
 * name. One reading serves every guest whose taps are there.
 */
#ifndef VR_HOST_NET_NETDEV_H
#define VR_HOST_NET_NETDEV_H

#include "host/proc/procfile.h"

#include <stdbool.h>
#include <stdint.h>

enum { VR_IFNAME_MAX = 16 }; /* the kernel's IFNAMSIZ, with the NUL */

struct vr_netif {
  char name[VR_IFNAME_MAX];
  uint64_t rx_bytes, rx_packets, tx_bytes, tx_packets;
  bool have_errors; /* the next four are known */
  uint64_t rx_errors, rx_dropped, tx_errors, tx_dropped;
};

struct vr_netdev; /* a table that keeps its memory between readings */

int vr_netdev_new(struct vr_netdev **ret);
void vr_netdev_free(struct vr_netdev *n, struct vr_fd_budget *budget);

/* Replaces all counters by the content of the file PATH. Interfaces that have
 * gone are forgotten. Returns 0 or a negative errno: then the table is empty.
 */
int vr_netdev_read(struct vr_netdev *n, struct vr_fd_budget *budget, int dirfd,
                   const char *path, struct vr_procfile_text *text);

/* The counters of NAME as last read, or NULL. */
const struct vr_netif *vr_netdev_find(const struct vr_netdev *n,
                                      const char *name);

/* The sum over interfaces that have hardware (SYS/class/net/NAME/device): not
 * loopback, taps, bridges, bonds, so that no byte counts twice. SYSFD is /sys.
 * Returns false when there is none. */
bool vr_netdev_hardware(struct vr_netdev *n, int sysfd, struct vr_netif *ret);

#endif
