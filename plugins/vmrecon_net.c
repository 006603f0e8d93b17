/* SPDX-License-Identifier: MIT
 *
 * collectd's read plugin "vmrecon_net": who talks to whom. The frames of every
 * guest, counted for each peer, as value lists HOST/vmrecon_net-GUEST/...
 */
#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include "config_values.h"
#include "emitted_list.h"
#include "guest_options.h"
#include "outbox.h"
#include "phase.h"

#include "basic/log.h"
#include "host/emit.h"
#include "schema/plugin_names.h"
#include "traffic/traffic.h"

#define PLUGIN VR_PLUGIN_NET

enum { DEFAULT_TOP = 16, MAX_TOP = 128, NAMED_MAX = 64 };

/* A peer that is not a guest: a router, the way to everybody else. */
struct named_peer {
  char *name;
  struct vr_mac mac;
};

static struct vr_guest_options guests;
static struct vr_host_options options;
static struct vr_traffic_settings settings = {
    .libvirt_path = "/run/libvirt/qemu",
    .received = true,
    .peers = {.top = DEFAULT_TOP},
};
static struct named_peer named[NAMED_MAX];
static struct vr_mac named_macs[NAMED_MAX];
static size_t named_count;
static bool wire_bytes;
static cdtime_t interval;
static struct vr_host *host;
static struct vr_traffic *traffic;

static void log_message(int priority, const char *message) {
  plugin_log(priority, PLUGIN ": %s", message);
}

/* --- configuration --- */

/* Peer "name" "mac" */
static int config_peer(const oconfig_item_t *ci) {
  struct vr_mac mac;
  if (ci->values_num != 2 || ci->values[0].type != OCONFIG_TYPE_STRING ||
      ci->values[1].type != OCONFIG_TYPE_STRING ||
      ci->values[0].value.string[0] == '\0' ||
      strchr(ci->values[0].value.string, '/') ||
      !vr_mac_parse(ci->values[1].value.string, &mac) ||
      vr_mac_is_group(&mac)) {
    ERROR(PLUGIN ": Peer takes a name and an address, as in "
                 "Peer \"router\" \"52:54:00:12:34:56\"");
    return -1;
  }
  char *name =
      named_count < NAMED_MAX ? strdup(ci->values[0].value.string) : NULL;
  if (!name) {
    ERROR(PLUGIN ": Peer \"%s\": no more than %d can be named",
          ci->values[0].value.string, NAMED_MAX);
    return -1;
  }
  named[named_count] = (struct named_peer){name, mac};
  named_macs[named_count++] = mac;
  return 0;
}

static int config_directions(const oconfig_item_t *ci) {
  const char *text =
      vr_config_is_one_string(ci) ? ci->values[0].value.string : "";
  settings.received = strcasecmp(text, "both") == 0;
  if (settings.received || strcasecmp(text, "sent") == 0)
    return 0;
  ERROR(PLUGIN ": Directions takes both or sent");
  return -1;
}

static int config_top(const oconfig_item_t *ci) {
  int top = 0;
  if (cf_util_get_int(ci, &top) != 0)
    return -1;
  if (top < 0 || top > MAX_TOP) {
    ERROR(PLUGIN ": TopPeers takes a number from 0 to %d", MAX_TOP);
    return -1;
  }
  settings.peers.top = (size_t)top;
  return 0;
}

static int config_option(const oconfig_item_t *ci) {
  const char *key = ci->key;
  bool taken;
  int r = vr_guest_options_config(&guests, ci, &taken);
  if (taken)
    return r;
  if (strcasecmp(key, "TopPeers") == 0)
    return config_top(ci);
  if (strcasecmp(key, "Directions") == 0)
    return config_directions(ci);
  if (strcasecmp(key, "Peer") == 0)
    return config_peer(ci);
  if (strcasecmp(key, "WireBytes") == 0)
    return cf_util_get_boolean(ci, &wire_bytes);
  if (strcasecmp(key, "ProcPath") == 0)
    return vr_config_path(ci, &options.proc_path);
  if (strcasecmp(key, "SysPath") == 0)
    return vr_config_path(ci, &options.sys_path);
  if (strcasecmp(key, "LibvirtPath") == 0)
    return vr_config_path(ci, &settings.libvirt_path);
  if (strcasecmp(key, "Interval") == 0)
    return cf_util_get_cdtime(ci, &interval);
  WARNING(PLUGIN ": unknown option \"%s\" is ignored; collectd-vmrecon_net(5) "
                 "lists all options",
          key);
  return 0;
}

static int config(oconfig_item_t *ci) {
  for (int i = 0; i < ci->children_num; i++)
    if (config_option(&ci->children[i]) != 0)
      return -1;
  return 0;
}

/* --- values --- */

struct out {
  value_list_t vl;
  value_t values[VR_EMITTED_MAX];
};

static void out_begin(struct out *o, const char *instance, cdtime_t now) {
  o->vl = (value_list_t)VALUE_LIST_INIT;
  o->vl.time = now;
  o->vl.interval = plugin_get_interval();
  sstrncpy(o->vl.plugin, PLUGIN, sizeof(o->vl.plugin));
  sstrncpy(o->vl.plugin_instance, instance, sizeof(o->vl.plugin_instance));
}

static void submit(void *ctx, const struct vr_emitted *s) {
  struct out *o = ctx;
  if (vr_emitted_into(s, o->values, &o->vl))
    vr_outbox_send(&o->vl);
}

/* The value 2 says that the address is no guest's. */
static void submit_named(const struct named_peer *p, cdtime_t now) {
  char hex[VR_MAC_HEX], instance[VR_MAC_HEX + 4];
  struct out o;
  vr_mac_format(&p->mac, hex);
  snprintf(instance, sizeof(instance), "mac_%s", hex);
  out_begin(&o, p->name, now);
  vr_emit_level(&(struct vr_emitter){submit, &o, 0}, VR_TYPE_GAUGE, instance,
                2);
}

/* Never fails: collectd would read a plugin that fails less and less often. At
 * the same instants on all hosts, and with the time at which it was counted: so
 * it can be seen what is lost between two hosts. */
static int read_all(void) {
  vr_host_read(host);
  cdtime_t begin = cdtime();
  vr_traffic_read(traffic, host);
  /* The clock may be set back meanwhile; a value of the far future would be the
   * last one that collectd takes. */
  cdtime_t end = cdtime(),
           now = end > begin ? begin + (end - begin) / 2 : begin;
  for (size_t i = 0; i < vr_traffic_count(traffic); i++) {
    struct out o;
    out_begin(&o, vr_traffic_name(traffic, i), now);
    vr_traffic_emit(traffic, i, wire_bytes, submit, &o);
  }
  for (size_t i = 0; i < named_count; i++)
    submit_named(&named[i], now);
  if (!plugin_is_loaded(VR_PLUGIN_READ))
    vr_mentioned_end_reading(guests.mentioned,
                             CDTIME_T_TO_DOUBLE(plugin_get_interval()));
  return 0;
}

/* --- life --- */

static int init(void) {
  if (host)
    return 0;
  options.trusted = guests.trusted;
  options.custom = guests.custom;
  options.select_ctx = &guests;
  options.interval =
      CDTIME_T_TO_DOUBLE(interval ? interval : plugin_get_interval());
  settings.proc_path = options.proc_path;
  settings.peers.named = named_macs;
  settings.peers.named_count = named_count;
  int r = vr_host_new(&options, &host);
  if (r == 0)
    r = vr_traffic_new(&settings, &traffic);
  if (r < 0) {
    ERROR(PLUGIN ": %s: %s", options.proc_path, STRERROR(-r));
    return -1;
  }
  if (vr_outbox_begin() < 0)
    WARNING(PLUGIN ": " VR_OUTBOX_NONE);
  return vr_phase_register(PLUGIN, read_all, interval);
}

/* The kernel stops counting when the sockets are closed. */
static int shutdown_all(void) {
  vr_phase_end();
  vr_outbox_end();
  vr_traffic_free(traffic);
  traffic = NULL;
  vr_host_free(host);
  host = NULL;
  vr_guest_options_free(&guests);
  for (size_t i = 0; i < named_count; i++)
    free(named[i].name);
  named_count = 0;
  return 0;
}

void module_register(void);
void module_register(void) {
  vr_log_set(log_message);
  vr_host_options_default(&options);
  options.report_host = false;
  options.qmp = false;
  options.balloon = false;
  options.libvirt = false;
  options.network_only = true;
  options.select = vr_guest_options_wants;
  if (vr_guest_options_init(&guests, PLUGIN) < 0) {
    ERROR(PLUGIN ": out of memory");
    return;
  }
  plugin_register_complex_config(PLUGIN, config);
  plugin_register_init(PLUGIN, init);
  plugin_register_shutdown(PLUGIN, shutdown_all);
}
