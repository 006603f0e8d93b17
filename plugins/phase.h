/* SPDX-License-Identifier: MIT
 *
 * A read function that is called at multiples of its interval by the clock of
 * the day, so that all hosts read at the same instants. collectd calls it once
 * an interval from when it was registered; here it is registered again at the
 * right moment, and whenever it has drifted from there.
 */
#ifndef VR_PLUGINS_PHASE_H
#define VR_PLUGINS_PHASE_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

/* Registers READ as NAME, which is kept; from init. INTERVAL 0: the plugin's.
 * It is called at once for the first time. Returns as
 * plugin_register_complex_read(). */
int vr_phase_register(const char *name, int (*read)(void), cdtime_t interval);

/* From shutdown. */
void vr_phase_end(void);

#endif
