/* SPDX-License-Identifier: MIT */
#include "train/fit/products.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <string.h>

/* Rows of a tile of the matrix; it has VR_PRODUCTS_TILE columns. So many sums
 * stay in the processor's registers. */
enum { TILE_ROWS = 4, HALF = VR_PRODUCTS_TILE / 2 };

typedef double vector __attribute__((vector_size(HALF * sizeof(double))));
typedef double unaligned
    __attribute__((vector_size(HALF * sizeof(double)), aligned(8)));

/* Wider registers where the processor has them. No sum depends on their width,
 * and products are rounded before they are added (no FMA): all machines get the
 * same bits. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) &&    \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define WIDE
#endif

int vr_products_new(size_t dim, struct vr_products *ret) {
  size_t stride =
      (dim + VR_PRODUCTS_TILE - 1) / VR_PRODUCTS_TILE * VR_PRODUCTS_TILE;
  *ret = (struct vr_products){
      .dim = dim,
      .stride = stride,
      .rows = calloc(VR_PRODUCTS_ROWS * stride, sizeof(*ret->rows)),
      .sums = calloc(stride * stride, sizeof(*ret->sums))};
  return ret->rows && ret->sums ? 0 : -ENOMEM;
}

void vr_products_clear(struct vr_products *g) {
  free(g->rows);
  free(g->sums);
  *g = (struct vr_products){0};
}

/* Adds N rows X to SUMS, both of STRIDE, tile by tile from the diagonal on. */
WIDE static void add_rows(const double *x, size_t n, size_t stride,
                          double *sums) {
  for (size_t i = 0; i < stride; i += TILE_ROWS)
    for (size_t j = i / VR_PRODUCTS_TILE * VR_PRODUCTS_TILE; j < stride;
         j += VR_PRODUCTS_TILE) {
      vector a[TILE_ROWS] = {0}, b[TILE_ROWS] = {0};
      for (size_t t = 0; t < n; t++) {
        const double *row = x + t * stride;
        const vector left = *(const unaligned *)(row + j);
        const vector right = *(const unaligned *)(row + j + HALF);
        for (size_t k = 0; k < TILE_ROWS; k++) {
          a[k] += row[i + k] * left;
          b[k] += row[i + k] * right;
        }
      }
      for (size_t k = 0; k < TILE_ROWS; k++) {
        *(unaligned *)(sums + (i + k) * stride + j) += a[k];
        *(unaligned *)(sums + (i + k) * stride + j + HALF) += b[k];
      }
    }
}

static void flush(struct vr_products *g) {
  add_rows(g->rows, g->n, g->stride, g->sums);
  g->n = 0;
}

void vr_products_add(struct vr_products *g) {
  if (++g->n == VR_PRODUCTS_ROWS)
    flush(g);
}

double *vr_products_take(struct vr_products *g) {
  flush(g);
  for (size_t i = 0; i < g->dim; i++)
    for (size_t j = i; j < g->dim; j++)
      g->sums[i * g->dim + j] = g->sums[i * g->stride + j];
  for (size_t i = 0; i < g->dim; i++)
    for (size_t j = 0; j < i; j++)
      g->sums[i * g->dim + j] = g->sums[j * g->dim + i];
  return vr_steal(&g->sums);
}
