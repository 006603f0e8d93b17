/* SPDX-License-Identifier: MIT
 *
 * The signals of hosts themselves (%{host}/vmrecon/…), which all guests of a
 * host share. Inside the reconstructor only.
 *
 * Locks: a guest's lock may be held when these are called; they take none of
 * the guests' in return.
 */
#ifndef VR_MODEL_HOSTS_H
#define VR_MODEL_HOSTS_H

#include "signal/resample.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_hosts;
struct vr_hosts *vr_hosts_new(void);
void vr_hosts_free(struct vr_hosts *hosts);

/* Adds a sample of SIGNAL (a pattern's text) of HOST. Returns 0 or -ENOMEM. */
int vr_hosts_add(struct vr_hosts *hosts, const char *host, const char *signal,
                 enum vr_kind kind, vr_time interval,
                 const struct vr_sample *sample);

/* The interval of SIGNAL of HOST, or 0 if it is not there. */
vr_time vr_hosts_interval(struct vr_hosts *hosts, const char *host,
                          const char *signal);

/* Mean over (BEGIN, END]; *ret_covered: has all of it arrived? */
double vr_hosts_mean(struct vr_hosts *hosts, const char *host,
                     const char *signal, vr_time begin, vr_time end,
                     bool *ret_covered);

/* Forgets hosts that had no sample for FORGET_AFTER calls. Returns how many
 * are left. */
size_t vr_hosts_sweep(struct vr_hosts *hosts, unsigned forget_after);

#endif
