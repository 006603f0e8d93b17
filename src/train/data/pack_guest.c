/* SPDX-License-Identifier: MIT */
#include "train/data/pack_guest.h"

#include <errno.h>

static void pack_columns(struct vr_pack *p, struct vr_guest_data *d) {
  size_t rows = d->grid.rows;
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    vr_pack_array(p, (void **)&d->y[c], rows, sizeof(double));
    vr_pack_array(p, (void **)&d->snapshot[c], rows, sizeof(double));
    vr_pack_array(p, (void **)&d->expected[c], rows, sizeof(double));
  }
  vr_pack_array(p, (void **)&d->u, vr_sources_count, sizeof(*d->u));
  for (size_t s = 0; d->u && s < vr_sources_count; s++)
    vr_pack_array(p, (void **)&d->u[s], rows, sizeof(double));
}

/* GRID: of the host's reader; SAME: one reader serves both. */
static void new_readers(struct vr_pack *p, const struct vr_archive *archive,
                        const struct vr_timeline *grid, bool same,
                        struct vr_guest_data *d) {
  if (vr_data_guest_new_readers(d, archive, same ? NULL : grid) < 0)
    p->error = -ENOMEM;
}

void vr_pack_guest(struct vr_pack *p, const struct vr_archive *archive,
                   struct vr_guest_data *d) {
  bool same = !p->reading && d->reader == d->host_reader;
  struct vr_timeline grid = {0};
  if (!p->reading && d->host_reader)
    grid = *vr_reader_timeline(d->host_reader);
  vr_pack_bytes(p, d, sizeof(*d));
  vr_pack_text(p, &d->host);
  vr_pack_text(p, &d->guest);
  vr_pack_text(p, &d->truth);
  vr_pack_array(p, (void **)&d->clock.drift, d->clock.n_drift, sizeof(double));
  pack_columns(p, d);
  vr_pack_bytes(p, &same, sizeof(same));
  vr_pack_bytes(p, &grid, sizeof(grid));
  if (!p->reading)
    return;
  d->reader = d->host_reader = NULL;
  if (p->error == 0)
    new_readers(p, archive, &grid, same, d);
}
