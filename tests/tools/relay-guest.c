/* SPDX-License-Identifier: MIT
 *
 * What looks like a QEMU with one tap and stands for a guest that can migrate:
 * called as one, it opens the tap that its arguments name (ifname=NAME), and
 * passes frames between it and another tap, the "guest", in another network
 * namespace. Which process passes them is where the guest runs.
 *
 *   RELAY_NET   the guest's namespace, as /proc/PID/ns/net
 *   RELAY_TAP   its tap there, which exists already
 *
 * Standard input says what to do, one command a line; each is answered by a
 * line.
 *
 *   run           takes the guest's tap, and announces its address as QEMU does
 *                 at the end of a migration -> running
 *   quiet         the same without an announcement -> running
 *   stop          gives it back; frames are thrown away -> stopped
 *   forge MAC N   sends N broadcasts under another address -> forged
 */
#include "basic/mac.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 65536, RARP_LENGTH = 60, RARP_AT = 14 };

static int outside = -1, inside = -1;
static struct vr_mac own;

static int open_tap(const char *name) {
  struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
  if (fd >= 0 && ioctl(fd, TUNSETIFF, &r) < 0) {
    close(fd);
    fd = -1;
  }
  if (fd < 0)
    perror(name);
  return fd;
}

/* There and back again. */
static int open_inside(void) {
  const char *net = getenv("RELAY_NET"), *tap = getenv("RELAY_TAP");
  int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int there = net ? open(net, O_RDONLY | O_CLOEXEC) : -1;
  int fd = -1;
  if (home >= 0 && there >= 0 && tap && setns(there, CLONE_NEWNET) == 0) {
    for (int i = 0; i < 200 && fd < 0; i++) {
      fd = open_tap(tap); /* the process that had it may not be gone yet */
      if (fd < 0)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    if (setns(home, CLONE_NEWNET) < 0)
      exit(1);
  }
  close(home);
  close(there);
  return fd;
}

static void put(int fd, const void *frame, size_t length) {
  if (write(fd, frame, length) < 0 && errno != EAGAIN && errno != EIO)
    perror("write");
}

/* A broadcast as QEMU's announce-self sends it: reverse ARP. */
static void send_rarp(const struct vr_mac *from) {
  unsigned char f[RARP_LENGTH] = {0};
  static const unsigned char arp[8] = {0, 1, 8, 0, 6, 4, 0, 3};
  memset(f, 0xff, 6);
  memcpy(f + 6, from->byte, 6);
  f[12] = 0x80;
  f[13] = 0x35;
  memcpy(f + RARP_AT, arp, 8);
  memcpy(f + RARP_AT + 8, from->byte, 6);
  memcpy(f + RARP_AT + 18, from->byte, 6);
  put(outside, f, sizeof(f));
}

static void pass(int from, int to) {
  static unsigned char frame[FRAME];
  ssize_t n;
  for (int i = 0; i < 64 && (n = read(from, frame, sizeof(frame))) > 0; i++)
    if (to >= 0)
      put(to, frame, (size_t)n);
}

static const char *run(bool announce) {
  if (inside < 0)
    inside = open_inside();
  if (inside < 0)
    return "failed";
  if (announce)
    send_rarp(&own);
  return "running";
}

static const char *forge(const char *line) {
  struct vr_mac mac;
  char text[18];
  unsigned n;
  if (sscanf(line, "forge %17s %u", text, &n) != 2 || !vr_mac_parse(text, &mac))
    return "not understood";
  while (n-- > 0)
    send_rarp(&mac);
  return "forged";
}

static const char *stop(void) {
  if (inside >= 0)
    close(inside);
  inside = -1;
  return "stopped";
}

static const char *obey(const char *line) {
  if (strcmp(line, "run") == 0 || strcmp(line, "quiet") == 0)
    return run(*line == 'r');
  return strcmp(line, "stop") == 0 ? stop() : forge(line);
}

static bool obey_input(void) {
  static char line[256];
  static size_t n;
  if (read(STDIN_FILENO, line + n, 1) <= 0)
    return false;
  if (line[n] != '\n') {
    n += n < sizeof(line) - 1;
    return true;
  }
  line[n] = '\0';
  n = 0;
  puts(obey(line));
  fflush(stdout);
  return true;
}

static void take_arguments(int argc, char **argv) {
  char name[IF_NAMESIZE], mac[18];
  for (int i = 1; i < argc; i++) {
    const char *at = strstr(argv[i], "ifname=");
    if (at && sscanf(at, "ifname=%15[^,]", name) == 1)
      outside = open_tap(name);
    at = strstr(argv[i], "mac=");
    if (at && sscanf(at, "mac=%17[^,]", mac) == 1)
      vr_mac_parse(mac, &own);
  }
}

int main(int argc, char **argv) {
  take_arguments(argc, argv);
  if (outside < 0)
    return 1;
  puts("ready");
  fflush(stdout);
  for (;;) {
    struct pollfd v[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                         {.fd = outside, .events = POLLIN},
                         {.fd = inside, .events = POLLIN}};
    poll(v, 3, -1);
    if (v[0].revents && !obey_input())
      return 0;
    if (v[1].revents)
      pass(outside, inside);
    if (inside >= 0 && v[2].revents)
      pass(inside, outside);
  }
}
