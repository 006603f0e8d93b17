/* SPDX-License-Identifier: MIT
 *
 * The guests of this machine, each with a name of its own: who is added, who
 * has ended, and what the operator reads about that.
 */
#ifndef VR_HOST_VM_LIST_H
#define VR_HOST_VM_LIST_H

#include "host/owners.h"
#include "host/proc/tree.h"
#include "host/vmm/discover.h"
#include "host/vmprocess.h"

/* All zero but for the discovery: none. */
struct vr_vm_list {
  struct vr_vmproc **v;
  size_t count, capacity;
  struct vr_discover *discover; /* searches again what a guest leaves behind */
  struct vr_log_limit ends, duplicates;
  struct vr_owners owners;
  bool unnamed; /* a guest has come or gone since they were named */
};

/* Begins a new period of the rate limits of log lines. */
void vr_vm_list_renew_limits(struct vr_vm_list *l);

/* Adds the guest; vr_vm_list_name() gives it a name. Returns 0 or -ENOMEM. */
int vr_vm_list_add(struct vr_vm_list *l, struct vr_tree *t,
                   struct vr_vmproc *g);

/* Gives each guest a name that no other has, if any has come or gone. */
void vr_vm_list_name(struct vr_vm_list *l);

/* The guest of process PID and its index, or NULL. */
struct vr_vmproc *vr_vm_list_find(const struct vr_vm_list *l, pid_t pid,
                                  size_t *ret_index);

/* The I-th is no guest any more; its process may go on as something else. */
void vr_vm_list_remove(struct vr_vm_list *l, struct vr_tree *t, size_t i);

/* The I-th guest's process has gone. */
void vr_vm_list_drop(struct vr_vm_list *l, struct vr_tree *t, size_t i);

/* Gives up one file that a guest keeps open: files can be opened for each
 * reading. Returns false when there is none. */
bool vr_vm_list_evict_file(struct vr_vm_list *l, struct vr_tree *t);

void vr_vm_list_free(struct vr_vm_list *l, struct vr_tree *t);

#endif
