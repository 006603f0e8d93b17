/* SPDX-License-Identifier: MIT
 *
 * What is published of a guest under the names that its own collectd would use,
 * on a host called GUEST.inferred: so that dashboards show it as they are.
 */
#ifndef VR_PLUGINS_NATIVE_H
#define VR_PLUGINS_NATIVE_H

#include "live/answer.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

/* Makes VL one of GUEST's own. These names hold no hypervisor host: returns
 * false for a guest that another one has the name of (not NAMED), with one line
 * in the log. */
bool vr_native_begin(value_list_t *vl, const char *host, const char *guest,
                     bool named);

/* Has a guest's own collectd the counter INFO, and does no single device of
 * DETAILS (bits of vr_detail_kind) take its place? A sum beside its parts would
 * count twice in a dashboard that adds up. */
bool vr_native_is_wanted(const struct vr_counter_info *info, unsigned details);

/* Sends what follows from COUNTERS and has another name or form there: idle
 * time, swapped pages as the swap plugin has them. */
void vr_native_send_more(value_list_t *vl,
                         const struct vr_counter_answer *counters);

#endif
