/* SPDX-License-Identifier: MIT */
#include "train/fit/pack_result.h"

#include "train/share/pack_model.h"

static void pack_trained(struct vr_pack *p, size_t rows, struct vr_trained *t) {
  vr_pack_bytes(p, t, sizeof(*t));
  if (!t->is_there)
    return;
  vr_pack_model(p, &t->model);
  vr_pack_array(p, (void **)&t->free_run, rows, sizeof(*t->free_run));
  vr_pack_array(p, (void **)&t->one_step, rows, sizeof(*t->one_step));
  vr_pack_array(p, (void **)&t->used, rows, sizeof(*t->used));
}

void vr_pack_result(struct vr_pack *p, const struct vr_guest_data *data,
                    struct vr_guest_result *r) {
  size_t rows = data->grid.rows;
  vr_pack_bytes(p, r, sizeof(*r));
  vr_pack_text(p, &r->error);
  for (size_t c = 0; c < VR_COUNTERS; c++) {
    pack_trained(p, rows, &r->counters[c].definition);
    pack_trained(p, rows, &r->counters[c].assisted);
    pack_trained(p, rows, &r->counters[c].inferred);
  }
  if (p->reading)
    r->data = data;
}
