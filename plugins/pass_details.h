/* SPDX-License-Identifier: MIT
 *
 * The target's option Details: what the read plugin measures of single devices
 * of a guest, under the names of what is published of it. The values are passed
 * on as they are: nothing is reconstructed.
 */
#ifndef VR_PLUGINS_PASS_DETAILS_H
#define VR_PLUGINS_PASS_DETAILS_H

#include "live/reconstructor.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

/* If VL, of the read plugin, is of a device of one of KINDS (bits of
 * vr_detail_kind): dispatches it as HOST/virt_inferred-GUEST/... where LIVE
 * answers for the guest, with NATIVE under its native names, too. Returns
 * whether it is such a value: it needs not be stored under two names. */
bool vr_pass_detail(struct vr_live *live, const value_list_t *vl,
                    unsigned kinds, bool native);

#endif
