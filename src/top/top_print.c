/* SPDX-License-Identifier: MIT */
#include "top_print.h"
#include "top_layout.h"

#include "schema/provenance.h"

#include <math.h>

static void put_line(const struct vr_top_line *l, FILE *f) {
  size_t n = l->length;
  while (n > 0 && l->text[n - 1] == ' ')
    n--;
  fprintf(f, "%.*s\n", (int)n, l->text);
}

void vr_top_print_table(const struct vr_top_view *v,
                        const struct vr_top_guests *g, const char *clock,
                        FILE *f) {
  struct vr_top_line l;
  bool many_hosts = vr_top_guests_of_many_hosts(g);
  size_t n = vr_top_guests_count(g);
  fprintf(f, "%s  %zu guest%s\n", clock, n, n == 1 ? "" : "s");
  vr_top_line_clear(&l);
  vr_top_layout_head(v, many_hosts, &l);
  put_line(&l, f);
  for (size_t i = 0; i < v->n; i++) {
    vr_top_line_clear(&l);
    vr_top_layout_row(v, many_hosts, v->order[i], &l);
    put_line(&l, f);
  }
  fputc('\n', f);
}

/* What each counter has. */
static const char *const parts[] = {"", "_lower", "_upper", "_provenance",
                                    "_fit"};

void vr_top_print_csv_head(FILE *f) {
  fputs("time,host,guest,state,vcpus,memory", f);
  for (int c = 0; c < VR_COUNTERS; c++)
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
      fprintf(f, ",%s%s", vr_counter_info((enum vr_counter)c)->name, parts[i]);
  fputc('\n', f);
}

static void put_text(const char *text, FILE *f) {
  fputs(",\"", f);
  for (; *text; text++)
    fprintf(f, "%s%c", *text == '"' ? "\"" : "", *text);
  fputc('"', f);
}

/* Nothing where it is not known. */
static void put_number(double value, FILE *f) {
  if (isnan(value))
    fputc(',', f);
  else
    fprintf(f, ",%.10g", value);
}

static void put_counter(const struct vr_top_value *a, FILE *f) {
  unsigned p = a->provenance;
  put_number(a->value, f);
  put_number(a->lower, f);
  put_number(a->upper, f);
  fprintf(f, ",%s",
          isnan(a->value) ? ""
          : p >= 1 && p <= VR_PROVENANCES
              ? vr_provenance_name((enum vr_provenance)p)
              : "measured");
  put_number(a->fit, f);
}

void vr_top_print_csv(const struct vr_top_view *v, double time, FILE *f) {
  for (size_t i = 0; i < v->n; i++) {
    const struct vr_top_guest *g = v->order[i];
    fprintf(f, "%.3f", time);
    put_text(g->host, f);
    put_text(g->name, f);
    put_number(g->state, f);
    put_number(g->vcpus, f);
    put_number(g->memory, f);
    for (int c = 0; c < VR_COUNTERS; c++)
      put_counter(&g->counters[c], f);
    fputc('\n', f);
  }
}
