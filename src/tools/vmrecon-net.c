/* SPDX-License-Identifier: MIT
 *
 * vmrecon-net: who talks to whom, as table, picture, pattern and advice; and a
 * look for stale entries in forwarding databases.
 */
#include "vmrecon-net.h"

#include "basic/cleanup.h"
#include "topology/windows_file.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_GUESTS = 4000, MAX_PAIRS = 1 << 20 };

static const char doc[] =
    "Shows which guests exchange traffic, in which pattern, and where they "
    "would better run.\v"
    "Commands:\n"
    "  matrix INPUT          table of bytes per second, row to column\n"
    "  topology INPUT        applications and the pattern of each\n"
    "  dot INPUT             a picture for graphviz, with rates\n"
    "  advise INPUT          moves and swaps that take traffic off the wire\n"
    "  replay INSTANCE.json  is the advice still what the file says?\n"
    "  doctor [INPUT]        forwarding databases against where guests are\n"
    "\n"
    "INPUT is a directory that collectd's csv or rrdtool plugin has written, a "
    "JSON file of windows, or, for advise, an instance.json. Exit status: 0, "
    "1 for data that cannot be used, a replay that differs or a finding of "
    "doctor, 2 for a wrong command line.";

static const char args_doc[] =
    "matrix INPUT\ntopology INPUT\ndot INPUT\nadvise INPUT\n"
    "replay INSTANCE.json\ndoctor [INPUT]";

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
    {"max-steps", KEY_STEPS, "N", 0, "advise: at most N steps (default 12)", 0},
    {"least-gain", KEY_GAIN, "PERCENT", 0,
     "advise: a step takes at least that part of all bytes off the wire "
     "(default 1)",
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

enum vr_tools_exit vr_tools_failed(const struct vr_error *error) {
  fprintf(stderr, "vmrecon-net: %s\n", error->message);
  return VR_TOOLS_DATA;
}

void vr_tools_input_clear(struct vr_tools_input *in) {
  vr_windows_clear(&in->windows);
  vr_survey_clear(&in->survey);
  vr_matrix_clear(&in->matrix);
}

/* "CPUS:MEMORY:NIC", each may be empty. */
static int take_limit(struct vr_survey *s, const struct vr_tools_pair *pair,
                      struct vr_error *ret_error) {
  double x[3] = {NAN, NAN, NAN};
  const char *at = pair->value;
  for (int i = 0; i < 3 && at; i++) {
    char *end = (char *)(uintptr_t)at;
    if (*at && *at != ':')
      x[i] = strtod(at, &end);
    if ((*end && *end != ':') || x[i] < 0)
      return vr_error_set(ret_error, -EINVAL,
                          "--host %.100s: \"%.100s\" is not "
                          "CPUS:MEMORY:NIC",
                          pair->name, pair->value);
    at = *end ? end + 1 : NULL;
  }
  return vr_survey_set_host(s, pair->name, x[0], x[1], x[2]);
}

int vr_tools_input_read(const struct vr_tools_options *o,
                        struct vr_tools_input *ret,
                        struct vr_error *ret_error) {
  struct stat st;
  vr_windows_init(&ret->windows, MAX_GUESTS, MAX_PAIRS);
  vr_survey_init(&ret->survey, MAX_GUESTS);
  ret->survey.overcommit = o->overcommit;
  if (stat(o->input, &st) < 0)
    return vr_error_set(ret_error, -errno, "%s: %s", o->input, strerror(errno));
  int r =
      S_ISDIR(st.st_mode)
          ? vr_tools_archive_read(o, &ret->windows, &ret->survey, ret_error)
          : vr_windows_read(o->input, &ret->windows, &ret->survey, ret_error);
  for (size_t i = 0; r == 0 && i < o->n_limits; i++)
    r = take_limit(&ret->survey, &o->limits[i], ret_error);
  if (r < 0)
    return r;
  r = vr_windows_matrix(&ret->windows, &ret->matrix);
  return r < 0 ? vr_error_set(ret_error, r, "%s: %s", o->input, strerror(-r))
               : 0;
}

static const struct {
  const char *name;
  enum vr_tools_exit (*run)(const struct vr_tools_options *o,
                            const struct vr_tools_input *in);
} on_input[] = {{"matrix", vr_tools_matrix},
                {"topology", vr_tools_topology},
                {"dot", vr_tools_dot},
                {"advise", vr_tools_advise}};

static bool is_instance(const char *path) {
  char head[512] = "";
  vr_auto_fclose FILE *f = fopen(path, "re");
  size_t n = f ? fread(head, 1, sizeof(head) - 1, f) : 0;
  head[n] = '\0';
  return strstr(head, "vmrecon-instance") != NULL;
}

static enum vr_tools_exit run(const struct vr_tools_options *o) {
  struct vr_error error;
  vr_cleanup(vr_tools_input_clear) struct vr_tools_input in = {0};
  if (strcmp(o->command, "doctor") == 0)
    return vr_tools_doctor(o);
  if (strcmp(o->command, "replay") == 0)
    return vr_tools_replay(o);
  if (strcmp(o->command, "advise") == 0 && is_instance(o->input))
    return vr_tools_advise_file(o);
  if (vr_tools_input_read(o, &in, &error) < 0)
    return vr_tools_failed(&error);
  for (size_t i = 0; i < sizeof(on_input) / sizeof(on_input[0]); i++)
    if (strcmp(o->command, on_input[i].name) == 0)
      return on_input[i].run(o, &in);
  return VR_TOOLS_USAGE;
}

static bool is_command(const char *name) {
  for (size_t i = 0; i < sizeof(on_input) / sizeof(on_input[0]); i++)
    if (strcmp(name, on_input[i].name) == 0)
      return true;
  return strcmp(name, "doctor") == 0 || strcmp(name, "replay") == 0;
}

int main(int argc, char **argv) {
  static const struct argp argp = {.options = option_list,
                                   .parser = parse,
                                   .args_doc = args_doc,
                                   .doc = doc};
  static struct vr_tools_options o = {
      .max_steps = NAN, .least_gain = NAN, .overcommit = 4};
  argp_err_exit_status = VR_TOOLS_USAGE;
  if (argp_parse(&argp, argc, argv, 0, NULL, &o) != 0)
    return VR_TOOLS_USAGE;
  if (!o.command || !is_command(o.command) ||
      (!o.input && strcmp(o.command, "doctor") != 0)) {
    argp_help(&argp, stderr, ARGP_HELP_STD_ERR, program_invocation_short_name);
    return VR_TOOLS_USAGE;
  }
  enum vr_tools_exit e = run(&o);
  /* What was printed is known to have arrived only now. */
  bool failed = ferror(stdout) != 0;
  if (fclose(stdout) != 0 || failed) {
    fprintf(stderr, "vmrecon-net: standard output: %s\n", strerror(errno));
    e = VR_TOOLS_DATA;
  }
  return e;
}
