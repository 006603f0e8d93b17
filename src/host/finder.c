/* SPDX-License-Identifier: MIT */
#include "host/finder.h"

#include "basic/array.h"
#include "basic/sort.h"
#include "host/vmm/users.h"

#include <errno.h>
#include <stdlib.h>

int vr_finder_init(struct vr_finder *f) {
  const struct vr_discover_options o = {
      .no_execs = f->options.no_execs,
      .by_title = vr_custom_matches(f->options.rules.custom),
  };
  int r = vr_discover_new(f->tree->procfd, &o, &f->discover);
  f->guests->discover = f->discover;
  return r;
}

void vr_finder_free(struct vr_finder *f) {
  vr_discover_free(f->discover);
  free(f->fresh);
}

static enum vr_discovered probe_kernel_thread(struct vr_finder *f, pid_t pid) {
  int r = vr_vhost_add(f->vhosts, f->tree->procfd, pid);
  if (r == 0)
    return VR_IS_GUEST;
  return r == -EAGAIN ? VR_IS_EARLY : VR_IS_REFUSED;
}

/* Anybody may start such processes, as often as he likes: one line a user. */
static void log_refused(struct vr_finder *f, pid_t pid, uid_t user) {
  for (size_t i = 0; i < f->refused_count; i++)
    if (f->refused[i] == user)
      return;
  if (f->refused_count == VR_FINDER_REFUSED_MAX)
    return;
  f->refused[f->refused_count++] = user;
  char name[64];
  vr_users_name("/etc/passwd", user, name, sizeof(name));
  vr_log_notice(
      "process %d of user %u%s%s%s looks like a virtual machine, but the user "
      "is not trusted: TrustedUser does not list this user; all virtual "
      "machines of this user are ignored: %s%s",
      (int)pid, (unsigned)user, *name ? " (" : "", name, *name ? ")" : "",
      vr_users_is_default(name)
          ? "restart collectd, if the user was made after it started, or add "
            "it to TrustedUser"
          : "add it to TrustedUser if it may name guests",
      f->refused_count == VR_FINDER_REFUSED_MAX
          ? " (other such users are not logged any more)"
          : "");
}

static int add_fresh(struct vr_finder *f, struct vr_vmproc *g) {
  int r = vr_array_reserve(&f->fresh, &f->fresh_capacity, f->fresh_count + 1);
  if (r == 0)
    f->fresh[f->fresh_count++] = g;
  return r;
}

static enum vr_discovered take_fresh(struct vr_finder *f, struct vr_vmproc *g) {
  const struct vr_finder_options *o = &f->options;
  enum vr_discovered is = VR_IS_GUEST;
  if (o->select && !o->select(o->select_ctx, &g->vm))
    is = VR_IS_REFUSED;
  else if (add_fresh(f, g) < 0)
    is = VR_IS_OTHER;
  if (is != VR_IS_GUEST)
    vr_vmproc_free(g, &f->tree->budget);
  return is;
}

/* Whether nothing was found out about a process: neither that it is a guest,
 * nor that it is none, nor that it has ended. */
static bool is_shortage(int r) {
  return r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -EAGAIN;
}

/* What a process is of which no guest was made, by the error R. */
static enum vr_discovered without_guest(struct vr_finder *f, pid_t pid, int r,
                                        uid_t user) {
  if (r == -ENXIO)
    return probe_kernel_thread(f, pid);
  if (r == -ESRCH)
    return VR_IS_GONE;
  if (r != -EPERM)
    return is_shortage(r) ? VR_IS_EARLY : VR_IS_OTHER;
  log_refused(f, pid, user);
  return VR_IS_REFUSED;
}

/* A guest is probed again when it has executed a program. */
static enum vr_discovered probe(void *ctx, pid_t pid) {
  struct vr_finder *f = ctx;
  struct vr_tree *t = f->tree;
  struct vr_vmproc *g = NULL;
  uid_t user = 0;
  size_t i = 0;
  const struct vr_vmproc *known = vr_vm_list_find(f->guests, pid, &i);
  int r = vr_vmproc_new(t->procfd, pid, &f->options.rules, &g, &user);
  if (known && r == 0 && vr_vmproc_is_same(known, g)) {
    vr_vmproc_free(g, &t->budget);
    return VR_IS_GUEST;
  }
  if (known && is_shortage(r))
    return VR_IS_GUEST;
  if (known)
    vr_vm_list_remove(f->guests, t, i);
  return r == 0 ? take_fresh(f, g) : without_guest(f, pid, r, user);
}

static int by_age(const void *a, const void *b) {
  const struct vr_vmproc *x = *(struct vr_vmproc *const *)a;
  const struct vr_vmproc *y = *(struct vr_vmproc *const *)b;
  if (x->start_ticks != y->start_ticks)
    return x->start_ticks < y->start_ticks ? -1 : 1;
  return (x->pid > y->pid) - (x->pid < y->pid);
}

/* A VMM's own helpers have its command line until they execute theirs; a VMM
 * that puts itself into the background goes on in such a child. */
static bool is_copy(const struct vr_finder *f, const struct vr_vmproc *g) {
  size_t index;
  for (size_t i = 0; i < f->fresh_count; i++)
    if (f->fresh[i] && f->fresh[i]->pid == g->parent)
      return true;
  return vr_vm_list_find(f->guests, g->parent, &index) != NULL;
}

/* By age, however their numbers were given out: a copy comes after its
 * parent. */
static void add_all_fresh(struct vr_finder *f) {
  vr_sort(f->fresh, f->fresh_count, sizeof(f->fresh[0]), by_age);
  for (size_t i = 0; i < f->fresh_count; i++) {
    struct vr_vmproc *g = f->fresh[i];
    bool copy = is_copy(f, g);
    f->fresh[i] = NULL;
    if (!copy && vr_vm_list_add(f->guests, f->tree, g) == 0)
      continue;
    if (copy)
      vr_discover_is_copy(f->discover, g->pid);
    else
      vr_discover_forget(f->discover, g->pid);
    vr_vmproc_free(g, &f->tree->budget);
  }
  f->fresh_count = 0;
}

static void suspect(void *ctx, pid_t pid) {
  struct vr_finder *f = ctx;
  vr_discover_suspect(f->discover, pid);
}

void vr_finder_scan(struct vr_finder *f, pid_t newest) {
  vr_custom_refresh(f->options.rules.custom, suspect, f);
  vr_discover_scan(f->discover, newest, probe, f);
  if (f->fresh_count > 0)
    add_all_fresh(f);
  vr_vm_list_name(f->guests);
}
