/* SPDX-License-Identifier: MIT */
#include "topology/instance.h"

#include "basic/cleanup.h"
#include "basic/file.h"
#include "topology/escape.h"
#include "topology/instance_underlay.h"
#include "topology/parse_json.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

enum { MAX_FILE = 256 << 20, MAX_NAME = 256, MAX_STEPS = 10000 };

void vr_instance_clear(struct vr_instance *i) {
  vr_placement_clear(&i->placement);
  free(i->advice);
  vr_paths_clear(&i->paths);
  free(i->plan);
  free(i->decided);
  *i = (struct vr_instance){0};
}

struct reader {
  const char *name; /* of the file */
  char where[96];   /* "guests[3]" */
  struct vr_instance *i;
  json_t *guests; /* name -> index */
  struct vr_error *error;
};

static int wrong(struct reader *r, const char *key, const char *what) {
  return vr_error_set(r->error, -EINVAL, "%.200s: %s%s%s: %s", r->name,
                      r->where, *r->where && *key ? "." : "", key, what);
}

static int no_memory(struct reader *r) {
  return vr_error_set(r->error, -ENOMEM, "%.200s: %s", r->name,
                      strerror(ENOMEM));
}

static int get_name(struct reader *r, const json_t *o, const char *key,
                    const char **ret) {
  const json_t *v = json_object_get(o, key);
  if (!json_is_string(v) || json_string_length(v) == 0 ||
      json_string_length(v) >= MAX_NAME)
    return wrong(r, key, "must be a name of 1 to 255 bytes");
  *ret = json_string_value(v);
  return 0;
}

/* A number from MIN to MAX; FALLBACK where there is none. */
static int get_number(struct reader *r, const json_t *o, const char *key,
                      double max, double fallback, double *ret) {
  const json_t *v = json_object_get(o, key);
  if (!v) {
    *ret = fallback;
    return 0;
  }
  double x = json_is_number(v) ? json_number_value(v) : NAN;
  if (!(x >= 0 && x <= max))
    return wrong(r, key, "must be a number that is not negative");
  *ret = x;
  return 0;
}

static int get_guest(struct reader *r, const json_t *v, const char *key,
                     size_t *ret) {
  const char *name = json_string_value(v);
  if (!name)
    return wrong(r, key, "must be the name of a guest");
  const json_t *index = json_object_get(r->guests, name);
  if (!index) {
    char text[64], what[128];
    snprintf(what, sizeof(what), "there is no guest \"%s\"",
             vr_escape_text(name, text, sizeof(text)));
    return wrong(r, key, what);
  }
  *ret = (size_t)json_integer_value(index);
  return 0;
}

/* Calls READ for every element of the array KEY, of at most MAX. */
typedef int (*read_fn)(struct reader *r, const json_t *element);

static int each(struct reader *r, const json_t *root, const char *key,
                size_t max, bool needed, read_fn read) {
  const json_t *array = json_object_get(root, key), *element;
  size_t k;
  r->where[0] = '\0';
  if (!array && !needed)
    return 0;
  if (!json_is_array(array))
    return wrong(r, key, "must be an array");
  if (json_array_size(array) > max)
    return wrong(r, key, "has too many elements");
  json_array_foreach(array, k, element) {
    snprintf(r->where, sizeof(r->where), "%s[%zu]", key, k);
    int e = read(r, element);
    if (e < 0)
      return e;
  }
  r->where[0] = '\0';
  return 0;
}

static int read_host(struct reader *r, const json_t *o) {
  const char *name;
  double cpu, memory, nic;
  int e = get_name(r, o, "name", &name);
  if (e == 0 && vr_placement_host_index(&r->i->placement, name) >= 0)
    e = wrong(r, "name", "is there twice");
  if (e == 0)
    e = get_number(r, o, "cpu", 1e9, INFINITY, &cpu);
  if (e == 0)
    e = get_number(r, o, "memory", 1e18, INFINITY, &memory);
  if (e == 0)
    e = get_number(r, o, "nic", 1e18, INFINITY, &nic);
  if (e == 0 &&
      vr_placement_add_host(&r->i->placement, name, cpu, memory, nic) < 0)
    e = no_memory(r);
  return e;
}

static int get_host(struct reader *r, const json_t *o, size_t *ret) {
  const char *name;
  int e = get_name(r, o, "host", &name);
  if (e < 0)
    return e;
  long h = vr_placement_host_index(&r->i->placement, name);
  if (h < 0)
    return wrong(r, "host", "there is no host of that name");
  *ret = (size_t)h;
  return 0;
}

static int read_guest(struct reader *r, const json_t *o) {
  const char *name;
  double cpu, memory;
  size_t host = 0;
  int e = get_name(r, o, "name", &name);
  if (e == 0 && json_object_get(r->guests, name))
    e = wrong(r, "name", "is there twice");
  if (e == 0)
    e = get_host(r, o, &host);
  if (e == 0)
    e = get_number(r, o, "cpu", 1e9, 0, &cpu);
  if (e == 0)
    e = get_number(r, o, "memory", 1e18, 0, &memory);
  if (e < 0)
    return e;
  long g = vr_placement_add_guest(&r->i->placement, name, cpu, memory, host);
  if (g < 0 || json_object_set_new(r->guests, name, json_integer(g)) < 0)
    return no_memory(r);
  const json_t *fixed = json_object_get(o, "fixed");
  if (fixed && !json_is_boolean(fixed))
    return wrong(r, "fixed", "must be true or false");
  r->i->placement.guests[g].fixed = json_is_true(fixed);
  return 0;
}

static int read_demand(struct reader *r, const json_t *o) {
  size_t from, to;
  double bytes;
  int e = get_guest(r, json_object_get(o, "from"), "from", &from);
  if (e == 0)
    e = get_guest(r, json_object_get(o, "to"), "to", &to);
  if (e == 0 && from == to)
    e = wrong(r, "to", "must be another guest");
  if (e == 0)
    e = get_number(r, o, "bytes_per_second", 1e15, 0, &bytes);
  if (e == 0 && vr_placement_add_demand(&r->i->placement, from, to, bytes) < 0)
    e = no_memory(r);
  return e;
}

static int read_apart(struct reader *r, const json_t *group) {
  const json_t *element;
  size_t k;
  if (!json_is_array(group) || json_array_size(group) < 2 ||
      json_array_size(group) > VR_INSTANCE_GUESTS)
    return wrong(r, "", "must be an array of two guests or more");
  if (vr_placement_add_apart(&r->i->placement) < 0)
    return no_memory(r);
  json_array_foreach(group, k, element) {
    size_t guest;
    int e = get_guest(r, element, "", &guest);
    if (e < 0)
      return e;
    if (vr_placement_join_apart(&r->i->placement, guest) < 0)
      return no_memory(r);
  }
  return 0;
}

static int read_options(struct reader *r, const json_t *root) {
  const json_t *o = json_object_get(root, "options");
  struct vr_advice_options usual = vr_advice_defaults();
  double steps;
  snprintf(r->where, sizeof(r->where), "options");
  if (o && !json_is_object(o))
    return wrong(r, "", "must be an object");
  int e =
      get_number(r, o, "max_steps", MAX_STEPS, (double)usual.max_steps, &steps);
  if (e == 0)
    e = get_number(r, o, "least_gain", 1, usual.least_gain,
                   &r->i->options.least_gain);
  if (e == 0)
    r->i->options.max_steps = (size_t)steps;
  r->where[0] = '\0';
  return e;
}

static int read_advice(struct reader *r, const json_t *root) {
  const json_t *advice = json_object_get(root, "advice");
  if (!advice)
    return 0;
  if (!json_is_object(advice))
    return wrong(r, "advice", "must be an object");
  r->i->advice = json_dumps(advice, JSON_COMPACT | JSON_REAL_PRECISION(12));
  return r->i->advice ? 0 : no_memory(r);
}

static int read_head(struct reader *r, const json_t *root) {
  const char *format = json_string_value(json_object_get(root, "format"));
  const json_t *version = json_object_get(root, "version");
  if (!format || strcmp(format, "vmrecon-instance") != 0)
    return wrong(r, "format", "must be \"vmrecon-instance\"");
  if (json_integer_value(version) != VR_INSTANCE_VERSION)
    return wrong(r, "version", "must be 1");
  return get_number(r, root, "time", 1e12, 0, &r->i->time);
}

static int read_root(struct reader *r, const json_t *root) {
  int e = read_head(r, root);
  if (e == 0)
    e = each(r, root, "hosts", VR_INSTANCE_HOSTS, true, read_host);
  if (e == 0)
    e = each(r, root, "guests", VR_INSTANCE_GUESTS, true, read_guest);
  if (e == 0)
    e = each(r, root, "demands", VR_INSTANCE_DEMANDS, true, read_demand);
  if (e == 0)
    e = each(r, root, "apart", VR_INSTANCE_GUESTS, false, read_apart);
  if (e == 0)
    e = read_options(r, root);
  if (e == 0)
    e = read_advice(r, root);
  return e == 0 ? vr_instance_underlay_read(r->name, root, r->i, r->error) : e;
}

int vr_instance_parse(const char *name, const char *text,
                      struct vr_instance *ret, struct vr_error *ret_error) {
  vr_cleanup(vr_instance_clear) struct vr_instance i = {0};
  json_auto_t *guests = json_object();
  struct reader r = {
      .name = name, .i = &i, .guests = guests, .error = ret_error};
  json_auto_t *root =
      vr_parse_json(name, text, JSON_REJECT_DUPLICATES, ret_error);
  if (!root)
    return -EINVAL;
  int e = guests ? read_root(&r, root) : no_memory(&r);
  if (e < 0)
    return e;
  *ret = i;
  i = (struct vr_instance){0};
  return 0;
}

int vr_instance_read(const char *path, struct vr_instance *ret,
                     struct vr_error *ret_error) {
  vr_auto_free char *text = NULL;
  int r = vr_file_read_text(path, MAX_FILE, &text, ret_error);
  if (r < 0)
    return r;
  return vr_instance_parse(path, text, ret, ret_error);
}
