/* SPDX-License-Identifier: MIT */
#include "train/table/table_reference.h"

#include "basic/cleanup.h"
#include "sysid/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

struct vr_search_grid vr_table_grid(const struct vr_table_options *o) {
  return (struct vr_search_grid){.na = o->search_na,
                                 .nu = (unsigned)o->n_inputs,
                                 .nb = &o->search_nb,
                                 .nk = &o->search_nk,
                                 .tied = true};
}

int vr_table_reference_load(const struct vr_table_options *o,
                            struct vr_table_data *d, struct vr_table_fit *f,
                            struct vr_error *ret_error) {
  const struct vr_search_grid grid = vr_table_grid(o);
  unsigned nb[VR_MAX_TABLE_INPUTS], nk[VR_MAX_TABLE_INPUTS];
  const struct vr_orders reference = vr_given_orders_of(
      &vr_given_reference_orders, (unsigned)o->n_inputs, nb, nk);
  unsigned row = vr_search_largest_lag(&grid),
           with_reference = vr_dataset_orders_largest_lag(&reference);
  int r = vr_table_data_load_validation(o, d, row, f, ret_error);
  if (r < 0 || with_reference <= row ||
      vr_dataset_check(&d->estimate, &reference, NULL) < 0 ||
      2 * vr_dataset_samples_after(&d->estimate, with_reference) <
          vr_dataset_samples_after(&d->estimate, row))
    return r;
  size_t enough = (vr_table_data_scored(f, d) + 1) / 2;
  if (enough < VR_TABLE_SCORED_MIN)
    enough = VR_TABLE_SCORED_MIN;
  r = vr_table_data_load_validation(o, d, with_reference, f, ret_error);
  return r < 0 || vr_table_data_scored(f, d) >= enough
             ? r
             : vr_table_data_load_validation(o, d, row, f, ret_error);
}

int vr_table_reference_fit(const struct vr_table_options *o,
                           const struct vr_table_data *d,
                           struct vr_table_fit *f) {
  unsigned nb[VR_MAX_TABLE_INPUTS], nk[VR_MAX_TABLE_INPUTS];
  const struct vr_orders orders = vr_given_orders_of(
      &vr_given_reference_orders, (unsigned)o->n_inputs, nb, nk);
  unsigned lag = vr_dataset_orders_largest_lag(&orders),
           row = f->first_row > lag ? f->first_row : lag;
  struct vr_structure_fit *s = &f->reference;
  *s = (struct vr_structure_fit){.na = orders.na,
                                 .nb = nb[0],
                                 .nk = nk[0],
                                 .free_run = NAN,
                                 .one_step = NAN};
  vr_cleanup(vr_dataset_clear) struct vr_dataset rows = {0};
  vr_cleanup(vr_arx_clear) struct vr_arx arx = {0};
  vr_cleanup(vr_estimate_info_clear) struct vr_fit_info info = {0};
  struct vr_error e = {""};
  int r = vr_dataset_skip(&d->estimate, row - lag, &rows, &e);
  if (r == 0)
    r = vr_estimate_arx(&rows, &orders, NULL, &arx, &info, &e);
  if (r == 0 && vr_dataset_samples_after(vr_table_data_validation(f, d), row) <
                    VR_TABLE_SCORED_MIN) {
    snprintf(e.message, sizeof(e.message), "too few samples to validate on");
    r = -ENODATA;
  }
  if (r < 0) {
    snprintf(f->reference_note, sizeof(f->reference_note), "%.119s", e.message);
    return r == -ENOMEM ? r : 0;
  }
  s->rows = info.rows;
  s->criterion[VR_AIC] = info.aic;
  s->criterion[VR_BIC] = info.bic;
  s->criterion[VR_FPE] = info.fpe;
  return vr_table_rate_structure(&arx, vr_table_data_validation(f, d), row, s);
}
