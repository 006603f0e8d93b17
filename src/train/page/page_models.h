/* SPDX-License-Identifier: MIT
 *
 * The candidates for one counter, the choice among them, and what they are held
 * against.
 */
#ifndef VR_TRAIN_PAGE_PAGE_MODELS_H
#define VR_TRAIN_PAGE_PAGE_MODELS_H

#include "train/fit/train_counter.h"

#include <stdio.h>

/* A table of the models in K, of the reference orders (20, 17, 50) and of the
 * trivial baselines, as HTML. The row of the model that is shown is marked. */
void vr_page_models(const struct vr_counter_result *k, double min_fit, FILE *f);

#endif
