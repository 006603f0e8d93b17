/* SPDX-License-Identifier: MIT
 *
 * One ARX fit of a plain table: the trainer's estimator on whatever data, with
 * every number that it has to tell.
 */
#ifndef VR_TRAIN_TABLE_TABLE_FIT_H
#define VR_TRAIN_TABLE_TABLE_FIT_H

#include "archive/columns.h"
#include "sysid/estimate.h"
#include "sysid/residual.h"
#include "sysid/search.h"
#include "sysid/xcorr.h"
#include "train/fit/train_guest.h"

#include <complex.h>
#include <jansson.h>
#include <stdio.h>

enum { VR_MAX_TABLE_INPUTS = VR_MAX_ORDER_LIST };

/* Samples FROM to TO, counted from 1, TO included, SIZE_MAX for the last one;
 * FROM = 0: not given. */
struct vr_samples {
  size_t from, to;
};

struct vr_table_options {
  const char *file; /* NULL: no table */
  const char *output;
  const char *inputs[VR_MAX_TABLE_INPUTS];
  size_t n_inputs;
  bool detrend; /* subtract the estimation data's means */
  struct vr_samples estimate, validate;
  bool search; /* over these ranges, the same for all inputs */
  struct vr_range search_na, search_nb, search_nk;
  void (*progress)(size_t done, size_t of); /* of a search; may be NULL */
};

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

/* What correlation says of one input before any model. */
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
  struct vr_structure_fit seed; /* (20, 17, 50), beside what was searched */
  char seed_note[120];          /* why there is none */
  struct vr_structure_fit refined[VR_REFINEMENTS];
  enum vr_refinement kept; /* in the place of the searched; or none */
};

/* Fits. ORDERS are given, or OPTIONS search. Returns 0 or a negative errno with
 * *ret_error filled. */
int vr_table_fit(const struct vr_table_options *options,
                 const struct vr_given_orders *orders,
                 struct vr_table_fit *ret_fit, struct vr_error *ret_error);
void vr_table_fit_clear(struct vr_table_fit *f);

void vr_table_fit_print(const struct vr_table_fit *f, FILE *to);
json_t *vr_table_fit_json(const struct vr_table_fit *f);

#endif
