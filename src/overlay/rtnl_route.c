/* SPDX-License-Identifier: MIT */
/* The C library's socket headers come before the kernel's. */
#include <sys/socket.h>

#include "overlay/rtnl_route.h"

#include "basic/array.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>

void vr_rtnl_routes_clear(struct vr_rtnl_routes *t) {
  free(t->list);
  *t = (struct vr_rtnl_routes){0};
}

static struct vr_address address_in(const struct nlattr *a) {
  return a ? vr_address_of(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a))
           : (struct vr_address){0};
}

static int take_route(const struct nlmsghdr *part, void *ctx) {
  struct vr_rtnl_routes *t = ctx;
  const struct rtmsg *m = mnl_nlmsg_get_payload(part);
  const struct nlattr *a[RTA_MAX + 1];
  if (part->nlmsg_type != RTM_NEWROUTE || m->rtm_table != RT_TABLE_MAIN ||
      m->rtm_type != RTN_UNICAST ||
      m->rtm_dst_len != (m->rtm_family == AF_INET6 ? 128 : 32))
    return 0;
  vr_rtnl_attributes(part, sizeof(*m), a, RTA_MAX);
  if (!a[RTA_DST] || !a[RTA_PRIORITY] ||
      mnl_attr_get_u32(a[RTA_PRIORITY]) != VR_RTNL_ROUTE_METRIC)
    return 0;
  int r = vr_array_reserve(&t->list, &t->capacity, t->n + 1);
  if (r == 0)
    t->list[t->n++] = (struct vr_rtnl_route){
        .to = address_in(a[RTA_DST]),
        .gateway = address_in(a[RTA_GATEWAY]),
        .index = a[RTA_OIF] ? mnl_attr_get_u32(a[RTA_OIF]) : 0,
        .ours = m->rtm_protocol == VR_RTNL_ROUTE_PROTOCOL};
  return r;
}

/* Both families: the other one's are nobody's VTEPs here. */
int vr_rtnl_routes_read(struct vr_rtnl *r, struct vr_rtnl_routes *t) {
  struct rtmsg *m = vr_rtnl_begin(r, RTM_GETROUTE, 0, sizeof(*m));
  t->n = 0;
  m->rtm_family = AF_UNSPEC;
  return vr_rtnl_ask(r, take_route, t);
}

static void begin(struct vr_rtnl *r, int type, int flags,
                  const struct vr_rtnl_route *route) {
  struct rtmsg *m = vr_rtnl_begin(r, type, flags, sizeof(*m));
  struct nlmsghdr *n = vr_rtnl_message(r);
  m->rtm_family = (uint8_t)route->to.family;
  m->rtm_dst_len = (uint8_t)(8 * vr_address_size(&route->to));
  m->rtm_table = RT_TABLE_MAIN;
  m->rtm_protocol = VR_RTNL_ROUTE_PROTOCOL;
  m->rtm_type = RTN_UNICAST;
  m->rtm_scope = route->gateway.family ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
  mnl_attr_put(n, RTA_DST, vr_address_size(&route->to), route->to.bytes);
  mnl_attr_put_u32(n, RTA_PRIORITY, VR_RTNL_ROUTE_METRIC);
  if (route->index)
    mnl_attr_put_u32(n, RTA_OIF, route->index);
  if (!route->gateway.family)
    return;
  m->rtm_flags = RTNH_F_ONLINK;
  mnl_attr_put(n, RTA_GATEWAY, vr_address_size(&route->gateway),
               route->gateway.bytes);
}

int vr_rtnl_route_set(struct vr_rtnl *r, const struct vr_rtnl_route *route) {
  begin(r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
  return vr_rtnl_change(r);
}

int vr_rtnl_route_delete(struct vr_rtnl *r, const struct vr_rtnl_route *route) {
  begin(r, RTM_DELROUTE, 0, route);
  int e = vr_rtnl_change(r);
  return e == -ESRCH || e == -ENOENT ? 0 : e;
}
