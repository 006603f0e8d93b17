/* SPDX-License-Identifier: MIT */
#include "top_columns.h"
#include "top_cells.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NONE VR_COUNTERS
#define TEXT .level = true, .first = NONE, .second = NONE
#define LEVEL(c) .level = true, .first = c, .second = NONE
#define RATE(c) .first = c, .second = NONE
#define SUM(a, b) .first = a, .second = b

enum { WIDE = 100, WIDER = 120, WIDEST = 140 };
enum { CELL = 5, NAME_MIN = 12, NAME_MAX = 48 };

static const struct vr_top_column_info columns[VR_TOP_COLUMNS] = {
    [VR_TOP_GUEST] = {"guest", "GUEST", 'g', 0, 0, 0, TEXT},
    [VR_TOP_HOST] = {"host", "HOST", 0, 15, WIDER, 0, TEXT},
    [VR_TOP_STATE] = {"state", "S", 0, 1, 0, 0, TEXT},
    [VR_TOP_VCPUS] = {"vcpus", "vCPU", 0, 4, 0, 0, TEXT},
    [VR_TOP_LOAD] = {"load", "LOAD", 'l', CELL, 0, 0, LEVEL(VR_LOAD)},
    [VR_TOP_BRACKET] = {"bracket", "LOW-HIGH", 0, 9, 0, 0, TEXT},
    [VR_TOP_CPU] = {"cpu", "CPU%", 'c', CELL, 0, 0, LEVEL(VR_CPU)},
    [VR_TOP_STEAL] = {"steal", "STL%", 's', CELL, 0, 0, LEVEL(VR_STEAL)},
    [VR_TOP_WAIT] = {"wait", "WAI%", 'w', CELL, 0, 0, LEVEL(VR_WAIT)},
    [VR_TOP_EXECUTION] = {"execution", "EXE%", 'x', CELL, WIDER, 0,
                          LEVEL(VR_EXECUTION)},
    [VR_TOP_FAULTS] = {"faults", "FLT", 'f', CELL, 0, 0, RATE(VR_PAGE_FAULTS)},
    [VR_TOP_SWITCHES] = {"switches", "CSW", 0, CELL, WIDER, 0,
                         RATE(VR_CONTEXTSWITCH)},
    [VR_TOP_PROCESSES] = {"processes", "PROC", 0, CELL, WIDEST, 0,
                          RATE(VR_PROCESSES)},
    [VR_TOP_DISK] = {"disk", "DISK", 'd', CELL, 0, WIDE - 1,
                     SUM(VR_DISK_READ, VR_DISK_WRITE)},
    [VR_TOP_DISK_READ] = {"disk-read", "DSKR", 0, CELL, WIDE, 0,
                          RATE(VR_DISK_READ)},
    [VR_TOP_DISK_WRITE] = {"disk-write", "DSKW", 0, CELL, WIDE, 0,
                           RATE(VR_DISK_WRITE)},
    [VR_TOP_NET] = {"net", "NET", 'n', CELL, 0, WIDE - 1,
                    SUM(VR_NET_TX, VR_NET_RX)},
    [VR_TOP_NET_TX] = {"net-tx", "TX", 0, CELL, WIDE, 0, RATE(VR_NET_TX)},
    [VR_TOP_NET_RX] = {"net-rx", "RX", 0, CELL, WIDE, 0, RATE(VR_NET_RX)},
};

const struct vr_top_column_info *vr_top_column_info(enum vr_top_column c) {
  return &columns[c];
}

int vr_top_column_by_name(const char *name, enum vr_top_column *ret) {
  for (int c = 0; c < VR_TOP_COLUMNS; c++)
    if (strcmp(columns[c].name, name) == 0) {
      *ret = (enum vr_top_column)c;
      return 0;
    }
  return -ENOENT;
}

bool vr_top_column_shown(enum vr_top_column c, size_t width, bool many_hosts) {
  return width >= columns[c].from &&
         (columns[c].to == 0 || width <= columns[c].to) &&
         (c != VR_TOP_HOST || many_hosts);
}

size_t vr_top_name_width(size_t width, bool many_hosts) {
  size_t others = 0;
  for (int c = VR_TOP_GUEST + 1; c < VR_TOP_COLUMNS; c++)
    if (vr_top_column_shown((enum vr_top_column)c, width, many_hosts))
      others += 1 + columns[c].width;
  size_t left = width > others ? width - others : 0;
  return left < NAME_MIN ? NAME_MIN : left > NAME_MAX ? NAME_MAX : left;
}

/* Of a sum with one known part, that part. */
static double sum_of(double a, double b) {
  return isnan(a) ? b : isnan(b) ? a : a + b;
}

double vr_top_column_number(enum vr_top_column c,
                            const struct vr_top_guest *g) {
  const struct vr_top_column_info *info = &columns[c];
  if (c == VR_TOP_VCPUS)
    return g->vcpus;
  if (c == VR_TOP_STATE)
    return g->state;
  if (c == VR_TOP_BRACKET)
    return g->counters[VR_LOAD].lower;
  if (info->first == NONE)
    return NAN;
  double first = g->counters[info->first].value;
  return info->second == NONE ? first
                              : sum_of(first, g->counters[info->second].value);
}

char vr_top_state_letter(double state) {
  static const char letters[] = "-RPFOS";
  return state >= 1 && state <= 5 ? letters[(int)state] : '-';
}

static void bracket_text(const struct vr_top_value *load, char ret[20]) {
  char lower[VR_TOP_NUMBER_SIZE], upper[VR_TOP_NUMBER_SIZE];
  vr_top_level(load->lower, 2, lower);
  vr_top_level(load->upper, 2, upper);
  if (isnan(load->lower) && isnan(load->upper))
    ret[0] = '\0';
  else
    snprintf(ret, 20, "%s-%s", lower, upper);
}

/* The worse mark of two: an estimate in a sum makes it one. */
static char mark_of(const struct vr_top_column_info *info,
                    const struct vr_top_guest *g) {
  char first = vr_top_mark(g->counters[info->first].provenance);
  if (info->second == NONE || first != ' ')
    return first;
  return vr_top_mark(g->counters[info->second].provenance);
}

static void number_cell(enum vr_top_column c, const struct vr_top_guest *g,
                        enum vr_top_look look, struct vr_top_line *l) {
  const struct vr_top_column_info *info = &columns[c];
  char text[VR_TOP_NUMBER_SIZE];
  double number = vr_top_column_number(c, g);
  if (info->level)
    vr_top_level(number, c == VR_TOP_LOAD ? 2 : 1, text);
  else
    vr_top_rate(number, text);
  vr_top_line_add(l, look, " %*s%c", VR_TOP_NUMBER_WIDTH, text,
                  isnan(number) ? ' ' : mark_of(info, g));
}

void vr_top_column_cell(enum vr_top_column c, const struct vr_top_guest *g,
                        struct vr_top_line *l) {
  enum vr_top_look look = vr_top_column_look(c, g);
  char text[128];
  switch (c) {
  case VR_TOP_GUEST: /* as wide as the screen allows: the layout's */
    return;
  case VR_TOP_HOST:
    vr_top_fit_text(g->host, columns[c].width, text, sizeof(text));
    vr_top_line_add(l, look, " %s", text);
    return;
  case VR_TOP_STATE:
    vr_top_line_add(l, look, " %c", vr_top_state_letter(g->state));
    return;
  case VR_TOP_VCPUS:
    vr_top_level(g->vcpus, 0, text);
    /* Not 2.0 vCPUs. */
    if (g->vcpus < 1000)
      snprintf(text, sizeof(text), "%.0f", g->vcpus);
    vr_top_line_add(l, look, " %4s", text);
    return;
  case VR_TOP_BRACKET:
    bracket_text(&g->counters[VR_LOAD], text);
    vr_top_line_add(l, look, " %9s", text);
    return;
  default:
    number_cell(c, g, look, l);
  }
}

/* From where on a number is to be looked at, and from where on it is bad. */
static const struct threshold {
  enum vr_top_column column;
  double notice, alarm;
} thresholds[] = {
    {VR_TOP_STEAL, 5, 20},
    {VR_TOP_WAIT, 20, 50},
};

/* All vCPUs are taken for sure: not even the bracket's lower end is below. */
static bool is_saturated(const struct vr_top_guest *g) {
  return g->vcpus >= 1 && g->counters[VR_LOAD].lower > 0.95 * g->vcpus;
}

enum vr_top_look vr_top_column_look(enum vr_top_column c,
                                    const struct vr_top_guest *g) {
  double number = vr_top_column_number(c, g);
  if (c == VR_TOP_STATE && number > 1)
    return number == 3 ? VR_TOP_ALARM : VR_TOP_NOTICE;
  if ((c == VR_TOP_LOAD || c == VR_TOP_BRACKET) && is_saturated(g))
    return VR_TOP_ALARM;
  for (size_t i = 0; i < sizeof(thresholds) / sizeof(thresholds[0]); i++)
    if (thresholds[i].column == c && number >= thresholds[i].notice)
      return number >= thresholds[i].alarm ? VR_TOP_ALARM : VR_TOP_NOTICE;
  return VR_TOP_PLAIN;
}
