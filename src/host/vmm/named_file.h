/* SPDX-License-Identifier: MIT
 *
 * Files that a VM's command line names.
 */
#ifndef VR_HOST_VMM_NAMED_FILE_H
#define VR_HOST_VMM_NAMED_FILE_H

/* The text of the file PATH as the process of the /proc directory DIRFD finds
 * it, or NULL; then the log has why. The caller frees it. */
char *vr_vmm_read_named(int dirfd, const char *path);

#endif
