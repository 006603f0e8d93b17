/* SPDX-License-Identifier: MIT */
#include "topology/advice.h"

#include "basic/cleanup.h"
#include "topology/escape.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { NAME = 160 };

static double percent(double part, double all) {
  return all > 0 ? 100 * part / all : 0;
}

static void print_step(FILE *f, const struct vr_placement *p,
                       const struct vr_advice_step *s, size_t number) {
  char guest[NAME], other[NAME], from[NAME], to[NAME];
  vr_escape_text(p->guests[s->guest].name, guest, NAME);
  vr_escape_text(p->hosts[s->from].name, from, NAME);
  vr_escape_text(p->hosts[s->to].name, to, NAME);
  if (s->is_swap)
    fprintf(f, "%zu. swap %s (on %s) and %s (on %s)", number, guest, from,
            vr_escape_text(p->guests[s->other].name, other, NAME), to);
  else
    fprintf(f, "%zu. move %s from %s to %s", number, guest, from, to);
  fprintf(f, ": %.0f bytes/s less between hosts, %.0f MiB to copy%s\n",
          s->bytes, s->copy / 1048576,
          s->needs_room ? "; neither host has room for both at once" : "");
}

char *vr_advice_text(const struct vr_placement *p, const struct vr_advice *a) {
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  fprintf(f, "%.0f of %.0f bytes/s cross hosts (%.1f %%)\n", a->crossing,
          a->total, percent(a->crossing, a->total));
  for (size_t i = 0; i < a->n_steps; i++)
    print_step(f, p, &a->steps[i], i + 1);
  if (a->n_steps > 0)
    fprintf(f, "then %.0f bytes/s cross hosts (%.1f %%), %.0f MiB copied\n",
            a->crossing_advised, percent(a->crossing_advised, a->total),
            a->copy / 1048576);
  else
    fprintf(f, "no step that the limits allow is worth its copying\n");
  return fclose(f) == 0 ? text : (free(text), NULL);
}

static json_t *step_object(const struct vr_placement *p,
                           const struct vr_advice_step *s) {
  json_t *o = json_pack(
      "{s:s, s:s, s:s, s:s, s:f, s:f}", "step", s->is_swap ? "swap" : "move",
      "guest", p->guests[s->guest].name, "from", p->hosts[s->from].name, "to",
      p->hosts[s->to].name, "bytes_per_second", s->bytes, "copy", s->copy);
  if (o && s->is_swap) {
    json_object_set_new(o, "other", json_string(p->guests[s->other].name));
    json_object_set_new(o, "needs_room", json_boolean(s->needs_room));
  }
  return o;
}

char *vr_advice_json(const struct vr_placement *p, const struct vr_advice *a) {
  json_auto_t *steps = json_array();
  for (size_t i = 0; i < a->n_steps; i++)
    if (json_array_append_new(steps, step_object(p, &a->steps[i])) < 0)
      return NULL;
  json_auto_t *root = json_pack(
      "{s:f, s:f, s:f, s:f, s:O}", "total", a->total, "crossing", a->crossing,
      "crossing_advised", a->crossing_advised, "copy", a->copy, "steps", steps);
  return root ? json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
}
