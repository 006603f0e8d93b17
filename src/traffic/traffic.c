/* SPDX-License-Identifier: MIT */
#include "traffic/traffic.h"

#include "basic/array.h"
#include "basic/mac.h"
#include "host/emit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Readings in one period of the rate limit of log lines. */
enum { LIMIT_READINGS = 60 };

struct vr_traffic {
  struct vr_traffic_settings settings;
  struct vr_traffic_reports reports;
  double last; /* when it was read */
  unsigned readings;
  size_t count, capacity;
  struct vr_traffic_guest **v;
};

int vr_traffic_new(const struct vr_traffic_settings *settings,
                   struct vr_traffic **ret) {
  struct vr_traffic *t = calloc(1, sizeof(*t));
  if (!t)
    return -ENOMEM;
  t->settings = *settings;
  *ret = t;
  return 0;
}

void vr_traffic_free(struct vr_traffic *t) {
  if (!t)
    return;
  vr_traffic_guest_free_all(t->v, t->count);
  free(t->v);
  free(t);
}

/* --- guests --- */

static const struct vr_vmproc_sample *
sample_of(const struct vr_host *host, const struct vr_traffic_guest *g) {
  for (size_t i = 0; i < vr_host_vmproc_count(host); i++)
    if (vr_traffic_guest_is(g, vr_host_vmproc(host, i)))
      return vr_host_vmproc(host, i);
  return NULL;
}

static void drop_ended(struct vr_traffic *t, const struct vr_host *host) {
  size_t kept = 0;
  for (size_t i = 0; i < t->count; i++)
    if (sample_of(host, t->v[i])) {
      struct vr_traffic_guest *g = t->v[i];
      t->v[i] = t->v[kept];
      t->v[kept++] = g;
    }
  vr_traffic_guest_free_all(t->v + kept, t->count - kept);
  t->count = kept;
}

static struct vr_traffic_guest *find(const struct vr_traffic *t,
                                     const struct vr_vmproc_sample *s) {
  for (size_t i = 0; i < t->count; i++)
    if (vr_traffic_guest_is(t->v[i], s))
      return t->v[i];
  return NULL;
}

static struct vr_traffic_guest *add(struct vr_traffic *t,
                                    const struct vr_vmproc_sample *s) {
  if (vr_array_reserve(&t->v, &t->capacity, t->count + 1) < 0)
    return NULL;
  if (vr_traffic_guest_new(&t->settings, s, &t->v[t->count]) < 0)
    return NULL;
  return t->v[t->count++];
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void renew_limit(struct vr_traffic *t) {
  if (++t->readings % LIMIT_READINGS != 0)
    return;
  unsigned withheld = vr_log_limit_renew(&t->reports.reasons);
  if (withheld > 0)
    vr_log_notice("%u more guests have network cards that are not counted, or "
                  "not all of whose addresses are known",
                  withheld);
}

void vr_traffic_read(struct vr_traffic *t, const struct vr_host *host) {
  double at = now(), seconds = t->last > 0 ? at - t->last : 0;
  t->last = at;
  renew_limit(t);
  drop_ended(t, host);
  for (size_t i = 0; i < vr_host_vmproc_count(host); i++) {
    const struct vr_vmproc_sample *s = vr_host_vmproc(host, i);
    struct vr_traffic_guest *g = find(t, s);
    if (!g)
      g = add(t, s);
    if (g)
      vr_traffic_guest_read(g, &t->settings, s, seconds, &t->reports);
  }
}

size_t vr_traffic_count(const struct vr_traffic *t) { return t->count; }

const char *vr_traffic_name(const struct vr_traffic *t, size_t i) {
  return vr_traffic_guest_name(t->v[i]);
}

/* --- series --- */

struct output {
  struct vr_emitter emitter;
  bool spoofed, wire;
};

static void name_peer(const struct vr_peer *peer, char ret[VR_MAC_HEX]) {
  static const char *const names[VR_PEER_KINDS] = {
      [VR_PEER_BROADCAST] = "broadcast",
      [VR_PEER_MULTICAST] = "multicast",
      [VR_PEER_OTHERS] = "others",
      [VR_PEER_SPOOFED] = "spoofed",
  };
  if (peer->kind == VR_PEER_MAC)
    vr_mac_format(&peer->mac, ret);
  else
    snprintf(ret, VR_MAC_HEX, "%s", names[peer->kind]);
}

static void emit_wire(const struct output *o, const char *peer,
                      const struct vr_peer_counts *c) {
  char instance[VR_MAC_HEX + 16];
  snprintf(instance, sizeof(instance), "wire_%s", peer);
  vr_emit_accumulator(&o->emitter, VR_TYPE_DERIVE, instance,
                      c->sent.bytes + c->sent.more_bytes);
  snprintf(instance, sizeof(instance), "wire_received_%s", peer);
  vr_emit_accumulator(&o->emitter, VR_TYPE_DERIVE, instance,
                      c->received.bytes + c->received.more_bytes);
}

static void emit_peer(void *ctx, const struct vr_peer *peer,
                      const struct vr_peer_counts *c) {
  const struct output *o = ctx;
  char name[VR_MAC_HEX];
  if (peer->kind == VR_PEER_SPOOFED && !o->spoofed)
    return;
  name_peer(peer, name);
  vr_emit_pair(&o->emitter, VR_TYPE_IF_OCTETS, name, c->sent.bytes,
               c->received.bytes);
  vr_emit_pair(&o->emitter, VR_TYPE_IF_PACKETS, name, c->sent.frames,
               c->received.frames);
  if (o->wire)
    emit_wire(o, name, c);
}

static void emit_macs(const struct output *o, const struct vr_nics *nics) {
  for (size_t i = 0; i < nics->count; i++) {
    char hex[VR_MAC_HEX], instance[VR_MAC_HEX + 4];
    vr_mac_format(&nics->mac[i], hex);
    snprintf(instance, sizeof(instance), "mac_%s", hex);
    vr_emit_level(&o->emitter, VR_TYPE_GAUGE, instance, 1);
  }
}

void vr_traffic_emit(const struct vr_traffic *t, size_t i, bool wire,
                     vr_emit_fn fn, void *ctx) {
  const struct vr_traffic_guest *g = t->v[i];
  struct output o = {.emitter = {fn, ctx}};
  const struct vr_nics *nics = vr_traffic_guest_nics(g, &o.spoofed);
  o.wire = wire && vr_traffic_guest_has_segments(g);
  emit_macs(&o, nics);
  if (vr_traffic_guest_is_counted(g))
    vr_peers_each(vr_traffic_guest_peers(g), emit_peer, &o);
}
