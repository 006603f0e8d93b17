/* SPDX-License-Identifier: MIT
 *
 * Turns a stream of values of hosts and VM processes into values of guests.
 * Knows nothing of collectd: values come in through vr_live_feed(),
 * from any number of threads and in any order, and answers go out through a
 * callback.
 *
 * A guest appears with the first value that some model wants of it, and is
 * forgotten when it has been silent for a stated number of sweeps. Each guest
 * has its own lock; a tick of a guest is computed once, when all of its inputs
 * have arrived or when values later than it by PATIENCE intervals have.
 */
#ifndef VR_LIVE_RECONSTRUCTOR_H
#define VR_LIVE_RECONSTRUCTOR_H

#include "live/notices.h"
#include "model/model.h"
#include "signal/identifier.h"
#include "signal/resample.h"

#include <stdbool.h>
#include <stddef.h>

/* One counter of one guest at one tick. */
struct vr_counter_answer {
  bool present; /* false: nothing at all is said about this counter */
  double value; /* level, or rate per second; NAN: unknown */
  /* Of a rate: a count that has risen by value times time since the answer
   * before; meaningless while value is NAN. */
  int64_t total;
  enum vr_provenance provenance;
  /* The model's validated free-run fit in percent; NAN where it was never
   * validated, as for what is measured, and while the run settles. */
  double fit;
  /* Of provenance and fit: they are to be said with this answer, since they are
   * new or have not been said for quality_every ticks; never of a rate that is
   * not known. */
  bool quality_due;
  double midterm, longterm; /* of the load; NAN where unknown */
  /* Only with the option intervals, and where the model has any. Of the load:
   * the 1-minute average's. NAN while nothing can be promised; the totals rise
   * as the bounds say, and begin anew with the reconstructor. */
  bool has_interval;
  double lower, upper;
  int64_t lower_total, upper_total;
};

struct vr_answer {
  const char *host, *guest;
  vr_time time;     /* end of the tick */
  vr_time interval; /* its length */
  bool named;       /* of guests of this name, the one that goes by it alone */
  struct vr_counter_answer counters[VR_COUNTERS];
  /* What the best inferred model says, published, withheld or not; only with
   * model_series. */
  bool has_models;
  struct vr_counter_answer models[VR_COUNTERS];
};

/* Called with the guest's lock held, for one guest in the order of its ticks.
 * Must not call the reconstructor. */
typedef void (*vr_answer_fn)(void *user, const struct vr_answer *answer);

struct vr_live_options {
  double min_fit;         /* percent; inferred below it is not published */
  bool model_series;      /* fill answer.models */
  bool intervals;         /* fill the intervals of answer.counters */
  unsigned quality_every; /* ticks between two mentions of what is the same */
  unsigned patience;      /* intervals that a late value is waited for */
  size_t max_guests;      /* more are ignored, with one message */
  unsigned forget_after;  /* sweeps of silence */
  size_t history_bytes;   /* for past inputs of all guests together */
  vr_time notify_after;   /* what lasts so long is worth a notice */
  vr_answer_fn answer;
  void *user;
};

/* What the manual page calls the defaults. */
struct vr_live_options vr_live_defaults(void);

struct vr_live;

/* NULL when out of memory. */
struct vr_live *vr_live_new(const struct vr_live_options *options);
void vr_live_free(struct vr_live *r);

/* Replaces all models by those of SETS (N_SETS, allocated; owned from now on,
 * also on failure). Runs whose model keeps its structure go on. Returns 0 or
 * -ENOMEM, and then the old models stay. */
int vr_live_set_models(struct vr_live *r, struct vr_model_set *sets,
                       size_t n_sets);

/* A value list with N values. Returns 1 if some model wants it, 0 if not, or
 * -ENOMEM. What comes more often than every VR_SHORTEST_INTERVAL, or less often
 * than every VR_LONGEST_INTERVAL, nobody wants; nor conclusions of whomever,
 * under native names. */
#define VR_SHORTEST_INTERVAL (VR_SECOND / 1000)
#define VR_LONGEST_INTERVAL (7 * 86400 * VR_SECOND)
int vr_live_feed(struct vr_live *r, const struct vr_identifier *id,
                 vr_time time, vr_time interval, const struct vr_value *values,
                 size_t n);

/* Somebody else's answer about GUEST of HOST, of TIME, was seen: for three of
 * its INTERVALs after TIME no answers are given about this guest. A TIME that
 * is ahead of the guest's own by more than clocks differ is taken for now. */
void vr_live_standby(struct vr_live *r, const char *host, const char *guest,
                     vr_time time, vr_time interval);

/* To be called every few seconds: forgets guests that have fallen silent.
 * Returns how many guests are known. */
size_t vr_live_sweep(struct vr_live *r);

/* Hands all notices that have come up since the last call to FN, oldest first.
 * FN may take its time: nothing is locked. */
void vr_live_take_notices(struct vr_live *r, vr_notice_fn fn, void *user);

/* Writes the memory of all runs to PATH, atomically, and reads it back: state
 * of a guest is taken up when the guest appears, if its model is the same. A
 * file that is not there is no error. Both return 0 or a negative errno and
 * log. */
int vr_live_save(struct vr_live *r, const char *path);
int vr_live_restore(struct vr_live *r, const char *path);

struct vr_live_stats {
  size_t guests;
  size_t models;
  size_t late; /* values that came after their tick was computed */
};
struct vr_live_stats vr_live_stats(struct vr_live *r);

#endif
