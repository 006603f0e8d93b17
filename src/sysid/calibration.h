/* SPDX-License-Identifier: MIT
 *
 * Residuals in the order of their size, sorted once, of which half-widths and
 * what these hold are asked for often.
 */
#ifndef VR_SYSID_CALIBRATION_H
#define VR_SYSID_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>

/* Residuals of one group of samples (a guest, a stretch of time), in the order
 * of time; not finite: left out. */
struct vr_residuals {
  size_t n;
  const double *e;
  const unsigned
      *regime; /* of each sample, below n_regimes; NULL: one regime */
};

/* Residuals sorted once, to compute widths from them often. */
struct vr_calibration;
/* NULL when out of memory. Groups must have passed vr_sysid_residuals_check().
 */
struct vr_calibration *
vr_sysid_calibration_new(const struct vr_residuals *groups, size_t n_groups,
                         unsigned n_regimes, size_t block);
void vr_sysid_calibration_free(struct vr_calibration *c);
size_t vr_sysid_calibration_blocks(const struct vr_calibration *c);
/* As vr_conformal_widths(), with block b there TIMES[b] times (NULL: once).
 * What is the largest sample of a regime is decided by the blocks that IS_THERE
 * (NULL: all). Not for two threads at a time. */
void vr_sysid_calibration_widths(const struct vr_calibration *c, double level,
                                 const unsigned *times,
                                 const unsigned char *is_there, double *ret_q);

/* How many samples there are, each block TIMES[b] times (NULL: once), and how
 * many of them the widths Q of their regimes hold. */
void vr_sysid_calibration_held(const struct vr_calibration *c, const double *q,
                               const unsigned *times, double *ret_hits,
                               double *ret_of);
/* The widths 2 Q of all samples of the blocks that are there, summed. */
double vr_sysid_calibration_total_width(const struct vr_calibration *c,
                                        const double *q, const unsigned *times);

size_t vr_residual_blocks(const struct vr_residuals *groups, size_t n_groups,
                          size_t block);
/* The block of sample T within its group. */
size_t vr_residual_block(const struct vr_residuals *group, size_t t,
                         size_t block);

#endif
