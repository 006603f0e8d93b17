/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/cli/model_files.h"
#include "train/data/guest_load.h"
#include "train/evaluate/score.h"
#include "train/report/sets_report.h"

#include <errno.h>
#include <string.h>

struct sets {
  struct vr_model_set of[2];
};

static void sets_clear(struct sets *s) {
  vr_model_set_clear(&s->of[0]);
  vr_model_set_clear(&s->of[1]);
}

/* Compares on one guest, and reports. Returns 0, or a negative errno after a
 * message. */
static int compare_pair(const struct vr_options *o,
                        const struct vr_archive *archive,
                        const struct vr_pair *pair, const struct sets *sets,
                        json_t *guests) {
  vr_cleanup(vr_data_guest_clear) struct vr_guest_data data = {0};
  struct vr_sets_guest g;
  struct vr_error error;
  struct vr_span span = o->span;
  span.warm_up = VR_SCORE_WARM_UP;
  int r = vr_data_guest_load(archive, pair, &span, &data, &error);
  if (r == 0 &&
      (r = vr_compare_sets(sets->of, &data, o->span.begin, o->min_fit, &g)) < 0)
    vr_error_set(&error, r, "guest %s: %s", data.guest, strerror(-r));
  if (r < 0)
    vr_log_error("%s", error.message);
  else if (o->json)
    json_array_append_new(guests, vr_report_sets_json(&g));
  else
    vr_report_sets_print(&g, stdout);
  return r;
}

enum vr_exit vr_command_sets(const struct vr_options *o,
                             const struct vr_archive *archive,
                             const struct vr_pairs *pairs) {
  vr_cleanup(sets_clear) struct sets sets = {0};
  vr_cleanup(vr_json_unrefp) json_t *guests = json_array();
  size_t n = 0;
  for (int i = 0; i < 2; i++)
    if (vr_cli_models_read_all(o->compare_sets[i], &sets.of[i]) < 0)
      return VR_EXIT_DATA;
  if (!o->json)
    vr_report_sets_heading(o->compare_sets, stdout);
  for (size_t i = 0; i < pairs->n; i++)
    if (vr_command_is_wanted(o, &pairs->pairs[i]))
      n += compare_pair(o, archive, &pairs->pairs[i], &sets, guests) == 0;
  vr_command_silent_guests(o, pairs);
  return vr_command_end(o, "compared", n, guests);
}
