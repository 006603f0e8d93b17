/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-net-show.h"

#include "tools/vmrecon-net-paths.h"

#include "basic/cleanup.h"
#include "topology/applications.h"
#include "topology/escape.h"
#include "topology/groups.h"
#include "topology/instance.h"
#include "topology/windows_file.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 160, WIDTH = 9 };

/* "1.2M" in at most 6 characters. */
static const char *short_rate(double rate, char *ret, size_t size) {
  static const char units[] = " kMGTP";
  size_t u = 0;
  for (; rate >= 999.5 && units[u + 1]; u++)
    rate /= 1000;
  if (u == 0)
    snprintf(ret, size, "%.0f", rate);
  else
    snprintf(ret, size, rate < 9.95 ? "%.1f%c" : "%.0f%c", rate, units[u]);
  return ret;
}

static enum vr_exit out_of_memory(void) {
  struct vr_error e;
  vr_error_set(&e, -ENOMEM, "%s", strerror(ENOMEM));
  return vr_tools_failed(&e);
}

/* --- matrix --- */

static void print_head(const struct vr_matrix *m, int first) {
  printf("%-*s", first, "bytes/s");
  for (size_t j = 0; j < m->n; j++) {
    char name[WIDTH + 4];
    vr_escape_text(m->names[j], name, WIDTH);
    printf(" %*s", WIDTH, name);
  }
  printf(" %*s\n", WIDTH, "sum");
}

static void print_cell(double rate) {
  char text[24];
  printf(" %*s", WIDTH, rate > 0 ? short_rate(rate, text, sizeof(text)) : "-");
}

static void print_row(const struct vr_matrix *m, size_t i, int first) {
  char name[NAME];
  double sum = 0;
  printf("%-*s", first, vr_escape_text(m->names[i], name, NAME));
  for (size_t j = 0; j < m->n; j++) {
    print_cell(m->rate[i * m->n + j]);
    sum += m->rate[i * m->n + j];
  }
  print_cell(sum);
  putchar('\n');
}

enum vr_exit vr_tools_matrix(const struct vr_tools_options *o,
                             const struct vr_tools_input *in) {
  const struct vr_matrix *m = &in->matrix;
  int first = 8;
  if (o->json) {
    vr_auto_free char *text = vr_windows_format(m, &in->survey);
    if (!text)
      return out_of_memory();
    puts(text);
    return VR_EXIT_OK;
  }
  for (size_t i = 0; i < m->n; i++) {
    char name[NAME];
    int width = (int)strlen(vr_escape_text(m->names[i], name, NAME));
    first = width > first ? width : first;
  }
  print_head(m, first);
  for (size_t i = 0; i < m->n; i++)
    print_row(m, i, first);
  return VR_EXIT_OK;
}

/* --- topology --- */

/* One look: what is seen is said, without dwell. */
static int look(const struct vr_tools_options *o, const struct vr_matrix *m,
                struct vr_applications *ret) {
  struct vr_applications_options options = vr_applications_defaults();
  options.dwell.times = 1;
  options.max = 4000;
  options.hubs = o->hubs;
  options.n_hubs = o->n_hubs;
  int r = vr_applications_init(ret, &options);
  return r < 0 ? r : vr_applications_step(ret, m, VR_SECOND, NULL, NULL);
}

static void print_application(const struct vr_application *a) {
  char name[NAME], rate[24], pattern[64], same[128];
  const struct vr_classification *c = &a->now;
  vr_applications_describe(c, pattern, sizeof(pattern));
  vr_topology_same(c->topology, c->n, c->side, same, sizeof(same));
  printf(
      "%s: %s (%.0f %%%s%s), %s bytes/s:", vr_escape_text(a->name, name, NAME),
      pattern, c->confidence, *same ? "; the same as " : "", same,
      short_rate(a->bytes, rate, sizeof(rate)));
  for (size_t i = 0; i < a->n_members; i++)
    printf(" %s", vr_escape_text(a->members[i], name, NAME));
  putchar('\n');
}

static json_t *application_object(const struct vr_application *a) {
  char same[128];
  const struct vr_classification *c = &a->now;
  json_t *members = json_array();
  vr_topology_same(c->topology, c->n, c->side, same, sizeof(same));
  for (size_t i = 0; i < a->n_members; i++)
    json_array_append_new(members, json_string(a->members[i]));
  return json_pack("{s:s, s:s, s:i, s:i, s:f, s:s, s:f, s:o}", "name", a->name,
                   "pattern", vr_topology_name(c->topology), "code",
                   (int)c->topology, "side", (int)c->side, "confidence",
                   c->confidence, "same_as", same, "bytes_per_second", a->bytes,
                   "members", members);
}

/* Guests that are in no application: services, and those that are idle. */
static void print_hubs(const struct vr_tools_options *o,
                       const struct vr_matrix *m) {
  vr_cleanup(vr_groups_clear) struct vr_groups g = {0};
  vr_auto_free bool *known = calloc(m->n + 1, sizeof(*known));
  for (size_t i = 0; known && i < o->n_hubs; i++) {
    long k = vr_windows_matrix_guest(m, o->hubs[i]);
    if (k >= 0)
      known[k] = true;
  }
  if (!known || vr_groups_separate(m->rate, m->n, known, &g) < 0)
    return;
  for (size_t i = 0; i < m->n; i++) {
    char name[NAME];
    if (g.is_hub[i])
      printf("service: %s\n", vr_escape_text(m->names[i], name, NAME));
  }
}

enum vr_exit vr_tools_topology(const struct vr_tools_options *o,
                               const struct vr_tools_input *in) {
  vr_cleanup(vr_applications_clear) struct vr_applications a = {0};
  if (look(o, &in->matrix, &a) < 0)
    return out_of_memory();
  if (!o->json) {
    for (size_t i = 0; i < a.n; i++)
      print_application(&a.list[i]);
    print_hubs(o, &in->matrix);
    return VR_EXIT_OK;
  }
  json_auto_t *array = json_array();
  for (size_t i = 0; i < a.n; i++)
    json_array_append_new(array, application_object(&a.list[i]));
  vr_auto_free char *text =
      json_dumps(array, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
  if (!text)
    return out_of_memory();
  puts(text);
  return VR_EXIT_OK;
}

/* --- dot --- */

static bool is_member(const struct vr_application *a, const char *name) {
  for (size_t i = 0; i < a->n_members; i++)
    if (strcmp(a->members[i], name) == 0)
      return true;
  return false;
}

static void print_cluster(const struct vr_application *a, size_t number,
                          const struct vr_matrix *m) {
  char name[NAME], pattern[64];
  vr_applications_describe(&a->now, pattern, sizeof(pattern));
  printf("  subgraph cluster_%zu {\n    label=\"%s: %s\";\n", number,
         vr_escape_dot(a->name, name, NAME), pattern);
  for (size_t i = 0; i < m->n; i++)
    if (is_member(a, m->names[i]))
      printf("    \"%s\";\n", vr_escape_dot(m->names[i], name, NAME));
  printf("  }\n");
}

/* The width of a line is a power of ten above the weakest. */
static void print_edge(const struct vr_matrix *m, size_t i, size_t j,
                       double highest) {
  char from[NAME], to[NAME], rate[24];
  double r = m->rate[i * m->n + j];
  double width = fmax(0.3, 4 + log10(r / highest));
  printf("  \"%s\" -> \"%s\" [label=\"%s\", penwidth=%.1f];\n",
         vr_escape_dot(m->names[i], from, NAME),
         vr_escape_dot(m->names[j], to, NAME),
         short_rate(r, rate, sizeof(rate)), width);
}

enum vr_exit vr_tools_dot(const struct vr_tools_options *o,
                          const struct vr_tools_input *in) {
  vr_cleanup(vr_applications_clear) struct vr_applications a = {0};
  const struct vr_matrix *m = &in->matrix;
  double highest = 0;
  if (look(o, m, &a) < 0)
    return out_of_memory();
  printf("digraph traffic {\n  // bytes per second\n  node [shape=box];\n");
  for (size_t i = 0; i < a.n; i++)
    print_cluster(&a.list[i], i, m);
  for (size_t p = 0; p < m->n * m->n; p++)
    highest = fmax(highest, m->rate[p]);
  for (size_t i = 0; i < m->n; i++)
    for (size_t j = 0; j < m->n; j++)
      if (m->rate[i * m->n + j] > 0)
        print_edge(m, i, j, highest);
  printf("}\n");
  return VR_EXIT_OK;
}

/* --- advice --- */

static struct vr_advice_options options_of(const struct vr_tools_options *o,
                                           struct vr_advice_options usual) {
  if (!isnan(o->max_steps))
    usual.max_steps = (size_t)o->max_steps;
  if (!isnan(o->least_gain))
    usual.least_gain = o->least_gain;
  return usual;
}

static enum vr_exit print_advice(const struct vr_tools_options *o,
                                 const struct vr_placement *p,
                                 const struct vr_advice_options *options) {
  vr_cleanup(vr_advice_clear) struct vr_advice a = {0};
  if (vr_advice_find(p, options, &a) < 0)
    return out_of_memory();
  vr_auto_free char *text =
      o->json ? vr_advice_json(p, &a) : vr_advice_text(p, &a);
  if (!text)
    return out_of_memory();
  printf("%s%s", text, o->json ? "\n" : "");
  return VR_EXIT_OK;
}

enum vr_exit vr_tools_advise(const struct vr_tools_options *o,
                             const struct vr_tools_input *in) {
  vr_cleanup(vr_placement_clear) struct vr_placement p = {0};
  const char *names[VR_TOOLS_PAIRS][2];
  struct vr_survey_apart apart[VR_TOOLS_PAIRS];
  struct vr_advice_options options = options_of(o, vr_advice_defaults());
  for (size_t i = 0; i < o->n_apart; i++) {
    names[i][0] = o->apart[i].name;
    names[i][1] = o->apart[i].value;
    apart[i] = (struct vr_survey_apart){2, names[i]};
  }
  if (vr_survey_problem(&in->survey, &in->matrix, apart, o->n_apart, &p) < 0)
    return out_of_memory();
  if (p.n_guests == 0) {
    struct vr_error e;
    vr_error_set(&e, -ENODATA, "%s: no guest whose host is known", o->input);
    return vr_tools_failed(&e);
  }
  return print_advice(o, &p, &options);
}

enum vr_exit vr_tools_advise_file(const struct vr_tools_options *o) {
  struct vr_error e;
  vr_cleanup(vr_instance_clear) struct vr_instance i = {0};
  if (vr_instance_read(o->input, &i, &e) < 0)
    return vr_tools_failed(&e);
  struct vr_advice_options options = options_of(o, i.options);
  return print_advice(o, &i.placement, &options);
}

static bool is_same_json(const char *a, const char *b) {
  json_auto_t *x = json_loads(a, 0, NULL), *y = json_loads(b, 0, NULL);
  return x && y && json_equal(x, y);
}

/* Says whether JSON, which was found again, is what the FILE holds as WHAT. */
static enum vr_exit compare(const char *file, const char *what,
                            const char *json, const char *held) {
  if (!json)
    return out_of_memory();
  if (is_same_json(json, held)) {
    printf("the same %s\n", what);
    return VR_EXIT_OK;
  }
  printf("%s\n", json);
  fprintf(stderr, "vmrecon-net: %s: the %s differs from the file's\n", file,
          what);
  return VR_EXIT_FOUND;
}

static char *advise_again(const struct vr_instance *i) {
  vr_cleanup(vr_advice_clear) struct vr_advice a = {0};
  return vr_advice_find(&i->placement, &i->options, &a) < 0
             ? NULL
             : vr_advice_json(&i->placement, &a);
}

enum vr_exit vr_tools_replay(const struct vr_tools_options *o) {
  struct vr_error e;
  vr_cleanup(vr_instance_clear) struct vr_instance i = {0};
  enum vr_exit r = VR_EXIT_OK;
  if (vr_instance_read(o->input, &i, &e) < 0)
    return vr_tools_failed(&e);
  if (!i.advice && !i.plan) {
    vr_error_set(&e, -ENODATA, "%s: advice: there is none to compare with",
                 o->input);
    return vr_tools_failed(&e);
  }
  if (i.advice) {
    vr_auto_free char *json = advise_again(&i);
    r = compare(o->input, "advice", json, i.advice);
  }
  if (i.plan && (r == VR_EXIT_OK || r == VR_EXIT_FOUND)) {
    vr_auto_free char *json = vr_tools_paths_again(&i);
    enum vr_exit paths = compare(o->input, "plan of paths", json, i.plan);
    r = paths == VR_EXIT_OK ? r : paths;
  }
  return r;
}
