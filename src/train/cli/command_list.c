/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/data/guest_load.h"
#include "train/report/list.h"

#include <stdio.h>

static void print_guest(const struct vr_archive *archive,
                        const struct vr_pair *pair,
                        const struct vr_guest_data *d) {
  vr_cleanup(vr_span_consolidations_clear) struct vr_consolidations c = {0};
  struct vr_error error;
  vr_list_print(d, stdout);
  if (vr_span_consolidations(archive, pair, &c, &error) < 0)
    vr_log_error("%s", error.message);
  /* A guest of one consolidation has one line. */
  for (size_t i = 0; i < c.n; i++) {
    fputs(c.n == 1 ? "; " : "\n  ", stdout);
    vr_list_print_consolidation(d, &c.all[i], stdout);
  }
  fputc('\n', stdout);
}

enum vr_exit vr_command_list(const struct vr_options *o,
                             const struct vr_archive *archive,
                             const struct vr_pairs *pairs) {
  vr_cleanup(vr_json_unrefp) json_t *guests = json_array();
  size_t n = 0;
  for (size_t i = 0; i < pairs->n; i++) {
    vr_cleanup(vr_data_guest_clear) struct vr_guest_data data = {0};
    struct vr_error error;
    if (!vr_command_is_wanted(o, &pairs->pairs[i]))
      continue;
    if (vr_data_guest_load(archive, &pairs->pairs[i], &o->span, &data, &error) <
        0) {
      vr_log_error("%s", error.message);
      continue;
    }
    n++;
    if (o->json)
      json_array_append_new(guests, vr_list_json(&data));
    else
      print_guest(archive, &pairs->pairs[i], &data);
  }
  vr_command_silent_guests(o, pairs);
  return vr_command_end(o, "trained", n, guests);
}
