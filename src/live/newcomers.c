/* SPDX-License-Identifier: MIT */
#include "live/newcomers.h"

enum { PASSED_OVER = 16 }; /* in one search */

void vr_live_newcomers_add(struct vr_newcomers *n, enum vr_newcomers_list list,
                           struct vr_newcomer *guest) {
  guest->lists[list].before = n->last;
  guest->lists[list].after = NULL;
  guest->lists[list].in = true;
  if (n->last)
    n->last->lists[list].after = guest;
  else
    n->first = guest;
  n->last = guest;
}

void vr_live_newcomers_remove(struct vr_newcomers *n,
                              enum vr_newcomers_list list,
                              struct vr_newcomer *guest) {
  if (!guest->lists[list].in)
    return;
  struct vr_newcomer *before = guest->lists[list].before,
                     *after = guest->lists[list].after;
  if (before)
    before->lists[list].after = after;
  else
    n->first = after;
  if (after)
    after->lists[list].before = before;
  else
    n->last = before;
  guest->lists[list].in = false;
}

struct vr_newcomer *vr_live_newcomers_first(struct vr_newcomers *n,
                                            enum vr_newcomers_list list) {
  for (int i = 0; i < PASSED_OVER; i++) {
    struct vr_newcomer *first = n->first;
    if (!first || !atomic_load(&first->came_again))
      return first;
    vr_live_newcomers_remove(n, list, first);
    vr_live_newcomers_add(n, list, first);
  }
  return n->first;
}
