/* SPDX-License-Identifier: MIT */
#include "live/input_history.h"

#include "live/guest_series.h"

#include <math.h>
#include <stdlib.h>

enum { HISTORY_BYTES = VR_HISTORY_TICKS * sizeof(double) };

bool vr_live_history_has_room(struct vr_live_context *context) {
  return atomic_load_explicit(&context->history_left, memory_order_relaxed) >=
         HISTORY_BYTES;
}

/* Takes the bytes of one history from those that are left. */
static bool take_room(struct vr_live_context *context) {
  size_t left = atomic_load(&context->history_left);
  do {
    if (left < HISTORY_BYTES)
      return false;
  } while (!atomic_compare_exchange_weak(&context->history_left, &left,
                                         left - HISTORY_BYTES));
  return true;
}

double *vr_live_history_new(struct vr_live_context *context) {
  if (!take_room(context))
    return NULL;
  double *history = malloc(HISTORY_BYTES);
  if (!history) {
    atomic_fetch_add(&context->history_left, HISTORY_BYTES);
    return NULL;
  }
  for (int i = 0; i < VR_HISTORY_TICKS; i++)
    history[i] = NAN;
  return history;
}

void vr_live_history_free(struct vr_live_context *context, double *history) {
  if (!history)
    return;
  atomic_fetch_add(&context->history_left, HISTORY_BYTES);
  free(history);
}

void vr_live_history_add(struct vr_rate_group *group) {
  for (unsigned i = 0; i < group->n_inputs; i++)
    if (group->inputs[i].history)
      group->inputs[i].history[group->history_at] = group->inputs[i].value;
  group->history_at = (group->history_at + 1) % VR_HISTORY_TICKS;
  if (group->history_n < VR_HISTORY_TICKS)
    group->history_n++;
}

/* What input I of the group was at TICK; NAN where that is not in the history.
 */
static double past_value(const struct vr_rate_group *group, uint32_t i,
                         int64_t tick) {
  int64_t ago = group->next - tick; /* 1: the tick computed last */
  if (ago <= 0 || ago > (int64_t)group->history_n || !group->inputs[i].history)
    return NAN;
  return group->inputs[i]
      .history[(group->history_at + VR_HISTORY_TICKS - (unsigned)ago) %
               VR_HISTORY_TICKS];
}

/* What the model's inputs were at TICK of the group, as far as is known. Is all
 * of it known? */
static bool past_sums(const struct vr_rate_group *group,
                      const struct vr_active *a, int64_t tick,
                      const struct vr_guest_size *size, double *sums) {
  const struct vr_model *m = a->model->model;
  bool all = true;
  const uint32_t *in = a->inputs;
  for (size_t i = 0; i < m->n_inputs; i++) {
    const struct vr_model_input *of = &m->inputs[i];
    double busy = 0;
    size_t s = 0;
    sums[i] = 0;
    for (; s < of->n_signals - of->n_busy; s++)
      sums[i] += past_value(group, *in++, tick);
    for (; s < of->n_signals; s++)
      busy += past_value(group, *in++, tick);
    if (of->n_busy > 0)
      sums[i] = vr_model_over_idle(sums[i], busy, size);
    all = all && isfinite(sums[i]);
  }
  return all;
}

static double past_regime(const struct vr_rate_group *group,
                          const struct vr_active *a, int64_t tick) {
  double sum = 0;
  if (!a->regime)
    return NAN;
  for (size_t s = 0; s < a->model->model->intervals.regime.n_signals; s++)
    sum += past_value(group, a->regime[s], tick);
  return sum;
}

int64_t vr_live_history_first_known(const struct vr_rate_group *group,
                                    const struct vr_active *a, int64_t first) {
  double sums[VR_MODEL_MAX_INPUTS];
  int64_t oldest = group->next - (int64_t)group->history_n;
  int64_t tick = first > oldest ? first : oldest;
  /* Whatever its size: what is asked is only whether it is known. */
  const struct vr_guest_size size = {1, 1};
  while (tick < group->next && !past_sums(group, a, tick, &size, sums))
    tick++;
  return tick;
}

void vr_live_history_replay(const struct vr_live_guest *g,
                            const struct vr_rate_group *group,
                            struct vr_active *a, int64_t first) {
  struct vr_guest_size size = vr_live_guest_size(g);
  double sums[VR_MODEL_MAX_INPUTS];
  for (int64_t tick = first; tick < group->next; tick++) {
    past_sums(group, a, tick, &size, sums);
    vr_run_set_regime(a->run, past_regime(group, a, tick));
    vr_run_step(a->run, sums, &size);
  }
}
