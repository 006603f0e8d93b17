/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/cli/model_files.h"
#include "train/cli/progress.h"
#include "train/data/guest_load.h"
#include "train/report/pool_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct guests {
  size_t n;
  struct vr_guest_data *data;
};

static void guests_clear(struct guests *g) {
  for (size_t i = 0; i < g->n; i++)
    vr_data_guest_clear(&g->data[i]);
  free(g->data);
}

/* Loads the data of all guests that were asked for; how many are in g->n. */
static void load_all(const struct vr_options *o,
                     const struct vr_archive *archive,
                     const struct vr_pairs *pairs, struct guests *g) {
  for (size_t i = 0; i < pairs->n; i++) {
    struct vr_error error;
    if (!vr_command_is_wanted(o, &pairs->pairs[i]))
      continue;
    if (vr_data_guest_load(archive, &pairs->pairs[i], &o->span, &g->data[g->n],
                           &error) < 0)
      vr_log_error("%s", error.message);
    else
      g->n++;
  }
}

static enum vr_exit write_pool(const struct vr_options *o,
                               const struct vr_pool *p) {
  struct vr_model_set set = {0};
  int r = 0;
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (p->counters[c].has_model)
      r = vr_cli_models_add(&set, &p->counters[c].model);
  if (r == 0)
    return vr_command_write_models(o, VR_CLI_POOLED, &set, true);
  free(set.models);
  vr_log_error("%s", strerror(-r));
  return VR_EXIT_DATA;
}

/* The report, for people or machines. */
static int report_pool(const struct vr_options *o, const struct vr_pairs *pairs,
                       const struct vr_pool *p) {
  if (o->json) {
    vr_cleanup(vr_json_unrefp) json_t *root =
        vr_report_pool_json(p, o->min_fit);
    return vr_command_print_json(root);
  }
  size_t published = 0, silent = 0;
  if (o->verbose)
    vr_report_pool_print(p, o->min_fit, stdout);
  else
    published = vr_report_pool_rows(p, o->min_fit, stdout);
  for (size_t i = 0; i < pairs->n; i++)
    silent += !pairs->pairs[i].truth;
  if (silent > 0)
    printf("%zu guest%s no collectd of %s own: these models serve %s\n", silent,
           silent == 1 ? " has" : "s have", silent == 1 ? "its" : "their",
           silent == 1 ? "it" : "them");
  printf("%zu guests pooled, ", p->n_guests);
  if (!o->verbose)
    printf("%zu of %zu counters published for guests that were never seen, ",
           published, vr_counter_count_trainable());
  printf("%s/%s written; the target takes it up by itself where its ModelDir "
         "is %s\n",
         o->models, VR_CLI_POOLED, o->models);
  return 0;
}

enum vr_exit vr_command_pool(const struct vr_options *o,
                             const struct vr_archive *archive,
                             const struct vr_pairs *pairs) {
  vr_cleanup(guests_clear) struct guests g = {
      .data = calloc(pairs->n, sizeof(*g.data))};
  vr_auto_free const struct vr_guest_data **data =
      calloc(pairs->n, sizeof(*data));
  vr_cleanup(vr_pool_clear) struct vr_pool p = {0};
  struct vr_error error;
  if (!g.data || !data) {
    vr_log_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  if (vr_cli_models_try(o->models, VR_CLI_POOLED, 1) < 0)
    return VR_EXIT_OUTPUT;
  load_all(o, archive, pairs, &g);
  for (size_t i = 0; i < g.n; i++)
    data[i] = &g.data[i];
  struct vr_progress progress;
  const struct vr_train_progress receiver = vr_progress_of(&progress);
  struct vr_train_options how = o->train;
  how.progress = &receiver;
  vr_progress_begin(&progress, vr_pool_steps(g.n), "steps");
  if (vr_pool_train(data, g.n, &how, &p, &error) < 0) {
    vr_log_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  enum vr_exit written = write_pool(o, &p);
  if (written != VR_EXIT_OK)
    return written;
  return report_pool(o, pairs, &p) < 0 ? VR_EXIT_OUTPUT : vr_command_done();
}
