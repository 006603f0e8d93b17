/* SPDX-License-Identifier: MIT
 *
 * The end of a program: what it printed is known to have arrived only when
 * standard output was closed.
 */
#ifndef VR_TOOLS_CLOSE_OUTPUT_H
#define VR_TOOLS_CLOSE_OUTPUT_H

#include "basic/exit_status.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* STATUS, or VR_EXIT_OUTPUT, with a message of PROGRAM, where not all of the
 * output could be written. */
static inline enum vr_exit vr_tools_close_output(const char *program,
                                                 enum vr_exit status) {
  bool failed = ferror(stdout) != 0;
  if (fclose(stdout) == 0 && !failed)
    return status;
  fprintf(stderr, "%s: standard output: %s\n", program, strerror(errno));
  return VR_EXIT_OUTPUT;
}

#endif
