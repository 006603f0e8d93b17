/* SPDX-License-Identifier: MIT */
#include "host/vm_list.h"

#include "basic/array.h"
#include "host/vmm/vm_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void renew(struct vr_log_limit *limit, int priority, const char *what) {
  unsigned n = vr_log_limit_renew(limit);
  if (n > 0)
    vr_log(priority, "%u more %s (not logged one by one)", n, what);
}

void vr_vm_list_renew_limits(struct vr_vm_list *l) {
  renew(&l->ends, LOG_INFO, "guests have ended");
  renew(&l->duplicates, LOG_NOTICE,
        "guests had the name of another guest and got a suffix");
}

void vr_vm_list_remove(struct vr_vm_list *l, struct vr_tree *t, size_t i) {
  const struct vr_vmproc *g = l->v[i];
  if (vr_log_limit_admits(&l->ends))
    vr_log_info("guest %s has ended (process %d)", g->sample.name, (int)g->pid);
  vr_vmproc_free(l->v[i], &t->budget);
  memmove(&l->v[i], &l->v[i + 1],
          (l->count - i - 1) * sizeof(struct vr_vmproc *));
  l->count--;
  vr_discover_recall_copies(l->discover);
}

void vr_vm_list_drop(struct vr_vm_list *l, struct vr_tree *t, size_t i) {
  vr_discover_forget(l->discover, l->v[i]->pid);
  vr_vm_list_remove(l, t, i);
}

/* A guest that has ended since it was read last holds no name. */
static bool name_taken(struct vr_vm_list *l, struct vr_tree *t,
                       const char *name) {
  for (size_t i = 0; i < l->count; i++) {
    if (strcmp(l->v[i]->sample.name, name) != 0)
      continue;
    if (vr_vmproc_is_there(l->v[i], t->procfd))
      return true;
    vr_vm_list_drop(l, t, i);
    return false;
  }
  return false;
}

static bool uuid_taken(const struct vr_vm_list *l, const char *uuid) {
  for (size_t i = 0; i < l->count; i++)
    if (strcasecmp(l->v[i]->sample.uuid, uuid) == 0)
      return true;
  return false;
}

/* With a suffix: of its uuid, or, if that is taken too, of its process. */
static void rename_duplicate(struct vr_vm_list *l, struct vr_tree *t,
                             struct vr_vmproc *g) {
  char suffix[16], wanted[VR_NAME_MAX];
  strcpy(wanted, g->sample.name);
  if (g->vm.uuid[0] != '\0') {
    snprintf(suffix, sizeof(suffix), "%.8s", g->vm.uuid);
    vr_vm_name_suffix(g->sample.name, suffix);
  }
  if (name_taken(l, t, g->sample.name)) {
    snprintf(suffix, sizeof(suffix), "%d", (int)g->pid);
    strcpy(g->sample.name, wanted);
    vr_vm_name_suffix(g->sample.name, suffix);
  }
  if (vr_log_limit_admits(&l->duplicates))
    vr_log_notice("guest %s: an older guest has this name; the guest of "
                  "process %d is reported as %s",
                  wanted, (int)g->pid, g->sample.name);
}

int vr_vm_list_add(struct vr_vm_list *l, struct vr_tree *t,
                   struct vr_vmproc *g) {
  int r = vr_array_reserve(&l->v, &l->capacity, l->count + 1);
  if (r < 0)
    return r;
  vr_vm_name_sanitise(g->vm.name, g->sample.name);
  if (name_taken(l, t, g->sample.name))
    rename_duplicate(l, t, g);
  if (!uuid_taken(l, g->vm.uuid))
    memcpy(g->sample.uuid, g->vm.uuid, sizeof(g->sample.uuid));
  l->v[l->count++] = g;
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
}
