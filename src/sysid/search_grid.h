/* SPDX-License-Identifier: MIT
 *
 * The structures that a search compares: ranges of orders.
 */
#ifndef VR_SYSID_SEARCH_GRID_H
#define VR_SYSID_SEARCH_GRID_H

#include <stdbool.h>
#include <stddef.h>

struct vr_range {
  unsigned min, max; /* inclusive */
};

struct vr_search_grid {
  struct vr_range na;
  unsigned nu;
  /* nu of each; when TIED, only the first counts, and all inputs have the same
   * nb and nk (na 1..20, nb 1..17, nk 1..50 = 17 000 structures, however many
   * inputs). Otherwise every combination is compared. */
  const struct vr_range *nb, *nk;
  bool tied;
};

/* How many values R has; 0 when it is empty. */
size_t vr_search_count(struct vr_range r);

/* The range R (nb or nk of GRID) of input number INPUT. */
struct vr_range vr_search_range_of(const struct vr_search_grid *grid,
                                   const struct vr_range *r, unsigned input);

/* Number of structures of GRID; 0 when a range is empty or they overflow. */
size_t vr_search_size(const struct vr_search_grid *grid);

/* The largest lag of its structures; what is not a range counts as it stands.
 */
unsigned vr_search_largest_lag(const struct vr_search_grid *grid);

#endif
