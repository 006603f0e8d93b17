/* SPDX-License-Identifier: MIT */
#include "train/cli/commands.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/cli/model_files.h"
#include "train/cli/pooling.h"
#include "train/data/guest_load.h"
#include "train/data/pack_guest.h"
#include "train/report/pool_report.h"
#include "train/share/share.h"

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

/* What loads them. */
struct loading {
  const struct vr_options *options;
  const struct vr_archive *archive;
  const struct vr_pair **pairs; /* those that were asked for */
  struct vr_guest_data *data;   /* as pairs */
  bool *ok;
};

static int load_one(void *user, size_t i, struct vr_error *unused) {
  struct loading *l = user;
  struct vr_error error;
  (void)unused;
  l->ok[i] = vr_data_guest_load(l->archive, l->pairs[i], &l->options->span,
                                &l->data[i], &error) == 0;
  if (!l->ok[i])
    vr_log_error("%s", error.message);
  return 0;
}

static void pack_one(void *user, size_t i, struct vr_pack *p) {
  struct loading *l = user;
  vr_pack_bytes(p, &l->ok[i], sizeof(l->ok[i]));
  if (l->ok[i])
    vr_pack_guest(p, l->archive, &l->data[i]);
}

/* Loads the data of all guests that were asked for; how many are in g->n. */
static int load_all(const struct vr_options *o,
                    const struct vr_archive *archive,
                    const struct vr_pairs *pairs, struct guests *g) {
  vr_auto_free const struct vr_pair **some = calloc(pairs->n, sizeof(*some));
  vr_auto_free bool *ok = calloc(pairs->n, sizeof(*ok));
  struct loading l = {o, archive, some, g->data, ok};
  struct vr_error error;
  if (!some || !ok)
    return -ENOMEM;
  struct vr_share_loop loop = {
      .run = load_one, .pack = pack_one, .to_all = true, .user = &l};
  for (size_t i = 0; i < pairs->n; i++)
    if (vr_command_is_wanted(o, &pairs->pairs[i]))
      some[loop.n++] = &pairs->pairs[i];
  int r = vr_share_run(&loop, &error);
  for (size_t i = 0; i < loop.n; i++)
    if (ok[i])
      g->data[g->n++] = g->data[i];
  return r;
}

enum vr_exit vr_command_pool(const struct vr_options *o,
                             const struct vr_archive *archive,
                             const struct vr_pairs *pairs) {
  vr_cleanup(guests_clear) struct guests g = {
      .data = calloc(pairs->n, sizeof(*g.data))};
  vr_auto_free const struct vr_guest_data **data =
      calloc(pairs->n, sizeof(*data));
  vr_cleanup(vr_pool_clear) struct vr_pool p = {0};
  if (!g.data || !data) {
    vr_log_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  if (!vr_share_agree(!vr_share_is_first() ||
                      vr_cli_models_try(o->models, VR_CLI_POOLED, 1) == 0))
    return VR_EXIT_OUTPUT;
  if (load_all(o, archive, pairs, &g) < 0) {
    vr_log_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  for (size_t i = 0; i < g.n; i++)
    data[i] = &g.data[i];
  vr_auto_free char *text = NULL;
  size_t size;
  FILE *notes = open_memstream(&text, &size);
  if (!notes)
    return VR_EXIT_DATA;
  enum vr_exit e = vr_cli_pool(o, data, g.n, notes, &p);
  if (fclose(notes) != 0 && e == VR_EXIT_OK)
    e = VR_EXIT_DATA;
  if (e != VR_EXIT_OK || !vr_share_is_first())
    return e;
  if (!o->json) {
    fputs(text, stdout);
    vr_cli_pool_report(o, &p, vr_command_count_silent(o, pairs));
    return vr_command_done();
  }
  vr_cleanup(vr_json_unrefp) json_t *root = vr_report_pool_json(&p, o->min_fit);
  return vr_command_print_json(root) < 0 ? VR_EXIT_OUTPUT : vr_command_done();
}
