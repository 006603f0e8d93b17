/* SPDX-License-Identifier: MIT
 *
 * The rrdcached that holds the last rows of RRD files: it is asked over one
 * connection, for many files at once, to write them.
 */
#ifndef VR_ARCHIVE_RRDCACHED_H
#define VR_ARCHIVE_RRDCACHED_H

#include "basic/error.h"

#include <stddef.h>

/* Connects to ADDRESS, "unix:PATH", "/PATH", "HOST" or "HOST:PORT" (rrdcached's
 * own forms), for the whole process. Returns 0, or -ECONNREFUSED with
 * *ret_error filled. */
int vr_rrdcached_connect(const char *address, struct vr_error *ret_error);

/* Ends the connection, if there is one, and forgets what was flushed. */
void vr_rrdcached_close(void);

/* Has the N files PATHS written, those that were not already, where there is a
 * daemon. All are asked for before the first answer is waited for. A daemon
 * that holds nothing of a file reports success. When it is gone, or may not
 * write a file, what is on the disk is read, and that rows may be missing is
 * logged once: it would be the same for every file. From any thread. */
void vr_rrdcached_flush(const char *const *paths, size_t n);

#endif
