/* SPDX-License-Identifier: MIT */
#include "overlay/rtnl.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { ROOM = 32 * 1024, WAIT_S = 2 };

struct vr_rtnl {
  struct mnl_socket *socket;
  unsigned sequence;
  struct nlmsghdr *message;
  char out[4096] __attribute__((aligned(8)));
  char in[ROOM] __attribute__((aligned(8)));
};

static int connect_socket(struct vr_rtnl *r) {
  const struct timeval wait = {.tv_sec = WAIT_S};
  r->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  if (!r->socket || mnl_socket_bind(r->socket, 0, MNL_SOCKET_AUTOPID) < 0)
    return -errno;
  /* The kernel answers at once; nothing may hang for good. */
  return setsockopt(mnl_socket_get_fd(r->socket), SOL_SOCKET, SO_RCVTIMEO,
                    &wait, sizeof(wait)) < 0
             ? -errno
             : 0;
}

int vr_rtnl_open(struct vr_rtnl **ret) {
  struct vr_rtnl *r = calloc(1, sizeof(*r));
  int e = r ? connect_socket(r) : -ENOMEM;
  if (e < 0)
    vr_rtnl_close(r);
  else
    *ret = r;
  return e;
}

void vr_rtnl_close(struct vr_rtnl *r) {
  if (r && r->socket)
    mnl_socket_close(r->socket);
  free(r);
}

void *vr_rtnl_begin(struct vr_rtnl *r, int type, int flags, size_t size) {
  r->message = mnl_nlmsg_put_header(r->out);
  r->message->nlmsg_type = (uint16_t)type;
  r->message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
  r->message->nlmsg_seq = ++r->sequence;
  return mnl_nlmsg_put_extra_header(r->message, size);
}

struct nlmsghdr *vr_rtnl_message(struct vr_rtnl *r) {
  return r->message;
}

/* Parts of an answer that was given up before are passed over. */
static int receive(struct vr_rtnl *r, vr_rtnl_fn fn, void *ctx) {
  for (;;) {
    ssize_t n = mnl_socket_recvfrom(r->socket, r->in, sizeof(r->in));
    if (n < 0)
      return -errno;
    int left = (int)n;
    for (const struct nlmsghdr *p = (const void *)r->in; mnl_nlmsg_ok(p, left);
         p = mnl_nlmsg_next(p, &left)) {
      if (p->nlmsg_seq != r->sequence)
        continue;
      if (p->nlmsg_type == NLMSG_DONE)
        return 0;
      if (p->nlmsg_type == NLMSG_ERROR)
        return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(p))->error;
      int e = fn ? fn(p, ctx) : 0;
      if (e < 0)
        return e;
    }
  }
}

static int exchange(struct vr_rtnl *r, vr_rtnl_fn fn, void *ctx) {
  if (mnl_socket_sendto(r->socket, r->message, r->message->nlmsg_len) < 0)
    return -errno;
  return receive(r, fn, ctx);
}

int vr_rtnl_change(struct vr_rtnl *r) {
  r->message->nlmsg_flags |= NLM_F_ACK;
  return exchange(r, NULL, NULL);
}

int vr_rtnl_ask(struct vr_rtnl *r, vr_rtnl_fn fn, void *ctx) {
  r->message->nlmsg_flags |= NLM_F_DUMP;
  return exchange(r, fn, ctx);
}

void vr_rtnl_attributes(const struct nlmsghdr *part, size_t size,
                        const struct nlattr **ret, int most) {
  const struct nlattr *a;
  memset(ret, 0, (size_t)(most + 1) * sizeof(*ret));
  mnl_attr_for_each(a, part, size) if (mnl_attr_get_type(a) <= most)
      ret[mnl_attr_get_type(a)] = a;
}

void vr_rtnl_nested(const struct nlattr *nest, const struct nlattr **ret,
                    int most) {
  const struct nlattr *a;
  memset(ret, 0, (size_t)(most + 1) * sizeof(*ret));
  mnl_attr_for_each_nested(a, nest) if (mnl_attr_get_type(a) <= most)
      ret[mnl_attr_get_type(a)] = a;
}
