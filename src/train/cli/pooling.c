/* SPDX-License-Identifier: MIT */
#include "train/cli/pooling.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "train/cli/command_common.h"
#include "train/cli/former_models.h"
#include "train/cli/model_files.h"
#include "train/cli/progress.h"
#include "train/report/pool_report.h"
#include "train/share/share.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NOTES: what of the former models stays. */
static enum vr_exit write_pool(const struct vr_options *o,
                               const struct vr_guest_data *const *data,
                               const struct vr_pool *p, FILE *notes) {
  vr_cleanup(vr_model_set_clear) struct vr_model_set former = {0};
  struct vr_model_set set = {0};
  int r = vr_cli_former_read(o->models, VR_CLI_POOLED, &former);
  if (r == 0)
    r = vr_cli_former_or_pooled(&former, data, p, o->min_fit, &set, notes);
  if (r == 0)
    return vr_command_write_models(o, VR_CLI_POOLED, &set, true);
  free(set.models);
  vr_log_error("%s", strerror(-r));
  return VR_EXIT_DATA;
}

static bool are_alike(const struct vr_guest_data *a,
                      const struct vr_guest_data *b) {
  return a->grid.step == b->grid.step && a->accelerator == b->accelerator &&
         a->nested == b->nested;
}

/* Those of DATA that are like the most others, into RET (N of them); how many.
 */
static size_t most_alike(const struct vr_guest_data *const *data, size_t n,
                         const struct vr_guest_data **ret) {
  size_t best = 0, most = 0, k = 0;
  for (size_t i = 0; i < n; i++) {
    size_t alike = 0;
    for (size_t j = 0; j < n; j++)
      alike += are_alike(data[i], data[j]);
    if (alike > most) {
      most = alike;
      best = i;
    }
  }
  for (size_t i = 0; i < n; i++)
    if (are_alike(data[best], data[i]))
      ret[k++] = data[i];
  return k;
}

bool vr_cli_pool_is_possible(const struct vr_guest_data *const *data,
                             size_t n) {
  vr_auto_free const struct vr_guest_data **some = calloc(n + 1, sizeof(*some));
  return some && n > 0 && most_alike(data, n, some) >= 2;
}

enum vr_exit vr_cli_pool(const struct vr_options *o,
                         const struct vr_guest_data *const *data, size_t n,
                         FILE *notes, struct vr_pool *ret_pool) {
  vr_auto_free const struct vr_guest_data **some = calloc(n + 1, sizeof(*some));
  struct vr_error error;
  if (!some) {
    vr_log_error("%s", strerror(ENOMEM));
    return VR_EXIT_DATA;
  }
  size_t k = n > 0 ? most_alike(data, n, some) : 0;
  if (k < n && k >= 2)
    vr_log_notice("%zu guest%s in step, kind of host or accelerator from the "
                  "others: not pooled",
                  n - k, n - k == 1 ? " differs" : "s differ");
  struct vr_progress progress;
  const struct vr_train_progress receiver = vr_progress_of(&progress);
  struct vr_train_options how = o->train;
  how.progress = &receiver;
  vr_progress_begin(&progress, vr_pool_steps(k), "steps",
                    k <= VR_POOL_FEW ? k : 0);
  struct vr_pool p = {0};
  int r = vr_pool_train(some, k, &how, &p, &error);
  vr_progress_end(&progress);
  if (r < 0) {
    vr_log_error("%s", error.message);
    return VR_EXIT_DATA;
  }
  enum vr_exit e = (enum vr_exit)vr_share_agree(
      vr_share_is_first() ? (int)write_pool(o, some, &p, notes) : VR_EXIT_OK);
  if (e == VR_EXIT_OK)
    *ret_pool = p;
  else
    vr_pool_clear(&p);
  return e;
}

void vr_cli_pool_report(const struct vr_options *o, const struct vr_pool *p,
                        size_t silent) {
  size_t published = 0;
  if (o->verbose)
    vr_report_pool_print(p, o->min_fit, stdout);
  else
    published = vr_report_pool_rows(p, o->min_fit, stdout);
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
}
