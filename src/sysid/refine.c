/* SPDX-License-Identifier: MIT */
#include "sysid/refine.h"

#include "basic/cleanup.h"
#include "sysid/arx_build.h"
#include "sysid/kernels.h"
#include "sysid/known_poles.h"
#include "sysid/poles.h"
#include "sysid/sysid_errors.h"

#include <errno.h>
#include <math.h>
#include <string.h>

double vr_sysid_load_filter_pole(unsigned minutes, double step) {
  /* The kernel's fixed-point exp(-5 s / 1, 5, 15 min), of 2048. */
  double kept = minutes == 1 ? 1884 : minutes == 5 ? 2014 : 2037;
  return -pow(kept / 2048, step / 5);
}

/* Moves POLE within RADIUS; false when it is there already. */
static bool move_inside(double complex *pole, double radius) {
  double size = cabs(*pole);
  if (size <= radius)
    return false;
  double complex direction = *pole / size;
  /* Reflection keeps the magnitude of the frequency response. */
  double inside = size > 1 ? 1 / size : size;
  *pole = direction * fmin(inside, radius);
  return true;
}

/* Writes the stable polynomial into arx->a. */
static int stable_poles(struct vr_arx *arx, double margin,
                        unsigned *ret_moved) {
  vr_auto_free double complex *poles = calloc(arx->na + 1, sizeof(*poles));
  if (!poles)
    return -ENOMEM;
  *ret_moved = 0;
  if (vr_arx_spectral_radius(arx) <= 1 - margin)
    return 0;
  int r = vr_poles_of_arx(arx, poles);
  if (r < 0)
    return r;
  for (unsigned k = 0; k < arx->na; k++)
    *ret_moved += move_inside(&poles[k], 1 - margin);
  vr_poles_polynomial(arx->na, poles, arx->a);
  /* Multiplying out rounds; a little inside is inside. */
  for (unsigned k = 0; k < 8 && !(vr_arx_spectral_radius(arx) < 1); k++)
    for (unsigned j = 1; j <= arx->na; j++)
      arx->a[j] *= pow(1 - margin, j);
  return vr_arx_spectral_radius(arx) < 1 ? 0 : -EDOM;
}

int vr_sysid_stabilise(struct vr_arx *arx, const struct vr_dataset *d,
                       double margin, unsigned *ret_moved,
                       struct vr_error *error) {
  if (arx->nu != d->nu || !(margin >= 0 && margin < 1))
    return vr_error_set(error, -EINVAL,
                        "a model of %u inputs on data of %u, margin %g",
                        arx->nu, d->nu, margin);
  struct vr_arx stable;
  if (vr_sysid_arx_copy(arx, &stable) < 0)
    return vr_sysid_no_memory(error);
  unsigned moved = 0;
  int r = stable_poles(&stable, margin, &moved);
  if (r < 0)
    vr_error_set(error, r, "the poles could not be computed");
  vr_auto_free unsigned *nb = calloc(2 * (size_t)arx->nu + 1, sizeof(*nb));
  if (r == 0 && !nb)
    r = vr_sysid_no_memory(error);
  if (r == 0 && moved > 0 && arx->nu > 0) {
    struct vr_orders o;
    struct vr_arx again;
    vr_sysid_orders_of_arx(arx, nb, nb + arx->nu, &o);
    r = vr_sysid_fit_known_poles(d, &o, stable.a, NULL, &again, NULL, error);
    if (r == 0) {
      vr_arx_clear(&stable);
      stable = again;
    }
  }
  if (r < 0) {
    vr_arx_clear(&stable);
    return r;
  }
  vr_arx_clear(arx);
  *arx = stable;
  if (ret_moved)
    *ret_moved = moved;
  return 0;
}

/* --- Steiglitz-McBride --- */

/* A copy of D with all signals filtered by 1/A, from rest. */
static int prefiltered(const struct vr_arx *arx, const struct vr_dataset *d,
                       struct vr_dataset *ret, struct vr_error *error) {
  int r = vr_dataset_detrend(d, 0, NULL, ret, error);
  if (r < 0)
    return r;
  for (size_t k = 0; k < ret->n_segments; k++) {
    struct vr_segment *s = &ret->segments[k];
    vr_sysid_ar_filter(arx->na, arx->a, 0, s->n, (double *)s->y);
    for (unsigned i = 0; i < ret->nu; i++)
      vr_sysid_ar_filter(arx->na, arx->a, 0, s->n, (double *)s->u[i]);
  }
  return 0;
}

/* The next iterate: an ARX fit on filtered data, made stable on the data as it
 * is. */
static int iterate(const struct vr_arx *from, const struct vr_dataset *d,
                   const struct vr_steiglitz_options *options, double margin,
                   struct vr_arx *ret, struct vr_error *error) {
  vr_auto_free unsigned *nb = calloc(2 * (size_t)from->nu + 1, sizeof(*nb));
  if (!nb)
    return vr_sysid_no_memory(error);
  struct vr_orders o;
  vr_sysid_orders_of_arx(from, nb, nb + from->nu, &o);
  struct vr_dataset filtered;
  int r = prefiltered(from, d, &filtered, error);
  if (r < 0)
    return r;
  struct vr_fit_options fit = {.ridge = options ? options->ridge : 0};
  struct vr_arx next;
  r = vr_estimate_arx(&filtered, &o, &fit, &next, NULL, error);
  vr_dataset_clear(&filtered);
  if (r < 0)
    return r;
  r = vr_sysid_stabilise(&next, d, margin, NULL, error);
  if (r < 0)
    vr_arx_clear(&next);
  else
    *ret = next;
  return r;
}

/* Keeps a copy of NEXT in BEST when its free run is better. */
static int keep_better(const struct vr_arx *next,
                       const struct vr_dataset *choose, enum vr_initial initial,
                       double *fit, struct vr_arx *best) {
  struct vr_score score;
  struct vr_arx copy;
  int r = vr_simulate_score_free_run_fast(next, choose, initial, &score);
  if (r < 0 || !(score.fit > *fit))
    return r;
  r = vr_sysid_arx_copy(next, &copy);
  if (r < 0)
    return r;
  vr_arx_clear(best);
  *best = copy;
  *fit = score.fit;
  return 1;
}

int vr_sysid_steiglitz_mcbride(struct vr_arx *arx, const struct vr_dataset *d,
                               const struct vr_dataset *choose,
                               enum vr_initial initial,
                               const struct vr_steiglitz_options *options,
                               unsigned *ret_kept, struct vr_error *error) {
  unsigned most = options && options->iterations ? options->iterations : 10;
  double margin = options && options->margin > 0 ? options->margin : 1e-3;
  if (arx->nu != d->nu || arx->nu != choose->nu)
    return vr_error_set(error, -EINVAL, "a model of %u inputs on data of %u",
                        arx->nu, d->nu);
  struct vr_score start;
  struct vr_arx current, best = {0};
  unsigned kept = 0;
  int r = vr_simulate_score_free_run_fast(arx, choose, initial, &start);
  if (r == 0)
    r = vr_sysid_arx_copy(arx, &current);
  if (r < 0)
    return vr_sysid_no_memory(error);
  double fit = isnan(start.fit) ? -INFINITY : start.fit;
  if (vr_arx_spectral_radius(&current) >= 1)
    r = vr_sysid_stabilise(&current, d, margin, NULL, error);
  for (unsigned k = 1; r >= 0 && k <= most && arx->na > 0; k++) {
    struct vr_arx next;
    /* An iterate that cannot be fitted ends the iteration, not the model. */
    if (iterate(&current, d, options, margin, &next, NULL) < 0)
      break;
    r = keep_better(&next, choose, initial, &fit, &best);
    if (r > 0)
      kept = k;
    vr_arx_clear(&current);
    current = next;
  }
  vr_arx_clear(&current);
  if (r < 0) {
    vr_arx_clear(&best);
    return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
  }
  if (kept > 0) {
    vr_arx_clear(arx);
    *arx = best;
  }
  if (ret_kept)
    *ret_kept = kept;
  return 0;
}
