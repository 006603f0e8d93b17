/* SPDX-License-Identifier: MIT
 *
 * Is an RRD file all there? librrd maps a file and believes its header, so that
 * a damaged or truncated one can end the process (SIGBUS); this looks first.
 */
#ifndef VR_ARCHIVE_RRD_HEADER_H
#define VR_ARCHIVE_RRD_HEADER_H

#include <stdbool.h>

/* False when the file is shorter than its header says or its header cannot be
 * one; true when it is whole, and when it cannot be opened (librrd says why).
 */
bool vr_rrd_is_whole(const char *path);

#endif
