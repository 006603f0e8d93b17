/* SPDX-License-Identifier: MIT
 *
 * A guest that has appeared on a host not earlier than ten minutes before
 * another host stopped to send values of a guest of this name is that guest,
 * migrated: its models go on from the state of those on the migration source.
 */
#ifndef VR_LIVE_MIGRATION_H
#define VR_LIVE_MIGRATION_H

#include "live/duplicates.h"

/* To be called now and then, with the lock of the shard held for writing: finds
 * out who has migrated where, and the owning hosts. */
void vr_live_migration_settle(struct vr_duplicates *table,
                              struct vr_live_context *context);

#endif
