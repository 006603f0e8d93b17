/* SPDX-License-Identifier: MIT
 *
 * The outbox that this module runs, for all of the daemon's modules.
 */
#ifndef VR_PLUGINS_OUTBOX_OWN_H
#define VR_PLUGINS_OUTBOX_OWN_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

/* The functions of outbox.h, as other modules call them. */
struct vr_outbox_calls {
  size_t size; /* of this; another release's differs */
  void (*send)(const value_list_t *vl);
  void (*send_between)(const value_list_t *vl);
  uint64_t (*dropped)(void);
  void (*note_turn)(void);
  void (*note_stopped)(const value_list_t *vl);
};

/* Starts it. Returns 0 or a negative errno. */
int vr_outbox_own_begin(const struct vr_outbox_calls **ret_calls);

/* Ends it. No other thread may use it any more. */
void vr_outbox_own_end(void);

#endif
