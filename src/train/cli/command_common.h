/* SPDX-License-Identifier: MIT
 *
 * What the commands share.
 */
#ifndef VR_TRAIN_CLI_COMMAND_COMMON_H
#define VR_TRAIN_CLI_COMMAND_COMMON_H

#include "model/model.h"
#include "train/cli/options.h"
#include "train/data/pairs.h"

#include <jansson.h>

/* From now on messages go to standard error. A warning or an error among them
 * means that something failed. */
void vr_command_begin(void);

/* The exit code of a command that has come to its end. */
enum vr_exit vr_command_done(void);

/* The end of a command that was to do WHAT ("scored") to guests, and did so to
 * N of them: prints GUESTS where JSON is asked for. */
enum vr_exit vr_command_end(const struct vr_options *o, const char *what,
                            size_t n, json_t *guests);

/* Is PAIR one that was asked for and that has truth? */
bool vr_command_is_wanted(const struct vr_options *o,
                          const struct vr_pair *pair);

/* How many of the guests that were asked for have no truth. */
size_t vr_command_count_silent(const struct vr_options *o,
                               const struct vr_pairs *pairs);

/* One line about the guests that were asked for and have no truth, if there are
 * any: how many, and what can be done for them. On standard output, where JSON
 * is not asked for. */
void vr_command_silent_guests(const struct vr_options *o,
                              const struct vr_pairs *pairs);

/* Writes SET, whose models are borrowed, to the file NAME in the directory that
 * the options name, and releases its array. */
enum vr_exit vr_command_write_models(const struct vr_options *o,
                                     const char *name, struct vr_model_set *set,
                                     bool generic);

/* Prints O (NULL: out of memory) on standard output. Returns 0 or -ENOMEM. */
int vr_command_print_json(json_t *o);

static inline void vr_json_unrefp(json_t **o) { json_decref(*o); }

#endif
