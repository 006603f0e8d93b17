/* SPDX-License-Identifier: MIT */
#include "way.h"

#include "basic/exit_status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

double way_clock(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void way_pause(double seconds) {
  const struct timespec t = {(time_t)seconds,
                             (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

enum {
  PACKET = LCC_NETWORK_BUFFER_SIZE_DEFAULT,
  SHA256 = 32,
  MOST_WAITING = 100000, /* bytes: half of what a socket holds by default */
  SOCKET_EVERY = 8,      /* packets */
  NUDGE_EVERY = 20       /* pauses */
};

static struct way_options o;
static struct {
  int fd;
  gcry_md_hd_t digest; /* NULL: nothing is signed */
  lcc_network_buffer_t *buffer;
  size_t in_buffer;
  const struct vr_tally *tally;
  uint64_t taken_before; /* by the daemon, of earlier runs */
  unsigned long lost_before;
  struct way_sent sent;
} way;

static uint64_t taken(void) {
  return atomic_load(&way.tally->lists[VR_TALLY_RAW]) +
         atomic_load(&way.tally->lists[VR_TALLY_PAIRS]);
}

/* Bytes that wait in the daemon's socket, and packets that found it full. */
static void look_at_socket(unsigned long *ret_waiting,
                           unsigned long *ret_lost) {
  char line[512];
  FILE *f = fopen("/proc/net/udp", "re");
  while (f && fgets(line, sizeof(line), f)) {
    unsigned port;
    unsigned long waiting, lost;
    if (sscanf(line,
               " %*d: %*x:%x %*x:%*x %*x %*x:%lx %*x:%*x %*x %*u %*u %*u %*u "
               "%*x %lu",
               &port, &waiting, &lost) == 3 &&
        port == (unsigned)o.port) {
      *ret_waiting = waiting;
      *ret_lost = lost;
    }
  }
  if (f)
    fclose(f);
}

/* Puts what PACKET holds behind its signature: a part of its own, of the type
 * 0x0200, with HMAC-SHA256 over the user's name and all that follows. The
 * library signs, too, but not where it may lock memory: it takes
 * GCRYCTL_INIT_SECMEM's success for a failure (5.12). Returns the length. */
static size_t sign(const char *packet, size_t n, char *ret) {
  size_t user = strlen(o.user), head = 4 + SHA256 + user;
  const uint16_t part[] = {htons(0x0200), htons((uint16_t)head)};
  memcpy(ret, part, sizeof(part));
  memcpy(ret + 4 + SHA256, o.user, user);
  memcpy(ret + head, packet, n);
  gcry_md_reset(way.digest);
  gcry_md_write(way.digest, ret + 4 + SHA256, user + n);
  memcpy(ret + 4, gcry_md_read(way.digest, GCRY_MD_SHA256), SHA256);
  return head + n;
}

void way_flush(void) {
  char packet[PACKET], signed_packet[PACKET];
  const char *data = packet;
  size_t size = sizeof(packet);
  if (way.in_buffer == 0)
    return;
  if (lcc_network_buffer_finalize(way.buffer) != 0 ||
      lcc_network_buffer_get(way.buffer, packet, &size) != 0)
    error(VR_EXIT_DATA, 0, "a packet could not be made");
  if (way.digest) {
    size = sign(packet, size, signed_packet);
    data = signed_packet;
  }
  if (send(way.fd, data, size, 0) < 0 && errno != ECONNREFUSED)
    error(VR_EXIT_DATA, errno, "%s", o.server);
  way.sent.packets++;
  way.sent.bytes += size;
  way.in_buffer = 0;
  lcc_network_buffer_initialize(way.buffer);
}

void way_fill_name(lcc_identifier_t *id, const char *plugin, const char *type,
                   const char *instance) {
  snprintf(id->plugin, sizeof(id->plugin), "%s", plugin);
  snprintf(id->type, sizeof(id->type), "%s", type);
  snprintf(id->type_instance, sizeof(id->type_instance), "%s", instance);
}

void way_send(const lcc_value_list_t *vl) {
  if (lcc_network_buffer_add_value(way.buffer, vl) != 0) {
    way_flush();
    if (lcc_network_buffer_add_value(way.buffer, vl) != 0)
      error(VR_EXIT_DATA, 0, "a value list fits into no packet");
  }
  way.in_buffer++;
  way.sent.lists++;
  way.sent.values += vl->values_len;
}

/* collectd's receiving thread keeps packets to itself where the list is busy
 * that it should append them to, until it has received another one. */
static void send_nudge(void) {
  lcc_value_list_t vl = LCC_VALUE_LIST_INIT;
  value_t value = {.gauge = 1};
  int kind = LCC_TYPE_GAUGE;
  vl.values = &value;
  vl.values_types = &kind;
  vl.values_len = 1;
  vl.time = way_clock(CLOCK_REALTIME);
  vl.interval = 1;
  way_fill_name(&vl.identifier, "nudge", "gauge", "");
  way_send(&vl);
  way_flush();
}

static bool is_full(bool look) {
  unsigned long waiting = 0, lost;
  if (look)
    look_at_socket(&waiting, &lost);
  int64_t on_the_way =
      way.tally ? (int64_t)(way.sent.lists - (taken() - way.taken_before)) : 0;
  return waiting > MOST_WAITING || on_the_way > o.window;
}

void way_wait(double until) {
  int pauses = 0;
  while (is_full(pauses > 0 || way.sent.packets % SOCKET_EVERY == 0) &&
         way_clock(CLOCK_MONOTONIC) < until) {
    way_pause(0.0003);
    if (++pauses % NUDGE_EVERY == 0)
      send_nudge();
  }
}

static void open_tally(void) {
  int fd = open(o.tally, O_RDONLY | O_CLOEXEC);
  void *map = fd < 0 ? MAP_FAILED
                     : mmap(NULL, sizeof(struct vr_tally), PROT_READ,
                            MAP_SHARED, fd, 0);
  if (map == MAP_FAILED)
    error(VR_EXIT_DATA, errno, "%s", o.tally);
  close(fd);
  way.tally = map;
  way.taken_before = taken();
}

static void begin_signing(void) {
  if (!gcry_check_version(NULL) || strlen(o.user) > 64 ||
      gcry_md_open(&way.digest, GCRY_MD_SHA256, GCRY_MD_FLAG_HMAC) != 0 ||
      gcry_md_setkey(way.digest, o.password, strlen(o.password)) != 0)
    error(VR_EXIT_DATA, 0, "libgcrypt cannot sign for %s", o.user);
  gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

void way_open(const struct way_options *options) {
  unsigned long waiting;
  o = *options;
  struct sockaddr_in to = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)o.port)};
  way.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (inet_pton(AF_INET, o.server, &to.sin_addr) != 1 || way.fd < 0 ||
      connect(way.fd, (struct sockaddr *)&to, sizeof(to)) < 0)
    error(VR_EXIT_USAGE, errno, "%s", o.server);
  size_t head = o.user && o.password ? 4 + SHA256 + strlen(o.user) : 0;
  if (head > 0)
    begin_signing();
  way.buffer = lcc_network_buffer_create(PACKET - head);
  if (!way.buffer)
    error(VR_EXIT_DATA, 0, "out of memory");
  lcc_network_buffer_initialize(way.buffer);
  if (o.tally)
    open_tally();
  look_at_socket(&waiting, &way.lost_before);
}

void way_close(void) { lcc_network_buffer_destroy(way.buffer); }

struct way_sent way_sent(void) {
  unsigned long waiting, lost = way.lost_before;
  look_at_socket(&waiting, &lost);
  way.sent.lost = lost - way.lost_before;
  return way.sent;
}
