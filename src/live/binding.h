/* SPDX-License-Identifier: MIT
 *
 * Which models run on a guest: chosen anew when its signals, its size, its
 * accelerator or the catalog change, and not at any other time.
 */
#ifndef VR_LIVE_BINDING_H
#define VR_LIVE_BINDING_H

#include "live/guest_state.h"

/* Something has changed: to be bound with the first sample later than AFTER. */
void vr_live_guest_request_bind(struct vr_live_guest *g, vr_time after);

/* Chooses the models for what the guest has and sets up its rate groups; runs,
 * histories and positions in time are carried over. Ticks are of the guest's own
 * time: until it has one, the binding waits. Returns 0, or -ENOMEM and then
 * nothing runs until the next binding. */
int vr_live_guest_bind(struct vr_live_guest *g,
                       struct vr_live_context *context);

/* Moves the guest to another catalog, of which it takes a reference, and binds.
 */
int vr_live_guest_change_catalog(struct vr_live_guest *g,
                                 struct vr_live_context *context,
                                 struct vr_catalog *catalog);

#endif
