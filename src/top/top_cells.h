/* SPDX-License-Identifier: MIT
 *
 * Numbers and names as texts of a stated width on the screen.
 */
#ifndef VR_TOP_TOP_CELLS_H
#define VR_TOP_TOP_CELLS_H

#include <stdbool.h>
#include <stddef.h>

/* Longest text of a number, with its NUL, and how many columns it takes. */
enum { VR_TOP_NUMBER_SIZE = 8, VR_TOP_NUMBER_WIDTH = 4 };

/* A level or a percentage: 0.25, 12.3, 123, then in thousands. "-": unknown. */
void vr_top_level(double value, int decimals, char ret[VR_TOP_NUMBER_SIZE]);

/* A rate: 0.2, 12, 123, 1.2k, 12k, 123k, 1.2M ... */
void vr_top_rate(double value, char ret[VR_TOP_NUMBER_SIZE]);

/* The mark behind a number: how it came about, enum vr_provenance or 0. */
char vr_top_mark(unsigned provenance);

/* What the marks mean, for the last line. */
#define VR_TOP_MARKS "~ estimated  = by law  m read from memory"

/* TEXT (of the locale's encoding) as WIDTH columns exactly: cut, with a '+' as
 * its last column where it is too long, or filled up with spaces. What has no
 * place on a screen is a '?'. SIZE is that of RET; 4 * WIDTH + 1 is enough. */
void vr_top_fit_text(const char *text, size_t width, char *ret, size_t size);

/* How many bytes of TEXT fit into WIDTH columns. */
size_t vr_top_bytes_that_fit(const char *text, size_t width);

/* One character for VALUE between 0 and MAX: eight heights of block where the
 * terminal takes UTF-8, eight of ASCII else. A space for NAN. */
const char *vr_top_spark(double value, double max, bool utf8);

#endif
