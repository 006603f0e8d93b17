/* SPDX-License-Identifier: MIT */
#include "host/naming.h"

#include "basic/cleanup.h"
#include "basic/sort.h"
#include "host/vmm/vm_names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* All guests, those of one name side by side, the elder first. */
struct round {
  struct vr_vmproc **v;
  size_t n;
  struct vr_owners *owners;
  struct vr_log_limit *limit;
};

static int by_age(const struct vr_vmproc *a, const struct vr_vmproc *b) {
  if (a->start_ticks != b->start_ticks)
    return a->start_ticks < b->start_ticks ? -1 : 1;
  return (a->pid > b->pid) - (a->pid < b->pid);
}

static int by_name(const void *a, const void *b) {
  const struct vr_vmproc *x = *(struct vr_vmproc *const *)a;
  const struct vr_vmproc *y = *(struct vr_vmproc *const *)b;
  int r = strcmp(x->plain, y->plain);
  return r != 0 ? r : by_age(x, y);
}

static int by_uuid(const void *a, const void *b) {
  const struct vr_vmproc *x = *(struct vr_vmproc *const *)a;
  const struct vr_vmproc *y = *(struct vr_vmproc *const *)b;
  int r = strcasecmp(x->vm.uuid, y->vm.uuid);
  return r != 0 ? r : by_age(x, y);
}

static void identify(struct vr_vmproc *g) {
  if (g->vm.uuid[0] != '\0')
    snprintf(g->id, sizeof(g->id), "uuid:%s", g->vm.uuid);
  else if (g->vm.vmid[0] != '\0')
    snprintf(g->id, sizeof(g->id), "vmid:%s", g->vm.vmid);
  else
    snprintf(g->id, sizeof(g->id), "pid:%d:%llu", (int)g->pid,
             (unsigned long long)g->start_ticks);
  for (char *c = g->id; *c; c++)
    if (*c >= 'A' && *c <= 'F')
      *c = (char)(*c - 'A' + 'a');
}

static bool is_by_process(const char *id) {
  return strncmp(id, "pid:", 4) == 0;
}

/* Whether G, which alone has its name now, is not another one than who had it
 * when several did. A guest without any identity is known as long as it runs.
 */
static bool may_have_plain(const struct round *r, const struct vr_vmproc *g) {
  const struct vr_owner *o = vr_owners_find(r->owners, g->plain);
  if (!o || !o->shared || strcmp(o->id, g->id) == 0)
    return true;
  bool is_new = g->sample.name[0] == '\0';
  return is_new &&
         (is_by_process(o->id) || (o->id[0] == '\0' && is_by_process(g->id)));
}

static bool is_taken(const struct round *r, const struct vr_vmproc *g,
                     const char *name) {
  for (size_t i = 0; i < r->n; i++)
    if (r->v[i] != g && r->v[i]->named &&
        strcmp(r->v[i]->sample.name, name) == 0)
      return true;
  return false;
}

static void report(const struct round *r, const struct vr_vmproc *g,
                   const char *before, const char *why) {
  if (strcmp(before, g->sample.name) == 0)
    return;
  if (strcmp(g->sample.name, g->plain) != 0) {
    if (vr_log_limit_admits(r->limit))
      vr_log_notice("guest %s: %s; the guest of process %d is reported as %s",
                    g->plain, why, (int)g->pid, g->sample.name);
  } else if (before[0] != '\0') {
    vr_log_info("guest %s: it has its name alone again; until now it was "
                "reported as %s",
                g->plain, before);
  }
}

static void name_plain(const struct round *r, struct vr_vmproc *g) {
  char before[VR_NAME_MAX];
  memcpy(before, g->sample.name, sizeof(before));
  memcpy(g->sample.name, g->plain, sizeof(g->plain));
  g->named = true;
  vr_owners_take(r->owners, g->plain, g->id);
  report(r, g, before, "");
}

static void with_suffix(const struct vr_vmproc *g, const char *suffix,
                        char ret[VR_NAME_MAX]) {
  char whole[2 * VR_NAME_MAX];
  snprintf(whole, sizeof(whole), "%s-%s", g->plain, suffix);
  vr_vm_name_fit(whole, ret, VR_NAME_MAX);
}

/* Whether the short form of its uuid is that of another guest of this name. */
static bool is_ambiguous(const struct round *r, const struct vr_vmproc *g) {
  for (size_t i = 0; i < r->n; i++)
    if (strcmp(r->v[i]->plain, g->plain) == 0 &&
        strcmp(r->v[i]->id, g->id) != 0 &&
        strncasecmp(r->v[i]->vm.uuid, g->vm.uuid, 8) == 0)
      return true;
  return false;
}

static void name_with_suffix(const struct round *r, struct vr_vmproc *g,
                             bool by_process, const char *why) {
  char before[VR_NAME_MAX], name[VR_NAME_MAX], pid[16], head[9];
  snprintf(pid, sizeof(pid), "%d", (int)g->pid);
  snprintf(head, sizeof(head), "%.8s", is_ambiguous(r, g) ? "" : g->vm.uuid);
  const char *const suffixes[] = {head, g->vm.uuid, g->vm.vmid, pid};
  size_t last = sizeof(suffixes) / sizeof(suffixes[0]) - 1;
  for (size_t i = by_process ? last : 0; i <= last; i++) {
    if (suffixes[i][0] == '\0')
      continue;
    with_suffix(g, suffixes[i], name);
    if (!is_taken(r, g, name))
      break;
  }
  memcpy(before, g->sample.name, sizeof(before));
  memcpy(g->sample.name, name, sizeof(name));
  g->named = true;
  report(r, g, before, why);
}

/* Whether an elder process of the N at V is the same guest as the I-th. */
static bool is_second(struct vr_vmproc *const *v, size_t i) {
  for (size_t k = 0; k < i; k++)
    if (strcmp(v[k]->id, v[i]->id) == 0)
      return true;
  return false;
}

/* The N guests at V have one name. First those who have it alone. */
static void name_plain_group(const struct round *r, struct vr_vmproc **v,
                             size_t n) {
  const char *owner = "";
  size_t guests = 0;
  for (size_t i = 0; i < n; i++) {
    guests += !is_second(v, i);
    if (strcmp(v[i]->sample.name, v[i]->plain) == 0)
      owner = v[i]->id;
  }
  if (guests > 1)
    vr_owners_share(r->owners, v[0]->plain, owner);
  else if (may_have_plain(r, v[0]))
    name_plain(r, v[0]);
}

/* Then all others. */
static void name_rest_of_group(const struct round *r, struct vr_vmproc **v,
                               size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (v[i]->named)
      continue;
    if (is_second(v, i))
      name_with_suffix(r, v[i], true,
                       "an older process of the same guest still runs");
    else
      name_with_suffix(r, v[i], false, "another guest has or had this name");
  }
}

static void each_group(const struct round *r,
                       void (*fn)(const struct round *, struct vr_vmproc **,
                                  size_t)) {
  for (size_t i = 0, n; i < r->n; i += n) {
    for (n = 1; i + n < r->n && strcmp(r->v[i]->plain, r->v[i + n]->plain) == 0;
         n++)
      ;
    fn(r, r->v + i, n);
  }
}

static int compare_name(const void *key, const void *element) {
  return strcmp(key, (*(struct vr_vmproc *const *)element)->plain);
}

static bool is_held(void *ctx, const char *name) {
  const struct round *r = ctx;
  return vr_sort_find(name, r->v, r->n, sizeof(*r->v), compare_name) != NULL;
}

/* Of several with one uuid the eldest has it. */
static void give_uuids(const struct round *r) {
  vr_sort(r->v, r->n, sizeof(*r->v), by_uuid);
  for (size_t i = 0; i < r->n; i++) {
    struct vr_vmproc *g = r->v[i];
    bool second = i > 0 && strcasecmp(r->v[i - 1]->vm.uuid, g->vm.uuid) == 0;
    if (second)
      g->sample.uuid[0] = '\0';
    else
      memcpy(g->sample.uuid, g->vm.uuid, sizeof(g->sample.uuid));
  }
}

int vr_naming_update(struct vr_vmproc **v, size_t n, struct vr_owners *owners,
                     struct vr_log_limit *limit) {
  if (n == 0)
    return 0;
  vr_auto_free struct vr_vmproc **sorted =
      malloc(n * sizeof(struct vr_vmproc *));
  if (!sorted)
    return -ENOMEM;
  memcpy(sorted, v, n * sizeof(struct vr_vmproc *));
  struct round r = {sorted, n, owners, limit};
  for (size_t i = 0; i < n; i++) {
    identify(sorted[i]);
    sorted[i]->named = false;
  }
  vr_sort(sorted, n, sizeof(*sorted), by_name);
  each_group(&r, name_plain_group);
  each_group(&r, name_rest_of_group);
  vr_owners_forget(owners, is_held, &r);
  give_uuids(&r);
  vr_owners_save(owners);
  return 0;
}
