/* SPDX-License-Identifier: MIT */
/* The C library's socket headers come before the kernel's. */
#include <sys/socket.h>

#include "host/net/vf_reply.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* Bytes of a message that are still to be parsed. */
struct bytes {
  const char *p;
  size_t left;
};

static bool take(struct bytes *b, void *ret, size_t n) {
  if (b->left < n)
    return false;
  memcpy(ret, b->p, n);
  b->p += n;
  b->left -= n;
  return true;
}

/* Cuts off what is N bytes long, and what fills it up to the next word. */
static struct bytes cut(struct bytes *b, size_t n) {
  const struct bytes piece = {b->p, n};
  size_t whole = NLMSG_ALIGN(n);
  if (whole > b->left)
    whole = b->left;
  b->p += whole;
  b->left -= whole;
  return piece;
}

/* The next attribute of a row; false at its end, or where its length is not
 * possible. */
static bool next_attribute(struct bytes *row, unsigned *ret_type,
                           struct bytes *ret) {
  struct bytes ahead = *row;
  struct rtattr a;
  if (!take(&ahead, &a, sizeof(a)) || a.rta_len < sizeof(a) ||
      a.rta_len > row->left)
    return false;
  *ret = cut(row, a.rta_len);
  ret->p += sizeof(a);
  ret->left -= sizeof(a);
  *ret_type = a.rta_type & NLA_TYPE_MASK;
  return true;
}

/* All four, or nothing. The kernel puts zeros where the driver does not count,
 * or has none just now: they are no counters. */
static bool parse_stats(struct bytes row, struct vr_netif *ret) {
  uint64_t *const counters[] = {
      [IFLA_VF_STATS_RX_PACKETS] = &ret->rx_packets,
      [IFLA_VF_STATS_TX_PACKETS] = &ret->tx_packets,
      [IFLA_VF_STATS_RX_BYTES] = &ret->rx_bytes,
      [IFLA_VF_STATS_TX_BYTES] = &ret->tx_bytes,
  };
  enum { COUNT = sizeof(counters) / sizeof(counters[0]) };
  unsigned type, have = 0;
  struct bytes value;
  while (next_attribute(&row, &type, &value))
    if (type < COUNT && take(&value, counters[type], sizeof(uint64_t)))
      have |= 1U << type;
  return have == (1U << COUNT) - 1 && (ret->rx_bytes | ret->tx_bytes) != 0 &&
         (ret->rx_packets | ret->tx_packets) != 0;
}

/* One virtual function. The first word of its address's attribute is its
 * number. */
static void parse_one(struct bytes row, struct vr_vf_counters *ret) {
  struct vr_netif counters = {.name = ""};
  uint32_t vf = VR_VF_MAX;
  bool known = false;
  unsigned type;
  struct bytes value;
  while (next_attribute(&row, &type, &value)) {
    if (type == IFLA_VF_MAC)
      take(&value, &vf, sizeof(vf));
    else if (type == IFLA_VF_STATS)
      known = parse_stats(value, &counters);
  }
  if (vf >= VR_VF_MAX)
    return;
  ret->known[vf] = known;
  ret->v[vf] = counters;
}

static void parse_list(struct bytes row, struct vr_vf_counters *ret) {
  unsigned type;
  struct bytes value;
  while (next_attribute(&row, &type, &value))
    if (type == IFLA_VF_INFO)
      parse_one(value, ret);
}

static int parse_link(struct bytes body, struct vr_vf_counters *ret) {
  struct ifinfomsg link;
  unsigned type;
  struct bytes value;
  if (!take(&body, &link, sizeof(link)))
    return -EBADMSG;
  memset(ret->known, 0, sizeof(ret->known));
  while (next_attribute(&body, &type, &value))
    if (type == IFLA_VFINFO_LIST)
      parse_list(value, ret);
  return 0;
}

/* A refusal with 0 only acknowledges. */
static int parse_refusal(struct bytes body) {
  int32_t error;
  if (!take(&body, &error, sizeof(error)) || error > 0 || error < -4095)
    return -EBADMSG;
  return error < 0 ? error : -EAGAIN;
}

int vr_vf_parse(const void *data, size_t length, uint32_t sequence,
                struct vr_vf_counters *ret) {
  struct bytes rest = {data, length};
  while (rest.left > 0) {
    struct bytes ahead = rest;
    struct nlmsghdr header;
    if (!take(&ahead, &header, sizeof(header)) ||
        header.nlmsg_len < sizeof(header) || header.nlmsg_len > rest.left)
      return -EBADMSG;
    ahead.left = header.nlmsg_len - sizeof(header);
    cut(&rest, header.nlmsg_len);
    int r = -EAGAIN;
    if (header.nlmsg_seq == sequence && header.nlmsg_type == RTM_NEWLINK)
      r = parse_link(ahead, ret);
    else if (header.nlmsg_seq == sequence && header.nlmsg_type == NLMSG_ERROR)
      r = parse_refusal(ahead);
    if (r != -EAGAIN)
      return r;
  }
  return -EAGAIN;
}
