/* SPDX-License-Identifier: MIT
 *
 * Takes away all that the plugin has made on this host.
 */
#ifndef VR_OVERLAY_OVERLAY_REMOVE_H
#define VR_OVERLAY_OVERLAY_REMOVE_H

/* Interfaces that bear our alias, and what was entered in bridges of others.
 * SAY is told of each: what it is, and 0 or the negative errno for which it is
 * still there. Returns 0 or the first negative errno. */
int vr_overlay_remove(void (*say)(void *ctx, const char *what, int error),
                      void *ctx);

#endif
