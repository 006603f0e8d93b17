/* SPDX-License-Identifier: MIT
 *
 * The topology plugin: hears the pair counters of all hosts (or of this one),
 * and dispatches pairs by name, the pattern of each application, and how much
 * of its traffic crosses hosts, now and as advised. It moves nobody.
 */
#include "outbox.h"
#include "topology_paths.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "basic/remote_file.h"
#include "basic/safe_open.h"
#include "schema/plugin_names.h"
#include "topology/escape.h"
#include "topology/observer.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include <math.h>

#define PLUGIN VR_PLUGIN_TOPOLOGY
#define TRAFFIC "vmrecon_traffic"

enum { MAX_SOURCES = 2 };

void module_register(void);

static struct vr_topology_config config;
static struct vr_observer *observer;
static cdtime_t interval; /* of what is dispatched */
static struct vr_complaint full, unwritten, failed;
static struct vr_remote_file instance_file;

static void log_to_collectd(int priority, const char *message) {
  plugin_log(priority, PLUGIN ": %s", message);
}

/* --- what comes in --- */

/* Write threads call this for every value of the daemon: what does not concern
 * us is left at once. */
static int hear(const data_set_t *ds, const value_list_t *vl,
                user_data_t *unused) {
  (void)unused;
  int64_t counts[MAX_SOURCES];
  double levels[MAX_SOURCES];
  if (!observer || !vr_observer_concerns(vl->plugin) ||
      vl->values_len > MAX_SOURCES || ds->ds_num != vl->values_len)
    return 0;
  bool is_count = ds->ds[0].type == DS_TYPE_DERIVE;
  for (size_t i = 0; i < vl->values_len; i++) {
    if (ds->ds[i].type != (is_count ? DS_TYPE_DERIVE : DS_TYPE_GAUGE))
      return 0;
    if (is_count)
      counts[i] = vl->values[i].derive;
    else
      levels[i] = vl->values[i].gauge;
  }
  const struct vr_identifier id = {vl->host, vl->plugin, vl->plugin_instance,
                                   vl->type, vl->type_instance};
  const struct vr_observer_value v = {
      .id = &id,
      .time = (vr_time)CDTIME_T_TO_NS(vl->time),
      .arrival = (vr_time)CDTIME_T_TO_NS(cdtime()),
      .interval = (vr_time)CDTIME_T_TO_NS(vl->interval),
      .n = vl->values_len,
      .is_count = is_count,
      .count = counts,
      .level = levels,
  };
  vr_observer_take(observer, &v);
  return 0; /* a writer that fails would be reported for each value */
}

/* --- what goes out --- */

static value_list_t list_of(const char *plugin, const char *instance) {
  value_list_t vl = VALUE_LIST_INIT;
  vl.interval = interval;
  sstrncpy(vl.plugin, plugin, sizeof(vl.plugin));
  sstrncpy(vl.plugin_instance, instance, sizeof(vl.plugin_instance));
  return vl;
}

static void dispatch(value_list_t *vl, const char *type,
                     const char *type_instance, value_t *values, size_t n) {
  sstrncpy(vl->type, type, sizeof(vl->type));
  sstrncpy(vl->type_instance, type_instance, sizeof(vl->type_instance));
  vl->values = values;
  vl->values_len = n;
  vr_outbox_send(vl);
}

static void send_row(void *ctx, const struct vr_ledger_row *row) {
  (void)ctx;
  value_list_t vl = list_of(TRAFFIC, row->guest);
  value_t octets[] = {{.derive = row->octets[0]}, {.derive = row->octets[1]}};
  value_t packets[] = {{.derive = row->packets[0]},
                       {.derive = row->packets[1]}};
  dispatch(&vl, "if_octets", row->peer, octets, 2);
  if (row->has_packets)
    dispatch(&vl, "if_packets", row->peer, packets, 2);
}

static void send_gauge(value_list_t *vl, const char *type,
                       const char *type_instance, double gauge) {
  value_t value = {.gauge = gauge};
  if (!isnan(gauge))
    dispatch(vl, type, type_instance, &value, 1);
}

static void send_application(void *ctx,
                             const struct vr_observer_application *a) {
  (void)ctx;
  value_list_t vl = list_of(PLUGIN, a->app->name);
  if (a->app->dwell.has_announced)
    send_gauge(&vl, "gauge", "pattern", a->app->dwell.announced);
  send_gauge(&vl, "percent", "confidence", a->app->confidence);
  send_gauge(&vl, "count", "members", (double)a->app->n_members);
  send_gauge(&vl, "percent", "crossing", a->crossing);
  send_gauge(&vl, "percent", "crossing_advised", a->advised);
}

static void append_members(const struct vr_application *app, char *text,
                           size_t size) {
  for (size_t i = 0; i < app->n_members; i++) {
    char name[64];
    size_t used = strlen(text);
    vr_escape_text(app->members[i], name, sizeof(name));
    if (used + strlen(name) + 6 > size) {
      snprintf(text + used, size - used, " ...");
      return;
    }
    snprintf(text + used, size - used, " %s", name);
  }
}

static void notify(void *ctx, const struct vr_application *app,
                   enum vr_topology before) {
  (void)ctx;
  char name[64], pattern[64], was[64] = "";
  notification_t n = {.severity = before == VR_TOPOLOGY_NONE ? NOTIF_OKAY
                                                             : NOTIF_WARNING,
                      .time = cdtime()};
  vr_applications_describe(&app->now, pattern, sizeof(pattern));
  if (before != VR_TOPOLOGY_NONE)
    snprintf(was, sizeof(was), ", it was: %s", vr_topology_name(before));
  snprintf(n.message, sizeof(n.message),
           "application %s: %s (confidence %.0f %%)%s; members:",
           vr_escape_text(app->name, name, sizeof(name)), pattern,
           app->now.confidence, was);
  append_members(app, n.message, sizeof(n.message));
  sstrncpy(n.host, hostname_g, sizeof(n.host));
  sstrncpy(n.plugin, PLUGIN, sizeof(n.plugin));
  sstrncpy(n.plugin_instance, app->name, sizeof(n.plugin_instance));
  sstrncpy(n.type, "gauge", sizeof(n.type));
  sstrncpy(n.type_instance, "pattern", sizeof(n.type_instance));
  plugin_dispatch_notification(&n);
}

static void write_instance(void *ctx, const struct vr_instance *i) {
  (void)ctx;
  if (!config.instance)
    return;
  vr_auto_free char *text = vr_instance_format(i);
  int r = text ? vr_remote_write(&instance_file, config.instance, text,
                                 strlen(text))
               : -ENOMEM;
  if (r < 0 && r != -ETIMEDOUT) /* slow is no fault yet */
    vr_log_complain(&unwritten, LOG_WARNING, "Instance: %s: cannot write: %s",
                    config.instance, vr_safe_why(r));
  else if (r == 0)
    vr_log_relieved(&unwritten, "Instance: %s is written again",
                    config.instance);
}

/* Never fails: collectd would call a plugin that fails less and less often. */
static int end_window(user_data_t *unused) {
  (void)unused;
  static const struct vr_observer_sink sink = {.row = send_row,
                                               .application = send_application,
                                               .change = notify,
                                               .underlay =
                                                   vr_topology_paths_underlay,
                                               .instance = write_instance,
                                               .loss = vr_topology_paths_loss};
  if (vr_observer_step(observer, (vr_time)CDTIME_T_TO_NS(cdtime()), &sink) < 0)
    vr_log_complain(&failed, LOG_ERR, "out of memory: this window is left out");
  else
    vr_log_relieved(&failed, "windows are complete again");
  struct vr_ledger_stats s = vr_observer_stats(observer);
  if (s.refused > 0)
    vr_log_complain(&full, LOG_WARNING,
                    "%zu guests, %zu pairs: there are more than MaxGuests or "
                    "MaxPairs allow, and the others are left out",
                    s.guests, s.flows);
  return 0;
}

/* --- life --- */

static int init(void) {
  vr_log_set(log_to_collectd);
  if (observer)
    return 0;
  vr_topology_config_get(&config);
  interval = config.window ? config.window : plugin_get_interval();
  config.observer.ledger.interval = (vr_time)CDTIME_T_TO_NS(interval);
  observer = vr_observer_new(&config.observer);
  if (!observer || vr_topology_config_apply(observer) < 0) {
    ERROR(PLUGIN ": out of memory, or more than MaxGuests hosts or peers");
    vr_observer_free(observer);
    observer = NULL;
    return -1;
  }
  vr_topology_paths_begin(&config, observer, interval);
  if (vr_outbox_begin() < 0)
    WARNING(PLUGIN ": " VR_OUTBOX_NONE);
  return plugin_register_complex_read(NULL, PLUGIN, end_window, interval, NULL);
}

/* All threads are gone by now. */
static int end(void) {
  vr_outbox_end();
  vr_observer_free(observer);
  observer = NULL;
  vr_remote_leave(&instance_file);
  vr_topology_paths_end();
  vr_topology_config_clear();
  return 0;
}

void module_register(void) {
  plugin_register_complex_config(PLUGIN, vr_topology_config_read);
  plugin_register_init(PLUGIN, init);
  plugin_register_write(PLUGIN, hear, NULL);
  plugin_register_shutdown(PLUGIN, end);
}
