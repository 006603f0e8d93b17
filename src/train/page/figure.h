/* SPDX-License-Identifier: MIT
 *
 * The figures of one page: each is described by a piece of gnuplot's script,
 * all are drawn by one run of it.
 */
#ifndef VR_TRAIN_PAGE_FIGURE_H
#define VR_TRAIN_PAGE_FIGURE_H

#include "basic/error.h"
#include "train/page/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct vr_figure {
  int group;           /* what it belongs to: a counter */
  char *caption;       /* plain text, of any origin */
  const char *picture; /* in the figures' text; NULL: not drawn */
  size_t length;
};

struct vr_figures {
  size_t n, capacity;
  struct vr_figure *all;
  FILE *script;
  char *text; /* the script's */
  size_t size;
  char *pictures; /* what gnuplot gave */
  bool is_out_of_memory;
};

/* Returns 0 or -ENOMEM. */
int vr_figure_begin(struct vr_figures *f);
void vr_figure_clear(struct vr_figures *f);

/* One more figure of GROUP, whose script follows on F->script; CAPTION in
 * printf's manner says what is seen, and stands for the picture where that is
 * not. */
void vr_figure_add(struct vr_figures *f, int group, const char *caption, ...)
    __attribute__((format(printf, 3, 4)));

/* One block of data of name NAME: rows of COLUMNS numbers, one array each. */
void vr_figure_data(struct vr_figures *f, const char *name, size_t rows,
                    unsigned columns, const double *const *x);

/* Labels of the axes: WHAT and, behind a comma, UNIT ("": none). */
void vr_figure_axis(struct vr_figures *f, char axis, const char *what,
                    const char *unit);

/* Draws them all. Returns 0, or what vr_gnuplot_run() gives: then no figure has
 * a picture. */
int vr_figure_draw(struct vr_figures *f, struct vr_error *ret_error);

/* Writes those of GROUP as HTML. */
void vr_figure_write(const struct vr_figures *f, int group, FILE *to);

#endif
