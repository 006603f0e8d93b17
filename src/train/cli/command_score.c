/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/cli/model_files.h"
#include "train/data/guest_load.h"
#include "train/report/score_report.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Scores one guest; VR_EXIT_OK, or what went wrong after a message. */
static enum vr_exit score_pair(const struct vr_options *o,
                               const struct vr_archive *archive,
                               const struct vr_pair *pair,
                               const struct vr_model_set *set,
                               struct vr_guest_score *ret_score) {
  vr_cleanup(vr_data_guest_clear) struct vr_guest_data data = {0};
  struct vr_error error;
  struct vr_span span = o->span;
  span.warm_up = VR_SCORE_WARM_UP;
  enum vr_exit e = VR_EXIT_OK;
  if (vr_data_guest_load(archive, pair, &span, &data, &error) < 0)
    e = VR_EXIT_DATA;
  else {
    const struct vr_score_export export_to = {.write = vr_report_score_export,
                                              .data = (char *)o->export_to};
    int r = vr_score_guest(&data, o->span.begin, set,
                           o->export_to ? &export_to : NULL, ret_score, &error);
    if (r < 0)
      e = r == -ENODATA ? VR_EXIT_DATA : VR_EXIT_OUTPUT;
  }
  if (e != VR_EXIT_OK)
    vr_log_error("%s", error.message);
  return e;
}

enum vr_exit vr_command_score(const struct vr_options *o,
                              const struct vr_archive *archive,
                              const struct vr_pairs *pairs) {
  vr_cleanup(vr_model_set_clear) struct vr_model_set set = {0};
  if (vr_cli_models_read_all(o->score, &set) < 0)
    return VR_EXIT_DATA;
  if (o->export_to && mkdir(o->export_to, 0755) < 0 && errno != EEXIST) {
    vr_log_error("%s: %s", o->export_to, strerror(errno));
    return VR_EXIT_OUTPUT;
  }
  vr_cleanup(vr_json_unrefp) json_t *guests = json_array();
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++) {
    vr_cleanup(vr_score_clear) struct vr_guest_score s = {0};
    if (!vr_command_is_wanted(o, &pairs->pairs[i]))
      continue;
    enum vr_exit e = score_pair(o, archive, &pairs->pairs[i], &set, &s);
    if (e == VR_EXIT_OUTPUT)
      return e;
    if (e != VR_EXIT_OK)
      continue;
    n++;
    if (o->json)
      json_array_append_new(guests, vr_report_score_json(&s, o->min_fit));
    else
      vr_report_score_print(&s, o->min_fit, stdout);
  }
  vr_command_silent_guests(o, pairs);
  return vr_command_end(o, "scored", n, guests);
}
