/* SPDX-License-Identifier: MIT */
#include "train/report/guest_report.h"

#include "model/publishable.h"
#include "train/data/truth.h"
#include "train/report/diagnosis_report.h"
#include "train/report/heading.h"
#include "train/report/needed_history.h"
#include "train/report/numbers.h"
#include "train/report/verdict.h"

#include <math.h>
#include <string.h>

static void print_percent(FILE *f, double value) {
  if (isfinite(value))
    fprintf(f, " %8.1f", value);
  else
    fprintf(f, " %8s", "-");
}

void vr_report_structure(const struct vr_model *m, char *text, size_t size) {
  if (m->structure == VR_STATIC) {
    snprintf(text, size, "known gain");
    return;
  }
  if (m->structure == VR_RATIO) {
    snprintf(text, size, "known ratio");
    return;
  }
  if (m->n_inputs == 0) {
    snprintf(text, size, "mean");
    return;
  }
  int n = snprintf(text, size, "%s(%u;",
                   m->structure == VR_LOAD_FILTER ? "load"
                   : m->arx.na == 0               ? "fir"
                                                  : "arx",
                   m->arx.na);
  for (unsigned i = 0; i < m->arx.nu && n < (int)size; i++)
    n += snprintf(text + n, size - (size_t)n, "%s%u,%u", i ? " " : "",
                  m->arx.inputs[i].nb, m->arx.inputs[i].nk);
  if (n < (int)size)
    snprintf(text + n, size - (size_t)n, ")");
}

/* "    against samples 18.2 %, against expected values 31.0 % (mean -0.3, gain
 * 12.0)" */
static void print_levels(const struct vr_trained *t, FILE *f) {
  const struct vr_model_fit *fit = &t->model.fit;
  if (!fit->judged_twice)
    return;
  fputs("    against samples", f);
  vr_report_print_decimals(f, fit->snapshot, 1, 0);
  fputs(" %, against expected values", f);
  vr_report_print_decimals(f, fit->expected, 1, 0);
  fputs(" % (mean", f);
  vr_report_print_decimals(f, t->mean_expected, 1, 0);
  fputs(", gain", f);
  vr_report_print_decimals(f, t->gain_expected, 1, 0);
  fputs(")\n", f);
}

/* X is shown below the model. */
static void print_trained(const struct vr_counter_result *k,
                          const struct vr_trained *t,
                          const struct vr_diagnosis *x, double min_fit,
                          double step, FILE *f) {
  const struct vr_model *m = &t->model;
  char structure[48], verdict[VR_VERDICT_SIZE];
  if (!t->is_there)
    return;
  vr_report_verdict_needs(m, min_fit, verdict);
  if (t == &k->definition && vr_train_counter_gives_way(k))
    snprintf(verdict, sizeof(verdict), "%s", VR_VERDICT_GAVE_WAY);
  vr_report_structure(m, structure, sizeof(structure));
  fprintf(f, "  %-13s %-11s", vr_counter_info(m->counter)->name,
          vr_provenance_name(m->provenance));
  print_percent(f, m->fit.free_run);
  print_percent(f, m->fit.one_step);
  print_percent(f, t->reference_fit);
  print_percent(f, m->baseline.mean_fit);
  print_percent(f, m->baseline.gain_fit);
  fprintf(f, "  %-20s %s%s%s\n", structure, verdict,
          *t->inputs ? "; from " : "", t->inputs);
  print_levels(t, f);
  vr_report_diagnosis(x, step, f);
}

/* Why counter C has no model of any kind. */
static void print_no_truth(const struct vr_guest_data *d, enum vr_counter c,
                           FILE *f) {
  fprintf(f, "  %-13s ", vr_counter_info(c)->name);
  if (d->y[c])
    fprintf(f,
            "too little truth: known in %zu of %zu rows; an RRD file that was "
            "made for another interval records unknown values\n",
            vr_data_guest_known(d, c), d->grid.rows);
  else
    fprintf(f, "no truth: %s\n",
            vr_truth_is_introspected(d->truth)
                ? "not among what is read from a guest's kernel"
                : "the guest's own series are not recorded");
}

void vr_report_guest(const struct vr_guest_result *r,
                     const struct vr_guest_diagnoses *x, double min_fit,
                     FILE *f) {
  double step = r->data->grid.step;
  vr_report_heading(r->data, f);
  vr_report_guest_size(r->data, f);
  fprintf(f, "  %-13s %-11s %8s %8s %8s %8s %8s  %-20s\n", "counter",
          "provenance", "free run", "one step", "20,17,50", "mean", "gain",
          "structure");
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_counter_result *k = &r->counters[c];
    if (!k->has_truth) {
      print_no_truth(r->data, (enum vr_counter)c, f);
      continue;
    }
    print_trained(k, &k->definition, &x->definition[c], min_fit, step, f);
    print_trained(k, &k->assisted, &x->assisted[c], min_fit, step, f);
    print_trained(k, &k->inferred, &x->inferred[c], min_fit, step, f);
  }
  fputs("\n", f);
}

static json_t *trained_json(const struct vr_counter_result *k,
                            const struct vr_trained *t,
                            const struct vr_diagnosis *x, double min_fit) {
  const struct vr_model *m = &t->model;
  char structure[48];
  vr_report_structure(m, structure, sizeof(structure));
  const struct vr_model_intervals *v = &m->intervals;
  bool measured = v->level > 0,
       gives_way = t == &k->definition && vr_train_counter_gives_way(k);
  json_t *o = json_pack(
      "{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:s, "
      "s:f, s:o}",
      "counter", vr_counter_info(m->counter)->name, "provenance",
      vr_provenance_name(m->provenance), "structure", structure, "inputs",
      t->inputs, "free_run", vr_report_json_number(m->fit.free_run), "one_step",
      vr_report_json_number(m->fit.one_step), "seed_fit",
      vr_report_json_number(t->reference_fit), "mean_fit",
      vr_report_json_number(m->baseline.mean_fit), "gain_fit",
      vr_report_json_number(m->baseline.gain_fit), "coverage",
      vr_report_json_number(measured ? v->coverage : NAN), "published",
      vr_model_publishable(m, min_fit) && !gives_way, "verdict",
      gives_way ? VR_VERDICT_GAVE_WAY : vr_report_verdict(m, min_fit),
      "needs_seconds", vr_needed_by(m, min_fit), "diagnosis",
      vr_report_diagnosis_json(x));
  if (o && m->fit.judged_twice)
    json_object_set_new(
        o, "levels",
        json_pack("{s:o, s:o, s:o, s:o}", "snapshot",
                  vr_report_json_number(m->fit.snapshot), "expected",
                  vr_report_json_number(m->fit.expected), "mean_expected",
                  vr_report_json_number(t->mean_expected), "gain_expected",
                  vr_report_json_number(t->gain_expected)));
  return o;
}

json_t *vr_report_guest_json(const struct vr_guest_result *r,
                             const struct vr_guest_diagnoses *x,
                             double min_fit) {
  const struct vr_guest_data *d = r->data;
  json_t *models = json_array();
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_counter_result *k = &r->counters[c];
    const struct vr_trained *all[] = {&k->definition, &k->assisted,
                                      &k->inferred};
    const struct vr_diagnosis *found[] = {&x->definition[c], &x->assisted[c],
                                          &x->inferred[c]};
    for (size_t i = 0; i < 3; i++)
      if (all[i]->is_there)
        json_array_append_new(models,
                              trained_json(k, all[i], found[i], min_fit));
  }
  return json_pack(
      "{s:s, s:s, s:s, s:o, s:o, s:I, s:s, s:{s:o, s:o, s:I}, s:o}", "host",
      d->host, "guest", d->guest, "truth", d->truth, "begin",
      vr_report_json_number(d->grid.begin), "step",
      vr_report_json_number(d->grid.step), "rows", (json_int_t)d->grid.rows,
      "accelerator", vr_accelerator_name(d->accelerator), "clock_offset",
      "seconds", vr_report_json_number(d->clock.pairs ? d->clock.seconds : NAN),
      "standard_error",
      vr_report_json_number(d->clock.pairs ? d->clock.standard_error : NAN),
      "counters", (json_int_t)d->clock.pairs, "models", models);
}
