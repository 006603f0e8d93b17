/* SPDX-License-Identifier: MIT
 *
 * Taps of guests on our bridges: which there are, and waiting for who shows
 * himself there.
 */
#include "overlay/overlay_ports.h"

#include "basic/array.h"
#include "host/net/taps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

struct vr_overlay_port *vr_overlay_port_at(struct vr_overlay *o,
                                           unsigned index) {
  for (size_t i = 0; i < o->n_ports; i++)
    if (o->ports[i].index == index)
      return &o->ports[i];
  return NULL;
}

static bool has_mac(const struct vr_nics *nics, const struct vr_mac *mac) {
  for (size_t i = 0; i < nics->count; i++)
    if (vr_mac_is_same(&nics->mac[i], mac))
      return true;
  return false;
}

bool vr_overlay_port_may_use(const struct vr_overlay_port *p,
                             const struct vr_mac *mac) {
  return has_mac(&p->nics, mac) || vr_lan_allows(p->lan, mac, p->guest);
}

/* --- waiting --- */

static bool is_at(struct vr_overlay *o, const struct vr_overlay_port *p,
                  const struct vr_mac *mac) {
  const struct vr_location *l =
      vr_locations_find(&o->locations, p->lan->vni, mac);
  return l && !l->gone && l->port == p->index && vr_overlay_is_here(o, l);
}

static size_t missing_at(struct vr_overlay *o, const struct vr_overlay_port *p,
                         struct vr_mac ret[VR_ARRIVAL_MACS]) {
  size_t n = 0;
  if (p->muted)
    return 0;
  for (size_t i = 0; i < p->nics.count && n < VR_ARRIVAL_MACS; i++)
    if (!is_at(o, p, &p->nics.mac[i]))
      ret[n++] = p->nics.mac[i];
  for (size_t i = 0; i < p->lan->n_allowed && n < VR_ARRIVAL_MACS; i++) {
    const struct vr_mac *mac = &p->lan->allowed[i].mac;
    if (vr_lan_allows(p->lan, mac, p->guest) && !is_at(o, p, mac))
      ret[n++] = *mac;
  }
  return n;
}

static void open_port(struct vr_overlay *o, struct vr_overlay_port *p) {
  p->fd = vr_arrival_open(p->index);
  if (p->fd < 0) {
    vr_log_complain(&p->trouble, LOG_WARNING,
                    "guest %s: its arrival at %s cannot be seen: %s%s",
                    p->guest, p->name, strerror(-p->fd),
                    p->fd == -EPERM ? ": collectd needs CAP_NET_RAW" : "");
    p->fd = -1;
    return;
  }
  struct epoll_event e = {.events = EPOLLIN, .data.fd = p->fd};
  if (o->epoll >= 0)
    epoll_ctl(o->epoll, EPOLL_CTL_ADD, p->fd, &e);
}

static void close_port(struct vr_overlay_port *p) {
  if (p->fd >= 0)
    close(p->fd);
  p->fd = -1;
}

/* A socket that waits for nobody stays until the next interval: to close it
 * takes the kernel longer than anything else here. */
static void watch(struct vr_overlay *o, struct vr_overlay_port *p,
                  bool may_close) {
  struct vr_mac macs[VR_ARRIVAL_MACS];
  size_t n = missing_at(o, p, macs);
  if (n == 0 && may_close)
    close_port(p);
  if (n > 0 && p->fd < 0)
    open_port(o, p);
  if (p->fd >= 0)
    vr_arrival_watch(p->fd, macs, n);
}

void vr_overlay_watch_ports(struct vr_overlay *o, const struct vr_lan *lan) {
  for (size_t i = 0; i < o->n_ports; i++)
    if (o->ports[i].lan == lan)
      watch(o, &o->ports[i], false);
}

void vr_overlay_close_ports(struct vr_overlay *o) {
  for (size_t i = 0; i < o->n_ports; i++)
    close_port(&o->ports[i]);
  free(o->ports);
  o->ports = NULL;
  o->n_ports = 0;
}

/* --- which there are --- */

static struct vr_lan *lan_of(struct vr_overlay *o,
                             const struct vr_rtnl_link *l) {
  for (size_t i = 0; l->master && i < o->options.n_lans; i++)
    if (o->options.lans[i].bridge_index == l->master)
      return &o->options.lans[i];
  return NULL;
}

static struct vr_overlay_port *need_port(struct vr_overlay *o, unsigned index) {
  struct vr_overlay_port *p = vr_overlay_port_at(o, index);
  if (p)
    return p;
  if (vr_array_reserve(&o->ports, &o->ports_capacity, o->n_ports + 1) < 0)
    return NULL;
  p = &o->ports[o->n_ports++];
  *p = (struct vr_overlay_port){.index = index, .fd = -1};
  return p;
}

static void check_mtu(struct vr_overlay_port *p, const struct vr_rtnl_link *l) {
  if (p->lan->real_mtu > 0 && l->mtu > p->lan->real_mtu)
    vr_log_complain(&p->mtu, LOG_WARNING,
                    "guest %s: %s has an MTU of %u, and LAN %s carries %u: "
                    "larger frames are lost; set the MTU of the tap and of the "
                    "guest's card (QEMU: host_mtu) to %u",
                    p->guest, l->name, l->mtu, p->lan->name, p->lan->real_mtu,
                    p->lan->real_mtu);
}

/* Names of taps mean something in one network namespace only. */
static bool is_in_our_network(const struct vr_vmproc_sample *s,
                              const struct vr_tap *tap) {
  struct stat st;
  if (tap->is_vf || tap->place == VR_TAP_OF_HOST)
    return !tap->is_vf;
  return s->network == 0 || (stat("/proc/self/ns/net", &st) == 0 &&
                             (uint64_t)st.st_ino == s->network);
}

static void take_tap(struct vr_overlay *o, const struct vr_vmproc_sample *s,
                     const struct vr_tap *tap) {
  const struct vr_rtnl_link *l = is_in_our_network(s, tap)
                                     ? vr_rtnl_links_named(&o->links, tap->name)
                                     : NULL;
  struct vr_lan *lan = l ? lan_of(o, l) : NULL;
  struct vr_overlay_port *p = lan ? need_port(o, l->index) : NULL;
  if (!p)
    return;
  p->lan = lan;
  p->listed = true;
  p->pid = s->pid;
  p->start = s->start;
  p->incoming = s->vm->incoming;
  p->nics = s->vm->nics;
  memcpy(p->name, l->name, sizeof(p->name));
  strcpy(p->guest, s->name);
  if (s->vm->libvirt)
    vr_nics_of_libvirt(o->options.libvirt_path, s->vm->name, &p->nics);
  check_mtu(p, l);
}

static void drop_unlisted(struct vr_overlay *o) {
  size_t kept = 0;
  for (size_t i = 0; i < o->n_ports; i++)
    if (o->ports[i].listed)
      o->ports[kept++] = o->ports[i];
    else
      close_port(&o->ports[i]);
  o->n_ports = kept;
}

void vr_overlay_look(struct vr_overlay *o) {
  vr_host_read(o->host);
  if (vr_rtnl_links_read(o->look_rtnl, &o->seen) < 0)
    o->seen.n = 0;
}

void vr_overlay_take_ports(struct vr_overlay *o) {
  if (o->seen.n == 0)
    return; /* the kernel did not answer */
  struct vr_rtnl_links before = o->links;
  o->links = o->seen;
  o->seen = before;
  for (size_t i = 0; i < o->n_ports; i++)
    o->ports[i].listed = o->ports[i].muted = false;
  for (size_t i = 0; i < vr_host_vmproc_count(o->host); i++) {
    const struct vr_vmproc_sample *s = vr_host_vmproc(o->host, i);
    for (size_t k = 0; k < s->taps->count; k++)
      take_tap(o, s, &s->taps->v[k]);
  }
  drop_unlisted(o);
  for (size_t i = 0; i < o->n_ports; i++)
    watch(o, &o->ports[i], true);
}
