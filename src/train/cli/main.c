/* SPDX-License-Identifier: MIT
 *
 * vmrecon-train: recorded history in, models and a report out.
 */
#include "basic/log.h"
#include "train/cli/command_run.h"
#include "train/share/ranks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  if (!vr_ranks_begin(&argc, &argv))
    return VR_EXIT_USAGE;
  enum vr_exit e = vr_command_run(argc, argv);
  /* What was printed is known to have arrived only now. */
  bool failed = ferror(stdout) != 0;
  if (fclose(stdout) != 0 || failed) {
    vr_log_error("standard output: %s", strerror(errno));
    e = VR_EXIT_OUTPUT;
  }
  vr_ranks_end();
  return e;
}
