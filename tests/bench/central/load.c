/* SPDX-License-Identifier: MIT
 *
 * central-load: what many hypervisor hosts send to a central collectd, over its
 * network plugin's protocol, signed. Each host's guests have every series of
 * the table of host signals, as the read plugin sends them, and optionally
 * traffic of pairs, as vmrecon_net does.
 *
 * Without --realtime it sends as fast as the daemon takes values in: its socket
 * is never full, and no more than a window of value lists is on the way, by the
 * daemon's own count (tally.h). With it each host sends at its own instant of
 * the interval. Prints one line of JSON.
 */
#include "tally.h"

#include "basic/exit_status.h"
#include "schema/host_signals.h"

#include <collectd/client.h>
#include <collectd/network_buffer.h>

#include <argp.h>
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* --- the command line --- */

static struct options {
  const char *server, *user, *password, *tally;
  int port, hosts, first_host, guests, pairs;
  double interval, seconds, start;
  int64_t window;
  bool realtime;
} o = {.server = "127.0.0.1",
       .port = 25826,
       .hosts = 10,
       .guests = 60,
       .interval = 10,
       .seconds = 10,
       .window = 20000};

static const struct argp_option table[] = {
    {"server", 's', "ADDRESS", 0, "IPv4 address of the daemon", 0},
    {"port", 'p', "PORT", 0, "its port (25826)", 0},
    {"user", 'u', "NAME", 0, "who signs", 0},
    {"password", 'w', "WORD", 0, "with what; without both nothing is signed",
     0},
    {"hosts", 'n', "N", 0, "hypervisor hosts (10)", 0},
    {"first-host", 'f', "N", 0, "the number of the first of them (0)", 0},
    {"guests", 'g', "N", 0, "guests of each host (60)", 0},
    {"pairs", 'P', "N", 0, "peers of each guest (0)", 0},
    {"interval", 'i', "SECONDS", 0, "of the values (10)", 0},
    {"seconds", 't', "SECONDS", 0, "how long to send (10)", 0},
    {"start", 'b', "TIME", 0,
     "time of the first values, seconds since 1970 (now less an interval)", 0},
    {"tally", 'T', "FILE", 0, "what the daemon counts in", 0},
    {"window", 'W', "N", 0, "value lists on the way at most (20000)", 0},
    {"realtime", 'r', NULL, 0, "one round in each interval, by the clock", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state) {
  switch (key) {
  case 's':
    o.server = arg;
    break;
  case 'p':
    o.port = atoi(arg);
    break;
  case 'u':
    o.user = arg;
    break;
  case 'w':
    o.password = arg;
    break;
  case 'n':
    o.hosts = atoi(arg);
    break;
  case 'f':
    o.first_host = atoi(arg);
    break;
  case 'g':
    o.guests = atoi(arg);
    break;
  case 'P':
    o.pairs = atoi(arg);
    break;
  case 'i':
    o.interval = atof(arg);
    break;
  case 't':
    o.seconds = atof(arg);
    break;
  case 'b':
    o.start = atof(arg);
    break;
  case 'T':
    o.tally = arg;
    break;
  case 'W':
    o.window = atoll(arg);
    break;
  case 'r':
    o.realtime = true;
    break;
  case ARGP_KEY_ARG:
    argp_usage(state);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

/* --- time --- */

static double clock_now(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void pause_for(double seconds) {
  const struct timespec t = {(time_t)seconds,
                             (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&t, NULL);
}

/* --- the way to the daemon --- */

enum {
  PACKET = LCC_NETWORK_BUFFER_SIZE_DEFAULT,
  SHA256 = 32,
  MOST_WAITING = 100000, /* bytes: half of what a socket holds by default */
  SOCKET_EVERY = 8,      /* packets */
  NUDGE_EVERY = 20       /* pauses */
};

static struct {
  int fd;
  gcry_md_hd_t digest; /* NULL: nothing is signed */
  lcc_network_buffer_t *buffer;
  size_t in_buffer;
  const struct vr_tally *tally;
  uint64_t taken_before;                  /* by the daemon, of earlier runs */
  uint64_t lists, values, bytes, packets; /* sent */
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

static void send_buffer(void) {
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
  way.packets++;
  way.bytes += size;
  way.in_buffer = 0;
  lcc_network_buffer_initialize(way.buffer);
}

static void fill_name(lcc_identifier_t *id, const char *plugin,
                      const char *type, const char *instance) {
  snprintf(id->plugin, sizeof(id->plugin), "%s", plugin);
  snprintf(id->type, sizeof(id->type), "%s", type);
  snprintf(id->type_instance, sizeof(id->type_instance), "%s", instance);
}

static void send_list(const lcc_value_list_t *vl) {
  if (lcc_network_buffer_add_value(way.buffer, vl) != 0) {
    send_buffer();
    if (lcc_network_buffer_add_value(way.buffer, vl) != 0)
      error(VR_EXIT_DATA, 0, "a value list fits into no packet");
  }
  way.in_buffer++;
  way.lists++;
  way.values += vl->values_len;
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
  vl.time = clock_now(CLOCK_REALTIME);
  vl.interval = 1;
  fill_name(&vl.identifier, "nudge", "gauge", "");
  send_list(&vl);
  send_buffer();
}

static bool is_full(bool look) {
  unsigned long waiting = 0, lost;
  if (look)
    look_at_socket(&waiting, &lost);
  int64_t on_the_way =
      way.tally ? (int64_t)(way.lists - (taken() - way.taken_before)) : 0;
  return waiting > MOST_WAITING || on_the_way > o.window;
}

static void wait_for_room(double until) {
  int pauses = 0;
  while (is_full(pauses > 0 || way.packets % SOCKET_EVERY == 0) &&
         clock_now(CLOCK_MONOTONIC) < until) {
    pause_for(0.0003);
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

static void open_way(void) {
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
}

/* --- what is sent --- */

/* A plausible number: rates and levels differ between guests and in time. */
static value_t value_of(const struct vr_signal_info *s, enum vr_kind kind,
                        unsigned guest, double t) {
  double scale = s->uses[0].scale > 0 ? s->uses[0].scale : 1;
  double rate = (0.1 + 0.05 * (guest % 7)) / scale;
  if (kind == VR_GAUGE)
    return (value_t){.gauge = (s->unit[0] == 'n' ? 1 : rate) +
                              (double)((unsigned)t % 5) * rate / 10};
  return (value_t){.derive = (derive_t)(rate * t)};
}

/* What guests are rather than do: the same at all times. */
static bool constant_of(enum vr_signal_id id, value_t *ret) {
  switch (id) {
  case VR_SIGNAL_CONFIGURED_VCPUS:
    ret->gauge = 2;
    return true;
  case VR_SIGNAL_CONFIGURED_MEMORY:
    ret->gauge = 0x1p32;
    return true;
  case VR_SIGNAL_CONFIGURED_ACCELERATOR: /* KVM, as a server's guests have */
    ret->gauge = 2;
    return true;
  case VR_SIGNAL_OS:
  case VR_SIGNAL_STEAL_CLOCK:
    ret->gauge = 1;
    return true;
  default:
    return false;
  }
}

/* The series of GROUPS, in the order of the table. */
static void send_signals(lcc_value_list_t *vl, bool of_host, unsigned guest) {
  value_t values[VR_TYPE_MAX_SOURCES];
  int kinds[VR_TYPE_MAX_SOURCES];
  for (int i = 0; i < VR_SIGNALS; i++) {
    enum vr_signal_id id = (enum vr_signal_id)i;
    const struct vr_signal_info *s = vr_schema_signal(id);
    const struct vr_type_info *type = vr_schema_type(s->type);
    if ((s->group == VR_HOST) != of_host || !vr_schema_signal_emitted(id, 0))
      continue;
    for (size_t k = 0; k < type->n_sources; k++) {
      kinds[k] = type->kind == VR_GAUGE ? LCC_TYPE_GAUGE : LCC_TYPE_DERIVE;
      if (!constant_of(id, &values[k]))
        values[k] = value_of(s, type->kind, guest, vl->time);
    }
    vl->values = values;
    vl->values_types = kinds;
    vl->values_len = type->n_sources;
    fill_name(&vl->identifier, "vmrecon", type->name, s->type_instance);
    send_list(vl);
  }
}

static void send_pairs(lcc_value_list_t *vl, unsigned guest) {
  int kinds[] = {LCC_TYPE_DERIVE, LCC_TYPE_DERIVE};
  value_t values[2];
  vl->values = values;
  vl->values_types = kinds;
  vl->values_len = 2;
  for (int p = 0; p < o.pairs; p++) {
    char peer[13];
    snprintf(peer, sizeof(peer), "525400%06x", guest + (unsigned)p + 1);
    for (int k = 0; k < 2; k++) {
      values[0].derive = (derive_t)(vl->time * (k ? 10 : 10000));
      values[1].derive = values[0].derive / 2;
      fill_name(&vl->identifier, "vmrecon_net", k ? "if_packets" : "if_octets",
                peer);
      send_list(vl);
    }
  }
}

/* All that host HOST has to say at time T. UNTIL: when to give up waiting. */
static void send_host(int host, double t, double until) {
  lcc_value_list_t vl = LCC_VALUE_LIST_INIT;
  vl.time = t;
  vl.interval = o.interval;
  snprintf(vl.identifier.host, sizeof(vl.identifier.host), "hv%05d",
           o.first_host + host);
  vl.identifier.plugin_instance[0] = '\0';
  send_signals(&vl, true, 0);
  for (int g = 0; g < o.guests; g++) {
    unsigned number = (unsigned)((o.first_host + host) * o.guests + g);
    snprintf(vl.identifier.plugin_instance,
             sizeof(vl.identifier.plugin_instance), "guest-%u", number);
    send_signals(&vl, false, number);
    send_pairs(&vl, number);
    wait_for_room(until);
  }
  send_buffer();
}

/* One round after the other until SECONDS are over. Returns how many. */
static int send_rounds(double begin) {
  double until = begin + o.seconds;
  double first = o.start > 0 ? o.start : clock_now(CLOCK_REALTIME) - o.interval;
  int rounds = 0;
  for (;; rounds++)
    for (int h = 0; h < o.hosts; h++) {
      double phase = o.interval * (rounds + (double)h / o.hosts);
      if (o.realtime && begin + phase > clock_now(CLOCK_MONOTONIC))
        pause_for(begin + phase - clock_now(CLOCK_MONOTONIC));
      if (clock_now(CLOCK_MONOTONIC) >= until)
        return rounds;
      send_host(h, first + (o.realtime ? phase : rounds * o.interval), until);
    }
}

int main(int argc, char **argv) {
  const struct argp argp = {.options = table,
                            .parser = parse,
                            .doc = "Sends what many hypervisor hosts send."};
  argp_parse(&argp, argc, argv, 0, NULL, NULL);
  if (o.hosts < 1 || o.guests < 0 || o.interval <= 0)
    error(VR_EXIT_USAGE, 0, "--hosts, --guests and --interval are numbers");
  open_way();
  unsigned long waiting = 0, lost_before = 0, lost = 0;
  look_at_socket(&waiting, &lost_before);
  double begin = clock_now(CLOCK_MONOTONIC);
  int rounds = send_rounds(begin);
  double took = clock_now(CLOCK_MONOTONIC) - begin;
  look_at_socket(&waiting, &lost);
  printf("{\"seconds\": %.3f, \"rounds\": %d, \"lists\": %" PRIu64
         ", \"values\": %" PRIu64 ", \"packets\": %" PRIu64
         ", \"bytes\": %" PRIu64 ", \"lost\": %lu, \"cpu\": %.2f}\n",
         took, rounds, way.lists, way.values, way.packets, way.bytes,
         lost - lost_before, clock_now(CLOCK_PROCESS_CPUTIME_ID));
  lcc_network_buffer_destroy(way.buffer);
  return VR_EXIT_OK;
}
