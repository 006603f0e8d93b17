/* SPDX-License-Identifier: MIT
 *
 * Series whose samples stand at the times at which they were taken: of
 * collectd's csv plugin, and in a Prometheus.
 */
#ifndef VR_ARCHIVE_SAMPLED_H
#define VR_ARCHIVE_SAMPLED_H

#include "archive/archive.h"

/* From the first sample to the last; the step is the samples' median distance,
 * in whole seconds. Errors as vr_archive_extent(). */
int vr_sampled_extent(const struct vr_archive_file *file,
                      struct vr_extent *ret_extent, struct vr_error *ret_error);

/* Reads FILE on GRID through the resampler that the live stream uses. */
int vr_sampled_fetch(const struct vr_archive_file *file,
                     const struct vr_timeline *grid,
                     struct vr_history *ret_history,
                     struct vr_error *ret_error);

#endif
