/* SPDX-License-Identifier: MIT */
#include "host/vm_list.h"

#include "basic/array.h"
#include "host/naming.h"
#include "host/vmm/vm_names.h"

#include <stdlib.h>
#include <string.h>

static void renew(struct vr_log_limit *limit, int priority, const char *what) {
  unsigned n = vr_log_limit_renew(limit);
  if (n > 0)
    vr_log(priority, "%u more %s (not logged one by one)", n, what);
}

void vr_vm_list_renew_limits(struct vr_vm_list *l) {
  renew(&l->ends, LOG_INFO, "guests have ended");
  renew(&l->duplicates, LOG_NOTICE,
        "guests share their names with others and got a suffix");
}

void vr_vm_list_remove(struct vr_vm_list *l, struct vr_tree *t, size_t i) {
  const struct vr_vmproc *g = l->v[i];
  if (vr_log_limit_admits(&l->ends))
    vr_log_info("guest %s has ended (process %d)", g->sample.name, (int)g->pid);
  vr_vmproc_free(l->v[i], &t->budget);
  memmove(&l->v[i], &l->v[i + 1],
          (l->count - i - 1) * sizeof(struct vr_vmproc *));
  l->count--;
  l->unnamed = true;
  vr_discover_recall_copies(l->discover);
}

void vr_vm_list_drop(struct vr_vm_list *l, struct vr_tree *t, size_t i) {
  vr_discover_forget(l->discover, l->v[i]->pid);
  vr_vm_list_remove(l, t, i);
}

/* A guest that has ended since it was read last holds no name. */
static void drop_ended(struct vr_vm_list *l, struct vr_tree *t,
                       const char *name) {
  for (size_t i = l->count; i-- > 0;)
    if (strcmp(l->v[i]->plain, name) == 0 &&
        !vr_vmproc_is_there(l->v[i], t->procfd))
      vr_vm_list_drop(l, t, i);
}

void vr_vm_list_name(struct vr_vm_list *l) {
  if (l->unnamed)
    l->unnamed =
        vr_naming_update(l->v, l->count, &l->owners, &l->duplicates) < 0;
  /* What a file server that was away has not taken. */
  vr_owners_save(&l->owners);
}

int vr_vm_list_add(struct vr_vm_list *l, struct vr_tree *t,
                   struct vr_vmproc *g) {
  int r = vr_array_reserve(&l->v, &l->capacity, l->count + 1);
  if (r < 0)
    return r;
  vr_vm_name_sanitise(g->vm.name, g->plain);
  drop_ended(l, t, g->plain);
  l->v[l->count++] = g;
  l->unnamed = true;
  return 0;
}

struct vr_vmproc *vr_vm_list_find(const struct vr_vm_list *l, pid_t pid,
                                  size_t *ret_index) {
  for (size_t i = 0; i < l->count; i++)
    if (l->v[i]->pid == pid) {
      *ret_index = i;
      return l->v[i];
    }
  return NULL;
}

bool vr_vm_list_evict_file(struct vr_vm_list *l, struct vr_tree *t) {
  for (size_t i = l->count; i-- > 0;)
    if (vr_vmproc_evict_file(l->v[i], &t->budget))
      return true;
  return false;
}

void vr_vm_list_free(struct vr_vm_list *l, struct vr_tree *t) {
  for (size_t i = 0; i < l->count; i++)
    vr_vmproc_free(l->v[i], &t->budget);
  free(l->v);
  vr_owners_free(&l->owners);
}
