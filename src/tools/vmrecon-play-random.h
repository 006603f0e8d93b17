/* SPDX-License-Identifier: MIT
 *
 * Random numbers that are the same for a seed on every machine: SplitMix64
 * (G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014).
 */
#ifndef VR_TOOLS_VMRECON_PLAY_RANDOM_H
#define VR_TOOLS_VMRECON_PLAY_RANDOM_H

#include <math.h>
#include <stdint.h>

struct vr_tools_random {
  uint64_t state; /* the seed */
};

static inline uint64_t vr_tools_random_next(struct vr_tools_random *r) {
  uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* In [0, 1). */
static inline double vr_tools_random_uniform(struct vr_tools_random *r) {
  return (double)(vr_tools_random_next(r) >> 11) * 0x1p-53;
}

/* Standard normal (G. E. P. Box, M. E. Muller). */
static inline double vr_tools_random_normal(struct vr_tools_random *r) {
  double u = 1 - vr_tools_random_uniform(r), v = vr_tools_random_uniform(r);
  return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

#endif
