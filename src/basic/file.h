/* SPDX-License-Identifier: MIT
 *
 * Whole files: read in one go, written so that a reader sees either the old
 * content or the new, never a part.
 */
#ifndef VR_BASIC_FILE_H
#define VR_BASIC_FILE_H

#include "basic/error.h"

#include <stddef.h>
#include <stdio.h>

/* Reads the file PATH of at most MAX bytes. *ret_text is NUL-terminated and the
 * caller's to free; *ret_length (may be NULL) is its length without the NUL.
 * Returns 0, -EFBIG for a longer file, -EISDIR and -EMEDIUMTYPE for what is no
 * regular file and is not opened, or another negative errno; vr_safe_why()
 * names them all. */
int vr_file_read(const char *path, size_t max, char **ret_text,
                 size_t *ret_length);

/* The same of a file that must be text, one without NUL bytes (-EINVAL);
 * *ret_error names the file and says why it cannot be taken. */
int vr_file_read_text(const char *path, size_t max, char **ret_text,
                      struct vr_error *ret_error);

/* Writes the content of a file to F. Returns 0 or a negative errno. */
typedef int (*vr_file_writer)(void *user, FILE *f);

/* Replaces the file PATH by what WRITER writes: to a new file beside it,
 * synced, renamed over it. On error, WRITER's or another, PATH is as it was and
 * nothing is left beside it. Mode 0644. Returns 0 or a negative errno. */
int vr_file_replace(const char *path, vr_file_writer writer, void *user);

/* The same with LENGTH bytes of DATA. */
int vr_file_write_atomic(const char *path, const void *data, size_t length);

#endif
