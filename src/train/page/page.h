/* SPDX-License-Identifier: MIT
 *
 * What training found as HTML: a page for each guest and an index, each whole
 * in itself, for any browser and without a network.
 */
#ifndef VR_TRAIN_PAGE_PAGE_H
#define VR_TRAIN_PAGE_PAGE_H

#include "train/page/page_set.h"

/* Makes DIRECTORY if it is not there, and makes sure that files can be written
 * to it, before long work. Returns 0 or a negative errno with *ret_error
 * filled. */
int vr_page_try(const char *directory, struct vr_error *ret_error);

/* Writes all pages of SET to DIRECTORY, each atomically, the index last. Where
 * gnuplot is not installed or fails, a warning says so and so does the page,
 * which has no figures then. Returns 0 or a negative errno with *ret_error
 * filled. */
int vr_page_write(const char *directory, const struct vr_page_set *set,
                  struct vr_error *ret_error);

#endif
