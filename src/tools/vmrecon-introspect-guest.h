/* SPDX-License-Identifier: MIT
 *
 * Which process runs the guest of a name: as the read plugin finds and names
 * guests.
 */
#ifndef VR_TOOLS_VMRECON_INTROSPECT_GUEST_H
#define VR_TOOLS_VMRECON_INTROSPECT_GUEST_H

#include "basic/error.h"
#include "host/vmm/users.h"

struct vr_tools_guest_options {
  const char *name;       /* of the guest, or its uuid */
  const char *proc_path;  /* "/proc" */
  const char *names_file; /* the read plugin's; read only */
  struct vr_users trusted;
};

/* Returns 0 with the process's number; -ENOENT for a guest that is not there,
 * -EEXIST for a name that several have, either with all candidates named in
 * *RET_ERROR; or another negative errno. */
int vr_tools_guest_find(const struct vr_tools_guest_options *options,
                        pid_t *ret_pid, struct vr_error *ret_error);

#endif
