/* SPDX-License-Identifier: MIT
 *
 * The part "underlay" of instance.json: links between hosts, ways that do not
 * exist, who may relay, the default and the routes as they are.
 */
#ifndef VR_TOPOLOGY_INSTANCE_UNDERLAY_H
#define VR_TOPOLOGY_INSTANCE_UNDERLAY_H

#include "topology/paths_keeper.h"

#include <jansson.h>

/* Reads "underlay" and "paths" of ROOT, if they are there; I has its hosts and
 * demands already. Returns as vr_instance_parse(). */
int vr_instance_underlay_read(const char *name, const json_t *root,
                              struct vr_instance *i,
                              struct vr_error *ret_error);

/* Takes TEXT, the value of "underlay" alone. NAME stands for it in messages.
 * Returns as vr_instance_parse(); on error I has no underlay. */
int vr_instance_underlay_take(const char *name, const char *text,
                              struct vr_instance *i,
                              struct vr_error *ret_error);

/* Makes the plan. With a KEEPER (or NULL) the ways as they are now are those
 * that it has decided, and it decides anew; *RET_CHANGE says what. Returns 0 or
 * -ENOMEM; then I has no underlay. */
int vr_instance_underlay_plan(struct vr_instance *i,
                              struct vr_paths_keeper *keeper,
                              struct vr_paths_plan *ret_plan,
                              enum vr_paths_keeper_change *ret_change);

/* Adds them to ROOT; *OK becomes false where memory is short. */
void vr_instance_underlay_write(const struct vr_instance *i, json_t *root,
                                bool *ok);

#endif
