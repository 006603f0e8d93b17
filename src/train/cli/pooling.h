/* SPDX-License-Identifier: MIT
 *
 * Pooled models, trained and written: alone, or after the guests' own.
 */
#ifndef VR_TRAIN_CLI_POOLING_H
#define VR_TRAIN_CLI_POOLING_H

#include "train/cli/options.h"
#include "train/data/pairs.h"
#include "train/fit/pool.h"

#include <jansson.h>
#include <stdio.h>

/* Pools the N sets of DATA, or the most of them that have one step and one
 * accelerator, and writes the models to the options' directory. NOTES gets a
 * line for each counter whose former model stays. What cannot be done is
 * logged. *ret_pool is empty then; the caller clears it. */
enum vr_exit vr_cli_pool(const struct vr_options *o,
                         const struct vr_guest_data *const *data, size_t n,
                         FILE *notes, struct vr_pool *ret_pool);

/* May it be done: are there two alike? */
bool vr_cli_pool_is_possible(const struct vr_guest_data *const *data, size_t n);

/* The report on P for people: rows and last line. SILENT guests have no
 * collectd of their own. */
void vr_cli_pool_report(const struct vr_options *o, const struct vr_pool *p,
                        size_t silent);

#endif
