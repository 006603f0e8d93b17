/* SPDX-License-Identifier: MIT
 *
 * Lines of a screen, before any terminal: text in spans of one look each.
 */
#ifndef VR_TOP_TOP_LINE_H
#define VR_TOP_TOP_LINE_H

#include <stddef.h>

enum vr_top_look {
  VR_TOP_PLAIN,
  VR_TOP_STRONG,
  VR_TOP_FAINT,
  VR_TOP_HEAD,     /* the titles of columns */
  VR_TOP_SORTED,   /* that of the column that sorts */
  VR_TOP_SELECTED, /* the guest that keys are about */
  VR_TOP_NOTICE,   /* a number to look at */
  VR_TOP_ALARM,    /* a number that is bad */
};

enum { VR_TOP_LINE_SIZE = 1024, VR_TOP_SPANS = 48 };

struct vr_top_line {
  char text[VR_TOP_LINE_SIZE];
  size_t length;
  struct vr_top_span {
    size_t begin, end; /* bytes of text */
    enum vr_top_look look;
  } spans[VR_TOP_SPANS];
  size_t n_spans;
};

void vr_top_line_clear(struct vr_top_line *l);

/* Appends; what has no room is left out. */
void vr_top_line_add(struct vr_top_line *l, enum vr_top_look look,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Cuts what is beyond WIDTH columns. */
void vr_top_line_cut(struct vr_top_line *l, size_t width);

/* The lines of a screen. All zero: none. */
struct vr_top_page {
  struct vr_top_line *lines;
  size_t n, capacity;
};

/* The page's next line, empty. NULL without memory. */
struct vr_top_line *vr_top_page_next(struct vr_top_page *p);
void vr_top_page_free(struct vr_top_page *p);

#endif
