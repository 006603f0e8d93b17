/* SPDX-License-Identifier: MIT */
#include "train/fit/pool.h"

#include "basic/cleanup.h"
#include "train/data/definitions.h"
#include "train/fit/build_features.h"
#include "train/fit/give_way.h"
#include "train/fit/infer.h"
#include "train/fit/pack_pool.h"
#include "train/fit/pool_model.h"
#include "train/fit/pool_verdict.h"
#include "train/share/share.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vr_pool_clear(struct vr_pool *p) {
  for (size_t i = 0; p->guests && i < p->n_guests; i++)
    free(p->guests[i]);
  free(p->guests);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    vr_pool_row_clear(&p->counters[c].definition);
    vr_pool_fits_clear(&p->counters[c].calibrated);
    vr_pool_model_clear(&p->counters[c].assisted);
    vr_pool_model_clear(&p->counters[c].inferred);
  }
  *p = (struct vr_pool){0};
}

static enum vr_provenance defined_as(enum vr_counter c) {
  const struct vr_direct *def = vr_definitions_of(c, 0);
  return def ? def->provenance : VR_INFERRED;
}

static int check(const struct vr_guest_data *const *data, size_t n,
                 struct vr_error *error) {
  if (n < 2)
    return vr_error_set(error, -ENODATA,
                        "pooling takes 2 guests at least whose own collectd's "
                        "values are recorded here, not %zu: --list names what "
                        "there is",
                        n);
  for (size_t i = 1; i < n; i++)
    if (data[i]->grid.step != data[0]->grid.step ||
        data[i]->accelerator != data[0]->accelerator ||
        data[i]->nested != data[0]->nested)
      return vr_error_set(error, -EINVAL,
                          "guests %s and %s differ in step, kind of host or "
                          "accelerator: not pooled",
                          data[0]->guest, data[i]->guest);
  return 0;
}

static int name_guests(const struct vr_guest_data *const *data, size_t n,
                       struct vr_pool *p) {
  p->guests = calloc(n, sizeof(*p->guests));
  if (!p->guests)
    return -ENOMEM;
  for (p->n_guests = 0; p->n_guests < n; p->n_guests++)
    if (!(p->guests[p->n_guests] = strdup(data[p->n_guests]->guest)))
      return -ENOMEM;
  return 0;
}

/* Does the definition of K's counter give way, on guests left out? */
static void compare_with_definition(const struct vr_left_out *l,
                                    const struct vr_train_options *options,
                                    struct vr_pool_counter *k) {
  struct vr_pool_model *m = &k->inferred;
  if (k->definition.known && m->is_there &&
      vr_give_way_may(&m->model, k->definition.provenance, k->definition.fit,
                      options->format) &&
      vr_pool_is_better(l, k->counter, m->way, VR_WAY_DEFINITION))
    vr_give_way_to(&m->model);
}

/* What rounds over counters share. */
struct counters {
  const struct vr_left_out *l;
  const struct vr_features *f;
  const struct vr_train_options *options;
  struct vr_pool *p;
};

static int pool_counter(void *user, size_t c, struct vr_error *unused) {
  const struct counters *x = user;
  enum vr_counter counter = x->f->counters[c];
  struct vr_pool_counter *k = &x->p->counters[counter];
  (void)unused;
  int r = vr_pool_row_fill(x->l, counter, VR_WAY_DEFINITION,
                           defined_as(counter), &k->definition);
  if (r == 0)
    r = vr_pool_fits_fill(x->l, counter, VR_WAY_CALIBRATED, &k->calibrated);
  if (r == 0)
    r = vr_pool_model_of(x->l, x->f, c, x->options, &k->inferred);
  if (r == 0)
    compare_with_definition(x->l, x->options, k);
  return r;
}

static void pack_counter(void *user, size_t c, struct vr_pack *p) {
  const struct counters *x = user;
  struct vr_pool_counter *k = &x->p->counters[x->f->counters[c]];
  vr_pack_pool_row(p, x->l->n, &k->definition);
  vr_pack_pool_fits(p, x->l->n, &k->calibrated);
  vr_pack_pool_model(p, x->l->n, &k->inferred);
}

/* From the VM process alone, and the definitions. */
static int pool_inferred(const struct vr_guest_data *const *data, size_t n,
                         const struct vr_train_options *options,
                         struct vr_pool *p, struct vr_error *error) {
  vr_cleanup(vr_left_out_clear) struct vr_left_out l = {0};
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  vr_counter_set not_ordered = 0;
  int r = vr_left_out_predict(data, n, VR_VM_PROCESS, options, &l, error);
  if (r == 0)
    r = vr_features_build(data, n, VR_VM_PROCESS, true, &f, error);
  struct counters x = {&l, &f, options, p};
  const struct vr_share_loop loop = {.n = f.n_counters,
                                     .run = pool_counter,
                                     .pack = pack_counter,
                                     .to_all = true,
                                     .user = &x};
  if (r == 0)
    r = vr_share_run(&loop, error);
  for (size_t c = 0; r == 0 && c < f.n_counters; c++)
    if (!p->counters[f.counters[c]].inferred.ordered)
      not_ordered |= VR_COUNTER_SET(f.counters[c]);
  vr_train_add_progress(options, 1);
  if (r == 0)
    vr_infer_warn("pooling", not_ordered);
  return r;
}

/* Points of fit that the whole of what the host knows must bring over the VM
 * process alone: what is not there, on another guest, cannot fail. */
#define GAIN_OF_ASSISTANCE 1.0

static int pool_counter_assisted(void *user, size_t c,
                                 struct vr_error *unused) {
  const struct counters *x = user;
  struct vr_pool_counter *k = &x->p->counters[x->f->counters[c]];
  (void)unused;
  if (k->definition.known)
    return 0;
  int r = vr_pool_model_of(x->l, x->f, c, x->options, &k->assisted);
  double alone = k->inferred.row.fit, fit = k->assisted.row.fit;
  if (r < 0 || k->assisted.model.n_inputs == 0 ||
      !(isnan(alone) || fit > alone + GAIN_OF_ASSISTANCE))
    vr_pool_model_clear(&k->assisted);
  return r;
}

static void pack_assisted(void *user, size_t c, struct vr_pack *p) {
  const struct counters *x = user;
  vr_pack_pool_model(p, x->l->n, &x->p->counters[x->f->counters[c]].assisted);
}

/* From all that the host knows of every guest; without that, nothing. */
static int pool_assisted(const struct vr_guest_data *const *data, size_t n,
                         const struct vr_train_options *options,
                         struct vr_pool *p) {
  const unsigned all = VR_VM_PROCESS | VR_DEVICE | VR_BALLOON;
  vr_cleanup(vr_left_out_clear) struct vr_left_out l = {0};
  vr_cleanup(vr_features_clear) struct vr_features f = {0};
  struct vr_error error;
  int r = vr_features_build(data, n, all, true, &f, &error);
  size_t more = 0;
  for (size_t s = 0; r == 0 && s < f.n_sources; s++)
    more += (vr_sources[f.sources[s].index].origin & VR_VM_PROCESS) == 0;
  if (r == 0 && more > 0)
    r = vr_left_out_predict(data, n, all, options, &l, &error);
  struct counters x = {&l, &f, options, p};
  const struct vr_share_loop loop = {.n = f.n_counters,
                                     .run = pool_counter_assisted,
                                     .pack = pack_assisted,
                                     .to_all = true,
                                     .user = &x};
  if (r == 0 && more > 0)
    r = vr_share_run(&loop, &error);
  return r == -ENOMEM ? r : 0;
}

size_t vr_pool_steps(size_t n) {
  size_t once = n > VR_POOL_FEW ? VR_FOLDS : n > 2 ? n * n : n;
  return 1 + 2 * once;
}

int vr_pool_train(const struct vr_guest_data *const *data, size_t n,
                  const struct vr_train_options *options,
                  struct vr_pool *ret_pool, struct vr_error *ret_error) {
  struct vr_pool p = {0};
  int r = check(data, n, ret_error);
  if (r < 0)
    return r;
  p.step = data[0]->grid.step;
  snprintf(ret_error->message, sizeof(ret_error->message), "pooling: %s",
           strerror(ENOMEM));
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    p.counters[c].counter = (enum vr_counter)c;
  r = name_guests(data, n, &p);
  if (r == 0)
    r = pool_inferred(data, n, options, &p, ret_error);
  if (r == 0 && !options->orders.given && n >= VR_POOL_ENOUGH)
    r = pool_assisted(data, n, options, &p);
  if (r < 0)
    vr_pool_clear(&p);
  else
    *ret_pool = p;
  return r;
}
