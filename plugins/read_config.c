/* SPDX-License-Identifier: MIT */
#include "read_config.h"
#include "config_values.h"

#include "basic/log.h"
#include "host/details.h"
#include "schema/detail_names.h"
#include "schema/plugin_names.h"

#include "vmrecon-paths.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#define PLUGIN VR_PLUGIN_READ

struct vr_read_config vr_read_config;

/* Introspect never|truth|publish: of the guests that NAME matches, or (NULL) of
 * all guests that no block matches. */
static int config_introspect(const char *name, const oconfig_item_t *ci) {
  char message[256] = "the value must be never, truth or publish";
  enum vr_permission permission;
  int r = -EINVAL;
  if (vr_config_is_one_string(ci))
    r = vr_permission_parse(ci->values[0].value.string, &permission);
  if (r == 0 && name)
    r = vr_permission_add(vr_read_config.permissions, name, permission, message,
                          sizeof(message));
  else if (r == 0)
    vr_permission_set_default(vr_read_config.permissions, permission);
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
  if (vr_config_is_one_string(ci))
    r = vr_told_parse_os(ci->values[0].value.string, &os);
  if (r == 0)
    r = vr_told_add_os(vr_read_config.host.told, name, os, message,
                       sizeof(message));
  return say_rule_error(name, ci, r, message);
}

/* StealClock true|false */
static int config_steal_clock(const char *name, const oconfig_item_t *ci) {
  char message[256] = "the value must be true or false";
  bool present = false;
  int r = -EINVAL;
  if (cf_util_get_boolean(ci, &present) == 0)
    r = vr_told_add_steal_clock(vr_read_config.host.told, name,
                                present ? VR_STEAL_CLOCK_PRESENT
                                        : VR_STEAL_CLOCK_NONE,
                                message, sizeof(message));
  return say_rule_error(name, ci, r, message);
}

/* IdleHidden true|false */
static int config_idle(const char *name, const oconfig_item_t *ci) {
  char message[256] = "the value must be true or false";
  bool hidden = false;
  int r = -EINVAL;
  if (cf_util_get_boolean(ci, &hidden) == 0)
    r = vr_told_add_idle(vr_read_config.host.told, name,
                         hidden ? VR_IDLE_HIDDEN : VR_IDLE_SEEN, message,
                         sizeof(message));
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
  if (strcasecmp(ci->key, "IdleHidden") == 0)
    return config_idle(name, ci);
  *ret_taken = false;
  return 0;
}

static int config_format(const oconfig_item_t *ci, enum vr_identity_field field,
                         struct vr_identity_format *format) {
  char text[128];
  int r = vr_config_join(ci, text, sizeof(text));
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
  if (vr_config_join(ci, text, sizeof(text)) == 0 &&
      vr_schema_detail_kinds(text, &vr_read_config.host.details) == 0)
    return 0;
  ERROR(PLUGIN ": %s: only disks, nics and vcpus are known", ci->key);
  return -1;
}

/* Extra true|false, or Extra cgroup kvm ... */
static int config_extra(const oconfig_item_t *ci) {
  char text[64];
  if (ci->values_num == 1 && ci->values[0].type == OCONFIG_TYPE_BOOLEAN) {
    vr_read_config.host.extra =
        ci->values[0].value.boolean ? VR_EVERY_GROUP : 0;
    return 0;
  }
  if (ci->values_num > 0 && vr_config_join(ci, text, sizeof(text)) == 0 &&
      vr_schema_extra_groups(text, &vr_read_config.host.extra) == 0)
    return 0;
  ERROR(PLUGIN ": %s: only true, false, balloon, vhost, cgroup, kvm and host "
               "are known",
        ci->key);
  return -1;
}

static int config_every(const oconfig_item_t *ci) {
  double every = 0;
  if (cf_util_get_double(ci, &every) != 0 || !(every >= 0)) {
    ERROR(PLUGIN ": %s: the value must be a number of seconds, or 0", ci->key);
    return -1;
  }
  vr_read_config.balloon_every = every;
  return 0;
}

static int config_option(const oconfig_item_t *ci) {
  const char *key = ci->key;
  bool taken;
  int r = vr_guest_options_config(&vr_read_config.guests, ci, &taken);
  if (taken)
    return r;
  if (strcasecmp(key, "HostnameFormat") == 0)
    return config_format(ci, VR_FIELD_HOST, &vr_read_config.identity.host);
  if (strcasecmp(key, "PluginInstanceFormat") == 0)
    return config_format(ci, VR_FIELD_INSTANCE,
                         &vr_read_config.identity.instance);
  if (strcasecmp(key, "ProcPath") == 0)
    return vr_config_path(ci, &vr_read_config.host.proc_path);
  if (strcasecmp(key, "SysPath") == 0)
    return vr_config_path(ci, &vr_read_config.host.sys_path);
  if (strcasecmp(key, "NamesFile") == 0)
    return vr_config_path(ci, &vr_read_config.host.names_file);
  if (strcasecmp(key, "ReportHost") == 0)
    return cf_util_get_boolean(ci, &vr_read_config.host.report_host);
  if (strcasecmp(key, "Details") == 0)
    return config_details(ci);
  if (strcasecmp(key, "Extra") == 0)
    return config_extra(ci);
  if (strcasecmp(key, "Qmp") == 0)
    return cf_util_get_boolean(ci, &vr_read_config.host.qmp);
  if (strcasecmp(key, "Balloon") == 0)
    return cf_util_get_boolean(ci, &vr_read_config.host.balloon);
  if (strcasecmp(key, "BalloonEvery") == 0)
    return config_every(ci);
  if (strcasecmp(key, "Libvirt") == 0)
    return cf_util_get_boolean(ci, &vr_read_config.host.libvirt);
  if (strcasecmp(key, "Connection") == 0)
    return vr_config_path(ci, &vr_read_config.host.libvirt_uri);
  if (strcasecmp(key, "Introspect") == 0)
    return config_introspect(NULL, ci);
  if (strcasecmp(key, "Labels") == 0)
    return cf_util_get_boolean(ci, &vr_read_config.labels);
  if (strcasecmp(key, "AutoChain") == 0)
    return cf_util_get_boolean(ci, &vr_read_config.auto_chain);
  if (strcasecmp(key, "Interval") == 0)
    return cf_util_get_cdtime(ci, &vr_read_config.interval);
  WARNING(PLUGIN ": unknown option \"%s\" is ignored; collectd-vmrecon(5) "
                 "lists all options",
          key);
  return 0;
}

int vr_read_config_take(oconfig_item_t *ci) {
  for (int i = 0; i < ci->children_num; i++)
    if (config_option(&ci->children[i]) != 0)
      return -1;
  return 0;
}

int vr_read_config_default(void) {
  struct vr_read_config *c = &vr_read_config;
  c->auto_chain = true;
  c->balloon_every = -1;
  vr_host_options_default(&c->host);
  c->host.names_file = VR_STATE_DIR "/names";
  c->host.extra = 0;
  vr_identity_default(&c->identity);
  if (vr_guest_options_init(&c->guests, PLUGIN) < 0 ||
      vr_permission_new(&c->permissions) < 0 || vr_told_new(&c->host.told) < 0)
    return -ENOMEM;
  c->host.select = vr_guest_options_wants;
  c->guests.rules = "Introspect, OS, StealClock and IdleHidden";
  c->guests.rule_fn = config_guest;
  return 0;
}

void vr_read_config_resolve(void) {
  struct vr_read_config *c = &vr_read_config;
  if (c->interval == 0)
    c->interval = plugin_get_interval();
  if (!vr_identity_settle(&c->identity))
    WARNING(PLUGIN
            ": HostnameFormat and PluginInstanceFormat name no guest, and "
            "all guests would share one series: the guest's name is "
            "used as the plugin instance");
  c->host.trusted = c->guests.trusted;
  c->host.custom = c->guests.custom;
  c->host.select_ctx = &c->guests;
  c->host.interval = CDTIME_T_TO_DOUBLE(c->interval);
  if (c->host.names_file[0] == '\0')
    c->host.names_file = NULL;
}

void vr_read_config_clear(void) {
  struct vr_read_config *c = &vr_read_config;
  vr_permission_free(c->permissions);
  c->permissions = NULL;
  vr_told_free(c->host.told);
  c->host.told = NULL;
  vr_guest_options_free(&c->guests);
}
