/* SPDX-License-Identifier: MIT
 *
 * How good the live estimates were: what was published for a guest, beside what
 * the guest measured, on a span that training did not see.
 */
#ifndef VR_TRAIN_EVALUATE_SCORE_H
#define VR_TRAIN_EVALUATE_SCORE_H

#include "model/model.h"
#include "train/data/guest_data.h"

/* Of a level that was sampled finely (data/level_truths.h): fits against what
 * its samples would be on average; of what was published also against them. */
struct vr_score_levels {
  bool known;
  double published_snapshot, published, model, best, mean, gain;
};

struct vr_score_row {
  enum vr_counter counter;
  bool has_truth, published;
  enum vr_provenance provenance; /* of what was published; 0 if nothing was */
  double measured_mean, published_mean;
  double ratio;              /* of sums, published / measured: totals.h */
  double published_fit;      /* free-run fits on the span, percent */
  double model_fit;          /* of the model on VM-process counters alone */
  bool replayed;             /* that model was run here, not live */
  double mean_fit, gain_fit; /* of the baselines */
  double trained_fit;        /* what training recorded for the best model */
  struct vr_score_levels levels;
  const struct vr_model *best; /* that model, of the set; NULL: none */
};

struct vr_guest_score {
  char *host, *guest, *truth;
  struct vr_timeline grid;
  struct vr_clock clock;
  struct vr_score_row rows[VR_COUNTERS];
};

/* How long before the span data is read, where there is any, so that a model
 * that is run here has forgotten its start. */
#define VR_SCORE_WARM_UP 900.0 /* seconds */

/* The series that one row compares, of the rows from FIRST on. */
struct vr_score_series {
  const struct vr_guest_data *data;
  size_t first;
  enum vr_counter counter;
  const double *published;
  const double *model; /* of the VM process alone */
  const double *best;  /* inferred */
};

/* Is given the series of each counter. Returns 0 or a negative errno with
 * *ret_error filled, which ends the scoring. */
struct vr_score_export {
  int (*write)(void *data, const struct vr_score_series *series,
               struct vr_error *ret_error);
  void *data;
};

/* Scores DATA from the time BEGIN on (NAN: all) with the models in SET. EXPORT
 * may be NULL. Returns 0, -ENODATA when nothing was recorded then, -ENOMEM, or
 * what the export gave, with *ret_error filled. */
int vr_score_guest(const struct vr_guest_data *data, double begin,
                   const struct vr_model_set *set,
                   const struct vr_score_export *export_to,
                   struct vr_guest_score *ret_score,
                   struct vr_error *ret_error);
void vr_score_clear(struct vr_guest_score *s);

#endif
