/* SPDX-License-Identifier: MIT
 *
 * Guests as text for other programs and for files.
 */
#ifndef VR_TOP_TOP_PRINT_H
#define VR_TOP_TOP_PRINT_H

#include "top_view.h"

#include <stdio.h>

/* The table of the screen, as wide as V, all guests that V lets through. */
void vr_top_print_table(const struct vr_top_view *v,
                        const struct vr_top_guests *g, const char *clock,
                        FILE *f);

/* Comma-separated values: the names of the columns; a line a guest,
 * with all counters in full precision. TIME is seconds since 1970. */
void vr_top_print_csv_head(FILE *f);
void vr_top_print_csv(const struct vr_top_view *v, double time, FILE *f);

#endif
