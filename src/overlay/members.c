/* SPDX-License-Identifier: MIT */
#include "overlay/members.h"

#include "basic/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_members_clear(struct vr_members *m) {
  free(m->list);
  free(m->centrals);
  *m = (struct vr_members){0};
}

int vr_members_add(struct vr_members *m, const struct vr_member *member) {
  if (vr_members_find(m, member->name))
    return -EEXIST;
  int r = vr_array_reserve(&m->list, &m->capacity, m->n + 1);
  if (r == 0)
    m->list[m->n++] = *member;
  return r;
}

int vr_members_add_central(struct vr_members *m, const char *user) {
  int r =
      vr_array_reserve(&m->centrals, &m->centrals_capacity, m->n_centrals + 1);
  if (r < 0)
    return r;
  snprintf(m->centrals[m->n_centrals++], VR_ANNOUNCEMENT_NAME, "%s", user);
  return 0;
}

const struct vr_member *vr_members_find(const struct vr_members *m,
                                        const char *name) {
  for (size_t i = 0; i < m->n; i++)
    if (strcmp(m->list[i].name, name) == 0)
      return &m->list[i];
  return NULL;
}

const struct vr_member *vr_members_at(const struct vr_members *m,
                                      const struct vr_address *address) {
  for (size_t i = 0; i < m->n; i++)
    if (vr_address_is_same(&m->list[i].vtep, address))
      return &m->list[i];
  return NULL;
}

bool vr_members_may_say(const struct vr_members *m, const char *user,
                        const struct vr_member *host) {
  if (strcmp(user, host->user) == 0)
    return true;
  for (size_t i = 0; i < m->n_centrals; i++)
    if (strcmp(user, m->centrals[i]) == 0)
      return true;
  return false;
}
