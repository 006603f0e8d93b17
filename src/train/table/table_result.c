/* SPDX-License-Identifier: MIT */
#include "train/table/table_result.h"

#include "basic/cleanup.h"

#include <stdlib.h>

void vr_table_fit_clear(struct vr_table_fit *f) {
  vr_arx_clear(&f->arx);
  vr_estimate_info_clear(&f->info);
  vr_search_result_clear(&f->search);
  free(f->means);
  free(f->poles);
  if (f->has_residuals)
    vr_residual_test_clear(&f->residuals);
  for (size_t i = 0; f->delays && i < f->options.n_inputs; i++)
    if (f->delays[i].known)
      vr_xcorr_clear(&f->delays[i].xcorr);
  free(f->delays);
  for (size_t i = 0; f->zeros && i < f->options.n_inputs; i++)
    free(f->zeros[i].at);
  free(f->zeros);
  *f = (struct vr_table_fit){0};
}

const char *vr_table_refinement_name(enum vr_refinement r) {
  return r == VR_STEIGLITZ_MCBRIDE ? "steiglitz-mcbride" : "fir";
}

int vr_table_rate_structure(const struct vr_arx *arx,
                            const struct vr_dataset *validate, unsigned row,
                            struct vr_structure_fit *ret) {
  vr_cleanup(vr_dataset_clear) struct vr_dataset rows = {0};
  struct vr_score free_run, one_step;
  int r = vr_dataset_skip(validate, row - vr_arx_largest_lag(arx), &rows, NULL);
  if (r == 0)
    r = vr_simulate_score_free_run(arx, &rows, VR_INITIAL_MEASURED, &free_run);
  if (r == 0)
    r = vr_simulate_score_one_step(arx, &rows, &one_step);
  if (r < 0)
    return r;
  ret->known = true;
  ret->stable = vr_arx_spectral_radius(arx) < 1;
  ret->free_run = free_run.fit;
  ret->one_step = one_step.fit;
  ret->samples = free_run.samples;
  return 0;
}

const struct vr_candidate *vr_table_rescored(const struct vr_search_result *s,
                                             const struct vr_candidate *c) {
  for (size_t i = 0; i < s->n; i++) {
    const struct vr_candidate *k = &s->candidates[i];
    if (k->na == c->na && k->nb[0] == c->nb[0] && k->nk[0] == c->nk[0])
      return k;
  }
  return c;
}
