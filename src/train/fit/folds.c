/* SPDX-License-Identifier: MIT */
#include "train/fit/folds.h"

/* Blocks should be longer than most loads last. */
#define LONG_BLOCK 300.0 /* seconds */

void vr_folds_by_time(struct vr_features *f) {
  f->n_folds = VR_FOLDS;
  for (size_t r = 0; r < f->n_recordings; r++) {
    size_t rows = f->recordings[r].data->grid.rows;
    double seconds = (double)rows * f->step;
    bool two =
        seconds >= 2 * VR_FOLDS * LONG_BLOCK || seconds < VR_FOLDS * LONG_BLOCK;
    size_t blocks = two ? 2 * VR_FOLDS : VR_FOLDS;
    f->cyclic = f->cyclic || blocks > VR_FOLDS;
    for (size_t i = 0; i < rows; i++)
      f->fold[f->recordings[r].first + i] =
          (unsigned char)(i * blocks / rows % VR_FOLDS);
  }
}

void vr_folds_by_recording(struct vr_features *f) {
  f->n_folds =
      f->n_recordings < VR_FOLDS ? (unsigned)f->n_recordings : VR_FOLDS;
  for (size_t r = 0; r < f->n_recordings; r++)
    for (size_t i = 0; i < f->recordings[r].data->grid.rows; i++)
      f->fold[f->recordings[r].first + i] = (unsigned char)(r % f->n_folds);
}

/* Of a block: what is remembered for less is another in the next. */
#define SHORT_MEMORY 0.1

/* Does counter C wander so slowly that a block of time predicts the next one?
 */
static bool wanders(const struct vr_features *f, size_t c) {
  enum vr_counter counter = f->counters[c];
  if (vr_counter_info(counter)->is_rate || counter == VR_CPU)
    return false;
  unsigned blocks = f->cyclic ? 2 * f->n_folds : f->n_folds;
  double block = (double)f->rows * f->step / blocks;
  return !(vr_features_memory(f, c) < SHORT_MEMORY * block);
}

unsigned vr_folds_without(const struct vr_features *f, size_t c,
                          unsigned fold) {
  unsigned folds = vr_feature_folds(f) & ~(1u << fold);
  if (f->n_folds < 4 || !wanders(f, c))
    return folds;
  unsigned before = fold > 0 ? fold - 1 : f->n_folds - 1;
  unsigned after = (fold + 1) % f->n_folds;
  if (f->cyclic || fold > 0)
    folds &= ~(1u << before);
  if (f->cyclic || after > 0)
    folds &= ~(1u << after);
  return folds;
}

void vr_folds_take(const struct vr_features *f, unsigned fold,
                   const double *from, double *to) {
  for (size_t i = 0; i < f->rows; i++)
    if (f->fold[i] == fold)
      to[i] = from[i];
}
