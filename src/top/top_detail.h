/* SPDX-License-Identifier: MIT
 *
 * One guest on the whole screen: each counter with its past and how it came
 * about.
 */
#ifndef VR_TOP_TOP_DETAIL_H
#define VR_TOP_TOP_DETAIL_H

#include "top_line.h"
#include "top_view.h"

/* Appends its lines to PAGE. */
void vr_top_detail(const struct vr_top_view *v, const struct vr_top_guest *g,
                   struct vr_top_page *page);

#endif
