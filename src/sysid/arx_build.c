/* SPDX-License-Identifier: MIT */
#include "sysid/arx_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int vr_sysid_arx_from_parameters(const struct vr_orders *orders,
                                 const double *theta, struct vr_arx *ret_arx) {
  struct vr_arx arx = {.na = orders->na, .nu = orders->nu};
  if (orders->na > 0) {
    arx.a = malloc((orders->na + 1) * sizeof(*arx.a));
    if (!arx.a)
      return -ENOMEM;
    arx.a[0] = 1;
    memcpy(arx.a + 1, theta, orders->na * sizeof(*theta));
  }
  theta += orders->na;
  arx.inputs = calloc(orders->nu + 1, sizeof(*arx.inputs));
  for (unsigned i = 0; i < orders->nu; i++) {
    double *b = arx.inputs ? malloc(orders->nb[i] * sizeof(*b)) : NULL;
    if (!b) {
      vr_arx_clear(&arx);
      return -ENOMEM;
    }
    memcpy(b, theta, orders->nb[i] * sizeof(*b));
    theta += orders->nb[i];
    arx.inputs[i] = (struct vr_arx_input){orders->nb[i], orders->nk[i], b};
  }
  if (!arx.inputs) {
    vr_arx_clear(&arx);
    return -ENOMEM;
  }
  *ret_arx = arx;
  return 0;
}

void vr_sysid_orders_of_arx(const struct vr_arx *arx, unsigned *nb,
                            unsigned *nk, struct vr_orders *ret) {
  for (unsigned i = 0; i < arx->nu; i++) {
    nb[i] = arx->inputs[i].nb;
    nk[i] = arx->inputs[i].nk;
  }
  *ret = (struct vr_orders){.na = arx->na, .nu = arx->nu, .nb = nb, .nk = nk};
}

int vr_sysid_arx_copy(const struct vr_arx *arx, struct vr_arx *ret) {
  size_t p = arx->na;
  for (unsigned i = 0; i < arx->nu; i++)
    p += arx->inputs[i].nb;
  double *theta = malloc((p + 1) * sizeof(*theta)), *to = theta;
  unsigned *nb = calloc(2 * (size_t)arx->nu + 1, sizeof(*nb));
  if (!theta || !nb) {
    free(theta);
    free(nb);
    return -ENOMEM;
  }
  for (unsigned k = 1; k <= arx->na; k++)
    *to++ = arx->a[k];
  for (unsigned i = 0; i < arx->nu; i++)
    for (unsigned k = 0; k < arx->inputs[i].nb; k++)
      *to++ = arx->inputs[i].b[k];
  struct vr_orders o;
  vr_sysid_orders_of_arx(arx, nb, nb + arx->nu, &o);
  int r = vr_sysid_arx_from_parameters(&o, theta, ret);
  free(theta);
  free(nb);
  return r;
}
