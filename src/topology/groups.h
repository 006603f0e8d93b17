/* SPDX-License-Identifier: MIT
 *
 * Separates the applications of one matrix: services with which most guests
 * exchange traffic (DNS, backup) are set aside first; what is connected by
 * much more than its surroundings is one application. Applications may differ
 * in their rates by orders of magnitude.
 */
#ifndef VR_TOPOLOGY_GROUPS_H
#define VR_TOPOLOGY_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

struct vr_groups {
  size_t n;        /* guests */
  size_t n_groups; /* of at least 2 members, largest traffic first */
  int *group;      /* of each guest: 0 .. n_groups - 1, or -1 */
  bool *is_hub;    /* of each guest; hubs are in no group */
};

/* RATE: n x n, row-major, bytes per second from row to column. KNOWN_HUB (may
 * be NULL) says which guests are services in any case. Returns 0 or -ENOMEM. */
int vr_groups_separate(const double *rate, size_t n, const bool *known_hub,
                       struct vr_groups *ret);
void vr_groups_clear(struct vr_groups *g);

#endif
