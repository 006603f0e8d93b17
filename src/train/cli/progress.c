/* SPDX-License-Identifier: MIT */
#include "train/cli/progress.h"

#include "train/share/share.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40 };

static void hear(void *user, enum vr_share_kind kind, long n,
                 const char *text) {
  if (kind == VR_SHARE_PROGRESS)
    vr_progress_add(user, (size_t)n);
  else
    vr_progress_line(user, text);
}

void vr_progress_begin(struct vr_progress *p, size_t total, const char *unit,
                       size_t n_lines) {
  p->total = total;
  p->unit = unit;
  p->n_lines = n_lines;
  p->terminal = isatty(STDERR_FILENO);
  p->done = 0;
  p->lines = 0;
  vr_share_listen(VR_SHARE_PROGRESS, hear, p);
  vr_share_listen(VR_SHARE_LINE, hear, p);
}

void vr_progress_end(struct vr_progress *p) {
  (void)p;
  vr_share_listen(VR_SHARE_PROGRESS, NULL, NULL);
  vr_share_listen(VR_SHARE_LINE, NULL, NULL);
}

void vr_progress_add(struct vr_progress *p, size_t n) {
  if (n == 0 || vr_share_tell(VR_SHARE_PROGRESS, (long)n, ""))
    return;
  size_t done = atomic_fetch_add(&p->done, n) + n;
  if (!p->terminal)
    return;
  int filled = done < p->total ? (int)(WIDTH * done / p->total) : WIDTH;
  fprintf(stderr, "\r[%.*s%*s] %zu of %zu %s%s", filled,
          "########################################", WIDTH - filled, "", done,
          p->total, p->unit, done == p->total ? "\n" : "");
}

void vr_progress_line(struct vr_progress *p, const char *text) {
  if (!p->terminal && !vr_share_tell(VR_SHARE_LINE, 0, text))
    fprintf(stderr, "%s: %zu of %zu\n", text,
            atomic_fetch_add(&p->lines, 1) % p->n_lines + 1, p->n_lines);
}

static void add(void *data, size_t n) { vr_progress_add(data, n); }
static void line(void *data, const char *text) { vr_progress_line(data, text); }

struct vr_train_progress vr_progress_of(struct vr_progress *p) {
  return (struct vr_train_progress){.add = add, .line = line, .data = p};
}
