/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/data/guest_load.h"
#include "train/data/truth.h"
#include "train/report/compare_report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct comparing {
  size_t n;
  struct vr_two_truths *guests;
};

static void comparing_clear(struct comparing *c) {
  for (size_t i = 0; i < c->n; i++) {
    vr_data_guest_clear(&c->guests[i].own);
    vr_data_guest_clear(&c->guests[i].introspected);
  }
  free(c->guests);
}

/* Loads both truths of PAIR. Returns 0, -ENOENT if it has only one of them, or
 * another negative errno, after a message. */
static int load_both(const struct vr_options *o,
                     const struct vr_archive *archive,
                     const struct vr_pair *pair,
                     struct vr_two_truths *ret_both) {
  vr_auto_free char *introspected = NULL;
  struct vr_error error;
  struct vr_two_truths both = {0};
  if (vr_truth_is_introspected(pair->truth) ||
      vr_pairs_introspected(pair, archive, &introspected) < 0) {
    vr_log_notice("guest %s on %s: only one truth was recorded", pair->guest,
                  pair->host);
    return -ENOENT;
  }
  struct vr_pair other = *pair;
  other.truth = introspected;
  int r = vr_data_guest_load(archive, pair, &o->span, &both.own, &error);
  if (r == 0)
    r = vr_data_guest_load(archive, &other, &o->span, &both.introspected,
                           &error);
  if (r < 0) {
    vr_log_error("%s", error.message);
    vr_data_guest_clear(&both.own);
    return r;
  }
  *ret_both = both;
  return 0;
}

enum vr_exit vr_command_compare(const struct vr_options *o,
                                const struct vr_archive *archive,
                                const struct vr_pairs *pairs) {
  vr_cleanup(comparing_clear) struct comparing c = {
      .guests = calloc(pairs->n, sizeof(*c.guests))};
  vr_cleanup(vr_evaluate_compare_clear) struct vr_compare result = {0};
  struct vr_error error;
  if (!c.guests) {
    vr_log_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  for (size_t i = 0; i < pairs->n; i++)
    if (vr_command_is_wanted(o, &pairs->pairs[i]) &&
        load_both(o, archive, &pairs->pairs[i], &c.guests[c.n]) == 0)
      c.n++;
  if (vr_evaluate_compare_truths(c.guests, c.n, &o->train, &result, &error) <
      0) {
    vr_log_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  if (!o->json) {
    vr_report_compare(&result, stdout);
    return vr_command_done();
  }
  vr_cleanup(vr_json_unrefp) json_t *root = vr_report_compare_json(&result);
  return vr_command_print_json(root) < 0 ? VR_EXIT_OUTPUT : vr_command_done();
}
