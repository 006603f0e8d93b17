/* SPDX-License-Identifier: MIT
 *
 * Other modules of ours in the same daemon. collectd loads each for itself
 * alone, so that one finds another's functions only by its file.
 */
#ifndef VR_PLUGINS_SIBLING_H
#define VR_PLUGINS_SIBLING_H

/* The function SYMBOL of the loaded module MODULE ("vmrecon_net"); NULL where
 * there is none. collectd unloads no module. */
void *vr_sibling_symbol(const char *module, const char *symbol);

#endif
