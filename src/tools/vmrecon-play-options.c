/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-options.h"

#include "basic/exit_status.h"

#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "vmrecon-config.h"

const char *argp_program_version = "vmrecon-play " PACKAGE_VERSION;

enum {
  KEY_RATE = 256,
  KEY_SCALE,
  KEY_START,
  KEY_SECONDS,
  KEY_LOOP,
  KEY_SEED,
  KEY_MOST,
  KEY_CHECK,
  KEY_INVERT,
  KEY_DIRECTORY,
  KEY_PEER,
  KEY_GENERATE,
  KEY_MEAN,
  KEY_DEVIATION,
  KEY_HURST,
  KEY_EPOCH,
  KEY_KIND, /* and those after it */
};

enum { HOW = 1, KINDS, GENERATOR };

#define KIND_OPTION(id, name, unit, what, ...)                                 \
  {name, KEY_KIND + VR_TOOLS_KIND_##id, "TRACE", 0, what " (" unit ")", KINDS},

static const struct argp_option option_list[] = {
    {"rate", KEY_RATE, "N", 0, "play N seconds of the traces a second", HOW},
    {"scale", KEY_SCALE, "N", 0, "N times as much of everything", HOW},
    {"start", KEY_START, "SECONDS", 0, "leave out so much of the traces", HOW},
    {"seconds", KEY_SECONDS, "N", 0, "play for N seconds, not to the end", HOW},
    {"loop", KEY_LOOP, NULL, 0, "begin again at the end", HOW},
    {"seed", KEY_SEED, "N", 0, "chooses phases, and what is generated (1)",
     HOW},
    {"most", KEY_MOST, "N", 0, "keep no more than N processes busy (64)", HOW},
    {"check", KEY_CHECK, NULL, 0,
     "print how closely the load followed, and end with 1 where it did not",
     HOW},
    {"invert", KEY_INVERT, NULL, 0,
     "print how many processes would be busy in each five seconds, and play "
     "nothing",
     HOW},
    {0, 0, 0, 0, "Other kinds of load, each with a trace of its own:", KINDS},
    VR_TOOLS_KINDS(KIND_OPTION) /* */
    {"directory", KEY_DIRECTORY, "DIR", 0,
     "where files for the disk are (/var/tmp)", KINDS},
    {"peer", KEY_PEER, "HOST:PORT", 0,
     "whom to send to, by UDP (default: this program, on the loopback)", KINDS},
    {0, 0, 0, 0, "Generated traces:", GENERATOR},
    {"generate", KEY_GENERATE, "SECONDS", 0,
     "print a trace like that of a real host, and play nothing", GENERATOR},
    {"mean", KEY_MEAN, "N", 0, "the trace's mean load (1)", GENERATOR},
    {"deviation", KEY_DEVIATION, "N", 0,
     "deviation of the number of active tasks, over the mean (0.7)", GENERATOR},
    {"hurst", KEY_HURST, "N", 0, "its Hurst parameter, 0.5 to 0.99 (0.8)",
     GENERATOR},
    {"epoch", KEY_EPOCH, "SECONDS", 0, "mean length of its epochs (300)",
     GENERATOR},
    {0}};

static double number(const char *text, double least, double largest,
                     struct argp_state *state) {
  char *end;
  double x = strtod(text, &end);
  if (end == text || *end || !(x >= least && x <= largest))
    argp_error(state, "'%s' is not a number from %g to %g", text, least,
               largest);
  return x;
}

static uint64_t whole(const char *text, struct argp_state *state) {
  char *end;
  errno = 0;
  unsigned long long n = strtoull(text, &end, 10);
  if (end == text || *end || errno || *text == '-')
    argp_error(state, "'%s' is not a whole number", text);
  return n;
}

static error_t parse_generator(int key, const char *arg,
                               struct vr_tools_play_options *o,
                               struct argp_state *state) {
  struct vr_tools_generate_options *g = &o->generate;
  switch (key) {
  case KEY_GENERATE:
    o->is_generator = true;
    g->seconds = number(arg, 5, 1e7, state);
    return 0;
  case KEY_MEAN:
    g->mean = number(arg, 0.001, 1e12, state);
    return 0;
  case KEY_DEVIATION:
    g->deviation = number(arg, 0, 10, state);
    return 0;
  case KEY_HURST:
    g->hurst = number(arg, 0.5, 0.99, state);
    return 0;
  case KEY_EPOCH:
    g->epoch = number(arg, 10, 1e6, state);
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

static error_t parse_how(int key, const char *arg,
                         struct vr_tools_play_options *o,
                         struct argp_state *state) {
  switch (key) {
  case KEY_RATE:
    o->rate = number(arg, 1e-3, 1e3, state);
    return 0;
  case KEY_SCALE:
    o->scale = number(arg, 0, 1e6, state);
    return 0;
  case KEY_START:
    o->start = number(arg, 0, 1e9, state);
    return 0;
  case KEY_SECONDS:
    o->seconds = number(arg, 1, 1e9, state);
    return 0;
  case KEY_MOST:
    o->most = number(arg, 1, 4096, state);
    return 0;
  case KEY_SEED:
    o->seed = whole(arg, state);
    return 0;
  default:
    return parse_generator(key, arg, o, state);
  }
}

static void finish(struct vr_tools_play_options *o, struct argp_state *state) {
  bool any = o->load != NULL;
  for (int i = 0; i < VR_TOOLS_KIND_COUNT; i++)
    any = any || o->kinds[i];
  if (o->is_generator == any || (o->invert && !o->load))
    argp_usage(state);
  o->generate.seed = o->kind.seed = o->seed;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct vr_tools_play_options *o = state->input;
  if (key >= KEY_KIND && key < KEY_KIND + VR_TOOLS_KIND_COUNT) {
    o->kinds[key - KEY_KIND] = arg;
    return 0;
  }
  switch (key) {
  case KEY_LOOP:
    o->loop = true;
    return 0;
  case KEY_CHECK:
    o->check = true;
    return 0;
  case KEY_INVERT:
    o->invert = true;
    return 0;
  case KEY_DIRECTORY:
    o->kind.directory = arg;
    return 0;
  case KEY_PEER:
    o->kind.peer = arg;
    return 0;
  case ARGP_KEY_ARG:
    if (o->load)
      argp_error(state, "one trace only; those of other kinds are options");
    o->load = arg;
    return 0;
  case ARGP_KEY_END:
    finish(o, state);
    return 0;
  default:
    return arg ? parse_how(key, arg, o, state) : ARGP_ERR_UNKNOWN;
  }
}

void vr_tools_play_options_parse(int argc, char **argv,
                                 struct vr_tools_play_options *ret) {
  static const struct argp argp = {
      .options = option_list,
      .parser = parse,
      .args_doc = "TRACE\n--generate=SECONDS",
      .doc =
          "Makes this machine as busy as a trace says: TRACE is a file of load "
          "averages, one a second or with times before them, an RRD file of "
          "collectd's plugin load, - for standard input, or a number. "
          "Options have traces of other kinds of load."
          "\v" VR_EXIT_HELP};
  *ret = (struct vr_tools_play_options){
      .rate = 1,
      .scale = 1,
      .seconds = INFINITY,
      .most = 64,
      .seed = 1,
      .kind = {.directory = "/var/tmp"},
      .generate = {.mean = 1, .deviation = 0.7, .hurst = 0.8, .epoch = 300},
  };
  argp_err_exit_status = VR_EXIT_USAGE;
  argp_parse(&argp, argc, argv, 0, NULL, ret);
}
