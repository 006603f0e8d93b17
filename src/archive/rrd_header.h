/* SPDX-License-Identifier: MIT
 *
 * Is an RRD file all there? librrd maps a file and believes its header, so that
 * a damaged or truncated one can end the process (SIGBUS); this looks first.
 */
#ifndef VR_ARCHIVE_RRD_HEADER_H
#define VR_ARCHIVE_RRD_HEADER_H

enum vr_rrd_header {
  VR_RRD_WHOLE,    /* also when it cannot be opened: librrd says why */
  VR_RRD_DAMAGED,  /* shorter than its header says, or that cannot be one */
  VR_RRD_FOREIGN,  /* of a machine with other word lengths or byte order */
  VR_RRD_COMPUTED, /* with a data source of type COMPUTE: librrd looks for the
                      end of its expression, which need not be there */
};

enum vr_rrd_header vr_rrd_check_header(const char *path);

#endif
