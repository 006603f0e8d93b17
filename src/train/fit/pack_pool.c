/* SPDX-License-Identifier: MIT */
#include "train/fit/pack_pool.h"

#include "train/share/pack_model.h"

void vr_pack_pool_fits(struct vr_pack *p, size_t n, struct vr_pool_fits *f) {
  vr_pack_bytes(p, f, sizeof(*f));
  vr_pack_array(p, (void **)&f->of, n, sizeof(*f->of));
}

void vr_pack_pool_row(struct vr_pack *p, size_t n, struct vr_pool_row *row) {
  vr_pack_bytes(p, row, sizeof(*row));
  vr_pack_array(p, (void **)&row->by_guest.of, n, sizeof(double));
  vr_pack_array(p, (void **)&row->interval.by_guest, n, sizeof(double));
}

void vr_pack_pool_model(struct vr_pack *p, size_t n, struct vr_pool_model *k) {
  vr_pack_bytes(p, k, sizeof(*k));
  if (k->is_there)
    vr_pack_model(p, &k->model);
  vr_pack_pool_row(p, n, &k->row);
  vr_pack_array(p, (void **)&k->left, k->n_left, sizeof(*k->left));
}
