/* SPDX-License-Identifier: MIT */
#include "train/share/pack_model.h"

static void pack_input(struct vr_pack *p, struct vr_model_input *in) {
  vr_pack_array(p, (void **)&in->signals, in->n_signals, sizeof(*in->signals));
  if (!in->signals)
    in->n_signals = 0;
  for (size_t i = 0; i < in->n_signals; i++)
    vr_pack_text(p, &in->signals[i]);
}

static void pack_arx(struct vr_pack *p, struct vr_arx *arx) {
  vr_pack_array(p, (void **)&arx->a, arx->na + 1, sizeof(*arx->a));
  vr_pack_array(p, (void **)&arx->inputs, arx->nu, sizeof(*arx->inputs));
  if (!arx->inputs)
    arx->nu = 0;
  for (unsigned i = 0; i < arx->nu; i++)
    vr_pack_array(p, (void **)&arx->inputs[i].b, arx->inputs[i].nb,
                  sizeof(*arx->inputs[i].b));
}

void vr_pack_model(struct vr_pack *p, struct vr_model *m) {
  vr_pack_bytes(p, m, sizeof(*m));
  vr_pack_text(p, &m->guest);
  pack_arx(p, &m->arx);
  vr_pack_array(p, (void **)&m->inputs, m->n_inputs, sizeof(*m->inputs));
  if (!m->inputs)
    m->n_inputs = 0;
  for (size_t i = 0; i < m->n_inputs; i++)
    pack_input(p, &m->inputs[i]);
  pack_input(p, &m->baseline.gain_input);
  pack_input(p, &m->intervals.regime);
}
