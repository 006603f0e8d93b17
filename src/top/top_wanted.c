/* SPDX-License-Identifier: MIT */
#include "top_wanted.h"

#include "basic/array.h"
#include "basic/sort.h"
#include "schema/plugin_names.h"
#include "schema/provenance.h"
#include "schema/types.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of which plugin a series is: the names of plugins.c's table below. */
enum plugin { INFERRED, QUALITY, READ, PLUGINS };

/* What a data source says. */
enum part {
  VALUE,
  LOWER,
  UPPER,
  FIT,
  PROVENANCE,
  GUEST_VCPUS,
  GUEST_MEMORY,
  GUEST_STATE,
  GUEST_ACCELERATOR
};

struct source {
  const char *name;
  enum part part;
  enum vr_counter counter;
};

enum { TYPE_SIZE = 64 };

struct vr_top_wanted {
  enum plugin plugin;
  char type[TYPE_SIZE]; /* with its instance */
  struct source sources[VR_TYPE_MAX_SOURCES];
  size_t n_sources;
};

/* Sorted by plugin and type. */
static struct vr_top_wanted *wanted;
static size_t n_wanted, capacity;
static unsigned users;

static const char *const plugin_names[PLUGINS] = {
    [INFERRED] = VR_PLUGIN_INFERRED "-",
    [QUALITY] = VR_PLUGIN_QUALITY "-",
    [READ] = VR_PLUGIN_READ "-",
};

/* --- the table --- */

static struct vr_top_wanted *series_of(enum plugin plugin, const char *type) {
  for (size_t i = 0; i < n_wanted; i++)
    if (wanted[i].plugin == plugin && strcmp(wanted[i].type, type) == 0)
      return &wanted[i];
  if (vr_array_reserve(&wanted, &capacity, n_wanted + 1) < 0)
    return NULL;
  struct vr_top_wanted *w = &wanted[n_wanted++];
  *w = (struct vr_top_wanted){.plugin = plugin};
  snprintf(w->type, sizeof(w->type), "%s", type);
  return w;
}

static int want(enum plugin plugin, struct source source, const char *type,
                const char *joint, const char *instance) {
  char text[TYPE_SIZE];
  snprintf(text, sizeof(text), "%s%s%s", type, joint, instance);
  struct vr_top_wanted *w = series_of(plugin, text);
  if (!w || w->n_sources == VR_TYPE_MAX_SOURCES)
    return -ENOMEM;
  w->sources[w->n_sources++] = source;
  return 0;
}

/* The series of a counter's bound; TYPE-INSTANCE_lower, or TYPE-lower. */
static int want_bound(const struct vr_counter_info *info, struct source source,
                      const char *word) {
  char instance[TYPE_SIZE];
  snprintf(instance, sizeof(instance), "%s%s%s", info->type_instance,
           *info->type_instance ? "_" : "", word);
  return want(INFERRED, source, info->type, "-", instance);
}

/* Under the names of now, and those of "QualityNames old". */
static int want_quality(enum vr_counter c, const char *name) {
  int r = want(QUALITY, (struct source){"value", PROVENANCE, c}, "gauge", "-",
               name);
  r = r ? r
        : want(QUALITY, (struct source){"value", FIT, c}, "percent", "-", name);
  r = r ? r
        : want(INFERRED, (struct source){"value", PROVENANCE, c},
               "gauge-provenance", "_", name);
  return r ? r
           : want(INFERRED, (struct source){"value", FIT, c}, "percent-fit",
                  "_", name);
}

/* The three averages of a load come about in one way. */
static int want_provenance_of_load(enum vr_counter c) {
  const struct source s = {"value", PROVENANCE, c};
  const char *load = vr_counter_info(VR_LOAD)->name;
  int r = want(QUALITY, s, "gauge", "-", load);
  return r ? r : want(INFERRED, s, "gauge-provenance", "_", load);
}

static int want_counter(enum vr_counter c) {
  const struct vr_counter_info *info = vr_counter_info(c);
  struct source s = {info->data_source, VALUE, c};
  int r = want(INFERRED, s, info->type, *info->type_instance ? "-" : "",
               info->type_instance);
  s.part = LOWER;
  r = r ? r : want_bound(info, s, "lower");
  s.part = UPPER;
  r = r ? r : want_bound(info, s, "upper");
  s = (struct source){"value", VALUE, c};
  if (info->is_rate)
    r = r ? r : want(INFERRED, s, "derive", "-", info->name);
  if (c == VR_LOAD_MIDTERM || c == VR_LOAD_LONGTERM)
    r = r ? r : want_provenance_of_load(c);
  return r ? r : want_quality(c, info->name);
}

static int want_guest(enum part part, const char *type, const char *instance) {
  return want(READ, (struct source){"value", part, VR_COUNTERS}, type, "-",
              instance);
}

static int compare(const void *a, const void *b) {
  const struct vr_top_wanted *x = a, *y = b;
  int r = (int)x->plugin - (int)y->plugin;
  return r ? r : strcmp(x->type, y->type);
}

int vr_top_wanted_begin(void) {
  if (users++ > 0)
    return 0;
  int r = want_guest(GUEST_VCPUS, "count", "vcpus");
  r = r ? r : want_guest(GUEST_MEMORY, "memory", "configured");
  r = r ? r : want_guest(GUEST_STATE, "gauge", "state");
  r = r ? r : want_guest(GUEST_ACCELERATOR, "gauge", "accelerator");
  for (int c = 0; c < VR_COUNTERS && r == 0; c++)
    r = want_counter((enum vr_counter)c);
  if (r == 0)
    vr_sort(wanted, n_wanted, sizeof(*wanted), compare);
  return r;
}

void vr_top_wanted_end(void) {
  if (--users > 0)
    return;
  free(wanted);
  wanted = NULL;
  n_wanted = capacity = 0;
}

/* --- names --- */

/* The series of the type, which is not ended by a NUL. */
static const struct vr_top_wanted *find(enum plugin plugin, const char *type,
                                        size_t length) {
  size_t low = 0, high = n_wanted;
  while (low < high) {
    size_t middle = (low + high) / 2;
    const struct vr_top_wanted *w = &wanted[middle];
    int r = (int)plugin - (int)w->plugin;
    r = r ? r : strncmp(type, w->type, length);
    r = r ? r : -(w->type[length] != '\0');
    if (r == 0)
      return w;
    if (r < 0)
      high = middle;
    else
      low = middle + 1;
  }
  return NULL;
}

bool vr_top_wanted_parse(const char *text, size_t length,
                         struct vr_top_parts *ret) {
  const char *slash = memchr(text, '/', length);
  if (!slash || slash == text)
    return false;
  const char *plugin = slash + 1, *end = text + length;
  const char *type = memchr(plugin, '/', (size_t)(end - plugin));
  if (!type)
    return false;
  for (int p = 0; p < PLUGINS; p++) {
    size_t n = strlen(plugin_names[p]);
    if ((size_t)(type - plugin) <= n || memcmp(plugin, plugin_names[p], n) != 0)
      continue;
    *ret = (struct vr_top_parts){
        .host = text,
        .host_length = (size_t)(slash - text),
        .guest = plugin + n,
        .guest_length = (size_t)(type - plugin) - n,
        .series = find((enum plugin)p, type + 1, (size_t)(end - type - 1)),
    };
    return ret->series != NULL;
  }
  return false;
}

/* --- values --- */

/* The guest's own numbers, or NULL. */
static double *guest_number(struct vr_top_guest *guest, enum part part) {
  switch (part) {
  case GUEST_VCPUS:
    return &guest->vcpus;
  case GUEST_MEMORY:
    return &guest->memory;
  case GUEST_STATE:
    return &guest->state;
  case GUEST_ACCELERATOR:
    return &guest->accelerator;
  default:
    return NULL;
  }
}

static void put(const struct source *s, double value,
                struct vr_top_guest *guest) {
  double *number = guest_number(guest, s->part);
  if (number) {
    *number = value;
    return;
  }
  struct vr_top_value *v = &guest->counters[s->counter];
  if (s->part == PROVENANCE)
    v->provenance = value >= VR_DIRECT && value <= VR_PROVENANCES
                        ? (unsigned char)value
                        : 0;
  else if (s->part == FIT)
    v->fit = value;
  else if (s->part == LOWER)
    v->lower = value;
  else if (s->part == UPPER)
    v->upper = value;
  else
    v->value = value;
}

void vr_top_wanted_put(const struct vr_top_wanted *series, const char *source,
                       double value, struct vr_top_guest *guest) {
  for (size_t i = 0; i < series->n_sources; i++)
    if (strcmp(series->sources[i].name, source) == 0)
      put(&series->sources[i], value, guest);
}

void vr_top_wanted_forget(const struct vr_top_wanted *series,
                          struct vr_top_guest *guest) {
  for (size_t i = 0; i < series->n_sources; i++)
    put(&series->sources[i], NAN, guest);
}

bool vr_top_wanted_is_regular(const struct vr_top_wanted *series) {
  return series->plugin == INFERRED;
}

bool vr_top_wanted_is_constant(const struct vr_top_wanted *series) {
  return series->plugin == READ && series->sources[0].part != GUEST_STATE;
}
