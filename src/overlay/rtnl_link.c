/* SPDX-License-Identifier: MIT */
/* The C library's socket headers come before the kernel's. */
#include <sys/socket.h>

#include "overlay/rtnl_link.h"

#include "basic/array.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

void vr_rtnl_links_clear(struct vr_rtnl_links *l) {
  free(l->list);
  *l = (struct vr_rtnl_links){0};
}

/* --- what there is --- */

static void get_text(const struct nlattr *a, char *ret, size_t size) {
  size_t n = a ? mnl_attr_get_payload_len(a) : 0;
  n = n < size ? n : size - 1;
  if (n > 0)
    memcpy(ret, mnl_attr_get_payload(a), n);
  ret[n] = '\0';
}

static uint32_t get_u32(const struct nlattr *a) {
  return a && mnl_attr_get_payload_len(a) >= 4 ? mnl_attr_get_u32(a) : 0;
}

static void get_vxlan(const struct nlattr *data, struct vr_rtnl_link *ret) {
  const struct nlattr *a[IFLA_VXLAN_MAX + 1];
  vr_rtnl_nested(data, a, IFLA_VXLAN_MAX);
  ret->vni = get_u32(a[IFLA_VXLAN_ID]);
  const struct nlattr *local =
      a[IFLA_VXLAN_LOCAL] ? a[IFLA_VXLAN_LOCAL] : a[IFLA_VXLAN_LOCAL6];
  if (local)
    ret->local = vr_address_of(mnl_attr_get_payload(local),
                               mnl_attr_get_payload_len(local));
  if (a[IFLA_VXLAN_PORT])
    ret->port = ntohs(mnl_attr_get_u16(a[IFLA_VXLAN_PORT]));
}

static void get_info(const struct nlattr *info, struct vr_rtnl_link *ret) {
  const struct nlattr *a[IFLA_INFO_MAX + 1];
  vr_rtnl_nested(info, a, IFLA_INFO_MAX);
  get_text(a[IFLA_INFO_KIND], ret->kind, sizeof(ret->kind));
  if (a[IFLA_INFO_DATA] && strcmp(ret->kind, "vxlan") == 0)
    get_vxlan(a[IFLA_INFO_DATA], ret);
}

static void get_octets(const struct nlattr *a, struct vr_rtnl_link *ret) {
  struct rtnl_link_stats64 s = {0};
  size_t n = mnl_attr_get_payload_len(a);
  memcpy(&s, mnl_attr_get_payload(a), n < sizeof(s) ? n : sizeof(s));
  ret->received = s.rx_bytes;
  ret->sent = s.tx_bytes;
}

bool vr_rtnl_link_parse(const struct nlmsghdr *part, struct vr_rtnl_link *ret) {
  const struct nlattr *a[IFLA_MAX + 1];
  if (part->nlmsg_type != RTM_NEWLINK && part->nlmsg_type != RTM_DELLINK)
    return false;
  const struct ifinfomsg *i = mnl_nlmsg_get_payload(part);
  *ret = (struct vr_rtnl_link){.index = (unsigned)i->ifi_index,
                               .flags = i->ifi_flags};
  vr_rtnl_attributes(part, sizeof(*i), a, IFLA_MAX);
  get_text(a[IFLA_IFNAME], ret->name, sizeof(ret->name));
  get_text(a[IFLA_IFALIAS], ret->alias, sizeof(ret->alias));
  ret->master = get_u32(a[IFLA_MASTER]);
  ret->mtu = get_u32(a[IFLA_MTU]);
  if (a[IFLA_ADDRESS] && mnl_attr_get_payload_len(a[IFLA_ADDRESS]) == 6)
    memcpy(ret->mac.byte, mnl_attr_get_payload(a[IFLA_ADDRESS]), 6);
  if (a[IFLA_STATS64])
    get_octets(a[IFLA_STATS64], ret);
  if (a[IFLA_LINKINFO])
    get_info(a[IFLA_LINKINFO], ret);
  return true;
}

static int take_link(const struct nlmsghdr *part, void *ctx) {
  struct vr_rtnl_links *l = ctx;
  int r = vr_array_reserve(&l->list, &l->capacity, l->n + 1);
  if (r == 0 && vr_rtnl_link_parse(part, &l->list[l->n]))
    l->n++;
  return r;
}

int vr_rtnl_links_read(struct vr_rtnl *r, struct vr_rtnl_links *l) {
  struct ifinfomsg *i = vr_rtnl_begin(r, RTM_GETLINK, 0, sizeof(*i));
  l->n = 0;
  i->ifi_family = AF_UNSPEC;
  return vr_rtnl_ask(r, take_link, l);
}

const struct vr_rtnl_link *vr_rtnl_links_named(const struct vr_rtnl_links *l,
                                               const char *name) {
  for (size_t i = 0; i < l->n; i++)
    if (strcmp(l->list[i].name, name) == 0)
      return &l->list[i];
  return NULL;
}

const struct vr_rtnl_link *vr_rtnl_links_at(const struct vr_rtnl_links *l,
                                            unsigned index) {
  for (size_t i = 0; i < l->n; i++)
    if (l->list[i].index == index)
      return &l->list[i];
  return NULL;
}

bool vr_rtnl_link_is_ours(const struct vr_rtnl_link *l) {
  return strcmp(l->alias, VR_RTNL_OURS) == 0;
}

struct wanted_address {
  const struct vr_address *address;
  unsigned index;
};

static int take_address(const struct nlmsghdr *part, void *ctx) {
  struct wanted_address *w = ctx;
  const struct ifaddrmsg *i = mnl_nlmsg_get_payload(part);
  const struct nlattr *a[IFA_MAX + 1];
  if (part->nlmsg_type != RTM_NEWADDR)
    return 0;
  vr_rtnl_attributes(part, sizeof(*i), a, IFA_MAX);
  const struct nlattr *own = a[IFA_LOCAL] ? a[IFA_LOCAL] : a[IFA_ADDRESS];
  if (!own)
    return 0;
  struct vr_address found =
      vr_address_of(mnl_attr_get_payload(own), mnl_attr_get_payload_len(own));
  if (vr_address_is_same(&found, w->address))
    w->index = i->ifa_index;
  return 0;
}

int vr_rtnl_link_of_address(struct vr_rtnl *r, const struct vr_address *address,
                            unsigned *ret_index) {
  struct wanted_address w = {.address = address};
  struct ifaddrmsg *i = vr_rtnl_begin(r, RTM_GETADDR, 0, sizeof(*i));
  i->ifa_family = (uint8_t)address->family;
  int e = vr_rtnl_ask(r, take_address, &w);
  if (e < 0)
    return e;
  if (w.index == 0)
    return -ENODEV;
  *ret_index = w.index;
  return 0;
}

/* --- changes --- */

static struct nlmsghdr *begin_new(struct vr_rtnl *r, const char *name,
                                  unsigned mtu) {
  vr_rtnl_begin(r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL,
                sizeof(struct ifinfomsg));
  struct nlmsghdr *m = vr_rtnl_message(r);
  mnl_attr_put_strz(m, IFLA_IFNAME, name);
  mnl_attr_put_u32(m, IFLA_MTU, mtu);
  return m;
}

static struct nlmsghdr *begin_change(struct vr_rtnl *r, unsigned index) {
  struct ifinfomsg *i = vr_rtnl_begin(r, RTM_NEWLINK, 0, sizeof(*i));
  i->ifi_index = (int)index;
  return vr_rtnl_message(r);
}

/* A kernel without IPv6 has nothing to set. */
static void have_no_address(struct vr_rtnl *r, unsigned index) {
  struct nlmsghdr *m = begin_change(r, index);
  struct nlattr *families = mnl_attr_nest_start(m, IFLA_AF_SPEC);
  struct nlattr *six = mnl_attr_nest_start(m, AF_INET6);
  mnl_attr_put_u8(m, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  mnl_attr_nest_end(m, six);
  mnl_attr_nest_end(m, families);
  vr_rtnl_change(r);
}

/* What could not be marked as ours must not stay: nobody would remove it. */
static int mark(struct vr_rtnl *r, const char *name) {
  struct ifinfomsg *i = vr_rtnl_begin(r, RTM_NEWLINK, 0, sizeof(*i));
  (void)i;
  struct nlmsghdr *m = vr_rtnl_message(r);
  mnl_attr_put_strz(m, IFLA_IFNAME, name);
  mnl_attr_put(m, IFLA_IFALIAS, strlen(VR_RTNL_OURS), VR_RTNL_OURS);
  int e = vr_rtnl_change(r);
  unsigned index = if_nametoindex(name);
  if (e < 0 && index > 0)
    vr_rtnl_link_delete(r, index);
  else if (index > 0)
    have_no_address(r, index);
  return e;
}

int vr_rtnl_make_bridge(struct vr_rtnl *r, const char *name, unsigned mtu) {
  struct nlmsghdr *m = begin_new(r, name, mtu);
  struct nlattr *info = mnl_attr_nest_start(m, IFLA_LINKINFO);
  mnl_attr_put_strz(m, IFLA_INFO_KIND, "bridge");
  struct nlattr *data = mnl_attr_nest_start(m, IFLA_INFO_DATA);
  mnl_attr_put_u32(m, IFLA_BR_FORWARD_DELAY, 0);
  /* Without a querier, what it snoops would only get lost. */
  mnl_attr_put_u8(m, IFLA_BR_MCAST_SNOOPING, 0);
  mnl_attr_nest_end(m, data);
  mnl_attr_nest_end(m, info);
  int e = vr_rtnl_change(r);
  return e < 0 ? e : mark(r, name);
}

int vr_rtnl_make_vxlan(struct vr_rtnl *r, const struct vr_rtnl_link *wanted) {
  struct nlmsghdr *m = begin_new(r, wanted->name, wanted->mtu);
  struct nlattr *info = mnl_attr_nest_start(m, IFLA_LINKINFO);
  mnl_attr_put_strz(m, IFLA_INFO_KIND, "vxlan");
  struct nlattr *data = mnl_attr_nest_start(m, IFLA_INFO_DATA);
  mnl_attr_put_u32(m, IFLA_VXLAN_ID, wanted->vni);
  mnl_attr_put_u8(m, IFLA_VXLAN_LEARNING, 0);
  mnl_attr_put_u16(m, IFLA_VXLAN_PORT, htons(wanted->port));
  mnl_attr_put(m,
               wanted->local.family == AF_INET6 ? IFLA_VXLAN_LOCAL6
                                                : IFLA_VXLAN_LOCAL,
               vr_address_size(&wanted->local), wanted->local.bytes);
  mnl_attr_nest_end(m, data);
  mnl_attr_nest_end(m, info);
  int e = vr_rtnl_change(r);
  return e < 0 ? e : mark(r, wanted->name);
}

int vr_rtnl_link_set_mtu(struct vr_rtnl *r, unsigned index, unsigned mtu) {
  mnl_attr_put_u32(begin_change(r, index), IFLA_MTU, mtu);
  return vr_rtnl_change(r);
}

int vr_rtnl_link_set_up(struct vr_rtnl *r, unsigned index) {
  struct ifinfomsg *i = vr_rtnl_begin(r, RTM_NEWLINK, 0, sizeof(*i));
  i->ifi_index = (int)index;
  i->ifi_flags = i->ifi_change = IFF_UP;
  return vr_rtnl_change(r);
}

/* On a port of a bridge, which has a message of its own. */
static int stop_learning(struct vr_rtnl *r, unsigned index) {
  struct ifinfomsg *i = vr_rtnl_begin(r, RTM_SETLINK, 0, sizeof(*i));
  i->ifi_family = AF_BRIDGE;
  i->ifi_index = (int)index;
  struct nlmsghdr *m = vr_rtnl_message(r);
  struct nlattr *port = mnl_attr_nest_start(m, IFLA_PROTINFO | NLA_F_NESTED);
  mnl_attr_put_u8(m, IFLA_BRPORT_LEARNING, 0);
  mnl_attr_nest_end(m, port);
  return vr_rtnl_change(r);
}

int vr_rtnl_link_join(struct vr_rtnl *r, unsigned index, unsigned master) {
  mnl_attr_put_u32(begin_change(r, index), IFLA_MASTER, master);
  int e = vr_rtnl_change(r);
  return e < 0 ? e : stop_learning(r, index);
}

int vr_rtnl_link_delete(struct vr_rtnl *r, unsigned index) {
  struct ifinfomsg *i = vr_rtnl_begin(r, RTM_DELLINK, 0, sizeof(*i));
  i->ifi_index = (int)index;
  return vr_rtnl_change(r);
}
