/* SPDX-License-Identifier: MIT
 *
 * What pages are made of.
 */
#ifndef VR_TRAIN_PAGE_PAGE_SET_H
#define VR_TRAIN_PAGE_PAGE_SET_H

#include "train/evaluate/diagnose_guest.h"

struct vr_page_guest {
  const struct vr_guest_result *result;
  const struct vr_guest_diagnoses *diagnoses;
  char *unused; /* what of its history was not used, in words; NULL: nothing.
                   Owned by whoever made it */
};

/* A guest that there is no page of. */
struct vr_page_absent {
  const char *host, *guest, *why;
};

struct vr_page_set {
  size_t n_guests;
  const struct vr_page_guest *guests;
  size_t n_absent;
  const struct vr_page_absent *absent;
  double min_fit; /* the target's MinFit, for verdicts */
};

#endif
