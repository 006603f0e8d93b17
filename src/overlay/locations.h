/* SPDX-License-Identifier: MIT
 *
 * Where each address of each LAN is: the newest generation holds. Pure: it
 * knows neither the kernel nor a clock.
 *
 * The newest announcement is taken by everybody, so that all hosts agree. What
 * keeps two guests with one address from tearing it to and fro is that a host
 * does not announce it once more after five moves in 180 s, for a VMM that had
 * it before: who migrates has a new one each time.
 */
#ifndef VR_OVERLAY_LOCATIONS_H
#define VR_OVERLAY_LOCATIONS_H

#include "overlay/announcement.h"
#include "overlay/refusal.h"

#include <uthash.h>

enum {
  VR_LOCATIONS_MOVES = 5, /* in ... */
  VR_LOCATIONS_MOVES_S = 180,
  VR_LOCATIONS_CLAIMANTS = 4, /* that are remembered */
  VR_LOCATIONS_MAX = 65536,
};

struct vr_location_key {
  uint32_t vni;
  struct vr_mac mac;
  uint16_t zero;
};

struct vr_location {
  struct vr_location_key key;
  char host[VR_ANNOUNCEMENT_NAME], guest[VR_ANNOUNCEMENT_NAME];
  uint64_t generation; /* 0: found in the kernel, anything is newer */
  int64_t sent;        /* of the newest announcement; microseconds */
  int64_t heard;       /* when that was, by our clock */
  int64_t since;       /* when it came there, by our clock */
  bool gone;
  char from[VR_ANNOUNCEMENT_NAME]; /* the host before; "" */
  int64_t moves[VR_LOCATIONS_MOVES];
  unsigned n_moves;  /* in all; the newest is at (n_moves - 1) % MOVES */
  int64_t contested; /* when a move was last held back; 0: not */
  /* For whoever has the guest here. */
  uint64_t claimants[VR_LOCATIONS_CLAIMANTS]; /* VMMs here that had it */
  unsigned n_claimants;
  unsigned port;   /* the tap's index */
  unsigned absent; /* readings without it */
  unsigned farewells;
  UT_hash_handle hh;
};

/* All zero: empty. */
struct vr_locations {
  struct vr_location *head;
  uint64_t newest; /* the greatest generation that we ever gave */
};

void vr_locations_clear(struct vr_locations *t);

struct vr_location *vr_locations_find(const struct vr_locations *t,
                                      uint32_t vni, const struct vr_mac *mac);

/* What an announcement that may be believed has changed. */
enum vr_locations_change {
  VR_LOCATIONS_SAME, /* said again */
  VR_LOCATIONS_NEW,
  VR_LOCATIONS_MOVED,
  VR_LOCATIONS_GONE,
};

/* Takes in an announcement. *RET_LOCATION is what is known now, also where it
 * is refused (then NULL if there is nothing). */
enum vr_refusal vr_locations_take(struct vr_locations *t,
                                  const struct vr_announcement *a, int64_t now,
                                  enum vr_locations_change *ret_change,
                                  struct vr_location **ret_location);

/* The guest of A has shown itself on our own host A->host, at PORT, by the VMM
 * CLAIMANT (any number but 0 that no other VMM has): it has a new generation,
 * which is A->generation then. Returns 0; -EBUSY, it is held
 * where it was; -ENOMEM or -ENOSPC. *RET_LOCATION as above. */
int vr_locations_claim(struct vr_locations *t, struct vr_announcement *a,
                       unsigned port, uint64_t claimant, int64_t now,
                       struct vr_location **ret_location);

/* Gives L, which is here, another generation if nobody takes the one that it
 * has: the clock was wrong, and has been set. */
void vr_locations_renew(struct vr_locations *t, struct vr_location *l,
                        int64_t now);

/* Adds what is known from before, unless something is known already. Returns it
 * or NULL. */
struct vr_location *vr_locations_restore(struct vr_locations *t,
                                         const struct vr_announcement *a);

/* What is to be said of it again at the time NOW. */
void vr_locations_announce(const struct vr_location *l, int64_t now,
                           struct vr_announcement *ret);

void vr_locations_drop(struct vr_locations *t, struct vr_location *l);

#endif
