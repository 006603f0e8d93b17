/* SPDX-License-Identifier: MIT */
#include "basic/cleanup.h"
#include "basic/sort.h"
#include "topology/paths_rates.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* What a flow that is held back is taken to want, of what it gets. */
#define HELD 8

static int by_size(const void *x, const void *y) {
  const struct vr_paths_flow *a = x, *b = y;
  if (a->bytes != b->bytes)
    return a->bytes < b->bytes ? 1 : -1;
  if (a->from != b->from)
    return a->from < b->from ? -1 : 1;
  return a->to < b->to ? -1 : a->to > b->to;
}

typedef double (*bytes_fn)(const struct vr_placement_demand *d);

static double bytes_of(const struct vr_placement_demand *d) { return d->bytes; }
static double arrived_of(const struct vr_placement_demand *d) {
  return d->arrived;
}
static double latest_of(const struct vr_placement_demand *d) {
  return d->latest;
}
static double sent_of(const struct vr_placement_demand *d) { return d->sent; }

static double *sum_pairs(const struct vr_paths *p,
                         const struct vr_placement *placement, bytes_fn of) {
  double *sum = calloc(p->n * p->n + 1, sizeof(*sum));
  for (size_t i = 0; sum && i < placement->n_demands; i++) {
    const struct vr_placement_demand *d = &placement->demands[i];
    size_t from = placement->guests[d->from].host;
    size_t to = placement->guests[d->to].host;
    if (from != to && from < p->n && to < p->n)
      sum[from * p->n + to] += of(d);
  }
  return sum;
}

/* Parts of its links that are used along a direct way. */
static double use_of(const struct vr_paths_rates *r, const double *load,
                     size_t from, size_t to) {
  size_t n;
  const size_t *links = vr_paths_rates_links(r, from, to, &n);
  double most = 0;
  for (size_t i = 0; i < n; i++)
    most = fmax(most, (load[links[i]] + r->p->links[links[i]].other) /
                          r->p->links[links[i]].capacity);
  return most;
}

static void add_load(const struct vr_paths_rates *r, double *load, size_t from,
                     size_t to, double bytes) {
  size_t n;
  const size_t *links = vr_paths_rates_links(r, from, to, &n);
  for (size_t i = 0; i < n; i++)
    load[links[i]] += bytes;
}

static int set_wants(struct vr_paths *p) {
  vr_cleanup(vr_paths_rates_clear) struct vr_paths_rates r;
  vr_auto_free double *load = calloc(p->n_links + 1, sizeof(*load));
  if (vr_paths_rates_init(&r, p) < 0 || !load)
    return -ENOMEM;
  for (size_t i = 0; i < p->n_flows; i++) {
    const struct vr_paths_flow *f = &p->flows[i];
    size_t m = p->via[f->from * p->n + f->to];
    add_load(&r, load, f->from, m == VR_PATHS_DIRECT ? f->to : m, f->bytes);
    if (m != VR_PATHS_DIRECT)
      add_load(&r, load, m, f->to, f->bytes);
  }
  for (size_t i = 0; i < p->n_flows; i++) {
    struct vr_paths_flow *f = &p->flows[i];
    size_t m = p->via[f->from * p->n + f->to];
    double use = use_of(&r, load, f->from, m == VR_PATHS_DIRECT ? f->to : m);
    if (m != VR_PATHS_DIRECT)
      use = fmax(use, use_of(&r, load, m, f->to));
    f->want = use >= VR_PATHS_BUSY ? HELD * f->bytes : f->bytes;
  }
  return 0;
}

int vr_paths_take_demands(struct vr_paths *p,
                          const struct vr_placement *placement) {
  vr_auto_free double *sum = sum_pairs(p, placement, bytes_of);
  vr_auto_free double *arrived = sum_pairs(p, placement, arrived_of);
  vr_auto_free double *latest = sum_pairs(p, placement, latest_of);
  vr_auto_free double *sent = sum_pairs(p, placement, sent_of);
  struct vr_paths_flow *flows = calloc(p->n * p->n + 1, sizeof(*flows));
  if (!sum || !arrived || !latest || !sent || !flows) {
    free(flows);
    return -ENOMEM;
  }
  free(p->flows);
  p->flows = flows;
  p->n_flows = 0;
  for (size_t w = 0; w < p->n * p->n; w++)
    if (sum[w] > 0 || sent[w] > 0)
      flows[p->n_flows++] = (struct vr_paths_flow){.from = w / p->n,
                                                   .to = w % p->n,
                                                   .bytes = sum[w],
                                                   .want = sum[w],
                                                   .arrived = arrived[w],
                                                   .latest = latest[w],
                                                   .sent = sent[w]};
  vr_sort(flows, p->n_flows, sizeof(*flows), by_size);
  if (p->n_flows > VR_PATHS_FLOWS)
    p->n_flows = VR_PATHS_FLOWS;
  return set_wants(p);
}
