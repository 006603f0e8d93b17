/* SPDX-License-Identifier: MIT */
#include "top_line.h"
#include "top_cells.h"

#include "basic/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void vr_top_line_clear(struct vr_top_line *l) {
  l->length = l->n_spans = 0;
  l->text[0] = '\0';
}

void vr_top_line_add(struct vr_top_line *l, enum vr_top_look look,
                     const char *format, ...) {
  va_list args;
  size_t room = sizeof(l->text) - l->length;
  va_start(args, format);
  int n = vsnprintf(l->text + l->length, room, format, args);
  va_end(args);
  if (n < 0 || (size_t)n >= room || l->n_spans == VR_TOP_SPANS) {
    l->text[l->length] = '\0';
    return;
  }
  l->spans[l->n_spans++] =
      (struct vr_top_span){l->length, l->length + (size_t)n, look};
  l->length += (size_t)n;
}

void vr_top_line_cut(struct vr_top_line *l, size_t width) {
  size_t end = vr_top_bytes_that_fit(l->text, width);
  l->length = end;
  l->text[end] = '\0';
  while (l->n_spans > 0 && l->spans[l->n_spans - 1].begin >= end)
    l->n_spans--;
  if (l->n_spans > 0 && l->spans[l->n_spans - 1].end > end)
    l->spans[l->n_spans - 1].end = end;
}

struct vr_top_line *vr_top_page_next(struct vr_top_page *p) {
  if (vr_array_reserve(&p->lines, &p->capacity, p->n + 1) < 0)
    return NULL;
  struct vr_top_line *l = &p->lines[p->n++];
  vr_top_line_clear(l);
  return l;
}

void vr_top_page_free(struct vr_top_page *p) {
  free(p->lines);
  *p = (struct vr_top_page){0};
}
