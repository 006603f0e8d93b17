/* SPDX-License-Identifier: MIT */
#include "link_message.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

/* Of struct nlmsghdr and struct ifinfomsg: 16 bytes each. */
enum { HEADER = 16, LINK = 16, LENGTH_AT = 0, TYPE_AT = 4 };

void link_put16(struct link_message *m, size_t at, uint16_t value) {
  memcpy(m->data + at, &value, sizeof(value));
}

void link_put32(struct link_message *m, size_t at, uint32_t value) {
  memcpy(m->data + at, &value, sizeof(value));
}

static void append(struct link_message *m, const void *data, size_t n) {
  if (m->length + n + 4 > sizeof(m->data))
    abort();
  memcpy(m->data + m->length, data, n);
  m->length += n;
  while (m->length % 4 != 0)
    m->data[m->length++] = 0;
}

/* Two bytes of length, with these four and without what fills it up to a
 * multiple of four; two bytes of type; what it holds. */
size_t link_open(struct link_message *m, unsigned type) {
  const uint16_t head[] = {4, (uint16_t)type};
  size_t at = m->length;
  append(m, head, sizeof(head));
  return at;
}

void link_close(struct link_message *m, size_t at) {
  link_put16(m, at, (uint16_t)(m->length - at));
}

void link_attribute(struct link_message *m, unsigned type, const void *data,
                    size_t n) {
  size_t at = link_open(m, type);
  if (n > 0)
    append(m, data, n);
  link_put16(m, at, (uint16_t)(4 + n));
}

static void begin(struct link_message *m, uint16_t type, uint32_t sequence) {
  memset(m, 0, sizeof(*m));
  link_put16(m, TYPE_AT, type);
  link_put32(m, LINK_MESSAGE_SEQUENCE, sequence);
  m->length = HEADER;
}

static const size_t list_at = HEADER + LINK + 4 + 16;

void link_message_begin(struct link_message *m, const char *name,
                        uint32_t sequence) {
  char padded[15] = "";
  begin(m, RTM_NEWLINK, sequence);
  m->length += LINK;
  strncpy(padded, name, sizeof(padded) - 1);
  link_attribute(m, IFLA_IFNAME, padded, sizeof(padded));
  if (link_open(m, IFLA_VFINFO_LIST) != list_at)
    abort();
}

/* Where the machine wants them so, the kernel puts an empty attribute before a
 * number of 64 bits: here before every second. */
static void append_stats(struct link_message *m, const struct link_stats *s) {
  const struct {
    unsigned type;
    uint64_t value;
  } all[] = {
      {IFLA_VF_STATS_RX_PACKETS, s->rx_packets},
      {IFLA_VF_STATS_TX_PACKETS, s->tx_packets},
      {IFLA_VF_STATS_RX_BYTES, s->rx_bytes},
      {IFLA_VF_STATS_TX_BYTES, s->tx_bytes},
      {IFLA_VF_STATS_BROADCAST, 91},
      {IFLA_VF_STATS_MULTICAST, 92},
      {IFLA_VF_STATS_RX_DROPPED, 93},
      {IFLA_VF_STATS_TX_DROPPED, 94},
  };
  size_t at = link_open(m, IFLA_VF_STATS);
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    if (i % 2 == 1)
      link_attribute(m, IFLA_VF_STATS_PAD, NULL, 0);
    link_attribute(m, all[i].type, &all[i].value, sizeof(uint64_t));
  }
  link_close(m, at);
}

void link_message_vf(struct link_message *m, uint32_t vf,
                     const struct link_stats *stats) {
  const struct ifla_vf_mac mac = {.vf = vf, .mac = {2, 0, 0, 0, 0, 1}};
  const struct ifla_vf_broadcast broadcast = {{255, 255, 255, 255, 255, 255}};
  const struct ifla_vf_vlan vlan = {.vf = vf};
  const struct ifla_vf_vlan_info info = {.vf = vf};
  const struct ifla_vf_trust trust = {.vf = vf, .setting = 1};
  size_t at = link_open(m, IFLA_VF_INFO);
  link_attribute(m, IFLA_VF_MAC, &mac, sizeof(mac));
  link_attribute(m, IFLA_VF_BROADCAST, &broadcast, sizeof(broadcast));
  link_attribute(m, IFLA_VF_VLAN, &vlan, sizeof(vlan));
  link_attribute(m, IFLA_VF_TRUST, &trust, sizeof(trust));
  size_t vlans = link_open(m, IFLA_VF_VLAN_LIST);
  link_attribute(m, IFLA_VF_VLAN_INFO, &info, sizeof(info));
  link_close(m, vlans);
  if (stats)
    append_stats(m, stats);
  link_close(m, at);
}

void link_message_end(struct link_message *m) {
  static const uint32_t group = 7;
  link_close(m, list_at);
  link_attribute(m, IFLA_GROUP, &group, sizeof(group));
  link_put32(m, LENGTH_AT, (uint32_t)m->length);
}

/* The error, then the head of what was asked. */
void link_message_refuse(struct link_message *m, int error, uint32_t sequence) {
  begin(m, NLMSG_ERROR, sequence);
  m->length += 4 + HEADER;
  link_put32(m, HEADER, (uint32_t)error);
  link_put32(m, LENGTH_AT, (uint32_t)m->length);
}
