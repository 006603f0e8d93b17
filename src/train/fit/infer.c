/* SPDX-License-Identifier: MIT */
#include "train/fit/infer.h"

#include "basic/log.h"
#include "basic/text.h"
#include "train/fit/choose_inputs.h"
#include "train/fit/fit_orders.h"
#include "train/fit/regression.h"
#include "train/fit/static_baseline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Source S as a model's input, its mean over FOLDS taken off. It may go beyond
 * what FOLDS saw by as much as it spread there; a linear law that held so far
 * is not believed further out. */
static int source_input(const struct vr_features *f, size_t c, size_t s,
                        unsigned folds, struct vr_model_input *ret) {
  const struct vr_source *source = &vr_sources[f->sources[s].index];
  int r = vr_sources_input(source, ret);
  if (r < 0)
    return r;
  vr_features_source_range(f, s, folds, &ret->offset, &ret->range_min,
                           &ret->range_max);
  double spread = ret->range_max - ret->range_min;
  if (vr_counter_in(source->measures, f->counters[c]))
    spread = INFINITY;
  ret->range_min -= spread;
  ret->range_max += spread;
  return 0;
}

/* One input's b: (1 - p) theta, for A = 1 - p q^-1. */
static int arx_input(const double *theta, unsigned nb, unsigned nk, double pole,
                     struct vr_arx_input *ret) {
  double *b = calloc(nb, sizeof(*b));
  if (!b)
    return -ENOMEM;
  for (unsigned k = 0; k < nb; k++)
    b[k] = (1 - pole) * theta[k];
  *ret = (struct vr_arx_input){.nb = nb, .nk = nk, .b = b};
  return 0;
}

static int fill_inputs(const struct vr_features *f, size_t c,
                       const struct vr_choice *choice,
                       const struct vr_coefficients *b, unsigned folds,
                       struct vr_model *m) {
  double pole = f->poles[choice->pole];
  const double *theta = b->theta;
  m->output.offset = b->constant;
  for (unsigned i = 0; i < choice->n_inputs; i++) {
    unsigned nb = choice->inputs[i].nb;
    int r = source_input(f, c, choice->inputs[i].source, folds, &m->inputs[i]);
    if (r < 0)
      return r;
    m->n_inputs = i + 1;
    r = arx_input(theta, nb, choice->inputs[i].nk, pole, &m->arx.inputs[i]);
    if (r < 0)
      return r;
    m->arx.nu = i + 1;
    for (unsigned k = 0; k < nb; k++)
      m->output.offset += theta[k] * m->inputs[i].offset;
    theta += nb;
  }
  return 0;
}

/* CHOICE with the coefficients B as a model. */
static int build_model(const struct vr_features *f, size_t c,
                       const struct vr_choice *choice,
                       const struct vr_coefficients *b, unsigned folds,
                       struct vr_model *ret_model) {
  const struct vr_guest_data *d = f->recordings[0].data;
  double pole = choice->n_inputs > 0 ? f->poles[choice->pole] : 0;
  struct vr_model m = {
      .counter = f->counters[c],
      .provenance = VR_INFERRED,
      .guest = strdup(d->guest),
      .accelerator = d->accelerator,
      .nested = d->nested,
      .structure = pole == 0 ? VR_FIR
                   : m.counter == VR_LOAD && choice->pole == f->load_pole
                       ? VR_LOAD_FILTER
                       : VR_ARX,
      .step = f->step,
      .inputs = calloc(choice->n_inputs + 1, sizeof(*m.inputs)),
      .arx.inputs = calloc(choice->n_inputs + 1, sizeof(*m.arx.inputs)),
      .output = {.per = f->per[c],
                 .min = 0,
                 .max = vr_counter_info(m.counter)->max},
      .fit = {.free_run = NAN, .one_step = NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN},
  };
  int r = m.guest && m.inputs && m.arx.inputs ? 0 : -ENOMEM;
  if (r == 0 && pole > 0) {
    m.arx.a = calloc(2, sizeof(*m.arx.a));
    r = m.arx.a ? 0 : -ENOMEM;
    if (r == 0) {
      m.arx.na = 1;
      m.arx.a[0] = 1;
      m.arx.a[1] = -pole;
    }
  }
  if (r == 0)
    r = fill_inputs(f, c, choice, b, folds, &m);
  if (r < 0)
    vr_model_clear(&m);
  else
    *ret_model = m;
  return r;
}

int vr_infer_ordered(const struct vr_features *f, size_t c,
                     const struct vr_choice *choice,
                     const struct vr_given_orders *orders, unsigned folds,
                     struct vr_model *ret_model) {
  struct vr_error error = {""};
  struct vr_arx arx;
  int r = vr_fit_orders_estimate(f, c, choice, orders, folds, &arx, &error);
  if (r < 0)
    return r == -ENOMEM ? r : -ENODATA;
  const struct vr_coefficients none = {.constant =
                                           vr_features_mean(f, c, folds)};
  struct vr_choice still = *choice;
  still.pole = f->static_pole;
  struct vr_model m;
  r = build_model(f, c, &still, &none, folds, &m);
  if (r < 0) {
    vr_arx_clear(&arx);
    return r;
  }
  vr_arx_clear(&m.arx);
  m.arx = arx;
  m.structure = arx.na > 0 ? VR_ARX : VR_FIR;
  *ret_model = m;
  return 0;
}

int vr_infer(const struct vr_features *f, size_t c,
             const struct vr_given_orders *orders, unsigned folds,
             struct vr_choice *ret_choice, struct vr_model *ret_model) {
  struct vr_choice choice;
  struct vr_coefficients b;
  vr_choose_inputs(f, c, folds, &choice);
  if (orders->given && choice.n_inputs > 0) {
    *ret_choice = choice;
    int r = vr_infer_ordered(f, c, &choice, orders, folds, ret_model);
    if (r != -ENODATA)
      return r;
  }
  if (vr_regression_estimate(f, c, &choice, folds, &b) < 0) {
    choice = (struct vr_choice){0};
    b = (struct vr_coefficients){.constant = vr_features_mean(f, c, folds)};
  }
  *ret_choice = choice;
  int r = build_model(f, c, &choice, &b, folds, ret_model);
  return r < 0 ? r : orders->given && choice.n_inputs > 0;
}

void vr_infer_span(const struct vr_features *f, size_t c,
                   struct vr_model_fit *fit) {
  const struct vr_guest_data *d = f->recordings[0].data;
  fit->rows = vr_features_rows(f, c, vr_feature_folds(f));
  fit->begin = d->grid.begin;
  fit->end = d->grid.begin + (double)(d->grid.rows - 1) * d->grid.step;
}

void vr_infer_warn(const char *who, vr_counter_set counters) {
  char names[256];
  struct vr_text text = {.at = names, .left = sizeof(names)};
  names[0] = '\0';
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    if (vr_counter_in(counters, (enum vr_counter)c))
      vr_text_append(&text, "%s%s", *names ? ", " : "",
                     vr_counter_info((enum vr_counter)c)->name);
  if (counters)
    vr_log_warning("%s: not enough data for the given orders, as a whole or "
                   "without a part; chosen ones are used for %s",
                   who, names);
}

int vr_infer_physics(const struct vr_features *f, size_t c,
                     struct vr_model *ret_model) {
  if (f->counters[c] != VR_LOAD)
    return -ENOENT;
  for (size_t s = 0; s < f->n_sources; s++)
    if (strcmp(vr_sources[f->sources[s].index].name, "busy") == 0) {
      const struct vr_choice choice = {
          .pole = f->load_pole, .n_inputs = 1, .inputs = {{s, 0, 1}}};
      const struct vr_coefficients one = {.theta = {1}};
      return build_model(f, c, &choice, &one, vr_feature_folds(f), ret_model);
    }
  return -ENOENT;
}

int vr_infer_gain(const struct vr_features *f, size_t c, unsigned folds,
                  struct vr_choice *ret_choice, struct vr_model *ret_model) {
  struct vr_coefficients b;
  int r =
      vr_static_baseline(f, c, VR_EVERY_GROUP, folds,
                         f->recordings[0].data->accelerator, ret_choice, &b);
  return r < 0 ? r : build_model(f, c, ret_choice, &b, folds, ret_model);
}

int vr_infer_baseline(const struct vr_features *f, size_t c, double per,
                      struct vr_model_baseline *ret) {
  unsigned folds = vr_feature_folds(f);
  struct vr_model_baseline b = {.mean = per * vr_features_mean(f, c, folds),
                                .mean_fit = NAN,
                                .gain_fit = NAN};
  struct vr_choice choice;
  struct vr_model m;
  int r = vr_infer_gain(f, c, folds, &choice, &m);
  if (r == 0) {
    b.has_gain = true;
    b.gain = per * m.arx.inputs[0].b[0];
    b.constant = per * m.output.offset - b.gain * m.inputs[0].offset;
    r = vr_data_input_copy(&m.inputs[0], &b.gain_input);
    b.gain_input.offset = 0;
    b.gain_input.range_min = -INFINITY;
    b.gain_input.range_max = INFINITY;
    vr_model_clear(&m);
  }
  if (r < 0 && r != -ENOENT)
    return r;
  *ret = b;
  return 0;
}

void vr_fit_describe_choice(const struct vr_features *f,
                            const struct vr_choice *choice, char *text,
                            size_t size) {
  size_t n = 0;
  text[0] = '\0';
  for (unsigned i = 0; i < choice->n_inputs && n < size; i++)
    n += (size_t)snprintf(
        text + n, size - n, "%s%s", i ? " " : "",
        vr_sources[f->sources[choice->inputs[i].source].index].name);
}
