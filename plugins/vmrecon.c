/* SPDX-License-Identifier: MIT
 *
 * collectd's read plugin "vmrecon": the machine and its guests, as src/host
 * sees them, as value lists HOST/vmrecon/... and HOST/vmrecon-GUEST/...
 */
#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"
#include "collectd/core/utils/metadata/meta_data.h"

#include "chain.h"
#include "emitted_list.h"
#include "label_meta.h"
#include "outbox.h"
#include "read_config.h"
#include "send_health.h"

#include "basic/log.h"
#include "host/details.h"
#include "host/emit_samples.h"
#include "introspect/introspect_watch.h"
#include "schema/host_signals.h"
#include "schema/plugin_names.h"

#define PLUGIN VR_PLUGIN_READ

static bool has_target; /* which reports of the outbox, too */
static struct vr_host *host;
static struct vr_watch *watch; /* NULL: no guest may be introspected */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER; /* HOST is used */

static void log_message(int priority, const char *message) {
  plugin_log(priority, PLUGIN ": %s", message);
}

/* --- values --- */

/* What all series of one guest, or of the machine, have in common. */
struct out {
  cdtime_t now;
  value_list_t vl;
  value_t values[VR_EMITTED_MAX];
  bool between; /* two readings */
};

static void out_begin(struct out *o, cdtime_t now) {
  o->vl = (value_list_t)VALUE_LIST_INIT;
  o->now = now;
  o->between = false;
  o->vl.interval = vr_read_config.interval;
  sstrncpy(o->vl.plugin, PLUGIN, sizeof(o->vl.plugin));
}

static void submit(void *ctx, const struct vr_emitted *s) {
  struct out *o = ctx;
  if (!vr_emitted_into(s, o->values, &o->vl))
    return;
  o->vl.time = s->at > 0 ? DOUBLE_TO_CDTIME_T(s->at) : o->now;
  vr_chain_dispatch(&o->vl, o->between);
}

static void submit_host(cdtime_t now) {
  struct out o;
  out_begin(&o, now);
  vr_emit_host(vr_host_self(host), vr_read_config.host.extra, submit, &o);
}

static void out_guest(struct out *o, const struct vr_vmproc_sample *s,
                      cdtime_t now) {
  out_begin(o, now);
  vr_identity_format(&vr_read_config.identity.host, s, hostname_g, o->vl.host,
                     sizeof(o->vl.host));
  vr_identity_format(&vr_read_config.identity.instance, s, hostname_g,
                     o->vl.plugin_instance, sizeof(o->vl.plugin_instance));
  if (vr_read_config.labels)
    o->vl.meta = vr_label_meta_new(s->uuid, s->labels.title, s->labels.project);
}

static void out_end(struct out *o) {
  meta_data_destroy(o->vl.meta);
  o->vl.meta = NULL;
}

static void submit_faults(const struct vr_vmproc_sample *s) {
  struct out o;
  if (!s->have_faults)
    return;
  out_guest(&o, s, DOUBLE_TO_CDTIME_T(s->faults_at));
  o.between = true;
  vr_emit_faults(s, submit, &o);
  out_end(&o);
}

static void submit_guest(const struct vr_vmproc_sample *s, cdtime_t now) {
  struct out o;
  out_guest(&o, s, now);
  vr_emit_vmproc(s, vr_read_config.host.extra, submit, &o);
  if (s->details)
    vr_details_emit(s->details, submit, &o);
  out_end(&o);
}

/* What the guest's own kernel counts, where the operator allows it. The gate
 * is for the target's models: these values may be published. */
static void submit_truth(const struct vr_vmproc_sample *s, cdtime_t now) {
  struct out o;
  enum vr_permission permission =
      vr_permission_of(vr_read_config.permissions, s->vm);
  if (permission == VR_INTROSPECT_NEVER)
    return;
  out_guest(&o, s, now);
  sstrncpy(o.vl.plugin, VR_PLUGIN_TRUTH, sizeof(o.vl.plugin));
  const struct vr_introspect_process process = {
      .pid = s->pid, .start = s->start, .memory = s->memory};
  int r = vr_introspect_watch_guest(watch, &process, s->name, submit, &o);
  if (r == 0 && permission == VR_INTROSPECT_PUBLISH)
    vr_emit_level(&(struct vr_emitter){submit, &o, 0}, VR_TYPE_GAUGE,
                  VR_PUBLISH_GATE, 1);
  out_end(&o);
}

static void submit_truths(cdtime_t now) {
  for (size_t i = 0; i < vr_host_vmproc_count(host); i++)
    submit_truth(vr_host_vmproc(host, i), now);
  vr_introspect_watch_end_round(watch);
}

static double seconds_of(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* What readings cost. They are not all in one thread of collectd's. */
static void submit_health(double began, double cpu_began) {
  static double cpu;
  cpu += seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu_began;
  vr_send_health(VR_HEALTH_VERSION, vr_schema_health_own_version());
  vr_send_health(VR_HEALTH_GUESTS, (double)vr_host_vmproc_count(host));
  vr_send_health(VR_HEALTH_READ, seconds_of(CLOCK_MONOTONIC) - began);
  vr_send_health(VR_HEALTH_READ_CPU, 1e9 * cpu);
  if (!has_target)
    vr_send_health(VR_HEALTH_DROPPED, (double)vr_outbox_dropped());
}

/* Never fails: collectd would read a plugin that fails less and less often. */
static int read_all(__attribute__((unused)) user_data_t *ud) {
  pthread_mutex_lock(&reading);
  double began = seconds_of(CLOCK_MONOTONIC),
         cpu_began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  vr_host_read(host);
  cdtime_t now = cdtime();
  if (vr_read_config.host.report_host)
    submit_host(now);
  for (size_t i = 0; i < vr_host_vmproc_count(host); i++)
    submit_guest(vr_host_vmproc(host, i), now);
  if (watch)
    submit_truths(now);
  vr_mentioned_end_reading(vr_read_config.guests.mentioned,
                           vr_read_config.host.interval);
  if (vr_read_config.host.report_host)
    submit_health(began, cpu_began);
  pthread_mutex_unlock(&reading);
  return 0;
}

/* Between two readings, and not in place of one: whoever comes while the other
 * reads has nothing new to say. The values have the interval of the readings:
 * it is what RRD files and whoever waits for values go by. */
static int read_between(__attribute__((unused)) user_data_t *ud) {
  if (pthread_mutex_trylock(&reading) != 0)
    return 0;
  vr_host_read_between(host);
  for (size_t i = 0; i < vr_host_vmproc_count(host); i++)
    submit_faults(vr_host_vmproc(host, i));
  pthread_mutex_unlock(&reading);
  return 0;
}

/* --- life --- */

static int register_readings(void) {
  if (vr_outbox_begin() < 0)
    WARNING(PLUGIN ": " VR_OUTBOX_NONE);
  double every = vr_host_between(vr_read_config.host.interval,
                                 vr_read_config.balloon_every);
  if (vr_read_config.host.qmp && vr_read_config.host.balloon && every > 0)
    plugin_register_complex_read(NULL, PLUGIN "_balloon", read_between,
                                 DOUBLE_TO_CDTIME_T(every), NULL);
  return plugin_register_complex_read(NULL, PLUGIN, read_all,
                                      vr_read_config.interval, NULL);
}

static int init(void) {
  const struct vr_read_config *c = &vr_read_config;
  if (host)
    return 0;
  vr_read_config_resolve();
  vr_chain_hook(c->auto_chain);
  has_target = vr_chain_has_target();
  vr_read_config.host.details |= vr_chain_details();
  int r = vr_host_new(&c->host, &host);
  if (r < 0) {
    ERROR(PLUGIN ": cannot open ProcPath \"%s\": %s: no guest is measured",
          c->host.proc_path, STRERROR(-r));
    return -1;
  }
  if (vr_permission_any(c->permissions) &&
      vr_introspect_watch_new(vr_host_fd_budget(host), &watch) < 0)
    ERROR(PLUGIN ": introspection: its thread cannot be started: no guest is "
                 "introspected");
  return register_readings();
}

static int shutdown_all(void) {
  vr_outbox_end();
  vr_introspect_watch_free(watch);
  watch = NULL;
  vr_host_free(host);
  host = NULL;
  vr_read_config_clear();
  return 0;
}

void module_register(void);
void module_register(void) {
  vr_log_set(log_message);
  if (vr_read_config_default() < 0) {
    ERROR(PLUGIN ": out of memory");
    return;
  }
  vr_chain_prepare();
  plugin_register_complex_config(PLUGIN, vr_read_config_take);
  plugin_register_init(PLUGIN, init);
  plugin_register_shutdown(PLUGIN, shutdown_all);
}
