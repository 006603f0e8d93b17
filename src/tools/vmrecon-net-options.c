/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-net-options.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmrecon-config.h"

const char *argp_program_version = "vmrecon-net " PACKAGE_VERSION;

static const char doc[] =
    "Shows which guests exchange traffic, in which pattern, and where they "
    "would better run.\v"
    "Commands:\n"
    "  matrix INPUT          table of bytes per second, row to column\n"
    "  topology INPUT        applications and the pattern of each\n"
    "  dot INPUT             a picture for graphviz, with rates\n"
    "  advise INPUT          moves and swaps that take traffic off the wire\n"
    "  paths INSTANCE.json   ways between hosts that would carry more\n"
    "  replay INSTANCE.json  is the advice still what the file says?\n"
    "  doctor [INPUT]        forwarding databases against where guests are\n"
    "  overlay [STATE.json]  what the plugin vmrecon_overlay knows here\n"
    "  overlay remove        takes away all that it has made on this host\n"
    "  train ADDRESS         what the way to another host carries, measured\n"
    "  train answer          waits for that on the other host\n"
    "\n"
    "INPUT is a directory that collectd's csv or rrdtool plugin has written, a "
    "JSON file of windows, or, for advise and dot, an "
    "instance.json.\n" VR_EXIT_HELP;

static const char args_doc[] =
    "matrix INPUT\ntopology INPUT\ndot INPUT\nadvise INPUT\n"
    "paths INSTANCE.json\nreplay INSTANCE.json\ndoctor [INPUT]\noverlay "
    "[STATE.json|remove]\ntrain ADDRESS|answer";

enum {
  KEY_HUB = 256,
  KEY_APART,
  KEY_FDB,
  KEY_TUNNEL,
  KEY_LIMIT,
  KEY_SELF,
  KEY_PLACES,
  KEY_STEP,
  KEY_AT,
  KEY_STEPS,
  KEY_GAIN,
  KEY_OVERCOMMIT
};

static const struct argp_option option_list[] = {
    {"json", 'j', NULL, 0, "print JSON", 0},
    {"step", KEY_STEP, "SECONDS", 0,
     "length of a window of an archive (default: the archive's step)", 0},
    {"at", KEY_AT, "TIME", 0,
     "end of the last window, seconds since the epoch (default: the newest)",
     0},
    {"hub", KEY_HUB, "GUEST", 0,
     "topology: GUEST is a service such as DNS or backup, and no member of an "
     "application",
     0},
    {"apart", KEY_APART, "GUEST,GUEST", 0,
     "advise: these two must not share a host", 0},
    {"host", KEY_LIMIT, "HOST=CPUS:MEMORY:NIC", 0,
     "advise: what HOST has: CPUs for vCPUs, bytes, bytes per second; each may "
     "be empty",
     0},
    {"overcommit", KEY_OVERCOMMIT, "N", 0,
     "advise: vCPUs for each CPU of a host (default 4)", 0},
    {"max-steps", KEY_STEPS, "N", 0, "advise: at most N steps (default 50)", 0},
    {"least-gain", KEY_GAIN, "PERCENT", 0,
     "advise: a step takes at least that part of all bytes off the wire "
     "(default 0.1)",
     0},
    {"fdb", KEY_FDB, "HOST=FILE", 0,
     "doctor: what \"bridge -j fdb show\" printed on HOST", 0},
    {"tunnel", KEY_TUNNEL, "HOST=ADDRESS", 0,
     "doctor: HOST's end of VXLAN tunnels (default: what most entries say)", 0},
    {"self", KEY_SELF, "HOST", 0,
     "doctor: this machine is HOST; ask bridge(8) here, too", 0},
    {"places", KEY_PLACES, "FILE", 0,
     "doctor: where guests are: lines of MAC HOST GUEST", 0},
    {0}};

static double number(const char *text, double max, struct argp_state *state) {
  char *end;
  double x = strtod(text, &end);
  if (end == text || *end || !(x >= 0 && x <= max))
    argp_error(state, "'%s' is not a number from 0 to %g", text, max);
  return x;
}

/* Splits "NAME=VALUE" in place. */
static void add_pair(struct vr_tools_pair *list, size_t *n, char *text,
                     char separator, struct argp_state *state) {
  char *at = strchr(text, separator);
  if (*n == VR_TOOLS_PAIRS)
    argp_error(state, "too many options of a kind");
  if (!at || at == text || !at[1])
    argp_error(state, "'%s' is not of the form NAME%cVALUE", text, separator);
  *at = '\0';
  list[(*n)++] = (struct vr_tools_pair){text, at + 1};
}

static void take_argument(struct vr_tools_options *o, const char *arg,
                          struct argp_state *state) {
  if (!o->command)
    o->command = arg;
  else if (!o->input)
    o->input = arg;
  else
    argp_error(state, "one INPUT only");
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct vr_tools_options *o = state->input;
  switch (key) {
  case 'j':
    o->json = true;
    break;
  case KEY_STEP:
    o->step = number(arg, 86400, state);
    break;
  case KEY_AT:
    o->at = number(arg, 1e12, state);
    break;
  case KEY_STEPS:
    o->max_steps = number(arg, 10000, state);
    break;
  case KEY_GAIN:
    o->least_gain = number(arg, 100, state) / 100;
    break;
  case KEY_OVERCOMMIT:
    o->overcommit = number(arg, 1e6, state);
    break;
  case KEY_HUB:
    if (o->n_hubs == VR_TOOLS_PAIRS)
      argp_error(state, "too many options of a kind");
    o->hubs[o->n_hubs++] = arg;
    break;
  case KEY_APART:
    add_pair(o->apart, &o->n_apart, arg, ',', state);
    break;
  case KEY_FDB:
    add_pair(o->fdb, &o->n_fdb, arg, '=', state);
    break;
  case KEY_TUNNEL:
    add_pair(o->tunnels, &o->n_tunnels, arg, '=', state);
    break;
  case KEY_LIMIT:
    add_pair(o->limits, &o->n_limits, arg, '=', state);
    break;
  case KEY_SELF:
    o->self = arg;
    break;
  case KEY_PLACES:
    o->places = arg;
    break;
  case ARGP_KEY_ARG:
    take_argument(o, arg, state);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

enum vr_exit vr_tools_failed(const struct vr_error *error) {
  fprintf(stderr, "vmrecon-net: %s\n", error->message);
  return VR_EXIT_DATA;
}

static bool is_command(const char *name) {
  static const char *const names[] = {"matrix",  "topology", "dot",
                                      "advise",  "replay",   "doctor",
                                      "overlay", "paths",    "train"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    if (strcmp(name, names[i]) == 0)
      return true;
  return false;
}

static const char *what_it_needs(const char *command) {
  if (strcmp(command, "train") == 0)
    return "the ADDRESS of the other host, or the word answer";
  if (strcmp(command, "paths") == 0 || strcmp(command, "replay") == 0)
    return "an INSTANCE.json, as vmrecon_topology writes it";
  return "an INPUT, such as /var/lib/collectd/rrd";
}

static void print_what_is_missing(const struct vr_tools_options *o) {
  fputs("vmrecon-net: ", stderr);
  if (!o->command)
    fputs("a command is missing, such as matrix or topology\n", stderr);
  else if (!is_command(o->command))
    fprintf(stderr, "there is no command '%s'\n", o->command);
  else
    fprintf(stderr, "%s needs %s\n", o->command, what_it_needs(o->command));
}

void vr_tools_options_parse(int argc, char **argv,
                            struct vr_tools_options *ret) {
  static const struct argp argp = {.options = option_list,
                                   .parser = parse,
                                   .args_doc = args_doc,
                                   .doc = doc};
  *ret = (struct vr_tools_options){
      .max_steps = NAN, .least_gain = NAN, .overcommit = 4};
  argp_err_exit_status = VR_EXIT_USAGE;
  if (argp_parse(&argp, argc, argv, 0, NULL, ret) != 0)
    exit(VR_EXIT_USAGE);
  if (ret->command && is_command(ret->command) &&
      (ret->input || strcmp(ret->command, "doctor") == 0 ||
       strcmp(ret->command, "overlay") == 0))
    return;
  print_what_is_missing(ret);
  argp_help(&argp, stderr, ARGP_HELP_STD_ERR, program_invocation_short_name);
  exit(VR_EXIT_USAGE);
}
