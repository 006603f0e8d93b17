/* SPDX-License-Identifier: MIT
 *
 * Options that go together, and those that do not.
 */
#ifndef VR_TRAIN_CLI_OPTION_CHECKS_H
#define VR_TRAIN_CLI_OPTION_CHECKS_H

#include "train/cli/options.h"

#include <argp.h>

/* Keys of long options. */
enum {
  VR_OPT_START = 256,
  VR_OPT_END,
  VR_OPT_STEP,
  VR_OPT_SCORE,
  VR_OPT_EXPORT,
  VR_OPT_JSON,
  VR_OPT_NA,
  VR_OPT_NB,
  VR_OPT_NK,
  VR_OPT_PAIR,
  VR_OPT_GUEST,
  VR_OPT_MIN_FIT,
  VR_OPT_TABLE,
  VR_OPT_OUTPUT,
  VR_OPT_INPUT,
  VR_OPT_DETREND,
  VR_OPT_ESTIMATE,
  VR_OPT_VALIDATE,
  VR_OPT_SEARCH,
  VR_OPT_POOL,
  VR_OPT_KNOWN,
  VR_OPT_NO_KNOWN,
  VR_OPT_DAEMON,
  VR_OPT_SOURCE,
  VR_OPT_LIST,
  VR_OPT_CHARACTERISE,
  VR_OPT_COMPARE_TRUTH,
  VR_OPT_FORMAT,
  VR_OPT_REPORT,
  VR_OPT_COMPARE,
  VR_OPT_ROLLBACK,
  VR_OPT_MATCH,
  VR_OPT_TOKEN_FILE,
  VR_OPT_CA_FILE,
};

/* What is done, one of these at a time. */
enum {
  VR_DO_TRAIN = 1,
  VR_DO_POOL = 2,
  VR_DO_SCORE = 4,
  VR_DO_LIST = 8,
  VR_DO_CHARACTERISE = 16,
  VR_DO_COMPARE = 32,
  VR_DO_TABLE = 64,
  VR_DO_SETS = 128,
  VR_DO_ROLLBACK = 256,
  VR_DO_ARCHIVE = VR_DO_TRAIN | VR_DO_POOL | VR_DO_SCORE | VR_DO_LIST |
                  VR_DO_CHARACTERISE | VR_DO_COMPARE | VR_DO_SETS,
  VR_DO_MODELS = VR_DO_TRAIN | VR_DO_POOL | VR_DO_COMPARE,
};

/* How many options do something in some commands only. */
enum { VR_OPTION_USES = 29 };

/* What is only checked once all options are known. */
struct vr_parsing {
  struct vr_options *o;
  const struct argp_option *options; /* for their names */
  const char *start, *end;
  bool has_nb, has_nk;
  bool given[VR_OPTION_USES];
};

/* Option KEY was given. */
void vr_option_note(struct vr_parsing *p, int key);

/* Checks all of them, and reads the span. A mistake ends the program. */
void vr_option_check(struct vr_parsing *p, struct argp_state *state);

#endif
