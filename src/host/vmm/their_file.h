/* SPDX-License-Identifier: MIT
 *
 * Files that a VM process names on its command line.
 */
#ifndef VR_HOST_VMM_THEIR_FILE_H
#define VR_HOST_VMM_THEIR_FILE_H

/* The text of the regular file PATH as the process names it: below its own
 * root, or from its working directory; DIRFD is its /proc directory. NULL when
 * it is anything else, too long, or cannot be read. The caller frees it. */
char *vr_vmm_read_theirs(int dirfd, const char *path);

#endif
