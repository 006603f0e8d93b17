/* SPDX-License-Identifier: MIT */
#include "top_detail.h"
#include "top_cells.h"

#include "schema/accelerator.h"
#include "schema/provenance.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Columns that stand before the line of the past. */
enum { BEFORE_PAST = 64, PAST_MIN = 10 };

/* A narrow screen has place for the bracket, not for words: the mark behind the
 * number says how it comes about, too. */
static bool is_narrow(const struct vr_top_view *v) {
  return v->width < BEFORE_PAST;
}

static const char *state_text(double state) {
  static const char *const names[] = {"state not known", "running",
                                      "paused",          "stopped by a fault",
                                      "switched off",    "suspended"};
  return names[state >= 1 && state <= 5 ? (int)state : 0];
}

static void heading(const struct vr_top_guest *g, struct vr_top_page *page) {
  struct vr_top_line *l = vr_top_page_next(page);
  char memory[VR_TOP_NUMBER_SIZE];
  if (!l)
    return;
  vr_top_line_add(l, VR_TOP_STRONG, "%s", g->name);
  vr_top_line_add(l, VR_TOP_PLAIN, " on %s", g->host);
  l = vr_top_page_next(page);
  if (!l)
    return;
  vr_top_line_add(l, VR_TOP_PLAIN, "%s", state_text(g->state));
  if (g->vcpus >= 1)
    vr_top_line_add(l, VR_TOP_PLAIN, ", %.0f vCPUs", g->vcpus);
  vr_top_rate(g->memory, memory);
  if (g->memory > 0)
    vr_top_line_add(l, VR_TOP_PLAIN, ", %sB of memory", memory);
  if (g->accelerator >= 1 && g->accelerator <= 3)
    vr_top_line_add(
        l, VR_TOP_PLAIN, ", %s",
        vr_accelerator_name((enum vr_accelerator)(int)g->accelerator));
}

static const char *origin_word(unsigned provenance) {
  static const char *const words[] = {
      "measured",        "measured",  "by the guest's driver",
      "from its memory", "estimated", "by law"};
  return words[provenance <= VR_PROVENANCES ? provenance : 0];
}

static void append(char *ret, size_t size, const char *text) {
  size_t n = strlen(ret);
  snprintf(ret + n, size - n, "%s%s", n > 0 ? ", " : "", text);
}

/* "by law, 0.20 to 0.35"; "estimated, fit 83%, 2 to 4"; on a narrow screen the
 * bracket comes first. */
static void origin_text(const struct vr_top_value *a, bool narrow, char *ret,
                        size_t size) {
  char fit[32] = "", bracket[2 * VR_TOP_NUMBER_SIZE + 8];
  char lower[VR_TOP_NUMBER_SIZE], upper[VR_TOP_NUMBER_SIZE];
  ret[0] = '\0';
  vr_top_level(a->lower, 2, lower);
  vr_top_level(a->upper, 2, upper);
  snprintf(bracket, sizeof(bracket), "%s to %s", lower, upper);
  snprintf(fit, sizeof(fit), "fit %.0f%%", a->fit);
  if (narrow && isfinite(a->lower))
    append(ret, size, bracket);
  append(ret, size, origin_word(a->provenance));
  if (isfinite(a->fit))
    append(ret, size, fit);
  if (!narrow && isfinite(a->lower))
    append(ret, size, bracket);
}

/* The greatest value of those that are drawn; of a percentage 100. */
static double scale_of(const struct vr_top_guest *g, enum vr_counter c,
                       size_t n) {
  double max = vr_counter_info(c)->max;
  if (isfinite(max))
    return max;
  max = 0;
  for (size_t i = 0; i < n; i++) {
    double x = vr_top_guest_past(g, c, i);
    max = x > max ? x : max;
  }
  return max;
}

static void past(const struct vr_top_view *v, const struct vr_top_guest *g,
                 enum vr_counter c, struct vr_top_line *l) {
  size_t n =
      v->width > BEFORE_PAST + PAST_MIN ? v->width - BEFORE_PAST - 1 : PAST_MIN;
  n = n > VR_TOP_PAST ? VR_TOP_PAST : n;
  double max = scale_of(g, c, n);
  char text[4 * VR_TOP_PAST] = "";
  size_t at = 0;
  for (size_t i = n; i-- > 0;)
    at += (size_t)snprintf(
        text + at, sizeof(text) - at, "%s",
        vr_top_spark(vr_top_guest_past(g, c, i), max, v->utf8));
  vr_top_line_add(l, VR_TOP_PLAIN, " %s", text);
}

static void counter_line(const struct vr_top_view *v,
                         const struct vr_top_guest *g, enum vr_counter c,
                         struct vr_top_page *page) {
  const struct vr_counter_info *info = vr_counter_info(c);
  const struct vr_top_value *a = &g->counters[c];
  char number[VR_TOP_NUMBER_SIZE], origin[64];
  if (isnan(a->value))
    return;
  struct vr_top_line *l = vr_top_page_next(page);
  if (!l)
    return;
  if (info->is_rate)
    vr_top_rate(a->value, number);
  else
    vr_top_level(a->value, 2, number);
  origin_text(a, is_narrow(v), origin, sizeof(origin));
  vr_top_line_add(l, VR_TOP_PLAIN, "%-17.17s ", info->name);
  vr_top_line_add(l, VR_TOP_STRONG, "%4s%c", number,
                  vr_top_mark(a->provenance));
  if (is_narrow(v)) {
    vr_top_line_add(l, VR_TOP_PLAIN, " %s", origin);
    return;
  }
  vr_top_line_add(l, VR_TOP_FAINT, " %-9.9s ",
                  info->unit[0] == '%' ? "%" : info->unit);
  vr_top_line_add(l, VR_TOP_PLAIN, "%-28.28s", origin);
  past(v, g, c, l);
}

void vr_top_detail(const struct vr_top_view *v, const struct vr_top_guest *g,
                   struct vr_top_page *page) {
  heading(g, page);
  vr_top_page_next(page);
  for (int c = 0; c < VR_COUNTERS; c++)
    counter_line(v, g, (enum vr_counter)c, page);
}
