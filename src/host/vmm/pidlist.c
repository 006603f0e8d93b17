/* SPDX-License-Identifier: MIT */
#include "host/vmm/pidlist.h"

#include "basic/array.h"
#include "basic/sort.h"

#include <stdlib.h>
#include <string.h>

/* Enough for most machines: the list does not grow while processes come. */
enum { FIRST_ROOM = 256 };

int vr_pidlist_append(struct vr_pidlist *l, pid_t pid) {
  size_t need = l->count < FIRST_ROOM ? FIRST_ROOM : l->count + 1;
  int r = vr_array_reserve(&l->v, &l->capacity, need);
  if (r == 0)
    l->v[l->count++] = (struct vr_pidlist_entry){.pid = pid};
  return r;
}

static int by_pid(const void *a, const void *b) {
  pid_t x = ((const struct vr_pidlist_entry *)a)->pid;
  pid_t y = ((const struct vr_pidlist_entry *)b)->pid;
  return (x > y) - (x < y);
}

void vr_pidlist_sort(struct vr_pidlist *l) {
  for (size_t i = 1; i < l->count; i++)
    if (l->v[i - 1].pid > l->v[i].pid) {
      vr_sort(l->v, l->count, sizeof(l->v[0]), by_pid);
      return;
    }
}

struct vr_pidlist_entry *vr_pidlist_find(const struct vr_pidlist *l,
                                         pid_t pid) {
  struct vr_pidlist_entry key = {.pid = pid};
  return vr_sort_find(&key, l->v, l->count, sizeof(l->v[0]), by_pid);
}

/* New numbers are the highest, except when they have begun anew. */
int vr_pidlist_insert(struct vr_pidlist *l, pid_t pid) {
  int r = vr_pidlist_append(l, pid);
  if (r < 0)
    return r;
  size_t i = l->count - 1;
  while (i > 0 && l->v[i - 1].pid > pid)
    i--;
  memmove(&l->v[i + 1], &l->v[i], (l->count - 1 - i) * sizeof(l->v[0]));
  l->v[i] = (struct vr_pidlist_entry){.pid = pid};
  return 0;
}
