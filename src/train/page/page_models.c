/* SPDX-License-Identifier: MIT */
#include "train/page/page_models.h"

#include "train/page/html.h"
#include "train/report/guest_report.h"
#include "train/report/standing.h"
#include "train/report/verdict.h"

#include <math.h>

#define NOTHING "\342\200\223"

enum column {
  CANDIDATE,
  STRUCTURE,
  FREE_RUN,
  ONE_STEP,
  INTERVAL,
  INPUTS,
  VERDICT,
  COLUMNS
};

static const struct vr_html_column columns[COLUMNS] = {
    [CANDIDATE] = {"candidate", false}, [STRUCTURE] = {"structure", false},
    [FREE_RUN] = {"free run, %", true}, [ONE_STEP] = {"one step, %", true},
    [INTERVAL] = {"interval", false},   [INPUTS] = {"inputs", false},
    [VERDICT] = {"verdict", false},
};

static void put_cell(FILE *f, enum column c, const char *text) {
  vr_html_cell(f, &columns[c]);
  vr_html_text(f, text);
}

static void put_percent(FILE *f, enum column c, double x) {
  vr_html_cell(f, &columns[c]);
  if (isfinite(x))
    fprintf(f, "%.1f", x);
  else
    fputs(NOTHING, f);
}

/* What the interval promises, and what of it held-out time held. */
static void put_interval(FILE *f, const struct vr_model_intervals *v) {
  vr_html_cell(f, &columns[INTERVAL]);
  if (v->level > 0 && isfinite(v->coverage))
    fprintf(f, "%.0f %%, held %.1f %% (%.1f to %.1f)", 100 * v->level,
            100 * v->coverage, 100 * v->coverage_lower,
            100 * v->coverage_upper);
  else if (v->level > 0)
    fprintf(f, "%.0f %%", 100 * v->level);
  else
    fputs("none", f);
}

static void put_model(const struct vr_counter_result *k,
                      const struct vr_trained *t, bool is_chosen,
                      double min_fit, FILE *f) {
  const struct vr_model *m = &t->model;
  char structure[48];
  if (!t->is_there)
    return;
  vr_report_structure(m, structure, sizeof(structure));
  fputs(is_chosen ? "<tr class=\"chosen\">" : "<tr>", f);
  put_cell(f, CANDIDATE, vr_provenance_name(m->provenance));
  fputs(is_chosen ? " (shown)" : "", f);
  put_cell(f, STRUCTURE, structure);
  put_percent(f, FREE_RUN, m->fit.free_run);
  put_percent(f, ONE_STEP, m->fit.one_step);
  put_interval(f, &m->intervals);
  put_cell(f, INPUTS, t->inputs);
  put_cell(f, VERDICT,
           t == &k->definition && vr_train_counter_gives_way(k)
               ? VR_VERDICT_GAVE_WAY
               : vr_report_verdict(m, min_fit));
  fputc('\n', f);
}

static void put_rival(const char *name, const char *structure, double fit,
                      const char *what, FILE *f) {
  fputs("<tr>", f);
  put_cell(f, CANDIDATE, name);
  put_cell(f, STRUCTURE, structure);
  put_percent(f, FREE_RUN, fit);
  put_cell(f, ONE_STEP, NOTHING);
  put_cell(f, INTERVAL, NOTHING);
  put_cell(f, INPUTS, what);
  put_cell(f, VERDICT, "for comparison");
  fputc('\n', f);
}

/* Against what the model that is shown, or else the inferred one, stands. */
static void put_rivals(const struct vr_counter_result *k,
                       const struct vr_trained *shown, FILE *f) {
  const struct vr_model_baseline *b =
      &(shown ? shown : &k->inferred)->model.baseline;
  const struct vr_trained *same =
      shown && isfinite(shown->reference_fit) ? shown : &k->inferred;
  put_rival("reference orders", "arx(20; 17,50)",
            same->is_there ? same->reference_fit : NAN,
            "those of the inferred model", f);
  put_rival("static gain", "gain", b->has_gain ? b->gain_fit : NAN,
            b->has_gain ? "the best single series"
                        : "no series, or it is the model itself",
            f);
  put_rival("mean", "constant", b->mean_fit, "none", f);
}

void vr_page_models(const struct vr_counter_result *k, double min_fit,
                    FILE *f) {
  const struct vr_trained *shown = vr_standing_model(k, min_fit);
  const struct vr_trained *all[] = {&k->definition, &k->assisted, &k->inferred};
  if (!k->has_truth)
    return;
  vr_html_table_begin(f);
  for (int i = 0; i < COLUMNS; i++)
    vr_html_heading(f, &columns[i]);
  vr_html_table_rows(f);
  for (size_t i = 0; i < 3; i++)
    put_model(k, all[i], all[i] == shown, min_fit, f);
  put_rivals(k, shown, f);
  vr_html_table_end(f);
}
