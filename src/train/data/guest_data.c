/* SPDX-License-Identifier: MIT */
#include "train/data/guest_data.h"

#include "basic/cleanup.h"
#include "signal/resample.h"

#include <errno.h>
#include <stdlib.h>

void vr_data_guest_align(const struct vr_guest_data *d, const double *x,
                         double *ret) {
  vr_time step = vr_signal_time_of_seconds(d->grid.step);
  struct vr_grid grid = {.step = step,
                         .first = vr_signal_tick_of(
                             step, vr_signal_time_of_seconds(d->grid.begin)),
                         .n = d->grid.rows};
  vr_resample_regrid(&grid, x, vr_signal_time_of_seconds(d->clock.seconds),
                     &grid, ret);
}

int vr_data_guest_input(const struct vr_guest_data *d,
                        const struct vr_model_input *input, double *ret) {
  vr_auto_free double *u = calloc(d->grid.rows, sizeof(*u));
  if (!u)
    return -ENOMEM;
  int r = vr_reader_input(d->reader, input, d->host, d->guest, u);
  if (r == 0)
    vr_data_guest_align(d, u, ret);
  return r;
}

void vr_data_guest_clear(struct vr_guest_data *d) {
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    free(d->y[c]);
  for (size_t i = 0; d->u && i < vr_sources_count; i++)
    free(d->u[i]);
  free(d->u);
  vr_reader_free(d->reader);
  free(d->host);
  free(d->guest);
  free(d->truth);
  *d = (struct vr_guest_data){0};
}
