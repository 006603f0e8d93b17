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
#include "guest_options.h"
#include "identity.h"
#include "label_meta.h"
#include "outbox.h"
#include "send_health.h"

#include "basic/log.h"
#include "host/details.h"
#include "host/emit_samples.h"
#include "host/host.h"
#include "introspect/introspect_watch.h"
#include "introspect/permission.h"
#include "schema/detail_names.h"
#include "schema/host_signals.h"
#include "schema/plugin_names.h"

#include "vmrecon-paths.h"

#define PLUGIN VR_PLUGIN_READ

static struct vr_host_options options;
static struct vr_guest_options guests;
static struct vr_identity identity;
static bool auto_chain = true;
static bool has_target; /* which reports of the outbox, too */
static bool labels;     /* as meta data */
static cdtime_t interval;
static double balloon_every = -1; /* seconds; negative: what is best */
static struct vr_host *host;
static struct vr_permissions *permissions;
static struct vr_watch *watch; /* NULL: no guest may be introspected */
static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER; /* HOST is used */

static void log_message(int priority, const char *message) {
  plugin_log(priority, PLUGIN ": %s", message);
}

/* --- configuration --- */

static bool is_one_string(const oconfig_item_t *ci) {
  return ci->values_num == 1 && ci->values[0].type == OCONFIG_TYPE_STRING;
}

/* Introspect never|truth|publish: of the guests that NAME matches, or (NULL) of
 * all guests that no block matches. */
static int config_introspect(const char *name, const oconfig_item_t *ci) {
  char message[256] = "the value must be never, truth or publish";
  enum vr_permission permission;
  int r = -EINVAL;
  if (is_one_string(ci))
    r = vr_permission_parse(ci->values[0].value.string, &permission);
  if (r == 0 && name)
    r = vr_permission_add(permissions, name, permission, message,
                          sizeof(message));
  else if (r == 0)
    vr_permission_set_default(permissions, permission);
  if (r < 0)
    ERROR(PLUGIN ": Introspect%s%s: %s", name ? " of VM " : "",
          name ? name : "", message);
  return r;
}

static int say_rule_error(const char *name, const oconfig_item_t *ci, int error,
                          const char *message) {
  if (error < 0)
    ERROR(PLUGIN ": %s of VM %s: %s", ci->key, name, message);
  return error;
}

/* OS "linux"|"other" */
static int config_os(const char *name, const oconfig_item_t *ci) {
  char message[256] = "the value must be linux or other";
  enum vr_os os;
  int r = -EINVAL;
  if (is_one_string(ci))
    r = vr_told_parse_os(ci->values[0].value.string, &os);
  if (r == 0)
    r = vr_told_add_os(options.told, name, os, message, sizeof(message));
  return say_rule_error(name, ci, r, message);
}

/* StealClock true|false */
static int config_steal_clock(const char *name, const oconfig_item_t *ci) {
  char message[256] = "the value must be true or false";
  bool present = false;
  int r = -EINVAL;
  if (cf_util_get_boolean(ci, &present) == 0)
    r = vr_told_add_steal_clock(options.told, name,
                                present ? VR_STEAL_CLOCK_PRESENT
                                        : VR_STEAL_CLOCK_NONE,
                                message, sizeof(message));
  return say_rule_error(name, ci, r, message);
}

/* What a VM block may say beside who the guest is. */
static int config_guest(const char *name, const oconfig_item_t *ci,
                        bool *ret_taken) {
  *ret_taken = true;
  if (strcasecmp(ci->key, "Introspect") == 0)
    return config_introspect(name, ci);
  if (strcasecmp(ci->key, "OS") == 0)
    return config_os(name, ci);
  if (strcasecmp(ci->key, "StealClock") == 0)
    return config_steal_clock(name, ci);
  *ret_taken = false;
  return 0;
}

/* All values with blanks between them, as plugins get them that take one. */
static int join_values(const oconfig_item_t *ci, char *text, size_t size) {
  size_t length = 0;
  text[0] = '\0';
  for (int i = 0; i < ci->values_num; i++) {
    if (ci->values[i].type != OCONFIG_TYPE_STRING)
      return -EINVAL;
    length += (size_t)snprintf(text + length, size - length, "%s%s",
                               i > 0 ? " " : "", ci->values[i].value.string);
    if (length >= size)
      return -EINVAL;
  }
  return 0;
}

static int config_format(const oconfig_item_t *ci, enum vr_identity_field field,
                         struct vr_identity_format *format) {
  char text[128];
  int r = join_values(ci, text, sizeof(text));
  if (r == 0)
    r = vr_identity_parse(text, field, format);
  if (r < 0)
    ERROR(PLUGIN
          ": %s \"%s\": only %s are known, and at most %d of them may be "
          "given",
          ci->key, text,
          field == VR_FIELD_HOST ? "hostname, name, uuid, metadata and project"
                                 : "name, uuid, metadata, project and none",
          VR_IDENTITY_PARTS);
  return r;
}

/* Details disks nics vcpus */
static int config_details(const oconfig_item_t *ci) {
  char text[64];
  if (join_values(ci, text, sizeof(text)) == 0 &&
      vr_schema_detail_kinds(text, &options.details) == 0)
    return 0;
  ERROR(PLUGIN ": %s: only disks, nics and vcpus are known", ci->key);
  return -1;
}

/* Extra true|false, or Extra cgroup kvm ... */
static int config_extra(const oconfig_item_t *ci) {
  char text[64];
  if (ci->values_num == 1 && ci->values[0].type == OCONFIG_TYPE_BOOLEAN) {
    options.extra = ci->values[0].value.boolean ? VR_EVERY_GROUP : 0;
    return 0;
  }
  if (ci->values_num > 0 && join_values(ci, text, sizeof(text)) == 0 &&
      vr_schema_extra_groups(text, &options.extra) == 0)
    return 0;
  ERROR(PLUGIN ": %s: only true, false, balloon, vhost, cgroup, kvm and host "
               "are known",
        ci->key);
  return -1;
}

static int config_path(const oconfig_item_t *ci, const char **ret_path) {
  char *path = NULL;
  if (cf_util_get_string(ci, &path) != 0)
    return -1;
  *ret_path = path; /* kept as long as the plugin */
  return 0;
}

static int config_every(const oconfig_item_t *ci) {
  double every = 0;
  if (cf_util_get_double(ci, &every) != 0 || !(every >= 0)) {
    ERROR(PLUGIN ": %s: the value must be a number of seconds, or 0", ci->key);
    return -1;
  }
  balloon_every = every;
  return 0;
}

static int config_option(const oconfig_item_t *ci) {
  const char *key = ci->key;
  bool taken;
  int r = vr_guest_options_config(&guests, ci, &taken);
  if (taken)
    return r;
  if (strcasecmp(key, "HostnameFormat") == 0)
    return config_format(ci, VR_FIELD_HOST, &identity.host);
  if (strcasecmp(key, "PluginInstanceFormat") == 0)
    return config_format(ci, VR_FIELD_INSTANCE, &identity.instance);
  if (strcasecmp(key, "ProcPath") == 0)
    return config_path(ci, &options.proc_path);
  if (strcasecmp(key, "SysPath") == 0)
    return config_path(ci, &options.sys_path);
  if (strcasecmp(key, "NamesFile") == 0)
    return config_path(ci, &options.names_file);
  if (strcasecmp(key, "ReportHost") == 0)
    return cf_util_get_boolean(ci, &options.report_host);
  if (strcasecmp(key, "Details") == 0)
    return config_details(ci);
  if (strcasecmp(key, "Extra") == 0)
    return config_extra(ci);
  if (strcasecmp(key, "Qmp") == 0)
    return cf_util_get_boolean(ci, &options.qmp);
  if (strcasecmp(key, "Balloon") == 0)
    return cf_util_get_boolean(ci, &options.balloon);
  if (strcasecmp(key, "BalloonEvery") == 0)
    return config_every(ci);
  if (strcasecmp(key, "Libvirt") == 0)
    return cf_util_get_boolean(ci, &options.libvirt);
  if (strcasecmp(key, "Connection") == 0)
    return config_path(ci, &options.libvirt_uri);
  if (strcasecmp(key, "Introspect") == 0)
    return config_introspect(NULL, ci);
  if (strcasecmp(key, "Labels") == 0)
    return cf_util_get_boolean(ci, &labels);
  if (strcasecmp(key, "AutoChain") == 0)
    return cf_util_get_boolean(ci, &auto_chain);
  if (strcasecmp(key, "Interval") == 0)
    return cf_util_get_cdtime(ci, &interval);
  WARNING(PLUGIN ": unknown option \"%s\" is ignored", key);
  return 0;
}

static int config(oconfig_item_t *ci) {
  for (int i = 0; i < ci->children_num; i++)
    if (config_option(&ci->children[i]) != 0)
      return -1;
  return 0;
}

/* --- values --- */

/* What all series of one guest, or of the machine, have in common. */
struct out {
  cdtime_t now;
  value_list_t vl;
  value_t values[4];
  bool between; /* two readings */
};

static void out_begin(struct out *o, cdtime_t now) {
  o->vl = (value_list_t)VALUE_LIST_INIT;
  o->vl.values = o->values;
  o->now = now;
  o->between = false;
  o->vl.interval = interval;
  sstrncpy(o->vl.plugin, PLUGIN, sizeof(o->vl.plugin));
}

static void submit(void *ctx, const struct vr_emitted *s) {
  struct out *o = ctx;
  if (s->n > STATIC_ARRAY_SIZE(o->values))
    return;
  for (size_t i = 0; i < s->n; i++)
    if (s->values[i].kind == VR_DERIVE)
      o->values[i].derive = s->values[i].number.derive;
    else
      o->values[i].gauge = s->values[i].number.gauge;
  o->vl.values_len = s->n;
  o->vl.time = s->at > 0 ? DOUBLE_TO_CDTIME_T(s->at) : o->now;
  sstrncpy(o->vl.type, s->type, sizeof(o->vl.type));
  sstrncpy(o->vl.type_instance, s->instance, sizeof(o->vl.type_instance));
  vr_chain_dispatch(&o->vl, o->between);
}

static void submit_host(cdtime_t now) {
  struct out o;
  out_begin(&o, now);
  vr_emit_host(vr_host_self(host), options.extra, submit, &o);
}

static void out_guest(struct out *o, const struct vr_vmproc_sample *s,
                      cdtime_t now) {
  out_begin(o, now);
  vr_identity_format(&identity.host, s, hostname_g, o->vl.host,
                     sizeof(o->vl.host));
  vr_identity_format(&identity.instance, s, hostname_g, o->vl.plugin_instance,
                     sizeof(o->vl.plugin_instance));
  if (labels)
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
}

static void submit_guest(const struct vr_vmproc_sample *s, cdtime_t now) {
  struct out o;
  out_guest(&o, s, now);
  vr_emit_vmproc(s, options.extra, submit, &o);
  if (s->details)
    vr_details_emit(s->details, submit, &o);
  out_end(&o);
}

/* What the guest's own kernel counts, where the operator allows it. The gate
 * is for the target's models: these values may be published. */
static void submit_truth(const struct vr_vmproc_sample *s, cdtime_t now) {
  struct out o;
  enum vr_permission permission = vr_permission_of(permissions, s->vm);
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
  if (options.report_host)
    submit_host(now);
  for (size_t i = 0; i < vr_host_vmproc_count(host); i++)
    submit_guest(vr_host_vmproc(host, i), now);
  if (watch)
    submit_truths(now);
  vr_mentioned_end_reading(guests.mentioned, options.interval);
  if (options.report_host)
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
  double every = vr_host_between(options.interval, balloon_every);
  if (options.qmp && options.balloon && every > 0)
    plugin_register_complex_read(NULL, PLUGIN "_balloon", read_between,
                                 DOUBLE_TO_CDTIME_T(every), NULL);
  return plugin_register_complex_read(NULL, PLUGIN, read_all, interval, NULL);
}

static int init(void) {
  if (host)
    return 0;
  if (interval == 0)
    interval = plugin_get_interval();
  vr_chain_hook(auto_chain);
  has_target = vr_chain_has_target();
  if (!vr_identity_settle(&identity))
    WARNING(PLUGIN
            ": HostnameFormat and PluginInstanceFormat name no guest, and "
            "all guests would share one series: the guest's name is "
            "used as the plugin instance");
  options.details |= vr_chain_details();
  options.trusted = guests.trusted;
  options.custom = guests.custom;
  options.select_ctx = &guests;
  options.interval = CDTIME_T_TO_DOUBLE(interval);
  if (options.names_file[0] == '\0')
    options.names_file = NULL;
  int r = vr_host_new(&options, &host);
  if (r < 0) {
    ERROR(PLUGIN ": cannot open ProcPath \"%s\": %s: no guest is measured",
          options.proc_path, STRERROR(-r));
    return -1;
  }
  if (vr_permission_any(permissions) &&
      vr_introspect_watch_new(vr_host_fd_budget(host), &watch) < 0)
    ERROR(PLUGIN ": introspection: its thread cannot be started: no guest is "
                 "introspected");
  return register_readings();
}

static int shutdown_all(void) {
  vr_outbox_end();
  vr_introspect_watch_free(watch);
  watch = NULL;
  vr_permission_free(permissions);
  permissions = NULL;
  vr_host_free(host);
  host = NULL;
  vr_told_free(options.told);
  options.told = NULL;
  vr_guest_options_free(&guests);
  return 0;
}

void module_register(void);
void module_register(void) {
  vr_log_set(log_message);
  vr_host_options_default(&options);
  options.names_file = VR_STATE_DIR "/names";
  options.extra = 0;
  vr_identity_default(&identity);
  if (vr_guest_options_init(&guests, PLUGIN) < 0 ||
      vr_permission_new(&permissions) < 0 || vr_told_new(&options.told) < 0) {
    ERROR(PLUGIN ": out of memory");
    return;
  }
  options.select = vr_guest_options_wants;
  guests.rules = "Introspect, OS and StealClock";
  guests.rule_fn = config_guest;
  vr_chain_prepare();
  plugin_register_complex_config(PLUGIN, config);
  plugin_register_init(PLUGIN, init);
  plugin_register_shutdown(PLUGIN, shutdown_all);
}
