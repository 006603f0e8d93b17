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
#include "way.h"

#include "basic/exit_status.h"
#include "schema/host_signals.h"

#include <argp.h>
#include <error.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the command line --- */

static struct options {
  struct way_options way;
  int hosts, first_host, guests, pairs, rounds;
  double interval, seconds, start;
  bool realtime;
} o = {.way = {.server = "127.0.0.1", .port = 25826, .window = 20000},
       .hosts = 10,
       .guests = 60,
       .interval = 10,
       .seconds = 10};

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
    {"rounds", 'R', "N", 0, "and so many whole rounds at least (0)", 0},
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
    o.way.server = arg;
    break;
  case 'p':
    o.way.port = atoi(arg);
    break;
  case 'u':
    o.way.user = arg;
    break;
  case 'w':
    o.way.password = arg;
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
  case 'R':
    o.rounds = atoi(arg);
    break;
  case 'b':
    o.start = atof(arg);
    break;
  case 'T':
    o.way.tally = arg;
    break;
  case 'W':
    o.way.window = atoll(arg);
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
    way_fill_name(&vl->identifier, "vmrecon", type->name, s->type_instance);
    way_send(vl);
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
      way_fill_name(&vl->identifier, "vmrecon_net",
                    k ? "if_packets" : "if_octets", peer);
      way_send(vl);
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
    way_wait(until);
  }
  way_flush();
}

/* One round after the other until SECONDS are over, and there were enough.
 * Returns how many. */
static int send_rounds(double begin) {
  double until = begin + o.seconds;
  double first = o.start > 0 ? o.start : way_clock(CLOCK_REALTIME) - o.interval;
  int rounds = 0;
  for (;; rounds++)
    for (int h = 0; h < o.hosts; h++) {
      double phase = o.interval * (rounds + (double)h / o.hosts);
      if (o.realtime && begin + phase > way_clock(CLOCK_MONOTONIC))
        way_pause(begin + phase - way_clock(CLOCK_MONOTONIC));
      bool enough = rounds >= o.rounds;
      if (enough && way_clock(CLOCK_MONOTONIC) >= until)
        return rounds;
      send_host(h, first + (o.realtime ? phase : rounds * o.interval),
                enough ? until : INFINITY);
    }
}

int main(int argc, char **argv) {
  const struct argp argp = {.options = table,
                            .parser = parse,
                            .doc = "Sends what many hypervisor hosts send."};
  argp_parse(&argp, argc, argv, 0, NULL, NULL);
  if (o.hosts < 1 || o.guests < 0 || o.interval <= 0)
    error(VR_EXIT_USAGE, 0, "--hosts, --guests and --interval are numbers");
  way_open(&o.way);
  double begin = way_clock(CLOCK_MONOTONIC);
  int rounds = send_rounds(begin);
  double took = way_clock(CLOCK_MONOTONIC) - begin;
  struct way_sent sent = way_sent();
  printf("{\"seconds\": %.3f, \"rounds\": %d, \"lists\": %" PRIu64
         ", \"values\": %" PRIu64 ", \"packets\": %" PRIu64
         ", \"bytes\": %" PRIu64 ", \"lost\": %lu, \"cpu\": %.2f}\n",
         took, rounds, sent.lists, sent.values, sent.packets, sent.bytes,
         sent.lost, way_clock(CLOCK_PROCESS_CPUTIME_ID));
  way_close();
  return VR_EXIT_OK;
}
