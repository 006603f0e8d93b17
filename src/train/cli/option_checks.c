/* SPDX-License-Identifier: MIT */
#include "train/cli/option_checks.h"

#include "train/cli/option_values.h"
#include "train/fit/choice.h"

#include <string.h>

static const struct {
  int doing;
  const char *name;
} doings[] = {{VR_DO_TRAIN, "-o"},
              {VR_DO_POOL, "--pool"},
              {VR_DO_SCORE, "--score"},
              {VR_DO_LIST, "--list"},
              {VR_DO_CHARACTERISE, "--characterise"},
              {VR_DO_COMPARE, "--compare-truth"},
              {VR_DO_TABLE, "--table"},
              {VR_DO_SETS, "--compare"},
              {VR_DO_ROLLBACK, "--rollback"}};

/* Where an option does something; those that are not here do everywhere. */
static const struct {
  int key, doing;
} uses[] = {{VR_OPT_START, VR_DO_ARCHIVE},
            {VR_OPT_END, VR_DO_ARCHIVE},
            {VR_OPT_STEP, VR_DO_ARCHIVE},
            {VR_OPT_DAEMON, VR_DO_ARCHIVE},
            {VR_OPT_GUEST, VR_DO_ARCHIVE},
            {VR_OPT_SOURCE, VR_DO_ARCHIVE},
            {VR_OPT_PAIR, VR_DO_ARCHIVE},
            {VR_OPT_EXPORT, VR_DO_SCORE},
            {VR_OPT_POOL, VR_DO_POOL | VR_DO_ROLLBACK},
            {VR_OPT_LIST, VR_DO_LIST},
            {VR_OPT_CHARACTERISE, VR_DO_CHARACTERISE},
            {VR_OPT_COMPARE_TRUTH, VR_DO_COMPARE},
            {VR_OPT_NA, VR_DO_MODELS | VR_DO_TABLE},
            {VR_OPT_NB, VR_DO_MODELS | VR_DO_TABLE},
            {VR_OPT_NK, VR_DO_MODELS | VR_DO_TABLE},
            {VR_OPT_KNOWN, VR_DO_TRAIN},
            {VR_OPT_NO_KNOWN, VR_DO_TRAIN},
            {VR_OPT_MIN_FIT, VR_DO_TRAIN | VR_DO_POOL | VR_DO_SETS},
            {VR_OPT_FORMAT, VR_DO_TRAIN | VR_DO_POOL},
            {VR_OPT_REPORT, VR_DO_TRAIN},
            {VR_OPT_OUTPUT, VR_DO_TABLE},
            {VR_OPT_INPUT, VR_DO_TABLE},
            {VR_OPT_DETREND, VR_DO_TABLE},
            {VR_OPT_ESTIMATE, VR_DO_TABLE},
            {VR_OPT_VALIDATE, VR_DO_TABLE},
            {VR_OPT_SEARCH, VR_DO_TABLE},
            {VR_OPT_MATCH, VR_DO_ARCHIVE},
            {VR_OPT_TOKEN_FILE, VR_DO_ARCHIVE},
            {VR_OPT_CA_FILE, VR_DO_ARCHIVE}};
_Static_assert(sizeof(uses) / sizeof(uses[0]) == VR_OPTION_USES,
               "one for each");

static void check_table(struct vr_parsing *p, struct argp_state *state) {
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
  return o->table.file        ? VR_DO_TABLE
         : o->rollback        ? VR_DO_ROLLBACK
         : o->compare_sets[0] ? VR_DO_SETS
         : o->score           ? VR_DO_SCORE
         : o->list            ? VR_DO_LIST
         : o->characterise    ? VR_DO_CHARACTERISE
         : o->compare         ? VR_DO_COMPARE
         : o->pool            ? VR_DO_POOL
                              : VR_DO_TRAIN;
}

static const char *option_name(const struct vr_parsing *p, int key) {
  const struct argp_option *a = p->options;
  while (a->key != key)
    a++;
  return a->name;
}

/* An option that would do nothing is a mistake. */
static void check_uses(const struct vr_parsing *p, struct argp_state *state) {
  int doing = what_to_do(p->o);
  size_t d = 0;
  while (doings[d].doing != doing)
    d++;
  for (size_t i = 0; i < VR_OPTION_USES; i++)
    if (p->given[i] && !(uses[i].doing & doing))
      argp_error(state, "--%s is not an option of %s",
                 option_name(p, uses[i].key), doings[d].name);
}

/* Orders for guests, whose inputs are chosen. */
static void check_orders(const struct vr_parsing *p, struct argp_state *state) {
  const struct vr_given_orders *g = &p->o->train.orders;
  if (g->n_nb > VR_MAX_INPUTS || g->n_nk > VR_MAX_INPUTS)
    argp_error(state, "--nb and --nk: a guest's model has at most %d inputs",
               VR_MAX_INPUTS);
  if (g->given && p->o->known)
    argp_error(state, "--known goes without --na");
}

/* Options of one kind of archive do nothing for another. */
static void check_archive(const struct vr_options *o,
                          struct argp_state *state) {
  bool is_server = vr_archive_is_server(o->data);
  if (!is_server && (o->match || o->token_file || o->ca_file))
    argp_error(state, "--match, --token-file and --ca-file go with the address "
                      "of a Prometheus, http://HOST:PORT or https://HOST");
  if (is_server && o->daemon)
    argp_error(state, "--daemon goes with a directory of RRD files");
}

void vr_option_check(struct vr_parsing *p, struct argp_state *state) {
  const struct vr_options *o = p->o;
  if ((p->has_nb || p->has_nk) && !o->train.orders.given)
    argp_error(state, "--nb and --nk go with --na");
  if (o->verbose && (o->table.file || !(o->models || o->report)))
    argp_error(state, "-v goes with -o MODELDIR");
  if (o->table.file) {
    check_table(p, state);
    check_uses(p, state);
    return;
  }
  if (o->rollback) {
    if (o->data || o->models || o->report || o->score || o->list ||
        o->characterise || o->compare || o->compare_sets[0])
      argp_error(state, "--rollback MODELDIR goes alone, or with --pool");
    check_uses(p, state);
    return;
  }
  if (!o->data)
    argp_error(state, "no DATADIR given");
  if ((o->models || o->report) + !!o->score + o->list + o->characterise +
          o->compare + !!o->compare_sets[0] !=
      1)
    argp_error(state, "give one of -o MODELDIR, --score MODELDIR, --compare "
                      "DIR1 DIR2, --list, --characterise, --compare-truth, "
                      "--report DIR");
  if (o->pool && !o->models)
    argp_error(state, "--pool goes with -o");
  if (o->export_to && !o->score)
    argp_error(state, "--export goes with --score");
  if (o->table.output || o->table.n_inputs)
    argp_error(state, "--output and --input go with --table");
  check_uses(p, state);
  check_archive(o, state);
  check_orders(p, state);
  vr_option_span(p->start, p->end, &p->o->span, state);
}

void vr_option_note(struct vr_parsing *p, int key) {
  for (size_t i = 0; i < VR_OPTION_USES; i++)
    if (uses[i].key == key)
      p->given[i] = true;
}
