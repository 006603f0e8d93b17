/* SPDX-License-Identifier: MIT
 *
 * vmrecon-ns: the counters that collectd would report of this machine, for
 * machines without collectd: a table, or collectd's text protocol.
 */
#include "tools/vmrecon-ns-print.h"

#include "basic/exit_status.h"
#include "tools/close_output.h"
#include "tools/ended.h"

#include <argp.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vmrecon-config.h"

const char *argp_program_version = "vmrecon-ns " PACKAGE_VERSION;

struct options {
  struct vr_tools_ns_format format;
  long max;     /* rows; 0: until somebody ends it */
  double asked; /* seconds between rows; 0: nobody has said */
};

enum {
  KEY_MAX = 256,
  KEY_RATE,
  KEY_PERIOD,
  KEY_NAME,
  KEY_TIMESTAMP,
  KEY_PUTVAL
};

static const struct argp_option option_list[] = {
    {"max", KEY_MAX, "ROWS", 0, "end after ROWS rows", 0},
    {"rate", KEY_RATE, "N", 0, "N rows a second", 0},
    {"period", KEY_PERIOD, "SECONDS", 0,
     "one row every SECONDS (default: 1, or what collectd says)", 0},
    {"name", KEY_NAME, "NAME", 0,
     "the machine is called so, in a column of its own", 0},
    {"timestamp", KEY_TIMESTAMP, NULL, 0,
     "a column with the time, in seconds since 1970", 0},
    {"putval", KEY_PUTVAL, NULL, 0,
     "collectd's text protocol, for its plugins exec and unixsock", 0},
    {0}};

static double number(const char *text, struct argp_state *state) {
  char *end;
  double x = strtod(text, &end);
  if (end == text || *end || !isfinite(x) || x < 1e-3 || x > 1e6)
    argp_error(state, "'%s' is not a number from 0.001 to 1000000", text);
  return x;
}

/* Part of an identifier of collectd. */
static bool is_name(const char *text) {
  size_t n = strlen(text);
  for (const char *c = text; *c; c++)
    if (!isalnum((unsigned char)*c) && !strchr("._-:", *c))
      return false;
  return n > 0 && n < 128;
}

static void period_is(struct options *o, double seconds,
                      struct argp_state *state) {
  if (o->asked > 0)
    argp_error(state, "give a rate or a period, once");
  o->asked = seconds;
}

/* collectd's exec plugin says both in the environment. */
static void finish(struct options *o, struct argp_state *state) {
  static char host[256];
  const char *name = getenv("COLLECTD_HOSTNAME");
  const char *interval = getenv("COLLECTD_INTERVAL");
  o->format.period = o->asked > 0                   ? o->asked
                     : o->format.putval && interval ? number(interval, state)
                                                    : 1;
  if (!o->format.putval || o->format.name)
    return;
  if (name && is_name(name))
    o->format.name = name;
  else if (gethostname(host, sizeof(host) - 1) == 0 && is_name(host))
    o->format.name = host;
  else
    argp_error(state, "this machine has no usable name: give it one by --name");
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct options *o = state->input;
  switch (key) {
  case KEY_MAX:
    o->max = (long)number(arg, state);
    if (o->max < 1 || strspn(arg, "0123456789") != strlen(arg))
      argp_error(state, "'%s' is not a whole positive number", arg);
    break;
  case KEY_RATE:
    period_is(o, 1 / number(arg, state), state);
    break;
  case KEY_PERIOD:
    period_is(o, number(arg, state), state);
    break;
  case KEY_NAME:
    if (!is_name(arg))
      argp_error(state, "'%s' is no name: letters, digits and . _ - :", arg);
    o->format.name = arg;
    break;
  case KEY_TIMESTAMP:
    o->format.timestamp = true;
    break;
  case KEY_PUTVAL:
    o->format.putval = true;
    break;
  case ARGP_KEY_ARG:
    argp_error(state, "'%s' is not expected", arg);
    break;
  case ARGP_KEY_END:
    finish(o, state);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

static struct timespec as_timespec(double seconds) {
  return (struct timespec){
      .tv_sec = (time_t)seconds,
      .tv_nsec = (long)((seconds - floor(seconds)) * 1e9),
  };
}

/* The instants are fixed at the beginning, so that none is late for the one
 * before; those that have passed are left out. */
static void wait_for_next(double begun, double period) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  double now = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
  double n = floor((now - begun) / period + 1e-6) + 1;
  t = as_timespec(begun + n * period);
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Rates need a reading before: the first is no row. */
static enum vr_exit run(const struct options *o, struct vr_tools_ns_reader *r) {
  static struct vr_tools_ns_sample sample[2];
  static double value[VR_COUNTERS], total[VR_COUNTERS];
  int last = 0;
  vr_tools_ns_read(r, &sample[last]);
  if (!sample[last].machine.have_stat) {
    fprintf(stderr, "vmrecon-ns: /proc/stat cannot be read: is /proc mounted, "
                    "and this Linux 2.6 or later?\n");
    return VR_EXIT_DATA;
  }
  double begun = sample[last].clock;
  vr_tools_ns_print_head(&o->format, stdout);
  for (long n = 0; !o->max || n < o->max; n++, last = !last) {
    if (fflush(stdout) != 0)
      return VR_EXIT_OUTPUT;
    wait_for_next(begun, o->format.period);
    if (vr_tools_ended)
      return VR_EXIT_OK;
    vr_tools_ns_read(r, &sample[!last]);
    vr_tools_ns_values(&sample[last], &sample[!last], value, total);
    vr_tools_ns_print(&o->format, &sample[!last], value, total, stdout);
  }
  return VR_EXIT_OK;
}

int main(int argc, char **argv) {
  static const struct argp argp = {
      .options = option_list,
      .parser = parse,
      .doc = "Prints what collectd would report of this machine: load, "
             "processes, CPU usage, context switches, page faults, buffers, "
             "bytes of disks and network cards, and steal, one row for each "
             "period. Options may also be written with one dash (-max 10)."
             "\v" VR_EXIT_HELP};
  struct options o = {0};
  struct vr_tools_ns_reader reader;
  struct vr_error e;
  argp_err_exit_status = VR_EXIT_USAGE;
  argp_parse(&argp, argc, argv, ARGP_LONG_ONLY, NULL, &o);
  vr_tools_catch_signals();
  enum vr_exit status = VR_EXIT_OK;
  if (vr_tools_ns_open(&reader, "/proc", "/sys", &e) < 0) {
    fprintf(stderr, "vmrecon-ns: %s\n", e.message);
    status = VR_EXIT_DATA;
  } else {
    status = run(&o, &reader);
  }
  vr_tools_ns_close(&reader);
  return vr_tools_close_output("vmrecon-ns", status);
}
