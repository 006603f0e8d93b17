/* SPDX-License-Identifier: MIT */
#include "live/choose.h"

#include "live/guest_series.h"
#include "schema/guest_kernel.h"

#include <math.h>

/* A model's step may be this many times its inputs' interval. */
enum { MAX_SAMPLES_A_TICK = 1000 };

/* --- can it run? --- */

/* The intervals of a model's signals; 0 if one is not there. */
struct intervals {
  vr_time longest, shortest;
};

static struct intervals intervals_of(const struct vr_live_guest *g,
                                     const struct vr_catalog_model *m) {
  struct intervals found = {0, INT64_MAX};
  for (size_t i = 0; i < vr_live_catalog_model_signals(m); i++) {
    vr_time interval = vr_live_signal_interval(g, m->signals[i]);
    if (interval == 0)
      return (struct intervals){0, 0};
    found.longest = interval > found.longest ? interval : found.longest;
    found.shortest = interval < found.shortest ? interval : found.shortest;
  }
  return found;
}

/* A hundredth for intervals that no clock can express exactly. */
bool vr_live_choose_too_coarse(vr_time interval, vr_time step) {
  return interval > step + step / 100;
}

static bool is_about(vr_time interval, vr_time step) {
  return interval >= step - step / 100;
}

bool vr_live_choose_too_fine(vr_time interval, vr_time step) {
  return step / interval > MAX_SAMPLES_A_TICK;
}

static bool is_size_known(const struct vr_live_guest *g,
                          const struct vr_model *m) {
  struct vr_guest_size size = vr_live_guest_size(g);
  bool vcpu = m->output.per == VR_PER_VCPU, gib = m->output.per == VR_PER_GIB;
  for (size_t i = 0; i < m->n_inputs; i++) {
    vcpu = vcpu || m->inputs[i].per == VR_PER_VCPU || m->inputs[i].n_busy > 0;
    gib = gib || m->inputs[i].per == VR_PER_GIB;
  }
  return (!vcpu || size.vcpus > 0) && (!gib || size.gib > 0);
}

vr_time vr_live_choose_interval(const struct vr_live_guest *g,
                                const struct vr_catalog_model *m) {
  return intervals_of(g, m).longest;
}

static enum vr_refusal wrong_accelerator(const struct vr_live_guest *g,
                                         enum vr_accelerator wanted) {
  if (wanted == VR_ACCEL_ANY)
    return VR_NOT_REFUSED;
  double accelerator = vr_live_series_latest(g, VR_SIGNAL_ACCELERATOR);
  if (isnan(accelerator))
    return VR_ACCELERATOR_UNKNOWN;
  return accelerator == (double)wanted ? VR_NOT_REFUSED
                                       : VR_OF_OTHER_ACCELERATOR;
}

/* One that nobody has told of is there: QEMU gives it to its guests. */
static bool is_wrong_clock(const struct vr_live_guest *g,
                           enum vr_steal_clock wanted) {
  bool none = vr_live_series_latest(g, VR_SIGNAL_GUEST_STEAL_CLOCK) == 0;
  return wanted != VR_STEAL_CLOCK_UNKNOWN &&
         none != (wanted == VR_STEAL_CLOCK_NONE);
}

/* A law of Linux's kernel holds in no other. */
static bool is_wrong_os(const struct vr_live_guest *g,
                        const struct vr_model *m) {
  return m->structure == VR_LOAD_LAW &&
         vr_live_series_latest(g, VR_SIGNAL_GUEST_OS) == VR_OS_OTHER;
}

/* Does M rest on how long the vCPU threads run, or how often they sleep, and
 * these do so for an idle guest, too? */
static bool is_idle_hidden(const struct vr_live_guest *g,
                           const struct vr_catalog_model *m) {
  if (vr_live_series_latest(g, VR_SIGNAL_GUEST_IDLE_HIDDEN) != 1)
    return false;
  for (size_t i = 0; i < vr_live_catalog_model_signals(m); i++)
    if (g->catalog->signals[m->signals[i]]->shows_idle)
      return true;
  return false;
}

enum vr_refusal vr_live_choose_refusal(const struct vr_live_guest *g,
                                       const struct vr_catalog_model *m) {
  if (!vr_live_catalog_model_is_for(m, g->name))
    return VR_OF_OTHER_GUESTS;
  enum vr_refusal refusal = wrong_accelerator(g, m->model->accelerator);
  if (refusal != VR_NOT_REFUSED)
    return refusal;
  if (is_wrong_clock(g, m->model->steal_clock))
    return VR_OF_OTHER_CLOCK;
  if (is_wrong_os(g, m->model))
    return VR_OF_OTHER_SYSTEM;
  if (is_idle_hidden(g, m))
    return VR_IDLE_NOT_SEEN;
  struct intervals intervals = intervals_of(g, m);
  if (intervals.longest == 0)
    return VR_INPUT_MISSING;
  if (!is_size_known(g, m->model))
    return VR_SIZE_UNKNOWN;
  vr_time step = m->step > 0 ? m->step : intervals.longest;
  if (vr_live_choose_too_coarse(intervals.longest, step))
    return VR_INPUT_TOO_COARSE;
  if (vr_live_choose_too_fine(intervals.shortest, step))
    return VR_INPUT_TOO_FINE;
  return VR_NOT_REFUSED;
}

/* --- choosing --- */

static void add_choice(const struct vr_live_guest *g,
                       struct vr_choices *choices,
                       const struct vr_catalog_model *m, bool published) {
  for (size_t i = 0; i < choices->n; i++)
    if (choices->items[i].model == m) {
      choices->items[i].published |= published;
      choices->items[i].model_series |= !published;
      return;
    }
  struct intervals intervals = intervals_of(g, m);
  vr_time step = m->step > 0 ? m->step : intervals.longest;
  choices->items[choices->n++] = (struct vr_choice){
      .model = m,
      .step = step,
      .interval =
          is_about(intervals.shortest, step) ? step : intervals.shortest,
      .published = published,
      .model_series = !published,
  };
}

/* What was made of guests in guests is a candidate elsewhere, and can be looked
 * at; it is not published there. */
bool vr_live_choose_is_elsewhere(const struct vr_live_guest *g,
                                 const struct vr_catalog_model *m) {
  return m->model->nested &&
         vr_live_series_latest(g, VR_SIGNAL_GUEST_NESTED) != 1;
}

static bool can_publish(const struct vr_live_guest *g,
                        const struct vr_catalog_model *m) {
  return m->publishable && !vr_live_choose_is_elsewhere(g, m) &&
         vr_live_choose_refusal(g, m) == VR_NOT_REFUSED;
}

static bool can_show(const struct vr_live_guest *g,
                     const struct vr_catalog_model *m) {
  return m->model->provenance == VR_INFERRED &&
         vr_live_choose_refusal(g, m) == VR_NOT_REFUSED;
}

/* The first model in the catalog's order that CAN; of those that are as good as
 * it, the one of the finest step: a step that is below the interval of its
 * inputs was refused. NULL if there is none. */
static const struct vr_catalog_model *
first_of(const struct vr_live_guest *g, int counter,
         bool (*can)(const struct vr_live_guest *,
                     const struct vr_catalog_model *)) {
  const struct vr_catalog_model *first = NULL, *m;
  struct vr_candidates all =
      vr_live_candidates_of(&g->catalog->candidates, g->name, counter);
  while ((m = vr_live_candidates_next(&all))) {
    if (first && !vr_live_candidates_differ_in_step(first, m))
      break;
    if ((!first || m->step < first->step) && can(g, m))
      first = m;
  }
  return first;
}

static void choose_counter(const struct vr_live_guest *g, int counter,
                           bool model_series, struct vr_choices *choices) {
  const struct vr_catalog_model *m = first_of(g, counter, can_publish);
  if (m)
    add_choice(g, choices, m, true);
  m = model_series ? first_of(g, counter, can_show) : NULL;
  if (m)
    add_choice(g, choices, m, false);
}

void vr_live_choose(const struct vr_live_guest *g,
                    const struct vr_live_context *context,
                    struct vr_choices *ret_choices) {
  ret_choices->n = 0;
  for (int k = 0; k < VR_COUNTERS; k++)
    choose_counter(g, k, context->options.model_series, ret_choices);
}
