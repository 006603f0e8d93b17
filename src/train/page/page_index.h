/* SPDX-License-Identifier: MIT
 *
 * The page that leads to all others.
 */
#ifndef VR_TRAIN_PAGE_PAGE_INDEX_H
#define VR_TRAIN_PAGE_PAGE_INDEX_H

#include <stdio.h>

/* Writes the index of a struct vr_page_set; returns 0. (basic/file.h) */
int vr_page_index_write(void *set, FILE *f);

#endif
