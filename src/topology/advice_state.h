/* SPDX-License-Identifier: MIT
 *
 * A placement while steps are looked for: what each host has left, what each
 * guest exchanges with the guests of each host, and the best next step.
 */
#ifndef VR_TOPOLOGY_ADVICE_STATE_H
#define VR_TOPOLOGY_ADVICE_STATE_H

#include "topology/advice_step.h"
#include "topology/placement.h"

struct vr_advice_state {
  const struct vr_placement *p;
  size_t n, k;  /* guests, hosts */
  double *both; /* n x n: bytes per second, both directions */
  double *at;   /* n x k: what a guest exchanges with those on a host */
  size_t *host; /* of each guest */
  double *cpu, *memory, *nic; /* of each host, used */
  bool *apart;                /* n x n: may not share a host */
  bool *has_apart;            /* of each guest: is it in any group */
  bool *locked;               /* guests that are to stay */
  double usual_copy;          /* memory of a guest on average */
};

/* Begins with the guests where they are. Returns 0 or -ENOMEM. */
int vr_advice_state_init(struct vr_advice_state *s,
                         const struct vr_placement *p);
void vr_advice_state_clear(struct vr_advice_state *s);

/* The step of most worth that is allowed, moves no guest that is locked, and
 * takes more than LEAST bytes per second off the wire (twice as much for a
 * swap; may be negative). With TARGET (a host a guest), only steps that bring
 * guests there. False if there is none. */
bool vr_advice_state_best(const struct vr_advice_state *s, double least,
                          const size_t *target, struct vr_advice_step *ret);
void vr_advice_state_take(struct vr_advice_state *s,
                          const struct vr_advice_step *step);

#endif
