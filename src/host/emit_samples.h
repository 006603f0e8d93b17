/* SPDX-License-Identifier: MIT
 *
 * Samples as named series: those of schema/host_signals.inc, and no other.
 */
#ifndef VR_HOST_EMIT_SAMPLES_H
#define VR_HOST_EMIT_SAMPLES_H

#include "host/emit.h"
#include "host/sample.h"

/* Calls FN for every series whose value is known and that somebody reads, and
 * of the groups EXTRA (bits of vr_signal_group) for those that nobody reads. */
void vr_emit_host(const struct vr_host_sample *s, unsigned extra, vr_emit_fn fn,
                  void *ctx);
void vr_emit_vmproc(const struct vr_vmproc_sample *s, unsigned extra,
                    vr_emit_fn fn, void *ctx);

/* The guest's page faults alone, as of a reading between two others. */
void vr_emit_faults(const struct vr_vmproc_sample *s, vr_emit_fn fn, void *ctx);

#endif
