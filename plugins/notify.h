/* SPDX-License-Identifier: MIT
 *
 * The reconstructor's notices as collectd's notifications.
 */
#ifndef VR_PLUGINS_NOTIFY_H
#define VR_PLUGINS_NOTIFY_H

#include "live/notices.h"

/* Dispatches NOTICE about HOST/virt_inferred-GUEST, as WARNING or, when it is
 * over, OKAY. Returns when all of collectd's notification plugins have
 * handled it. A vr_notice_fn; UNUSED is ignored. */
void vr_notify_dispatch(void *unused, const struct vr_notice *notice);

#endif
