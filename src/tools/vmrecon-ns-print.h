/* SPDX-License-Identifier: MIT
 *
 * Readings of this machine as a table, or in collectd's text protocol
 * (collectd-exec(5), collectd-unixsock(5)) under the names that collectd's own
 * plugins use.
 */
#ifndef VR_TOOLS_VMRECON_NS_PRINT_H
#define VR_TOOLS_VMRECON_NS_PRINT_H

#include "tools/vmrecon-ns-read.h"

#include <stdio.h>

struct vr_tools_ns_format {
  bool putval;      /* collectd's protocol instead of a table */
  bool timestamp;   /* the table has a column of it */
  const char *name; /* of the machine; NULL: the table has no column of it */
  double period;    /* seconds */
};

/* The table's two lines of headings: names and units, behind "#". */
void vr_tools_ns_print_head(const struct vr_tools_ns_format *format, FILE *f);

/* One reading: a row, or a line for each value list. */
void vr_tools_ns_print(const struct vr_tools_ns_format *format,
                       const struct vr_tools_ns_sample *s,
                       const double value[VR_COUNTERS],
                       const double total[VR_COUNTERS], FILE *f);

#endif
