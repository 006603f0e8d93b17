/* SPDX-License-Identifier: MIT
 *
 * The command line of vmrecon-play.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_OPTIONS_H
#define VR_TOOLS_VMRECON_PLAY_OPTIONS_H

#include "tools/vmrecon-play-generate.h"
#include "tools/vmrecon-play-kinds.h"

#include <stdbool.h>

struct vr_tools_play_options {
  const char *load;                       /* NULL: no processes are busy */
  const char *kinds[VR_TOOLS_KIND_COUNT]; /* NULL: not played */
  double rate, scale;                     /* how fast, how much of it */
  double start, seconds; /* skipped of the traces; played (INFINITY: all) */
  double most;           /* busy processes at a time */
  bool loop, check, invert, is_generator;
  uint64_t seed;
  struct vr_tools_kind_options kind; /* its file's directory, its peer */
  struct vr_tools_generate_options generate;
};

/* Ends the program where the command line is wrong. */
void vr_tools_play_options_parse(int argc, char **argv,
                                 struct vr_tools_play_options *ret);

#endif
