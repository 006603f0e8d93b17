/* SPDX-License-Identifier: MIT
 *
 * Turns a stream of values of hosts and VM processes into values of guests.
 * Independent of collectd: values come in through vr_live_feed(), from any
 * number of threads and in any order, and answers go out through a callback.
 *
 * A guest appears with the first value that some model wants of it, and is
 * forgotten after a stated number of sweeps without one. Each guest has its own
 * lock; a tick of a guest is computed once, when all of its inputs have arrived
 * or when values have arrived that are later by the allowed lateness.
 */
#ifndef VR_LIVE_RECONSTRUCTOR_H
#define VR_LIVE_RECONSTRUCTOR_H

#include "live/answer.h"
#include "live/feed.h"
#include "live/live_options.h"
#include "live/notices.h"
#include "model/model.h"
#include "signal/identifier.h"

#include <stddef.h>

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
 * -ENOMEM. Not wanted is what comes more often than every VR_SHORTEST_INTERVAL
 * or less often than every VR_LONGEST_INTERVAL, and any conclusion under native
 * names. */
int vr_live_feed(struct vr_live *r, const struct vr_identifier *id,
                 vr_time time, vr_time interval, const struct vr_value *values,
                 size_t n);

/* Another target's answer about GUEST of HOST, of TIME, was received: for three
 * of its INTERVALs after TIME no answers are given about this guest. A TIME
 * that is ahead of the guest's own by more than clocks differ counts as now. */
void vr_live_standby(struct vr_live *r, const char *host, const char *guest,
                     vr_time time, vr_time interval);

/* Of one of GUEST's devices a value of TIME was received, which is to be passed
 * on; KIND is its vr_detail_kind. Returns whether answers about the guest are
 * given here; *RET_NAMED: whether they are given under its native names, too.
 */
bool vr_live_passes(struct vr_live *r, const char *host, const char *guest,
                    unsigned kind, vr_time time, vr_time interval,
                    bool *ret_named);

/* To be called every few seconds: forgets guests of which no values come any
 * more. Returns how many guests are known. */
size_t vr_live_sweep(struct vr_live *r);

/* Hands all notices that have come up since the last call to FN, oldest first.
 * FN may take its time: nothing is locked. */
void vr_live_take_notices(struct vr_live *r, vr_notice_fn fn, void *user);

/* Writes the memory of all runs and the totals to the state file of PATH, and
 * reads them back: see state_file.h. State of a guest is used when the guest
 * appears, where its model is the same. Both return 0 or a negative errno and
 * log; a file that is not there is no error. */
int vr_live_save(struct vr_live *r, const char *path);
int vr_live_restore(struct vr_live *r, const char *path);

/* Grows while state is read or written, unless the disk does not answer. */
size_t vr_live_state_progress(struct vr_live *r);

struct vr_live_stats {
  size_t guests;
  size_t models;
  size_t late;     /* values that came after their tick was computed */
  size_t withheld; /* values of counters that were published as unknown */
};
struct vr_live_stats vr_live_stats(struct vr_live *r);

#endif
