/* SPDX-License-Identifier: MIT */
#include "live/guest_series.h"

#include "basic/array.h"
#include "basic/sort.h"
#include "live/sum_members.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where signal is or would be among the guest's series. */
static size_t place_of(const struct vr_live_guest *g, uint32_t signal) {
  size_t low = 0, high = g->n_series;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (g->series[middle]->signal < signal)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct vr_live_series *vr_live_series_find(const struct vr_live_guest *g,
                                           uint32_t signal) {
  size_t i = place_of(g, signal);
  return i < g->n_series && g->series[i]->signal == signal ? g->series[i]
                                                           : NULL;
}

struct vr_live_series *vr_live_series_add(struct vr_live_guest *g,
                                          uint32_t signal,
                                          const struct vr_signal_form *form,
                                          unsigned capacity) {
  if (vr_array_reserve(&g->series, &g->series_size, g->n_series + 1) < 0)
    return NULL;
  struct vr_live_series *s = calloc(1, sizeof(*s));
  if (!s || vr_series_init(&s->series, form, capacity) < 0) {
    free(s);
    return NULL;
  }
  s->signal = signal;
  size_t at = place_of(g, signal);
  memmove(g->series + at + 1, g->series + at,
          (g->n_series - at) * sizeof(struct vr_live_series *));
  g->series[at] = s;
  g->n_series++;
  return s;
}

void vr_live_series_change_form(struct vr_live_series *s,
                                const struct vr_signal_form *form) {
  if (s->series.form.interval == form->interval &&
      s->series.form.kind == form->kind)
    return;
  vr_series_empty(&s->series);
  s->series.form = *form;
}

static void series_free(struct vr_live_series *s) {
  vr_live_members_clear(s);
  vr_series_clear(&s->series);
  free(s->member);
  free(s);
}

void vr_live_series_free_all(struct vr_live_guest *g) {
  for (size_t i = 0; i < g->n_series; i++)
    series_free(g->series[i]);
  free(g->series);
}

size_t vr_live_series_count(const struct vr_live_guest *g) {
  size_t n = 0;
  for (size_t i = 0; i < g->n_series; i++)
    for (const struct vr_live_series *s = g->series[i]; s; s = s->next)
      n++;
  return n;
}

double vr_live_series_latest(const struct vr_live_guest *g, uint32_t signal) {
  const struct vr_live_series *s = vr_live_series_find(g, signal);
  if (!s || s->series.n == 0 || s->series.form.kind != VR_GAUGE)
    return NAN;
  return s->series.samples[s->series.at + s->series.n - 1].value.gauge;
}

vr_time vr_live_series_longest_interval(const struct vr_live_guest *g) {
  vr_time longest = 0;
  for (size_t i = 0; i < g->n_series; i++)
    for (const struct vr_live_series *s = g->series[i]; s; s = s->next)
      if (s->series.form.interval > longest)
        longest = s->series.form.interval;
  return longest;
}

struct vr_guest_size vr_live_guest_size(const struct vr_live_guest *g) {
  return (struct vr_guest_size){
      .vcpus = vr_live_series_latest(g, VR_SIGNAL_VCPUS),
      .gib = vr_live_series_latest(g, VR_SIGNAL_MEMORY) / (double)(1 << 30),
  };
}

vr_time vr_live_signal_interval(const struct vr_live_guest *g,
                                uint32_t signal) {
  const struct vr_catalog_signal *s = g->catalog->signals[signal];
  if (!vr_signal_pattern_has_guest(&s->pattern))
    return vr_live_host_interval(g->on, s->text, g->newest);
  const struct vr_live_series *own = vr_live_series_find(g, signal);
  return own ? vr_live_members_interval(own) : 0;
}

/* --- another catalog --- */

uint32_t vr_live_signal_translate(const struct vr_catalog *from,
                                  const struct vr_catalog *to,
                                  uint32_t signal) {
  struct vr_catalog_signal *s = NULL;
  HASH_FIND_STR(to->by_text, from->signals[signal]->text, s);
  return s ? s->index : VR_NO_SIGNAL;
}

static int compare_series(const void *a, const void *b) {
  uint32_t x = (*(struct vr_live_series *const *)a)->signal,
           y = (*(struct vr_live_series *const *)b)->signal;
  return x < y ? -1 : x > y;
}

void vr_live_series_translate(struct vr_live_guest *g,
                              const struct vr_catalog *to) {
  size_t kept = 0;
  for (size_t i = 0; i < g->n_series; i++) {
    struct vr_live_series *s = g->series[i];
    s->signal = vr_live_signal_translate(g->catalog, to, s->signal);
    if (s->signal != VR_NO_SIGNAL)
      g->series[kept++] = s;
    else
      series_free(s);
  }
  g->n_series = kept;
  vr_sort(g->series, kept, sizeof(struct vr_live_series *), compare_series);
}
