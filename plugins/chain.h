/* SPDX-License-Identifier: MIT
 *
 * `LoadPlugin vmrecon` alone is enough: the read plugin loads the target and
 * puts it at the end of the chain that values pass before they enter collectd's
 * cache.
 *
 * The two steps follow collectd's own order: it searches the chain after the
 * configuration was read and before the init callbacks run, so the chain has to
 * exist early (empty does no harm), while only init knows whether the
 * configuration has placed a target itself.
 */
#ifndef VR_PLUGINS_CHAIN_H
#define VR_PLUGINS_CHAIN_H

#include <stdbool.h>

#include "collectd/core/daemon/plugin.h"

/* From module_register. */
void vr_chain_prepare(void);

/* From init. AUTO_CHAIN: add the rule, unless the configuration has a target.
 */
void vr_chain_hook(bool auto_chain);

/* Is there a target, ours or one that the configuration placed? After
 * vr_chain_hook(). */
bool vr_chain_has_target(void);

/* Sends a value list to the daemon, through the outbox: BETWEEN two readings it
 * may be left out. Where collectd runs no chain of its own (it was renamed
 * after LoadPlugin to a name without a <Chain>), our values pass through the
 * target here. */
void vr_chain_dispatch(value_list_t *vl, bool between);

/* Of which devices the target of this daemon publishes values one by one: bits
 * of vr_detail_kind. From init. */
unsigned vr_chain_details(void);

/* What target_vmrecon.so exports: how many targets exist, and the option
 * Details. */
#define VR_CHAIN_COUNT_SYMBOL "vr_target_instances"
#define VR_CHAIN_DETAILS_SYMBOL "vr_target_details"
typedef unsigned (*vr_chain_count_fn)(void);

#endif
