/* SPDX-License-Identifier: MIT
 *
 * The table of guests as lines of a screen.
 */
#ifndef VR_TOP_TOP_LAYOUT_H
#define VR_TOP_TOP_LAYOUT_H

#include "top_line.h"
#include "top_view.h"

/* What is said around the table. */
struct vr_top_about {
  const char *source;  /* "collectd" or "/proc of this host" */
  const char *trouble; /* what is wrong with the source, or "" */
  const char *clock;   /* "12:34:56" */
};

/* The titles of the columns, as wide as V is. */
void vr_top_layout_head(const struct vr_top_view *v, bool many_hosts,
                        struct vr_top_line *l);

/* One guest. */
void vr_top_layout_row(const struct vr_top_view *v, bool many_hosts,
                       const struct vr_top_guest *g, struct vr_top_line *l);

/* The whole screen in V's mode: at most V's height of lines, none wider than V.
 * PAGE is emptied first. */
void vr_top_layout(const struct vr_top_view *v, const struct vr_top_guests *g,
                   const struct vr_top_about *about, struct vr_top_page *page);

#endif
