/* SPDX-License-Identifier: MIT
 *
 * Inner products of many columns with each other, a few rows at a time.
 */
#ifndef VR_TRAIN_FIT_PRODUCTS_H
#define VR_TRAIN_FIT_PRODUCTS_H

#include <stddef.h>

/* Rows that are added at a time, and what a row's length is a multiple of. */
enum { VR_PRODUCTS_ROWS = 64, VR_PRODUCTS_TILE = 8 };

/* Rows waiting to be added to a matrix. */
struct vr_products {
  size_t dim, stride; /* columns, and doubles from row to row */
  size_t n;           /* rows that wait */
  double *rows;       /* VR_PRODUCTS_ROWS of them */
  double *sums;       /* dim x dim; only its upper triangle until the end */
};

/* Returns 0 or -ENOMEM; to be cleared in either case. */
int vr_products_new(size_t dim, struct vr_products *ret);
void vr_products_clear(struct vr_products *g);

/* Where the next row is to be written: dim doubles. vr_products_add() adds it.
 */
static inline double *vr_products_row(struct vr_products *g) {
  return g->rows + g->n * g->stride;
}
void vr_products_add(struct vr_products *g);

/* The symmetric matrix, which the caller frees. */
double *vr_products_take(struct vr_products *g);

#endif
