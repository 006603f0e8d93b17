/* SPDX-License-Identifier: MIT */
#include "topology/paths_print.h"

#include "basic/cleanup.h"
#include "topology/escape.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

enum { NAME = 160 };

static const char *host_name(const struct vr_instance *i, size_t host) {
  return i->placement.hosts[host].name;
}

static bool is_changed(const struct vr_paths *p, const size_t *via, size_t w) {
  size_t from = w / p->n, to = w % p->n;
  return from != to && via[w] != vr_paths_default(p, from, to);
}

static double percent(double part, double all) {
  return all > 0 ? 100 * part / all : 100;
}

/* --- text --- */

static void print_way(FILE *f, const struct vr_instance *i, const size_t *via,
                      size_t w) {
  char from[NAME], to[NAME], middle[NAME];
  size_t n = i->paths.n, m = via[w];
  fprintf(
      f, "%s -> %s %s%s%s\n", vr_escape_text(host_name(i, w / n), from, NAME),
      vr_escape_text(host_name(i, w % n), to, NAME),
      m == VR_PATHS_DIRECT ? "directly" : "through ",
      m == VR_PATHS_DIRECT ? "" : vr_escape_text(host_name(i, m), middle, NAME),
      i->paths.via[w] == m ? " (as now)" : "");
}

char *vr_paths_text(const struct vr_instance *i,
                    const struct vr_paths_plan *plan) {
  const struct vr_paths *p = &i->paths;
  char *text = NULL;
  size_t size = 0, changed = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  fprintf(f,
          "%.0f of %.0f bytes/s between hosts get through as it is now "
          "(%.1f %%), %.0f by default\n",
          plan->now, plan->total, percent(plan->now, plan->total),
          plan->by_default);
  for (size_t w = 0; w < p->n * p->n; w++)
    if (is_changed(p, plan->via, w) && ++changed)
      print_way(f, i, plan->via, w);
  if (changed > 0)
    fprintf(f, "then %.0f bytes/s get through (%.1f %%)\n", plan->planned,
            percent(plan->planned, plan->total));
  else
    fprintf(f, "no way that differs from the default is worth it\n");
  return fclose(f) == 0 ? text : (free(text), NULL);
}

/* --- JSON --- */

char *vr_paths_json(const struct vr_instance *i,
                    const struct vr_paths_plan *plan) {
  const struct vr_paths *p = &i->paths;
  json_auto_t *routes = json_array();
  for (size_t w = 0; w < p->n * p->n; w++) {
    size_t m = plan->via[w];
    if (is_changed(p, plan->via, w) &&
        json_array_append_new(
            routes,
            json_pack("{s:s, s:s, s:s?}", "from", host_name(i, w / p->n), "to",
                      host_name(i, w % p->n), "via",
                      m == VR_PATHS_DIRECT ? NULL : host_name(i, m))) < 0)
      return NULL;
  }
  json_auto_t *root =
      json_pack("{s:f, s:f, s:f, s:f, s:O}", "wanted", plan->total,
                "by_default", plan->by_default, "now", plan->now, "planned",
                plan->planned, "routes", routes);
  return root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
}

/* --- a picture --- */

static void print_edge(FILE *f, const struct vr_instance *i, size_t from,
                       size_t to, const char *style, const char *label) {
  char a[NAME], b[NAME];
  fprintf(f, "  \"%s\" -> \"%s\" [%slabel=\"%s\"];\n",
          vr_escape_dot(host_name(i, from), a, NAME),
          vr_escape_dot(host_name(i, to), b, NAME), style, label);
}

static void print_flow(FILE *f, const struct vr_instance *i,
                       const struct vr_paths_flow *flow, const size_t *via,
                       const char *style) {
  char label[NAME], to[NAME];
  size_t m = via[flow->from * i->paths.n + flow->to];
  snprintf(label, sizeof(label), "%.3g MB/s", flow->bytes / 1e6);
  if (m == VR_PATHS_DIRECT) {
    print_edge(f, i, flow->from, flow->to, style, label);
    return;
  }
  vr_escape_dot(host_name(i, flow->to), to, sizeof(to));
  snprintf(label, sizeof(label), "%.3g MB/s to %.100s", flow->bytes / 1e6, to);
  print_edge(f, i, flow->from, m, style, label);
  print_edge(f, i, m, flow->to, style, label);
}

char *vr_paths_dot(const struct vr_instance *i,
                   const struct vr_paths_plan *plan) {
  const struct vr_paths *p = &i->paths;
  char *text = NULL, name[NAME];
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  fprintf(f, "digraph paths {\n  // ways as they are; dashed: as planned\n"
             "  node [shape=box];\n");
  for (size_t h = 0; h < p->n; h++)
    fprintf(f, "  \"%s\"%s;\n", vr_escape_dot(host_name(i, h), name, NAME),
            h == p->hub ? " [style=bold]" : "");
  for (size_t k = 0; k < p->n_flows; k++) {
    const struct vr_paths_flow *flow = &p->flows[k];
    size_t w = flow->from * p->n + flow->to;
    print_flow(f, i, flow, p->via, "");
    if (plan->via[w] != p->via[w])
      print_flow(f, i, flow, plan->via, "style=dashed, ");
  }
  fprintf(f, "}\n");
  return fclose(f) == 0 ? text : (free(text), NULL);
}
