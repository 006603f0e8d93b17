/* SPDX-License-Identifier: MIT */
#include "archive/prometheus_names.h"

#include "basic/text.h"
#include "schema/plugin_names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "collectd_"
#define EXPORTED "exported_"
#define COUNTER "_total"

/* The types of collectd's types.db with data sources of other names than
 * "value", as far as plugins of Linux and of hypervisors have them. */
static const struct {
  const char *type, *ds[4];
} types[] = {
    {"df", {"used", "free"}},
    {"disk_io_time", {"io_time", "weighted_io_time"}},
    {"disk_latency", {"read", "write"}},
    {"disk_merged", {"read", "write"}},
    {"disk_octets", {"read", "write"}},
    {"disk_ops", {"read", "write"}},
    {"disk_time", {"read", "write"}},
    {"domain_state", {"state", "reason"}},
    {"duration", {"seconds"}},
    {"if_dropped", {"rx", "tx"}},
    {"if_errors", {"rx", "tx"}},
    {"if_octets", {"rx", "tx"}},
    {"if_packets", {"rx", "tx"}},
    {"io_octets", {"rx", "tx"}},
    {"io_ops", {"read", "write"}},
    {"io_packets", {"rx", "tx"}},
    {"load", {"shortterm", "midterm", "longterm"}},
    {"ps_count", {"processes", "threads"}},
    {"ps_cputime", {"user", "syst"}},
    {"ps_disk_octets", {"read", "write"}},
    {"ps_disk_ops", {"read", "write"}},
    {"ps_pagefaults", {"minflt", "majflt"}},
    {"vmpage_faults", {"minflt", "majflt"}},
    {"vmpage_io", {"in", "out"}},
};

/* Plugins whose series may have no instance at all; where one's name begins
 * with another's, the longer one is first. */
static const char *const plugins[] = {VR_PLUGIN_NET,
                                      VR_PLUGIN_TOPOLOGY,
                                      VR_PLUGIN_OVERLAY,
                                      VR_PLUGIN_TRUTH,
                                      VR_PLUGIN_READ,
                                      VR_PLUGIN_INFERRED,
                                      VR_PLUGIN_QUALITY,
                                      VR_PLUGIN_MODEL,
                                      VR_PLUGIN_LIBVIRT,
                                      VR_PLUGIN_VIRT,
                                      "contextswitch",
                                      "processes",
                                      "aggregation",
                                      "interface",
                                      "netlink",
                                      "memory",
                                      "vmem",
                                      "swap",
                                      "disk",
                                      "load",
                                      "cpu",
                                      "df"};

/* Plugins whose instance is the device or the guest, wherever there is one
 * instance only. */
static const char *const by_instance[] = {VR_PLUGIN_INFERRED, VR_PLUGIN_MODEL,
                                          VR_PLUGIN_TRUTH,    "disk",
                                          "interface",        "netlink"};

/* Types that are of a guest as a whole, where the plugin names guests. */
static const char *const of_guest[] = {"virt_cpu_total", "domain_state",
                                       "ps_cputime"};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *label(const json_t *labels, const char *name) {
  char exported[VR_FIELD_SIZE + sizeof(EXPORTED)];
  snprintf(exported, sizeof(exported), EXPORTED "%s", name);
  const json_t *value = json_object_get(labels, exported);
  return json_string_value(value ? value : json_object_get(labels, name));
}

/* Does TEXT begin with HEAD and then end, or go on with "_"? Then what is
 * behind that; else NULL. */
static const char *behind(const char *text, const char *head) {
  size_t n = strlen(head);
  if (strncmp(text, head, n) != 0 || (text[n] && text[n] != '_'))
    return NULL;
  return text[n] ? text + n + 1 : text + n;
}

/* The longest label's name that NAME begins with: the plugin's. */
static const char *plugin_label(const json_t *labels, const char *name) {
  static const char *const others[] = {"__name__", "instance", "job", "type"};
  const char *key, *best = NULL;
  json_t *value;
  json_object_foreach((json_t *)labels, key, value) {
    bool is_exported = strncmp(key, EXPORTED, sizeof(EXPORTED) - 1) == 0;
    const char *at = is_exported ? key + sizeof(EXPORTED) - 1 : key;
    if (*at && vr_text_index(others, COUNT(others), at) < 0 &&
        behind(name, at) && (!best || strlen(at) > strlen(best)))
      best = at;
  }
  return best;
}

/* A name's parts, borrowed from it. */
struct parts {
  const char *plugin, *type, *ds;
  size_t n_plugin, n_type;
};

/* Takes TYPE_DS apart, by the table; else the data source is "value". */
static void split_type(const char *text, struct parts *p) {
  p->type = text;
  p->n_type = strlen(text);
  p->ds = "value";
  for (size_t i = 0; i < COUNT(types); i++) {
    const char *rest = behind(text, types[i].type);
    for (size_t d = 0; rest && d < COUNT(types[i].ds) && types[i].ds[d]; d++)
      if (strcmp(rest, types[i].ds[d]) == 0) {
        p->n_type = strlen(types[i].type);
        p->ds = types[i].ds[d];
      }
  }
}

/* Is REST, behind a plugin's name, the data source of a type of that name? */
static bool is_own_type(const char *plugin, const char *rest) {
  for (size_t i = 0; i < COUNT(types); i++)
    for (size_t d = 0; d < COUNT(types[i].ds) && types[i].ds[d]; d++)
      if (strcmp(types[i].type, plugin) == 0 &&
          strcmp(types[i].ds[d], rest) == 0)
        return true;
  return false;
}

/* NAME of a plugin that is known. */
static void split_known(const char *name, const char *plugin, struct parts *p) {
  const char *rest = behind(name, plugin);
  p->plugin = name;
  p->n_plugin = strlen(plugin);
  split_type(*rest == '\0' || is_own_type(plugin, rest) ? name : rest, p);
}

/* NAME where no label names the plugin. */
static void split_unknown(const char *name, struct parts *p) {
  for (size_t i = 0; i < COUNT(plugins); i++)
    if (behind(name, plugins[i])) {
      split_known(name, plugins[i], p);
      return;
    }
  p->plugin = name;
  split_type(name, p);
  p->n_plugin = p->n_type;
  const char *end = strchr(name, '_');
  if (strcmp(p->ds, "value") != 0 || !end)
    return; /* plugin and type have one name */
  p->n_plugin = (size_t)(end - name);
  split_type(end + 1, p);
}

static bool is_one_of(const char *const *all, size_t n, const char *text,
                      size_t length) {
  for (size_t i = 0; i < n; i++)
    if (strlen(all[i]) == length && strncmp(all[i], text, length) == 0)
      return true;
  return false;
}

/* Is an instance that is alone the plugin's? */
static bool is_plugins(const struct parts *p) {
  static const char *const virt[] = {VR_PLUGIN_VIRT, VR_PLUGIN_LIBVIRT};
  static const char *const states[] = {"ps_state"};
  return is_one_of(by_instance, COUNT(by_instance), p->plugin, p->n_plugin) ||
         (is_one_of(virt, COUNT(virt), p->plugin, p->n_plugin) &&
          is_one_of(of_guest, COUNT(of_guest), p->type, p->n_type)) ||
         (strncmp(p->type, "ps_", 3) == 0 &&
          !is_one_of(states, COUNT(states), p->type, p->n_type));
}

/* Could TEXT be a part of a file's name? It may go into one of ours. */
static bool is_part(const char *text) {
  return !strchr(text, '/') && !vr_text_has_control(text) &&
         strlen(text) < VR_FIELD_SIZE;
}

/* NAME[-INSTANCE] into RET. */
static void put(const char *name, size_t n, const char *instance,
                char ret[2 * VR_FIELD_SIZE]) {
  snprintf(ret, 2 * VR_FIELD_SIZE, "%.*s%s%s", (int)n, name,
           instance && *instance ? "-" : "", instance ? instance : "");
}

/* Plugin, type and data source of NAME, which has neither prefix nor suffix. */
static int take(const json_t *labels, const char *name,
                struct vr_prometheus_name *ret) {
  struct parts p;
  const char *key = plugin_label(labels, name);
  const char *own = key ? label(labels, key) : "";
  const char *type = label(labels, "type");
  if (key)
    split_known(name, key, &p);
  else
    split_unknown(name, &p);
  if (p.n_plugin == 0 || p.n_type == 0 || p.n_plugin >= VR_FIELD_SIZE ||
      p.n_type >= VR_FIELD_SIZE || !own || !is_part(own) ||
      (type && !is_part(type)))
    return -EINVAL;
  bool is_alone = !type || !*type;
  bool has_plugins = !is_alone || is_plugins(&p);
  put(p.plugin, p.n_plugin, has_plugins ? own : "", ret->plugin);
  put(p.type, p.n_type, is_alone ? has_plugins ? "" : own : type, ret->type);
  snprintf(ret->ds, sizeof(ret->ds), "%s", p.ds);
  return 0;
}

int vr_prometheus_name(const json_t *labels, struct vr_prometheus_name *ret) {
  char name[5 * VR_FIELD_SIZE];
  const char *full = json_string_value(json_object_get(labels, "__name__"));
  const char *host = label(labels, "instance");
  if (!full || strncmp(full, PREFIX, sizeof(PREFIX) - 1) != 0)
    return -ENOENT;
  full += sizeof(PREFIX) - 1;
  size_t n = strlen(full);
  if (n >= sizeof(name) || vr_text_has_control(full) || strchr(full, '/') ||
      !host || !*host || host[0] == '.' || !is_part(host))
    return -EINVAL;
  struct vr_prometheus_name r = {0};
  r.is_counter = n > sizeof(COUNTER) - 1 &&
                 strcmp(full + n - (sizeof(COUNTER) - 1), COUNTER) == 0;
  snprintf(name, sizeof(name), "%.*s",
           (int)(r.is_counter ? n - (sizeof(COUNTER) - 1) : n), full);
  snprintf(r.host, sizeof(r.host), "%s", host);
  int e = take(labels, name, &r);
  if (e == 0)
    *ret = r;
  return e;
}
