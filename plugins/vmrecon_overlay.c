/* SPDX-License-Identifier: MIT
 *
 * collectd's plugin "vmrecon_overlay": a virtual LAN that follows its guests.
 *
 * Announcements travel as values by collectd's own plugin network. They are
 * given to it directly, past collectd's queue of values; those that come in
 * are taken out of the PreCache chain by a target, so that they are never
 * cached, written or passed on by anybody else.
 */
#include "chain_rule.h"
#include "outbox.h"
#include "overlay_config.h"

#include "basic/log.h"
#include "overlay/overlay.h"
#include "schema/plugin_names.h"
#include "schema/types.h"

#include "collectd/core/daemon/filter_chain.h"
#include "collectd/core/utils/common/common.h"

#define PLUGIN VR_PLUGIN_OVERLAY
#define NETWORK "network"

void module_register(void);

static struct vr_overlay_config config;
static struct vr_overlay *overlay;
static cdtime_t interval;

static void log_message(int priority, const char *message) {
  plugin_log(priority, PLUGIN ": %s", message);
}

/* --- what goes out --- */

static int send_value(const char *host, const char *instance,
                      const char *type_instance, double number, int64_t sent) {
  value_list_t vl = VALUE_LIST_INIT;
  value_t value = {.gauge = number};
  vl.values = &value;
  vl.values_len = 1;
  vl.time = US_TO_CDTIME_T((uint64_t)sent);
  vl.interval = interval;
  sstrncpy(vl.host, host, sizeof(vl.host));
  sstrncpy(vl.plugin, PLUGIN, sizeof(vl.plugin));
  sstrncpy(vl.plugin_instance, instance, sizeof(vl.plugin_instance));
  sstrncpy(vl.type, "gauge", sizeof(vl.type));
  sstrncpy(vl.type_instance, type_instance, sizeof(vl.type_instance));
  return plugin_write(NETWORK, NULL, &vl) != 0 ? -ENOTCONN : 0;
}

static int send_announcement(const struct vr_announcement *a, bool now) {
  char instance[VR_ANNOUNCEMENT_INSTANCE];
  vr_announcement_instance(a, instance);
  int r = send_value(a->host, a->guest, instance, vr_announcement_value(a),
                     a->sent);
  if (r == 0 && now)
    plugin_flush(NETWORK, 0, NULL);
  return r;
}

static int send_way(const struct vr_way *w) {
  char instance[VR_WAYS_INSTANCE];
  vr_ways_instance(w, instance);
  return send_value(w->from, w->to, instance, (double)w->generation, w->sent);
}

static void flush_announcements(void) { plugin_flush(NETWORK, 0, NULL); }

static void send_underlay(const char *interface, const char *type,
                          const char *instance, value_t *values, size_t n) {
  value_list_t vl = VALUE_LIST_INIT;
  vl.values = values;
  vl.values_len = n;
  vl.interval = interval;
  sstrncpy(vl.plugin, VR_PLUGIN_UNDERLAY, sizeof(vl.plugin));
  sstrncpy(vl.plugin_instance, interface, sizeof(vl.plugin_instance));
  sstrncpy(vl.type, type, sizeof(vl.type));
  sstrncpy(vl.type_instance, instance, sizeof(vl.type_instance));
  vr_outbox_send(&vl);
}

static void send_card(const struct vr_overlay_card *c) {
  char vtep[VR_ADDRESS_TEXT + 8];
  value_t one = {.gauge = 1}, mtu = {.gauge = c->mtu};
  value_t speed = {.gauge = c->speed};
  value_t octets[] = {{.derive = (derive_t)c->received},
                      {.derive = (derive_t)c->sent}};
  snprintf(vtep, sizeof(vtep), "vtep_%s", c->vtep);
  send_underlay(c->name, "gauge", vtep, &one, 1);
  send_underlay(c->name, "gauge", "mtu", &mtu, 1);
  send_underlay(c->name, "if_octets", "", octets, 2);
  if (c->speed > 0)
    send_underlay(c->name, "gauge", "speed", &speed, 1);
}

/* --- what comes in --- */

/* Who has signed it: only the plugin network says that it has received a value,
 * in a form that no text of anybody can take. */
static char *signer_of(const value_list_t *vl) {
  bool received = false;
  char *user = NULL;
  if (!vl->meta ||
      meta_data_get_boolean(vl->meta, "network:received", &received) != 0 ||
      !received ||
      meta_data_get_string(vl->meta, "network:username", &user) != 0)
    return NULL;
  return user;
}

static char *address_of(const value_list_t *vl) {
  char *address = NULL;
  if (vl->meta)
    meta_data_get_string(vl->meta, "network:ip_address", &address);
  return address;
}

static void take(const data_set_t *ds, const value_list_t *vl) {
  char *user = signer_of(vl), *from = address_of(vl);
  bool is_gauge = strcmp(ds->type, "gauge") == 0 && vl->values_len == 1;
  const struct vr_overlay_value v = {
      .host = vl->host,
      .guest = vl->plugin_instance,
      .instance = is_gauge ? vl->type_instance : "",
      .user = user,
      .from = from,
      .value = is_gauge ? vl->values[0].gauge : 0,
      .sent = (int64_t)CDTIME_T_TO_US(vl->time)};
  vr_overlay_take(overlay, &v);
  free(user);
  free(from);
}

/* Write threads call this for every value of the daemon: what does not concern
 * us is left at once. */
static int target_invoke(const data_set_t *ds, value_list_t *vl,
                         __attribute__((unused)) notification_meta_t **meta,
                         __attribute__((unused)) void **user_data) {
  if (strcmp(vl->plugin, PLUGIN) != 0)
    return FC_TARGET_CONTINUE;
  if (overlay)
    take(ds, vl);
  return FC_TARGET_STOP;
}

static int target_create(const oconfig_item_t *ci, void **ret_data) {
  for (int i = 0; i < ci->children_num; i++)
    WARNING(PLUGIN ": the target has no option \"%s\"", ci->children[i].key);
  *ret_data = NULL;
  return 0;
}

static int target_destroy(void **data) {
  *data = NULL;
  return 0;
}

/* --- life --- */

static int configure(oconfig_item_t *ci) {
  for (int i = 0; i < ci->children_num; i++)
    if (vr_overlay_config_option(&config, &ci->children[i]) != 0)
      return -1;
  return 0;
}

/* Never fails: collectd would call a plugin that fails less and less often. */
static int step(__attribute__((unused)) user_data_t *ud) {
  vr_overlay_step(overlay);
  return 0;
}

static int begin(void) {
  config.host.trusted = config.guests.trusted;
  config.host.custom = config.guests.custom;
  config.host.interval = CDTIME_T_TO_DOUBLE(interval);
  config.overlay.send = send_announcement;
  config.overlay.send_way = send_way;
  config.overlay.flush = flush_announcements;
  config.overlay.send_card = send_card;
  int r = vr_overlay_new(&config.overlay, &overlay);
  if (r == 0)
    r = vr_overlay_start(overlay);
  if (r < 0)
    ERROR(PLUGIN ": cannot begin: %s", STRERROR(-r));
  return r < 0 ? -1 : 0;
}

static int init(void) {
  if (overlay)
    return 0;
  int useful = vr_overlay_config_check(&config);
  if (useful < 0)
    return -1;
  /* Also where nothing is configured: announcements are not to be stored. */
  if (vr_chain_add_rule(vr_chain_name(), VR_PLUGIN_OVERLAY) != 0) {
    ERROR(PLUGIN ": cannot add the target to the chain \"%s\"",
          vr_chain_name());
    return -1;
  }
  if (useful == 0)
    return 0;
  interval = config.interval ? config.interval : plugin_get_interval();
  if (vr_outbox_begin() < 0)
    WARNING(PLUGIN ": " VR_OUTBOX_NONE);
  if (begin() != 0)
    return -1;
  return plugin_register_complex_read(NULL, PLUGIN, step, interval, NULL);
}

/* Before the plugin network's: that one registers its own when it begins. What
 * is in the kernel stays. */
static int end(void) {
  vr_outbox_end();
  vr_overlay_free(overlay);
  overlay = NULL;
  vr_guest_options_free(&config.guests);
  return 0;
}

void module_register(void) {
  const target_proc_t proc = {.create = target_create,
                              .destroy = target_destroy,
                              .invoke = target_invoke};
  vr_log_set(log_message);
  if (vr_overlay_config_init(&config) < 0) {
    ERROR(PLUGIN ": out of memory");
    return;
  }
  fc_register_target(VR_PLUGIN_OVERLAY, proc);
  plugin_register_complex_config(PLUGIN, configure);
  plugin_register_init(PLUGIN, init);
  plugin_register_shutdown(PLUGIN, end);
  /* collectd looks the chain up before init. */
  if (!fc_chain_get_by_name(vr_chain_name()))
    vr_chain_add_empty(vr_chain_name());
}
