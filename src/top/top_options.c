/* SPDX-License-Identifier: MIT */
#include "top_options.h"

#include "basic/exit_status.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrecon-config.h"

static const char doc[] =
    "Shows what virtual machines do, as vmrecon reconstructs it on their host: "
    "load with its bracket, CPU, steal, waiting for I/O, page faults, disk and "
    "network.\v"
    "Values come from collectd's socket (LoadPlugin unixsock), or, where "
    "nobody listens there, from this host's /proc with the models that are "
    "installed. Behind a number: nothing: measured; ~ estimated by a model; = "
    "by a law of the guest's kernel; m read from the guest's memory. Keys: h.\n"
    "\n" VR_EXIT_HELP;

enum {
  KEY_CSV = 256,
  KEY_SOCKET,
  KEY_PROC,
  KEY_SORT,
  KEY_FILTER,
  KEY_WIDTH,
  KEY_NO_QMP,
  KEY_PROC_PATH
};

static const struct argp_option option_list[] = {
    {"batch", 'b', NULL, 0, "print tables instead of filling the screen", 0},
    {"csv", KEY_CSV, NULL, 0,
     "print comma-separated values, all counters; implies --batch", 0},
    {"count", 'n', "N", 0, "end after N refreshes", 0},
    {"delay", 'd', "SECONDS", 0, "between refreshes, from 0.5 on (default: 2)",
     0},
    {"filter", KEY_FILTER, "TEXT", 0,
     "only guests whose name or host holds TEXT", 0},
    {"sort", KEY_SORT, "COLUMN", 0,
     "load (the default), cpu, steal, wait, execution, faults, switches, "
     "processes, disk, disk-read, disk-write, net, net-tx, net-rx, guest, "
     "host, state, vcpus or bracket",
     0},
    {"socket", KEY_SOCKET, "PATH", 0,
     "collectd's socket, and nothing else (tried: /run/collectd-unixsock)", 0},
    {"proc", KEY_PROC, NULL, 0, "read /proc, though a collectd may run", 0},
    {"proc-path", KEY_PROC_PATH, "PATH", OPTION_HIDDEN, "for tests", 0},
    {"no-qmp", KEY_NO_QMP, NULL, 0,
     "from /proc: ask no QMP socket (none is where a collectd runs)", 0},
    {"width", KEY_WIDTH, "COLUMNS", 0,
     "of the tables of --batch (default: 140)", 0},
    {0}};

static double number(const char *text, double min, double max,
                     struct argp_state *state) {
  char *end;
  double x = strtod(text, &end);
  if (end == text || *end || !(x >= min && x <= max))
    argp_error(state, "--delay: '%s' is not a number from %g to %g", text, min,
               max);
  return x;
}

static long whole(const char *option, const char *text, long min, long max,
                  struct argp_state *state) {
  char *end;
  errno = 0;
  long n = strtol(text, &end, 10);
  if (end == text || *end || errno || n < min || n > max)
    argp_error(state, "--%s: '%s' is not a whole number from %ld to %ld",
               option, text, min, max);
  return n;
}

struct parsed {
  struct vr_top_options *options;
  struct vr_top_view *view;
};

static error_t parse_view(int key, char *arg, struct argp_state *state) {
  struct vr_top_view *v = ((struct parsed *)state->input)->view;
  switch (key) {
  case 'd':
    v->delay = number(arg, 0.5, 86400, state);
    return 0;
  case KEY_SORT:
    if (vr_top_column_by_name(arg, &v->sort) < 0)
      argp_error(state, "there is no column '%s'", arg);
    return 0;
  case KEY_FILTER:
    snprintf(v->filter, sizeof(v->filter), "%s", arg);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

/* One source is read, not both. */
static void choose(struct vr_top_options *o, enum vr_top_source_kind kind,
                   struct argp_state *state) {
  if (o->kind != VR_TOP_EITHER && o->kind != kind)
    argp_error(state, "give --socket or --proc, not both");
  o->kind = kind;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct vr_top_options *o = ((struct parsed *)state->input)->options;
  switch (key) {
  case KEY_CSV:
    o->csv = true;
    __attribute__((fallthrough));
  case 'b':
    o->batch = true;
    break;
  case 'n':
    o->count = whole("count", arg, 1, INT32_MAX, state);
    break;
  case KEY_SOCKET:
    o->socket = arg;
    choose(o, VR_TOP_SOCKET, state);
    break;
  case KEY_PROC_PATH:
    o->proc_path = arg;
    __attribute__((fallthrough));
  case KEY_PROC:
    choose(o, VR_TOP_PROC, state);
    break;
  case KEY_NO_QMP:
    o->no_qmp = true;
    break;
  case KEY_WIDTH:
    o->width = (size_t)whole("width", arg, 80, 500, state);
    break;
  case ARGP_KEY_ARG:
    argp_error(state, "unexpected argument '%s'", arg);
    break;
  default:
    return parse_view(key, arg, state);
  }
  return 0;
}

void vr_top_options_parse(int argc, char **argv, struct vr_top_options *ret,
                          struct vr_top_view *view) {
  static const struct argp argp = {
      .options = option_list, .parser = parse, .doc = doc};
  struct parsed parsed = {ret, view};
  *ret = (struct vr_top_options){
      .socket = "/run/collectd-unixsock",
      .proc_path = "/proc",
  };
  argp_err_exit_status = VR_EXIT_USAGE;
  if (argp_parse(&argp, argc, argv, 0, NULL, &parsed) != 0)
    exit(VR_EXIT_USAGE);
}
