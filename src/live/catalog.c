/* SPDX-License-Identifier: MIT */
#include "live/catalog.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "live/drift.h"
#include "live/fingerprint.h"
#include "model/publishable.h"
#include "model/run.h"
#include "schema/host_signals.h"
#include "schema/idle_signals.h"
#include "schema/plugin_names.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const enum vr_signal_id reserved[VR_RESERVED_SIGNALS] = {
    [VR_SIGNAL_VCPUS] = VR_SIGNAL_CONFIGURED_VCPUS,
    [VR_SIGNAL_MEMORY] = VR_SIGNAL_CONFIGURED_MEMORY,
    [VR_SIGNAL_ACCELERATOR] = VR_SIGNAL_CONFIGURED_ACCELERATOR,
    [VR_SIGNAL_GUEST_OS] = VR_SIGNAL_OS,
    [VR_SIGNAL_GUEST_STEAL_CLOCK] = VR_SIGNAL_STEAL_CLOCK,
    [VR_SIGNAL_GUEST_NESTED] = VR_SIGNAL_NESTED,
    [VR_SIGNAL_GUEST_IDLE_HIDDEN] = VR_SIGNAL_IDLE_HIDDEN,
};

/* What our read plugin measures of a guest by these is remembered for a while
 * even if no model asks for it, so that a model that comes later starts
 * warm. */
enum { REMEMBERED = VR_VM_PROCESS | VR_DEVICE | VR_BALLOON };

/* --- which series are wanted --- */

enum { KEY_SIZE = 3 * VR_FIELD_SIZE };

/* plugin, type and type instance, each with its NUL, in one piece. Returns the
 * length, or 0 for fields that no pattern can have. */
static size_t make_key(const struct vr_identifier *id, char *key) {
  const char *const fields[] = {id->plugin, id->type, id->type_instance};
  char *at = key;
  /* A memcpy of a few bytes, not known how many, compiles to an instruction
   * that takes longer than all else that an unwanted value costs. */
  for (int i = 0; i < 3 && at; i++)
    at = memccpy(at, fields[i], '\0', VR_FIELD_SIZE);
  return at ? (size_t)(at - key) : 0;
}

static struct vr_wanted *find_key(const struct vr_catalog *c,
                                  const struct vr_identifier *id) {
  char key[KEY_SIZE];
  size_t n = make_key(id, key);
  struct vr_wanted *w = NULL;
  HASH_FIND(hh, c->wanted, key, n, w);
  return w;
}

/* The list of the signals of ID's plugin and type that have members. */
static struct vr_wanted *find_members(const struct vr_catalog *c,
                                      const struct vr_identifier *id) {
  struct vr_identifier any = *id;
  any.type_instance = "*";
  return c->has_members ? find_key(c, &any) : NULL;
}

const struct vr_wanted *vr_live_catalog_find(const struct vr_catalog *c,
                                             const struct vr_identifier *id) {
  const struct vr_wanted *w = find_key(c, id);
  return w ? w : find_members(c, id);
}

bool vr_live_catalog_match(const struct vr_catalog_signal *s,
                           const struct vr_identifier *id,
                           const char **ret_host, const char **ret_guest) {
  if (vr_signal_pattern_match(&s->pattern, id, ret_host, ret_guest))
    return true;
  if (!s->by_name || *id->plugin_instance || !*id->host ||
      !vr_signal_pattern_has_instance(&s->pattern, id->type_instance))
    return false;
  *ret_host = NULL;
  *ret_guest = id->host;
  return true;
}

/* Lists signal INDEX under its plugin and type. */
static bool want(struct vr_catalog *c, uint32_t index) {
  struct vr_catalog_signal *s = c->signals[index];
  struct vr_identifier id = s->pattern.name.id;
  if (s->pattern.has_members)
    id.type_instance = "*";
  c->has_members = c->has_members || s->pattern.has_members;
  char key[KEY_SIZE];
  size_t n = make_key(&id, key);
  struct vr_wanted *w = NULL;
  HASH_FIND(hh, c->wanted, key, n, w);
  if (!w) {
    w = calloc(1, sizeof(*w));
    char *copy = malloc(n);
    if (!w || !copy) {
      free(w);
      free(copy);
      return false;
    }
    memcpy(copy, key, n);
    w->key = copy;
    w->first = VR_NO_SIGNAL;
    HASH_ADD_KEYPTR(hh, c->wanted, w->key, n, w);
  }
  s->next = w->first;
  w->first = index;
  return true;
}

/* Index of the signal TEXT, added if it is new; VR_NO_SIGNAL without memory. */
static uint32_t signal_index(struct vr_catalog *c, const char *text) {
  struct vr_catalog_signal *s = NULL;
  HASH_FIND_STR(c->by_text, text, s);
  if (s)
    return s->index;
  if (vr_array_reserve(&c->signals, &c->signals_size, c->n_signals + 1) < 0)
    return VR_NO_SIGNAL;
  s = calloc(1, sizeof(*s));
  char *copy = strdup(text);
  if (!s || !copy || vr_signal_pattern_parse(text, &s->pattern) < 0) {
    free(s);
    free(copy);
    return VR_NO_SIGNAL;
  }
  s->text = copy;
  s->shows_idle = vr_schema_shows_idle(text);
  uint32_t index = s->index = c->n_signals++;
  c->signals[index] = s;
  HASH_ADD_KEYPTR(hh, c->by_text, s->text, strlen(s->text), s);
  return want(c, index) ? index : VR_NO_SIGNAL;
}

/* --- one model --- */

static unsigned specificity(const char *guest) {
  if (strcmp(guest, "*") == 0)
    return 0;
  return strpbrk(guest, "*?[\\") ? 1 : 2;
}

size_t vr_live_catalog_model_signals(const struct vr_catalog_model *m) {
  size_t n = 0;
  for (size_t i = 0; i < m->model->n_inputs; i++)
    n += m->model->inputs[i].n_signals;
  return n;
}

/* Adds the signals of IN to those that are wanted; their indices to RET. */
static bool want_input(struct vr_catalog *c, const struct vr_model_input *in,
                       uint32_t *ret) {
  for (size_t s = 0; s < in->n_signals; s++) {
    ret[s] = signal_index(c, in->signals[s]);
    if (ret[s] == VR_NO_SIGNAL)
      return false;
    c->signals[ret[s]]->wanted = c->signals[ret[s]]->kept = true;
  }
  return true;
}

/* What it needs of the catalog's places is taken from *PLACES. */
static bool compile_model(struct vr_catalog *c, struct vr_model *model,
                          double min_fit, bool no_derived, uint32_t **places) {
  unsigned order = (unsigned)c->n_models;
  struct vr_catalog_model *m = &c->models[c->n_models++];
  m->model = model;
  m->step = vr_signal_time_of_seconds(model->step);
  m->settling = vr_model_settling(model);
  m->fingerprint = vr_live_fingerprint(model);
  m->fingerprint_v3 = vr_live_fingerprint_v3(model);
  m->publishable = vr_model_publishable(model, min_fit) &&
                   !(no_derived && model->provenance == VR_DERIVED);
  m->specificity = specificity(model->guest);
  m->order = order;
  m->signals = *places;
  *places += vr_live_catalog_model_signals(m);
  size_t n = 0;
  for (size_t i = 0; i < model->n_inputs; i++) {
    if (!want_input(c, &model->inputs[i], m->signals + n))
      return false;
    n += model->inputs[i].n_signals;
  }
  const struct vr_model_input *regime = &model->intervals.regime;
  if (regime->n_signals == 0)
    return true;
  m->regime = *places;
  *places += regime->n_signals;
  return want_input(c, regime, m->regime);
}

bool vr_live_catalog_model_is_for(const struct vr_catalog_model *m,
                                  const char *name) {
  switch (m->specificity) {
  case 0:
    return true;
  case 2:
    return strcmp(m->model->guest, name) == 0;
  default:
    return fnmatch(m->model->guest, name, 0) == 0;
  }
}

/* --- the whole --- */

static uint32_t host_signal_index(struct vr_catalog *c, enum vr_signal_id id,
                                  unsigned source) {
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  vr_schema_signal_pattern((struct vr_signal_value){id, source}, pattern);
  return signal_index(c, pattern);
}

/* What models do not ask for, and is kept all the same. */
static bool keep_remembered(struct vr_catalog *c) {
  for (int id = 0; id < VR_SIGNALS; id++) {
    const struct vr_signal_info *s = vr_schema_signal((enum vr_signal_id)id);
    size_t n = s->group & REMEMBERED ? vr_schema_type(s->type)->n_sources : 0;
    for (unsigned i = 0; i < n; i++) {
      uint32_t index = host_signal_index(c, (enum vr_signal_id)id, i);
      if (index == VR_NO_SIGNAL)
        return false;
      c->signals[index]->kept = true;
    }
  }
  return true;
}

static bool is_ours(const struct vr_pattern *p) {
  const char *plugin = p->name.id.plugin;
  return p->host == VR_PART_HOST && p->plugin_instance == VR_PART_GUEST &&
         (strcmp(plugin, VR_PLUGIN_READ) == 0 ||
          strcmp(plugin, VR_PLUGIN_TRUTH) == 0);
}

/* Is one of the host's own signals of the same plugin and type? The read plugin
 * has no such two, and a model that asks for one means the host. */
static bool is_of_hosts_too(const struct vr_catalog *c, uint32_t first) {
  for (uint32_t i = first; i != VR_NO_SIGNAL; i = c->signals[i]->next)
    if (!vr_signal_pattern_has_guest(&c->signals[i]->pattern))
      return true;
  return false;
}

static void find_by_name(struct vr_catalog *c) {
  for (struct vr_wanted *w = c->wanted; w; w = w->hh.next) {
    bool of_hosts = is_of_hosts_too(c, w->first);
    for (uint32_t i = w->first; i != VR_NO_SIGNAL; i = c->signals[i]->next)
      c->signals[i]->by_name = !of_hosts && is_ours(&c->signals[i]->pattern);
  }
}

/* Signals that name one series are followed by those of its plugin and type
 * that have members: the value list may be of both. */
static void link_members(struct vr_catalog *c) {
  for (struct vr_wanted *w = c->wanted; c->has_members && w; w = w->hh.next) {
    struct vr_catalog_signal *last = c->signals[w->first];
    const struct vr_wanted *members = find_members(c, &last->pattern.name.id);
    if (!members || members == w)
      continue;
    while (last->next != VR_NO_SIGNAL)
      last = c->signals[last->next];
    last->next = members->first;
  }
}

static bool add_own_series(struct vr_catalog *c) {
  char pattern[VR_DRIFT_PATTERN_SIZE];
  for (unsigned i = 0; vr_live_drift_series(i, pattern); i++) {
    uint32_t index = signal_index(c, pattern);
    if (index == VR_NO_SIGNAL)
      return false;
    c->signals[index]->own = i + 1;
  }
  return true;
}

/* Room for the models of all sets, and the places of their signals. */
static bool make_room(struct vr_catalog *c) {
  size_t n = 0, places = 0;
  for (size_t s = 0; s < c->n_sets; s++) {
    const struct vr_model_set *set = &c->sets[s];
    n += set->n_models;
    for (size_t i = 0; i < set->n_models; i++) {
      places += set->models[i].intervals.regime.n_signals;
      for (size_t k = 0; k < set->models[i].n_inputs; k++)
        places += set->models[i].inputs[k].n_signals;
    }
  }
  c->models = calloc(n + 1, sizeof(*c->models));
  c->places = calloc(places + 1, sizeof(*c->places));
  return c->models && c->places;
}

static bool compile(struct vr_catalog *c, double min_fit, bool no_derived) {
  for (int i = 0; i < VR_RESERVED_SIGNALS; i++)
    if (host_signal_index(c, reserved[i], 0) != (uint32_t)i)
      return false;
  for (uint32_t i = 0; i < VR_RESERVED_SIGNALS; i++)
    c->signals[i]->wanted = c->signals[i]->kept = true;
  if (!keep_remembered(c) || !add_own_series(c))
    return false;
  if (!make_room(c))
    return false;
  uint32_t *places = c->places;
  for (size_t s = 0; s < c->n_sets; s++)
    for (size_t i = 0; i < c->sets[s].n_models; i++)
      if (!compile_model(c, &c->sets[s].models[i], min_fit, no_derived,
                         &places))
        return false;
  find_by_name(c);
  link_members(c);
  return vr_live_candidates_list(&c->candidates, c->models, c->n_models);
}

struct vr_catalog *vr_live_catalog_new(struct vr_model_set *sets, size_t n_sets,
                                       double min_fit, bool no_derived) {
  struct vr_catalog *c = calloc(1, sizeof(*c));
  if (!c) {
    for (size_t i = 0; i < n_sets; i++)
      vr_model_set_clear(&sets[i]);
    free(sets);
    return NULL;
  }
  atomic_init(&c->references, 1);
  c->sets = sets;
  c->n_sets = n_sets;
  if (compile(c, min_fit, no_derived))
    return c;
  vr_live_catalog_unref(c);
  return NULL;
}

struct vr_catalog *vr_live_catalog_ref(struct vr_catalog *c) {
  atomic_fetch_add_explicit(&c->references, 1, memory_order_relaxed);
  return c;
}

static void free_signals(struct vr_catalog *c) {
  struct vr_wanted *w, *next;
  HASH_ITER(hh, c->wanted, w, next) {
    HASH_DEL(c->wanted, w);
    free(w->key);
    free(w);
  }
  HASH_CLEAR(hh, c->by_text);
  for (uint32_t i = 0; i < c->n_signals; i++) {
    free(c->signals[i]->text);
    free(c->signals[i]);
  }
  free(c->signals);
}

void vr_live_catalog_unref(struct vr_catalog *c) {
  if (!c || atomic_fetch_sub(&c->references, 1) != 1)
    return;
  free_signals(c);
  vr_live_candidates_clear(&c->candidates);
  free(c->places);
  free(c->models);
  for (size_t i = 0; i < c->n_sets; i++)
    vr_model_set_clear(&c->sets[i]);
  free(c->sets);
  free(c);
}
