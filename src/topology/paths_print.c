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

/* Pairs that exchange something, or of which something is measured. */
static bool is_of_interest(const struct vr_paths *p, size_t w) {
  const struct vr_paths_seen *s = &p->seen[w];
  bool any = !isnan(s->delay) || !isnan(s->drop) || !isnan(s->loss);
  for (size_t f = 0; !any && f < p->n_flows; f++)
    any = p->flows[f].from * p->n + p->flows[f].to == w;
  return any && w / p->n != w % p->n;
}

static double carried_by(const struct vr_paths *p, size_t w) {
  for (size_t f = 0; f < p->n_flows; f++)
    if (p->flows[f].from * p->n + p->flows[f].to == w)
      return p->flows[f].arrived;
  return 0;
}

static void print_loss(FILE *f, const struct vr_paths_seen *s) {
  if (isnan(s->loss))
    fprintf(f, ", loss is not known");
  else
    fprintf(f, ", loss %.2g %%%s", 100 * s->loss, s->lossy ? " (LOSSY)" : "");
  if (s->drop > 0)
    fprintf(f, ", %.2g %% of pings are lost", 100 * s->drop);
}

static void print_known(FILE *f, const struct vr_instance *i, size_t w) {
  const struct vr_paths *p = &i->paths;
  char from[NAME], to[NAME], middle[NAME];
  size_t n = p->n, m = p->via[w];
  double room = vr_paths_available(p, w / n, w % n, m);
  double delay = vr_paths_delay(p, w / n, w % n, m, NAN);
  fprintf(f, "%s -> %s %s%s: %.0f bytes/s",
          vr_escape_text(host_name(i, w / n), from, NAME),
          vr_escape_text(host_name(i, w % n), to, NAME),
          m == VR_PATHS_DIRECT ? "directly" : "through ",
          m == VR_PATHS_DIRECT ? ""
                               : vr_escape_text(host_name(i, m), middle, NAME),
          carried_by(p, w));
  if (isfinite(room))
    fprintf(f, ", %.0f more would fit", room);
  else
    fprintf(f, ", capacity is not known");
  print_loss(f, &p->seen[w]);
  if (isnan(delay))
    fprintf(f, ", delay is not known\n");
  else
    fprintf(f, ", delay %.3g ms\n", 1000 * delay);
}

static void print_links(FILE *f, const struct vr_paths *p) {
  char name[NAME], source[NAME];
  for (size_t l = 0; l < p->n_links; l++)
    fprintf(f, "%s: %.0f of %.0f bytes/s in use (%s)\n",
            vr_escape_text(p->links[l].name, name, NAME),
            vr_paths_use(p, &p->links[l]), p->links[l].capacity,
            *p->links[l].source
                ? vr_escape_text(p->links[l].source, source, NAME)
                : "configured");
}

static void print_cards(FILE *f, const struct vr_instance *i) {
  const struct vr_paths *p = &i->paths;
  char host[NAME], name[NAME];
  for (size_t h = 0; h < p->n; h++) {
    const struct vr_paths_card *c = &p->cards[h];
    if (!c->interface[0])
      continue;
    fprintf(f, "%s reaches the others by %s, MTU %u, ",
            vr_escape_text(host_name(i, h), host, NAME),
            vr_escape_text(c->interface, name, NAME), c->mtu);
    if (c->speed > 0)
      fprintf(f, "link speed %.0f bytes/s\n", c->speed);
    else
      fprintf(f, "link speed is not known\n");
  }
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
  for (size_t w = 0; w < p->n * p->n; w++)
    if (is_of_interest(p, w))
      print_known(f, i, w);
  print_links(f, p);
  print_cards(f, i);
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

/* What is known of the way as it is: of how much, loss, delay. */
static void describe(const struct vr_paths *p, const struct vr_paths_flow *flow,
                     char ret[NAME]) {
  size_t w = flow->from * p->n + flow->to, m = p->via[w], used = 0;
  double room = vr_paths_available(p, flow->from, flow->to, m);
  double delay = vr_paths_delay(p, flow->from, flow->to, m, NAN);
  double loss = p->seen[w].loss;
  if (isfinite(room))
    used += (size_t)snprintf(ret + used, NAME - used, "\\n%.3g more fit",
                             room / 1e6);
  if (!isnan(loss))
    used += (size_t)snprintf(ret + used, NAME - used, "\\nloss %.2g %%",
                             100 * loss);
  if (!isnan(delay))
    snprintf(ret + used, NAME - used, "\\n%.3g ms", 1000 * delay);
}

static void print_flow(FILE *f, const struct vr_instance *i,
                       const struct vr_paths_flow *flow, const size_t *via,
                       const char *style) {
  char label[NAME], to[NAME], known[NAME] = "";
  size_t w = flow->from * i->paths.n + flow->to, m = via[w];
  if (via == i->paths.via)
    describe(&i->paths, flow, known);
  snprintf(label, sizeof(label), "%.3g MB/s%.80s", flow->bytes / 1e6, known);
  if (via == i->paths.via && i->paths.seen[w].lossy)
    style = "color=red, ";
  if (m == VR_PATHS_DIRECT) {
    print_edge(f, i, flow->from, flow->to, style, label);
    return;
  }
  vr_escape_dot(host_name(i, flow->to), to, sizeof(to));
  snprintf(label, sizeof(label), "%.3g MB/s to %.60s%.80s", flow->bytes / 1e6,
           to, known);
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
