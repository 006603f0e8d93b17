/* SPDX-License-Identifier: MIT */
#include "train/cli/former_models.h"

#include "basic/cleanup.h"
#include "train/cli/model_files.h"
#include "train/evaluate/pool_replacement.h"
#include "train/evaluate/served.h"
#include "train/report/heading.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

int vr_cli_former_read(const char *directory, const char *name,
                       struct vr_model_set *set) {
  vr_auto_free char *path = NULL;
  if (asprintf(&path, "%s/%s", directory, name) < 0) {
    path = NULL;
    return -ENOMEM;
  }
  return access(path, F_OK) == 0 ? vr_cli_models_read(path, set) : 0;
}

static bool is_of(const struct vr_model *m, const char *guest,
                  enum vr_counter c) {
  return m->counter == c && strcmp(m->guest, guest) == 0;
}

static int add_former(const struct vr_model_set *former, const char *guest,
                      enum vr_counter c, struct vr_model_set *set) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < former->n_models; i++)
    if (is_of(&former->models[i], guest, c))
      r = vr_cli_models_add(set, &former->models[i]);
  return r;
}

/* The first that can run is published. */
static int add_new(const struct vr_counter_result *k,
                   struct vr_model_set *set) {
  const struct vr_trained *all[VR_TRAINED_KINDS];
  vr_train_counter_order(k, all);
  int r = 0;
  for (size_t i = 0; r == 0 && i < 3; i++)
    if (all[i]->is_there)
      r = vr_cli_models_add(set, &all[i]->model);
  return r;
}

static void note(const char *who, enum vr_counter c,
                 const struct vr_replacement *x, FILE *f) {
  char length[40];
  vr_report_length(x->seconds, length, sizeof(length));
  fprintf(f,
          "%s, %s: the former model stays: in the %s since it was "
          "trained its fit was %.0f %%, ",
          who, vr_counter_info(c)->name, length, x->former_fit);
  if (isfinite(x->new_fit))
    fprintf(f, "that of the new one %.0f %%\n", x->new_fit);
  else
    fputs("and no new one would be published\n", f);
}

/* Was nothing trained of it? */
static bool is_untouched(const struct vr_counter_result *k) {
  return !k->has_truth && !k->definition.is_there;
}

int vr_cli_former_judge(const struct vr_model_set *former,
                        const struct vr_guest_result *r, double min_fit,
                        struct vr_replacement ret[VR_COUNTERS]) {
  int e = 0;
  for (int c = vr_counter_trainable(0); e == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_counter_result *k = &r->counters[c];
    const struct vr_model *m =
        vr_served_own(former, r->data->guest, k->counter, min_fit);
    ret[c] = (struct vr_replacement){.keep = false};
    if (m && m->provenance == VR_INFERRED && !is_untouched(k))
      e = vr_replacement_judge(m, r->data, k, min_fit, &ret[c]);
  }
  return e;
}

int vr_cli_former_or_new(const struct vr_model_set *former,
                         const struct vr_guest_result *r,
                         const struct vr_replacement judged[VR_COUNTERS],
                         struct vr_model_set *set, FILE *notes) {
  const char *guest = r->data->guest;
  int e = 0;
  for (int c = vr_counter_trainable(0); e == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_counter_result *k = &r->counters[c];
    if (judged[c].keep) {
      char who[160];
      snprintf(who, sizeof(who), "guest %s", guest);
      note(who, k->counter, &judged[c], notes);
    }
    e = judged[c].keep || is_untouched(k)
            ? add_former(former, guest, k->counter, set)
            : add_new(k, set);
  }
  return e;
}

static int add_pooled(const struct vr_pool_counter *k,
                      struct vr_model_set *set) {
  int r = k->assisted.is_there ? vr_cli_models_add(set, &k->assisted.model) : 0;
  return r == 0 && k->inferred.is_there
             ? vr_cli_models_add(set, &k->inferred.model)
             : r;
}

int vr_cli_former_or_pooled(const struct vr_model_set *former,
                            const struct vr_guest_data *const *data,
                            const struct vr_pool *p, double min_fit,
                            struct vr_model_set *set, FILE *notes) {
  int r = 0;
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_pool_counter *k = &p->counters[c];
    const struct vr_model *m = vr_served_own(former, "*", k->counter, min_fit);
    struct vr_replacement x = {0};
    if (m)
      r = vr_pool_replacement_judge(m, data, p->n_guests, k, min_fit, &x);
    if (r == 0 && x.keep)
      note("guests never seen", k->counter, &x, notes);
    if (r == 0)
      r = x.keep ? add_former(former, "*", k->counter, set)
                 : add_pooled(k, set);
  }
  return r;
}

static bool has_guest(const struct vr_model_set *set, size_t n,
                      const char *guest) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(set->models[i].guest, guest) == 0)
      return true;
  return false;
}

int vr_cli_former_others(const struct vr_model_set *former, int format,
                         struct vr_model_set *set, FILE *notes) {
  size_t trained = set->n_models, guests = 0;
  for (size_t i = 0; i < former->n_models; i++) {
    const struct vr_model *m = &former->models[i];
    if (has_guest(set, trained, m->guest) || vr_model_version(m) > format)
      continue;
    guests += !has_guest(set, set->n_models, m->guest);
    int r = vr_cli_models_add(set, m);
    if (r < 0)
      return r;
  }
  if (guests > 0)
    fprintf(notes,
            "%zu guest%s not trained now: the former models of %s "
            "stay\n",
            guests, guests == 1 ? " was" : "s were",
            guests == 1 ? "it" : "them");
  return 0;
}
