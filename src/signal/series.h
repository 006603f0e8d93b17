/* SPDX-License-Identifier: MIT
 *
 * The last samples of one live signal, in the order of their times, however
 * they arrived. Bounded: the oldest give way.
 */
#ifndef VR_SIGNAL_SERIES_H
#define VR_SIGNAL_SERIES_H

#include "signal/resample.h"

#include <stdbool.h>

struct vr_series {
  struct vr_signal_form form;
  unsigned capacity, n;
  unsigned at;               /* the oldest is samples[at] */
  struct vr_sample *samples; /* 2 * capacity, so that N stand in one piece */
};

/* Room for CAPACITY samples. Returns 0 or -ENOMEM. */
int vr_series_init(struct vr_series *s, const struct vr_signal_form *form,
                   unsigned capacity);
void vr_series_clear(struct vr_series *s);

/* Makes room for at least CAPACITY samples. Returns 0 or -ENOMEM. */
int vr_series_reserve(struct vr_series *s, unsigned capacity);

/* Forgets all samples. */
void vr_series_empty(struct vr_series *s);

/* Adds a sample in its place. Returns 0, -EEXIST if there is one of that time,
 * -ESTALE if it is older than all and there is no room. Allocates nothing. */
int vr_series_add(struct vr_series *s, const struct vr_sample *sample);

/* Does a sample that is not newer than the newest show that the clock of the
 * series was set back: a counter that was higher before than it is now? */
bool vr_series_contradicts(const struct vr_series *s,
                           const struct vr_sample *sample);

/* Newest and oldest time; there must be a sample. */
vr_time vr_series_newest(const struct vr_series *s);
vr_time vr_series_oldest(const struct vr_series *s);

/* Has everything that can be expected of (BEGIN, END] arrived: a sample at END
 * or later, and no two further apart than 1.5 intervals in between, which
 * would mean that one is still on its way? */
bool vr_series_covers(const struct vr_series *s, vr_time begin, vr_time end);

double vr_series_mean(const struct vr_series *s, vr_time begin, vr_time end);

/* The level of the last sample that is not later than AT, for numbers that
 * stand for words; NAN where that is longer ago than a gap is. */
double vr_series_level_at(const struct vr_series *s, vr_time at);

#endif
