/* SPDX-License-Identifier: MIT */
#include "train/page/figure.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "train/page/gnuplot.h"
#include "train/page/html.h"
#include "train/page/svg.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Room for the axes' texts of two sides; colours are those of style.h. */
static const char preamble[] =
    "set terminal svg size 560,320 noenhanced font 'sans-serif,14'\n"
    "set encoding utf8\n"
    "ink = 0x010101; grid = 0x020202; band = 0x030303; model = 0x040404\n"
    "step = 0x050505; truth = 0x060606; range = 0x070707; third = 0x080808\n"
    "fourth = 0x090909\n";

/* Every figure begins with nothing of the one before. */
static const char start[] =
    "reset\n"
    "set border 3 lc rgb ink\nset tics nomirror out tc rgb ink\n"
    "set grid lc rgb grid lt 1 lw 1\n"
    "set key outside top center horizontal samplen 1.5 maxrows 2 tc "
    "rgb ink\n"
    "set xzeroaxis lc rgb ink lt 1 lw 1\n"
    "set style fill solid 1 noborder\n"
    "set format y '%.4g'\nset lmargin 11\nset rmargin 4\n";

int vr_figure_begin(struct vr_figures *f) {
  *f = (struct vr_figures){0};
  f->script = open_memstream(&f->text, &f->size);
  if (!f->script)
    return -ENOMEM;
  fputs(preamble, f->script);
  return 0;
}

void vr_figure_clear(struct vr_figures *f) {
  if (f->script)
    fclose(f->script);
  for (size_t i = 0; i < f->n; i++)
    free(f->all[i].caption);
  free(f->all);
  free(f->text);
  free(f->pictures);
  *f = (struct vr_figures){0};
}

void vr_figure_add(struct vr_figures *f, int group, const char *caption, ...) {
  va_list list;
  char *text;
  va_start(list, caption);
  int n = vasprintf(&text, caption, list);
  va_end(list);
  if (n < 0) {
    f->is_out_of_memory = true;
    return;
  }
  if (vr_array_reserve(&f->all, &f->capacity, f->n + 1) < 0) {
    free(text);
    f->is_out_of_memory = true;
    return;
  }
  f->all[f->n++] = (struct vr_figure){.group = group, .caption = text};
  fputs(start, f->script);
}

void vr_figure_data(struct vr_figures *f, const char *name, size_t rows,
                    unsigned columns, const double *const *x) {
  bool was_gap = true;
  fprintf(f->script, "$%s << EOD\n", name);
  for (size_t i = 0; i < rows; i++) {
    bool gap = false;
    for (unsigned c = 0; c < columns; c++)
      gap = gap || !isfinite(x[c][i]);
    /* An empty line ends a line or an area that is drawn. */
    if (gap && !was_gap)
      fputc('\n', f->script);
    for (unsigned c = 0; !gap && c < columns; c++)
      fprintf(f->script, "%.*g%c", c == 0 ? 14 : 7, x[c][i],
              c + 1 < columns ? ' ' : '\n');
    was_gap = gap;
  }
  fputs("EOD\n", f->script);
}

void vr_figure_axis(struct vr_figures *f, char axis, const char *what,
                    const char *unit) {
  vr_auto_free char *label = NULL;
  if (asprintf(&label, "%s%s%s", what, *unit ? ", " : "", unit) < 0) {
    label = NULL;
    f->is_out_of_memory = true;
    return;
  }
  fprintf(f->script, "set %clabel ", axis);
  vr_gnuplot_quote(f->script, label);
  fputs(" tc rgb ink\n", f->script);
}

static void find_pictures(struct vr_figures *f) {
  const char *at = f->pictures;
  for (size_t i = 0; i < f->n; i++)
    f->all[i].length = vr_svg_next(&at, &f->all[i].picture);
}

int vr_figure_draw(struct vr_figures *f, struct vr_error *ret_error) {
  if (fflush(f->script) != 0 || f->is_out_of_memory)
    return vr_error_set(ret_error, -ENOMEM, "%s", strerror(ENOMEM));
  int r = vr_gnuplot_run(f->text, f->size, &f->pictures, ret_error);
  if (r == 0)
    find_pictures(f);
  return r;
}

void vr_figure_write(const struct vr_figures *f, int group, FILE *to) {
  fputs("<div class=\"figures\">\n", to);
  for (size_t i = 0; i < f->n; i++) {
    const struct vr_figure *one = &f->all[i];
    if (one->group != group || one->length == 0)
      continue;
    fputs("<figure>\n", to);
    vr_svg_embed(one->picture, one->length, one->caption, to);
    fputs("<figcaption>", to);
    vr_html_text(to, one->caption);
    fputs("</figcaption>\n</figure>\n", to);
  }
  fputs("</div>\n", to);
}
