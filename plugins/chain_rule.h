/* SPDX-License-Identifier: MIT
 *
 * The chain that values pass before they enter collectd's cache, and the rule
 * in it that runs a target. The read plugin and the target use this, the one
 * for itself, the other where it is loaded alone; and the overlay for its own.
 */
#ifndef VR_PLUGINS_CHAIN_RULE_H
#define VR_PLUGINS_CHAIN_RULE_H

/* The configured name (PreCacheChain). */
const char *vr_chain_name(void);

/* <Chain NAME></Chain>: makes sure that it exists. */
int vr_chain_add_empty(const char *name);

/* <Chain NAME><Rule TARGET><Target TARGET/></Rule></Chain>. Only when the
 * target is registered: collectd frees a chain whose rule it cannot make, and
 * keeps it listed. */
int vr_chain_add_rule(const char *name, const char *target_name);

#endif
