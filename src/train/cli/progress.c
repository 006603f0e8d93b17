/* SPDX-License-Identifier: MIT */
#include "train/cli/progress.h"

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
  if (n == 0)
    return;
  size_t done = atomic_fetch_add(&p->done, n) + n;
  if (!p->terminal)
    return;
  int filled = done < p->total ? (int)(WIDTH * done / p->total) : WIDTH;
  fprintf(stderr, "\r[%.*s%*s] %zu of %zu %s%s", filled,
          "########################################", WIDTH - filled, "", done,
          p->total, p->unit, done == p->total ? "\n" : "");
}

void vr_progress_line(const struct vr_progress *p, const char *text) {
  if (!p->terminal)
    fprintf(stderr, "%s\n", text);
}

static void add(void *data, size_t n) { vr_progress_add(data, n); }
static void line(void *data, const char *text) { vr_progress_line(data, text); }

struct vr_train_progress vr_progress_of(struct vr_progress *p) {
  return (struct vr_train_progress){.add = add, .line = line, .data = p};
}
