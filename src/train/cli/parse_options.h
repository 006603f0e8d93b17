/* SPDX-License-Identifier: MIT
 *
 * The command line of vmrecon-train.
 */
#ifndef VR_TRAIN_CLI_PARSE_OPTIONS_H
#define VR_TRAIN_CLI_PARSE_OPTIONS_H

#include "train/cli/options.h"

/* Parses the command line; a wrong one ends the program with a message and
 * VR_EXIT_USAGE. */
void vr_options_parse(int argc, char **argv, struct vr_options *ret);

#endif
