/* SPDX-License-Identifier: MIT */
/* The C library's socket headers come before the kernel's. */
#include <sys/socket.h>

#include "overlay/rtnl_fdb.h"

#include "basic/array.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* Linux 5.0, newer than some headers. */
#ifndef NTF_STICKY
#define NTF_STICKY 0x40
#endif

void vr_rtnl_fdb_clear(struct vr_rtnl_fdb *f) {
  free(f->list);
  *f = (struct vr_rtnl_fdb){0};
}

int vr_rtnl_fdb_add(struct vr_rtnl_fdb *f, const struct vr_overlay_entry *e) {
  int r = vr_array_reserve(&f->list, &f->capacity, f->n + 1);
  if (r == 0)
    f->list[f->n++] = *e;
  return r;
}

static int take_entry(const struct nlmsghdr *part, void *ctx) {
  const struct ndmsg *n = mnl_nlmsg_get_payload(part);
  const struct nlattr *a[NDA_MAX + 1];
  if (part->nlmsg_type != RTM_NEWNEIGH || n->ndm_family != AF_BRIDGE)
    return 0;
  vr_rtnl_attributes(part, sizeof(*n), a, NDA_MAX);
  const struct nlattr *mac = a[NDA_LLADDR];
  if (!mac || mnl_attr_get_payload_len(mac) != 6 || a[NDA_VLAN])
    return 0;
  struct vr_overlay_entry e = {.port = (unsigned)n->ndm_ifindex,
                               .of_vxlan = (n->ndm_flags & NTF_SELF) != 0,
                               .sticky = (n->ndm_flags & NTF_STICKY) != 0};
  memcpy(e.mac.byte, mnl_attr_get_payload(mac), 6);
  if (e.of_vxlan ? !a[NDA_DST] : n->ndm_state != NUD_NOARP)
    return 0;
  if (e.of_vxlan)
    e.to = vr_address_of(mnl_attr_get_payload(a[NDA_DST]),
                         mnl_attr_get_payload_len(a[NDA_DST]));
  return vr_rtnl_fdb_add(ctx, &e);
}

int vr_rtnl_fdb_read(struct vr_rtnl *r, struct vr_rtnl_fdb *f) {
  struct ndmsg *n = vr_rtnl_begin(r, RTM_GETNEIGH, 0, sizeof(*n));
  n->ndm_family = AF_BRIDGE;
  f->n = 0;
  return vr_rtnl_ask(r, take_entry, f);
}

static void begin(struct vr_rtnl *r, int type, int flags,
                  const struct vr_overlay_entry *e) {
  struct ndmsg *n = vr_rtnl_begin(r, type, flags, sizeof(*n));
  struct nlmsghdr *m = vr_rtnl_message(r);
  n->ndm_family = AF_BRIDGE;
  n->ndm_ifindex = (int)e->port;
  n->ndm_flags = e->of_vxlan ? NTF_SELF : NTF_MASTER;
  if (e->sticky && !e->of_vxlan)
    n->ndm_flags |= NTF_STICKY;
  n->ndm_state = e->of_vxlan ? NUD_NOARP | NUD_PERMANENT : NUD_NOARP;
  mnl_attr_put(m, NDA_LLADDR, 6, e->mac.byte);
  if (e->of_vxlan && e->to.family)
    mnl_attr_put(m, NDA_DST, vr_address_size(&e->to), e->to.bytes);
}

int vr_rtnl_fdb_set(struct vr_rtnl *r, const struct vr_overlay_entry *e) {
  static const struct vr_mac zero;
  bool floods = e->of_vxlan && vr_mac_is_same(&e->mac, &zero);
  begin(r, RTM_NEWNEIGH, NLM_F_CREATE | (floods ? NLM_F_APPEND : NLM_F_REPLACE),
        e);
  return vr_rtnl_change(r);
}

int vr_rtnl_fdb_delete(struct vr_rtnl *r, const struct vr_overlay_entry *e) {
  begin(r, RTM_DELNEIGH, 0, e);
  int error = vr_rtnl_change(r);
  return error == -ENOENT || error == -ENODEV ? 0 : error;
}
