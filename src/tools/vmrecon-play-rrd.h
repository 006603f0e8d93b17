/* SPDX-License-Identifier: MIT
 *
 * The finest rows of an RRD file, by the program rrdtool: this one links no
 * library for it.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_RRD_H
#define VR_TOOLS_VMRECON_PLAY_RRD_H

#include "basic/error.h"

#include <stdio.h>

/* What "rrdtool fetch PATH AVERAGE" prints of all rows that have the file's
 * step, as a stream to read from and to close. Returns 0 or a negative errno.
 */
int vr_tools_rrd_fetch(const char *path, FILE **ret_text,
                       struct vr_error *ret_error);

#endif
