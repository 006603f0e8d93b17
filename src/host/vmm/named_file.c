/* SPDX-License-Identifier: MIT */
#include "host/vmm/named_file.h"

#include "basic/log.h"
#include "basic/safe_open.h"
#include "host/proc/their_file.h"

#include <stddef.h>

char *vr_vmm_read_named(int dirfd, const char *path) {
  char *text = NULL;
  int r = vr_their_file_read(dirfd, path, &text);
  if (r < 0)
    vr_log_notice("%s, which a virtual machine's command line names: %s: what "
                  "it says of the machine is not known",
                  path, vr_safe_why(r));
  return r < 0 ? NULL : text;
}
