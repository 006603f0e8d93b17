/* SPDX-License-Identifier: MIT
 *
 * QR factorisation of more rows than one wants to hold: rows are gathered in a
 * block, the block is folded into R (J. Demmel et al., SIAM J. Sci. Comput. 34,
 * 2012: the sequential form of TSQR).
 */
#ifndef VR_SYSID_TSQR_H
#define VR_SYSID_TSQR_H

#include <stddef.h>

struct vr_tsqr;

/* NULL when out of memory. */
struct vr_tsqr *vr_tsqr_new(unsigned columns);
void vr_tsqr_free(struct vr_tsqr *q);

/* Where the next row's COLUMNS values go. */
double *vr_tsqr_row(struct vr_tsqr *q);

/* Rows sqrt(RIDGE) I on all columns but the last. */
void vr_tsqr_ridge(struct vr_tsqr *q, double ridge);

/* RET_L: the transpose of R, COLUMNS x COLUMNS, lower triangular, row after
 * row. 0, or -EDOM when a value was not finite. */
int vr_tsqr_finish(struct vr_tsqr *q, double *ret_l);

#endif
