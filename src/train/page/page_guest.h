/* SPDX-License-Identifier: MIT
 *
 * The page of one guest.
 */
#ifndef VR_TRAIN_PAGE_PAGE_GUEST_H
#define VR_TRAIN_PAGE_PAGE_GUEST_H

#include "train/page/figure.h"
#include "train/page/page_set.h"

struct vr_page_of_guest {
  const struct vr_page_guest *guest;
  double min_fit;
  struct vr_figures *figures;
  const char *no_figures; /* why; NULL: they are there */
};

/* Describes the figures of PAGE, which begin empty. Returns 0 or -ENOMEM. */
int vr_page_guest_figures(struct vr_page_of_guest *page);

/* Writes the page, a struct vr_page_of_guest; returns 0. (basic/file.h) */
int vr_page_guest_write(void *page, FILE *f);

#endif
