/* SPDX-License-Identifier: MIT
 *
 * One guest inside the reconstructor: its series, the models that run on them,
 * and what was concluded so far. These are the structures only; each file that
 * works on them declares its functions itself, and all want the guest's lock
 * held by the caller.
 *
 * A rate group holds the models of a guest that run on one sampling grid: a
 * model of step 10 s is in the group of 10 s, a static model in the group of
 * the interval that its inputs have. What the groups have computed is published
 * by beats, at the interval of the inputs.
 */
#ifndef VR_LIVE_GUEST_STATE_H
#define VR_LIVE_GUEST_STATE_H

#include "live/catalog.h"
#include "live/drift.h"
#include "live/held.h"
#include "live/hosts.h"
#include "live/live_options.h"
#include "live/notices.h"
#include "live/quality.h"
#include "live/total.h"
#include "model/run.h"
#include "signal/series.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uthash.h>

/* What is common to all guests of a reconstructor. */
struct vr_live_context {
  struct vr_live_options options;
  struct vr_live_hosts *hosts;
  struct vr_notices *notices;
  atomic_size_t history_left; /* bytes that histories may still take */
  atomic_size_t late;         /* values that came after their tick */
  atomic_size_t withheld;     /* values that were published as unknown */
  atomic_size_t described;    /* guests whose binding was logged */
  atomic_size_t too_old;      /* saved runs that could not be continued */
};

/* The series of one signal. Where its pattern has members it is a list: this
 * one is the first, and as long as any of them has samples it has. */
struct vr_live_series {
  uint32_t signal; /* in the guest's catalog */
  struct vr_series series;
  char *member;  /* the type instance; NULL: the pattern has no members */
  vr_time begun; /* with its first sample, of members only */
  bool was_full; /* of the first: there were more than it may have */
  struct vr_live_series *next; /* another member, or NULL */
};

struct vr_rate_group_input {
  uint32_t signal;
  struct vr_live_series *own; /* NULL: a signal of the host */
  bool needed;                /* by a model: then it is waited for */
  bool no_mean;               /* its values are not averaged */
  double value;               /* at the tick being computed */
  double *history;            /* ring of VR_HISTORY_TICKS, or NULL */
};

enum { VR_HISTORY_TICKS = 300 };

/* A model that runs on the guest. */
struct vr_active {
  const struct vr_catalog_model *model;
  struct vr_run *run;
  uint32_t *inputs;  /* the group's input of each signal of the model */
  uint32_t *regime;  /* the same for its regime; NULL: not all are there */
  bool published;    /* chosen for the counter */
  bool model_series; /* chosen for the model series */
  bool has_begun;    /* has given a value */
  bool restored;     /* goes on from what was saved */
  vr_time interval;  /* at which its values are published */
};

struct vr_rate_group {
  vr_time step;
  int64_t next;   /* the tick that is awaited */
  unsigned empty; /* ticks in a row without any input */
  unsigned n_inputs;
  size_t inputs_size;
  struct vr_rate_group_input *inputs;
  unsigned n_active;
  size_t active_size;
  struct vr_active *active;
  unsigned history_at, history_n;
};

/* Publishes what the rate groups have computed, at an interval at which values
 * of the guest come. */
struct vr_beat {
  vr_time interval;
  int64_t next; /* the tick that is awaited */
  bool silent;  /* the last tick had nothing to publish but what is overdue */
};

struct vr_saved_guest; /* memory.h */

struct vr_live_guest {
  UT_hash_handle hh;
  char *key; /* "HOST\0GUEST" */
  size_t key_length;
  const char *host, *name;     /* inside key */
  struct vr_live_host *on;     /* the host, with the signals of its own */
  struct vr_newcomer newcomer; /* until a value of it was published */
  bool has_published;
  unsigned host_changes; /* of it that are known */
  pthread_mutex_t lock;
  atomic_uint silent_sweeps;            /* since the last value from its host */
  atomic_bool owns_name;                /* native names are its own */
  struct vr_live_guest *next_duplicate; /* of the same name, or NULL */
  struct vr_live_guest *previous_duplicate; /* the first one's is the last */

  struct vr_catalog *catalog; /* that signals and models refer to */
  size_t n_series, series_size;
  struct vr_live_series **series; /* by rising signal */
  vr_time newest; /* of all samples whose series shows that it is here */
  vr_time born;   /* first of them, or first after a silence */
  bool inherited; /* has the state of a migration source, since it was born */
  unsigned stale; /* samples in a row that were far too old */
  vr_time ahead;  /* of the first in a row that were far ahead; 0: none */
  unsigned set_back;  /* and that show that a clock was set back */
  bool bind;          /* something changed: choose models anew */
  vr_time bind_after; /* with the first sample later than this */

  size_t n_groups;
  struct vr_rate_group *groups;
  size_t n_beats;
  struct vr_beat *beats;
  struct vr_held *held;        /* VR_COUNTERS; NULL: not bound yet */
  struct vr_held *held_models; /* VR_COUNTERS; NULL: no model series */
  struct vr_total totals[VR_COUNTERS], model_totals[VR_COUNTERS];
  struct vr_quality qualities[VR_COUNTERS];
  unsigned details; /* kinds of devices that are published one by one */
  vr_time details_until;
  struct vr_bound_totals *bound_totals; /* VR_COUNTERS; NULL: no intervals */
  struct vr_saved_guest *saved;         /* NULL, or what to continue */
  unsigned ticks_since_bind;            /* of all beats together */
  vr_time published_until;              /* the latest end of a tick of a beat */
  vr_time standby_until; /* another target publishes until then */
  struct vr_alarm range_alarm, drift_alarm;
  struct vr_drift *drift; /* NULL: it sends no values of its own */
  uint64_t described;     /* hash of the binding that was last logged */
  bool binding_known;     /* the present one was compared with it */
};

#endif
