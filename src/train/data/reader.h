/* SPDX-License-Identifier: MIT
 *
 * Signals of an archive on one grid: each file is read once, whatever asks
 * for it; a file that cannot be read is reported once and counts as absent.
 */
#ifndef VR_TRAIN_DATA_READER_H
#define VR_TRAIN_DATA_READER_H

#include "archive/archive.h"
#include "model/model.h"

#include <stdbool.h>

struct vr_reader;

/* A reader of ARCHIVE, which must outlive it, on GRID. NULL when out of
 * memory. */
struct vr_reader *vr_reader_new(const struct vr_archive *archive,
                                const struct vr_timeline *grid);
void vr_reader_free(struct vr_reader *reader);
void vr_reader_freep(struct vr_reader **reader);

/* Files of which the archive has no row as fine as the grid's are read in rows
 * of STEP, each of which holds for the grid's rows within it. */
void vr_reader_allow_step(struct vr_reader *reader, double step);

const struct vr_timeline *vr_reader_timeline(const struct vr_reader *reader);
const struct vr_archive *vr_reader_archive(const struct vr_reader *reader);

/* Lets go of what was read of HOST's files; whoever asks for one again reads it
 * again. No column of theirs may be in use. */
void vr_reader_forget(struct vr_reader *reader, const char *host);

/* Column of one data source (grid rows), NULL if the archive has none. */
const double *vr_reader_column(struct vr_reader *reader, const char *host,
                               const char *plugin, const char *type,
                               const char *ds);

/* All of one file of the archive; NULL if it cannot be read. */
const struct vr_history *vr_reader_history(struct vr_reader *reader,
                                           const struct vr_archive_file *file);

/* Column of one data source of it. */
const double *vr_reader_file_column(struct vr_reader *reader,
                                    const struct vr_archive_file *file,
                                    const char *ds);

/* Column of the signal pattern "%{host}/PLUGIN/TYPE:DS" for a guest of HOST;
 * the sum of its members where TYPE ends with '*'. */
const double *vr_reader_signal(struct vr_reader *reader, const char *pattern,
                               const char *host, const char *guest);

/* scale * (sum of the signals) / per - offset into RET (grid rows), NAN where
 * a part is missing. Returns 0, -ENOENT if a signal is not in the archive,
 * -EINVAL if a pattern is none. */
int vr_reader_input(struct vr_reader *reader,
                    const struct vr_model_input *input, const char *host,
                    const char *guest, double *ret);

/* What PER divides by, row by row: 1 for VR_PER_ONE; NAN where unknown.
 * Returns 0 or -ENOENT. */
int vr_reader_per(struct vr_reader *reader, enum vr_per per, const char *host,
                  const char *guest, double *ret);

#endif
