/* SPDX-License-Identifier: MIT
 *
 * What the trainer asks of a model beyond the rule for publication
 * (model/publishable.h): an advantage that is no accident of this recording.
 */
#ifndef VR_TRAIN_FIT_JUDGE_H
#define VR_TRAIN_FIT_JUDGE_H

#include "train/fit/features.h"

#include <stdbool.h>

/* Points of fit that a model must be better by than both baselines. What was
 * chosen among many on this data must win in most blocks, too; what was known
 * beforehand is believed by its fit over all of them, for in quiet blocks any
 * constant does as well. */
#define VR_JUDGE_MARGIN 2.0

/* The same for counter C. Buffers wander, so that more follows them by chance:
 * where nothing was to be learned they were published more often than any other
 * counter. */
double vr_judge_margin(enum vr_counter c);

/* Is M's free-run fit above those of its baselines by more than MARGIN points?
 */
bool vr_judge_beats_baselines_by(const struct vr_model *m, double margin);

/* Does PREDICTED beat both baselines in most blocks of time? One lucky block
 * can carry the fit over all of them, and does not come again. GAIN may be
 * NULL. */
bool vr_judge_wins_most_blocks(const struct vr_features *f, const double *y,
                               const double *mean, const double *gain,
                               const double *predicted);

/* Is PREDICTED better than OTHER with confidence: is the lower bound (90 %,
 * one-sided) of the mean over blocks of time of
 *
 *   d = sum of (other - y)^2 - sum of (predicted - y)^2
 *
 * above 0 (paired t test)? Rows [FIRST, ROWS) count, of them those that are
 * USED (NULL: all). Blocks have BLOCK rows, longer than the counter remembers,
 * so that what one tells the next does not repeat. False of fewer than
 * VR_JUDGE_MIN_BLOCKS blocks with known rows. */
enum { VR_JUDGE_MIN_BLOCKS = 3 };
bool vr_judge_is_better(const unsigned char *used, size_t first, size_t rows,
                        const double *y, const double *other,
                        const double *predicted, size_t block);

/* The same of several recordings: what vr_judge_add() takes of each of them
 * together. All zero is none. */
struct vr_judge_sums {
  double n, sum, squares; /* of the blocks' d */
};
void vr_judge_add(struct vr_judge_sums *s, const unsigned char *used,
                  size_t first, size_t rows, const double *y,
                  const double *other, const double *predicted, size_t block);
bool vr_judge_is_sure(const struct vr_judge_sums *s);

/* Is it better than each baseline so, on all rows of F? GAIN may be NULL. */
bool vr_judge_is_confident(const struct vr_features *f, const double *y,
                           const double *mean, const double *gain,
                           const double *predicted, size_t block);

#endif
