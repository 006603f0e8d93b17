/* SPDX-License-Identifier: MIT */
#include "train/page/page_index.h"

#include "train/page/html.h"
#include "train/page/page_set.h"
#include "train/report/heading.h"
#include "train/report/standing.h"

#include <math.h>

static const struct vr_html_column guest_column = {"guest", false},
                                   host_column = {"host", false};

static struct vr_html_column column_of(int c) {
  return (struct vr_html_column){vr_counter_info((enum vr_counter)c)->name,
                                 true};
}

static void put_header(FILE *f) {
  vr_html_table_begin(f);
  vr_html_heading(f, &guest_column);
  vr_html_heading(f, &host_column);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    struct vr_html_column column = column_of(c);
    vr_html_heading(f, &column);
  }
  vr_html_table_rows(f);
}

/* The letter of a provenance; the page explains it. */
static const char *letter(enum vr_provenance by) {
  static const char *const letters[VR_PROVENANCES + 1] = {
      [VR_DIRECT] = "d",   [VR_COOPERATIVE] = "c", [VR_INTROSPECTED] = "k",
      [VR_INFERRED] = "i", [VR_DERIVED] = "l",
  };
  return letters[by] ? letters[by] : "";
}

static void put_cell(const struct vr_guest_result *r, enum vr_counter c,
                     double min_fit, FILE *f) {
  struct vr_standing s;
  struct vr_html_column column = column_of((int)c);
  vr_standing_of(r, c, min_fit, &s);
  vr_html_cell(f, &column);
  if (!isfinite(s.fit))
    fputs("\342\200\223", f);
  else if (s.published)
    fprintf(f, "%.0f&nbsp;%s", s.fit, letter(s.by));
  else
    fprintf(f, "(%.0f)", s.fit);
}

static void put_row(const struct vr_page_guest *g, double min_fit, FILE *f) {
  const struct vr_guest_data *d = g->result->data;
  char name[VR_HTML_NAME_SIZE];
  vr_html_file_name(d->host, d->guest, name);
  fputs("<tr>", f);
  vr_html_cell(f, &guest_column);
  fprintf(f, "<a href=\"%s\">", name);
  vr_html_text(f, d->guest);
  fputs("</a>", f);
  vr_html_cell(f, &host_column);
  vr_html_text(f, d->host);
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1))
    put_cell(g->result, (enum vr_counter)c, min_fit, f);
  fputc('\n', f);
}

static void put_absent(const struct vr_page_set *set, FILE *f) {
  if (set->n_absent == 0)
    return;
  fputs("<h2>Guests without a page</h2>\n<ul>\n", f);
  for (size_t i = 0; i < set->n_absent; i++) {
    const struct vr_page_absent *a = &set->absent[i];
    fputs("<li>", f);
    vr_html_text(f, a->guest);
    fputs(" on ", f);
    vr_html_text(f, a->host);
    fputs(": ", f);
    vr_html_text(f, a->why);
    fputc('\n', f);
  }
  fputs("</ul>\n", f);
}

int vr_page_index_write(void *data, FILE *f) {
  const struct vr_page_set *set = data;
  vr_html_begin(f, "What vmrecon learned of its guests");
  fputs(
      "<p>For each counter the free-run fit on held-out time, in percent: 100 "
      "is perfect, 0 is no better than the mean. Behind it stands how the "
      "value comes about: <b>d</b> measured by the host, <b>c</b> reported by "
      "the guest's balloon driver, <b>k</b> read from its kernel, <b>i</b> "
      "inferred by a model, <b>l</b> by a law of its kernel. In parentheses: "
      "not published.</p>\n",
      f);
  put_header(f);
  for (size_t i = 0; i < set->n_guests; i++)
    put_row(&set->guests[i], set->min_fit, f);
  vr_html_table_end(f);
  put_absent(set, f);
  vr_html_end(f);
  return 0;
}
