/* SPDX-License-Identifier: MIT
 *
 * The model files of some directories, checked every few seconds. The models
 * of a file that becomes bad stay as they were; those of a file that is removed
 * go. A directory that does not answer (a dead file server) is not waited for:
 * its models stay, and it is read when it answers.
 */
#ifndef VR_LIVE_MODEL_DIR_H
#define VR_LIVE_MODEL_DIR_H

#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct vr_model_dir;

/* Watches the N directories PATHS; models of earlier ones come first, within a
 * directory by file name. A directory need not exist. NULL without memory. */
struct vr_model_dir *vr_live_model_dir_new(const char *const *paths, size_t n);
void vr_live_model_dir_free(struct vr_model_dir *d);

/* Checks the directories. When something has changed and could be read:
 * returns 1 and all models as *ret_sets (one set a file, allocated, the
 * caller's) and *ret_n. Returns 0 when there is nothing new, -ENOMEM. Logs each
 * file that was loaded, and once what is wrong with a bad one. */
int vr_live_model_dir_poll(struct vr_model_dir *d,
                           struct vr_model_set **ret_sets, size_t *ret_n);

/* What the last poll returned could not be used: the next one returns all
 * models again. */
void vr_live_model_dir_again(struct vr_model_dir *d);

/* When the newest file in the first directory, which is the operator's own, was
 * changed, in seconds since 1970; 0 where it has none. */
time_t vr_live_model_dir_newest(const struct vr_model_dir *d);

#endif
