/* SPDX-License-Identifier: MIT
 *
 * What an archive holds that could be trained.
 */
#ifndef VR_TRAIN_REPORT_LIST_H
#define VR_TRAIN_REPORT_LIST_H

#include "train/data/guest_data.h"
#include "train/data/span.h"

#include <jansson.h>
#include <stdio.h>

/* A line without its end: who, how long, which counters. */
void vr_list_print(const struct vr_guest_data *d, FILE *f);
json_t *vr_list_json(const struct vr_guest_data *d);

/* The same: step, length and rows of a consolidation of D's archive, and what
 * can be learned from it. */
void vr_list_print_consolidation(const struct vr_guest_data *d,
                                 const struct vr_consolidation *k, FILE *f);

/* The span alone: from when to when, in rows of which step. */
void vr_list_print_span(const struct vr_guest_data *d, FILE *f);

#endif
