/* SPDX-License-Identifier: MIT
 *
 * Search over model structures: every (na, nb, nk) of a grid, each fitted by
 * least squares on the same rows (nested.h); the best of them run freely.
 */
#ifndef VR_SYSID_SEARCH_H
#define VR_SYSID_SEARCH_H

#include "sysid/criterion.h"
#include "sysid/search_grid.h"
#include "sysid/simulate.h"

struct vr_search_options {
  size_t keep;                 /* candidates to rescore; 0: 50 */
  enum vr_criterion criterion; /* by which they are shortlisted */
  enum vr_initial initial;     /* of the free run on the validation data */
  double ridge;
  double tolerance; /* points of fit; 0: 0.05, negative: none */
  /* Rows begin after so many samples of each segment, for comparing with what
   * is not in the grid; at least the grid's largest lag, which 0 stands for. */
  unsigned first_row;
  size_t max_structures; /* -EINVAL above; 0: 10 million */
  /* Called now and then with how many structures are compared; may be NULL. */
  void (*progress)(size_t done, size_t of);
};

struct vr_candidate {
  unsigned na;
  unsigned *nb, *nk; /* nu of each */
  double rss;
  double criterion[VR_CRITERIA];
  double free_run, one_step; /* fit on the validation data, percent */
  bool stable;
};

struct vr_search_result {
  size_t n_structures; /* compared */
  size_t n_singular;   /* of them left out: collinear regressors */
  size_t rows;         /* shared by all */
  unsigned first_row;  /* of each segment, estimated on and scored */
  double tolerance;    /* as it was */
  unsigned nu;
  size_t n; /* candidates, the choice first */
  struct vr_candidate *candidates;
  struct vr_candidate best[VR_CRITERIA]; /* the minimum of each criterion */
};

/* Compares all structures of GRID on D. Half of the shortlist are the best by
 * options->criterion, then come the best by the other criteria; the rest are
 * the best of every na in turn, since the criteria judge one-step prediction
 * and crowd around one order. The shortlisted are fitted, run free on VALIDATE
 * (NULL: on D), all from the same samples of it on, and sorted; in front comes
 * the one of fewest parameters among those that are as good as the best but for
 * options->tolerance. Fit the chosen one with vr_estimate_arx for full accuracy
 * and standard errors. */
int vr_search(const struct vr_dataset *d, const struct vr_dataset *validate,
              const struct vr_search_grid *grid,
              const struct vr_search_options *options,
              struct vr_search_result *ret, struct vr_error *error);
void vr_search_result_clear(struct vr_search_result *r);

#endif
