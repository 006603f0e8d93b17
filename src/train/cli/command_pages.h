/* SPDX-License-Identifier: MIT
 *
 * The pages that --report asks for, of what a training found.
 */
#ifndef VR_TRAIN_CLI_COMMAND_PAGES_H
#define VR_TRAIN_CLI_COMMAND_PAGES_H

#include "train/cli/options.h"
#include "train/data/find_pairs.h"
#include "train/evaluate/diagnose_guest.h"

#include <stdio.h>

/* One line of what R's training left unused of its history, or none; with NAMES
 * a second one names the series. */
void vr_command_unused(const struct vr_archive *archive,
                       const struct vr_pairs *pairs,
                       const struct vr_guest_result *r, bool names, FILE *f);

/* Before training: can pages be written? Logs why not. */
int vr_command_pages_try(const struct vr_options *o);

/* Writes the pages of N guests. Logs what goes wrong. Returns 0 or a negative
 * errno. */
int vr_command_pages(const struct vr_options *o,
                     const struct vr_archive *archive,
                     const struct vr_pairs *pairs,
                     const struct vr_guest_result *results,
                     const struct vr_guest_diagnoses *diagnoses, size_t n);

#endif
