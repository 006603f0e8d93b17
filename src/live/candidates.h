/* SPDX-License-Identifier: MIT
 *
 * Which models a guest may have, in order of preference. A fleet has a model
 * file for each guest: those that name one are found by its name, so that no
 * guest looks at the models of all others.
 */
#ifndef VR_LIVE_CANDIDATES_H
#define VR_LIVE_CANDIDATES_H

#include "model/model.h"
#include "signal/resample.h"

#include <stdint.h>
#include <uthash.h>

struct vr_catalog_model {
  struct vr_model *model;
  vr_time step;
  unsigned settling;
  uint64_t fingerprint;    /* of everything that its state depends on */
  uint64_t fingerprint_v3; /* the same in state files before version 4 */
  bool publishable;        /* good enough to be published */
  unsigned specificity;    /* of its guest pattern: 2 name, 1 pattern, 0 "*" */
  unsigned order;          /* in the files */
  unsigned rank;           /* among those of its counter, the best has 0 */
  uint32_t *signals;       /* of all inputs, one after the other */
  uint32_t *regime;        /* of the regime; none: NULL */
};

/* The models that name one guest: a slice of vr_catalog.named_models. */
struct vr_catalog_named {
  size_t first, n;
  UT_hash_handle hh; /* by the guest's name, which is a model's */
};

struct vr_candidate_lists {
  const struct vr_catalog_model *models;
  /* For each counter, indices into models, best first: of those that are for
   * guests of any name, or of a pattern. */
  size_t n_common[VR_COUNTERS];
  uint32_t *common[VR_COUNTERS];
  /* And of those that name a guest: by name, counter and rank. */
  uint32_t *named_models;
  struct vr_catalog_named *named, *by_name; /* allocated together; hashed */
};

/* Ranks the N MODELS, which are the caller's and stay where they are, and lists
 * them. False without memory; what was allocated is to be cleared then, too. */
bool vr_live_candidates_list(struct vr_candidate_lists *ret,
                             struct vr_catalog_model *models, size_t n);
void vr_live_candidates_clear(struct vr_candidate_lists *lists);

/* The models of one counter that a guest of this name may have, best first. */
struct vr_candidates {
  const struct vr_catalog_model *models;
  const uint32_t *own, *own_end, *common, *common_end;
};
struct vr_candidates
vr_live_candidates_of(const struct vr_candidate_lists *lists, const char *guest,
                      int counter);
/* The next one, or NULL. */
const struct vr_catalog_model *
vr_live_candidates_next(struct vr_candidates *candidates);

/* Are A and B equally good for a guest, but for their steps? Of such models the
 * one of the finest step that its inputs allow is used. */
bool vr_live_candidates_differ_in_step(const struct vr_catalog_model *a,
                                       const struct vr_catalog_model *b);

#endif
