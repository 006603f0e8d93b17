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
  size_t n_lines;   /* how many lines there will be */
  bool terminal;    /* is standard error one? */
  atomic_size_t done, lines;
};

/* Begins with TOTAL UNITs and N_LINES lines before it. Hears the other ranks
 * (share.h), of which only the first shows anything, until vr_progress_end().
 */
void vr_progress_begin(struct vr_progress *p, size_t total, const char *unit,
                       size_t n_lines);
void vr_progress_end(struct vr_progress *p);

/* N more are done. */
void vr_progress_add(struct vr_progress *p, size_t n);

/* What a bar does not show: a line, where there is no terminal, and behind it
 * the how manieth of all it is; a second round begins with the first again. */
void vr_progress_line(struct vr_progress *p, const char *text);

/* P as training reports to it; P must outlive it. */
struct vr_train_progress vr_progress_of(struct vr_progress *p);

#endif
