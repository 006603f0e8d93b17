/* SPDX-License-Identifier: MIT
 *
 * All of it together, for a stream of values: pairs by name, applications and
 * their patterns, advice. Values may come from many threads; none waits for
 * what is computed.
 */
#ifndef VR_TOPOLOGY_OBSERVER_H
#define VR_TOPOLOGY_OBSERVER_H

#include "topology/applications.h"
#include "topology/instance.h"
#include "topology/ledger.h"
#include "topology/survey.h"
#include "topology/underlay.h"

struct vr_observer_options {
  struct vr_ledger_options ledger;
  struct vr_applications_options applications;
  struct vr_advice_options advice;
  vr_time advice_interval;
  double overcommit;
  size_t n_apart;
  const struct vr_survey_apart *apart;
  /* Which guests are wanted; NULL: all. The others are as if they were not
   * there: who talks to them talks to somebody outside. */
  bool (*wants)(const void *ctx, const char *guest);
  const void *wants_ctx;
};

struct vr_observer_options vr_observer_defaults(void);

struct vr_observer;

/* The texts of OPTIONS must outlive it. NULL without memory. */
struct vr_observer *vr_observer_new(const struct vr_observer_options *options);
void vr_observer_free(struct vr_observer *o);

/* As vr_ledger_name_peer() and vr_survey_set_host(), before the stream. */
int vr_observer_name_peer(struct vr_observer *o, const char *mac,
                          const char *name);
/* As vr_underlay_address(). */
int vr_observer_address(struct vr_observer *o, const char *host,
                        const char *address);
int vr_observer_set_host(struct vr_observer *o, const char *host, double cpu,
                         double memory, double nic);

struct vr_observer_value {
  const struct vr_identifier *id;
  vr_time time, arrival, interval;
  size_t n;
  bool is_count;        /* COUNT is meant, else LEVEL */
  const int64_t *count; /* N of them */
  const double *level;
};

/* Whether values of that plugin may concern an observer. */
bool vr_observer_concerns(const char *plugin);

/* Takes a value list: HOST/vmrecon_net-GUEST/{if_octets,if_packets}-PEER,
 * derive-wire_PEER, derive-wire_received_PEER and gauge-mac_HEX, and those of
 * vr_survey_take(), vr_underlay_take() and vr_underlay_octets(); passes over
 * all others. Returns 0, -EINVAL for a damaged one, -ENOSPC when too many are
 * there. */
int vr_observer_take(struct vr_observer *o, const struct vr_observer_value *v);

struct vr_observer_application {
  const struct vr_application *app;
  double crossing, advised; /* percent of its bytes between hosts; NAN */
};

/* What comes of a window; members may be NULL. All is valid during the call
 * only. */
struct vr_observer_sink {
  vr_ledger_fn row;
  void (*application)(void *ctx, const struct vr_observer_application *a);
  vr_applications_fn change;
  /* With each advice: may give the instance an underlay and a plan of paths;
   * then the instance. */
  void (*underlay)(void *ctx, struct vr_instance *i);
  void (*instance)(void *ctx, const struct vr_instance *i);
  /* Each pair of hosts, when windows of loss have been judged. */
  void (*loss)(void *ctx, const struct vr_conservation_pair *p);
  void *ctx;
};

/* Gives the underlay of I what is measured of it at NOW. Returns 0 or -ENOMEM.
 */
int vr_observer_measure(struct vr_observer *o, vr_time now,
                        struct vr_instance *i);

/* Ends a window: from one thread at a time. Returns 0 or -ENOMEM. */
int vr_observer_step(struct vr_observer *o, vr_time now,
                     const struct vr_observer_sink *sink);

/* Of the ledger, and guests of the last matrix. */
struct vr_ledger_stats vr_observer_stats(struct vr_observer *o);

#endif
