/* SPDX-License-Identifier: MIT */
#include "topology/advice_anneal.h"

#include <math.h>
#include <string.h>

/* Proposals for each guest; more do not find better placements of 36 guests. */
enum { PROPOSALS = 2000 };
/* The heat at the begin as part of all that crosses, and at the end as part of
 * that. */
static const double BEGIN = 0.1, COOLING = 1e-3;

/* xorshift64* */
static uint64_t draw(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(0x2545F4914F6CDD1D);
}

static double draw_uniform(uint64_t *state) {
  return (double)(draw(state) >> 11) * 0x1p-53;
}

static size_t draw_index(uint64_t *state, size_t n) {
  return (size_t)(draw_uniform(state) * (double)n);
}

static double crossing(const struct vr_advice_state *s) {
  double sum = 0;
  for (size_t h = 0; h < s->k; h++)
    sum += s->nic[h];
  return sum / 2;
}

/* By how many guests fewer are away from where they run. */
static double returns(const struct vr_advice_state *s, size_t i, size_t to) {
  size_t home = s->p->guests[i].host;
  return (double)(s->host[i] != home) - (double)(to != home);
}

static struct vr_advice_step propose(const struct vr_advice_state *s,
                                     uint64_t *random) {
  size_t i = draw_index(random, s->n);
  if (draw(random) >> 63)
    return vr_advice_state_swap(s, i, draw_index(random, s->n));
  return vr_advice_state_move(s, i, draw_index(random, s->k));
}

void vr_advice_anneal(struct vr_advice_state *s, double least, uint64_t seed,
                      size_t *ret_host) {
  uint64_t random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
  size_t proposals = PROPOSALS * s->n;
  double heat = BEGIN * crossing(s), gained = 0, best = 0;
  double cooling = pow(COOLING, 1.0 / (double)(proposals + 1));
  memcpy(ret_host, s->host, s->n * sizeof(*ret_host));
  for (size_t p = 0; p < proposals; p++, heat *= cooling) {
    struct vr_advice_step step = propose(s, &random);
    if (step.from == step.to)
      continue;
    double gain = step.bytes + least * returns(s, step.guest, step.to);
    if (step.is_swap)
      gain += least * returns(s, step.other, step.from);
    if ((gain < 0 && draw_uniform(&random) >= exp(gain / heat)) ||
        !vr_advice_state_allows(s, &step))
      continue;
    vr_advice_state_shift(s, &step);
    gained += gain;
    if (gained > best) {
      best = gained;
      memcpy(ret_host, s->host, s->n * sizeof(*ret_host));
    }
  }
}
