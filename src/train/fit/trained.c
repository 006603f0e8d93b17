/* SPDX-License-Identifier: MIT */
#include "train/fit/trained.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void vr_trained_let_go(struct vr_trained *t) {
  free(t->free_run);
  free(t->one_step);
  free(t->used);
  t->free_run = NULL;
  t->one_step = NULL;
  t->used = NULL;
}

void vr_trained_clear(struct vr_trained *t) {
  if (t->is_there)
    vr_model_clear(&t->model);
  vr_trained_let_go(t);
  *t = (struct vr_trained){0};
}

int vr_trained_keep(struct vr_trained *t, const double *free_run,
                    const double *one_step, const unsigned char *used,
                    size_t rows) {
  vr_trained_let_go(t);
  t->free_run = malloc((rows + 1) * sizeof(*t->free_run));
  t->one_step = one_step ? malloc((rows + 1) * sizeof(*t->one_step)) : NULL;
  t->used = malloc(rows + 1);
  if (!t->free_run || (one_step && !t->one_step) || !t->used)
    return -ENOMEM;
  memcpy(t->free_run, free_run, rows * sizeof(*free_run));
  if (one_step)
    memcpy(t->one_step, one_step, rows * sizeof(*one_step));
  memcpy(t->used, used, rows);
  return 0;
}
