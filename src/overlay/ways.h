/* SPDX-License-Identifier: MIT
 *
 * Ways between hosts, as a central has decided them: for the host FROM, how to
 * reach the host TO. A value of collectd, for FROM:
 * FROM/vmrecon_overlay-TO/gauge-via_HOST, gauge-direct or gauge-default; the
 * number is its generation. Pure.
 */
#ifndef VR_OVERLAY_WAYS_H
#define VR_OVERLAY_WAYS_H

#include "overlay/refusal.h"

enum {
  VR_WAYS_MAX = 4096,
  VR_WAYS_INSTANCE = VR_ANNOUNCEMENT_NAME + 8,
  /* A way of which nothing is heard for so long is no longer used. */
  VR_WAYS_SILENCE_S = 180,
};

enum vr_way_kind { VR_WAY_DEFAULT, VR_WAY_DIRECT, VR_WAY_VIA };

struct vr_way {
  enum vr_way_kind kind;
  char from[VR_ANNOUNCEMENT_NAME], to[VR_ANNOUNCEMENT_NAME];
  char via[VR_ANNOUNCEMENT_NAME]; /* of VR_WAY_VIA */
  uint64_t generation;            /* milliseconds since 1970 */
  int64_t sent, heard;            /* microseconds since 1970 */
  bool listed;
};

/* All zero: empty. */
struct vr_ways {
  size_t n, capacity;
  struct vr_way *list;
};

void vr_ways_clear(struct vr_ways *t);

/* Whether a type instance is that of a way. */
bool vr_ways_are_meant(const char *instance);

/* As vr_announcement_parse(). */
int vr_ways_parse(const char *from, const char *to, const char *instance,
                  double value, int64_t sent, struct vr_way *ret);
void vr_ways_instance(const struct vr_way *w, char ret[VR_WAYS_INSTANCE]);

/* Everything that needs no memory: USER must be a central, all hosts known and
 * different. NOW in microseconds. */
enum vr_refusal vr_ways_judge(const struct vr_members *m, const char *user,
                              const struct vr_way *w, int64_t now);

/* Takes in what a central has said, unless it is not newer. *RET_CHANGED: it is
 * another way. */
enum vr_refusal vr_ways_take(struct vr_ways *t, const struct vr_way *w,
                             int64_t now, bool *ret_changed);

/* Drops what was not heard of for too long. Returns whether there was any. */
bool vr_ways_expire(struct vr_ways *t, int64_t now);

/* For a central: begins a list of all ways that are not the default, adds one,
 * and ends it: what is not on it has become the default, which is said for an
 * hour. */
void vr_ways_begin(struct vr_ways *t);
int vr_ways_decide(struct vr_ways *t, const char *from, const char *to,
                   const char *via, int64_t now);
void vr_ways_end(struct vr_ways *t, int64_t now);

#endif
