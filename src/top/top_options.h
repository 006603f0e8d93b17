/* SPDX-License-Identifier: MIT
 *
 * The command line of vmrecon-top.
 */
#ifndef VR_TOP_TOP_OPTIONS_H
#define VR_TOP_TOP_OPTIONS_H

#include "basic/exit_status.h"
#include "top_source.h"
#include "top_view.h"

struct vr_top_options {
  enum vr_top_source_kind kind;
  const char *socket, *proc_path;
  bool batch, csv, no_qmp;
  long count;   /* of refreshes; 0: no end */
  size_t width; /* of the table in batch mode; 0: not given */
};

/* Reads the command line into RET and VIEW; a wrong one ends the program. */
void vr_top_options_parse(int argc, char **argv, struct vr_top_options *ret,
                          struct vr_top_view *view);

#endif
