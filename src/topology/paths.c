/* SPDX-License-Identifier: MIT */
#include "topology/paths.h"

#include "basic/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_paths_clear(struct vr_paths *p) {
  for (size_t i = 0; i < p->n_links; i++) {
    free(p->links[i].from);
    free(p->links[i].to);
  }
  free(p->relays);
  free(p->unreachable);
  free(p->links);
  free(p->flows);
  free(p->via);
  free(p->bans);
  *p = (struct vr_paths){0};
}

int vr_paths_init(struct vr_paths *p, size_t n) {
  *p = (struct vr_paths){.n = n, .hub = VR_PATHS_DIRECT};
  if (n > VR_PATHS_HOSTS)
    return -EINVAL;
  p->relays = calloc(n + 1, sizeof(*p->relays));
  p->unreachable = calloc(n * n + 1, sizeof(*p->unreachable));
  p->via = malloc((n * n + 1) * sizeof(*p->via));
  if (!p->relays || !p->unreachable || !p->via) {
    vr_paths_clear(p);
    return -ENOMEM;
  }
  for (size_t k = 0; k < n * n; k++)
    p->via[k] = VR_PATHS_DIRECT;
  return 0;
}

struct vr_paths_link *vr_paths_add_link(struct vr_paths *p, const char *name,
                                        double capacity, double delay) {
  bool *from = calloc(p->n + 1, sizeof(*from));
  bool *to = calloc(p->n + 1, sizeof(*to));
  if (!from || !to || p->n_links >= VR_PATHS_LINKS ||
      vr_array_one_more(&p->links, p->n_links, sizeof(*p->links)) < 0) {
    free(from);
    free(to);
    return NULL;
  }
  struct vr_paths_link *l = &p->links[p->n_links++];
  *l = (struct vr_paths_link){
      .capacity = capacity, .delay = delay, .from = from, .to = to};
  snprintf(l->name, sizeof(l->name), "%s", name);
  return l;
}

int vr_paths_add_ban(struct vr_paths *p, size_t from, size_t to, size_t via) {
  if (vr_array_one_more(&p->bans, p->n_bans, sizeof(*p->bans)) < 0)
    return -ENOMEM;
  p->bans[p->n_bans++] = (struct vr_paths_ban){from, to, via};
  return 0;
}

/* --- ways --- */

static bool is_banned(const struct vr_paths *p, size_t from, size_t to,
                      size_t via) {
  for (size_t i = 0; i < p->n_bans; i++)
    if (p->bans[i].from == from && p->bans[i].to == to && p->bans[i].via == via)
      return true;
  return false;
}

static bool is_reachable(const struct vr_paths *p, size_t from, size_t to) {
  return !p->unreachable[from * p->n + to];
}

bool vr_paths_exists(const struct vr_paths *p, size_t from, size_t to,
                     size_t via) {
  if (is_banned(p, from, to, via))
    return false;
  if (via == VR_PATHS_DIRECT)
    return is_reachable(p, from, to);
  return via < p->n && via != from && via != to &&
         (p->relays[via] || via == p->hub) && is_reachable(p, from, via) &&
         is_reachable(p, via, to);
}

size_t vr_paths_default(const struct vr_paths *p, size_t from, size_t to) {
  return p->hub < p->n && vr_paths_exists(p, from, to, p->hub)
             ? p->hub
             : VR_PATHS_DIRECT;
}

bool vr_paths_are_valid(const struct vr_paths *p, const size_t *via) {
  for (size_t i = 0; i < p->n; i++)
    for (size_t j = 0; j < p->n; j++) {
      size_t m = via[i * p->n + j];
      if (i == j || m == VR_PATHS_DIRECT)
        continue;
      if (!vr_paths_exists(p, i, j, m) || via[m * p->n + j] != VR_PATHS_DIRECT)
        return false;
    }
  return true;
}
