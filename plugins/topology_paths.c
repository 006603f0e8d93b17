/* SPDX-License-Identifier: MIT */
#include "topology_paths.h"

#include "outbox.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/remote_file.h"
#include "basic/safe_open.h"
#include "schema/plugin_names.h"
#include "topology/escape.h"
#include "topology/instance_underlay.h"

#include "collectd/core/utils/common/common.h"

#include <math.h>

enum { MAX_UNDERLAY = 16 << 20, NAME = 64 };

static struct {
  const struct vr_topology_config *config;
  struct vr_observer *observer;
  cdtime_t advice, window;     /* how often something is said */
  struct vr_complaint unknown; /* the underlay */
  struct vr_paths_keeper keeper;
} paths;

void vr_topology_paths_begin(const struct vr_topology_config *config,
                             struct vr_observer *o, cdtime_t interval) {
  paths.config = config;
  paths.observer = o;
  cdtime_t advice = NS_TO_CDTIME_T((uint64_t)config->observer.advice_interval);
  cdtime_t window = NS_TO_CDTIME_T((uint64_t)vr_conservation_defaults().window);
  paths.advice = advice > interval ? advice : interval;
  paths.window = window > interval ? window : interval;
  paths.keeper.options = vr_paths_keeper_defaults();
}

void vr_topology_paths_end(void) {
  vr_paths_keeper_clear(&paths.keeper);
  paths.observer = NULL;
}

/* --- series --- */

static void send_level(const char *plugin, const char *instance,
                       const char *type, const char *type_instance,
                       double level, cdtime_t interval) {
  value_list_t vl = VALUE_LIST_INIT;
  value_t value = {.gauge = level};
  if (isnan(level))
    return;
  vl.interval = interval;
  vl.values = &value;
  vl.values_len = 1;
  sstrncpy(vl.plugin, plugin, sizeof(vl.plugin));
  sstrncpy(vl.plugin_instance, instance, sizeof(vl.plugin_instance));
  sstrncpy(vl.type, type, sizeof(vl.type));
  sstrncpy(vl.type_instance, type_instance, sizeof(vl.type_instance));
  vr_outbox_send(&vl);
}

static void send_pair(const char *from, const char *to, const char *type,
                      const char *what, double level, cdtime_t interval) {
  char field[VR_FIELD_SIZE], instance[2 * VR_FIELD_SIZE];
  snprintf(instance, sizeof(instance), "%s_%s", what,
           vr_escape_field(to, field, sizeof(field)));
  send_level(VR_PLUGIN_UNDERLAY, from, type, instance, level, interval);
}

static double percent(double part, double all) {
  return all > 0 ? 100 * part / all : NAN;
}

/* How much of what hosts want to send each other gets through. */
static void send_carried(const struct vr_paths_plan *plan) {
  const char *plugin = VR_PLUGIN_TOPOLOGY;
  send_level(plugin, "", "percent", "carried", percent(plan->now, plan->total),
             paths.advice);
  send_level(plugin, "", "percent", "carried_default",
             percent(plan->by_default, plan->total), paths.advice);
  send_level(plugin, "", "percent", "carried_planned",
             percent(plan->planned, plan->total), paths.advice);
}

/* Of each pair of hosts whose guests exchange anything. */
static void send_flows(const struct vr_instance *i) {
  const struct vr_paths *p = &i->paths;
  for (size_t f = 0; f < p->n_flows; f++) {
    const struct vr_paths_flow *x = &p->flows[f];
    const char *from = i->placement.hosts[x->from].name;
    const char *to = i->placement.hosts[x->to].name;
    size_t via = p->via[x->from * p->n + x->to];
    double room = vr_paths_available(p, x->from, x->to, via);
    send_pair(from, to, "gauge", "carried", x->latest, paths.advice);
    send_pair(from, to, "gauge", "available", isfinite(room) ? room : NAN,
              paths.advice);
    send_pair(from, to, "gauge", "relayed", via != VR_PATHS_DIRECT,
              paths.advice);
    send_pair(from, to, "latency", "delay",
              p->seen[x->from * p->n + x->to].delay, paths.advice);
  }
}

/* --- loss --- */

static void notify(const struct vr_conservation_pair *p) {
  char from[NAME], to[NAME];
  notification_t n = {.severity = p->lossy ? NOTIF_WARNING : NOTIF_OKAY,
                      .time = cdtime()};
  vr_escape_text(p->from, from, sizeof(from));
  vr_escape_text(p->to, to, sizeof(to));
  if (p->lossy)
    snprintf(n.message, sizeof(n.message),
             "%.2g %% of the bytes that guests on host %s send to guests on "
             "host %s are lost: look at the line between these two hosts",
             fmin(100, 100 * p->loss), from, to);
  else
    snprintf(n.message, sizeof(n.message),
             "what guests on host %s send to guests on host %s arrives again",
             from, to);
  sstrncpy(n.host, hostname_g, sizeof(n.host));
  sstrncpy(n.plugin, VR_PLUGIN_UNDERLAY, sizeof(n.plugin));
  sstrncpy(n.plugin_instance, p->from, sizeof(n.plugin_instance));
  sstrncpy(n.type, "percent", sizeof(n.type));
  snprintf(n.type_instance, sizeof(n.type_instance), "loss_%.100s", p->to);
  if (p->lossy)
    vr_log_warning("%s", n.message);
  else
    vr_log_notice("%s", n.message);
  plugin_dispatch_notification(&n);
}

void vr_topology_paths_loss(void *ctx, const struct vr_conservation_pair *p) {
  (void)ctx;
  send_pair(p->from, p->to, "percent", "loss", 100 * p->loss, paths.window);
  if (p->changed)
    notify(p);
}

/* --- ways --- */

static void say_decided(enum vr_paths_keeper_change change,
                        const struct vr_paths_plan *plan) {
  if (change == VR_PATHS_KEEPER_PLAN)
    vr_log_notice("paths between hosts are changed: %.3g of %.3g MB/s should "
                  "get through, now it is %.3g",
                  plan->planned / 1e6, plan->total / 1e6, plan->now / 1e6);
  else if (change == VR_PATHS_KEEPER_DEFAULT)
    vr_log_notice("paths between hosts are the default ones again: these are "
                  "enough");
  else if (change == VR_PATHS_KEEPER_WORSE)
    vr_log_warning("a path between hosts carries less than the one before, or "
                   "loses more: it is left, and not tried again for %.0f "
                   "minutes",
                   paths.keeper.options.ban / 60);
}

static int take_underlay(struct vr_instance *i, struct vr_error *e) {
  vr_auto_free char *text = NULL;
  const char *path = paths.config->underlay;
  int r = vr_remote_read(path, MAX_UNDERLAY, &text, NULL);
  if (r < 0)
    return vr_error_set(e, r, "%s: cannot read: %s", path, vr_safe_why(r));
  return vr_instance_underlay_take(path, text, i, e);
}

static int plan_for(struct vr_instance *i, struct vr_paths_plan *ret_plan,
                    enum vr_paths_keeper_change *ret_change) {
  int r =
      vr_observer_measure(paths.observer, (vr_time)CDTIME_T_TO_NS(cdtime()), i);
  if (r == 0)
    r = vr_instance_underlay_plan(
        i, paths.config->decide ? &paths.keeper : NULL, ret_plan, ret_change);
  return r;
}

void vr_topology_paths_underlay(void *ctx, struct vr_instance *i) {
  (void)ctx;
  struct vr_error e;
  enum vr_paths_keeper_change change = VR_PATHS_KEEPER_SAME;
  vr_cleanup(vr_paths_plan_clear) struct vr_paths_plan plan = {0};
  if (!paths.config->underlay)
    return;
  int r = take_underlay(i, &e);
  if (r == 0 && (r = plan_for(i, &plan, &change)) < 0)
    vr_error_set(&e, r, "out of memory");
  if (r < 0) {
    vr_log_complain(&paths.unknown, LOG_WARNING,
                    "Underlay: %s: no paths are planned", e.message);
    return;
  }
  vr_log_relieved(&paths.unknown, "Underlay: %s can be used again",
                  paths.config->underlay);
  send_carried(&plan);
  send_flows(i);
  say_decided(change, &plan);
}
