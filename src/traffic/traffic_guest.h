/* SPDX-License-Identifier: MIT
 *
 * One guest's traffic: its interfaces are counted as long as they are there,
 * and what is counted is summed up for each peer.
 */
#ifndef VR_TRAFFIC_TRAFFIC_GUEST_H
#define VR_TRAFFIC_TRAFFIC_GUEST_H

#include "basic/log.h"
#include "host/host.h"
#include "traffic/peers.h"

#include <stdbool.h>

struct vr_traffic_settings {
  const char *proc_path;
  const char *libvirt_path; /* where libvirt keeps its guests: see nics.h */
  bool received;            /* count what guests receive, too */
  struct vr_peers_options peers;
};

/* What is shared by all guests: messages that one guest has for all. */
struct vr_traffic_reports {
  struct vr_complaint denied, namespaces, kernel;
  struct vr_log_limit reasons; /* lines that name a guest */
};

struct vr_traffic_guest;

int vr_traffic_guest_new(const struct vr_traffic_settings *settings,
                         const struct vr_vmproc_sample *s,
                         struct vr_traffic_guest **ret);
void vr_traffic_guest_free(struct vr_traffic_guest *g);

/* The same of COUNT guests, in little more time than of one. */
void vr_traffic_guest_free_all(struct vr_traffic_guest *const *g, size_t count);

/* As its first sample called it. */
const char *vr_traffic_guest_name(const struct vr_traffic_guest *g);

/* Whether S is a sample of this guest. */
bool vr_traffic_guest_is(const struct vr_traffic_guest *g,
                         const struct vr_vmproc_sample *s);

/* Finds out which interfaces and addresses it has, begins to count what is new,
 * and takes what was counted, SECONDS after the last time. */
void vr_traffic_guest_read(struct vr_traffic_guest *g,
                           const struct vr_traffic_settings *settings,
                           const struct vr_vmproc_sample *s, double seconds,
                           struct vr_traffic_reports *reports);

/* Whether anything of it is counted. */
bool vr_traffic_guest_is_counted(const struct vr_traffic_guest *g);

/* Its addresses, if all of them are known: then frames under others count as
 * spoofed. Otherwise those that are known, and *RET_ALL is false. */
const struct vr_nics *vr_traffic_guest_nics(const struct vr_traffic_guest *g,
                                            bool *ret_all);

const struct vr_peers *vr_traffic_guest_peers(const struct vr_traffic_guest *g);

/* Whether segments of large frames are counted at all of its interfaces. */
bool vr_traffic_guest_has_segments(const struct vr_traffic_guest *g);

#endif
