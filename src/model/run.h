/* SPDX-License-Identifier: MIT
 *
 * A model running freely on one guest: from its signals at each tick to the
 * counter's value, in the counter's own unit. Clamping, scaling by the guest's
 * size, gaps and the start are all here, once, so that what the trainer scores
 * is what the target publishes.
 *
 * Start and gaps: at the first tick at which every input is known the run
 * starts at rest, that is as if inputs had always been as they are now. A
 * missing input is held for VR_HOLD_TICKS ticks; after that the output is NAN
 * and the run starts anew, at rest, when its inputs are back. A VR_LOAD_LAW is
 * different: a start and a gap are time that is not known, see load_law.h. So
 * is the time of VR_LAW_PATIENCE seconds after it was changed to one that lacks
 * signals which the former had: they may come back, and are not 0 meanwhile.
 */
#ifndef VR_MODEL_RUN_H
#define VR_MODEL_RUN_H

#include "model/load_law.h"
#include "model/model.h"
#include "model/units.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_HOLD_TICKS = 2, VR_LAW_PATIENCE = 300 };

/* Ticks until less than 5 % is left of a wrong start: the largest lag, and the
 * slowest pole's decay. 0 for a static model. */
unsigned vr_model_settling(const struct vr_model *m);

struct vr_run;

struct vr_run_value {
  double value; /* the counter's; NAN when inputs are missing */
  /* Load only, and only for a VR_LOAD_FILTER or a VR_LOAD_LAW; else NAN. */
  double midterm, longterm;
  bool settled;
  bool out_of_range; /* the run is out of its training range: see range.h */
  bool has_bounds;   /* of a VR_LOAD_LAW, whose inputs are known */
  struct vr_load_values load; /* then */
};

/* An input that is out of its range, or a regime where nothing was
 * validated. */
struct vr_run_outlier {
  size_t input;
  double level; /* as the range is: scale * sum / per; as the edges are */
  bool regime;
};

/* A run of M, which must outlive it; SETTLING is vr_model_settling(M). NULL
 * when out of memory. */
struct vr_run *vr_run_new(const struct vr_model *m, unsigned settling);
void vr_run_free(struct vr_run *run);

/* How many seconds a tick has: for a model that runs at any step. */
void vr_run_set_step(struct vr_run *run, double step);

/* One tick. SUMS[i] is the sum of input i's signals, NAN when one is missing.
 * Allocates nothing. */
struct vr_run_value vr_run_step(struct vr_run *run, const double *sums,
                                const struct vr_guest_size *size);

/* Before a step: the sum of the signals that show the regime of that tick. A
 * regime in which the model was not validated counts as out of range. Without
 * this call the regime of the tick is not known. */
void vr_run_set_regime(struct vr_run *run, double sum);

/* Continues the run with model M, of the same structure: same counter, step,
 * na, nb and nk of each input, same signals, divided by the same. What is
 * remembered is taken over into M's offsets and scales; unless M's equation is
 * the same, it is the past of another model, and the run has yet to settle.
 * Returns 0, or -EINVAL or -ENOMEM and changes nothing. */
int vr_run_change_model(struct vr_run *run, const struct vr_model *m,
                        unsigned settling);

/* The run's memory as numbers, to survive a restart; LOST is the number of
 * ticks that went by since they were exported. The run catches up when its
 * inputs are known again, has no value before, and has settled only when the
 * loss is forgotten. import returns -EINVAL, changing nothing, if the
 * numbers cannot be those of a run. The first number of a VR_LOAD_LAW is the
 * step that its ticks had, in seconds; the rest holds for any. */
size_t vr_run_state_size(const struct vr_run *run);
void vr_run_export(const struct vr_run *run, double *ret_values);
int vr_run_import(struct vr_run *run, const double *values, unsigned lost);

/* So many ticks went by of which nothing is known, and which are not stepped
 * over one by one. A model starts anew by itself after such a gap; a
 * VR_LOAD_LAW counts it. */
void vr_run_skip(struct vr_run *run, unsigned ticks);

/* Ticks that the run has yet to catch up with: its memory is that old. */
unsigned vr_run_lost(const struct vr_run *run);

/* Is the run out of its training range, as of its last tick? Then *ret_outlier,
 * which may be NULL, is what was out of range last. */
bool vr_run_is_out_of_range(const struct vr_run *run,
                            struct vr_run_outlier *ret_outlier);

/* The whole free run over N ticks: SUMS[i * n + t] is input i at tick t.
 * RET_VALUES gets N counter values. Returns 0 or -ENOMEM. */
int vr_model_simulate(const struct vr_model *m, const double *sums, size_t n,
                      const struct vr_guest_size *size, double *ret_values);

#endif
