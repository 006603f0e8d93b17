/* SPDX-License-Identifier: MIT
 *
 * A packet socket that belongs to one network interface, in whichever network
 * namespace that is.
 */
#ifndef VR_TRAFFIC_INTERFACE_SOCKET_H
#define VR_TRAFFIC_INTERFACE_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

/* Makes a packet socket in the network namespace of the descriptor NETWORK (-1:
 * our own), and looks the interface NAME up there. Nothing is received before
 * vr_interface_socket_bind(). Returns the socket, or a negative errno: -ENODEV,
 * no such interface; -EPERM, without CAP_NET_RAW (and for another namespace
 * CAP_SYS_ADMIN). */
int vr_interface_socket_open(int network, const char *name, int *ret_index);

/* From now on PROGRAM sees the interface's frames. OUTGOING: also those that
 * leave through it. Returns 0 or a negative errno. */
int vr_interface_socket_bind(int fd, int index, int program, bool outgoing);

/* From now on another PROGRAM sees them: each frame is seen by one of both. */
int vr_interface_socket_attach(int fd, int program);

/* Whether the interface is still there. One that was deleted, or moved to
 * another namespace, never comes back to this socket. */
bool vr_interface_socket_is_there(int fd);

/* Closes COUNT sockets. The kernel lets each close wait until no processor uses
 * the socket any more, tens of milliseconds on a busy machine: many are closed
 * side by side. */
void vr_interface_socket_close(const int *fds, size_t count);

#endif
