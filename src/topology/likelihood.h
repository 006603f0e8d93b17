/* SPDX-License-Identifier: MIT
 *
 * How well a set of pairs explains the traffic that was seen: the length of
 * the rates' description, in natural units, when some pairs are edges of a
 * pattern and the others are background. Rates are logarithms; those of edges
 * lie about their median, those of the background about a level below it, or
 * at the floor (nothing was seen). One member may be a service that exchanges
 * some traffic with everybody: its background has a level of its own.
 */
#ifndef VR_TOPOLOGY_LIKELIHOOD_H
#define VR_TOPOLOGY_LIKELIHOOD_H

#include "topology/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  VR_LIKELIHOOD_PAIRS = VR_TOPOLOGY_MEMBERS * (VR_TOPOLOGY_MEMBERS - 1) / 2,
  VR_LIKELIHOOD_SPREADS = 6, /* of edges and background, that are tried */
  VR_LIKELIHOOD_BINS = 896,
};

/* Log densities over the distance from the median, tabulated once. */
struct vr_likelihood {
  float edge[VR_LIKELIHOOD_SPREADS][VR_LIKELIHOOD_BINS];
  float background[VR_LIKELIHOOD_SPREADS][VR_LIKELIHOOD_BINS];
  float service[VR_LIKELIHOOD_BINS];
};

void vr_likelihood_init(struct vr_likelihood *l);

/* The rates of N members, as pairs. */
struct vr_likelihood_rates {
  unsigned n;
  size_t pairs;
  unsigned index[VR_TOPOLOGY_MEMBERS][VR_TOPOLOGY_MEMBERS];
  double log_rate[VR_LIKELIHOOD_PAIRS]; /* of both directions together */
  double bytes[VR_LIKELIHOOD_PAIRS];
  double all_bytes;
  uint16_t strongest[VR_LIKELIHOOD_PAIRS]; /* pairs in falling order of rate */
  double floor; /* log_rate of a pair that exchanges nothing */
};

/* RATE: n x n, row-major, bytes per second from row to column. Returns false
 * if there is no traffic or N is not 2 to VR_TOPOLOGY_MEMBERS. */
bool vr_likelihood_rates(const double *rate, unsigned n,
                         struct vr_likelihood_rates *ret);

/* What the best description says. */
struct vr_likelihood_fit {
  double length; /* natural units; INFINITY where it cannot be */
  double median; /* of the edges' log rates */
  double level;  /* median of the background's, where it is not at the floor */
  unsigned edge_spread, background_spread;
};

/* IS_EDGE: one a pair. */
struct vr_likelihood_fit
vr_likelihood_describe(const struct vr_likelihood *l,
                       const struct vr_likelihood_rates *r,
                       const bool *is_edge);

/* How much more likely than not a pair is an edge, as the logarithm of the
 * ratio, for each pair, when edges have the median MEDIAN. n x n, row-major. */
void vr_likelihood_ratios(const struct vr_likelihood *l,
                          const struct vr_likelihood_rates *r, double median,
                          double *ret_ratio);

#endif
