/* SPDX-License-Identifier: MIT
 *
 * Files that a process names: where it would find them, and neither anywhere
 * else nor anything but regular files. Whoever runs the process chooses what
 * lies there, and who serves it.
 */
#ifndef VR_HOST_PROC_THEIR_FILE_H
#define VR_HOST_PROC_THEIR_FILE_H

/* Reads the whole file PATH of the process whose /proc directory is DIRFD:
 * below its root or, where PATH is relative, its working directory (below
 * that). *ret_text is NUL-terminated and the caller's to free. Returns 0;
 * -EFBIG for one above 1 MiB; -ETIMEDOUT when its file system does not answer
 * in a fifth of a second, or another negative errno; vr_safe_why() names them.
 */
int vr_their_file_read(int dirfd, const char *path, char **ret_text);

#endif
