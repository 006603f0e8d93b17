/* SPDX-License-Identifier: MIT
 *
 * Why an announcement is refused.
 */
#ifndef VR_OVERLAY_REFUSAL_H
#define VR_OVERLAY_REFUSAL_H

#include "overlay/members.h"

enum vr_refusal {
  VR_REFUSAL_NONE,
  VR_REFUSAL_UNSIGNED,  /* no user has signed it */
  VR_REFUSAL_MALFORMED, /* no announcement, or no address of one machine */
  VR_REFUSAL_HOST,      /* about a host that is not configured */
  VR_REFUSAL_USER,      /* signed by neither that host nor a central */
  VR_REFUSAL_CLOCK,     /* its time is not ours, within the window */
  VR_REFUSAL_LAN,       /* no such LAN here, or the host is not in it */
  VR_REFUSAL_FOREIGN,   /* an address of the hosts' own */
  VR_REFUSAL_REPLAYED,  /* not newer than what came before */
  VR_REFUSAL_OLDER,     /* of an older generation */
  VR_REFUSAL_FULL,      /* more addresses than there is room for */
  VR_REFUSAL_KINDS,
};

enum {
  VR_REFUSAL_WINDOW_S = 30,
  /* How far ahead of our time a generation may be: two clocks at the ends of
   * the window, and a little more. */
  VR_REFUSAL_AHEAD_MS = 2 * VR_REFUSAL_WINDOW_S * 1000,
};

/* As --json and the log have it: "older". */
const char *vr_refusal_name(enum vr_refusal r);

/* The end of a sentence: what to do about it. */
const char *vr_refusal_advice(enum vr_refusal r);

/* Everything that needs no memory: who said it, about whom, and when. USER is
 * who has signed it (NULL: nobody); NOW in microseconds since 1970. */
enum vr_refusal vr_refusal_judge(const struct vr_members *m, const char *user,
                                 const struct vr_announcement *a, int64_t now);

#endif
