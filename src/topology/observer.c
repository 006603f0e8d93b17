/* SPDX-License-Identifier: MIT */
#include "topology/observer.h"

#include "basic/cleanup.h"
#include "schema/plugin_names.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define PAIRS VR_PLUGIN_NET

struct vr_observer {
  struct vr_observer_options options;
  pthread_mutex_t lock; /* of those that values go into */
  struct vr_ledger *ledger;
  struct vr_windows windows;
  struct vr_survey survey;
  struct vr_conservation *conservation;
  struct vr_underlay underlay;
  /* Of the thread that calls vr_observer_step(): */
  struct vr_applications applications;
  struct vr_matrix matrix;
  struct vr_instance instance; /* of the last advice */
  size_t *advised;             /* host of each of its guests */
  bool has_advice;
  vr_time advice_time;
};

struct vr_observer_options vr_observer_defaults(void) {
  return (struct vr_observer_options){
      .ledger = vr_ledger_defaults(),
      .applications = vr_applications_defaults(),
      .advice = vr_advice_defaults(),
      .advice_interval = 60 * VR_SECOND,
      .overcommit = 4,
  };
}

struct vr_observer *vr_observer_new(const struct vr_observer_options *options) {
  struct vr_observer *o = calloc(1, sizeof(*o));
  if (!o)
    return NULL;
  o->options = *options;
  pthread_mutex_init(&o->lock, NULL);
  o->ledger = vr_ledger_new(&options->ledger);
  vr_windows_init(&o->windows, options->ledger.max_guests,
                  options->ledger.max_flows);
  vr_survey_init(&o->survey, options->ledger.max_guests);
  o->survey.overcommit = options->overcommit;
  struct vr_conservation_options c = vr_conservation_defaults();
  c.max_guests = options->ledger.max_guests;
  c.max_flows = options->ledger.max_flows;
  o->conservation = vr_conservation_new(&c);
  vr_underlay_init(&o->underlay, options->ledger.max_guests);
  if (o->ledger && o->conservation &&
      vr_applications_init(&o->applications, &options->applications) == 0)
    return o;
  vr_observer_free(o);
  return NULL;
}

void vr_observer_free(struct vr_observer *o) {
  if (!o)
    return;
  vr_ledger_free(o->ledger);
  vr_windows_clear(&o->windows);
  vr_survey_clear(&o->survey);
  vr_conservation_free(o->conservation);
  vr_underlay_clear(&o->underlay);
  vr_applications_clear(&o->applications);
  vr_windows_matrix_clear(&o->matrix);
  vr_instance_clear(&o->instance);
  free(o->advised);
  pthread_mutex_destroy(&o->lock);
  free(o);
}

int vr_observer_name_peer(struct vr_observer *o, const char *mac,
                          const char *name) {
  return vr_ledger_name_peer(o->ledger, mac, name, VR_LEDGER_EVER);
}

int vr_observer_address(struct vr_observer *o, const char *host,
                        const char *address) {
  return vr_underlay_address(&o->underlay, host, address, VR_LEDGER_EVER);
}

int vr_observer_set_host(struct vr_observer *o, const char *host, double cpu,
                         double memory, double nic) {
  return vr_survey_set_host(&o->survey, host, cpu, memory, nic);
}

/* --- values --- */

/* 1: the address is the guest's, 2: that of a machine which is no guest. */
static int take_mac(struct vr_observer *o, const struct vr_observer_value *v,
                    const char *mac) {
  const struct vr_identifier *id = v->id;
  if (v->is_count || v->n != 1)
    return -EINVAL;
  if (v->level[0] == 2)
    return vr_ledger_name_peer(o->ledger, mac, id->plugin_instance, v->arrival);
  if (v->level[0] != 1)
    return -EINVAL;
  int r =
      vr_ledger_mac(o->ledger, id->host, id->plugin_instance, mac, v->arrival);
  const char *host = vr_ledger_host(o->ledger, id->plugin_instance);
  if (r == 0 && host)
    r = vr_survey_place(&o->survey, id->plugin_instance, host);
  if (r == 0)
    vr_conservation_mac(o->conservation, id->plugin_instance, mac, v->arrival);
  return r;
}

/* Of pairs of guests only; where there is no room nothing is known of loss. */
static void conserve(struct vr_observer *o, const struct vr_observer_value *v,
                     const char *peer, struct vr_conservation_count c) {
  if (!vr_ledger_guest(o->ledger, peer))
    return;
  c.time = v->time;
  c.interval = v->interval;
  vr_conservation_take(o->conservation, v->id->host, v->id->plugin_instance,
                       peer, &c);
}

static int take_wire(struct vr_observer *o, const struct vr_observer_value *v) {
  static const char sent[] = "wire_", received[] = "wire_received_";
  const char *instance = v->id->type_instance;
  bool back = strncmp(instance, received, strlen(received)) == 0;
  if (!v->is_count || v->n != 1 ||
      (!back && strncmp(instance, sent, strlen(sent)) != 0))
    return 0;
  conserve(o, v, instance + strlen(back ? received : sent),
           (struct vr_conservation_count){.unit = VR_CONSERVATION_WIRE,
                                          .has = {!back, back},
                                          .count = {v->count[0], v->count[0]}});
  return 0;
}

static int take_count(struct vr_observer *o, const struct vr_observer_value *v,
                      enum vr_ledger_unit unit) {
  const struct vr_identifier *id = v->id;
  if (!v->is_count || v->n != 2)
    return -EINVAL;
  int r = vr_ledger_count(o->ledger, id->host, id->plugin_instance,
                          id->type_instance,
                          &(struct vr_ledger_count){.unit = unit,
                                                    .rx = v->count[0],
                                                    .tx = v->count[1],
                                                    .time = v->time,
                                                    .arrival = v->arrival,
                                                    .interval = v->interval});
  if (r == 0)
    conserve(o, v, id->type_instance,
             (struct vr_conservation_count){
                 .unit = unit == VR_LEDGER_OCTETS ? VR_CONSERVATION_OCTETS
                                                  : VR_CONSERVATION_FRAMES,
                 .has = {true, true},
                 .count = {v->count[0], v->count[1]}});
  return r;
}

static int take_pairs(struct vr_observer *o,
                      const struct vr_observer_value *v) {
  const char *type = v->id->type, *instance = v->id->type_instance;
  if (strcmp(type, "if_octets") == 0)
    return take_count(o, v, VR_LEDGER_OCTETS);
  if (strcmp(type, "if_packets") == 0)
    return take_count(o, v, VR_LEDGER_PACKETS);
  if (strcmp(type, "gauge") == 0 && strncmp(instance, "mac_", 4) == 0)
    return take_mac(o, v, instance + 4);
  if (strcmp(type, "derive") == 0)
    return take_wire(o, v);
  return 0;
}

static int take_underlay(struct vr_observer *o,
                         const struct vr_observer_value *v) {
  if (!v->is_count && v->n == 1)
    return vr_underlay_take(&o->underlay, v->id, v->level[0], v->arrival);
  if (v->is_count && v->n == 2 && strcmp(v->id->type, "if_octets") == 0)
    return vr_underlay_octets(&o->underlay, v->id, v->count[0], v->count[1],
                              v->time);
  return 0;
}

static int take_machine(struct vr_observer *o,
                        const struct vr_observer_value *v) {
  if (v->is_count || v->n != 1 ||
      (strcmp(v->id->type, "count") != 0 && strcmp(v->id->type, "memory") != 0))
    return 0;
  return vr_survey_take(&o->survey, v->id, v->level[0]);
}

static bool is_wanted(const struct vr_observer *o, const char *guest) {
  return !*guest || !o->options.wants ||
         o->options.wants(o->options.wants_ctx, guest);
}

static const struct source {
  const char *plugin;
  bool of_guests; /* the plugin instance is a guest's name, or empty */
  int (*take)(struct vr_observer *o, const struct vr_observer_value *v);
} sources[] = {{PAIRS, true, take_pairs},
               {VR_PLUGIN_READ, true, take_machine},
               {VR_PLUGIN_UNDERLAY, false, take_underlay},
               {"ping", false, take_underlay}};

bool vr_observer_concerns(const char *plugin) {
  for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
    if (strcmp(plugin, sources[i].plugin) == 0)
      return true;
  return false;
}

/* Times and intervals are what a host says: those that sums of times cannot
 * hold are none, and it is not waited for days for a host to report again. */
#define LATEST (INT64_MAX / 2)
#define LONGEST (3600 * VR_SECOND)

static bool has_time(const struct vr_observer_value *v,
                     struct vr_observer_value *ret) {
  *ret = *v;
  if (v->interval < 0 || v->interval > LONGEST)
    ret->interval = LONGEST;
  return v->time > 0 && v->time < LATEST;
}

int vr_observer_take(struct vr_observer *o, const struct vr_observer_value *v) {
  const struct source *s = sources;
  struct vr_observer_value checked;
  while (s < sources + sizeof(sources) / sizeof(sources[0]) &&
         strcmp(v->id->plugin, s->plugin) != 0)
    s++;
  if (s == sources + sizeof(sources) / sizeof(sources[0]) ||
      (s->of_guests && !is_wanted(o, v->id->plugin_instance)))
    return 0;
  if (!has_time(v, &checked))
    return -EINVAL;
  pthread_mutex_lock(&o->lock);
  int r = s->take(o, &checked);
  pthread_mutex_unlock(&o->lock);
  return r;
}

/* --- the end of a window --- */

struct row {
  char guest[VR_FIELD_SIZE], peer[VR_FIELD_SIZE];
  struct vr_ledger_row row;
};

struct rows {
  size_t n, capacity;
  struct row *list;
};

static void rows_clear(struct rows *r) { free(r->list); }

/* Rows are kept until the lock is free again. One that finds no memory is
 * missing this time. */
static void keep_row(void *ctx, const struct vr_ledger_row *row) {
  struct rows *r = ctx;
  if (r->n == r->capacity) {
    size_t more = r->capacity ? 2 * r->capacity : 64;
    struct row *list = reallocarray(r->list, more, sizeof(*list));
    if (!list)
      return;
    r->list = list;
    r->capacity = more;
  }
  struct row *x = &r->list[r->n++];
  x->row = *row;
  snprintf(x->guest, sizeof(x->guest), "%s", row->guest);
  snprintf(x->peer, sizeof(x->peer), "%s", row->peer);
}

static void pass_rows(const struct rows *r,
                      const struct vr_observer_sink *sink) {
  for (size_t i = 0; sink->row && i < r->n; i++) {
    struct vr_ledger_row row = r->list[i].row;
    row.guest = r->list[i].guest;
    row.peer = r->list[i].peer;
    sink->row(sink->ctx, &row);
  }
}

/* At the end of the window that is next to it: ends are not exact. */
static bool is_advice_due(const struct vr_observer *o, vr_time now) {
  return !o->has_advice || now < o->advice_time ||
         now - o->advice_time >=
             o->options.advice_interval - o->options.ledger.interval / 2;
}

/* Guests of which nothing has been heard any longer are no part of it. */
static void drop_absent(struct vr_observer *o) {
  for (size_t i = 0; i < o->survey.n_guests; i++) {
    struct vr_survey_machine *g = &o->survey.guests[i];
    if (g->host[0] && !vr_ledger_host(o->ledger, g->name))
      g->host[0] = '\0';
  }
  vr_survey_tidy(&o->survey);
}

struct losses {
  size_t n;
  struct vr_conservation_pair *list;
};

static void losses_clear(struct losses *l) { free(l->list); }

/* Without memory they are missing this time. */
static void judge_losses(struct vr_observer *o, vr_time now,
                         struct losses *ret) {
  const struct vr_conservation *c = o->conservation;
  if (!vr_conservation_judge(o->conservation, o->ledger, now))
    return;
  size_t n = vr_conservation_pairs(c);
  ret->list = calloc(n + 1, sizeof(*ret->list));
  for (; ret->list && ret->n < n; ret->n++)
    ret->list[ret->n] = *vr_conservation_pair_at(c, ret->n);
}

static void pass_losses(const struct losses *l,
                        const struct vr_observer_sink *sink) {
  for (size_t i = 0; sink->loss && i < l->n; i++)
    sink->loss(sink->ctx, &l->list[i]);
}

int vr_observer_measure(struct vr_observer *o, vr_time now,
                        struct vr_instance *i) {
  pthread_mutex_lock(&o->lock);
  int r = vr_underlay_apply(&o->underlay, o->conservation, &i->placement, now,
                            &i->paths);
  pthread_mutex_unlock(&o->lock);
  return r;
}

/* What needs the lock: counters become rates, and copies are made. */
static int close_window(struct vr_observer *o, vr_time now, struct rows *rows,
                        struct losses *losses,
                        struct vr_placement *ret_problem) {
  struct vr_matrix m = {0};
  pthread_mutex_lock(&o->lock);
  vr_ledger_close(o->ledger, now, &o->windows, keep_row, rows);
  judge_losses(o, now, losses);
  vr_underlay_forget(&o->underlay, now);
  int r = vr_windows_matrix(&o->windows, &m);
  drop_absent(o);
  if (r == 0 && is_advice_due(o, now))
    r = vr_survey_problem(&o->survey, &m, o->options.apart, o->options.n_apart,
                          ret_problem);
  pthread_mutex_unlock(&o->lock);
  if (r < 0) {
    vr_windows_matrix_clear(&m);
    return r;
  }
  vr_windows_matrix_clear(&o->matrix);
  o->matrix = m;
  return 0;
}

/* Takes the problem over. */
static int advise(struct vr_observer *o, struct vr_placement *problem,
                  vr_time now, const struct vr_observer_sink *sink) {
  struct vr_advice a = {0};
  vr_instance_clear(&o->instance);
  o->instance = (struct vr_instance){.placement = *problem,
                                     .options = o->options.advice,
                                     .time = vr_signal_seconds_of_time(now)};
  *problem = (struct vr_placement){0};
  free(o->advised);
  o->advised = NULL;
  o->has_advice = false;
  if (vr_advice_find(&o->instance.placement, &o->options.advice, &a) < 0)
    return -ENOMEM;
  o->instance.advice = vr_advice_json(&o->instance.placement, &a);
  o->advised = vr_steal(&a.host);
  vr_advice_clear(&a);
  o->has_advice = true;
  o->advice_time = now;
  if (sink->underlay)
    sink->underlay(sink->ctx, &o->instance);
  if (sink->instance)
    sink->instance(sink->ctx, &o->instance);
  return 0;
}

static bool is_member(const struct vr_application *app, const char *name) {
  for (size_t i = 0; i < app->n_members; i++)
    if (strcmp(app->members[i], name) == 0)
      return true;
  return false;
}

/* Percent of the application's bytes that cross hosts, as the guests stand and
 * as advised. */
static void crossing_of(const struct vr_observer *o,
                        struct vr_observer_application *a) {
  const struct vr_placement *p = &o->instance.placement;
  double all = 0, now = 0, advised = 0;
  vr_auto_free bool *member = calloc(p->n_guests + 1, sizeof(*member));
  a->crossing = a->advised = NAN;
  if (!o->has_advice || !member)
    return;
  for (size_t i = 0; i < p->n_guests; i++)
    member[i] = is_member(a->app, p->guests[i].name);
  for (size_t i = 0; i < p->n_demands; i++) {
    const struct vr_placement_demand *d = &p->demands[i];
    if (!member[d->from] || !member[d->to])
      continue;
    all += d->bytes;
    if (p->guests[d->from].host != p->guests[d->to].host)
      now += d->bytes;
    if (o->advised[d->from] != o->advised[d->to])
      advised += d->bytes;
  }
  if (all > 0) {
    a->crossing = 100 * now / all;
    a->advised = 100 * advised / all;
  }
}

static void pass_applications(const struct vr_observer *o,
                              const struct vr_observer_sink *sink) {
  for (size_t i = 0; sink->application && i < o->applications.n; i++) {
    struct vr_observer_application a = {.app = &o->applications.list[i]};
    if (!a.app->is_present)
      continue;
    crossing_of(o, &a);
    sink->application(sink->ctx, &a);
  }
}

int vr_observer_step(struct vr_observer *o, vr_time now,
                     const struct vr_observer_sink *sink) {
  vr_cleanup(rows_clear) struct rows rows = {0};
  vr_cleanup(vr_placement_clear) struct vr_placement problem = {0};
  vr_cleanup(losses_clear) struct losses losses = {0};
  int r = close_window(o, now, &rows, &losses, &problem);
  if (r < 0)
    return r;
  pass_rows(&rows, sink);
  pass_losses(&losses, sink);
  r = vr_applications_step(&o->applications, &o->matrix, now, sink->change,
                           sink->ctx);
  if (r == 0 && is_advice_due(o, now))
    r = advise(o, &problem, now, sink);
  pass_applications(o, sink);
  return r;
}

struct vr_ledger_stats vr_observer_stats(struct vr_observer *o) {
  pthread_mutex_lock(&o->lock);
  struct vr_ledger_stats s = vr_ledger_stats(o->ledger);
  pthread_mutex_unlock(&o->lock);
  return s;
}
