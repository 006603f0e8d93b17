/* SPDX-License-Identifier: MIT
 *
 * Notifications to the operator about a guest: on change only. They are found
 * with a guest's lock held, and to send them may take long (an e-mail), so they
 * wait in a queue between the two.
 */
#ifndef VR_LIVE_NOTICES_H
#define VR_LIVE_NOTICES_H

#include "signal/identifier.h"
#include "signal/resample.h"

#include <stdbool.h>
#include <stddef.h>

/* --- a condition that is notified only when it has lasted --- */

/* Zero-initialised: not raised. */
struct vr_alarm {
  bool raised;
  bool opposite; /* at the last update the condition was not as notified */
  vr_time since; /* and had been so since then */
};

/* The CONDITION holds at NOW, or does not. When it has been the opposite of
 * what was notified for AFTER without a break, the alarm is raised, or not any
 * more: then the result is true. */
bool vr_live_alarm_update(struct vr_alarm *a, bool condition, vr_time now,
                          vr_time after);

/* --- the queue --- */

enum vr_notice_kind {
  VR_NOTICE_RANGE, /* models are out of their training range */
  VR_NOTICE_DRIFT, /* its own values are outside the intervals */
};

struct vr_notice {
  enum vr_notice_kind kind;
  bool raised; /* false: it is over */
  vr_time time;
  char host[VR_FIELD_SIZE], guest[VR_FIELD_SIZE];
  char message[512];
};

struct vr_notices;
struct vr_notices *vr_live_notices_new(void);
void vr_live_notices_free(struct vr_notices *notices);

/* Queues a copy of NOTICE; from any thread, with any lock held. A queue that
 * is not emptied is bounded: what is too much is dropped, with one message. */
void vr_live_notices_add(struct vr_notices *notices,
                         const struct vr_notice *notice);

typedef void (*vr_notice_fn)(void *user, const struct vr_notice *notice);

/* Empties the queue into FN, oldest first, with no lock held. */
void vr_live_notices_take(struct vr_notices *notices, vr_notice_fn fn,
                          void *user);

#endif
