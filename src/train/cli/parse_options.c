/* SPDX-License-Identifier: MIT */
#include "train/cli/parse_options.h"

#include "train/cli/option_checks.h"
#include "train/cli/option_values.h"

#include <argp.h>
#include <math.h>

#include "vmrecon-config.h"

const char *argp_program_version = "vmrecon-train " PACKAGE_VERSION;

static const struct argp_option argp_options[] = {
    {"models", 'o', "MODELDIR", 0, "Write the models to MODELDIR/trained.json",
     1},
    {"score", VR_OPT_SCORE, "MODELDIR", 0,
     "Compare what was published live with what the guests measured, beside "
     "the "
     "baselines in MODELDIR's models",
     1},
    {"compare", VR_OPT_COMPARE, "DIR", 0,
     "Compare the models of two directories, --compare DIR1 DIR2, on the same "
     "history",
     1},
    {"rollback", VR_OPT_ROLLBACK, "MODELDIR", 0,
     "Bring back the models that were in MODELDIR before the last training "
     "(with --pool: before the last pooling)",
     1},
    {"list", VR_OPT_LIST, 0, 0,
     "Show what could be trained, from when to when, and for what it is enough",
     1},
    {"characterise", VR_OPT_CHARACTERISE, 0, 0,
     "Describe every series of hosts, VM processes and guests: moments, "
     "memory, "
     "spectrum, stationarity",
     1},
    {"compare-truth", VR_OPT_COMPARE_TRUTH, 0, 0,
     "Leave each guest out once and compare models trained on what the others "
     "sent with models trained on what was read from their kernels",
     1},
    {"export", VR_OPT_EXPORT, "DIR", 0,
     "With --score: write the compared series to DIR/GUEST-COUNTER.tsv", 1},
    {"json", VR_OPT_JSON, 0, 0, "Print the report as JSON", 1},
    {"verbose", 'v', 0, 0,
     "All models with their fits, structures and inputs, and below each its "
     "poles and zeros, the delays of its inputs and what is left over",
     1},
    {"report", VR_OPT_REPORT, "DIR", 0,
     "Write what training found to DIR/index.html, and a page with figures for "
     "each guest (figures need gnuplot); without -o no models are written",
     1},
    {"jobs", 'j', "N", 0,
     "Train N guests at a time, or, with --pool, N parts of the pool (default "
     "1)",
     1},
    {0, 0, 0, 0, "Which data:", 2},
    {"start", VR_OPT_START, "TIME", 0,
     "Begin of the span, in rrdtool's time syntax", 2},
    {"end", VR_OPT_END, "TIME", 0, "End of the span (default: the last row)",
     2},
    {"step", VR_OPT_STEP, "SECONDS", 0,
     "Step of the grid (default: the finest that covers the span)", 2},
    {"daemon", VR_OPT_DAEMON, "ADDRESS", 0,
     "Let the rrdcached there write what it holds first", 2},
    {"match", VR_OPT_MATCH, "SELECTOR", 0,
     "Only these series of a Prometheus (default: {__name__=~\"collectd_.+\"})",
     2},
    {"token-file", VR_OPT_TOKEN_FILE, "FILE", 0,
     "Ask a Prometheus with the bearer token in FILE", 2},
    {"ca-file", VR_OPT_CA_FILE, "FILE", 0,
     "Trust the certificates in FILE (PEM), not the system's, over https", 2},
    {"guest", VR_OPT_GUEST, "NAME", 0, "Only this guest", 2},
    {"source", VR_OPT_SOURCE, "PATTERN", 0,
     "One more series that inputs may be chosen from, such as "
     "%{host}/processes-%{guest}/ps_cputime:user (may be repeated)",
     2},
    {"pair", VR_OPT_PAIR, "HYPERVISOR/GUEST=HOSTNAME", 0,
     "The guest's own series are recorded under HOSTNAME (may be repeated)", 2},
    {0, 0, 0, 0, "Which models:", 3},
    {"na", VR_OPT_NA, "N", 0, "The order of A, instead of one that is chosen",
     3},
    {"nb", VR_OPT_NB, "N[,N...]", 0,
     "The order of B, for all inputs or for each (with --na; default 1)", 3},
    {"nk", VR_OPT_NK, "N[,N...]", 0,
     "The delay, for all inputs or for each (with --na; default 0)", 3},
    {"search", VR_OPT_SEARCH, "na=A:B,nb=A:B,nk=A:B", 0,
     "With --table: compare all structures in these ranges", 3},
    {"pool", VR_OPT_POOL, 0, 0,
     "Models for any guest, pooled over all in DATADIR and scored by leaving "
     "each guest out, to MODELDIR/pooled.json",
     3},
    {"known", VR_OPT_KNOWN, "FILE|DIR", 0,
     "Generic models to try beside those estimated here (default: the shipped "
     "ones)",
     3},
    {"no-known", VR_OPT_NO_KNOWN, 0, 0, "Try no generic models", 3},
    {"min-fit", VR_OPT_MIN_FIT, "PERCENT", 0,
     "The target's MinFit, for the report's verdict", 3},
    {"format", VR_OPT_FORMAT, "VERSION", 0,
     "Write model files that a target reads which knows no later version than "
     "this one (default: 3, the latest)",
     3},
    {0, 0, 0, 0, "One fit of a plain table:", 4},
    {"table", VR_OPT_TABLE, "FILE", 0,
     "Numbers in columns, by white space, commas or semicolons, with or "
     "without a line of names (then they are c1, c2, ...); - is standard input",
     4},
    {"output", VR_OPT_OUTPUT, "NAME", 0, "The column to explain", 4},
    {"input", VR_OPT_INPUT, "NAME[,NAME...]", 0, "The columns to explain it by",
     4},
    {"detrend", VR_OPT_DETREND, "mean|none", 0,
     "Subtract the means of the estimation data (default: none)", 4},
    {"estimate", VR_OPT_ESTIMATE, "FROM:TO", 0,
     "Samples to estimate on, from 1, TO included (default: all; 301: is from "
     "301 to the last)",
     4},
    {"validate", VR_OPT_VALIDATE, "FROM:TO", 0,
     "Samples to validate on (default: those of the estimation; with --search "
     "and without --estimate the last quarter, which is held out)",
     4},
    {0},
};

/* Options of a table's fit. */
static error_t parse_table(int key, char *arg, struct vr_options *o,
                           struct argp_state *state) {
  switch (key) {
  case VR_OPT_TABLE:
    o->table.file = arg;
    break;
  case VR_OPT_OUTPUT:
    o->table.output = arg;
    break;
  case VR_OPT_INPUT:
    vr_option_names(arg, &o->table, state);
    break;
  case VR_OPT_DETREND:
    vr_option_detrend(arg, &o->table, state);
    break;
  case VR_OPT_ESTIMATE:
    vr_option_samples(arg, "--estimate", &o->table.estimate, state);
    break;
  case VR_OPT_VALIDATE:
    vr_option_samples(arg, "--validate", &o->table.validate, state);
    break;
  case VR_OPT_SEARCH:
    vr_option_search(arg, &o->table, state);
    break;
  default:
    return ARGP_ERR_UNKNOWN;
  }
  return 0;
}

/* Options that say which models. */
static error_t parse_models(int key, char *arg, struct vr_parsing *p,
                            struct argp_state *state) {
  struct vr_given_orders *g = &p->o->train.orders;
  switch (key) {
  case VR_OPT_NA:
    g->given = true;
    g->na = vr_option_whole(arg, 0, VR_ORDER_MAX, "--na", state);
    break;
  case VR_OPT_NB:
    p->has_nb = true;
    g->n_nb = vr_option_numbers(arg, 1, VR_ORDER_MAX, "--nb", g->nb, state);
    break;
  case VR_OPT_NK:
    p->has_nk = true;
    g->n_nk = vr_option_numbers(arg, 0, VR_ORDER_MAX, "--nk", g->nk, state);
    break;
  case VR_OPT_KNOWN:
    p->o->known = arg;
    p->o->try_known = true;
    break;
  case VR_OPT_NO_KNOWN:
    p->o->try_known = false;
    break;
  case VR_OPT_FORMAT:
    p->o->train.format = (int)vr_option_whole(
        arg, VR_MODEL_FILE_COMMON, VR_MODEL_FILE_VERSION, "--format", state);
    break;
  case VR_OPT_MIN_FIT:
    p->o->min_fit = vr_option_number(arg, -1e6, 100, "--min-fit", state);
    break;
  default:
    return parse_table(key, arg, p->o, state);
  }
  return 0;
}

/* Options that say which data. */
static error_t parse_data(int key, char *arg, struct vr_parsing *p,
                          struct argp_state *state) {
  struct vr_options *o = p->o;
  switch (key) {
  case VR_OPT_DAEMON:
    o->daemon = arg;
    break;
  case VR_OPT_MATCH:
    o->match = arg;
    break;
  case VR_OPT_TOKEN_FILE:
    o->token_file = arg;
    break;
  case VR_OPT_CA_FILE:
    o->ca_file = arg;
    break;
  case VR_OPT_START:
    p->start = arg;
    break;
  case VR_OPT_END:
    p->end = arg;
    break;
  case VR_OPT_STEP:
    o->span.step = vr_option_whole(arg, 1, 86400, "--step", state);
    break;
  case VR_OPT_GUEST:
    o->guest = arg;
    break;
  case VR_OPT_SOURCE:
    if (o->n_sources == VR_MAX_PAIR_OPTIONS)
      argp_error(state, "more than %d times --source", VR_MAX_PAIR_OPTIONS);
    o->sources[o->n_sources++] = arg;
    break;
  case VR_OPT_PAIR:
    if (o->n_pairs == VR_MAX_PAIR_OPTIONS)
      argp_error(state, "more than %d times --pair", VR_MAX_PAIR_OPTIONS);
    o->pairs[o->n_pairs++] = arg;
    break;
  default:
    return parse_models(key, arg, p, state);
  }
  return 0;
}

/* A second argument of the option that is being parsed; NULL: there is none. */
static const char *next_argument(struct argp_state *state) {
  const char *next = state->next < state->argc ? state->argv[state->next] : "-";
  if (*next == '-')
    return NULL;
  state->next++;
  return next;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct vr_parsing *p = state->input;
  struct vr_options *o = p->o;
  vr_option_note(p, key);
  switch (key) {
  case 'o':
    o->models = arg;
    break;
  case VR_OPT_REPORT:
    o->report = arg;
    break;
  case VR_OPT_SCORE:
    o->score = arg;
    break;
  case VR_OPT_COMPARE:
    o->compare_sets[0] = arg;
    if (!(o->compare_sets[1] = next_argument(state)))
      argp_error(state, "--compare takes two directories of models");
    break;
  case VR_OPT_ROLLBACK:
    o->rollback = arg;
    break;
  case VR_OPT_EXPORT:
    o->export_to = arg;
    break;
  case VR_OPT_JSON:
    o->json = true;
    break;
  case 'v':
    o->verbose = true;
    break;
  case VR_OPT_LIST:
    o->list = true;
    break;
  case VR_OPT_CHARACTERISE:
    o->characterise = true;
    break;
  case VR_OPT_COMPARE_TRUTH:
    o->compare = true;
    break;
  case 'j':
    o->jobs = vr_option_whole(arg, 1, 64, "--jobs", state);
    break;
  case VR_OPT_POOL:
    o->pool = true;
    break;
  case ARGP_KEY_ARG:
    if (o->data)
      argp_error(state, "more than one DATADIR: \"%s\"", arg);
    o->data = arg;
    break;
  case ARGP_KEY_END:
    vr_option_check(p, state);
    break;
  default:
    return parse_data(key, arg, p, state);
  }
  return 0;
}

void vr_options_parse(int argc, char **argv, struct vr_options *ret) {
  static const struct argp argp = {
      .options = argp_options,
      .parser = parse,
      .args_doc =
          "DATADIR -o MODELDIR\nDATADIR --pool -o MODELDIR\n"
          "DATADIR --report DIR\nDATADIR --list\nDATADIR --characterise\n"
          "DATADIR --compare-truth\n--score MODELDIR DATADIR\n"
          "--compare DIR1 DIR2 DATADIR\n--rollback MODELDIR\n"
          "--table FILE --output NAME --input NAME[,NAME...]",
      .doc = "Learns from collectd's recorded history (DATADIR of its plugin "
             "rrdtool or csv, or the address of a Prometheus in its place) how "
             "the counters inside virtual machines follow from what the "
             "hypervisor host sees of them."
             "\v" VR_EXIT_HELP};
  struct vr_options o = {.span = {NAN, NAN, NAN, 0},
                         .min_fit = 5,
                         .try_known = true,
                         .jobs = 1,
                         .train = {.orders = {.nb = {1}, .n_nb = 1, .n_nk = 1},
                                   .format = VR_MODEL_FILE_VERSION},
                         .table = {.search_na = {0, 10},
                                   .search_nb = {1, 10},
                                   .search_nk = {0, 10}}};
  struct vr_parsing p = {.o = &o, .options = argp_options};
  argp_err_exit_status = VR_EXIT_USAGE;
  argp_parse(&argp, argc, argv, 0, NULL, &p);
  *ret = o;
}
