/* SPDX-License-Identifier: MIT
 *
 * Sources beyond the table: series of any other plugin.
 */
#include "train/data/sources.h"

#include "basic/cleanup.h"
#include "signal/identifier.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONLY VR_COUNTER_SET

/* What types of collectd's types.db mean: their data sources, the scale that
 * brings them near 1, what they explain and what they measure. */
static const struct known_type {
  const char *type, *ds;
  double scale;
  vr_counter_set explains, measures;
} known_types[] = {
    {"virt_cpu_total", "value", 1e-9,
     ONLY(VR_LOAD) | ONLY(VR_CPU) | ONLY(VR_PROCESSES) |
         ONLY(VR_CONTEXTSWITCH) | ONLY(VR_PAGE_FAULTS),
     ONLY(VR_CPU)},
    {"virt_vcpu", "value", 1e-9,
     ONLY(VR_LOAD) | ONLY(VR_CPU) | ONLY(VR_CONTEXTSWITCH) |
         ONLY(VR_PAGE_FAULTS),
     ONLY(VR_CPU)},
    {"ps_cputime", "user", 1e-6,
     ONLY(VR_LOAD) | ONLY(VR_CPU) | ONLY(VR_CONTEXTSWITCH), 0},
    {"ps_cputime", "syst", 1e-6,
     ONLY(VR_LOAD) | ONLY(VR_CPU) | ONLY(VR_CONTEXTSWITCH), 0},
    {"ps_rss", "value", 0x1p-30, ONLY(VR_BUFFERS), 0},
    {"ps_pagefaults", "minflt", 1e-3, ONLY(VR_PAGE_FAULTS) | ONLY(VR_PROCESSES),
     0},
    {"ps_disk_octets", "read", 1e-6, ONLY(VR_DISK_READ) | ONLY(VR_LOAD),
     ONLY(VR_DISK_READ)},
    {"ps_disk_octets", "write", 1e-6, ONLY(VR_DISK_WRITE) | ONLY(VR_BUFFERS),
     ONLY(VR_DISK_WRITE)},
    {"disk_octets", "read", 1e-6, ONLY(VR_DISK_READ) | ONLY(VR_LOAD),
     ONLY(VR_DISK_READ)},
    {"disk_octets", "write", 1e-6, ONLY(VR_DISK_WRITE) | ONLY(VR_BUFFERS),
     ONLY(VR_DISK_WRITE)},
    {"disk_ops", "read", 1e-3, ONLY(VR_DISK_READ) | ONLY(VR_CONTEXTSWITCH), 0},
    {"disk_ops", "write", 1e-3, ONLY(VR_DISK_WRITE) | ONLY(VR_CONTEXTSWITCH),
     0},
    {"if_octets", "rx", 1e-6, ONLY(VR_NET_RX) | ONLY(VR_CPU), ONLY(VR_NET_RX)},
    {"if_octets", "tx", 1e-6, ONLY(VR_NET_TX) | ONLY(VR_CPU), ONLY(VR_NET_TX)},
    {"if_packets", "rx", 1e-3, ONLY(VR_NET_RX) | ONLY(VR_CONTEXTSWITCH), 0},
    {"if_packets", "tx", 1e-3, ONLY(VR_NET_TX) | ONLY(VR_CONTEXTSWITCH), 0},
    {"memory", "value", 0x1p-30, ONLY(VR_BUFFERS) | ONLY(VR_PROCESSES), 0},
    {"cpu", "value", 1e-2, ONLY(VR_LOAD) | ONLY(VR_CPU), 0},
    {"contextswitch", "value", 1e-3, ONLY(VR_CONTEXTSWITCH), 0},
};

enum { KNOWN_TYPES = sizeof(known_types) / sizeof(known_types[0]) };

/* Of these types there is one for each device of a guest. */
static const char *const types_by_device[] = {"disk_octets", "disk_ops",
                                              "if_octets", "if_packets"};
enum { TYPES_BY_DEVICE = sizeof(types_by_device) / sizeof(types_by_device[0]) };

static struct vr_source *all; /* the table and what was added; NULL: nothing */
static const struct vr_source *table;
static size_t n_table;

static const struct known_type *known(const char *type, const char *ds) {
  size_t n = strcspn(type, "-");
  for (size_t i = 0; i < KNOWN_TYPES; i++)
    if (strlen(known_types[i].type) == n &&
        strncmp(known_types[i].type, type, n) == 0 &&
        (!ds || strcmp(known_types[i].ds, ds) == 0))
      return &known_types[i];
  return NULL;
}

bool vr_sources_is_utf8(const char *text) {
  json_t *o = json_string(text);
  json_decref(o);
  return o != NULL;
}

static bool is_there(const char *pattern) {
  for (size_t i = 0; i < vr_sources_count; i++)
    if (strcmp(vr_sources[i].signals[0], pattern) == 0 &&
        !vr_sources[i].signals[1] && !vr_sources[i].own)
      return true;
  return false;
}

static int append(const struct vr_source *source) {
  if (!all) {
    table = vr_sources;
    n_table = vr_sources_count;
  }
  struct vr_source *more =
      reallocarray(all, vr_sources_count + 1, sizeof(*more));
  if (!more)
    return -ENOMEM;
  if (!all)
    memcpy(more, table, n_table * sizeof(*more));
  all = more;
  all[vr_sources_count] = *source;
  vr_sources = all;
  vr_sources_count++;
  return 0;
}

/* Is TYPE one of a device, with its instance? */
static bool is_by_device(const char *type) {
  size_t n = strcspn(type, "-");
  bool is = false;
  for (size_t i = 0; i < TYPES_BY_DEVICE; i++)
    is = is || (strlen(types_by_device[i]) == n &&
                strncmp(types_by_device[i], type, n) == 0);
  return is && type[n] == '-';
}

/* Are the members of P all devices that there are? */
static bool has_all_devices(const struct vr_pattern *p, const char *type) {
  return p->has_members && is_by_device(type) &&
         strcmp(p->name.id.type_instance, "*") == 0;
}

int vr_sources_add(const char *pattern) {
  struct vr_pattern p;
  if (vr_signal_pattern_parse(pattern, &p) < 0 || !vr_sources_is_utf8(pattern))
    return -EINVAL;
  if (is_there(pattern))
    return 0;
  const char *type = strchr(strchr(pattern, '/') + 1, '/') + 1;
  const char *colon = strrchr(type, ':');
  const struct known_type *k = known(type, colon + 1);
  char *text = strdup(pattern), *name = NULL;
  /* Its name in reports: plugin, type and data source. */
  if (asprintf(&name, "%s", strchr(pattern, '/') + 1) < 0)
    name = NULL;
  const struct vr_source source = {.name = name,
                                   .origin = VR_VM_PROCESS,
                                   .signals = {text},
                                   .scale = k ? k->scale : 1,
                                   .per = VR_PER_ONE,
                                   .explains = k ? k->explains : 0,
                                   .measures = k ? k->measures : 0,
                                   .counts = k && k->measures &&
                                             has_all_devices(&p, type)};
  int r = text && name ? append(&source) : -ENOMEM;
  if (r < 0) {
    free(text);
    free(name);
  }
  return r;
}

int vr_sources_add_types(const char *plugin, const char *type) {
  size_t n = strcspn(type, "-");
  bool sum = is_by_device(type);
  for (size_t i = 0; i < KNOWN_TYPES; i++) {
    vr_auto_free char *pattern = NULL;
    if (strlen(known_types[i].type) != n ||
        strncmp(known_types[i].type, type, n) != 0)
      continue;
    if (asprintf(&pattern, "%s/%.*s%s:%s", plugin,
                 (int)(sum ? n : strlen(type)), type, sum ? "-*" : "",
                 known_types[i].ds) < 0) {
      pattern = NULL;
      return -ENOMEM;
    }
    int r = vr_sources_add(pattern);
    if (r == -ENOMEM)
      return r;
  }
  return 0;
}

void vr_sources_reset(void) {
  if (!all)
    return;
  for (size_t i = n_table; i < vr_sources_count; i++) {
    free((char *)all[i].name);
    free((char *)all[i].signals[0]);
  }
  vr_sources = table;
  vr_sources_count = n_table;
  free(all);
  all = NULL;
}
