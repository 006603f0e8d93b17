/* SPDX-License-Identifier: MIT
 *
 * gnuplot's SVG documents made parts of a page: their head, identifiers and
 * fixed colours go, so that the page's style colours them, none is in the way
 * of another, and they are as wide as there is room.
 */
#ifndef VR_TRAIN_PAGE_SVG_H
#define VR_TRAIN_PAGE_SVG_H

#include <stddef.h>
#include <stdio.h>

/* The next document in *at, which goes behind it. Returns its length with its
 * beginning in *ret_document; 0: there is no more. */
size_t vr_svg_next(const char **at, const char **ret_document);

/* Writes DOCUMENT of LENGTH bytes to F, with LABEL, of any origin, for those
 * who do not see it. */
void vr_svg_embed(const char *document, size_t length, const char *label,
                  FILE *f);

#endif
