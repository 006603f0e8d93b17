/* SPDX-License-Identifier: MIT
 *
 * Non-negative least squares on the Gram, by the active set method.
 */
#include "sysid/lsq.h"

#include "basic/cleanup.h"
#include "sysid/sysid_errors.h"
#include "sysid/tsqr.h"

#include <errno.h>
#include <math.h>
#include <string.h>

struct nnls {
  const struct vr_lsq *q;
  unsigned p;
  bool *free; /* p: may be above 0 */
  unsigned n_free;
  double *theta, *trial; /* p of each */
};

/* Half the descent of the penalised sum of squares along theta[j]. */
static double descent(const struct nnls *s, unsigned j) {
  const double *row = s->q->gram + (j + 1) * ((size_t)s->p + 1);
  double g = row[0] - s->q->ridge * row[j + 1] * s->theta[j];
  for (unsigned k = 0; k < s->p; k++)
    g -= row[k + 1] * s->theta[k];
  return g;
}

/* The problem of the free parameters alone, for vr_lsq_solve. */
struct subset {
  const struct nnls *s;
  unsigned *index; /* n_free */
};

static void spread(const struct subset *sub, const double *from, double *to) {
  memset(to, 0, sub->s->p * sizeof(*to));
  for (unsigned k = 0; k < sub->s->n_free; k++)
    to[sub->index[k]] = from[k];
}

static int subset_gradient(const void *context, const double *theta,
                           double *ret_rss, double *ret_gradient) {
  const struct subset *sub = context;
  const struct nnls *s = sub->s;
  vr_auto_free double *all = calloc(2 * (size_t)s->p, sizeof(*all));
  if (!all)
    return -ENOMEM;
  spread(sub, theta, all);
  int r = s->q->gradient(s->q->context, all, ret_rss, all + s->p);
  for (unsigned k = 0; r == 0 && k < s->n_free; k++)
    ret_gradient[k] = all[s->p + sub->index[k]];
  return r;
}

/* The R of some columns of X is that of the same columns of X's own R. */
static int subset_tsqr(const void *context, const double *scale, double ridge,
                       double *ret_l) {
  const struct subset *sub = context;
  const struct nnls *s = sub->s;
  size_t n = s->p + 1, m = s->n_free + 1;
  vr_auto_free double *all = calloc(n * n + s->p, sizeof(*all));
  struct vr_tsqr *qr = vr_tsqr_new((unsigned)m);
  if (!all || !qr) {
    vr_tsqr_free(qr);
    return -ENOMEM;
  }
  double *scales = all + n * n;
  for (unsigned j = 0; j < s->p; j++)
    scales[j] = 1 / sqrt(s->q->gram[(j + 1) * (n + 1)]);
  for (unsigned k = 0; k < s->n_free; k++)
    scales[sub->index[k]] = scale[k];
  int r = s->q->tsqr(s->q->context, scales, ridge, all);
  for (size_t i = 0; r == 0 && i < n; i++) {
    double *row = vr_tsqr_row(qr);
    for (size_t j = 0; j < m; j++)
      row[j] = all[(j < s->n_free ? sub->index[j] : s->p) * n + i];
  }
  if (r == 0)
    r = vr_tsqr_finish(qr, ret_l);
  vr_tsqr_free(qr);
  return r;
}

static const char *subset_name(const void *context, unsigned j, char *text,
                               size_t size) {
  const struct subset *sub = context;
  return sub->s->q->name(sub->s->q->context, sub->index[j], text, size);
}

/* Least squares of the free parameters alone into s->trial. */
static int solve_free(const struct nnls *s, struct vr_fit_info *ret_info,
                      struct vr_error *error) {
  size_t n = s->p + 1, m = s->n_free + 1;
  vr_auto_free unsigned *index = calloc(m, sizeof(*index));
  vr_auto_free double *g = calloc(m * m + m, sizeof(*g));
  if (!index || !g)
    return -ENOMEM;
  unsigned k = 0;
  for (unsigned j = 0; j < s->p; j++)
    if (s->free[j])
      index[k++] = j;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < m; j++)
      g[i * m + j] = s->q->gram[(i > 0 ? index[i - 1] + 1 : 0) * n +
                                (j > 0 ? index[j - 1] + 1 : 0)];
  struct subset sub = {.s = s, .index = index};
  struct vr_lsq q = *s->q;
  q.p = s->n_free;
  q.gram = g;
  q.context = &sub;
  q.gradient = subset_gradient;
  q.tsqr = subset_tsqr;
  q.gradient_extended = NULL;
  q.name = subset_name;
  int r = vr_lsq_solve(&q, g + m * m, ret_info, error);
  if (r < 0)
    return r;
  spread(&sub, g + m * m, s->trial);
  double *se = calloc(s->p, sizeof(*se));
  if (!se) {
    vr_estimate_info_clear(ret_info);
    return -ENOMEM;
  }
  spread(&sub, ret_info->se, se);
  free(ret_info->se);
  ret_info->se = se;
  return 0;
}

/* Goes from theta towards trial until the first free parameter meets 0, which
 * becomes bound. False when none does: theta is trial then. */
static bool step_to_bound(struct nnls *s) {
  double alpha = 1;
  for (unsigned j = 0; j < s->p; j++)
    if (s->free[j] && s->trial[j] <= 0)
      alpha = fmin(alpha, s->theta[j] / (s->theta[j] - s->trial[j]));
  bool bound = false;
  for (unsigned j = 0; j < s->p; j++) {
    if (!s->free[j])
      continue;
    bool meets = s->trial[j] <= 0;
    s->theta[j] += alpha * (s->trial[j] - s->theta[j]);
    if (meets && s->theta[j] <= 1e-14 * fabs(s->trial[j])) {
      s->theta[j] = 0;
      s->free[j] = false;
      s->n_free--;
      bound = true;
    }
  }
  return bound;
}

/* The bound parameter whose release gains most; -1 when none gains. */
static int release(const struct nnls *s) {
  int best = -1;
  double most = 0, total = sqrt(s->q->gram[0]);
  for (unsigned j = 0; j < s->p; j++) {
    double energy = s->q->gram[(j + 1) * ((size_t)s->p + 2)];
    if (s->free[j] || !(energy > 0))
      continue;
    double gain = descent(s, j) / sqrt(energy);
    if (gain > most && gain > 1e-10 * total) {
      most = gain;
      best = (int)j;
    }
  }
  return best;
}

static int iterate(struct nnls *s, struct vr_fit_info *info,
                   struct vr_error *error) {
  for (unsigned k = 0; k < 3 * s->p + 10; k++) {
    int j = release(s);
    if (j < 0)
      return 0;
    s->free[j] = true;
    s->n_free++;
    do {
      vr_estimate_info_clear(info);
      if (s->n_free == 0)
        break;
      int r = solve_free(s, info, error);
      if (r < 0)
        return r;
    } while (step_to_bound(s));
  }
  return 0;
}

int vr_lsq_solve_nonnegative(const struct vr_lsq *q, double *ret_theta,
                             struct vr_fit_info *ret_info,
                             struct vr_error *error) {
  vr_auto_free double *values = calloc(2 * (size_t)q->p, sizeof(*values));
  vr_auto_free bool *may = calloc(q->p, sizeof(*may));
  if (!values || !may)
    return vr_sysid_no_memory(error);
  struct nnls s = {
      .q = q, .p = q->p, .free = may, .theta = values, .trial = values + q->p};
  struct vr_fit_info info = {0};
  int r = iterate(&s, &info, error);
  if (r < 0) {
    vr_estimate_info_clear(&info);
    return r == -ENOMEM ? vr_sysid_no_memory(error) : r;
  }
  if (!info.se) { /* nothing is above 0 */
    info.se = calloc(q->p, sizeof(*info.se));
    if (!info.se)
      return vr_sysid_no_memory(error);
    info.rss = q->gram[0];
    info.rows = q->rows;
    info.noise_variance = info.rss / (double)q->rows;
    info.condition = 1;
  }
  memcpy(ret_theta, s.theta, q->p * sizeof(*ret_theta));
  *ret_info = info;
  return 0;
}
