/* SPDX-License-Identifier: MIT */
#include "topology/paths_rates.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is left of a link, or of a wish, counts as nothing below this part. */
#define NOTHING 1e-9

void vr_paths_rates_clear(struct vr_paths_rates *r) {
  free(r->first);
  free(r->on);
  free(r->left);
  free(r->users);
  free(r->rate);
  free(r->done);
  *r = (struct vr_paths_rates){0};
}

static size_t list_links(struct vr_paths_rates *r, bool store) {
  const struct vr_paths *p = r->p;
  size_t n = 0;
  for (size_t w = 0; w < p->n * p->n; w++) {
    r->first[w] = n;
    for (size_t l = 0; l < p->n_links; l++)
      if (p->links[l].from[w / p->n] && p->links[l].to[w % p->n]) {
        if (store)
          r->on[n] = l;
        n++;
      }
  }
  r->first[p->n * p->n] = n;
  return n;
}

int vr_paths_rates_init(struct vr_paths_rates *r, const struct vr_paths *p) {
  *r = (struct vr_paths_rates){.p = p};
  r->first = calloc(p->n * p->n + 1, sizeof(*r->first));
  if (r->first)
    r->on = calloc(list_links(r, false) + 1, sizeof(*r->on));
  r->left = calloc(p->n_links + 1, sizeof(*r->left));
  r->users = calloc(p->n_links + 1, sizeof(*r->users));
  r->rate = calloc(p->n_flows + 1, sizeof(*r->rate));
  r->done = calloc(p->n_flows + 1, sizeof(*r->done));
  if (!r->first || !r->on || !r->left || !r->users || !r->rate || !r->done) {
    vr_paths_rates_clear(r);
    return -ENOMEM;
  }
  list_links(r, true);
  return 0;
}

/* The one or two direct ways that a flow takes. */
static size_t legs_of(const struct vr_paths_rates *r, const size_t *via,
                      size_t flow, size_t ret[2]) {
  const struct vr_paths *p = r->p;
  const struct vr_paths_flow *f = &p->flows[flow];
  size_t m = via[f->from * p->n + f->to];
  ret[0] = f->from * p->n + (m == VR_PATHS_DIRECT ? f->to : m);
  if (m == VR_PATHS_DIRECT)
    return 1;
  ret[1] = m * p->n + f->to;
  return 2;
}

/* Adds CHANGE to the users of each link of a flow. */
static void count(struct vr_paths_rates *r, const size_t *via, size_t flow,
                  unsigned change) {
  size_t legs[2], n = legs_of(r, via, flow, legs);
  for (size_t k = 0; k < n; k++)
    for (size_t i = r->first[legs[k]]; i < r->first[legs[k] + 1]; i++) {
      r->users[r->on[i]] += change;
      r->work++;
    }
}

static bool is_full(const struct vr_paths_rates *r, size_t link) {
  return r->left[link] <= NOTHING * r->p->links[link].capacity;
}

static bool is_held(struct vr_paths_rates *r, const size_t *via, size_t flow) {
  size_t legs[2], n = legs_of(r, via, flow, legs);
  for (size_t k = 0; k < n; k++)
    for (size_t i = r->first[legs[k]]; i < r->first[legs[k] + 1]; i++)
      if (is_full(r, r->on[i]))
        return true;
  return false;
}

static void begin(struct vr_paths_rates *r, const size_t *via) {
  const struct vr_paths *p = r->p;
  for (size_t l = 0; l < p->n_links; l++) {
    r->left[l] = fmax(0, p->links[l].capacity - p->links[l].other);
    r->users[l] = 0;
  }
  for (size_t f = 0; f < p->n_flows; f++) {
    const struct vr_paths_flow *flow = &p->flows[f];
    r->rate[f] = 0;
    r->done[f] =
        flow->want <= 0 || !vr_paths_exists(p, flow->from, flow->to,
                                            via[flow->from * p->n + flow->to]);
    if (!r->done[f])
      count(r, via, f, 1);
  }
}

/* By how much all that are not done may still grow. */
static double step_of(struct vr_paths_rates *r) {
  const struct vr_paths *p = r->p;
  double step = INFINITY;
  for (size_t l = 0; l < p->n_links; l++)
    if (r->users[l] > 0)
      step = fmin(step, r->left[l] / r->users[l]);
  for (size_t f = 0; f < p->n_flows; f++)
    if (!r->done[f])
      step = fmin(step, p->flows[f].want - r->rate[f]);
  r->work += p->n_links + p->n_flows;
  return step;
}

static void grow(struct vr_paths_rates *r, double step) {
  for (size_t l = 0; l < r->p->n_links; l++)
    r->left[l] -= step * r->users[l];
  for (size_t f = 0; f < r->p->n_flows; f++)
    if (!r->done[f])
      r->rate[f] += step;
}

static void end_those_that_have_enough(struct vr_paths_rates *r,
                                       const size_t *via) {
  for (size_t f = 0; f < r->p->n_flows; f++) {
    double want = r->p->flows[f].want;
    if (!r->done[f] &&
        (r->rate[f] >= want * (1 - NOTHING) || is_held(r, via, f))) {
      r->done[f] = true;
      count(r, via, f, (unsigned)-1);
    }
  }
}

double vr_paths_rates_fill(struct vr_paths_rates *r, const size_t *via) {
  double step, sum = 0;
  begin(r, via);
  while (isfinite(step = step_of(r))) {
    grow(r, step);
    end_those_that_have_enough(r, via);
  }
  for (size_t f = 0; f < r->p->n_flows; f++)
    sum += r->rate[f];
  return sum;
}

double vr_paths_carried(const struct vr_paths *p, const size_t *via,
                        double *ret_rates) {
  vr_cleanup(vr_paths_rates_clear) struct vr_paths_rates r;
  if (vr_paths_rates_init(&r, p) < 0)
    return -1;
  double sum = vr_paths_rates_fill(&r, via);
  if (ret_rates)
    memcpy(ret_rates, r.rate, p->n_flows * sizeof(*ret_rates));
  return sum;
}
