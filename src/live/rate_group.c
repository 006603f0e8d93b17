/* SPDX-License-Identifier: MIT */
#include "live/rate_group.h"

#include "basic/array.h"
#include "live/guest_series.h"
#include "live/input_history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct vr_rate_group *vr_live_group_find(struct vr_rate_group *groups, size_t n,
                                         vr_time step) {
  for (size_t l = 0; l < n; l++)
    if (groups[l].step == step)
      return &groups[l];
  return NULL;
}

const struct vr_active *
vr_live_group_published(const struct vr_live_guest *g, int c,
                        const struct vr_rate_group **ret_group) {
  for (size_t l = 0; l < g->n_groups; l++)
    for (unsigned i = 0; i < g->groups[l].n_active; i++) {
      const struct vr_active *a = &g->groups[l].active[i];
      if (!a->published || (int)a->model->model->counter != c)
        continue;
      if (ret_group)
        *ret_group = &g->groups[l];
      return a;
    }
  return NULL;
}

int vr_live_group_input(struct vr_rate_group *group,
                        const struct vr_live_guest *g, uint32_t signal) {
  for (unsigned i = 0; i < group->n_inputs; i++)
    if (group->inputs[i].signal == signal)
      return (int)i;
  if (vr_array_reserve(&group->inputs, &group->inputs_size,
                       group->n_inputs + 1) < 0)
    return -ENOMEM;
  group->inputs[group->n_inputs] = (struct vr_rate_group_input){
      .signal = signal,
      .own = vr_live_series_find(g, signal),
      .value = NAN,
  };
  return (int)group->n_inputs++;
}

int vr_live_group_needs(struct vr_rate_group *group,
                        const struct vr_live_guest *g, uint32_t signal) {
  int i = vr_live_group_input(group, g, signal);
  if (i >= 0)
    group->inputs[i].needed = true;
  return i;
}

struct vr_active *vr_live_group_reserve_active(struct vr_rate_group *group) {
  if (vr_array_reserve(&group->active, &group->active_size,
                       group->n_active + 1) < 0)
    return NULL;
  return &group->active[group->n_active];
}

vr_time vr_live_group_lateness(const struct vr_live_context *context,
                               const struct vr_rate_group *group) {
  vr_time longest = 0;
  for (unsigned i = 0; i < group->n_inputs; i++)
    if (group->inputs[i].own && group->inputs[i].needed &&
        group->inputs[i].own->series.form.interval > longest)
      longest = group->inputs[i].own->series.form.interval;
  return longest * context->options.allowed_lateness;
}

static void active_clear(struct vr_active *a) {
  vr_run_free(a->run);
  free(a->inputs);
  free(a->regime);
}

void vr_live_groups_free(struct vr_live_context *context,
                         struct vr_rate_group *groups, size_t n) {
  for (size_t l = 0; l < n; l++) {
    for (unsigned i = 0; i < groups[l].n_inputs; i++)
      vr_live_history_free(context, groups[l].inputs[i].history);
    for (unsigned i = 0; i < groups[l].n_active; i++)
      active_clear(&groups[l].active[i]);
    free(groups[l].inputs);
    free(groups[l].active);
  }
  free(groups);
}

void vr_live_groups_clear(struct vr_live_guest *g,
                          struct vr_live_context *context) {
  vr_live_groups_free(context, g->groups, g->n_groups);
  g->groups = NULL;
  g->n_groups = 0;
}
