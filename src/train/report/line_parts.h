/* SPDX-License-Identifier: MIT
 *
 * A line of parts, of which there may be none: begin with the text before the
 * first of them, such as {f, "left unused: "}.
 */
#ifndef VR_TRAIN_REPORT_LINE_PARTS_H
#define VR_TRAIN_REPORT_LINE_PARTS_H

#include <stdio.h>

struct vr_report_parts {
  FILE *f;
  const char *before; /* the next part */
};

static inline void vr_report_begin_part(struct vr_report_parts *p) {
  fputs(p->before, p->f);
  p->before = "; ";
}

#endif
