/* SPDX-License-Identifier: MIT
 *
 * Guests as a running collectd has them: through the socket of its plugin
 * unixsock, see collectd-unixsock(5). One connection is kept. A refresh is one
 * LISTVAL, and a GETVAL for each series that has a newer value, all of them
 * sent without waiting for answers.
 */
#ifndef VR_TOP_TOP_DAEMON_H
#define VR_TOP_TOP_DAEMON_H

#include "top_guests.h"

#include <poll.h>

struct vr_top_daemon;

/* PATH must outlive it. NULL without memory. */
struct vr_top_daemon *vr_top_daemon_new(const char *path);
void vr_top_daemon_free(struct vr_top_daemon *d);

/* Connects, if it is not. Returns 0 or a negative errno. NOW, here and below,
 * is seconds of a clock that nobody sets. */
int vr_top_daemon_open(struct vr_top_daemon *d, double now);

/* Asks for new values, unless none are due or the last answers are still coming
 * in. */
void vr_top_daemon_refresh(struct vr_top_daemon *d, double now,
                           const struct vr_top_guests *guests);

/* What to poll for; fd is -1 while there is no connection, and while answers
 * come in: collectd sends each by itself, and waking up for each would cost
 * more than the rest. They are looked at every so many milliseconds. */
enum { VR_TOP_DAEMON_NAP_MS = 5 };
bool vr_top_daemon_is_busy(const struct vr_top_daemon *d);
struct pollfd vr_top_daemon_poll(const struct vr_top_daemon *d);

/* Takes what has come in, and connects anew when it is time to. Returns true
 * when all values of a refresh are in GUESTS. */
bool vr_top_daemon_work(struct vr_top_daemon *d, double now,
                        struct vr_top_guests *guests);

/* What is wrong with the connection, or "". */
const char *vr_top_daemon_trouble(const struct vr_top_daemon *d);

#endif
