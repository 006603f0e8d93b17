/* SPDX-License-Identifier: MIT
 *
 * What most commands of vmrecon-net read.
 */
#ifndef VR_TOOLS_VMRECON_NET_INPUT_H
#define VR_TOOLS_VMRECON_NET_INPUT_H

#include "tools/vmrecon-net-options.h"
#include "topology/survey.h"
#include "topology/windows.h"

/* Traffic and machines from a JSON file of windows or an archive directory. */
struct vr_tools_input {
  struct vr_windows windows;
  struct vr_survey survey;
  struct vr_matrix matrix;
};

void vr_tools_input_clear(struct vr_tools_input *in);
int vr_tools_input_read(const struct vr_tools_options *o,
                        struct vr_tools_input *ret, struct vr_error *ret_error);

#endif
