/* SPDX-License-Identifier: MIT
 *
 * One guest inside the reconstructor: its signals, the models that run on it,
 * and its ticks. All functions want the guest's lock held by the caller.
 *
 * Words: a lane is a regular grid on which this guest's models run; a model of
 * step 10 s runs on the lane of 10 s, a static model on the lane of the
 * interval that its inputs have.
 */
#ifndef VR_LIVE_GUEST_H
#define VR_LIVE_GUEST_H

#include "live/catalog.h"
#include "live/drift.h"
#include "live/hosts.h"
#include "live/notices.h"
#include "live/quality.h"
#include "live/reconstructor.h"
#include "model/run.h"
#include "signal/series.h"

#include <pthread.h>
#include <stdatomic.h>
#include <uthash.h>

/* What all guests of a reconstructor share. */
struct vr_live_context {
  struct vr_live_options options;
  struct vr_live_hosts *hosts;
  struct vr_notices *notices;
  atomic_size_t history_left; /* bytes that histories may still take */
  atomic_size_t late;
  atomic_size_t described; /* guests whose binding was logged */
  atomic_size_t too_old;   /* saved runs that were not taken up */
};

struct vr_live_series {
  uint32_t signal; /* in the guest's catalog */
  struct vr_series series;
};

struct vr_rate_group_input {
  uint32_t signal;
  struct vr_live_series *own; /* NULL: a signal of the host */
  bool needed;                /* by a model: then it is waited for */
  double value;               /* at the tick being computed */
  double *history;            /* ring of VR_HISTORY_TICKS, or NULL */
};

enum {
  VR_HISTORY_TICKS = 300,
  VR_HISTORY_BYTES = VR_HISTORY_TICKS * sizeof(double),
};

/* A model that runs on the guest. */
struct vr_active {
  const struct vr_catalog_model *model;
  struct vr_run *run;
  uint32_t *inputs; /* lane input of each signal of the model, in order */
  uint32_t *regime; /* of each that tells its regime; NULL: not all are there */
  bool published;   /* chosen for the counter */
  bool shown;       /* chosen for the model series */
  bool spoke;       /* has given a value */
  bool restored;    /* goes on from what was saved */
};

struct vr_rate_group {
  vr_time step;
  int64_t next;   /* the tick that is awaited */
  unsigned empty; /* ticks in a row without any input */
  unsigned n_inputs;
  struct vr_rate_group_input *inputs;
  unsigned n_active;
  struct vr_active *active;
  unsigned history_at, history_n;
};

/* A count that follows from a rate. */
struct vr_total {
  double fraction;
  int64_t total;
  vr_time last;
};

/* Those of the bounds of a counter's interval. */
struct vr_bound_totals {
  struct vr_total lower, upper;
};

/* State that was saved for a guest before it appeared here. */
struct vr_saved_run {
  uint64_t fingerprint;
  int64_t tick; /* the last one that was computed */
  size_t n;
  double *values;
  bool done; /* taken up, or too old for it */
};
struct vr_saved_guest {
  char *key; /* as of vr_guest */
  struct vr_total totals[VR_COUNTERS], model_totals[VR_COUNTERS];
  size_t n_runs;
  struct vr_saved_run *runs;
  bool range_alarm;  /* was raised */
  bool totals_taken; /* by the guest */
  UT_hash_handle hh;
};
void vr_live_saved_guest_free(struct vr_saved_guest *saved);

struct vr_live_guest {
  UT_hash_handle hh;
  char *key; /* "HOST\0GUEST" */
  size_t key_length;
  const char *host, *name; /* inside key */
  struct vr_live_host *on; /* the host, with the signals of its own */
  unsigned host_changes;   /* of it that are known */
  pthread_mutex_t lock;
  atomic_uint silent; /* sweeps */
  atomic_bool named;  /* native names are its own: see namesakes.h */

  struct vr_catalog *catalog; /* that signals and models refer to */
  size_t n_series, series_size;
  struct vr_live_series **series; /* by rising signal */
  vr_time newest; /* of all samples that say it is on this host */
  vr_time born;   /* first of them, or first after a silence */
  bool inherited; /* a namesake's state, since it was born */
  struct vr_live_guest *namesake; /* the next guest of this name, or NULL */
  unsigned stale;                 /* samples in a row that were far too old */
  unsigned set_back;              /* and that say that a clock was set back */
  bool bind;                      /* something changed: choose models anew */
  vr_time bind_after;             /* with the first sample later than this */

  size_t n_lanes;
  struct vr_rate_group *lanes;
  struct vr_total totals[VR_COUNTERS], model_totals[VR_COUNTERS];
  struct vr_quality qualities[VR_COUNTERS];
  struct vr_bound_totals
      *bound_totals;            /* VR_COUNTERS; NULL without intervals */
  struct vr_saved_guest *saved; /* NULL, or what to take up */
  unsigned ticks_since_bind;
  vr_time answered;     /* the latest end of a tick that was computed */
  vr_time silent_until; /* somebody else answers until then */
  struct vr_alarm range_alarm, drift_alarm;
  struct vr_drift *drift; /* NULL: it sends no values of its own */
  uint64_t described;     /* hash of the binding that was last logged */
};

/* A guest that has seen nothing. CATALOG gains a reference. NULL when out of
 * memory. */
struct vr_live_guest *vr_live_guest_new(const char *key, size_t key_length,
                                        struct vr_live_context *context,
                                        struct vr_catalog *catalog);
void vr_live_guest_free(struct vr_live_guest *g,
                        struct vr_live_context *context);

/* One sample of a signal. */
struct vr_arrival {
  uint32_t signal; /* in the catalog of the day */
  bool host_told;  /* by the series, or the guest is its own host */
  enum vr_kind kind;
  vr_time interval;
  struct vr_sample sample;
};

/* Adds one sample of a signal of CATALOG. Returns 0 or -ENOMEM. */
int vr_live_guest_add(struct vr_live_guest *g, struct vr_live_context *context,
                      struct vr_catalog *catalog,
                      const struct vr_arrival *arrival);

/* Hears one sample of the I-th series of vr_live_drift_series(), stamped by the
 * guest's own clock. Returns 0 or -ENOMEM. */
int vr_live_guest_add_own(struct vr_live_guest *g, unsigned i,
                          enum vr_kind kind, vr_time interval,
                          const struct vr_sample *sample);

/* Computes the ticks that can be computed, and answers. */
void vr_live_guest_advance(struct vr_live_guest *g,
                           struct vr_live_context *context);

/* Somebody else has answered for a tick of INTERVAL that ended at TIME. */
void vr_live_guest_standby(struct vr_live_guest *g,
                           const struct vr_live_context *context, vr_time time,
                           vr_time interval);

/* --- parts of it --- */

/* Is there memory for one more history? */
static inline bool vr_may_remember(struct vr_live_context *context) {
  return atomic_load_explicit(&context->history_left, memory_order_relaxed) >=
         VR_HISTORY_BYTES;
}

struct vr_live_series *vr_live_guest_find_series(const struct vr_live_guest *g,
                                                 uint32_t signal);

/* Newest value of a gauge, NAN if there is none. */
double vr_live_guest_latest(const struct vr_live_guest *g, uint32_t signal);
struct vr_guest_size vr_live_guest_size(const struct vr_live_guest *g);

/* Chooses the models for what the guest has and sets up its lanes; runs,
 * histories and positions in time are carried over. Returns 0, or -ENOMEM and
 * then nothing runs until the next binding. */
int vr_live_guest_bind(struct vr_live_guest *g,
                       struct vr_live_context *context);

/* Stops all runs. */
void vr_live_guest_clear_groups(struct vr_live_guest *g,
                                struct vr_live_context *context);

/* The longest interval of the guest's series; 0 if it has none. */
vr_time vr_live_guest_interval(const struct vr_live_guest *g);

/* The memory of its runs, nothing else; NULL when out of memory. */
struct vr_saved_guest *vr_live_guest_save_runs(const struct vr_live_guest *g);

/* Lets the runs of G go on from SAVED, which it owns from now on, over the
 * inputs that G has had since. Returns how many found their state there. */
unsigned vr_live_guest_inherit(struct vr_live_guest *g,
                               struct vr_live_context *context,
                               struct vr_saved_guest *saved);

/* Moves the guest to another catalog and binds. */
int vr_live_guest_change_catalog(struct vr_live_guest *g,
                                 struct vr_live_context *context,
                                 struct vr_catalog *catalog);

/* Logs once for each binding what the guest gets and why not more. */
void vr_live_guest_describe(struct vr_live_guest *g,
                            struct vr_live_context *context);

/* Tells when models that are published have been outside what they were trained
 * on for long, and when they are back. */
void vr_live_guest_watch_range(struct vr_live_guest *g,
                               struct vr_live_context *context);

/* Tells when what the guest itself sends has disagreed with what is published
 * for long, and when it agrees again. */
void vr_live_guest_watch_drift(struct vr_live_guest *g,
                               struct vr_live_context *context);

/* The guest is about to be forgotten: what was told of it is over. */
void vr_live_guest_end_alarms(struct vr_live_guest *g,
                              struct vr_live_context *context);

/* Why model M cannot run on the guest; NULL if it can. */
const char *vr_live_guest_refuses(const struct vr_live_guest *g,
                                  const struct vr_catalog_model *m);

#endif
