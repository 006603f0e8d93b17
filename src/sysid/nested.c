/* SPDX-License-Identifier: MIT */
#include "sysid/nested.h"

#include "basic/cleanup.h"
#include "sysid/kernels.h"

#include <errno.h>
#include <math.h>

/* Of the equilibrated Gram (unit diagonal): a column whose pivot is below this
 * is collinear with the ones before it. */
static const double PIVOT_MIN = 1e-12;

static double *schur_at(const struct vr_nested *s, unsigned columns) {
  return s->schur + (size_t)columns * s->m * s->m;
}

/* Index in the Gram of the output's lag that stands at row A of the Schur
 * complement: 1 .. na.max, then 0. */
static unsigned lag_index(const struct vr_nested *s, unsigned a) {
  return a + 1 < s->m ? a + 1 : 0;
}

/* Appends Gram column C as column K of the factor. False if collinear. */
static bool append(struct vr_nested *s, unsigned k, unsigned c) {
  double *row = s->l + (size_t)k * s->columns_max;
  const double *g = s->gram.g + (size_t)c * s->gram.dim;
  for (unsigned j = 0; j < k; j++) {
    const double *other = s->l + (size_t)j * s->columns_max;
    row[j] = (g[s->index[j]] - vr_dot(j, row, other)) / other[j];
  }
  double pivot = g[c] - vr_dot(k, row, row);
  if (!(pivot > PIVOT_MIN))
    return false;
  row[k] = sqrt(pivot);
  s->index[k] = c;

  const double *before = schur_at(s, k);
  double *after = schur_at(s, k + 1);
  for (unsigned a = 0; a < s->m; a++) {
    double *y = s->ly + (size_t)a * s->columns_max;
    y[k] = (g[lag_index(s, a)] - vr_dot(k, y, row)) / row[k];
    for (unsigned b = 0; b <= a; b++)
      after[a * s->m + b] =
          before[a * s->m + b] - y[k] * s->ly[(size_t)b * s->columns_max + k];
  }
  return true;
}

static void offer(struct vr_nested *s, unsigned na, unsigned columns,
                  size_t choice, double unexplained) {
  double rss = fmax(unexplained, 1e-16) / (s->scale[0] * s->scale[0]);
  vr_shortlist_offer(&s->list, na, na + columns, choice, rss);
}

static void leaf(struct vr_nested *s, unsigned columns, size_t choice) {
  const struct vr_range *na = &s->grid->na;
  unsigned m = s->m;
  const double *from = schur_at(s, columns);
  double *l = s->leaf, *last = l + (size_t)(m - 1) * m;
  double unexplained = from[(size_t)(m - 1) * m + m - 1];
  if (na->min == 0 && columns > 0)
    offer(s, 0, columns, choice, unexplained);
  for (unsigned i = 0; i + 1 < m; i++) {
    double *row = l + (size_t)i * m;
    for (unsigned j = 0; j < i; j++)
      row[j] = (from[(size_t)i * m + j] - vr_dot(j, row, l + (size_t)j * m)) /
               l[(size_t)j * m + j];
    double pivot = from[(size_t)i * m + i] - vr_dot(i, row, row);
    if (!(pivot > PIVOT_MIN)) {
      s->n_singular += na->max - (i + 1 > na->min ? i + 1 : na->min) + 1;
      return;
    }
    row[i] = sqrt(pivot);
    last[i] = (from[(size_t)(m - 1) * m + i] - vr_dot(i, last, row)) / row[i];
    unexplained -= last[i] * last[i];
    if (i + 1 >= na->min)
      offer(s, i + 1, columns, choice, unexplained);
  }
}

/* Structures of the groups from GROUP on, times those of na. */
static size_t below(const struct vr_nested *s, unsigned group) {
  size_t n = vr_search_count(s->grid->na);
  for (; group < s->n_groups; group++)
    n *= vr_search_count(vr_search_range_of(s->grid, s->grid->nb, group)) *
         vr_search_count(vr_search_range_of(s->grid, s->grid->nk, group));
  return n;
}

static void descend(struct vr_nested *s, unsigned group, unsigned columns,
                    size_t choice);

/* All nb of one group at the delay NK. */
static void grow(struct vr_nested *s, unsigned group, unsigned nk,
                 unsigned columns, size_t choice) {
  struct vr_range nb = vr_search_range_of(s->grid, s->grid->nb, group);
  for (unsigned k = 0; k < nb.max; k++) {
    for (unsigned i = 0; i < s->group_inputs; i++) {
      unsigned input = group * s->group_inputs + i;
      if (append(s, columns, vr_gram_index(&s->gram, input + 1, nk + k))) {
        columns++;
        continue;
      }
      size_t left = nb.max - (k + 1 > nb.min ? k + 1 : nb.min) + 1;
      s->n_singular += left * below(s, group + 1);
      return;
    }
    if (k + 1 >= nb.min)
      descend(s, group + 1, columns, choice + (k + 1 - nb.min));
  }
}

static void descend(struct vr_nested *s, unsigned group, unsigned columns,
                    size_t choice) {
  if (group == s->n_groups) {
    leaf(s, columns, choice);
    return;
  }
  struct vr_range nk = vr_search_range_of(s->grid, s->grid->nk, group);
  size_t width =
      vr_search_count(vr_search_range_of(s->grid, s->grid->nb, group));
  for (unsigned d = nk.min; d <= nk.max; d++) {
    grow(s, group, d, columns,
         (choice * vr_search_count(nk) + d - nk.min) * width);
    if (group == 0 && s->options.progress)
      s->options.progress(below(s, 0) / vr_search_count(nk) * (d - nk.min + 1),
                          below(s, 0));
  }
}

/* The inverse of the numbers that descend and grow give to choices. */
void vr_nested_decode(const struct vr_nested *s, size_t choice, unsigned *nb,
                      unsigned *nk) {
  for (unsigned group = s->n_groups; group-- > 0;) {
    struct vr_range b = vr_search_range_of(s->grid, s->grid->nb, group),
                    d = vr_search_range_of(s->grid, s->grid->nk, group);
    unsigned nb_here = b.min + (unsigned)(choice % vr_search_count(b));
    choice /= vr_search_count(b);
    unsigned nk_here = d.min + (unsigned)(choice % vr_search_count(d));
    choice /= vr_search_count(d);
    for (unsigned i = 0; i < s->group_inputs; i++) {
      nb[group * s->group_inputs + i] = nb_here;
      nk[group * s->group_inputs + i] = nk_here;
    }
  }
}

static void equilibrate(struct vr_nested *s) {
  struct vr_gram *g = &s->gram;
  for (size_t i = 0; i < g->dim; i++) {
    double energy = g->g[i * g->dim + i];
    s->scale[i] = energy > 0 ? 1 / sqrt(energy) : 0;
  }
  for (size_t i = 0; i < g->dim; i++)
    for (size_t j = 0; j < g->dim; j++)
      g->g[i * g->dim + j] *= s->scale[i] * s->scale[j];
  for (size_t i = 1; i < g->dim; i++)
    g->g[i * g->dim + i] += s->options.ridge;
}

static void first_schur(struct vr_nested *s) {
  double *to = schur_at(s, 0);
  for (unsigned a = 0; a < s->m; a++)
    for (unsigned b = 0; b <= a; b++)
      to[a * s->m + b] = vr_gram_at(&s->gram, lag_index(s, a), lag_index(s, b));
}

static int allocate(struct vr_nested *s) {
  size_t c = s->columns_max, m = s->m;
  s->scale = calloc(s->gram.dim, sizeof(double));
  s->l = calloc(c * c + 1, sizeof(double));
  s->ly = calloc(m * c + 1, sizeof(double));
  s->schur = calloc((c + 1) * m * m, sizeof(double));
  s->leaf = calloc(m * m, sizeof(double));
  s->index = calloc(c + 1, sizeof(unsigned));
  if (!s->scale || !s->l || !s->ly || !s->schur || !s->leaf || !s->index)
    return -ENOMEM;
  return vr_shortlist_init(&s->list, s->options.keep, s->options.criterion,
                           s->grid->na.min, s->grid->na.max, s->gram.rows);
}

void vr_nested_clear(struct vr_nested *s) {
  vr_gram_clear(&s->gram);
  vr_shortlist_clear(&s->list);
  free(s->scale);
  free(s->l);
  free(s->ly);
  free(s->schur);
  free(s->leaf);
  free(s->index);
}

int vr_nested_new(const struct vr_search_grid *grid,
                  const struct vr_nested_options *options,
                  const struct vr_dataset *d, struct vr_nested *ret) {
  struct vr_nested *s = ret;
  *s = (struct vr_nested){.grid = grid,
                          .options = *options,
                          .n_groups = grid->nu == 0 ? 0
                                      : grid->tied  ? 1
                                                    : grid->nu,
                          .group_inputs = grid->tied ? grid->nu : 1};
  vr_auto_free unsigned *lag = calloc(2 * (size_t)grid->nu + 1, sizeof(*lag));
  if (!lag)
    return -ENOMEM;
  for (unsigned i = 0; i < grid->nu; i++) {
    struct vr_range b = vr_search_range_of(grid, grid->nb, i),
                    k = vr_search_range_of(grid, grid->nk, i);
    lag[i] = k.min;
    lag[grid->nu + i] = k.max + b.max - 1;
    s->columns_max += b.max;
  }
  s->m = grid->na.max + 1;
  int r = vr_gram_new(grid->na.max, grid->nu, lag, lag + grid->nu,
                      s->options.first_row, &s->gram);
  if (r == 0)
    r = vr_gram_add_dataset(&s->gram, d);
  if (r == 0)
    r = allocate(s);
  if (r == 0) {
    equilibrate(s);
    first_schur(s);
  }
  return r;
}

void vr_nested_compare(struct vr_nested *s) { descend(s, 0, 0, 0); }
