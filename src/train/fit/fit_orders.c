/* SPDX-License-Identifier: MIT */
#include "train/fit/fit_orders.h"

#include "basic/cleanup.h"
#include "sysid/estimate.h"
#include "sysid/refine.h"
#include "sysid/regularised.h"

#include <errno.h>
#include <math.h>

/* Poles stay this far inside the unit circle. */
#define STABILITY_MARGIN 1e-3
/* Keeps collinear lags of smooth inputs in check without moving the rest: the
 * least that is asked for, whatever is most likely. */
#define LEAST_RIDGE 1e-6
/* Finding the most likely ridge costs the cube of the parameters. */
enum { MOST_LIKELY_UP_TO = 256 };

/* Columns with the means of FOLDS taken off, NAN in rows that do not count: Y,
 * then the inputs. */
static void fill_columns(const struct vr_features *f, size_t c,
                         const struct vr_choice *choice, unsigned folds,
                         double *columns) {
  double mean[1 + VR_MAX_INPUTS], min, max;
  mean[0] = vr_features_mean(f, c, folds);
  for (unsigned i = 0; i < choice->n_inputs; i++)
    vr_features_source_range(f, choice->inputs[i].source, folds, &mean[1 + i],
                             &min, &max);
  for (size_t t = 0; t < f->rows; t++) {
    bool counts = f->used[t] && folds >> f->fold[t] & 1;
    columns[t] = counts ? f->y[c][t] - mean[0] : NAN;
    for (unsigned i = 0; i < choice->n_inputs; i++)
      columns[(1 + i) * f->rows + t] =
          f->sources[choice->inputs[i].source].u[t] - mean[1 + i];
  }
}

static int estimate(const struct vr_dataset *d, const struct vr_orders *orders,
                    struct vr_arx *ret_arx, struct vr_error *ret_error) {
  struct vr_fit_options options = {.ridge = 0};
  struct vr_arx arx;
  if (vr_dataset_orders_parameters(orders) <= MOST_LIKELY_UP_TO &&
      vr_sysid_choose_ridge(d, orders, &options.ridge, NULL) == -ENOMEM)
    return -ENOMEM;
  options.ridge = fmax(options.ridge, LEAST_RIDGE);
  int r = vr_estimate_arx(d, orders, &options, &arx, NULL, ret_error);
  if (r < 0)
    return r;
  r = vr_sysid_stabilise(&arx, d, STABILITY_MARGIN, NULL, ret_error);
  if (r < 0)
    vr_arx_clear(&arx);
  else
    *ret_arx = arx;
  return r;
}

int vr_fit_orders_estimate(const struct vr_features *f, size_t c,
                           const struct vr_choice *choice,
                           const struct vr_given_orders *given, unsigned folds,
                           struct vr_arx *ret_arx, struct vr_error *ret_error) {
  unsigned nb[VR_MAX_INPUTS], nk[VR_MAX_INPUTS];
  const struct vr_orders orders =
      vr_given_orders_of(given, choice->n_inputs, nb, nk);
  vr_auto_free double *columns =
      calloc((1 + choice->n_inputs) * f->rows + 1, sizeof(*columns));
  if (!columns)
    return -ENOMEM;
  fill_columns(f, c, choice, folds, columns);
  const double *u[VR_MAX_INPUTS];
  for (unsigned i = 0; i < choice->n_inputs; i++)
    u[i] = columns + (1 + i) * f->rows;
  vr_cleanup(vr_dataset_clear) struct vr_dataset d = {0};
  int r = vr_dataset_split(f->rows, columns, choice->n_inputs, u,
                           vr_dataset_orders_largest_lag(&orders) + 1, &d,
                           ret_error);
  return r < 0 ? r : estimate(&d, &orders, ret_arx, ret_error);
}
