/* SPDX-License-Identifier: MIT
 *
 * Connecting to the socket that a process names. It could name anybody's: a
 * service that starts when it is connected to, a pipe, a path on a file system
 * that never answers.
 */
#ifndef VR_HOST_QMP_QMP_CONNECT_H
#define VR_HOST_QMP_QMP_CONNECT_H

#include <sys/types.h>

/* Connects to the socket PATH of process PID, as the process sees it; PROCESS
 * is its /proc directory. Returns a non-blocking descriptor; -EMEDIUMTYPE when
 * there is no socket, -EXDEV when it belongs to another user than the process:
 * then nothing was connected to; -ESTALE when another process listens, -ESRCH
 * when the process that listens lives in a process namespace that we do not
 * see; -EAGAIN when its queue of clients is full; -ETIMEDOUT and -EBUSY when
 * the file system does not answer in a fifth of a second; another negative
 * errno. */
int vr_qmp_connect(const char *process, const char *path, pid_t pid);

/* What such an error means. */
const char *vr_qmp_connect_why(int error);

#endif
