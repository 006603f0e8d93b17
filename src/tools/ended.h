/* SPDX-License-Identifier: MIT
 *
 * Programs that run until a signal ends them, and then finish what they do.
 */
#ifndef VR_TOOLS_ENDED_H
#define VR_TOOLS_ENDED_H

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t vr_tools_ended;

static inline void vr_tools_end(int signal) {
  (void)signal;
  vr_tools_ended = 1;
}

/* From now on SIGINT, SIGTERM and SIGHUP set vr_tools_ended. Whoever reads the
 * output may go: that is an output that cannot be written, and no signal. */
static inline void vr_tools_catch_signals(void) {
  const struct sigaction action = {.sa_handler = vr_tools_end};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
}

#endif
