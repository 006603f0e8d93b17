/* SPDX-License-Identifier: MIT
 *
 * The program but for its end: from the command line to the exit code.
 */
#ifndef VR_TRAIN_CLI_COMMAND_RUN_H
#define VR_TRAIN_CLI_COMMAND_RUN_H

#include "train/cli/options.h"

/* Runs what ARGV asks for. A wrong command line ends the program. */
enum vr_exit vr_command_run(int argc, char **argv);

#endif
