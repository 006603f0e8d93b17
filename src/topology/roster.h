/* SPDX-License-Identifier: MIT
 *
 * Entries of one size in one piece, found by names; at most so many. The last
 * one takes the place of one that is removed.
 */
#ifndef VR_TOPOLOGY_ROSTER_H
#define VR_TOPOLOGY_ROSTER_H

#include "signal/identifier.h"
#include "topology/index.h"

enum { VR_ROSTER_KEY = 3 * VR_FIELD_SIZE };

struct vr_roster {
  struct vr_index index;
  size_t n, size;
  char *entries;
};

/* SIZE: of an entry. */
void vr_roster_init(struct vr_roster *r, size_t max, size_t size);
void vr_roster_clear(struct vr_roster *r);

/* Writes the key of up to three names (the later ones may be NULL) to RET_KEY,
 * which has room for VR_ROSTER_KEY bytes; returns its length. */
size_t vr_roster_key(char *ret_key, const char *a, const char *b,
                     const char *c);

void *vr_roster_at(const struct vr_roster *r, size_t i);
/* NULL if there is none. */
void *vr_roster_find(const struct vr_roster *r, const char *key, size_t length);
/* A new entry, all zero; entries move. NULL and *ret_error, -ENOSPC or
 * -ENOMEM, when there is no room. */
void *vr_roster_add(struct vr_roster *r, const char *key, size_t length,
                    int *ret_error);

/* Writes the key of an entry, as vr_roster_key() does. */
typedef size_t (*vr_roster_key_fn)(const void *entry, char *ret_key);
void vr_roster_remove(struct vr_roster *r, size_t i, vr_roster_key_fn key_of);

#endif
