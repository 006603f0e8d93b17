/* SPDX-License-Identifier: MIT
 *
 * Which of millions of structures are worth a free run: half of the list are
 * the best by a criterion, then come the best by the other criteria, and the
 * rest are the best of every na in turn.
 */
#ifndef VR_SYSID_SHORTLIST_H
#define VR_SYSID_SHORTLIST_H

#include "sysid/criterion.h"

struct vr_shortlisted {
  double value; /* the criterion of the list */
  double rss;
  size_t choice; /* number of the choice of inputs' orders */
  unsigned na, parameters;
};

struct vr_shortlist {
  size_t keep, offered, rows;
  enum vr_criterion criterion;
  unsigned na_min, n_na;
  size_t *filled;              /* n_na + 1: the last is the list of all */
  struct vr_shortlisted *heap; /* (n_na + 1) x keep: the worst kept one first */
  struct vr_shortlisted best[VR_CRITERIA];
  double best_value[VR_CRITERIA];
};

int vr_shortlist_init(struct vr_shortlist *s, size_t keep,
                      enum vr_criterion criterion, unsigned na_min,
                      unsigned na_max, size_t rows);
void vr_shortlist_clear(struct vr_shortlist *s);

void vr_shortlist_offer(struct vr_shortlist *s, unsigned na,
                        unsigned parameters, size_t choice, double rss);

/* At most keep choices, the caller's to free. */
int vr_shortlist_finish(struct vr_shortlist *s, struct vr_shortlisted **ret,
                        size_t *ret_n);

#endif
