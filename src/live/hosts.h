/* SPDX-License-Identifier: MIT
 *
 * The signals of hosts themselves (%{host}/vmrecon/…), which are common to all
 * guests of a host. Inside the reconstructor only.
 *
 * A host is kept for as long as guests of it are: values of other senders are
 * dropped.
 *
 * Locks: a guest's lock may be held when these are called; they take none of
 * the guests' in return.
 */
#ifndef VR_LIVE_HOSTS_H
#define VR_LIVE_HOSTS_H

#include "live/newcomers.h"
#include "signal/resample.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_live_hosts;
struct vr_live_host;

/* ALLOWED_LATENESS: intervals that a late value is waited for. NULL when out of
 * memory.
 */
struct vr_live_hosts *vr_live_hosts_new(unsigned allowed_lateness);
void vr_live_hosts_free(struct vr_live_hosts *hosts);

/* The host NAME, made if it is not known, and kept until every guest that
 * has entered it has left it. The guest is a NEWCOMER until it is settled. NULL
 * when out of memory. */
struct vr_live_host *vr_live_hosts_enter(struct vr_live_hosts *hosts,
                                         const char *name,
                                         struct vr_newcomer *newcomer);
void vr_live_hosts_leave(struct vr_live_hosts *hosts, struct vr_live_host *host,
                         struct vr_newcomer *newcomer);

/* The guest of HOST is no newcomer any more: a value of it was published. */
void vr_live_hosts_settle(struct vr_live_hosts *hosts,
                          struct vr_live_host *host,
                          struct vr_newcomer *newcomer);

/* How many guests have entered the host NAME. */
size_t vr_live_hosts_guests(struct vr_live_hosts *hosts, const char *name);

/* The key of the newcomer to the host NAME (NULL: to any) that is to give way
 * to another guest: the one that is there for longest, of those that received
 * values once only if there are any among the first. Writes at most SIZE bytes
 * to RET_KEY; returns its length, 0: there is none. */
size_t vr_live_hosts_who_gives_way(struct vr_live_hosts *hosts,
                                   const char *name, char *ret_key,
                                   size_t size);

/* Adds a sample of SIGNAL (a pattern's text) of HOST, if a guest has entered
 * it. Returns 0 or -ENOMEM. */
int vr_live_hosts_add(struct vr_live_hosts *hosts, const char *host,
                      const char *signal, enum vr_kind kind, vr_time interval,
                      const struct vr_sample *sample);

/* Counts up when a signal begins, has another form from now on, or is back. */
unsigned vr_live_host_changes(const struct vr_live_host *host);

/* The interval of SIGNAL; 0 if it is not there, or has stopped as of NOW. */
vr_time vr_live_host_interval(struct vr_live_host *host, const char *signal,
                              vr_time now);

/* Makes room for the samples of one tick of STEP and of late ones. Returns 0 or
 * -ENOMEM. */
int vr_live_host_reserve(struct vr_live_host *host, const char *signal,
                         vr_time step);

/* Mean over (BEGIN, END]; *ret_covered: has all of it arrived? */
double vr_live_host_mean(struct vr_live_host *host, const char *signal,
                         vr_time begin, vr_time end, bool *ret_covered);

#endif
