/* SPDX-License-Identifier: MIT
 *
 * Plays traces: every second the amplitudes, every five seconds the number of
 * busy processes.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_PLAYER_H
#define VR_TOOLS_VMRECON_PLAY_PLAYER_H

#include "tools/vmrecon-play-options.h"
#include "tools/vmrecon-play-score.h"
#include "tools/vmrecon-play-trace.h"

#include <signal.h>

struct vr_tools_player {
  const struct vr_tools_play_options *options;
  struct vr_tools_trace load;
  struct vr_tools_trace kinds[VR_TOOLS_KIND_COUNT];
  struct vr_tools_score score;
  /* Over the time played: the integral of the amplitude, and what was done. */
  double kind_asked[VR_TOOLS_KIND_COUNT], kind_done[VR_TOOLS_KIND_COUNT];
};

/* Reads the traces that OPTIONS name, which must outlive the player. Returns 0
 * or a negative errno. To be closed in any case. */
int vr_tools_player_open(struct vr_tools_player *p,
                         const struct vr_tools_play_options *options,
                         struct vr_error *ret_error);
void vr_tools_player_close(struct vr_tools_player *p);

/* Prints for each step of five seconds its beginning, the number of processes,
 * and the trace's load at its end. */
void vr_tools_player_invert(const struct vr_tools_player *p, FILE *f);

/* Plays until the traces' end or until *ENDED; its progress goes to PROGRESS
 * (NULL: nowhere). Returns 0, or a negative errno where it cannot begin. */
int vr_tools_player_play(struct vr_tools_player *p,
                         const volatile sig_atomic_t *ended, FILE *progress,
                         struct vr_error *ret_error);

#endif
