/* SPDX-License-Identifier: MIT
 *
 * What src/host and src/traffic emit, as collectd's value lists.
 */
#ifndef VR_PLUGINS_EMITTED_LIST_H
#define VR_PLUGINS_EMITTED_LIST_H

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

#include "host/emit.h"

#include <stdbool.h>

enum { VR_EMITTED_MAX = 4 }; /* values of one series */

/* Puts S into LIST: its type, its type instance, and its values into VALUES,
 * which LIST then has. Returns false, with LIST as it was, for one with too
 * many values. */
bool vr_emitted_into(const struct vr_emitted *s, value_t values[VR_EMITTED_MAX],
                     value_list_t *list);

#endif
