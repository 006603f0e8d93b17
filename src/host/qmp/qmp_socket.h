/* SPDX-License-Identifier: MIT
 *
 * The connection to a QMP socket: non-blocking, read line by line. QMP is one
 * JSON text a line.
 */
#ifndef VR_HOST_QMP_QMP_SOCKET_H
#define VR_HOST_QMP_QMP_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

struct vr_qmp_socket {
  int fd;       /* -1: not connected */
  size_t bytes; /* received in this interval; the owner sets it to 0 */
  char *buffer; /* of received bytes, kept when the connection is closed */
  size_t length, size;
};

#define VR_QMP_SOCKET_CLOSED                                                   \
  (struct vr_qmp_socket) { .fd = -1 }

/* Why a connection is given up that sends far more than the questions need. */
#define VR_QMP_TOO_MUCH "it sends far more than it is asked for"

/* Connects as vr_qmp_connect() does. The same errors, or 0. */
int vr_qmp_socket_connect(struct vr_qmp_socket *s, const char *process,
                          const char *path, pid_t pid);

/* Sends all of the text or returns -EPIPE. */
int vr_qmp_socket_send(struct vr_qmp_socket *s, const char *text, size_t n);

/* One line, without its end. May close the connection. */
typedef void (*vr_qmp_line_fn)(void *ctx, const char *line, size_t length);

/* Receives what has come, up to an amount that is enough for any reply, and
 * calls FN for each whole line; never waits. Returns NULL, or why the
 * connection is of no use any more: the caller closes it. */
const char *vr_qmp_socket_receive(struct vr_qmp_socket *s, vr_qmp_line_fn fn,
                                  void *ctx);

void vr_qmp_socket_close(struct vr_qmp_socket *s);

/* Closes it and frees the buffer. */
void vr_qmp_socket_free(struct vr_qmp_socket *s);

#endif
