/* SPDX-License-Identifier: MIT
 *
 * A connection to a Unix socket that never waits: lines go out and come in when
 * the socket takes and has them.
 */
#ifndef VR_TOP_TOP_LINK_H
#define VR_TOP_TOP_LINK_H

#include "basic/error.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct vr_top_link {
  const char *path;
  int fd; /* -1: not connected */
  char *out, *in;
  size_t out_at, out_length, out_capacity; /* sent up to out_at */
  size_t in_at, in_length, in_capacity;    /* taken up to in_at */
};

void vr_top_link_init(struct vr_top_link *l, const char *path);

/* Connects. Returns 0, or a negative errno and why. */
int vr_top_link_open(struct vr_top_link *l, struct vr_error *ret_error);
void vr_top_link_close(struct vr_top_link *l);

/* Adds to what is to be sent. Returns 0 or -ENOMEM. */
int vr_top_link_send(struct vr_top_link *l, const char *text, size_t length);

/* What to poll for. */
short vr_top_link_events(const struct vr_top_link *l);

/* Sends and receives what is possible now. Returns how many bytes moved;
 * negative errno: the connection is broken, -EPIPE at its end. */
long vr_top_link_work(struct vr_top_link *l);

/* The next line that has come in, without its end and with a NUL; it is valid
 * until the next call of any of these. NULL: not yet. */
char *vr_top_link_line(struct vr_top_link *l, size_t *ret_length);

#endif
