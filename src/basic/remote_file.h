/* SPDX-License-Identifier: MIT
 *
 * Whole files on a file system that may not answer (deadline.h): reading and
 * writing wait for a moment, and then go on without the caller.
 */
#ifndef VR_BASIC_REMOTE_FILE_H
#define VR_BASIC_REMOTE_FILE_H

#include <stddef.h>

/* How long a file system that answers may take, in milliseconds. */
enum { VR_REMOTE_WAIT_MS = 200 };

/* What has not returned yet. All zero: nothing. */
struct vr_remote_file {
  struct vr_deadline_call *call;
  struct vr_remote_job *job;
};

/* vr_file_read(), or -ETIMEDOUT when the file system does not answer: that
 * reading is given up. */
int vr_remote_read(const char *path, size_t max, char **ret_text,
                   size_t *ret_length);

/* vr_file_write_atomic(), or -ETIMEDOUT: F holds on to what was begun, and it
 * may still be written. -EBUSY, and nothing is begun, when what F holds on to
 * has not returned: then the file system does not answer. */
int vr_remote_write(struct vr_remote_file *f, const char *path,
                    const void *data, size_t length);

/* Gives up what F holds on to. */
void vr_remote_leave(struct vr_remote_file *f);

#endif
