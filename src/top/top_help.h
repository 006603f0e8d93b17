/* SPDX-License-Identifier: MIT
 *
 * The page of help: keys, titles and marks, each with what it means.
 */
#ifndef VR_TOP_TOP_HELP_H
#define VR_TOP_TOP_HELP_H

#include "top_line.h"

/* Appends the lines to PAGE, broken between words so that they fit WIDTH
 * columns. From 32 columns on no word is cut. At 40 columns there are 23 lines
 * at most: a terminal of 24 lines has one more for the status. */
void vr_top_help(size_t width, struct vr_top_page *page);

#endif
