/* SPDX-License-Identifier: MIT */
#include "train/cli/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40 };

void vr_progress_begin(struct vr_progress *p, size_t total, const char *unit) {
  p->total = total;
  p->unit = unit;
  p->terminal = isatty(STDERR_FILENO);
  p->done = 0;
}

void vr_progress_add(struct vr_progress *p, size_t n) {
  if (!p || n == 0)
    return;
  size_t done = atomic_fetch_add(&p->done, n) + n;
  if (!p->terminal)
    return;
  int filled = done < p->total ? (int)(WIDTH * done / p->total) : WIDTH;
  fprintf(stderr, "\r[%.*s%*s] %zu of %zu %s%s", filled,
          "########################################", WIDTH - filled, "", done,
          p->total, p->unit, done == p->total ? "\n" : "");
}

void vr_progress_line(const struct vr_progress *p, const char *format, ...) {
  char text[256];
  va_list ap;
  if (!p || p->terminal)
    return;
  va_start(ap, format);
  vsnprintf(text, sizeof(text), format, ap);
  va_end(ap);
  fprintf(stderr, "%s\n", text);
}
