/* SPDX-License-Identifier: MIT */
#include "topology/windows.h"

#include "basic/array.h"
#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

void vr_windows_init(struct vr_windows *w, size_t max_guests,
                     size_t max_pairs) {
  *w = (struct vr_windows){0};
  vr_index_init(&w->guest_index, max_guests);
  vr_index_init(&w->pair_index, max_pairs);
}

void vr_windows_clear(struct vr_windows *w) {
  for (size_t i = 0; i < w->n_guests; i++)
    free(w->guests[i]);
  free(w->guests);
  free(w->pairs);
  vr_index_clear(&w->guest_index);
  vr_index_clear(&w->pair_index);
  *w = (struct vr_windows){0};
}

static long guest_of(struct vr_windows *w, const char *name) {
  size_t length = strlen(name);
  long g = vr_index_find(&w->guest_index, name, length);
  if (g >= 0)
    return g;
  vr_auto_free char *copy = strdup(name);
  if (!copy ||
      vr_array_one_more(&w->guests, w->n_guests, sizeof(*w->guests)) < 0)
    return -ENOMEM;
  int r = vr_index_set(&w->guest_index, name, length, (uint32_t)w->n_guests);
  if (r < 0)
    return r;
  w->guests[w->n_guests] = vr_steal(&copy);
  return (long)w->n_guests++;
}

static long pair_of(struct vr_windows *w, uint32_t from, uint32_t to) {
  const uint32_t key[2] = {from, to};
  long p = vr_index_find(&w->pair_index, key, sizeof(key));
  if (p >= 0)
    return p;
  if (vr_array_one_more(&w->pairs, w->n_pairs, sizeof(*w->pairs)) < 0)
    return -ENOMEM;
  int r = vr_index_set(&w->pair_index, key, sizeof(key), (uint32_t)w->n_pairs);
  if (r < 0)
    return r;
  w->pairs[w->n_pairs] = (struct vr_windows_pair){.from = from, .to = to};
  return (long)w->n_pairs++;
}

static void note_silence(struct vr_windows *w, const char *from, const char *to,
                         enum vr_windows_view view) {
  long f = vr_index_find(&w->guest_index, from, strlen(from));
  long t = vr_index_find(&w->guest_index, to, strlen(to));
  const uint32_t key[2] = {(uint32_t)f, (uint32_t)t};
  long p =
      f < 0 || t < 0 ? -1 : vr_index_find(&w->pair_index, key, sizeof(key));
  if (p >= 0)
    w->pairs[p].reported[view] = true;
}

int vr_windows_add(struct vr_windows *w, const char *from, const char *to,
                   enum vr_windows_view view, double rate) {
  if (!isfinite(rate) || rate < 0 || strcmp(from, to) == 0)
    return 0;
  if (rate == 0) {
    note_silence(w, from, to, view);
    return 0;
  }
  long f = guest_of(w, from);
  if (f < 0)
    return (int)f;
  long t = guest_of(w, to);
  if (t < 0)
    return (int)t;
  long p = pair_of(w, (uint32_t)f, (uint32_t)t);
  if (p < 0)
    return (int)p;
  w->pairs[p].open[view] += rate;
  w->pairs[p].reported[view] = true;
  return 0;
}

static bool is_silent(const struct vr_windows_pair *p) {
  for (int i = 0; i < VR_WINDOWS; i++)
    if (p->closed[i] > 0)
      return false;
  return true;
}

/* The last one takes the place of the one that goes. */
static void remove_pair(struct vr_windows *w, size_t i) {
  struct vr_windows_pair *p = &w->pairs[i], *last = &w->pairs[w->n_pairs - 1];
  const uint32_t key[2] = {p->from, p->to};
  vr_index_remove(&w->pair_index, key, sizeof(key));
  if (p != last) {
    const uint32_t moved[2] = {last->from, last->to};
    *p = *last;
    vr_index_set(&w->pair_index, moved, sizeof(moved), (uint32_t)i);
  }
  w->n_pairs--;
}

/* Without its guests that are in no pair: numbers change, so all is built
 * anew. Where memory is short everything stays as it is. */
static void drop_guests(struct vr_windows *w) {
  vr_auto_free bool *used = calloc(w->n_guests + 1, sizeof(*used));
  size_t n = 0;
  for (size_t i = 0; used && i < w->n_pairs; i++)
    used[w->pairs[i].from] = used[w->pairs[i].to] = true;
  for (size_t g = 0; used && g < w->n_guests; g++)
    n += used[g];
  if (!used || n == w->n_guests)
    return;
  struct vr_windows fresh;
  vr_windows_init(&fresh, w->guest_index.max, w->pair_index.max);
  fresh.filled = w->filled;
  fresh.at = w->at;
  for (size_t i = 0; i < w->n_pairs; i++) {
    const struct vr_windows_pair *p = &w->pairs[i];
    long from = guest_of(&fresh, w->guests[p->from]);
    long to = from < 0 ? from : guest_of(&fresh, w->guests[p->to]);
    long q = to < 0 ? to : pair_of(&fresh, (uint32_t)from, (uint32_t)to);
    if (q < 0) {
      vr_windows_clear(&fresh);
      return;
    }
    memcpy(fresh.pairs[q].closed, p->closed, sizeof(p->closed));
    memcpy(fresh.pairs[q].arrived, p->arrived, sizeof(p->arrived));
    fresh.pairs[q].sent = p->sent;
    fresh.pairs[q].arrives = p->arrives;
  }
  vr_windows_clear(w);
  *w = fresh;
}

void vr_windows_close(struct vr_windows *w) {
  for (size_t i = 0; i < w->n_pairs; i++) {
    struct vr_windows_pair *p = &w->pairs[i];
    /* One end may not be seen, or not yet. */
    p->closed[w->at] = (float)fmax(p->open[0], p->open[1]);
    p->arrives |= p->open[VR_WINDOWS_RECEIVER] > 0;
    p->sent = (float)p->open[VR_WINDOWS_SENDER];
    p->arrived[w->at] = (float)(p->arrives && p->reported[VR_WINDOWS_RECEIVER]
                                    ? p->open[VR_WINDOWS_RECEIVER]
                                    : p->open[VR_WINDOWS_SENDER]);
    p->reported[0] = p->reported[1] = false;
    p->open[0] = p->open[1] = 0;
  }
  w->at = (w->at + 1) % VR_WINDOWS;
  if (w->filled < VR_WINDOWS)
    w->filled++;
  for (size_t i = w->n_pairs; i-- > 0;)
    if (is_silent(&w->pairs[i]))
      remove_pair(w, i);
  drop_guests(w);
}

/* Of the K windows that there are; before the first round is full they are the
 * first ones. */
static double median(const float *closed, size_t k) {
  float x[VR_WINDOWS];
  for (size_t i = 0; i < k; i++) {
    size_t j = i;
    for (; j > 0 && x[j - 1] > closed[i]; j--)
      x[j] = x[j - 1];
    x[j] = closed[i];
  }
  return k ? ((double)x[(k - 1) / 2] + (double)x[k / 2]) / 2 : 0;
}

/* Of those windows in which anything arrived. */
static double median_of_active(const float *closed, size_t k) {
  float x[VR_WINDOWS];
  size_t n = 0;
  for (size_t i = 0; i < k; i++)
    if (closed[i] > 0)
      x[n++] = closed[i];
  return median(x, n);
}

void vr_windows_matrix_clear(struct vr_matrix *m) {
  for (size_t i = 0; m->names && i < m->n; i++)
    free(m->names[i]);
  free(m->names);
  free(m->rate);
  free(m->arrived);
  free(m->latest);
  free(m->sent);
  *m = (struct vr_matrix){0};
}

int vr_windows_matrix(const struct vr_windows *w, struct vr_matrix *ret) {
  size_t n = w->n_guests;
  struct vr_matrix m = {.n = n,
                        .names = calloc(n + 1, sizeof(*m.names)),
                        .rate = calloc(n * n + 1, sizeof(*m.rate)),
                        .arrived = calloc(n * n + 1, sizeof(*m.arrived)),
                        .latest = calloc(n * n + 1, sizeof(*m.latest)),
                        .sent = calloc(n * n + 1, sizeof(*m.sent))};
  bool ok = m.names && m.rate && m.arrived && m.latest && m.sent;
  for (size_t i = 0; ok && i < n; i++)
    ok = (m.names[i] = strdup(w->guests[i])) != NULL;
  if (!ok) {
    vr_windows_matrix_clear(&m);
    return -ENOMEM;
  }
  for (size_t i = 0; i < w->n_pairs; i++) {
    const struct vr_windows_pair *p = &w->pairs[i];
    m.rate[p->from * n + p->to] = median(p->closed, w->filled);
    m.arrived[p->from * n + p->to] = median_of_active(p->arrived, w->filled);
    m.sent[p->from * n + p->to] = (double)p->sent;
    m.latest[p->from * n + p->to] =
        (double)p->arrived[(w->at + VR_WINDOWS - 1) % VR_WINDOWS];
  }
  *ret = m;
  return 0;
}

long vr_windows_matrix_guest(const struct vr_matrix *m, const char *name) {
  for (size_t i = 0; i < m->n; i++)
    if (strcmp(m->names[i], name) == 0)
      return (long)i;
  return -ENOENT;
}
