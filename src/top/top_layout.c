/* SPDX-License-Identifier: MIT */
#include "top_layout.h"
#include "top_cells.h"
#include "top_detail.h"
#include "top_help.h"

#include <stdio.h>
#include <string.h>

/* A title over its numbers, whose last column is the mark's. */
static void title(enum vr_top_column c, bool sorted, struct vr_top_line *l) {
  const struct vr_top_column_info *info = vr_top_column_info(c);
  enum vr_top_look look = sorted ? VR_TOP_SORTED : VR_TOP_HEAD;
  bool text = c == VR_TOP_HOST || c == VR_TOP_STATE;
  bool marked = info->first != VR_COUNTERS;
  vr_top_line_add(l, VR_TOP_HEAD, " ");
  if (text)
    vr_top_line_add(l, look, "%-*s", (int)info->width, info->title);
  else
    vr_top_line_add(l, look, "%*s%s", (int)info->width - marked, info->title,
                    marked ? " " : "");
}

void vr_top_layout_head(const struct vr_top_view *v, bool many_hosts,
                        struct vr_top_line *l) {
  size_t width = vr_top_name_width(v->width, many_hosts);
  vr_top_line_add(l, v->sort == VR_TOP_GUEST ? VR_TOP_SORTED : VR_TOP_HEAD,
                  "%-*s", (int)width, vr_top_column_info(VR_TOP_GUEST)->title);
  for (int c = VR_TOP_GUEST + 1; c < VR_TOP_COLUMNS; c++)
    if (vr_top_column_shown((enum vr_top_column)c, v->width, many_hosts))
      title((enum vr_top_column)c, v->sort == (enum vr_top_column)c, l);
}

/* Where there is no column for the host, it goes with the name. */
static void name_cell(const struct vr_top_view *v, bool many_hosts,
                      const struct vr_top_guest *g, enum vr_top_look look,
                      struct vr_top_line *l) {
  char text[512], cell[4 * 64];
  bool with_host =
      many_hosts && !vr_top_column_shown(VR_TOP_HOST, v->width, many_hosts);
  snprintf(text, sizeof(text), "%s%s%s", g->name, with_host ? "@" : "",
           with_host ? g->host : "");
  vr_top_fit_text(text, vr_top_name_width(v->width, many_hosts), cell,
                  sizeof(cell));
  vr_top_line_add(l, look, "%s", cell);
}

void vr_top_layout_row(const struct vr_top_view *v, bool many_hosts,
                       const struct vr_top_guest *g, struct vr_top_line *l) {
  name_cell(v, many_hosts, g, VR_TOP_PLAIN, l);
  for (int c = VR_TOP_GUEST + 1; c < VR_TOP_COLUMNS; c++)
    if (vr_top_column_shown((enum vr_top_column)c, v->width, many_hosts))
      vr_top_column_cell((enum vr_top_column)c, g, l);
}

static size_t count_state(const struct vr_top_guests *g, double from,
                          double to) {
  size_t n = 0;
  for (const struct vr_top_guest *a = g->by_key; a; a = a->hh.next)
    n += a->state >= from && a->state <= to;
  return n;
}

/* How many numbers of the column are bad. */
static size_t count_looks(const struct vr_top_guests *g, enum vr_top_column c) {
  size_t n = 0;
  for (const struct vr_top_guest *a = g->by_key; a; a = a->hh.next)
    n += vr_top_column_look(c, a) == VR_TOP_ALARM;
  return n;
}

static void summary(const struct vr_top_view *v, const struct vr_top_guests *g,
                    const struct vr_top_about *about,
                    struct vr_top_page *page) {
  struct vr_top_line *l = vr_top_page_next(page);
  if (!l)
    return;
  vr_top_line_add(l, VR_TOP_STRONG, "vmrecon-top");
  vr_top_line_add(l, VR_TOP_PLAIN, " %s  from %s, every %g s%s", about->clock,
                  about->source, v->delay, v->paused ? ", paused" : "");
  l = vr_top_page_next(page);
  if (!l)
    return;
  size_t n = vr_top_guests_count(g);
  vr_top_line_add(l, VR_TOP_PLAIN, "%zu guest%s", n, n == 1 ? "" : "s");
  if (v->filter[0])
    vr_top_line_add(l, VR_TOP_STRONG, ", %zu like '%s'", v->n, v->filter);
  vr_top_line_add(l, VR_TOP_PLAIN,
                  ": %zu paused, %zu not running; %zu starved (steal), %zu "
                  "saturated",
                  count_state(g, 2, 2), count_state(g, 3, 5),
                  count_looks(g, VR_TOP_STEAL), count_looks(g, VR_TOP_LOAD));
}

static void status(const struct vr_top_view *v,
                   const struct vr_top_about *about, struct vr_top_page *page) {
  struct vr_top_line *l = vr_top_page_next(page);
  if (!l)
    return;
  if (v->typing)
    vr_top_line_add(l, VR_TOP_STRONG, "filter: %s_", v->typed);
  else if (about->trouble[0])
    vr_top_line_add(l, VR_TOP_ALARM, "%s", about->trouble);
  else
    vr_top_line_add(l, VR_TOP_FAINT, "h help  q quit   %s", VR_TOP_MARKS);
}

/* What is bad stays so. */
static void look_like(struct vr_top_line *l, enum vr_top_look look) {
  for (size_t i = 0; i < l->n_spans; i++)
    if (l->spans[i].look == VR_TOP_PLAIN || look == VR_TOP_FAINT)
      l->spans[i].look = look;
}

/* While the source is in trouble the values are old, and faint. */
static void table(const struct vr_top_view *v, const struct vr_top_guests *g,
                  bool old, struct vr_top_page *page) {
  bool many_hosts = vr_top_guests_of_many_hosts(g);
  struct vr_top_line *l = vr_top_page_next(page);
  if (l)
    vr_top_layout_head(v, many_hosts, l);
  for (size_t i = 0; i < vr_top_view_rows(v); i++) {
    l = vr_top_page_next(page);
    if (!l || v->first + i >= v->n)
      continue;
    vr_top_layout_row(v, many_hosts, v->order[v->first + i], l);
    if (v->first + i == v->selected)
      look_like(l, VR_TOP_SELECTED);
    else if (old)
      look_like(l, VR_TOP_FAINT);
  }
}

void vr_top_layout(const struct vr_top_view *v, const struct vr_top_guests *g,
                   const struct vr_top_about *about, struct vr_top_page *page) {
  page->n = 0;
  const struct vr_top_guest *guest = vr_top_view_selected(v);
  if (v->mode == VR_TOP_HELP)
    vr_top_help(v->width, page);
  else if (v->mode == VR_TOP_DETAIL && guest)
    vr_top_detail(v, guest, page);
  else {
    summary(v, g, about, page);
    table(v, g, about->trouble[0] != '\0', page);
  }
  if (page->n >= v->height)
    page->n = v->height > 0 ? v->height - 1 : 0;
  while (page->n + 1 < v->height)
    if (!vr_top_page_next(page))
      return;
  status(v, about, page);
  for (size_t i = 0; i < page->n; i++)
    vr_top_line_cut(&page->lines[i], v->width);
}
