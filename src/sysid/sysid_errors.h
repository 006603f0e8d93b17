/* SPDX-License-Identifier: MIT
 *
 * What all parts of src/sysid use: errors that come from below, and GSL made
 * quiet.
 */
#ifndef VR_SYSID_SYSID_ERRORS_H
#define VR_SYSID_SYSID_ERRORS_H

#include "basic/error.h"

/* "out of memory" with -ENOMEM. */
int vr_sysid_no_memory(struct vr_error *error);

/* GSL's default is to abort: errors come back as codes instead. */
void vr_sysid_quiet_gsl(void);

#endif
