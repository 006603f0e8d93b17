/* SPDX-License-Identifier: MIT
 *
 * Values of vmrecon itself into collectd.
 */
#ifndef VR_PLUGINS_SEND_HEALTH_H
#define VR_PLUGINS_SEND_HEALTH_H

#include "schema/health.h"

/* Dispatches VALUE as this daemon's HOST/vmrecon/..., of now. */
void vr_send_health(enum vr_health h, double value);

#endif
