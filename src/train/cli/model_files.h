/* SPDX-License-Identifier: MIT
 *
 * Model files as the trainer uses them: directories of them, with messages.
 */
#ifndef VR_TRAIN_CLI_MODEL_FILES_H
#define VR_TRAIN_CLI_MODEL_FILES_H

#include "model/model.h"

/* The files that training writes. */
#define VR_CLI_TRAINED "trained.json"
#define VR_CLI_POOLED "pooled.json"

/* Writes SET to DIRECTORY/NAME, making the directory if need be. GENERIC is the
 * file's flag. What was there is kept as the former generation (generations.h).
 * A failure is logged. Returns 0 or a negative errno. */
int vr_cli_models_write(const char *directory, const char *name,
                        const struct vr_model_set *set, bool generic);

/* Before long work: can NAME be written to DIRECTORY, with the models of N
 * guests? Makes the directory if need be, and leaves nothing in it. Logs why
 * not, and what to do. Returns 0 or a negative errno. */
int vr_cli_models_try(const char *directory, const char *name, size_t n);

/* Adds M, borrowed, to SET if it may be written; one that a reader would refuse
 * is named in a warning, and left out, for it would take all others with it. A
 * model without inputs is the mean, which nobody needs a model for. Returns 0
 * or -ENOMEM. */
int vr_cli_models_add(struct vr_model_set *set, const struct vr_model *m);

/* Appends the models of the file PATH to SET. A file that cannot be read is
 * logged and passed over. Returns 0 or -ENOMEM. */
int vr_cli_models_read(const char *path, struct vr_model_set *set);

/* The same for every *.json in DIRECTORY, by name. A directory that cannot be
 * read, or without any model, is logged and an error. */
int vr_cli_models_read_all(const char *directory, struct vr_model_set *set);

/* Models learned elsewhere, from the file or directory PATH, or, when that is
 * NULL, those that are shipped, if they are installed. */
int vr_cli_models_read_known(const char *path, struct vr_model_set *set);

#endif
