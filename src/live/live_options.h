/* SPDX-License-Identifier: MIT
 *
 * The reconstructor's options.
 */
#ifndef VR_LIVE_LIVE_OPTIONS_H
#define VR_LIVE_LIVE_OPTIONS_H

#include "live/answer.h"
#include "live/quality.h"

#include <stddef.h>

struct vr_live_options {
  double min_fit;    /* percent; inferred below it is not published */
  bool no_derived;   /* nothing of provenance derived is published */
  bool model_series; /* fill answer.models */
  bool intervals;    /* fill the intervals of answer.counters */
  struct vr_quality_rule quality;
  unsigned allowed_lateness;  /* intervals that a late value is waited for */
  size_t max_guests;          /* more are ignored, with one message */
  size_t max_guests_per_host; /* the same, for those of one host */
  unsigned forget_after;      /* sweeps without input */
  size_t history_bytes;       /* for past inputs of all guests together */
  vr_time notify_after;       /* a condition that lasts so long is notified */
  vr_answer_fn answer;
  void *user;
};

/* What the manual page calls the defaults. */
struct vr_live_options vr_live_defaults(void);

#endif
