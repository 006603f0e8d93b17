/* SPDX-License-Identifier: MIT */
#include "train/fit/measured.h"

#include "basic/cleanup.h"
#include "model/fit.h"
#include "train/data/sources.h"
#include "train/fit/judge.h"
#include "train/fit/model_run.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Points of fit by which the other end of the interfaces must fit better than
 * the one that libvirt means, and by which a gain must fit better than one. */
#define CLEARLY 10.0

/* SOURCE as it is, for D's guest. Returns 0 or -ENOMEM. */
static int model_of(const struct vr_source *source, enum vr_counter counter,
                    const struct vr_guest_data *d, struct vr_model *ret_model) {
  struct vr_source as_it_is = *source;
  as_it_is.scale = 1;
  struct vr_model m = {
      .counter = counter,
      .provenance = VR_DIRECT,
      .guest = strdup(d->guest),
      .accelerator = d->accelerator,
      .structure = VR_STATIC,
      .inputs = calloc(1, sizeof(*m.inputs)),
      .arx.inputs = calloc(1, sizeof(*m.arx.inputs)),
      .output = {.per = VR_PER_ONE,
                 .min = 0,
                 .max = vr_counter_info(counter)->max},
      .fit = {.free_run = NAN, .one_step = NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN},
  };
  double *b = malloc(sizeof(*b));
  if (m.inputs && vr_sources_input(&as_it_is, &m.inputs[0]) == 0)
    m.n_inputs = 1;
  if (m.arx.inputs && b) {
    *b = 1;
    m.arx.inputs[m.arx.nu++] = (struct vr_arx_input){.nb = 1, .b = b};
    b = NULL;
  }
  free(b);
  if (m.guest && m.n_inputs == 1 && m.arx.nu == 1) {
    *ret_model = m;
    return 0;
  }
  vr_model_clear(&m);
  return -ENOMEM;
}

/* The model of the first source that counts MEASURED, as one of counter C, with
 * its fit. -ENOENT where this guest has none. */
static int try_source(const struct vr_features *f, size_t c,
                      enum vr_counter measured, double *run,
                      struct vr_model *ret_model) {
  const struct vr_guest_data *d = f->recordings[0].data;
  int r = -ENOENT;
  for (size_t s = 0; s < vr_sources_count && r == -ENOENT; s++) {
    vr_cleanup(vr_model_clear) struct vr_model m = {0};
    if (!vr_sources[s].counts ||
        !vr_counter_in(vr_sources[s].measures, measured))
      continue;
    r = model_of(&vr_sources[s], f->counters[c], d, &m);
    if (r == 0)
      r = vr_fit_run_model(d, &m, run);
    if (r < 0)
      continue;
    m.fit.free_run =
        vr_model_fit_of(d->y[f->counters[c]], run, f->used, f->rows);
    if (!isfinite(m.fit.free_run)) {
      r = -ENOENT;
      continue;
    }
    *ret_model = m;
    m = (struct vr_model){0};
  }
  return r;
}

/* What it is that the other end of an interface calls C. */
static enum vr_counter other_end(enum vr_counter c) {
  return c == VR_NET_TX ? VR_NET_RX : c == VR_NET_RX ? VR_NET_TX : c;
}

/* Puts the model of the other end into the place of M where it is the one. */
static int try_other_end(const struct vr_features *f, size_t c, double *run,
                         struct vr_model *m) {
  enum vr_counter counter = f->counters[c];
  vr_auto_free double *there = calloc(f->rows + 1, sizeof(*there));
  struct vr_model other;
  if (!there)
    return -ENOMEM;
  if (other_end(counter) == counter)
    return 0;
  int r = try_source(f, c, other_end(counter), there, &other);
  if (r < 0)
    return r == -ENOENT ? 0 : r;
  if (other.fit.free_run > m->fit.free_run + CLEARLY) {
    struct vr_model one = *m;
    *m = other;
    other = one;
    memcpy(run, there, f->rows * sizeof(*run));
  }
  vr_model_clear(&other);
  return 0;
}

static bool is_its_number(const struct vr_model *m,
                          const struct vr_model_baseline *b) {
  double fit = m->fit.free_run;
  return fit > b->mean_fit + VR_JUDGE_MARGIN &&
         !(b->has_gain && b->gain_fit > fit + CLEARLY);
}

int vr_fit_measured(const struct vr_features *f, size_t c,
                    const struct vr_model_baseline *baseline, double *run,
                    struct vr_model *ret_model) {
  vr_cleanup(vr_model_clear) struct vr_model m = {0};
  int r = try_source(f, c, f->counters[c], run, &m);
  if (r == 0)
    r = try_other_end(f, c, run, &m);
  if (r == 0 && !is_its_number(&m, baseline))
    r = -ENOENT;
  if (r < 0)
    return r;
  *ret_model = m;
  m = (struct vr_model){0};
  return 0;
}
