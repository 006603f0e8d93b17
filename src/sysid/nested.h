/* SPDX-License-Identifier: MIT
 *
 * Comparing structures by one nested factorisation. Columns of inputs are
 * appended one by one to a triangular factor L; with each, the rows of the
 * output's lags against it and the Schur complement of the lags are brought up
 * to date. So a structure that has one more column than another costs one row
 * of L, and the small factorisation of the Schur complement gives the residuals
 * of every na.
 */
#ifndef VR_SYSID_NESTED_H
#define VR_SYSID_NESTED_H

#include "sysid/gram.h"
#include "sysid/search_grid.h"
#include "sysid/shortlist.h"

struct vr_nested_options {
  size_t keep; /* candidates on the shortlist */
  enum vr_criterion criterion;
  double ridge;
  unsigned first_row; /* of each segment that is estimated on */
  /* Called now and then with how many structures are compared; may be NULL. */
  void (*progress)(size_t done, size_t of);
};

struct vr_nested {
  const struct vr_search_grid *grid;
  struct vr_nested_options options;
  unsigned n_groups, group_inputs; /* inputs that share nb and nk */
  struct vr_gram gram;             /* equilibrated in place */
  double *scale;                   /* dim */
  unsigned m;                      /* na.max + 1 lags of y, lag 0 the last */
  unsigned columns_max;
  double *l;       /* columns_max x columns_max */
  double *ly;      /* m x columns_max */
  double *schur;   /* (columns_max + 1) x m x m, lower triangles */
  double *leaf;    /* m x m */
  unsigned *index; /* columns_max: of the columns in the Gram */
  struct vr_shortlist list;
  size_t n_singular;
};

/* Makes S ready for the structures of GRID on D; GRID must outlive it and have
 * passed the search's checks. Release it with vr_nested_clear() on error, too.
 * Returns 0 or -ENOMEM. */
int vr_nested_new(const struct vr_search_grid *grid,
                  const struct vr_nested_options *options,
                  const struct vr_dataset *d, struct vr_nested *ret);
void vr_nested_clear(struct vr_nested *s);

/* Offers every structure to the shortlist. */
void vr_nested_compare(struct vr_nested *s);

/* The orders NB and NK (nu of each) of the inputs behind the number CHOICE that
 * the shortlist holds. */
void vr_nested_decode(const struct vr_nested *s, size_t choice, unsigned *nb,
                      unsigned *nk);

#endif
