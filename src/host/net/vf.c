/* SPDX-License-Identifier: MIT */
/* The C library's socket headers come before the kernel's. */
#include <sys/socket.h>

#include "host/net/vf.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "host/proc/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  PATH = 512,
  /* Lists of one card's virtual functions and of their ports, each less than
   * 64 KiB, and what is said of the card itself. */
  ROOM = 160 * 1024,
  /* Answers to earlier questions may be left. */
  READS = 8,
};

/* --- which one a device is --- */

static bool is_virtfn(const char *name, unsigned *ret) {
  char rest;
  return sscanf(name, "virtfn%5u%c", ret, &rest) == 1;
}

/* The link virtfnN of the physical function that leads back to the device. */
static int number_of(int sysfd, const char *device, unsigned *ret) {
  char path[PATH];
  struct stat self, other;
  vr_cleanup(vr_listing_close) struct vr_listing links;
  const char *name;
  snprintf(path, sizeof(path), "%s/physfn", device);
  int r = vr_listing_open(&links, sysfd, path);
  if (r < 0)
    return r;
  if (fstatat(sysfd, device, &self, 0) < 0)
    return -errno;
  while ((name = vr_listing_next(&links)))
    if (is_virtfn(name, ret) && fstatat(links.fd, name, &other, 0) == 0 &&
        other.st_dev == self.st_dev && other.st_ino == self.st_ino)
      return 0;
  return -ENOENT;
}

/* Where the card's switch is run by the host (switchdev), interfaces that stand
 * for its virtual functions' ports are beside its own: "pf0vf1", "c1pf0". */
static bool stands_for_another(int nets, const char *name) {
  char path[PATH], port[64];
  snprintf(path, sizeof(path), "%s/phys_port_name", name);
  return vr_procfile_read_once(nets, path, port, sizeof(port)) > 0 &&
         strstr(port, "pf") != NULL;
}

/* A card with two ports on one function has two interfaces: which of them has
 * the virtual function cannot be told. */
static int interface_of(int sysfd, const char *device,
                        char ret[VR_IFNAME_MAX]) {
  char path[PATH];
  vr_cleanup(vr_listing_close) struct vr_listing nets;
  const char *name;
  unsigned found = 0;
  snprintf(path, sizeof(path), "%s/physfn/net", device);
  int r = vr_listing_open(&nets, sysfd, path);
  if (r < 0)
    return r;
  while ((name = vr_listing_next(&nets))) {
    if (stands_for_another(nets.fd, name))
      continue;
    snprintf(ret, VR_IFNAME_MAX, "%.15s", name);
    found++;
  }
  return found == 1 ? 0 : -ENOENT;
}

int vr_vf_identify(int sysfd, const char *device, char ret_pf[VR_IFNAME_MAX],
                   unsigned *ret_vf) {
  char pf[VR_IFNAME_MAX];
  unsigned vf;
  int r = number_of(sysfd, device, &vf);
  if (r == 0)
    r = interface_of(sysfd, device, pf);
  if (r < 0)
    return r;
  memcpy(ret_pf, pf, sizeof(pf));
  *ret_vf = vf;
  return 0;
}

/* --- what the kernel says --- */

/* Bytes of a message that are still to be looked at. */
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
 * or cannot tell just now: they are no counters. */
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

/* A refusal that says 0 only acknowledges. */
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

/* --- asking it --- */

struct vr_vf_link {
  int fd;
  uint32_t sequence;
  char buffer[ROOM];
};

struct vr_vf_card {
  struct vr_vf_card *next;
  char name[VR_IFNAME_MAX];
  unsigned generation; /* of the reading that asked for it last */
  struct vr_complaint trouble;
  struct vr_vf_counters counters;
};

static int open_link(struct vr_vfs *v) {
  if (v->link)
    return 0;
  vr_auto_close int fd = socket(
      AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0)
    return -errno;
  v->link = malloc(sizeof(*v->link));
  if (!v->link)
    return -ENOMEM;
  v->link->sequence = 0;
  v->link->fd = fd;
  fd = -1;
  return 0;
}

static void close_link(struct vr_vfs *v) {
  if (!v->link)
    return;
  close(v->link->fd);
  free(v->link);
  v->link = NULL;
}

/* This card alone: a list of all links would be made for each question. */
static int request(struct vr_vf_link *l, const char *name) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
    struct rtattr mask_head;
    uint32_t mask;
    struct rtattr name_head;
    char name[VR_IFNAME_MAX];
  } m = {
      .header.nlmsg_len = sizeof(m),
      .header.nlmsg_type = RTM_GETLINK,
      .header.nlmsg_flags = NLM_F_REQUEST,
      .header.nlmsg_seq = ++l->sequence,
      .mask_head = {RTA_LENGTH(sizeof(m.mask)), IFLA_EXT_MASK},
      .mask = RTEXT_FILTER_VF,
      .name_head = {(unsigned short)RTA_LENGTH(strlen(name) + 1), IFLA_IFNAME}};
  strcpy(m.name, name);
  return send(l->fd, &m, sizeof(m), 0) < 0 ? -errno : 0;
}

/* The kernel handles a request before send() returns: its answer is there, or
 * will never be. */
static int answer(struct vr_vf_link *l, struct vr_vf_counters *ret) {
  for (int i = 0; i < READS; i++) {
    struct sockaddr_nl sender = {0};
    socklen_t size = sizeof(sender);
    ssize_t n =
        recvfrom(l->fd, l->buffer, sizeof(l->buffer), MSG_DONTWAIT | MSG_TRUNC,
                 (struct sockaddr *)&sender, &size);
    if (n < 0)
      return errno == EAGAIN ? -ENOMSG : -errno;
    if ((size_t)n > sizeof(l->buffer))
      return -EMSGSIZE;
    int r = sender.nl_pid == 0
                ? vr_vf_parse(l->buffer, (size_t)n, l->sequence, ret)
                : -EAGAIN;
    if (r != -EAGAIN)
      return r;
  }
  return -ENOMSG;
}

static void read_card(struct vr_vfs *v, struct vr_vf_card *card) {
  int r = open_link(v);
  if (r == 0)
    r = request(v->link, card->name);
  if (r == 0)
    r = answer(v->link, &card->counters);
  if (r == 0) {
    vr_log_relieved(&card->trouble,
                    "interface %s: its virtual functions' counters can be read",
                    card->name);
    return;
  }
  memset(card->counters.known, 0, sizeof(card->counters.known));
  vr_log_complain(
      &card->trouble, LOG_NOTICE,
      "interface %s: its virtual functions' counters cannot be read: "
      "%s; what passes them is not known of their guests",
      card->name, strerror(-r));
}

static struct vr_vf_card *card_of(struct vr_vfs *v, const char *name) {
  struct vr_vf_card *card = v->cards;
  while (card && strcmp(card->name, name) != 0)
    card = card->next;
  if (card)
    return card;
  card = calloc(1, sizeof(*card));
  if (!card)
    return NULL;
  snprintf(card->name, sizeof(card->name), "%s", name);
  card->generation = v->generation - 1;
  card->next = v->cards;
  v->cards = card;
  return card;
}

static void forget_cards(struct vr_vfs *v, bool all) {
  struct vr_vf_card **at = &v->cards;
  while (*at) {
    struct vr_vf_card *card = *at;
    if (!all && card->generation == v->generation) {
      at = &card->next;
      continue;
    }
    *at = card->next;
    free(card);
  }
}

void vr_vf_begin(struct vr_vfs *v) {
  forget_cards(v, false);
  if (!v->cards)
    close_link(v);
  v->generation++;
}

const struct vr_netif *vr_vf_find(struct vr_vfs *v, const char *pf,
                                  unsigned vf) {
  struct vr_vf_card *card = vf < VR_VF_MAX ? card_of(v, pf) : NULL;
  if (!card)
    return NULL;
  if (card->generation != v->generation) {
    card->generation = v->generation;
    read_card(v, card);
  }
  return card->counters.known[vf] ? &card->counters.v[vf] : NULL;
}

void vr_vf_free(struct vr_vfs *v) {
  forget_cards(v, true);
  close_link(v);
}
