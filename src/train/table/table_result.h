/* SPDX-License-Identifier: MIT
 *
 * Everything that the fit of a table found.
 */
#ifndef VR_TRAIN_TABLE_TABLE_RESULT_H
#define VR_TRAIN_TABLE_TABLE_RESULT_H

#include "model/arx.h"
#include "sysid/estimate_info.h"
#include "sysid/residual.h"
#include "sysid/search.h"
#include "sysid/simulate.h"
#include "sysid/xcorr.h"
#include "train/table/table_options.h"

#include <complex.h>

/* One structure's fits, percent; NAN where there is none. */
struct vr_structure_fit {
  bool known;
  unsigned na, nb, nk; /* nb and nk of every input */
  double free_run, one_step;
  double criterion[VR_CRITERIA]; /* NAN where rss is not the least */
  size_t rows, samples;          /* estimated on, scored */
  bool stable;
};

/* What is tried beside least squares once a search has chosen. */
enum vr_refinement {
  VR_STEIGLITZ_MCBRIDE,
  VR_IMPULSE_RESPONSE,
  VR_REFINEMENTS, /* how many; or: none */
};

/* What correlation shows of one input before any model. */
struct vr_input_delay {
  bool known;
  struct vr_xcorr xcorr;
};

/* The zeros of one input. */
struct vr_input_zeros {
  bool known;
  unsigned n;
  double complex *at;
};

struct vr_table_fit {
  struct vr_table_options options; /* names borrowed */
  /* What was estimated on, and what the fits are of: that was given, or in a
   * search the last quarter, or both are the same. In each stretch without a
   * gap the first FIRST_ROW samples begin the free run and are not scored;
   * those of the last quarter are the ones before it. */
  struct vr_samples estimated, validation;
  unsigned first_row;
  bool validated; /* on samples chosen for it */
  bool held_out;  /* none of which was estimated on */
  struct vr_arx arx;
  struct vr_fit_info info;
  double *means; /* subtracted before: output, inputs; 0 without detrend */
  struct vr_score free_run, one_step;
  double mean_fit, gain_fit; /* baselines; gain of the best single input */
  bool beats_baselines;      /* in free run */
  bool stable;
  double radius;                /* largest magnitude of a pole */
  double complex *poles;        /* na of them; NULL if not found */
  struct vr_input_zeros *zeros; /* one an input */
  bool has_residuals;
  struct vr_residual_test residuals; /* one step ahead, on validation data */
  struct vr_input_delay *delays;     /* one an input, on estimation data */
  bool searched;
  struct vr_search_result search;
  struct vr_structure_fit reference; /* (20, 17, 50), beside the search */
  char reference_note[120];          /* why there is none */
  struct vr_structure_fit refined[VR_REFINEMENTS];
  enum vr_refinement kept; /* in the place of the searched; or none */
};

void vr_table_fit_clear(struct vr_table_fit *f);

/* As the reports call them: "steiglitz-mcbride", "fir". */
const char *vr_table_refinement_name(enum vr_refinement r);

/* Fits of ARX on VALIDATE, after the first ROW samples of each segment (its
 * largest lag at least), to *RET, whose orders and criteria stay. 0 or -ENOMEM.
 */
int vr_table_rate_structure(const struct vr_arx *arx,
                            const struct vr_dataset *validate, unsigned row,
                            struct vr_structure_fit *ret);

/* C, or the same structure where it was rescored by free run. */
const struct vr_candidate *vr_table_rescored(const struct vr_search_result *s,
                                             const struct vr_candidate *c);

#endif
