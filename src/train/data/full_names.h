/* SPDX-License-Identifier: MIT
 *
 * Guests that call themselves by another name than their VM has: collectd sends
 * a guest's fully qualified name by default (FQDNLookup), "web.example.com" of
 * the VM "web".
 */
#ifndef VR_TRAIN_DATA_FULL_NAMES_H
#define VR_TRAIN_DATA_FULL_NAMES_H

#include "train/data/pairs.h"

/* Pairs each guest of P that has no truth with the one host whose name is the
 * guest's with a domain (or without), in any case of letters, and logs it.
 * Where several hosts or guests come into question, logs which, and how to
 * choose. Hypervisor hosts and hosts that are truth of others come into no
 * question. Returns 0 or -ENOMEM. */
int vr_pairs_by_full_name(struct vr_pairs *p, const struct vr_archive *a);

#endif
