/* SPDX-License-Identifier: MIT
 *
 * Which processes become guests: new ones are probed, those of users that are
 * not trusted, copies of a VMM and guests that nobody wants are sorted out.
 */
#ifndef VR_HOST_FINDER_H
#define VR_HOST_FINDER_H

#include "host/proc/vhost.h"
#include "host/vm_list.h"

struct vr_finder_options {
  struct vr_candidate_rules rules;
  bool no_execs; /* as vr_discover_new() takes it */
  /* Whether a guest is to be read; NULL: all. */
  bool (*select)(void *ctx, const struct vr_vm *vm);
  void *select_ctx;
};

enum { VR_FINDER_REFUSED_MAX = 16 };

struct vr_finder {
  struct vr_finder_options options;
  struct vr_tree *tree;
  struct vr_vm_list *guests; /* those found are added there */
  struct vr_vhosts *vhosts;  /* and the kernel's vhost workers here */
  struct vr_discover *discover;
  struct vr_vmproc **fresh; /* found by the scan that is under way */
  size_t fresh_count, fresh_capacity;
  uid_t refused[VR_FINDER_REFUSED_MAX]; /* users whose refusal was logged */
  size_t refused_count;
};

/* Takes the options, the tree and the lists, which outlive it. Returns 0 or a
 * negative errno. To be freed in any case. */
int vr_finder_init(struct vr_finder *f);
void vr_finder_free(struct vr_finder *f);

/* Finds guests that have come. NEWEST is the number of the newest process. */
void vr_finder_scan(struct vr_finder *f, pid_t newest);

#endif
