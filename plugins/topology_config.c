/* SPDX-License-Identifier: MIT */
#include "topology_config.h"
#include "config_values.h"

#include "host/vmm/selection.h"

#include <ctype.h>
#include <math.h>

#define PLUGIN "vmrecon_topology"

enum { MOST = 1024, MAC_DIGITS = 12 };

struct host_limits {
  char *name, *address;
  double cpu, memory, nic;
};

struct peer {
  char *name;
  char mac[MAC_DIGITS + 1];
};

/* Names of one option: Apart "a" "b", Application "shop" "a" "b". */
struct names {
  size_t n;
  char **list;
};

static struct {
  bool has_selection;
  struct vr_select *selection;
  size_t n_apart, n_named, n_hubs, n_hosts, n_peers;
  struct names apart[MOST], named[MOST];
  struct vr_survey_apart apart_view[MOST];
  struct vr_applications_named named_view[MOST];
  char *hubs[MOST];
  struct host_limits hosts[MOST];
  struct peer peers[MOST];
  char *instance, *underlay;
  bool decide;
  cdtime_t window;
  double max_guests, max_pairs, overcommit, max_steps, least_gain, advice;
} config = {.max_guests = 1000,
            .max_pairs = 65536,
            .overcommit = 4,
            .max_steps = 50,
            .least_gain = 0.1,
            .advice = 60};

static int out_of_memory(void) {
  ERROR(PLUGIN ": out of memory");
  return -1;
}

/* Does the option have at least LEAST texts and nothing else? */
static int check_texts(const oconfig_item_t *ci, int least) {
  for (int i = 0; i < ci->values_num; i++)
    if (ci->values[i].type != OCONFIG_TYPE_STRING ||
        *ci->values[i].value.string == '\0')
      least = ci->values_num + 1;
  if (ci->values_num >= least)
    return 0;
  ERROR(PLUGIN ": %s wants names in quotes", ci->key);
  return -1;
}

static int check_room(size_t n, const oconfig_item_t *ci) {
  if (n < MOST)
    return 0;
  ERROR(PLUGIN ": more than %d times %s", MOST, ci->key);
  return -1;
}

static int get_names(const oconfig_item_t *ci, struct names *ret) {
  ret->list = calloc((size_t)ci->values_num + 1, sizeof(*ret->list));
  if (!ret->list)
    return out_of_memory();
  for (int i = 0; i < ci->values_num; i++) {
    ret->list[ret->n] = strdup(ci->values[i].value.string);
    if (!ret->list[ret->n])
      return out_of_memory();
    ret->n++;
  }
  return 0;
}

static int get_number(oconfig_item_t *ci, double min, double max, double *ret) {
  return vr_config_number(PLUGIN, ci, min, max, ret);
}

static int get_apart(const oconfig_item_t *ci) {
  if (check_texts(ci, 2) != 0 || check_room(config.n_apart, ci) != 0)
    return -1;
  return get_names(ci, &config.apart[config.n_apart++]);
}

static int get_application(const oconfig_item_t *ci) {
  if (check_texts(ci, 2) != 0 || check_room(config.n_named, ci) != 0)
    return -1;
  return get_names(ci, &config.named[config.n_named++]);
}

static int get_hub(oconfig_item_t *ci) {
  if (check_room(config.n_hubs, ci) != 0 ||
      cf_util_get_string(ci, &config.hubs[config.n_hubs]) != 0)
    return -1;
  config.n_hubs++;
  return 0;
}

/* "52:54:00:AB:CD:EF" or "525400abcdef". */
static int get_mac(const char *text, char *ret) {
  size_t n = 0;
  for (; *text && n < MAC_DIGITS; text++)
    if (isxdigit((unsigned char)*text))
      ret[n++] = (char)tolower((unsigned char)*text);
    else if (*text != ':')
      return -1;
  ret[n] = '\0';
  return n == MAC_DIGITS && !*text ? 0 : -1;
}

static int get_peer(const oconfig_item_t *ci) {
  struct peer *p = &config.peers[config.n_peers];
  if (check_texts(ci, 2) != 0 || check_room(config.n_peers, ci) != 0)
    return -1;
  if (get_mac(ci->values[1].value.string, p->mac) != 0) {
    ERROR(PLUGIN ": Peer \"%s\": \"%s\" is no MAC address",
          ci->values[0].value.string, ci->values[1].value.string);
    return -1;
  }
  p->name = strdup(ci->values[0].value.string);
  if (!p->name)
    return out_of_memory();
  config.n_peers++;
  return 0;
}

static int get_host_option(oconfig_item_t *ci, struct host_limits *h) {
  if (strcasecmp(ci->key, "CPU") == 0)
    return get_number(ci, 0, 1e9, &h->cpu);
  if (strcasecmp(ci->key, "Memory") == 0)
    return get_number(ci, 0, 1e18, &h->memory);
  if (strcasecmp(ci->key, "NIC") == 0)
    return get_number(ci, 0, 1e18, &h->nic);
  if (strcasecmp(ci->key, "Address") == 0)
    return cf_util_get_string(ci, &h->address);
  WARNING(PLUGIN ": Host: unknown option \"%s\" is ignored; "
                 "collectd-vmrecon_topology(5) lists all options",
          ci->key);
  return 0;
}

static int get_host(oconfig_item_t *ci) {
  struct host_limits h = {.cpu = NAN, .memory = NAN, .nic = NAN};
  if (check_room(config.n_hosts, ci) != 0 ||
      cf_util_get_string(ci, &h.name) != 0)
    return -1;
  config.hosts[config.n_hosts++] = h;
  for (int i = 0; i < ci->children_num; i++)
    if (get_host_option(&ci->children[i], &config.hosts[config.n_hosts - 1]) !=
        0)
      return -1;
  return 0;
}

static int need_selection(void) {
  if (!config.selection && vr_vmm_select_new(&config.selection) < 0)
    return out_of_memory();
  config.has_selection = true;
  return 0;
}

static int get_vm(const oconfig_item_t *ci) {
  char message[256] = "";
  if (check_texts(ci, 1) != 0 || need_selection() != 0)
    return -1;
  const char *name = ci->values[0].value.string;
  int r = vr_vmm_select_add(config.selection, name, message, sizeof(message));
  if (r < 0)
    ERROR(PLUGIN ": VM \"%s\": %s", name, message);
  return r < 0 ? -1 : 0;
}

static int get_ignore(oconfig_item_t *ci) {
  bool ignore;
  if (cf_util_get_boolean(ci, &ignore) != 0 || need_selection() != 0)
    return -1;
  vr_vmm_select_invert(config.selection, ignore);
  return 0;
}

static int get_option(oconfig_item_t *ci) {
  const char *key = ci->key;
  if (strcasecmp(key, "Application") == 0)
    return get_application(ci);
  if (strcasecmp(key, "Service") == 0)
    return get_hub(ci);
  if (strcasecmp(key, "Apart") == 0)
    return get_apart(ci);
  if (strcasecmp(key, "Peer") == 0)
    return get_peer(ci);
  if (strcasecmp(key, "Host") == 0)
    return get_host(ci);
  if (strcasecmp(key, "VM") == 0)
    return get_vm(ci);
  if (strcasecmp(key, "IgnoreSelected") == 0)
    return get_ignore(ci);
  if (strcasecmp(key, "Instance") == 0)
    return cf_util_get_string(ci, &config.instance);
  if (strcasecmp(key, "Underlay") == 0)
    return cf_util_get_string(ci, &config.underlay);
  if (strcasecmp(key, "DecidePaths") == 0)
    return cf_util_get_boolean(ci, &config.decide);
  if (strcasecmp(key, "Window") == 0)
    return cf_util_get_cdtime(ci, &config.window);
  if (strcasecmp(key, "AdviceInterval") == 0)
    return get_number(ci, 1, 86400, &config.advice);
  if (strcasecmp(key, "MaxSteps") == 0)
    return get_number(ci, 0, 10000, &config.max_steps);
  if (strcasecmp(key, "LeastGain") == 0)
    return get_number(ci, 0, 100, &config.least_gain);
  if (strcasecmp(key, "Overcommit") == 0)
    return get_number(ci, 0.1, 1000, &config.overcommit);
  if (strcasecmp(key, "MaxGuests") == 0)
    return get_number(ci, 2, 4000, &config.max_guests);
  if (strcasecmp(key, "MaxPairs") == 0)
    return get_number(ci, 16, 1e6, &config.max_pairs);
  WARNING(PLUGIN ": unknown option \"%s\" is ignored; "
                 "collectd-vmrecon_topology(5) lists all options",
          key);
  return 0;
}

int vr_topology_config_read(oconfig_item_t *ci) {
  for (int i = 0; i < ci->children_num; i++)
    if (get_option(&ci->children[i]) != 0)
      return -1;
  return 0;
}

static bool wants(const void *selection, const char *guest) {
  return vr_vmm_select_wants(selection, guest);
}

void vr_topology_config_get(struct vr_topology_config *ret) {
  struct vr_observer_options o = vr_observer_defaults();
  for (size_t i = 0; i < config.n_apart; i++)
    config.apart_view[i] = (struct vr_survey_apart){
        config.apart[i].n, (const char *const *)config.apart[i].list};
  for (size_t i = 0; i < config.n_named; i++)
    config.named_view[i] = (struct vr_applications_named){
        config.named[i].list[0], config.named[i].n - 1,
        (const char *const *)config.named[i].list + 1};
  o.apart = config.apart_view;
  o.n_apart = config.n_apart;
  o.applications.named = config.named_view;
  o.applications.n_named = config.n_named;
  o.applications.hubs = (const char *const *)config.hubs;
  o.applications.n_hubs = config.n_hubs;
  o.ledger.max_guests = (size_t)config.max_guests;
  o.ledger.max_flows = (size_t)config.max_pairs;
  o.overcommit = config.overcommit;
  o.advice.max_steps = (size_t)config.max_steps;
  o.advice.least_gain = config.least_gain / 100;
  o.advice_interval = vr_signal_time_of_seconds(config.advice);
  if (config.has_selection) {
    o.wants = wants;
    o.wants_ctx = config.selection;
  }
  *ret = (struct vr_topology_config){.observer = o,
                                     .instance = config.instance,
                                     .underlay = config.underlay,
                                     .decide = config.decide,
                                     .window = config.window};
}

int vr_topology_config_apply(struct vr_observer *o) {
  int r = 0;
  for (size_t i = 0; r == 0 && i < config.n_peers; i++)
    r = vr_observer_name_peer(o, config.peers[i].mac, config.peers[i].name);
  for (size_t i = 0; r == 0 && i < config.n_hosts; i++)
    if (config.hosts[i].address)
      r = vr_observer_address(o, config.hosts[i].name, config.hosts[i].address);
  for (size_t i = 0; r == 0 && i < config.n_hosts; i++)
    r = vr_observer_set_host(o, config.hosts[i].name, config.hosts[i].cpu,
                             config.hosts[i].memory, config.hosts[i].nic);
  return r;
}

static void names_clear(struct names *n) {
  for (size_t i = 0; i < n->n; i++)
    free(n->list[i]);
  free(n->list);
}

void vr_topology_config_clear(void) {
  for (size_t i = 0; i < config.n_apart; i++)
    names_clear(&config.apart[i]);
  for (size_t i = 0; i < config.n_named; i++)
    names_clear(&config.named[i]);
  for (size_t i = 0; i < config.n_hubs; i++)
    free(config.hubs[i]);
  for (size_t i = 0; i < config.n_hosts; i++) {
    free(config.hosts[i].name);
    free(config.hosts[i].address);
  }
  for (size_t i = 0; i < config.n_peers; i++)
    free(config.peers[i].name);
  free(config.instance);
  free(config.underlay);
  vr_vmm_select_free(config.selection);
  memset(&config, 0, sizeof(config));
}
