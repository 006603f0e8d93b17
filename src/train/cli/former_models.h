/* SPDX-License-Identifier: MIT
 *
 * The models that a directory has, when new ones are to be written there.
 */
#ifndef VR_TRAIN_CLI_FORMER_MODELS_H
#define VR_TRAIN_CLI_FORMER_MODELS_H

#include "train/evaluate/replacement.h"
#include "train/fit/pool.h"
#include "train/fit/train_guest.h"

#include <stdio.h>

/* Appends what DIRECTORY/NAME has to SET; nothing where there is no such file,
 * or none that can be read, which is logged. Returns 0 or -ENOMEM. */
int vr_cli_former_read(const char *directory, const char *name,
                       struct vr_model_set *set);

/* Which models of FORMER do better than what was trained of the guest of R
 * (evaluate/replacement.h), into RET; R's columns are still there. Returns 0 or
 * -ENOMEM. */
int vr_cli_former_judge(const struct vr_model_set *former,
                        const struct vr_guest_result *r, double min_fit,
                        struct vr_replacement ret[VR_COUNTERS]);

/* Adds to SET, whose models are borrowed, what is to serve the guest of R from
 * now on: of each counter what was trained, or those of FORMER where that does
 * better, as JUDGED, or where nothing was trained. A line to NOTES
 * says which stays, and why. Returns 0 or -ENOMEM. */
int vr_cli_former_or_new(const struct vr_model_set *former,
                         const struct vr_guest_result *r,
                         const struct vr_replacement judged[VR_COUNTERS],
                         struct vr_model_set *set, FILE *notes);

/* The same for guests that were never seen, of the pool P over the guests DATA
 * (evaluate/pool_replacement.h). */
int vr_cli_former_or_pooled(const struct vr_model_set *former,
                            const struct vr_guest_data *const *data,
                            const struct vr_pool *p, double min_fit,
                            struct vr_model_set *set, FILE *notes);

/* Adds those of FORMER whose guest has none in SET; a line to NOTES says how
 * many guests that are. Models that FORMAT, a version of model files, cannot
 * hold are left out. Returns 0 or -ENOMEM. */
int vr_cli_former_others(const struct vr_model_set *former, int format,
                         struct vr_model_set *set, FILE *notes);

#endif
