/* SPDX-License-Identifier: MIT
 *
 * Programs that execute another program's file in their own process: the
 * dynamic loader called by name (AppImages, relocated bundles) and emulators of
 * a processor (containers of another architecture).
 */
#ifndef VR_HOST_VMM_LOADER_H
#define VR_HOST_VMM_LOADER_H

#include "host/vmm/cmdline.h"

/* Whether the program of the file EXE ("": not known), or of C, is one. Then
 * its own arguments are taken off C, so that C begins with the program that it
 * executes; nothing is left where there is none. */
bool vr_loader_take_off(struct vr_cmdline *c, const char *exe);

#endif
