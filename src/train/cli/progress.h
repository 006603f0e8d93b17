/* SPDX-License-Identifier: MIT
 *
 * How far a long run is: a bar on a terminal, plain lines elsewhere.
 */
#ifndef VR_TRAIN_CLI_PROGRESS_H
#define VR_TRAIN_CLI_PROGRESS_H

#include "train/fit/train_options.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* May be used from several threads. */
struct vr_progress {
  size_t total;
  const char *unit; /* what is counted, in the plural */
  bool terminal;    /* is standard error one? */
  atomic_size_t done;
};

/* Begins with TOTAL UNITs before it. */
void vr_progress_begin(struct vr_progress *p, size_t total, const char *unit);

/* N more are done. */
void vr_progress_add(struct vr_progress *p, size_t n);

/* What a bar does not show: a line, where there is no terminal. */
void vr_progress_line(const struct vr_progress *p, const char *text);

/* P as training reports to it; P must outlive it. */
struct vr_train_progress vr_progress_of(struct vr_progress *p);

#endif
