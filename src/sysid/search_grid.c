/* SPDX-License-Identifier: MIT */
#include "sysid/search_grid.h"

size_t vr_search_count(struct vr_range r) {
  return r.max >= r.min ? (size_t)(r.max - r.min) + 1 : 0;
}

struct vr_range vr_search_range_of(const struct vr_search_grid *grid,
                                   const struct vr_range *r, unsigned input) {
  return grid->tied ? r[0] : r[input];
}

size_t vr_search_size(const struct vr_search_grid *grid) {
  size_t n = vr_search_count(grid->na);
  unsigned groups = grid->tied && grid->nu > 0 ? 1 : grid->nu;
  for (unsigned i = 0; i < groups; i++)
    if (__builtin_mul_overflow(n, vr_search_count(grid->nb[i]), &n) ||
        __builtin_mul_overflow(n, vr_search_count(grid->nk[i]), &n))
      return 0;
  return n;
}

unsigned vr_search_largest_lag(const struct vr_search_grid *grid) {
  unsigned lag = grid->na.max;
  unsigned groups = grid->tied && grid->nu > 0 ? 1 : grid->nu;
  for (unsigned i = 0; i < groups; i++)
    if (grid->nb[i].max + grid->nk[i].max > lag + 1)
      lag = grid->nb[i].max + grid->nk[i].max - 1;
  return lag;
}
