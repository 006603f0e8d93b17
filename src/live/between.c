/* SPDX-License-Identifier: MIT */
#include "live/between.h"

#include "live/rate_group.h"

#include <math.h>

/* A count of the guest's that is passed on as it was reported. */
struct passed {
  enum vr_counter counter;
  enum vr_provenance provenance;
  const struct vr_series *series;
  double gain;
};

/* Where RRD files put the time T: collectd rounds. */
static vr_time second_of(vr_time t) { return (t + VR_SECOND / 2) / VR_SECOND; }

/* Is it the one signal of the model, but for a factor? */
static bool is_plain(const struct vr_model *m) {
  return m->structure == VR_STATIC && m->provenance == VR_COOPERATIVE &&
         m->n_inputs == 1 && m->inputs[0].n_signals == 1 &&
         m->inputs[0].per == VR_PER_ONE && m->inputs[0].offset == 0 &&
         m->inputs[0].transform == VR_PLAIN && m->output.per == VR_PER_ONE &&
         m->output.offset == 0;
}

/* Is counter C passed on in the tick (BEGIN, END]? Its total must stand at
 * BEGIN. */
static bool is_passed(const struct vr_live_guest *g, int c, vr_time begin,
                      vr_time end, struct passed *ret) {
  const struct vr_held *h = &g->held[c];
  const struct vr_rate_group *group;
  if (h->end != end || h->interval != end - begin ||
      g->totals[c].last != begin || !isfinite(h->value.value) ||
      !vr_counter_info((enum vr_counter)c)->is_rate)
    return false;
  const struct vr_active *a = vr_live_group_published(g, c, &group);
  if (!a || !is_plain(a->model->model))
    return false;
  const struct vr_live_series *own = group->inputs[a->inputs[0]].own;
  if (!own || own->series.n == 0)
    return false;
  const struct vr_model *m = a->model->model;
  *ret = (struct passed){.counter = (enum vr_counter)c,
                         .provenance = m->provenance,
                         .series = &own->series,
                         .gain = m->inputs[0].scale * m->arx.inputs[0].b[0]};
  return true;
}

/* The first report after T and before END that is in a second of its own. */
static vr_time next_report(const struct passed *passed, size_t n, vr_time t,
                           vr_time end) {
  vr_time first = end;
  for (size_t i = 0; i < n; i++) {
    const struct vr_series *s = passed[i].series;
    for (unsigned k = 0; k < s->n; k++) {
      vr_time at = s->samples[s->at + k].time;
      if (second_of(at) > second_of(t) && second_of(at) < second_of(end) &&
          at < first)
        first = at;
    }
  }
  return first;
}

/* The total of P rises until T; is it known how far? */
static bool rise(struct vr_live_guest *g, const struct passed *p, vr_time t,
                 double *ret_rate) {
  struct vr_total *total = &g->totals[p->counter];
  if (vr_series_newest(p->series) < t)
    return false;
  double mean = vr_series_mean(p->series, total->last, t);
  if (!isfinite(mean))
    return false;
  *ret_rate = p->gain * mean;
  vr_live_total_advance(total, *ret_rate, t, t - total->last);
  return true;
}

/* Fills the answer with what is known at T. Is there anything? */
static bool fill(struct vr_live_guest *g, const struct passed *passed, size_t n,
                 vr_time t, struct vr_answer *answer) {
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    const struct passed *p = &passed[i];
    struct vr_counter_answer *a = &answer->counters[p->counter];
    if (!rise(g, p, t, &a->value))
      continue;
    a->present = any = true;
    a->provenance = p->provenance;
    a->fit = NAN;
    a->total = g->totals[p->counter].total;
  }
  return any;
}

void vr_live_between_publish(struct vr_live_guest *g,
                             struct vr_live_context *context,
                             const struct vr_beat *beat, vr_time end) {
  struct passed passed[VR_COUNTERS];
  vr_time begin = end - beat->interval;
  size_t n = 0;
  for (int c = 0; c < VR_COUNTERS; c++)
    n += is_passed(g, c, begin, end, &passed[n]);
  for (vr_time t = begin; n > 0 && t < end;) {
    struct vr_answer answer = {.host = g->host,
                               .guest = g->name,
                               .interval = beat->interval,
                               .named = atomic_load(&g->owns_name),
                               .between = true};
    answer.time = t = next_report(passed, n, t, end);
    if (fill(g, passed, n, t, &answer) && t < end && t > g->standby_until)
      context->options.answer(context->options.user, &answer);
  }
}
