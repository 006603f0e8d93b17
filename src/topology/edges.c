/* SPDX-License-Identifier: MIT */
#include "topology/edges.h"

#include <math.h>
#include <string.h>

static void forget(struct vr_edges *e) { memset(e->edge, 0, sizeof(e->edge)); }

/* Between two readings traffic comes in bursts: near the edge it may have been
 * so many times the mean. Bursts of seconds do not show in a mean over ten. */
static double burst_of(double whole) {
  double times = 1 + 0.2 * whole / (double)VR_SECOND;
  return times < 3 ? times : 3;
}

/* Of what both readings have; the rest is zero. */
static struct vr_edges_edge edge_of(const struct vr_edges *e, int64_t number,
                                    vr_time at) {
  const struct vr_edges_reading *a = &e->last, *b = &e->next;
  double whole = (double)(b->time - a->time);
  double part = (double)(at - a->time) / whole;
  struct vr_edges_edge x = {.number = number, .have = a->have & b->have};
  for (int u = 0; u < VR_EDGES_UNITS; u++)
    for (int d = 0; d < 2; d++) {
      if (!(x.have & (1U << (2 * u + d))))
        continue;
      double rise = (double)(b->count[u][d] - a->count[u][d]);
      x.value[u][d] = (double)a->count[u][d] + part * rise;
      x.slack[u][d] = fmin(1, fmin(part, 1 - part) * burst_of(whole)) * rise;
    }
  return x;
}

static bool has_fallen(const struct vr_edges *e) {
  for (int u = 0; u < VR_EDGES_UNITS; u++)
    for (int d = 0; d < 2; d++)
      if ((e->next.have & e->last.have & (1U << (2 * u + d))) &&
          e->next.count[u][d] < e->last.count[u][d])
        return true;
  return false;
}

/* The edges between two readings. Of many only the last ones are kept: how far
 * apart readings may be is for their sender to say. */
static void add_edges(struct vr_edges *e, vr_time window) {
  int64_t k = e->last.time / window + 1, end = e->next.time / window;
  for (k = k > end - VR_EDGES ? k : end - VR_EDGES + 1; k <= end; k++)
    e->edge[k % VR_EDGES] = edge_of(e, k, k * window);
}

/* The reading that was being filled is complete. */
static void finish(struct vr_edges *e, vr_time window, vr_time max_gap) {
  const struct vr_edges_reading *a = &e->last, *b = &e->next;
  if (a->time > 0 && (b->time - a->time > max_gap || has_fallen(e)))
    forget(e);
  else if (a->time > 0)
    add_edges(e, window);
  e->last = e->next;
  e->next = (struct vr_edges_reading){0};
}

void vr_edges_take(struct vr_edges *e, vr_time time, int unit, int direction,
                   int64_t count, vr_time window, vr_time max_gap) {
  unsigned bit = 1U << (2 * unit + direction);
  if (time == e->last.time) { /* more than last time */
    e->last.have |= bit;
    e->last.count[unit][direction] = count;
  }
  if (time <= e->last.time || time < e->next.time)
    return;
  if (e->next.time > 0 && time > e->next.time)
    finish(e, window, max_gap);
  e->next.time = time;
  e->next.have |= bit;
  e->next.count[unit][direction] = count;
  /* As much as last time: nothing more will come of this reading. */
  if (e->last.time > 0 && (e->next.have & e->last.have) == e->last.have)
    finish(e, window, max_gap);
}

const struct vr_edges_edge *vr_edges_at(const struct vr_edges *e,
                                        int64_t number) {
  const struct vr_edges_edge *x = &e->edge[number % VR_EDGES];
  return number > 0 && x->number == number ? x : NULL;
}
