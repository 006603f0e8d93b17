/* SPDX-License-Identifier: MIT
 *
 * Who is in an archive, by every way that pairs a guest with a hypervisor host.
 */
#ifndef VR_TRAIN_DATA_FIND_PAIRS_H
#define VR_TRAIN_DATA_FIND_PAIRS_H

#include "train/data/pairs.h"

/* Finds the pairs of ARCHIVE: by our own read plugin; where it saw nothing of a
 * guest, by collectd's virt plugin under either of its usual names, whose
 * series become sources (vr_sources_add_types); and by the sources that the
 * user gave, where what stands for %{guest} is a host that sent series of its
 * own. OVERRIDES are N texts "HOST/GUEST=HOSTNAME": for guests whose own name
 * differs, and for those that nothing of the above finds, when HOST has series
 * of any plugin for GUEST, or one that a source names. Guests whose names no
 * report could hold are left out with a warning. Returns 0, -EINVAL for an
 * override that is none or that names a guest that is not there (*ret_error
 * filled), -ENOMEM. */
int vr_pairs_find(const struct vr_archive *archive,
                  const char *const *overrides, size_t n,
                  struct vr_pairs *ret_pairs, struct vr_error *ret_error);

#endif
