/* SPDX-License-Identifier: MIT */
#include "topology/instance.h"

#include "topology/instance_underlay.h"

#include <math.h>
#include <string.h>

/* jansson's setters take NULL for an error and pass it on: *ok is looked at
 * once, at the end. */
static void set(json_t *object, const char *key, json_t *value, bool *ok) {
  if (json_object_set_new(object, key, value) < 0)
    *ok = false;
}

static void append(json_t *array, json_t *value, bool *ok) {
  if (json_array_append_new(array, value) < 0)
    *ok = false;
}

/* A limit that is not known is left out. */
static void set_limit(json_t *object, const char *key, double value, bool *ok) {
  if (isfinite(value))
    set(object, key, json_real(value), ok);
}

static json_t *hosts_array(const struct vr_placement *p, bool *ok) {
  json_t *array = json_array();
  for (size_t i = 0; i < p->n_hosts; i++) {
    json_t *o = json_object();
    set(o, "name", json_string(p->hosts[i].name), ok);
    set_limit(o, "cpu", p->hosts[i].cpu, ok);
    set_limit(o, "memory", p->hosts[i].memory, ok);
    set_limit(o, "nic", p->hosts[i].nic, ok);
    append(array, o, ok);
  }
  return array;
}

static json_t *guests_array(const struct vr_placement *p, bool *ok) {
  json_t *array = json_array();
  for (size_t i = 0; i < p->n_guests; i++) {
    const struct vr_placement_guest *g = &p->guests[i];
    json_t *o = json_object();
    set(o, "name", json_string(g->name), ok);
    set(o, "host", json_string(p->hosts[g->host].name), ok);
    set(o, "cpu", json_real(g->cpu), ok);
    set(o, "memory", json_real(g->memory), ok);
    if (g->fixed)
      set(o, "fixed", json_true(), ok);
    append(array, o, ok);
  }
  return array;
}

static json_t *demands_array(const struct vr_placement *p, bool *ok) {
  json_t *array = json_array();
  for (size_t i = 0; i < p->n_demands; i++) {
    const struct vr_placement_demand *d = &p->demands[i];
    json_t *o = json_object();
    set(o, "from", json_string(p->guests[d->from].name), ok);
    set(o, "to", json_string(p->guests[d->to].name), ok);
    set(o, "bytes_per_second", json_real(d->bytes), ok);
    append(array, o, ok);
  }
  return array;
}

static json_t *apart_array(const struct vr_placement *p, bool *ok) {
  json_t *array = json_array();
  for (size_t i = 0; i < p->n_apart; i++) {
    json_t *group = json_array();
    for (size_t k = 0; k < p->apart[i].n; k++)
      append(group, json_string(p->guests[p->apart[i].guests[k]].name), ok);
    append(array, group, ok);
  }
  return array;
}

char *vr_instance_format(const struct vr_instance *i) {
  bool ok = true;
  json_auto_t *root = json_object();
  set(root, "format", json_string("vmrecon-instance"), &ok);
  set(root, "version", json_integer(VR_INSTANCE_VERSION), &ok);
  if (i->time > 0)
    set(root, "time", json_real(i->time), &ok);
  set(root, "hosts", hosts_array(&i->placement, &ok), &ok);
  set(root, "guests", guests_array(&i->placement, &ok), &ok);
  set(root, "demands", demands_array(&i->placement, &ok), &ok);
  set(root, "apart", apart_array(&i->placement, &ok), &ok);
  json_t *options = json_object();
  set(options, "max_steps", json_integer((json_int_t)i->options.max_steps),
      &ok);
  set(options, "least_gain", json_real(i->options.least_gain), &ok);
  set(root, "options", options, &ok);
  if (i->advice)
    set(root, "advice", json_loads(i->advice, 0, NULL), &ok);
  vr_instance_underlay_write(i, root, &ok);
  return ok ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
}
