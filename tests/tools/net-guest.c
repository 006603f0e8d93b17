/* SPDX-License-Identifier: MIT
 *
 * What looks like a QEMU with taps: called as one, it opens the taps that its
 * arguments name (-netdev tap,...,ifname=NAME) and does what its standard input
 * says, one command a line. Each is answered by a line on standard output.
 *
 *   send TAP SOURCE DESTINATION PAYLOAD COUNT [large] [ipv6] [vlan]
 *     COUNT frames into the TAP-th tap, of TCP with PAYLOAD bytes
 *     -> sent FRAMES BYTES WIRE-BYTES
 *   flood TAP DESTINATION COUNT
 *     COUNT frames of 60 bytes, each from another source -> sent ...
 *   plug NAME          opens another tap -> plugged
 *   unplug TAP         closes one -> unplugged
 *
 * What the taps receive is taken and thrown away.
 */
#include "tap_frames.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TAPS_MAX = 16, BURST = 100 };

static int taps[TAPS_MAX];
static size_t count;

static bool plug(const char *name) {
  int fd = count < TAPS_MAX ? tap_open(name) : -1;
  if (fd < 0) {
    perror(name);
    return false;
  }
  taps[count++] = fd;
  return true;
}

static void plug_all(int argc, char **argv) {
  char name[16];
  for (int i = 1; i < argc; i++) {
    const char *at = strstr(argv[i], "ifname=");
    if (at && sscanf(at, "ifname=%15[^,]", name) == 1)
      plug(name);
  }
}

static void drain(void) {
  for (size_t i = 0; i < count; i++)
    if (taps[i] >= 0)
      tap_drain(taps[i]);
}

/* Others on this machine need the processor, too, to take what they receive. */
static void pause_a_moment(void) {
  const struct timespec t = {0, 2000000};
  drain();
  nanosleep(&t, NULL);
}

struct totals {
  unsigned long long frames, bytes, wire;
};

static void send_one(int tap, const struct tap_frame *f, struct totals *t) {
  long n = tap_send(tap, f);
  if (n < 0) {
    perror("send");
    return;
  }
  t->frames++;
  t->bytes += (unsigned long long)n;
  t->wire += tap_wire_bytes(f);
}

static void answer(const struct totals *t) {
  printf("sent %llu %llu %llu\n", t->frames, t->bytes, t->wire);
}

static bool command_send(const char *line) {
  char source[18], destination[18];
  unsigned tap, frames;
  struct tap_frame f = {0};
  struct totals t = {0};
  if (sscanf(line, "send %u %17s %17s %zu %u", &tap, source, destination,
             &f.payload, &frames) != 5 ||
      tap >= count || !vr_mac_parse(source, &f.source) ||
      !vr_mac_parse(destination, &f.destination))
    return false;
  f.large = strstr(line, " large");
  f.ipv6 = strstr(line, " ipv6");
  f.vlans = strstr(line, " vlan") != NULL;
  for (unsigned i = 0; i < frames; i++) {
    send_one(taps[tap], &f, &t);
    if (i % BURST == BURST - 1)
      pause_a_moment();
  }
  answer(&t);
  return true;
}

static bool command_flood(const char *line) {
  char destination[18];
  unsigned tap, frames;
  struct tap_frame f = {.raw = 60};
  struct totals t = {0};
  if (sscanf(line, "flood %u %17s %u", &tap, destination, &frames) != 3 ||
      tap >= count || !vr_mac_parse(destination, &f.destination))
    return false;
  for (unsigned i = 0; i < frames; i++) {
    f.source = (struct vr_mac){
        {2, 0xf1, 0, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};
    send_one(taps[tap], &f, &t);
    if (i % BURST == BURST - 1)
      pause_a_moment();
  }
  answer(&t);
  return true;
}

static bool command_plug(const char *line) {
  char name[16];
  if (sscanf(line, "plug %15s", name) != 1 || !plug(name))
    return false;
  puts("plugged");
  return true;
}

static bool command_unplug(const char *line) {
  unsigned tap;
  if (sscanf(line, "unplug %u", &tap) != 1 || tap >= count || taps[tap] < 0)
    return false;
  close(taps[tap]);
  taps[tap] = -1;
  puts("unplugged");
  return true;
}

static void obey(const char *line) {
  if (!command_send(line) && !command_flood(line) && !command_plug(line) &&
      !command_unplug(line))
    printf("not understood: %s\n", line);
  fflush(stdout);
}

/* Takes frames while nothing is said. */
static void await_line(void) {
  struct pollfd v[TAPS_MAX + 1] = {{.fd = STDIN_FILENO, .events = POLLIN}};
  do {
    for (size_t i = 0; i < count; i++)
      v[i + 1] = (struct pollfd){.fd = taps[i], .events = POLLIN};
    v[0].revents = 0;
    poll(v, count + 1, -1);
    drain();
  } while (v[0].revents == 0);
}

int main(int argc, char **argv) {
  char line[256];
  size_t n = 0;
  plug_all(argc, argv);
  puts("ready");
  fflush(stdout);
  for (;;) {
    await_line();
    ssize_t got = read(STDIN_FILENO, line + n, 1);
    if (got <= 0)
      return 0;
    if (line[n] != '\n') {
      n += n < sizeof(line) - 1;
      continue;
    }
    line[n] = '\0';
    n = 0;
    obey(line);
  }
}
