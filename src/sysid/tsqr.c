/* SPDX-License-Identifier: MIT */
#include "sysid/tsqr.h"

#include "sysid/sysid_errors.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct vr_tsqr {
  unsigned columns;
  size_t capacity, filled;
  double *block; /* capacity x columns */
  gsl_matrix *r, *t;
  int status;
};

/* R := the R of [R; block]. */
static void fold(struct vr_tsqr *q) {
  if (q->filled == 0)
    return;
  gsl_matrix_view block =
      gsl_matrix_view_array(q->block, q->filled, q->columns);
  if (q->status == 0 &&
      gsl_linalg_QR_UR_decomp(q->r, &block.matrix, q->t) != GSL_SUCCESS)
    q->status = -EDOM;
  q->filled = 0;
}

struct vr_tsqr *vr_tsqr_new(unsigned columns) {
  vr_sysid_quiet_gsl();
  struct vr_tsqr *q = calloc(1, sizeof(*q));
  if (!q)
    return NULL;
  q->columns = columns;
  q->capacity = columns > 128 ? 2 * columns : 256;
  q->block = malloc(q->capacity * columns * sizeof(*q->block));
  q->r = gsl_matrix_calloc(columns, columns);
  q->t = gsl_matrix_calloc(columns, columns);
  if (q->block && q->r && q->t)
    return q;
  vr_tsqr_free(q);
  return NULL;
}

void vr_tsqr_free(struct vr_tsqr *q) {
  if (!q)
    return;
  free(q->block);
  gsl_matrix_free(q->r);
  gsl_matrix_free(q->t);
  free(q);
}

double *vr_tsqr_row(struct vr_tsqr *q) {
  if (q->filled == q->capacity)
    fold(q);
  return q->block + q->filled++ * q->columns;
}

void vr_tsqr_ridge(struct vr_tsqr *q, double ridge) {
  for (unsigned j = 0; ridge > 0 && j + 1 < q->columns; j++) {
    double *row = vr_tsqr_row(q);
    memset(row, 0, q->columns * sizeof(*row));
    row[j] = sqrt(ridge);
  }
}

int vr_tsqr_finish(struct vr_tsqr *q, double *ret_l) {
  fold(q);
  if (q->status < 0)
    return q->status;
  for (size_t i = 0; i < q->columns; i++)
    for (size_t j = 0; j < q->columns; j++)
      ret_l[i * q->columns + j] = j <= i ? gsl_matrix_get(q->r, j, i) : 0;
  for (size_t i = 0; i < q->columns; i++)
    if (!isfinite(ret_l[i * q->columns + i]))
      return -EDOM;
  return 0;
}
