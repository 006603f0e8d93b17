/* SPDX-License-Identifier: MIT */
#include "topology/survey.h"

#include "basic/cleanup.h"
#include "topology/escape.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST 1e18 /* bytes, processors: no sum of it leaves the numbers */

void vr_survey_init(struct vr_survey *s, size_t max) {
  *s = (struct vr_survey){.overcommit = 4};
  vr_index_init(&s->host_index, max);
  vr_index_init(&s->guest_index, max);
}

void vr_survey_clear(struct vr_survey *s) {
  vr_index_clear(&s->host_index);
  vr_index_clear(&s->guest_index);
  free(s->hosts);
  free(s->guests);
  *s = (struct vr_survey){0};
}

/* The machine NAME of a list, made if it is new. */
static int machine_of(struct vr_index *x, struct vr_survey_machine **list,
                      size_t *n, const char *name,
                      struct vr_survey_machine **ret) {
  char field[VR_FIELD_SIZE];
  size_t length = strlen(vr_escape_field(name, field, sizeof(field)));
  long i = vr_index_find(x, field, length);
  if (i < 0) {
    if ((*n & (*n - 1)) == 0) {
      struct vr_survey_machine *more =
          reallocarray(*list, *n ? 2 * *n : 1, sizeof(*more));
      if (!more)
        return -ENOMEM;
      *list = more;
    }
    int r = vr_index_set(x, field, length, (uint32_t)*n);
    if (r < 0)
      return r;
    i = (long)(*n)++;
    (*list)[i] = (struct vr_survey_machine){
        .cpus = NAN, .set_cpu = NAN, .set_memory = NAN, .set_nic = NAN};
    for (int k = 0; k < 4; k++)
      (*list)[i].memory[k] = NAN;
    snprintf((*list)[i].name, sizeof((*list)[i].name), "%s", field);
  }
  *ret = &(*list)[i];
  return 0;
}

static int host_of(struct vr_survey *s, const char *name,
                   struct vr_survey_machine **ret) {
  return machine_of(&s->host_index, &s->hosts, &s->n_hosts, name, ret);
}

static int guest_of(struct vr_survey *s, const char *name,
                    struct vr_survey_machine **ret) {
  return machine_of(&s->guest_index, &s->guests, &s->n_guests, name, ret);
}

/* Which part of memory, or -1 if it is none. */
static int memory_part(const char *type_instance) {
  static const char *const parts[] = {"used", "free", "buffered", "cached"};
  for (int i = 0; i < 4; i++)
    if (strcmp(type_instance, parts[i]) == 0)
      return i;
  return -1;
}

static bool is(const struct vr_identifier *id, const char *type,
               const char *instance) {
  return strcmp(id->type, type) == 0 &&
         strcmp(id->type_instance, instance) == 0;
}

static int take_host(struct vr_survey *s, const struct vr_identifier *id,
                     double value) {
  struct vr_survey_machine *m;
  bool cpus = is(id, "count", "cpus");
  int part =
      strcmp(id->type, "memory") == 0 ? memory_part(id->type_instance) : -1;
  if (!cpus && part < 0)
    return 0;
  int r = host_of(s, id->host, &m);
  if (r < 0)
    return r;
  if (cpus)
    m->cpus = value;
  else
    m->memory[part] = value;
  return 0;
}

static int take_guest(struct vr_survey *s, const struct vr_identifier *id,
                      double value) {
  struct vr_survey_machine *m;
  bool cpus = is(id, "count", "vcpus");
  if (!cpus && !is(id, "memory", "configured"))
    return 0;
  int r = guest_of(s, id->plugin_instance, &m);
  if (r < 0)
    return r;
  if (cpus)
    m->cpus = value;
  else
    m->memory[0] = value;
  return 0;
}

int vr_survey_take(struct vr_survey *s, const struct vr_identifier *id,
                   double value) {
  if (strcmp(id->plugin, "vmrecon") != 0 || !(value >= 0 && value <= MOST))
    return 0;
  return *id->plugin_instance ? take_guest(s, id, value)
                              : take_host(s, id, value);
}

int vr_survey_place(struct vr_survey *s, const char *guest, const char *host) {
  struct vr_survey_machine *g, *h;
  int r = host_of(s, host, &h);
  if (r == 0)
    r = guest_of(s, guest, &g);
  if (r == 0)
    snprintf(g->host, sizeof(g->host), "%s", h->name);
  return r;
}

void vr_survey_tidy(struct vr_survey *s) {
  size_t n = 0, max = s->guest_index.max;
  if (10 * s->n_guests < 9 * max)
    return;
  vr_index_clear(&s->guest_index);
  vr_index_init(&s->guest_index, max);
  for (size_t i = 0; i < s->n_guests; i++) {
    const char *name = s->guests[i].name;
    if (s->guests[i].host[0] &&
        vr_index_set(&s->guest_index, name, strlen(name), (uint32_t)n) == 0)
      s->guests[n++] = s->guests[i];
  }
  s->n_guests = n;
}

int vr_survey_set_host(struct vr_survey *s, const char *host, double cpu,
                       double memory, double nic) {
  struct vr_survey_machine *h;
  int r = host_of(s, host, &h);
  if (r < 0)
    return r;
  h->set_cpu = cpu;
  h->set_memory = memory;
  h->set_nic = nic;
  return 0;
}

/* --- the problem --- */

static double limit(double configured, double measured) {
  return !isnan(configured) ? configured
         : !isnan(measured) ? measured
                            : INFINITY;
}

/* Only the parts together are the whole. */
static double host_memory(const struct vr_survey_machine *h) {
  return h->memory[0] + h->memory[1] + h->memory[2] + h->memory[3];
}

static int add_hosts(const struct vr_survey *s, struct vr_placement *p) {
  for (size_t i = 0; i < s->n_hosts; i++) {
    const struct vr_survey_machine *h = &s->hosts[i];
    if (vr_placement_add_host(
            p, h->name, limit(h->set_cpu, s->overcommit * h->cpus),
            limit(h->set_memory, host_memory(h)), limit(h->set_nic, NAN)) < 0)
      return -ENOMEM;
  }
  return 0;
}

static double or_zero(double x) { return isnan(x) ? 0 : x; }

static int add_guests(const struct vr_survey *s, struct vr_placement *p) {
  for (size_t i = 0; i < s->n_guests; i++) {
    const struct vr_survey_machine *g = &s->guests[i];
    long h = g->host[0] ? vr_placement_host_index(p, g->host) : -1;
    if (h >= 0 && vr_placement_add_guest(p, g->name, or_zero(g->cpus),
                                         or_zero(g->memory[0]), (size_t)h) < 0)
      return -ENOMEM;
  }
  return 0;
}

static int add_demand(struct vr_placement *p, size_t from, size_t to,
                      const struct vr_matrix *m, size_t pair) {
  if (vr_placement_add_demand(p, from, to, m->rate[pair]) < 0)
    return -ENOMEM;
  p->demands[p->n_demands - 1].arrived = m->arrived[pair];
  p->demands[p->n_demands - 1].latest = m->latest[pair];
  p->demands[p->n_demands - 1].sent = m->sent[pair];
  return 0;
}

static int add_demands(const struct vr_matrix *m, struct vr_placement *p) {
  vr_auto_free long *guest = calloc(m->n + 1, sizeof(*guest));
  if (!guest)
    return -ENOMEM;
  for (size_t i = 0; i < m->n; i++)
    guest[i] = vr_placement_guest_index(p, m->names[i]);
  for (size_t i = 0; i < m->n; i++)
    for (size_t j = 0; j < m->n; j++)
      if (guest[i] >= 0 && guest[j] >= 0 && i != j &&
          m->rate[i * m->n + j] > 0 &&
          add_demand(p, (size_t)guest[i], (size_t)guest[j], m, i * m->n + j) <
              0)
        return -ENOMEM;
  return 0;
}

/* Of those guests that are there. */
static int add_apart(const struct vr_survey_apart *apart, size_t n,
                     struct vr_placement *p) {
  for (size_t a = 0; a < n; a++) {
    if (vr_placement_add_apart(p) < 0)
      return -ENOMEM;
    for (size_t i = 0; i < apart[a].n; i++) {
      long g = vr_placement_guest_index(p, apart[a].guests[i]);
      if (g >= 0 && vr_placement_join_apart(p, (size_t)g) < 0)
        return -ENOMEM;
    }
    /* A file does not say a group of one. */
    if (p->apart[p->n_apart - 1].n < 2)
      free(p->apart[--p->n_apart].guests);
  }
  return 0;
}

int vr_survey_problem(const struct vr_survey *s, const struct vr_matrix *m,
                      const struct vr_survey_apart *apart, size_t n_apart,
                      struct vr_placement *ret) {
  vr_cleanup(vr_placement_clear) struct vr_placement p = {0};
  int r = add_hosts(s, &p);
  if (r == 0)
    r = add_guests(s, &p);
  if (r == 0)
    r = add_demands(m, &p);
  if (r == 0)
    r = add_apart(apart, n_apart, &p);
  if (r < 0)
    return r;
  *ret = p;
  p = (struct vr_placement){0};
  return 0;
}
