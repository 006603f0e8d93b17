/* SPDX-License-Identifier: MIT
 *
 * Which ways hosts are to have, from plan to plan: a plan is followed when it
 * is worth it twice in a row, at most once in a minute; the default comes back
 * as soon as it is enough; a way that has proved worse is left, and not tried
 * again for an hour. Pure: time is given.
 */
#ifndef VR_TOPOLOGY_PATHS_KEEPER_H
#define VR_TOPOLOGY_PATHS_KEEPER_H

#include "topology/instance.h"

struct vr_paths_keeper_options {
  double gain;    /* what a plan must add to what gets through now, as a part */
  unsigned times; /* in a row */
  double pause;   /* seconds between two changes */
  double ban;     /* seconds */
};

/* A tenth, twice, 60 s, an hour. */
struct vr_paths_keeper_options vr_paths_keeper_defaults(void);

struct vr_paths_keeper_way;

/* All zero but the options: no host has a way but the default. */
struct vr_paths_keeper {
  struct vr_paths_keeper_options options;
  size_t n;
  struct vr_paths_keeper_way *ways; /* that differ from the default, and those
                                       that are banned */
  int wanted;                       /* what the last plans were worth */
  unsigned seen;                    /* in a row */
  double changed; /* when that was, seconds since 1970; 0: never */
};

void vr_paths_keeper_clear(struct vr_paths_keeper *k);

/* Gives the problem the ways that were decided and those that are banned, and
 * takes its demands anew. A host that is not there any longer costs its ways.
 * Returns 0 or -ENOMEM. */
int vr_paths_keeper_begin(struct vr_paths_keeper *k, struct vr_instance *i);

enum vr_paths_keeper_change {
  VR_PATHS_KEEPER_SAME,
  VR_PATHS_KEEPER_PLAN,    /* the plan is followed */
  VR_PATHS_KEEPER_DEFAULT, /* the default is enough again */
  VR_PATHS_KEEPER_WORSE,   /* ways have proved worse, and are left */
};

/* Decides at I->time, after vr_paths_keeper_begin() and vr_paths_find(). */
enum vr_paths_keeper_change
vr_paths_keeper_decide(struct vr_paths_keeper *k, const struct vr_instance *i,
                       const struct vr_paths_plan *plan);

/* The ways as JSON, an array as "routes" of a plan; the caller frees it. NULL
 * without memory. */
char *vr_paths_keeper_json(const struct vr_paths_keeper *k);

#endif
