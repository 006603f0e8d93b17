/* SPDX-License-Identifier: MIT
 *
 * From features to the models of one counter.
 */
#ifndef VR_TRAIN_FIT_TRAIN_COUNTER_H
#define VR_TRAIN_FIT_TRAIN_COUNTER_H

#include "train/fit/features.h"
#include "train/fit/train_options.h"
#include "train/fit/trained.h"

#include <stdbool.h>

/* What became of one counter. */
struct vr_counter_result {
  enum vr_counter counter;
  bool has_truth;
  struct vr_trained definition; /* direct or cooperative */
  /* Inferred from all that the host knows of the guest: its devices, and what
   * its balloon driver reports, too. Only of counters without a definition, and
   * only where that is more than the VM process shows. */
  struct vr_trained assisted;
  struct vr_trained inferred; /* from the VM process's counters alone */
};

/* The models of K in the order in which the target tries them: what is measured
 * first, unless it gives way. */
enum { VR_TRAINED_KINDS = 3 };
void vr_train_counter_order(const struct vr_counter_result *k,
                            const struct vr_trained *ret[VR_TRAINED_KINDS]);

/* Does what is measured of K's counter give way to the inferred model? */
static inline bool
vr_train_counter_gives_way(const struct vr_counter_result *k) {
  return k->inferred.is_there && k->inferred.model.preferred;
}

/* Trains counter C (index in F, whose sources are those of the VM process): its
 * definition and the model that is inferred. *ret_ordered says whether the
 * orders given could be estimated wherever it was tried. Returns 0 or a
 * negative errno. */
int vr_train_counter(const struct vr_features *f, size_t c,
                     const struct vr_train_options *options, bool *ret_ordered,
                     struct vr_counter_result *result);

/* The model of counter C (index in F, which has all sources), if that is better
 * than the inferred one in RESULT. Returns 0 or a negative errno. */
int vr_train_counter_assisted(const struct vr_features *f, size_t c,
                              const struct vr_train_options *options,
                              struct vr_counter_result *result);

#endif
