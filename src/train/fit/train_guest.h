/* SPDX-License-Identifier: MIT
 *
 * From the data of one guest to its models: of each counter one that is
 * inferred from the VM process, one from all that the host knows where only a
 * model can tell it, and the direct or cooperative definition where its series
 * were recorded, each with its free-run fit on time that its estimation did not
 * see.
 */
#ifndef VR_TRAIN_FIT_TRAIN_GUEST_H
#define VR_TRAIN_FIT_TRAIN_GUEST_H

#include "train/cli/progress.h"
#include "train/evaluate/diagnosis.h"
#include "train/fit/choose_inputs.h"
#include "train/fit/features.h"

enum { VR_MAX_ORDER_LIST = 64 };

/* Orders that the user gives. One nb or nk stands for every input's. */
struct vr_given_orders {
  bool given;
  unsigned na;
  unsigned nb[VR_MAX_ORDER_LIST], nk[VR_MAX_ORDER_LIST];
  size_t n_nb, n_nk;
};

struct vr_train_options {
  struct vr_given_orders orders;
  /* Models learned elsewhere, which may do better here; NULL: none. Not tried
   * when orders are given. */
  const struct vr_model_set *known;
  struct vr_progress *progress; /* told of each counter; NULL: nobody */
};

/* A model of one counter, and what is told of it. */
struct vr_trained {
  bool is_there;
  struct vr_model model; /* owned */
  char inputs[128];      /* by name; "" for a definition */
  double seed_fit; /* of the seed orders on its inputs; NAN: too little data */
  struct vr_diagnosis diagnosis;
};

/* What became of one counter. */
struct vr_counter_result {
  enum vr_counter counter;
  bool has_truth;
  struct vr_trained definition; /* direct or cooperative */
  /* Inferred from all that the host knows of the guest: its devices, and what
   * its balloon driver tells, too. Only of counters without a definition, and
   * only where that is more than the VM process tells. */
  struct vr_trained assisted;
  struct vr_trained inferred; /* from the VM process's counters alone */
};

struct vr_guest_result {
  const struct vr_guest_data *data; /* borrowed */
  char *error;                      /* NULL, or why there is no model */
  struct vr_counter_result counters[VR_COUNTERS];
};

/* Trains all counters of DATA. Returns 0 (single counters may have no model),
 * -ENOMEM, or another negative errno with *ret_error filled. */
int vr_fit_guest(const struct vr_guest_data *data,
                 const struct vr_train_options *options,
                 struct vr_guest_result *ret_result,
                 struct vr_error *ret_error);
void vr_fit_guest_result_clear(struct vr_guest_result *r);

/* Is MODEL better on the validation data than both baselines? */
bool vr_fit_beats_baselines(const struct vr_model *m);

/* Is it so much better that it may be published? */
bool vr_fit_clearly_beats_baselines(const struct vr_model *m);

#endif
