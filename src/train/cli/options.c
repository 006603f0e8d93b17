/* SPDX-License-Identifier: MIT */
#include "train/cli/options.h"

#include "archive/cells.h"
#include "train/fit/choice.h"

#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <rrd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmrecon-config.h"

const char *argp_program_version = "vmrecon-train " PACKAGE_VERSION;

enum {
  OPT_START = 256,
  OPT_END,
  OPT_STEP,
  OPT_SCORE,
  OPT_EXPORT,
  OPT_JSON,
  OPT_NA,
  OPT_NB,
  OPT_NK,
  OPT_PAIR,
  OPT_GUEST,
  OPT_MIN_FIT,
  OPT_TABLE,
  OPT_OUTPUT,
  OPT_INPUT,
  OPT_DETREND,
  OPT_ESTIMATE,
  OPT_VALIDATE,
  OPT_SEARCH,
  OPT_POOL,
  OPT_KNOWN,
  OPT_NO_KNOWN,
  OPT_DAEMON,
  OPT_SOURCE,
  OPT_LIST,
  OPT_CHARACTERISE,
  OPT_COMPARE_TRUTH,
};

static const struct argp_option argp_options[] = {
    {"models", 'o', "MODELDIR", 0, "Write the models to MODELDIR/trained.json",
     1},
    {"score", OPT_SCORE, "MODELDIR", 0,
     "Compare what was published live with what the guests measured, beside "
     "the "
     "baselines in MODELDIR's models",
     1},
    {"list", OPT_LIST, 0, 0, "Show what could be trained, from when to when",
     1},
    {"characterise", OPT_CHARACTERISE, 0, 0,
     "Describe every series of hosts, VM processes and guests: moments, "
     "memory, "
     "spectrum, stationarity",
     1},
    {"compare-truth", OPT_COMPARE_TRUTH, 0, 0,
     "Leave each guest out once and compare models trained on what the others "
     "sent with models trained on what was read from their kernels",
     1},
    {"export", OPT_EXPORT, "DIR", 0,
     "With --score: write the compared series to DIR/GUEST-COUNTER.tsv", 1},
    {"json", OPT_JSON, 0, 0, "Print the report as JSON", 1},
    {"verbose", 'v', 0, 0,
     "Under each model its poles and zeros, the delays of its inputs and what "
     "is left over",
     1},
    {"jobs", 'j', "N", 0,
     "Train N guests at a time (default 1; nothing else has jobs)", 1},
    {0, 0, 0, 0, "Which data:", 2},
    {"start", OPT_START, "TIME", 0,
     "Begin of the span, in rrdtool's time syntax", 2},
    {"end", OPT_END, "TIME", 0, "End of the span (default: the last row)", 2},
    {"step", OPT_STEP, "SECONDS", 0,
     "Step of the grid (default: the finest that covers the span)", 2},
    {"daemon", OPT_DAEMON, "ADDRESS", 0,
     "Let the rrdcached there write what it holds first", 2},
    {"guest", OPT_GUEST, "NAME", 0, "Only this guest", 2},
    {"source", OPT_SOURCE, "PATTERN", 0,
     "One more series that inputs may be chosen from, such as "
     "%{host}/processes-%{guest}/ps_cputime:user (may be repeated)",
     2},
    {"pair", OPT_PAIR, "HYPERVISOR/GUEST=HOSTNAME", 0,
     "The guest's own series are recorded under HOSTNAME (may be repeated)", 2},
    {0, 0, 0, 0, "Which models:", 3},
    {"na", OPT_NA, "N", 0, "The order of A, instead of one that is chosen", 3},
    {"nb", OPT_NB, "N[,N...]", 0,
     "The order of B, for all inputs or for each (with --na; default 1)", 3},
    {"nk", OPT_NK, "N[,N...]", 0,
     "The delay, for all inputs or for each (with --na; default 0)", 3},
    {"search", OPT_SEARCH, "na=A:B,nb=A:B,nk=A:B", 0,
     "Compare all structures in these ranges", 3},
    {"pool", OPT_POOL, 0, 0,
     "Models for any guest, pooled over all in DATADIR and scored by leaving "
     "each guest out, to MODELDIR/pooled.json",
     3},
    {"known", OPT_KNOWN, "FILE|DIR", 0,
     "Generic models to try beside those estimated here (default: the shipped "
     "ones)",
     3},
    {"no-known", OPT_NO_KNOWN, 0, 0, "Try no generic models", 3},
    {"min-fit", OPT_MIN_FIT, "PERCENT", 0,
     "The target's MinFit, for the report's verdict", 3},
    {0, 0, 0, 0, "One fit of a plain table:", 4},
    {"table", OPT_TABLE, "FILE", 0,
     "Numbers in columns, by white space, commas or semicolons, with or "
     "without a line of names (then they are c1, c2, ...); - is standard input",
     4},
    {"output", OPT_OUTPUT, "NAME", 0, "The column to explain", 4},
    {"input", OPT_INPUT, "NAME[,NAME...]", 0, "The columns to explain it by",
     4},
    {"detrend", OPT_DETREND, "mean|none", 0,
     "Subtract the means of the estimation data (default: none)", 4},
    {"estimate", OPT_ESTIMATE, "FROM:TO", 0,
     "Samples to estimate on, from 1, TO included (default: all; 301: is from "
     "301 to the last)",
     4},
    {"validate", OPT_VALIDATE, "FROM:TO", 0,
     "Samples to validate on (default: those of the estimation; with --search "
     "and without --estimate the last quarter, which is held out)",
     4},
    {0},
};

/* What is done, one of these at a time. */
enum {
  DO_TRAIN = 1,
  DO_POOL = 2,
  DO_SCORE = 4,
  DO_LIST = 8,
  DO_CHARACTERISE = 16,
  DO_COMPARE = 32,
  DO_TABLE = 64,
  DO_ARCHIVE =
      DO_TRAIN | DO_POOL | DO_SCORE | DO_LIST | DO_CHARACTERISE | DO_COMPARE,
  DO_MODELS = DO_TRAIN | DO_POOL | DO_COMPARE,
};

static const struct {
  int doing;
  const char *name;
} doings[] = {{DO_TRAIN, "-o"},
              {DO_POOL, "--pool"},
              {DO_SCORE, "--score"},
              {DO_LIST, "--list"},
              {DO_CHARACTERISE, "--characterise"},
              {DO_COMPARE, "--compare-truth"},
              {DO_TABLE, "--table"}};

/* Where an option does something; those that are not here do everywhere. */
static const struct {
  int key, doing;
} uses[] = {{OPT_START, DO_ARCHIVE},
            {OPT_END, DO_ARCHIVE},
            {OPT_STEP, DO_ARCHIVE},
            {OPT_DAEMON, DO_ARCHIVE},
            {OPT_GUEST, DO_ARCHIVE},
            {OPT_SOURCE, DO_ARCHIVE},
            {OPT_PAIR, DO_ARCHIVE},
            {OPT_EXPORT, DO_SCORE},
            {OPT_POOL, DO_POOL},
            {OPT_LIST, DO_LIST},
            {OPT_CHARACTERISE, DO_CHARACTERISE},
            {OPT_COMPARE_TRUTH, DO_COMPARE},
            {OPT_NA, DO_MODELS | DO_TABLE},
            {OPT_NB, DO_MODELS | DO_TABLE},
            {OPT_NK, DO_MODELS | DO_TABLE},
            {OPT_KNOWN, DO_TRAIN},
            {OPT_NO_KNOWN, DO_TRAIN},
            {OPT_MIN_FIT, DO_TRAIN | DO_POOL},
            {OPT_OUTPUT, DO_TABLE},
            {OPT_INPUT, DO_TABLE},
            {OPT_DETREND, DO_TABLE},
            {OPT_ESTIMATE, DO_TABLE},
            {OPT_VALIDATE, DO_TABLE},
            {OPT_SEARCH, DO_TABLE}};

enum { USES = sizeof(uses) / sizeof(uses[0]) };

/* What is only checked once all options are known. */
struct parsing {
  struct vr_options *o;
  const char *start, *end;
  bool has_nb, has_nk;
  bool given[USES];
};

static double number(const char *text, double min, double max,
                     const char *option, struct argp_state *state) {
  char *rest;
  errno = 0;
  double value = strtod(text, &rest);
  if (rest == text || *rest || errno || !(value >= min && value <= max))
    argp_error(state, "%s: \"%s\" is not a number from %.10g to %.10g", option,
               text, min, max);
  return value;
}

static unsigned whole(const char *text, unsigned min, unsigned max,
                      const char *option, struct argp_state *state) {
  double value = number(text, min, max, option, state);
  if (value != floor(value))
    argp_error(state, "%s: \"%s\" is not a whole number", option, text);
  return (unsigned)value;
}

static void parse_time(const char *text, rrd_time_value_t *ret,
                       const char *option, struct argp_state *state) {
  char *message = rrd_parsetime(text, ret);
  if (message)
    argp_error(state, "%s: \"%s\": %s", option, text, message);
}

static void parse_span(struct parsing *p, struct argp_state *state) {
  rrd_time_value_t start, end;
  time_t from, to;
  if (!p->start && !p->end)
    return;
  parse_time(p->start ? p->start : "0", &start, "--start", state);
  parse_time(p->end ? p->end : "now", &end, "--end", state);
  if (rrd_proc_start_end(&start, &end, &from, &to) < 0) {
    argp_error(state, "--start, --end: %s", rrd_get_error());
    return;
  }
  if (p->start)
    p->o->span.begin = (double)from;
  if (p->end)
    p->o->span.end = (double)to;
  if (p->start && p->end && from >= to)
    argp_error(state, "--start is not before --end");
}

/* "3" or "3,1,2". */
static size_t number_list(char *text, unsigned min, unsigned max,
                          const char *option, unsigned *ret,
                          struct argp_state *state) {
  size_t n = 0;
  for (char *at = text, *item; (item = vr_cells_next(&at, ','));) {
    if (n == VR_MAX_ORDER_LIST)
      argp_error(state, "%s: more than %d numbers", option, VR_MAX_ORDER_LIST);
    ret[n++] = whole(item, min, max, option, state);
  }
  return n;
}

static void name_list(char *text, struct vr_table_options *t,
                      struct argp_state *state) {
  for (char *at = text, *item; (item = vr_cells_next(&at, ','));) {
    if (t->n_inputs == VR_MAX_TABLE_INPUTS)
      argp_error(state, "--input: more than %d names", VR_MAX_TABLE_INPUTS);
    if (*item == '\0')
      argp_error(state, "--input: an empty name");
    t->inputs[t->n_inputs++] = item;
  }
}

/* "FROM:TO", both from MIN on. */
static void pair_of(char *text, unsigned min, unsigned max, const char *option,
                    unsigned *ret_from, unsigned *ret_to,
                    struct argp_state *state) {
  char *to = text;
  char *from = strsep(&to, ":");
  *ret_from = whole(from, min, max, option, state);
  *ret_to = to ? whole(to, min, max, option, state) : *ret_from;
  if (*ret_from > *ret_to)
    argp_error(state, "%s: %u is above %u", option, *ret_from, *ret_to);
}

/* "FROM:TO"; without FROM from the first, without TO to the last. */
static void parse_samples(char *text, const char *option, struct vr_samples *s,
                          struct argp_state *state) {
  char *to = text;
  const char *from = strsep(&to, ":");
  const unsigned max = UINT_MAX - 1;
  if (!to)
    argp_error(state, "%s: \"%s\" is not FROM:TO", option, from);
  s->from = *from ? whole(from, 1, max, option, state) : 1;
  s->to = to && *to ? whole(to, 1, max, option, state) : SIZE_MAX;
  if (s->from > s->to)
    argp_error(state, "%s: %zu is above %zu", option, s->from, s->to);
}

/* "na=0:20,nb=1:17,nk=0:50"; what is left out keeps its range. */
static void parse_search(char *text, struct vr_table_options *t,
                         struct argp_state *state) {
  for (char *at = text, *item; (item = strsep(&at, ","));) {
    char *value = item;
    const char *name = strsep(&value, "=");
    struct vr_range *r = strcmp(name, "na") == 0   ? &t->search_na
                         : strcmp(name, "nb") == 0 ? &t->search_nb
                         : strcmp(name, "nk") == 0 ? &t->search_nk
                                                   : NULL;
    if (!r || !value)
      argp_error(state, "--search: \"%s\" is none of na=A:B, nb=A:B, nk=A:B",
                 item);
    else
      pair_of(value, r == &t->search_nb, VR_ORDER_MAX, "--search", &r->min,
              &r->max, state);
  }
  t->search = true;
}

static void parse_detrend(const char *text, struct vr_table_options *t,
                          struct argp_state *state) {
  if (strcmp(text, "mean") != 0 && strcmp(text, "none") != 0)
    argp_error(state, "--detrend: \"%s\" is neither mean nor none", text);
  t->detrend = strcmp(text, "mean") == 0;
}

static void check_table(struct parsing *p, struct argp_state *state) {
  const struct vr_options *o = p->o;
  if (o->data || o->models || o->score)
    argp_error(state, "--table goes without DATADIR, -o and --score");
  if (!o->table.output)
    argp_error(state, "--table needs --output NAME");
  if (o->table.n_inputs == 0)
    argp_error(state, "--table needs --input NAME");
  for (size_t i = 0; o->table.output && i < o->table.n_inputs; i++)
    if (strcmp(o->table.inputs[i], o->table.output) == 0)
      argp_error(state, "--input: \"%s\" is the output", o->table.output);
  const struct vr_given_orders *g = &o->train.orders;
  if ((g->n_nb > 1 && g->n_nb != o->table.n_inputs) ||
      (g->n_nk > 1 && g->n_nk != o->table.n_inputs))
    argp_error(state,
               "--nb and --nk: one number, or one for each of the %zu "
               "inputs",
               o->table.n_inputs);
  if (o->table.search && g->given)
    argp_error(state, "--search goes without --na, --nb and --nk");
}

static int what_to_do(const struct vr_options *o) {
  return o->table.file     ? DO_TABLE
         : o->score        ? DO_SCORE
         : o->list         ? DO_LIST
         : o->characterise ? DO_CHARACTERISE
         : o->compare      ? DO_COMPARE
         : o->pool         ? DO_POOL
                           : DO_TRAIN;
}

static const char *option_name(int key) {
  const struct argp_option *a = argp_options;
  while (a->key != key)
    a++;
  return a->name;
}

/* An option that would do nothing is a mistake. */
static void check_uses(const struct parsing *p, struct argp_state *state) {
  int doing = what_to_do(p->o);
  size_t d = 0;
  while (doings[d].doing != doing)
    d++;
  for (size_t i = 0; i < USES; i++)
    if (p->given[i] && !(uses[i].doing & doing))
      argp_error(state, "--%s is not an option of %s", option_name(uses[i].key),
                 doings[d].name);
}

/* Orders for guests, whose inputs are chosen. */
static void check_orders(const struct parsing *p, struct argp_state *state) {
  const struct vr_given_orders *g = &p->o->train.orders;
  if (g->n_nb > VR_MAX_INPUTS || g->n_nk > VR_MAX_INPUTS)
    argp_error(state, "--nb and --nk: a guest's model has at most %d inputs",
               VR_MAX_INPUTS);
  if (g->given && p->o->known)
    argp_error(state, "--known goes without --na");
}

static void check(struct parsing *p, struct argp_state *state) {
  const struct vr_options *o = p->o;
  if ((p->has_nb || p->has_nk) && !o->train.orders.given)
    argp_error(state, "--nb and --nk go with --na");
  if (o->verbose && (o->table.file || !o->models || o->pool))
    argp_error(state, "-v goes with -o MODELDIR, without --pool");
  if (o->table.file) {
    check_table(p, state);
    check_uses(p, state);
    return;
  }
  if (!o->data)
    argp_error(state, "no DATADIR given");
  if (!!o->models + !!o->score + o->list + o->characterise + o->compare != 1)
    argp_error(state, "give one of -o MODELDIR, --score MODELDIR, --list, "
                      "--characterise, --compare-truth");
  if (o->pool && !o->models)
    argp_error(state, "--pool goes with -o");
  if (o->export_to && !o->score)
    argp_error(state, "--export goes with --score");
  if (o->table.output || o->table.n_inputs)
    argp_error(state, "--output and --input go with --table");
  check_uses(p, state);
  check_orders(p, state);
  parse_span(p, state);
}

/* Options of a table's fit. */
static error_t parse_table(int key, char *arg, struct vr_options *o,
                           struct argp_state *state) {
  switch (key) {
  case OPT_TABLE:
    o->table.file = arg;
    break;
  case OPT_OUTPUT:
    o->table.output = arg;
    break;
  case OPT_INPUT:
    name_list(arg, &o->table, state);
    break;
  case OPT_DETREND:
    parse_detrend(arg, &o->table, state);
    break;
  case OPT_ESTIMATE:
    parse_samples(arg, "--estimate", &o->table.estimate, state);
    break;
  case OPT_VALIDATE:
    parse_samples(arg, "--validate", &o->table.validate, state);
    break;
  case OPT_SEARCH:
    parse_search(arg, &o->table, state);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

/* Options that say which models. */
static error_t parse_models(int key, char *arg, struct parsing *p,
                            struct argp_state *state) {
  struct vr_given_orders *g = &p->o->train.orders;
  switch (key) {
  case OPT_NA:
    g->given = true;
    g->na = whole(arg, 0, VR_ORDER_MAX, "--na", state);
    break;
  case OPT_NB:
    p->has_nb = true;
    g->n_nb = number_list(arg, 1, VR_ORDER_MAX, "--nb", g->nb, state);
    break;
  case OPT_NK:
    p->has_nk = true;
    g->n_nk = number_list(arg, 0, VR_ORDER_MAX, "--nk", g->nk, state);
    break;
  case OPT_KNOWN:
    p->o->known = arg;
    p->o->try_known = true;
    break;
  case OPT_NO_KNOWN:
    p->o->try_known = false;
    break;
  case OPT_MIN_FIT:
    p->o->min_fit = number(arg, -1e6, 100, "--min-fit", state);
    break;
  default:
    return parse_table(key, arg, p->o, state);
  }
  return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct parsing *p = state->input;
  struct vr_options *o = p->o;
  for (size_t i = 0; i < USES; i++)
    if (uses[i].key == key)
      p->given[i] = true;
  switch (key) {
  case 'o':
    o->models = arg;
    break;
  case OPT_SCORE:
    o->score = arg;
    break;
  case OPT_EXPORT:
    o->export_to = arg;
    break;
  case OPT_JSON:
    o->json = true;
    break;
  case 'v':
    o->verbose = true;
    break;
  case OPT_DAEMON:
    o->daemon = arg;
    break;
  case OPT_LIST:
    o->list = true;
    break;
  case OPT_CHARACTERISE:
    o->characterise = true;
    break;
  case OPT_COMPARE_TRUTH:
    o->compare = true;
    break;
  case 'j':
    o->jobs = whole(arg, 1, 64, "--jobs", state);
    break;
  case OPT_POOL:
    o->pool = true;
    break;
  case OPT_START:
    p->start = arg;
    break;
  case OPT_END:
    p->end = arg;
    break;
  case OPT_STEP:
    o->span.step = whole(arg, 1, 86400, "--step", state);
    break;
  case OPT_GUEST:
    o->guest = arg;
    break;
  case OPT_SOURCE:
    if (o->n_sources == VR_MAX_PAIR_OPTIONS)
      argp_error(state, "more than %d times --source", VR_MAX_PAIR_OPTIONS);
    o->sources[o->n_sources++] = arg;
    break;
  case OPT_PAIR:
    if (o->n_pairs == VR_MAX_PAIR_OPTIONS)
      argp_error(state, "more than %d times --pair", VR_MAX_PAIR_OPTIONS);
    o->pairs[o->n_pairs++] = arg;
    break;
  case ARGP_KEY_ARG:
    if (o->data)
      argp_error(state, "more than one DATADIR: \"%s\"", arg);
    o->data = arg;
    break;
  case ARGP_KEY_END:
    check(p, state);
    break;
  default:
    return parse_models(key, arg, p, state);
  }
  return 0;
}

void vr_options_parse(int argc, char **argv, struct vr_options *ret) {
  static const struct argp argp = {
      .options = argp_options,
      .parser = parse,
      .args_doc = "DATADIR -o MODELDIR\n--score MODELDIR DATADIR\n"
                  "--table FILE --output NAME --input NAME[,NAME...]",
      .doc =
          "Learns from collectd's recorded history (the RRD tree DATADIR) how "
          "the counters inside virtual machines follow from what the "
          "hypervisor host sees of them."
          "\vExit status: 0 done, 2 wrong command line, 3 no usable data, 4 "
          "output cannot be written, 5 some of it failed and the rest is "
          "done."};
  struct vr_options o = {.span = {NAN, NAN, NAN, 0},
                         .min_fit = 5,
                         .try_known = true,
                         .jobs = 1,
                         .train = {.orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}},
                         .table = {.search_na = {0, 10},
                                   .search_nb = {1, 10},
                                   .search_nk = {0, 10}}};
  struct parsing p = {.o = &o};
  argp_err_exit_status = VR_EXIT_USAGE;
  argp_parse(&argp, argc, argv, 0, NULL, &p);
  *ret = o;
}
