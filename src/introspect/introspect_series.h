/* SPDX-License-Identifier: MIT
 *
 * Introspected values as named series: the types and instances that collectd
 * would write if it ran in the guest.
 */
#ifndef VR_INTROSPECT_INTROSPECT_SERIES_H
#define VR_INTROSPECT_INTROSPECT_SERIES_H

#include "host/emit.h"
#include "introspect/introspect.h"

/* Calls FN for every series whose value is known. BEFORE, the reading before
 * (NULL: none), gives what is a ratio to the time between the two. */
void vr_introspect_series(const struct vr_introspect_values *before,
                          const struct vr_introspect_values *v, vr_emit_fn fn,
                          void *ctx);

#endif
