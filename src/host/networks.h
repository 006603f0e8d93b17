/* SPDX-License-Identifier: MIT
 *
 * The network interfaces of this machine and of the network namespaces in which
 * its guests live, each read once an interval, and what of them is a guest's.
 */
#ifndef VR_HOST_NETWORKS_H
#define VR_HOST_NETWORKS_H

#include "host/vm_list.h"

struct vr_networks {
  struct vr_netdev *host;
  uint64_t inode;            /* of the host's own namespace */
  struct vr_network *others; /* namespaces that are not the host's own */
  struct vr_vfs vfs;
  unsigned generation;
};

/* Returns 0 or -ENOMEM. To be freed in any case. */
int vr_networks_init(struct vr_networks *n, struct vr_tree *t);
void vr_networks_free(struct vr_networks *n, struct vr_tree *t);

/* Reads the interfaces that are needed: the host's own if REPORT_HOST is set or
 * a guest has a tap. Sums up every guest's into its sample, and the hardware's
 * into that of the host. */
void vr_networks_read(struct vr_networks *n, struct vr_tree *t,
                      const struct vr_vm_list *guests, bool report_host,
                      struct vr_host_sample *s);

#endif
