/* SPDX-License-Identifier: MIT
 *
 * The series of one guest, found by signal, and what they hold of its size.
 */
#ifndef VR_LIVE_GUEST_SERIES_H
#define VR_LIVE_GUEST_SERIES_H

#include "live/guest_state.h"

/* NULL where the guest has no series of SIGNAL. */
struct vr_live_series *vr_live_series_find(const struct vr_live_guest *g,
                                           uint32_t signal);

/* A new series of SIGNAL, with room for CAPACITY samples. NULL when out of
 * memory. */
struct vr_live_series *vr_live_series_add(struct vr_live_guest *g,
                                          uint32_t signal,
                                          const struct vr_signal_form *form,
                                          unsigned capacity);

/* Its samples are of another form from now on: those before are dropped. */
void vr_live_series_change_form(struct vr_live_series *s,
                                const struct vr_signal_form *form);

/* The signals get their numbers in catalog TO; series that TO has no signal for
 * are dropped. */
void vr_live_series_translate(struct vr_live_guest *g,
                              const struct vr_catalog *to);

/* How many there are, each member of a list by itself. */
size_t vr_live_series_count(const struct vr_live_guest *g);

void vr_live_series_free_all(struct vr_live_guest *g);

/* Newest value of a gauge, NAN if there is none. */
double vr_live_series_latest(const struct vr_live_guest *g, uint32_t signal);

/* The longest interval of the guest's series; 0 if it has none. */
vr_time vr_live_series_longest_interval(const struct vr_live_guest *g);

struct vr_guest_size vr_live_guest_size(const struct vr_live_guest *g);

/* Interval of a signal of the guest or its host; 0 if it is not there. */
vr_time vr_live_signal_interval(const struct vr_live_guest *g, uint32_t signal);

/* Number of signal SIGNAL of catalog FROM in TO; VR_NO_SIGNAL: none. */
uint32_t vr_live_signal_translate(const struct vr_catalog *from,
                                  const struct vr_catalog *to, uint32_t signal);

#endif
