/* SPDX-License-Identifier: MIT
 *
 * Made-up traffic of known patterns, for tests and the bench. Nothing here is
 * taken from what it tests but the graphs of the patterns, which a test of
 * their own checks.
 */
#ifndef VR_TESTS_TOPOLOGY_GENERATE_H
#define VR_TESTS_TOPOLOGY_GENERATE_H

#include "topology/template.h"

struct random {
  uint64_t s[2];
};

struct random random_of(uint64_t number);
double random_uniform(struct random *r); /* 0 to 1 */
double random_normal(struct random *r);
unsigned random_index(struct random *r, unsigned n);
void random_order(struct random *r, unsigned n, unsigned *ret_order);

enum background { UNIFORM, SPARSE_HEAVY, SERVICE_STAR, BACKGROUNDS };
extern const char *const background_names[BACKGROUNDS];

/* The patterns of the bench: ten templates, and what they are to be called. */
enum { PATTERNS = 10 };
extern const char *const pattern_names[PATTERNS];
bool pattern_template(unsigned pattern, unsigned n, struct vr_template *ret);

/* A graph without a pattern: each pair with a chance so that a member has 3.5
 * partners on average. */
void irregular_template(struct random *r, unsigned n, struct vr_template *ret);

/* First generator: the median of WINDOWS windows. The weights of edges are
 * lognormal (sigma 0.5), windows vary by 0.3; the background takes SHARE of
 * the pattern's bytes, drawn anew in each window. RET_RATE: n x n. */
void generate_weights(struct random *r, const struct vr_template *t,
                      enum background background, double share,
                      unsigned windows, double *ret_rate);

/* Second generator, on another idea: time. Every edge is a conversation that
 * is on and off; while it is on, flows begin at random, with sizes by Zipf's
 * law; other flows begin between any two members; packets are counted as a
 * switch samples them, one in 64. The median of WINDOWS windows of 10 s. */
void generate_flows(struct random *r, const struct vr_template *t, double share,
                    unsigned windows, double *ret_rate);

#endif
