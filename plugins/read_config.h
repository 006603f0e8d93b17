/* SPDX-License-Identifier: MIT
 *
 * The options of the read plugin "vmrecon".
 */
#ifndef VR_PLUGINS_READ_CONFIG_H
#define VR_PLUGINS_READ_CONFIG_H

#include "guest_options.h"
#include "identity.h"

#include "host/host.h"
#include "introspect/permission.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

#include <stdbool.h>

struct vr_read_config {
  struct vr_host_options host;
  struct vr_guest_options guests;
  struct vr_identity identity;
  struct vr_permissions *permissions; /* to introspect */
  bool auto_chain;
  bool labels; /* as meta data */
  cdtime_t interval;
  double balloon_every; /* seconds; negative: what is best */
};

/* Written by the functions below, all of which collectd calls in its main
 * thread before the first reading or after the last. */
extern struct vr_read_config vr_read_config;

/* The defaults. Returns 0 or -ENOMEM; to be cleared in any case. */
int vr_read_config_default(void);

/* The options of a <Plugin> block. Unknown ones are warned about. Returns 0, or
 * non-zero and an error in the log for a value that cannot be used: the daemon
 * then stops. */
int vr_read_config_take(oconfig_item_t *ci);

/* When all were read: what follows from several of them, and from collectd's
 * own. */
void vr_read_config_resolve(void);
void vr_read_config_clear(void);

#endif
