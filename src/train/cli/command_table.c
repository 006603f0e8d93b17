/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/report/table_report.h"
#include "train/table/table_fit.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* A search that is over in a moment shows nothing. */
static void show_search(size_t done_now, size_t n) {
  static bool shown;
  shown = shown || (done_now < n && clock() > CLOCKS_PER_SEC / 2);
  if (shown)
    fprintf(stderr, "\r%zu of %zu structures%s", done_now, n,
            done_now == n ? "\n" : "");
}

enum vr_exit vr_command_table(const struct vr_options *o) {
  vr_cleanup(vr_table_fit_clear) struct vr_table_fit fit = {0};
  struct vr_error error;
  struct vr_table_options table = o->table;
  table.progress = isatty(STDERR_FILENO) ? show_search : NULL;
  if (vr_table_fit(&table, &o->train.orders, &fit, &error) < 0) {
    vr_log_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  if (!o->json) {
    vr_report_table(&fit, stdout);
    return VR_EXIT_OK;
  }
  vr_cleanup(vr_json_unrefp) json_t *root = vr_report_table_json(&fit);
  return vr_command_print_json(root) < 0 ? VR_EXIT_OUTPUT : VR_EXIT_OK;
}
