/* SPDX-License-Identifier: MIT */
#include "train/report/correlation_report.h"

#include "train/report/numbers.h"

json_t *vr_report_xcorr_json(const struct vr_xcorr *x, const char *input) {
  return json_pack("{s:o, s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "input",
                   vr_report_json_text(input), "delay", x->delay, "peak",
                   x->peak, "r_peak", vr_report_json_number(x->r_peak), "band",
                   vr_report_json_number(x->band), "r",
                   vr_report_json_numbers(x->r, 2 * x->max_lag + 1), "response",
                   vr_report_json_numbers(x->response, x->max_lag + 1),
                   "response_band", vr_report_json_number(x->response_band));
}

json_t *vr_report_residual_test_json(const struct vr_residual_test *t,
                                     unsigned n, const char *const *inputs) {
  json_t *list = json_array();
  size_t lags = (size_t)t->max_lag + 1;
  for (unsigned i = 0; i < n; i++)
    json_array_append_new(
        list, json_pack("{s:o, s:o, s:i, s:o}", "input",
                        vr_report_json_text(inputs[i]), "band",
                        vr_report_json_number(t->band_u[i]), "outside",
                        (int)t->outside_u[i], "correlation",
                        vr_report_json_numbers(t->r_eu + i * lags, lags)));
  return json_pack("{s:o, s:o, s:i, s:o, s:o}", "autocorrelation",
                   vr_report_json_numbers(t->r_e, lags), "band",
                   vr_report_json_number(t->band), "outside", (int)t->outside,
                   "p_white", vr_report_json_number(t->p_white), "inputs",
                   list);
}
