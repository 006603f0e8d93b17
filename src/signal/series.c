/* SPDX-License-Identifier: MIT */
#include "signal/series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int vr_series_init(struct vr_series *s, const struct vr_signal_form *form,
                   unsigned capacity) {
  *s = (struct vr_series){.form = *form};
  return vr_series_reserve(s, capacity);
}

void vr_series_clear(struct vr_series *s) {
  free(s->samples);
  *s = (struct vr_series){0};
}

int vr_series_reserve(struct vr_series *s, unsigned capacity) {
  if (capacity <= s->capacity)
    return 0;
  struct vr_sample *samples = calloc(2 * (size_t)capacity, sizeof(*samples));
  if (!samples)
    return -ENOMEM;
  if (s->n > 0)
    memcpy(samples, s->samples + s->at, s->n * sizeof(*samples));
  free(s->samples);
  s->samples = samples;
  s->capacity = capacity;
  s->at = 0;
  return 0;
}

void vr_series_empty(struct vr_series *s) { s->n = s->at = 0; }

/* Makes room for one more sample behind the newest, dropping the oldest when
 * full. Moves the samples to the front once in CAPACITY calls. */
static void make_room(struct vr_series *s) {
  if (s->n == s->capacity) {
    s->at++;
    s->n--;
  }
  if (s->at + s->n == 2 * s->capacity) {
    memmove(s->samples, s->samples + s->at, s->n * sizeof(*s->samples));
    s->at = 0;
  }
}

int vr_series_add(struct vr_series *s, const struct vr_sample *sample) {
  unsigned place = s->n; /* among the samples in order */
  while (place > 0 && s->samples[s->at + place - 1].time > sample->time)
    place--;
  if (place > 0 && s->samples[s->at + place - 1].time == sample->time)
    return -EEXIST;
  bool full = s->n == s->capacity;
  if (full && place == 0)
    return -ESTALE;
  make_room(s);
  if (full)
    place--;
  struct vr_sample *at = s->samples + s->at + place;
  memmove(at + 1, at, (s->n - place) * sizeof(*at));
  *at = *sample;
  s->n++;
  return 0;
}

bool vr_series_contradicts(const struct vr_series *s,
                           const struct vr_sample *sample) {
  if (s->n == 0 || s->form.kind != VR_DERIVE)
    return false;
  const struct vr_sample *newest = s->samples + s->at + s->n - 1;
  return sample->time <= newest->time &&
         sample->value.derive > newest->value.derive;
}

vr_time vr_series_newest(const struct vr_series *s) {
  return s->samples[s->at + s->n - 1].time;
}

vr_time vr_series_oldest(const struct vr_series *s) {
  return s->samples[s->at].time;
}

bool vr_series_covers(const struct vr_series *s, vr_time begin, vr_time end) {
  if (s->n == 0 || vr_series_newest(s) < end)
    return false;
  vr_time too_far = s->form.interval * 3 / 2;
  const struct vr_sample *oldest = s->samples + s->at;
  for (const struct vr_sample *p = oldest + s->n - 1; p > oldest; p--) {
    if (p->time <= begin)
      return true;
    if (p[-1].time < end && p->time - p[-1].time > too_far)
      return false;
  }
  return true;
}

double vr_series_mean(const struct vr_series *s, vr_time begin, vr_time end) {
  return vr_resample_mean(&s->form, s->samples + s->at, s->n, begin, end, NULL);
}

double vr_series_level_at(const struct vr_series *s, vr_time at) {
  const struct vr_signal_form *form = &s->form;
  vr_time gap = form->max_gap > 0 ? form->max_gap : form->interval * 5 / 2;
  for (unsigned k = s->n; k-- > 0;) {
    const struct vr_sample *sample = &s->samples[s->at + k];
    if (sample->time <= at)
      return at - sample->time < gap ? sample->value.gauge : NAN;
  }
  return NAN;
}
