/* SPDX-License-Identifier: MIT */
#include "topology/applications.h"

#include "basic/cleanup.h"
#include "basic/text.h"
#include "topology/escape.h"
#include "topology/groups.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct vr_applications_options vr_applications_defaults(void) {
  return (struct vr_applications_options){
      .dwell = vr_dwell_defaults(), .remember = 600 * VR_SECOND, .max = 64};
}

static void members_clear(struct vr_application *app) {
  for (size_t i = 0; i < app->n_members; i++)
    free(app->members[i]);
  free(app->members);
  app->members = NULL;
  app->n_members = 0;
}

int vr_applications_init(struct vr_applications *a,
                         const struct vr_applications_options *options) {
  *a = (struct vr_applications){
      .options = *options,
      .classifier = vr_classify_new(),
      .list = calloc(options->max + 1, sizeof(*a->list)),
  };
  if (a->classifier && a->list)
    return 0;
  vr_applications_clear(a);
  return -ENOMEM;
}

void vr_applications_clear(struct vr_applications *a) {
  for (size_t i = 0; i < a->n; i++)
    members_clear(&a->list[i]);
  free(a->list);
  vr_classify_free(a->classifier);
  *a = (struct vr_applications){0};
}

/* --- one group --- */

struct group {
  const struct vr_matrix *m;
  size_t n;
  size_t *guests; /* rows of the matrix */
};

static double exchanged(const struct vr_matrix *m, size_t i, size_t j) {
  return m->rate[i * m->n + j] + m->rate[j * m->n + i];
}

/* What a member exchanges with the others. */
static double member_bytes(const struct group *g, size_t i) {
  double sum = 0;
  for (size_t k = 0; k < g->n; k++)
    if (k != i)
      sum += exchanged(g->m, g->guests[i], g->guests[k]);
  return sum;
}

static double group_bytes(const struct group *g) {
  double sum = 0;
  for (size_t i = 0; i < g->n; i++)
    sum += member_bytes(g, i);
  return sum / 2;
}

static bool has_member(char *const *members, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(members[i], name) == 0)
      return true;
  return false;
}

static size_t shared_members(const struct group *g, char *const *members,
                             size_t n) {
  size_t shared = 0;
  for (size_t i = 0; i < g->n; i++)
    shared += has_member(members, n, g->m->names[g->guests[i]]);
  return shared;
}

static void classify(struct vr_applications *a, const struct group *g,
                     struct vr_classification *ret) {
  double rate[VR_TOPOLOGY_MEMBERS * VR_TOPOLOGY_MEMBERS];
  if (g->n > VR_TOPOLOGY_MEMBERS) {
    *ret = (struct vr_classification){.topology = VR_TOPOLOGY_IRREGULAR,
                                      .n = (unsigned)g->n};
    return;
  }
  for (size_t i = 0; i < g->n; i++)
    for (size_t j = 0; j < g->n; j++)
      rate[i * g->n + j] = g->m->rate[g->guests[i] * g->m->n + g->guests[j]];
  vr_classify(a->classifier, rate, (unsigned)g->n, ret);
}

/* --- names --- */

static bool is_name_taken(const struct vr_applications *a, const char *name,
                          const struct vr_application *except) {
  for (size_t i = 0; i < a->n; i++)
    if (&a->list[i] != except && strcmp(a->list[i].name, name) == 0)
      return true;
  return false;
}

/* The name that the user gave to the group, or NULL. */
static const char *given_name(const struct vr_applications *a,
                              const struct group *g) {
  const char *best = NULL;
  size_t most = 0;
  for (size_t i = 0; i < a->options.n_named; i++) {
    const struct vr_applications_named *named = &a->options.named[i];
    size_t shared = shared_members(g, (char *const *)(uintptr_t)named->members,
                                   named->n_members);
    if (shared > most && 2 * shared >= named->n_members) {
      most = shared;
      best = named->name;
    }
  }
  return best;
}

/* That of the member with most traffic whose name no other application has. */
static const char *largest_member(const struct vr_applications *a,
                                  const struct group *g,
                                  const struct vr_application *except) {
  const char *best = NULL;
  double most = -1;
  for (size_t i = 0; i < g->n; i++) {
    const char *name = g->m->names[g->guests[i]];
    double bytes = member_bytes(g, i);
    if (bytes > most && !is_name_taken(a, name, except)) {
      most = bytes;
      best = name;
    }
  }
  return best ? best : g->m->names[g->guests[0]];
}

static void name_application(struct vr_applications *a, const struct group *g,
                             struct vr_application *app) {
  const char *name = given_name(a, g);
  if (name && is_name_taken(a, name, app))
    name = NULL;
  if (!name && app->name[0])
    return;
  if (!name)
    name = largest_member(a, g, app);
  vr_escape_field(name, app->name, sizeof(app->name));
}

/* --- from one matrix to the next --- */

/* The application that the group continues: it shares most members with it,
 * at least half of both together. */
static struct vr_application *continued(const struct vr_applications *a,
                                        const struct group *g, vr_time now) {
  struct vr_application *best = NULL;
  double most = 0;
  for (size_t i = 0; i < a->n; i++) {
    struct vr_application *app = &a->list[i];
    size_t shared = shared_members(g, app->members, app->n_members);
    double part = (double)shared / (double)(g->n + app->n_members - shared);
    if ((app->is_present && app->seen == now) || part < 0.5 || part <= most)
      continue;
    most = part;
    best = app;
  }
  return best;
}

static struct vr_application *new_application(struct vr_applications *a) {
  if (a->n >= a->options.max)
    return NULL;
  struct vr_application *app = &a->list[a->n++];
  *app = (struct vr_application){.confidence = NAN};
  return app;
}

static int set_members(struct vr_application *app, const struct group *g) {
  char **members = calloc(g->n + 1, sizeof(*members));
  if (!members)
    return -ENOMEM;
  members_clear(app);
  app->members = members;
  for (size_t i = 0; i < g->n; i++) {
    members[i] = strdup(g->m->names[g->guests[i]]);
    if (!members[i])
      return -ENOMEM;
    app->n_members++;
  }
  return 0;
}

/* Of the pattern that was announced: what is seen now says it, or says how
 * likely it is that it has gone. */
static double announced_confidence(const struct vr_application *app) {
  if (!app->dwell.has_announced)
    return NAN;
  return (int)app->now.topology == app->dwell.announced
             ? app->now.confidence
             : 100 - app->now.confidence;
}

static int take_group(struct vr_applications *a, const struct group *g,
                      vr_time now, vr_applications_fn fn, void *ctx) {
  struct vr_application *app = continued(a, g, now);
  if (!app)
    app = new_application(a);
  if (!app)
    return 0; /* more than anybody looks at */
  int r = set_members(app, g);
  if (r < 0)
    return r;
  name_application(a, g, app);
  app->bytes = group_bytes(g);
  app->seen = now;
  app->is_present = true;
  classify(a, g, &app->now);
  int before = app->dwell.announced;
  bool changed = vr_dwell_step(&app->dwell, &a->options.dwell,
                               (int)app->now.topology, now);
  app->confidence = announced_confidence(app);
  if (changed && fn)
    fn(ctx, app, (enum vr_topology)before);
  return 0;
}

static void forget(struct vr_applications *a, vr_time now) {
  for (size_t i = a->n; i-- > 0;) {
    if (now - a->list[i].seen <= a->options.remember)
      continue;
    members_clear(&a->list[i]);
    a->list[i] = a->list[--a->n];
    a->list[a->n] = (struct vr_application){0};
  }
}

static bool *hubs_of(const struct vr_applications *a,
                     const struct vr_matrix *m) {
  bool *hub = calloc(m->n + 1, sizeof(*hub));
  for (size_t i = 0; hub && i < a->options.n_hubs; i++) {
    long g = vr_windows_matrix_guest(m, a->options.hubs[i]);
    if (g >= 0)
      hub[g] = true;
  }
  return hub;
}

static int take_groups(struct vr_applications *a, const struct vr_matrix *m,
                       const struct vr_groups *groups, vr_time now,
                       vr_applications_fn fn, void *ctx) {
  vr_auto_free size_t *guests = calloc(m->n + 1, sizeof(*guests));
  int r = guests ? 0 : -ENOMEM;
  for (size_t k = 0; r == 0 && k < groups->n_groups; k++) {
    struct group g = {.m = m, .guests = guests};
    for (size_t i = 0; i < m->n; i++)
      if (groups->group[i] == (int)k)
        guests[g.n++] = i;
    r = take_group(a, &g, now, fn, ctx);
  }
  return r;
}

int vr_applications_step(struct vr_applications *a, const struct vr_matrix *m,
                         vr_time now, vr_applications_fn fn, void *ctx) {
  vr_auto_free bool *hub = hubs_of(a, m);
  vr_cleanup(vr_groups_clear) struct vr_groups groups = {0};
  int r = hub ? vr_groups_separate(m->rate, m->n, hub, &groups) : -ENOMEM;
  if (r < 0)
    return r;
  for (size_t i = 0; i < a->n; i++)
    a->list[i].is_present = false;
  r = take_groups(a, m, &groups, now, fn, ctx);
  forget(a, now);
  return r;
}

void vr_applications_describe(const struct vr_classification *c, char *ret_text,
                              size_t size) {
  struct vr_text t = {.at = ret_text, .left = size};
  const char *name = vr_topology_name(c->topology);
  if (c->side > 0 && c->topology == VR_TOPOLOGY_BIPARTITE)
    vr_text_append(&t, "%s %u,%u", name, c->side, c->n - c->side);
  else if (c->side > 0)
    vr_text_append(&t, "%s %ux%u", name, c->side, c->n / c->side);
  else
    vr_text_append(&t, "%s of %u", name, c->n);
}
