/* SPDX-License-Identifier: MIT
 *
 * The way of value lists to a collectd: its network plugin's protocol, signed,
 * as fast as the daemon takes them in. What goes wrong ends the program.
 */
#ifndef VR_BENCH_WAY_H
#define VR_BENCH_WAY_H

#include "tally.h"

#include <collectd/client.h>
#include <collectd/network_buffer.h>

#include <time.h>

struct way_options {
  const char *server; /* IPv4 */
  int port;
  const char *user, *password; /* NULL: nothing is signed */
  const char *tally;           /* a file; NULL: the daemon does not count */
  int64_t window;              /* value lists on the way at most */
};

struct way_sent {
  uint64_t lists, values, packets, bytes;
  unsigned long lost; /* packets that found the daemon's socket full */
};

double way_clock(clockid_t id); /* seconds */
void way_pause(double seconds);

void way_open(const struct way_options *options);
void way_close(void);

void way_fill_name(lcc_identifier_t *id, const char *plugin, const char *type,
                   const char *instance);

/* Into the packet at hand; and sends that, though there is room in it. */
void way_send(const lcc_value_list_t *vl);
void way_flush(void);

/* Until the daemon's socket is not full, and no more than the window is on the
 * way, but not beyond UNTIL on CLOCK_MONOTONIC. */
void way_wait(double until);

struct way_sent way_sent(void);

#endif
