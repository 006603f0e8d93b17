/* SPDX-License-Identifier: MIT
 *
 * What vmrecon-train can do, a file each. Every command reports on
 * standard output as the options ask, logs what it cannot use, goes on with the
 * rest, and returns the program's exit code.
 */
#ifndef VR_TRAIN_CLI_COMMANDS_H
#define VR_TRAIN_CLI_COMMANDS_H

#include "train/cli/options.h"
#include "train/data/find_pairs.h"

/* Models of each guest that was asked for. */
enum vr_exit vr_command_train(const struct vr_options *o,
                              const struct vr_archive *archive,
                              const struct vr_pairs *pairs);
/* Models for any guest. */
enum vr_exit vr_command_pool(const struct vr_options *o,
                             const struct vr_archive *archive,
                             const struct vr_pairs *pairs);
/* How models that exist do on data. */
enum vr_exit vr_command_score(const struct vr_options *o,
                              const struct vr_archive *archive,
                              const struct vr_pairs *pairs);
/* What could be trained. */
enum vr_exit vr_command_list(const struct vr_options *o,
                             const struct vr_archive *archive,
                             const struct vr_pairs *pairs);
/* What the series are like. Guests that have nothing to be trained on are
 * described all the same. */
enum vr_exit vr_command_characterise(const struct vr_options *o,
                                     const struct vr_archive *archive,
                                     const struct vr_pairs *pairs);
/* What guests' own series and introspection teach. */
enum vr_exit vr_command_compare(const struct vr_options *o,
                                const struct vr_archive *archive,
                                const struct vr_pairs *pairs);
/* How two directories of models do on the same data. */
enum vr_exit vr_command_sets(const struct vr_options *o,
                             const struct vr_archive *archive,
                             const struct vr_pairs *pairs);
/* The models that were there before the last training. */
enum vr_exit vr_command_rollback(const struct vr_options *o);
/* One model of the columns of a table. */
enum vr_exit vr_command_table(const struct vr_options *o);

#endif
