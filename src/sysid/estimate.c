/* SPDX-License-Identifier: MIT */
#include "sysid/estimate.h"

#include "basic/cleanup.h"
#include "sysid/arx_build.h"
#include "sysid/gram.h"
#include "sysid/lsq.h"
#include "sysid/rows.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

struct source {
  const struct vr_dataset *d;
  const struct vr_orders *o;
};

static int gradient(const void *context, const double *theta, double *ret_rss,
                    double *ret_gradient) {
  const struct source *s = context;
  return vr_rows_gradient(s->d, s->o, theta, ret_rss, ret_gradient);
}

static int tsqr(const void *context, const double *scale, double ridge,
                double *ret_l) {
  const struct source *s = context;
  return vr_rows_tsqr(s->d, s->o, scale, ridge, ret_l);
}

static int gradient_fine(const void *context, const double *theta,
                         double *ret_rss, double *ret_gradient) {
  const struct source *s = context;
  return vr_rows_gradient_fine(s->d, s->o, theta, ret_rss, ret_gradient);
}

static int gradient_extended(const void *context, const double *theta,
                             double *ret_rss, double *ret_gradient) {
  const struct source *s = context;
  return vr_rows_gradient_extended(s->d, s->o, theta, ret_rss, ret_gradient);
}

/* "input 2 at lag 7". */
static const char *regressor_name(const void *context, unsigned j, char *text,
                                  size_t size) {
  const struct vr_orders *o = ((const struct source *)context)->o;
  if (j < o->na) {
    snprintf(text, size, "the output at lag %u", j + 1);
    return text;
  }
  unsigned i = 0;
  for (j -= o->na; j >= o->nb[i]; i++)
    j -= o->nb[i];
  snprintf(text, size, "input %u at lag %u", i + 1, o->nk[i] + j);
  return text;
}

/* Parameters of the regressors to a model: a_k is minus that of y(t-k). */
static int model_of(const struct vr_orders *o, double *theta,
                    struct vr_arx *ret_arx) {
  for (unsigned k = 0; k < o->na; k++)
    theta[k] = -theta[k];
  return vr_sysid_arx_from_parameters(o, theta, ret_arx);
}

static int fit(const struct vr_dataset *d, const struct vr_orders *o,
               const struct vr_fit_options *options, struct vr_arx *ret_arx,
               struct vr_fit_info *ret_info, struct vr_error *error) {
  struct vr_gram g;
  int r = vr_gram_of_orders(d, o, &g);
  if (r < 0)
    return vr_sysid_no_memory(error);
  struct source source = {d, o};
  struct vr_lsq q = {.p = vr_dataset_orders_parameters(o),
                     .rows = g.rows,
                     .gram = g.g,
                     .ridge = options ? options->ridge : 0,
                     .force_tsqr = options && options->force_tsqr,
                     .context = &source,
                     .gradient = gradient,
                     .tsqr = tsqr,
                     .gradient_fine = gradient_fine,
                     .gradient_extended = gradient_extended,
                     .name = regressor_name};
  struct vr_fit_info info = {0};
  vr_auto_free double *theta = calloc(q.p, sizeof(*theta));
  r = theta ? vr_lsq_solve(&q, theta, &info, error) : vr_sysid_no_memory(error);
  vr_gram_clear(&g);
  if (r < 0)
    return r;
  r = model_of(o, theta, ret_arx);
  if (r < 0 || !ret_info)
    vr_estimate_info_clear(&info);
  else
    *ret_info = info;
  return r < 0 ? vr_sysid_no_memory(error) : 0;
}

int vr_estimate_arx(const struct vr_dataset *d, const struct vr_orders *orders,
                    const struct vr_fit_options *options,
                    struct vr_arx *ret_arx, struct vr_fit_info *ret_info,
                    struct vr_error *error) {
  int r = vr_dataset_check(d, orders, error);
  if (r < 0)
    return r;
  if (options && !(options->ridge >= 0 && isfinite(options->ridge)))
    return vr_error_set(error, -EINVAL, "ridge %g is not 0 or more",
                        options->ridge);
  return fit(d, orders, options, ret_arx, ret_info, error);
}
