/* SPDX-License-Identifier: MIT
 *
 * Made-up problems of placement, and judges that look for the answer in
 * another way: every placement there is, and annealing.
 */
#ifndef VR_TESTS_TOPOLOGY_INSTANCES_H
#define VR_TESTS_TOPOLOGY_INSTANCES_H

#include "generate.h"
#include "topology/placement.h"

enum { FLOWS = 6 };
extern const char *const flow_names[FLOWS];

struct problem {
  unsigned guests, hosts;
  unsigned flows; /* index of flow_names */
  double slack;   /* room: 1.25 is a quarter more than what is needed */
  unsigned apart; /* pairs that must not share a host */
  double nic;     /* capacity as part of all bytes; 0: no limit */
};

/* Begins at a random placement that is allowed. */
void make_problem(struct random *r, const struct problem *what,
                  struct vr_placement *ret);

/* Least bytes that cross hosts in any placement that is allowed: all are
 * tried. */
double least_crossing(const struct vr_placement *p);
/* What annealing finds from where the guests are. */
double annealed_crossing(struct random *r, const struct vr_placement *p);

#endif
