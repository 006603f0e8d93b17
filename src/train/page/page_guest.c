/* SPDX-License-Identifier: MIT */
#include "train/page/page_guest.h"

#include "basic/cleanup.h"
#include "train/page/figure_correlation.h"
#include "train/page/figure_spectrum.h"
#include "train/page/figure_time.h"
#include "train/page/html.h"
#include "train/page/page_models.h"
#include "train/report/heading.h"
#include "train/report/standing_advice.h"

#include <string.h>

/* The diagnosis of T, which is one of the models of C. */
static const struct vr_diagnosis *diagnosis_of(const struct vr_page_guest *g,
                                               enum vr_counter c,
                                               const struct vr_trained *t) {
  const struct vr_counter_result *k = &g->result->counters[c];
  return t == &k->definition ? &g->diagnoses->definition[c]
         : t == &k->assisted ? &g->diagnoses->assisted[c]
                             : &g->diagnoses->inferred[c];
}

static int figures_of(struct vr_page_of_guest *page, enum vr_counter c) {
  const struct vr_guest_data *d = page->guest->result->data;
  const struct vr_trained *t =
      vr_standing_model(&page->guest->result->counters[c], page->min_fit);
  int r = 0;
  if (t) {
    r = vr_figure_time(page->figures, d, t);
    vr_figure_correlation(page->figures, diagnosis_of(page->guest, c, t), c,
                          d->grid.step);
  }
  if (r == 0 && d->y[c])
    r = vr_figure_spectrum(page->figures, d, c);
  return r;
}

int vr_page_guest_figures(struct vr_page_of_guest *page) {
  int r = vr_figure_begin(page->figures);
  for (int c = vr_counter_trainable(0); r == 0 && c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    r = figures_of(page, (enum vr_counter)c);
  return r;
}

/* Text of the reports for terminals, of any origin, made safe. */
static void put_report(FILE *f, const char *text) {
  vr_html_text(f, text + strspn(text, " :"));
}

/* Where the truth, the models and their figures come from. */
static void put_data(const struct vr_page_of_guest *page, FILE *f) {
  const struct vr_guest_data *d = page->guest->result->data;
  vr_auto_free char *text = NULL;
  size_t size;
  FILE *m = open_memstream(&text, &size);
  if (!m)
    return;
  vr_report_heading(d, m);
  vr_report_guest_size(d, m);
  fclose(m);
  fputs("<h2>Data used</h2>\n<pre>", f);
  put_report(f, text);
  fputs("</pre>\n<p>Its own values were recorded under the name ", f);
  vr_html_text(f, d->truth);
  fputs(".</p>\n", f);
  if (!page->guest->unused || !*page->guest->unused)
    return;
  fputs("<p class=\"note\">", f);
  put_report(f, page->guest->unused);
  fputs("</p>\n", f);
}

/* How C stands and what would help: what is missing. */
static void put_standing(const struct vr_page_of_guest *page, enum vr_counter c,
                         FILE *f) {
  vr_auto_free char *text = NULL;
  size_t size;
  struct vr_standing s;
  FILE *m = open_memstream(&text, &size);
  if (!m)
    return;
  vr_standing_of(page->guest->result, c, page->min_fit, &s);
  vr_standing_print(&s, m);
  vr_standing_advise(page->guest->result, c, &s, m);
  fclose(m);
  vr_html_text(f, text);
}

static void put_contents(const struct vr_page_of_guest *page, FILE *f) {
  static const struct vr_html_column columns[] = {
      {"counter", false},
      {"unit", false},
      {"how it stands, and what would help", false},
  };
  fputs("<h2>Counters</h2>\n", f);
  vr_html_table_begin(f);
  for (int i = 0; i < 3; i++)
    vr_html_heading(f, &columns[i]);
  vr_html_table_rows(f);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    const struct vr_counter_info *info = vr_counter_info((enum vr_counter)c);
    fputs("<tr>", f);
    vr_html_cell(f, &columns[0]);
    fprintf(f, "<a href=\"#%s\">%s</a>", info->name, info->name);
    vr_html_cell(f, &columns[1]);
    fputs(info->unit, f);
    vr_html_cell(f, &columns[2]);
    put_standing(page, (enum vr_counter)c, f);
    fputc('\n', f);
  }
  vr_html_table_end(f);
}

static void put_counter(const struct vr_page_of_guest *page, enum vr_counter c,
                        FILE *f) {
  const struct vr_counter_info *info = vr_counter_info(c);
  fprintf(f, "<h2 id=\"%s\">%s (%s)</h2>\n<p>", info->name, info->name,
          info->unit);
  put_standing(page, c, f);
  fputs("</p>\n", f);
  vr_page_models(&page->guest->result->counters[c], page->min_fit, f);
  if (!page->no_figures)
    vr_figure_write(page->figures, (int)c, f);
}

int vr_page_guest_write(void *data, FILE *f) {
  const struct vr_page_of_guest *page = data;
  const struct vr_guest_data *d = page->guest->result->data;
  vr_auto_free char *title = NULL;
  if (asprintf(&title, "%s on %s", d->guest, d->host) < 0)
    title = NULL;
  vr_html_begin(f, title ? title : "guest");
  fputs("<p><a href=\"index.html\">All guests</a></p>\n", f);
  if (page->no_figures)
    fprintf(f, "<p class=\"note\">This page has no figures: %s.</p>\n",
            page->no_figures);
  put_contents(page, f);
  put_data(page, f);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    put_counter(page, (enum vr_counter)c, f);
  vr_html_end(f);
  return 0;
}
