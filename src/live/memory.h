/* SPDX-License-Identifier: MIT
 *
 * The memory of a guest's runs outside of the runs: a snapshot is taken to be
 * saved, or to be handed to the same guest on another host, and continued when
 * a model with the same equation runs there.
 */
#ifndef VR_LIVE_MEMORY_H
#define VR_LIVE_MEMORY_H

#include "live/guest_state.h"

struct vr_saved_run {
  uint64_t fingerprint;
  bool is_v3;   /* the fingerprint is vr_live_fingerprint_v3() */
  int64_t tick; /* the last one that was computed */
  size_t n;
  double *values; /* of vr_run_export() */
  bool done;      /* continued, or too old for it */
};

/* What was held of a counter whose model has a coarser step than collectd. */
struct vr_saved_held {
  uint64_t fingerprint; /* of the model */
  vr_time end, until;   /* as of vr_held; END is 0: nothing */
  double value, midterm, longterm;
};

struct vr_saved_guest {
  char *key; /* as of vr_live_guest; NULL in a snapshot of a guest that is */
  size_t key_length;
  struct vr_total totals[VR_COUNTERS], model_totals[VR_COUNTERS];
  size_t n_runs;
  struct vr_saved_run *runs;
  struct vr_saved_held held[VR_COUNTERS];
  bool range_alarm;  /* was raised */
  bool drifted;      /* as its own values show; for whoever trains it again */
  bool totals_taken; /* by the guest */
  UT_hash_handle hh;
};
void vr_live_saved_guest_free(struct vr_saved_guest *saved);

/* Is RUN that of model M? */
bool vr_live_saved_run_is_of(const struct vr_saved_run *run,
                             const struct vr_catalog_model *m);

/* The memory of the guest's runs, nothing else. What was saved before and has
 * not been continued yet is part of it. NULL when out of memory. */
struct vr_saved_guest *vr_live_memory_of_runs(const struct vr_live_guest *g);

/* All that is to be known of the guest when it appears again. */
struct vr_saved_guest *vr_live_memory_of_guest(const struct vr_live_guest *g);

/* Lets the run of A continue what was saved for its model, over the inputs that
 * are known since. False where nothing that can be continued was saved. */
bool vr_live_memory_continue(const struct vr_live_guest *g,
                             struct vr_live_context *context,
                             const struct vr_rate_group *group,
                             struct vr_active *a);

/* Takes the saved totals as the guest's, once, so that counts do not fall; what
 * was notified is not notified again. */
void vr_live_memory_take_totals(struct vr_live_guest *g);

/* Takes what was held, so that it is published until its model has its first
 * tick; unless that would be overdue by now. */
void vr_live_memory_take_held(struct vr_live_guest *g);

/* Frees what was saved when all of it has been used. */
void vr_live_memory_drop_used(struct vr_live_guest *g);

/* Lets the runs of G continue SAVED, which it owns from now on. Returns how
 * many found their memory there. */
unsigned vr_live_memory_inherit(struct vr_live_guest *g,
                                struct vr_live_context *context,
                                struct vr_saved_guest *saved);

#endif
