/* SPDX-License-Identifier: MIT */
#include "topology/fdb.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "basic/sort.h"
#include "topology/escape.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <jansson.h>
#include <string.h>

enum { MAC_SIZE = 18, FIELD = 128 };

struct entry {
  char host[FIELD], device[64], mac[MAC_SIZE], destination[64];
  bool is_static;
};

struct place {
  char mac[MAC_SIZE], host[FIELD], guest[FIELD];
  bool is_twice; /* in two places: nothing can be said of its entries */
};

struct tunnel {
  char host[FIELD], address[64];
};

struct vr_fdb {
  size_t n_entries, n_places, n_tunnels, n_hosts;
  struct entry *entries;
  struct place *places;
  struct tunnel *tunnels;
  size_t compared;
};

struct vr_fdb *vr_fdb_new(void) {
  return calloc(1, sizeof(struct vr_fdb));
}

void vr_fdb_free(struct vr_fdb *f) {
  if (!f)
    return;
  free(f->entries);
  free(f->places);
  free(f->tunnels);
  free(f);
}

void vr_fdb_freep(struct vr_fdb **f) { vr_fdb_free(*f); }

static void copy(char *ret, size_t size, const char *text) {
  snprintf(ret, size, "%s", text ? text : "");
}

/* Lower case with colons. False if it is no address of one machine. */
static bool normalise(const char *text, char *ret) {
  size_t k = 0;
  for (; text && *text && k < 12; text++) {
    if (*text == ':')
      continue;
    if (!isxdigit((unsigned char)*text))
      return false;
    ret[k / 2 * 3 + k % 2] = (char)tolower((unsigned char)*text);
    k++;
  }
  if (k != 12 || *text)
    return false;
  for (int i = 2; i < 17; i += 3)
    ret[i] = ':';
  ret[17] = '\0';
  return strcmp(ret, "00:00:00:00:00:00") != 0;
}

static bool has_flag(const json_t *o, const char *flag) {
  const json_t *flags = json_object_get(o, "flags"), *v;
  size_t k;
  json_array_foreach(flags, k, v) {
    const char *text = json_string_value(v);
    if (text && strcmp(text, flag) == 0)
      return true;
  }
  return false;
}

static int add_entry(struct vr_fdb *f, const char *host, const json_t *o) {
  char mac[MAC_SIZE];
  const char *state = json_string_value(json_object_get(o, "state"));
  const char *device = json_string_value(json_object_get(o, "ifname"));
  const char *destination = json_string_value(json_object_get(o, "dst"));
  /* Flooding says at least that the device is a tunnel's. */
  if (!normalise(json_string_value(json_object_get(o, "mac")), mac))
    mac[0] = '\0';
  if (!device || (!mac[0] && !destination))
    return 0;
  if (vr_array_one_more(&f->entries, f->n_entries, sizeof(*f->entries)) < 0)
    return -ENOMEM;
  struct entry *e = &f->entries[f->n_entries++];
  bool permanent = state && strcmp(state, "permanent") == 0;
  *e = (struct entry){0};
  copy(e->host, sizeof(e->host), host);
  copy(e->device, sizeof(e->device), device);
  copy(e->mac, sizeof(e->mac), mac);
  copy(e->destination, sizeof(e->destination), destination);
  e->is_static = (state && strcmp(state, "static") == 0) || permanent ||
                 has_flag(o, "sticky") || has_flag(o, "extern_learn");
  return 0;
}

int vr_fdb_parse(struct vr_fdb *f, const char *host, const char *name,
                 const char *json, struct vr_error *ret_error) {
  json_error_t error;
  json_auto_t *root = json_loads(json, 0, &error);
  const json_t *o;
  size_t k;
  if (!root) {
    char what[JSON_ERROR_TEXT_LENGTH * 4];
    return vr_error_set(ret_error, -EINVAL, "%.200s:%d: %.300s", name,
                        error.line,
                        vr_escape_text(error.text, what, sizeof(what)));
  }
  if (!json_is_array(root))
    return vr_error_set(ret_error, -EINVAL,
                        "%.200s: not what \"bridge -j fdb show\" prints: no "
                        "array",
                        name);
  json_array_foreach(root, k, o) {
    if (!json_is_object(o))
      return vr_error_set(ret_error, -EINVAL, "%.200s: [%zu] is no object",
                          name, k);
    if (add_entry(f, host, o) < 0)
      return vr_error_set(ret_error, -ENOMEM, "%.200s: %s", name,
                          strerror(ENOMEM));
  }
  f->n_hosts++;
  return 0;
}

int vr_fdb_place(struct vr_fdb *f, const char *mac, const char *host,
                 const char *guest) {
  struct place p = {0};
  if (!normalise(mac, p.mac))
    return -EINVAL;
  if (vr_array_one_more(&f->places, f->n_places, sizeof(*f->places)) < 0)
    return -ENOMEM;
  copy(p.host, sizeof(p.host), host);
  copy(p.guest, sizeof(p.guest), guest);
  f->places[f->n_places++] = p;
  return 0;
}

int vr_fdb_tunnel(struct vr_fdb *f, const char *host, const char *address) {
  struct tunnel t = {0};
  if (vr_array_one_more(&f->tunnels, f->n_tunnels, sizeof(*f->tunnels)) < 0)
    return -ENOMEM;
  copy(t.host, sizeof(t.host), host);
  copy(t.address, sizeof(t.address), address);
  f->tunnels[f->n_tunnels++] = t;
  return 0;
}

/* --- where guests are --- */

static int compare_places(const void *a, const void *b) {
  const struct place *p = a, *q = b;
  int c = strcmp(p->mac, q->mac);
  return c ? c : strcmp(p->host, q->host);
}

static int compare_mac(const void *key, const void *place) {
  return strcmp(key, ((const struct place *)place)->mac);
}

static const struct place *place_of(const struct vr_fdb *f, const char *mac) {
  const struct place *p = vr_sort_find(mac, f->places, f->n_places,
                                       sizeof(*f->places), compare_mac);
  return p && !p->is_twice ? p : NULL;
}

/* Sorts, and reports those that are in two places. */
static size_t settle_places(struct vr_fdb *f, vr_fdb_fn fn, void *ctx) {
  size_t found = 0;
  if (f->n_places)
    vr_sort(f->places, f->n_places, sizeof(*f->places), compare_places);
  for (size_t i = 0, j; i < f->n_places; i = j) {
    const struct place *p = &f->places[i], *other = NULL;
    for (j = i; j < f->n_places && strcmp(f->places[j].mac, p->mac) == 0; j++)
      if (strcmp(f->places[j].host, p->host) != 0)
        other = &f->places[j];
    for (size_t k = i; k < j; k++)
      f->places[k].is_twice = other != NULL;
    if (!other)
      continue;
    found++;
    fn(ctx, &(struct vr_fdb_finding){.fault = VR_FDB_TWICE,
                                     .host = p->host,
                                     .mac = p->mac,
                                     .guest = p->guest,
                                     .real = other->host});
  }
  return found;
}

/* --- where tunnels lead --- */

static const char *address_of(const struct vr_fdb *f, const char *host) {
  for (size_t i = 0; i < f->n_tunnels; i++)
    if (strcmp(f->tunnels[i].host, host) == 0)
      return f->tunnels[i].address;
  return NULL;
}

static const char *host_at(const struct vr_fdb *f, const char *address) {
  for (size_t i = 0; i < f->n_tunnels; i++)
    if (strcmp(f->tunnels[i].address, address) == 0)
      return f->tunnels[i].host;
  return NULL;
}

/* How many entries send to ADDRESS for guests of HOST. */
static size_t votes(const struct vr_fdb *f, const char *host,
                    const char *address) {
  size_t n = 0;
  for (size_t i = 0; i < f->n_entries; i++) {
    const struct entry *e = &f->entries[i];
    if (strcmp(e->destination, address) != 0 || strcmp(e->host, host) == 0)
      continue;
    const struct place *p = place_of(f, e->mac);
    n += p && strcmp(p->host, host) == 0;
  }
  return n;
}

/* All entries for guests of HOST that are sent anywhere. */
static size_t all_votes(const struct vr_fdb *f, const char *host) {
  size_t n = 0;
  for (size_t i = 0; i < f->n_entries; i++) {
    const struct entry *e = &f->entries[i];
    const struct place *p =
        *e->destination && strcmp(e->host, host) ? place_of(f, e->mac) : NULL;
    n += p && strcmp(p->host, host) == 0;
  }
  return n;
}

/* More than half of the entries say so, and no other host has it. */
static int infer_address(struct vr_fdb *f, const char *host) {
  size_t all = all_votes(f, host);
  for (size_t i = 0; i < f->n_entries; i++) {
    const char *address = f->entries[i].destination;
    if (*address && !host_at(f, address) && 2 * votes(f, host, address) > all)
      return vr_fdb_tunnel(f, host, address);
  }
  return 0;
}

static void infer_addresses(struct vr_fdb *f) {
  for (size_t i = 0; i < f->n_places; i++)
    if (!address_of(f, f->places[i].host))
      infer_address(f, f->places[i].host);
}

/* --- entries --- */

/* Ports to which VMMs connect guests. Others may lead anywhere. */
static bool is_guest_port(const char *device) {
  static const char *const patterns[] = {"tap*", "vnet*", "vif*", "macvtap*",
                                         "fwpr*"};
  for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
    if (fnmatch(patterns[i], device, 0) == 0)
      return true;
  return false;
}

static bool is_tunnel(const struct vr_fdb *f, const struct entry *port) {
  for (size_t i = 0; i < f->n_entries; i++) {
    const struct entry *e = &f->entries[i];
    if (*e->destination && strcmp(e->host, port->host) == 0 &&
        strcmp(e->device, port->device) == 0)
      return true;
  }
  return false;
}

/* Is the entry wrong, when the guest is at P? */
static bool is_stale(const struct vr_fdb *f, const struct entry *e,
                     const struct place *p, enum vr_fdb_fault *ret_fault) {
  bool here = strcmp(e->host, p->host) == 0;
  *ret_fault = here ? VR_FDB_AWAY : VR_FDB_HERE;
  if (!*e->destination)
    return here ? is_tunnel(f, e) : is_guest_port(e->device);
  if (here)
    return true;
  const char *right = address_of(f, p->host);
  const char *leads_to = host_at(f, e->destination);
  *ret_fault = VR_FDB_ELSEWHERE;
  return right ? strcmp(right, e->destination) != 0
               : leads_to && strcmp(leads_to, p->host) != 0;
}

static bool check_entry(const struct vr_fdb *f, const struct entry *e,
                        const struct place *p, vr_fdb_fn fn, void *ctx) {
  struct vr_fdb_finding found = {
      .host = e->host,
      .device = e->device,
      .mac = e->mac,
      .guest = p->guest,
      .destination = *e->destination ? e->destination : NULL,
      .believed = *e->destination ? host_at(f, e->destination) : e->host,
      .real = p->host,
      .is_static = e->is_static,
  };
  if (!is_stale(f, e, p, &found.fault))
    return false;
  fn(ctx, &found);
  return true;
}

size_t vr_fdb_check(struct vr_fdb *f, vr_fdb_fn fn, void *ctx) {
  size_t found = settle_places(f, fn, ctx);
  infer_addresses(f);
  f->compared = 0;
  for (size_t i = 0; i < f->n_entries; i++) {
    const struct place *p = place_of(f, f->entries[i].mac);
    if (!p)
      continue;
    f->compared++;
    found += check_entry(f, &f->entries[i], p, fn, ctx);
  }
  return found;
}

struct vr_fdb_stats vr_fdb_stats(const struct vr_fdb *f) {
  return (struct vr_fdb_stats){.hosts = f->n_hosts,
                               .entries = f->n_entries,
                               .guests = f->n_places,
                               .compared = f->compared};
}
