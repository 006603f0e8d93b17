/* SPDX-License-Identifier: MIT
 *
 * The files of an archive that a source names.
 */
#ifndef VR_TRAIN_DATA_SOURCE_FILES_H
#define VR_TRAIN_DATA_SOURCE_FILES_H

#include "signal/identifier.h"
#include "train/data/pairs.h"

#include <stdbool.h>

/* The file of A that PATTERN names for GUEST of HOST, the first one of its
 * members; NULL if there is none. */
const struct vr_archive_file *
vr_pairs_file_of_pattern(const struct vr_archive *a,
                         const struct vr_pattern *pattern, const char *host,
                         const char *guest);

/* Is FILE of A one that PATTERN names for GUEST of HOST? */
bool vr_pairs_pattern_has_file(const struct vr_archive *a,
                               const struct vr_pattern *pattern,
                               const char *host, const char *guest,
                               const struct vr_archive_file *file);

/* Warns when no guest has a series that the source PATTERN names, or when the
 * series has no such data source. */
void vr_pairs_check_source(const struct vr_pairs *p,
                           const struct vr_archive *archive,
                           const char *pattern);

#endif
