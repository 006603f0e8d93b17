/* SPDX-License-Identifier: MIT
 *
 * Guests of which no value was published yet, in the order in which they came.
 * Whoever can send values can name as many guests as he likes; where there is
 * no room for all, these give way first. The caller locks.
 */
#ifndef VR_LIVE_NEWCOMERS_H
#define VR_LIVE_NEWCOMERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* A guest is in two lists. */
enum vr_newcomers_list {
  VR_NEWCOMERS_ALL,
  VR_NEWCOMERS_OF_HOST,
  VR_NEWCOMERS_LISTS
};

struct vr_newcomer {
  const char *key; /* of the guest, borrowed */
  size_t key_length;
  /* A second value was received: most names that somebody makes up come once.
   */
  atomic_bool came_again;
  struct {
    struct vr_newcomer *before, *after;
    bool in;
  } lists[VR_NEWCOMERS_LISTS];
};

struct vr_newcomers {
  struct vr_newcomer *first, *last;
};

void vr_live_newcomers_add(struct vr_newcomers *n, enum vr_newcomers_list list,
                           struct vr_newcomer *guest);
/* Does nothing if it is not in the list. */
void vr_live_newcomers_remove(struct vr_newcomers *n,
                              enum vr_newcomers_list list,
                              struct vr_newcomer *guest);

/* Who gives way: the first that did not come again, but after a few that did
 * the first of all; those few go to the end of the list. NULL: the list is
 * empty. */
struct vr_newcomer *vr_live_newcomers_first(struct vr_newcomers *n,
                                            enum vr_newcomers_list list);

#endif
