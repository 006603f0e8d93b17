/* SPDX-License-Identifier: MIT */
#include "train/cli/option_values.h"

#include "archive/cells.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <rrd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

double vr_option_number(const char *text, double min, double max,
                        const char *option, struct argp_state *state) {
  char *rest;
  errno = 0;
  double value = strtod(text, &rest);
  if (rest == text || *rest || errno || !(value >= min && value <= max))
    argp_error(state, "%s: \"%s\" is not a number from %.10g to %.10g", option,
               text, min, max);
  return value;
}

unsigned vr_option_whole(const char *text, unsigned min, unsigned max,
                         const char *option, struct argp_state *state) {
  double value = vr_option_number(text, min, max, option, state);
  if (value != floor(value))
    argp_error(state, "%s: \"%s\" is not a whole number", option, text);
  return (unsigned)value;
}

static void parse_time(const char *text, rrd_time_value_t *ret,
                       const char *option, struct argp_state *state) {
  char *message = rrd_parsetime(text, ret);
  if (message)
    argp_error(state, "%s: \"%s\": %s", option, text, message);
}

void vr_option_span(const char *start_text, const char *end_text,
                    struct vr_span *span, struct argp_state *state) {
  rrd_time_value_t start, end;
  time_t from, to;
  if (!start_text && !end_text)
    return;
  parse_time(start_text ? start_text : "0", &start, "--start", state);
  parse_time(end_text ? end_text : "now", &end, "--end", state);
  if (rrd_proc_start_end(&start, &end, &from, &to) < 0) {
    argp_error(state, "--start, --end: %s", rrd_get_error());
    return;
  }
  if (start_text)
    span->begin = (double)from;
  if (end_text)
    span->end = (double)to;
  if (start_text && end_text && from >= to)
    argp_error(state, "--start is not before --end");
}

size_t vr_option_numbers(char *text, unsigned min, unsigned max,
                         const char *option, unsigned *ret,
                         struct argp_state *state) {
  size_t n = 0;
  for (char *at = text, *item; (item = vr_cells_next(&at, ','));) {
    if (n == VR_MAX_ORDER_LIST)
      argp_error(state, "%s: more than %d numbers", option, VR_MAX_ORDER_LIST);
    ret[n++] = vr_option_whole(item, min, max, option, state);
  }
  return n;
}

void vr_option_names(char *text, struct vr_table_options *t,
                     struct argp_state *state) {
  for (char *at = text, *item; (item = vr_cells_next(&at, ','));) {
    if (t->n_inputs == VR_MAX_TABLE_INPUTS)
      argp_error(state, "--input: more than %d names", VR_MAX_TABLE_INPUTS);
    if (*item == '\0')
      argp_error(state, "--input: an empty name");
    t->inputs[t->n_inputs++] = item;
  }
}

/* "FROM:TO", both from MIN on. */
static void pair_of(char *text, unsigned min, unsigned max, const char *option,
                    unsigned *ret_from, unsigned *ret_to,
                    struct argp_state *state) {
  char *to = text;
  char *from = strsep(&to, ":");
  *ret_from = vr_option_whole(from, min, max, option, state);
  *ret_to = to ? vr_option_whole(to, min, max, option, state) : *ret_from;
  if (*ret_from > *ret_to)
    argp_error(state, "%s: %u is above %u", option, *ret_from, *ret_to);
}

void vr_option_samples(char *text, const char *option, struct vr_samples *s,
                       struct argp_state *state) {
  char *to = text;
  const char *from = strsep(&to, ":");
  const unsigned max = UINT_MAX - 1;
  if (!to)
    argp_error(state, "%s: \"%s\" is not FROM:TO", option, from);
  s->from = *from ? vr_option_whole(from, 1, max, option, state) : 1;
  s->to = to && *to ? vr_option_whole(to, 1, max, option, state) : SIZE_MAX;
  if (s->from > s->to)
    argp_error(state, "%s: %zu is above %zu", option, s->from, s->to);
}

void vr_option_search(char *text, struct vr_table_options *t,
                      struct argp_state *state) {
  for (char *at = text, *item; (item = strsep(&at, ","));) {
    char *value = item;
    const char *name = strsep(&value, "=");
    struct vr_range *r = strcmp(name, "na") == 0   ? &t->search_na
                         : strcmp(name, "nb") == 0 ? &t->search_nb
                         : strcmp(name, "nk") == 0 ? &t->search_nk
                                                   : NULL;
    if (!r || !value)
      argp_error(state, "--search: \"%s\" is none of na=A:B, nb=A:B, nk=A:B",
                 item);
    else
      pair_of(value, r == &t->search_nb, VR_ORDER_MAX, "--search", &r->min,
              &r->max, state);
  }
  t->search = true;
}

void vr_option_detrend(const char *text, struct vr_table_options *t,
                       struct argp_state *state) {
  if (strcmp(text, "mean") != 0 && strcmp(text, "none") != 0)
    argp_error(state, "--detrend: \"%s\" is neither mean nor none", text);
  t->detrend = strcmp(text, "mean") == 0;
}
