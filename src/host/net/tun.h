/* SPDX-License-Identifier: MIT
 *
 * In which network namespace the interface of a tun descriptor is. A process
 * may make a tap of any name in a namespace of its own, and leave that.
 */
#ifndef VR_HOST_NET_TUN_H
#define VR_HOST_NET_TUN_H

#include <stdint.h>
#include <sys/types.h>

/* The inode of the network namespace in which NAME is, the interface that the
 * descriptor FD of process PID holds. Returns 0; -EPERM and others where it may
 * not be asked (CAP_SYS_PTRACE, CAP_NET_ADMIN), or where the kernel does not
 * know; -ESTALE when the descriptor is another's. */
int vr_tun_namespace(pid_t pid, int fd, const char *name, uint64_t *ret_inode);

#endif
