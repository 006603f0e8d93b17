/* SPDX-License-Identifier: MIT
 *
 * What the series of an archive are like: every data source of a hypervisor
 * host and of its guests' VM processes, and every counter of the guests.
 */
#ifndef VR_TRAIN_REPORT_CHARACTERISE_H
#define VR_TRAIN_REPORT_CHARACTERISE_H

#include "train/data/guest_data.h"
#include "train/data/pairs.h"

#include <jansson.h>
#include <stdio.h>

/* The series of the host of PAIR itself, over the span of D, which is a guest
 * of it; PAIRS shows what else is recorded below its name. A guest whose VM
 * process is recorded below its own name has no host: nothing is printed then,
 * or null. */
void vr_report_characterise_host(const struct vr_guest_data *d,
                                 const struct vr_pair *pair,
                                 const struct vr_pairs *pairs, FILE *f);
json_t *vr_report_characterise_host_json(const struct vr_guest_data *d,
                                         const struct vr_pair *pair,
                                         const struct vr_pairs *pairs);

/* Counters and VM-process series of PAIR, whose data is D. */
void vr_report_characterise_guest(const struct vr_guest_data *d,
                                  const struct vr_pair *pair, FILE *f);
json_t *vr_report_characterise_guest_json(const struct vr_guest_data *d,
                                          const struct vr_pair *pair);

#endif
