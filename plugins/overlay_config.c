/* SPDX-License-Identifier: MIT */
#include "overlay_config.h"

#include "basic/array.h"
#include "schema/plugin_names.h"
#include "vmrecon-paths.h"

#define PLUGIN VR_PLUGIN_OVERLAY

int vr_overlay_config_init(struct vr_overlay_config *c) {
  vr_host_options_default(&c->host);
  c->host.report_host = false;
  c->host.qmp = false;
  c->host.balloon = false;
  c->host.libvirt = false;
  c->host.network_only = true;
  c->host.select = vr_guest_options_wants;
  c->host.select_ctx = &c->guests;
  c->overlay.libvirt_path = "/run/libvirt/qemu";
  c->overlay.state_file = VR_STATE_DIR "/overlay.json";
  c->overlay.host = &c->host;
  return vr_guest_options_init(&c->guests, PLUGIN);
}

/* --- small parts --- */

static int out_of_memory(void) {
  ERROR(PLUGIN ": out of memory");
  return -1;
}

static bool is_text(const oconfig_item_t *ci, int i, size_t size) {
  const oconfig_value_t *v = &ci->values[i];
  return i < ci->values_num && v->type == OCONFIG_TYPE_STRING &&
         v->value.string[0] != '\0' && strlen(v->value.string) < size &&
         !strchr(v->value.string, '/');
}

/* One text of less than SIZE bytes, into RET. */
static int get_name(const oconfig_item_t *ci, char *ret, size_t size) {
  if (ci->values_num != 1 || !is_text(ci, 0, size)) {
    ERROR(PLUGIN ": %s takes a name of less than %zu characters, in quotes",
          ci->key, size);
    return -1;
  }
  sstrncpy(ret, ci->values[0].value.string, size);
  return 0;
}

static int get_string(const oconfig_item_t *ci, const char **ret) {
  char *text = NULL;
  if (cf_util_get_string(ci, &text) != 0)
    return -1;
  *ret = text; /* kept as long as the plugin */
  return 0;
}

static int get_number(const oconfig_item_t *ci, int least, int most,
                      unsigned *ret) {
  int number = -1;
  if (cf_util_get_int(ci, &number) != 0)
    return -1;
  if (number < least || number > most) {
    ERROR(PLUGIN ": %s must be %d to %d", ci->key, least, most);
    return -1;
  }
  *ret = (unsigned)number;
  return 0;
}

static int ignore_unknown(const oconfig_item_t *ci, const char *where) {
  WARNING(PLUGIN ": %sunknown option \"%s\" is ignored; "
                 "collectd-vmrecon_overlay(5) lists all options",
          where, ci->key);
  return 0;
}

/* --- <Host "h1"> --- */

static int get_vtep(const oconfig_item_t *ci, struct vr_address *ret) {
  char text[VR_ADDRESS_TEXT];
  if (get_name(ci, text, sizeof(text)) != 0)
    return -1;
  if (vr_address_parse(text, ret))
    return 0;
  ERROR(PLUGIN ": Vtep \"%s\": not an IP address (names are not looked up)",
        text);
  return -1;
}

static int get_host_option(const oconfig_item_t *ci, struct vr_member *m) {
  if (strcasecmp(ci->key, "Vtep") == 0)
    return get_vtep(ci, &m->vtep);
  if (strcasecmp(ci->key, "User") == 0)
    return get_name(ci, m->user, sizeof(m->user));
  return ignore_unknown(ci, "Host: ");
}

static int get_host(struct vr_overlay_config *c, const oconfig_item_t *ci) {
  struct vr_member m = {0};
  int r = get_name(ci, m.name, sizeof(m.name));
  sstrncpy(m.user, m.name, sizeof(m.user));
  for (int i = 0; r == 0 && i < ci->children_num; i++)
    r = get_host_option(&ci->children[i], &m);
  if (r != 0)
    return -1;
  r = vr_members_add(&c->overlay.members, &m);
  if (r == -EEXIST)
    ERROR(PLUGIN ": Host \"%s\" is there twice", m.name);
  return r == -ENOMEM ? out_of_memory() : r;
}

static int get_central(struct vr_overlay_config *c, const oconfig_item_t *ci) {
  char user[VR_ANNOUNCEMENT_NAME];
  if (get_name(ci, user, sizeof(user)) != 0)
    return -1;
  return vr_members_add_central(&c->overlay.members, user) < 0 ? out_of_memory()
                                                               : 0;
}

/* --- <Lan "blue"> --- */

static int get_hosts(const oconfig_item_t *ci, struct vr_lan *lan) {
  for (int i = 0; i < ci->values_num; i++) {
    if (!is_text(ci, i, VR_ANNOUNCEMENT_NAME)) {
      ERROR(PLUGIN ": Hosts takes names of Host blocks, in quotes");
      return -1;
    }
    if (vr_array_reserve(&lan->hosts, &lan->hosts_capacity, lan->n_hosts + 1) <
        0)
      return out_of_memory();
    sstrncpy(lan->hosts[lan->n_hosts++], ci->values[i].value.string,
             VR_ANNOUNCEMENT_NAME);
  }
  return 0;
}

static int add_allowed(struct vr_lan *lan, const struct vr_mac *mac,
                       const char *guest) {
  if (vr_array_reserve(&lan->allowed, &lan->allowed_capacity,
                       lan->n_allowed + 1) < 0)
    return out_of_memory();
  struct vr_lan_allowed *a = &lan->allowed[lan->n_allowed++];
  a->mac = *mac;
  sstrncpy(a->guest, guest, sizeof(a->guest));
  return 0;
}

/* AllowMac "00:00:5e:00:01:0a" ["router1" "router2"] */
static int get_allowed(const oconfig_item_t *ci, struct vr_lan *lan) {
  struct vr_mac mac;
  bool good = is_text(ci, 0, 32) &&
              vr_mac_parse(ci->values[0].value.string, &mac) &&
              !vr_mac_is_group(&mac) && lan->n_allowed < 32;
  for (int i = 1; good && i < ci->values_num; i++)
    good = is_text(ci, i, VR_ANNOUNCEMENT_NAME);
  if (!good) {
    ERROR(PLUGIN ": AllowMac takes the address of one machine, and names of "
                 "the guests that may use it; 32 at most");
    return -1;
  }
  int r = ci->values_num == 1 ? add_allowed(lan, &mac, "") : 0;
  for (int i = 1; r == 0 && i < ci->values_num; i++)
    r = add_allowed(lan, &mac, ci->values[i].value.string);
  return r;
}

static int get_port(const oconfig_item_t *ci, struct vr_lan *lan) {
  unsigned port;
  if (get_number(ci, 1, 65535, &port) != 0)
    return -1;
  lan->port = (uint16_t)port;
  return 0;
}

static int get_lan_option(const oconfig_item_t *ci, struct vr_lan *lan) {
  const char *key = ci->key;
  if (strcasecmp(key, "Vni") == 0)
    return get_number(ci, 1, VR_ANNOUNCEMENT_VNI_MAX, &lan->vni);
  if (strcasecmp(key, "Bridge") == 0)
    return get_name(ci, lan->bridge, sizeof(lan->bridge));
  if (strcasecmp(key, "Device") == 0)
    return get_name(ci, lan->device, sizeof(lan->device));
  if (strcasecmp(key, "Mtu") == 0)
    return get_number(ci, VR_LAN_MTU_LEAST, 65535, &lan->mtu);
  if (strcasecmp(key, "Port") == 0)
    return get_port(ci, lan);
  if (strcasecmp(key, "Manage") == 0)
    return cf_util_get_boolean(ci, &lan->manage);
  if (strcasecmp(key, "Hosts") == 0)
    return get_hosts(ci, lan);
  if (strcasecmp(key, "AllowMac") == 0)
    return get_allowed(ci, lan);
  return ignore_unknown(ci, "Lan: ");
}

static bool is_taken(const struct vr_overlay_config *c,
                     const struct vr_lan *lan) {
  for (size_t i = 0; i < c->overlay.n_lans; i++) {
    const struct vr_lan *other = &c->overlay.lans[i];
    if (other->vni == lan->vni || strcmp(other->name, lan->name) == 0 ||
        strcmp(other->bridge, lan->bridge) == 0 ||
        strcmp(other->device, lan->device) == 0)
      return true;
  }
  return strcmp(lan->bridge, lan->device) == 0;
}

static int complete_lan(const struct vr_overlay_config *c, struct vr_lan *lan) {
  if (lan->vni == 0) {
    ERROR(PLUGIN ": Lan \"%s\" needs a Vni", lan->name);
    return -1;
  }
  if (!*lan->bridge)
    ssnprintf(lan->bridge, sizeof(lan->bridge), "vrb%u", lan->vni);
  if (!*lan->device)
    ssnprintf(lan->device, sizeof(lan->device), "vrx%u", lan->vni);
  if (!is_taken(c, lan))
    return 0;
  ERROR(PLUGIN ": Lan \"%s\": another one has its name, Vni, Bridge or Device",
        lan->name);
  return -1;
}

static int get_lan(struct vr_overlay_config *c, const oconfig_item_t *ci) {
  struct vr_lan lan = {.port = VR_LAN_PORT};
  int r = get_name(ci, lan.name, sizeof(lan.name));
  for (int i = 0; r == 0 && i < ci->children_num; i++)
    r = get_lan_option(&ci->children[i], &lan);
  if (r == 0)
    r = complete_lan(c, &lan);
  if (r == 0 && vr_array_reserve(&c->overlay.lans, &c->lans_capacity,
                                 c->overlay.n_lans + 1) < 0)
    r = out_of_memory();
  if (r == 0)
    c->overlay.lans[c->overlay.n_lans++] = lan;
  else
    vr_lan_clear(&lan);
  return r;
}

/* --- all of it --- */

int vr_overlay_config_option(struct vr_overlay_config *c,
                             const oconfig_item_t *ci) {
  const char *key = ci->key;
  bool taken;
  int r = vr_guest_options_config(&c->guests, ci, &taken);
  if (taken)
    return r;
  if (strcasecmp(key, "Host") == 0)
    return get_host(c, ci);
  if (strcasecmp(key, "Lan") == 0)
    return get_lan(c, ci);
  if (strcasecmp(key, "Central") == 0)
    return get_central(c, ci);
  if (strcasecmp(key, "Self") == 0)
    return get_string(ci, &c->overlay.self);
  if (strcasecmp(key, "Relay") == 0)
    return cf_util_get_boolean(ci, &c->overlay.relay);
  if (strcasecmp(key, "Pretend") == 0)
    return cf_util_get_boolean(ci, &c->overlay.pretend);
  if (strcasecmp(key, "StateFile") == 0)
    return get_string(ci, &c->overlay.state_file);
  if (strcasecmp(key, "FollowPaths") == 0)
    return cf_util_get_boolean(ci, &c->overlay.follow_paths);
  if (strcasecmp(key, "PathsFile") == 0)
    return get_string(ci, &c->overlay.paths_file);
  if (strcasecmp(key, "ProcPath") == 0)
    return get_string(ci, &c->host.proc_path);
  if (strcasecmp(key, "SysPath") == 0)
    return get_string(ci, &c->host.sys_path);
  if (strcasecmp(key, "LibvirtPath") == 0)
    return get_string(ci, &c->overlay.libvirt_path);
  if (strcasecmp(key, "Interval") == 0)
    return cf_util_get_cdtime(ci, &c->interval);
  return ignore_unknown(ci, "");
}

/* Tunnels need both ends, and of one kind. */
static int check_hosts(const struct vr_overlay_config *c) {
  const struct vr_members *all = &c->overlay.members;
  const struct vr_member *self = vr_members_find(all, c->overlay.self);
  if (!self) {
    ERROR(PLUGIN ": there is no <Host \"%s\"> block: it names this host, which "
                 "is called so by Self or by collectd's Hostname",
          c->overlay.self);
    return -1;
  }
  for (size_t i = 0; i < all->n; i++)
    if (!all->list[i].vtep.family ||
        all->list[i].vtep.family != self->vtep.family) {
      ERROR(PLUGIN ": Host \"%s\" needs a Vtep, and one of the same kind (IPv4 "
                   "or IPv6) as that of this host",
            all->list[i].name);
      return -1;
    }
  return 0;
}

static int check_lan(const struct vr_overlay_config *c,
                     const struct vr_lan *lan) {
  for (size_t i = 0; i < lan->n_hosts; i++)
    if (!vr_members_find(&c->overlay.members, lan->hosts[i])) {
      ERROR(PLUGIN ": Lan \"%s\": there is no <Host \"%s\"> block", lan->name,
            lan->hosts[i]);
      return -1;
    }
  if (vr_lan_has(lan, c->overlay.self))
    return 0;
  ERROR(PLUGIN
        ": Lan \"%s\": this host is not among its Hosts: leave the block "
        "out here",
        lan->name);
  return -1;
}

int vr_overlay_config_check(struct vr_overlay_config *c) {
  if (!c->overlay.self)
    c->overlay.self = hostname_g;
  if (c->overlay.n_lans == 0 && !c->overlay.relay) {
    WARNING(PLUGIN ": neither a Lan nor \"Relay true\" is configured: nothing "
                   "is done");
    return 0;
  }
  if (c->overlay.n_lans > 0 && check_hosts(c) != 0)
    return -1;
  if (c->overlay.n_lans > 0 && c->overlay.paths_file) {
    ERROR(PLUGIN ": PathsFile is for a central, which has no Lan");
    return -1;
  }
  for (size_t i = 0; i < c->overlay.n_lans; i++)
    if (check_lan(c, &c->overlay.lans[i]) != 0)
      return -1;
  return 1;
}
