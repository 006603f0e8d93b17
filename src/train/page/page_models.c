/* SPDX-License-Identifier: MIT */
#include "train/page/page_models.h"

#include "train/page/html.h"
#include "train/report/guest_report.h"
#include "train/report/standing.h"
#include "train/report/verdict.h"

#include <math.h>

static void put_percent(FILE *f, double x) {
  if (isfinite(x))
    fprintf(f, "<td class=\"n\">%.1f", x);
  else
    fputs("<td class=\"n\">\342\200\223", f);
}

/* What the interval promises, and what of it held-out time held. */
static void put_interval(FILE *f, const struct vr_model_intervals *v) {
  if (v->level > 0 && isfinite(v->coverage))
    fprintf(f, "<td>%.0f %%, held %.1f %% (%.1f to %.1f)", 100 * v->level,
            100 * v->coverage, 100 * v->coverage_lower,
            100 * v->coverage_upper);
  else if (v->level > 0)
    fprintf(f, "<td>%.0f %%", 100 * v->level);
  else
    fputs("<td>none", f);
}

static void put_model(const struct vr_trained *t, bool is_chosen,
                      double min_fit, FILE *f) {
  const struct vr_model *m = &t->model;
  char structure[48];
  if (!t->is_there)
    return;
  vr_report_structure(m, structure, sizeof(structure));
  fprintf(f, "<tr%s><td>%s%s<td>%s", is_chosen ? " class=\"chosen\"" : "",
          vr_provenance_name(m->provenance), is_chosen ? " (shown)" : "",
          structure);
  put_percent(f, m->fit.free_run);
  put_percent(f, m->fit.one_step);
  put_interval(f, &m->intervals);
  fputs("<td>", f);
  vr_html_text(f, t->inputs);
  fprintf(f, "<td>%s\n", vr_report_verdict(m, min_fit));
}

static void put_rival(const char *name, const char *structure, double fit,
                      const char *what, FILE *f) {
  fprintf(f, "<tr><td>%s<td>%s", name, structure);
  put_percent(f, fit);
  fprintf(f,
          "<td class=\"n\">\342\200\223<td>\342\200\223<td>%s"
          "<td>for comparison\n",
          what);
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
  fputs("<div class=\"wide\"><table><thead><tr><th>candidate<th>structure<th "
        "class=\"n\">free run, %<th class=\"n\">one step, %<th>interval"
        "<th>inputs<th>verdict</thead><tbody>\n",
        f);
  for (size_t i = 0; i < 3; i++)
    put_model(all[i], all[i] == shown, min_fit, f);
  put_rivals(k, shown, f);
  fputs("</tbody></table></div>\n", f);
}
