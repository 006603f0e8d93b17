/* SPDX-License-Identifier: MIT */
/* The C library's socket headers come before the kernel's. */
#include <sys/socket.h>

#include "host/net/vf.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "host/net/vf_reply.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
  /* Lists of one card's virtual functions and of their ports, each less than
   * 64 KiB, and what describes the card itself. */
  ROOM = 160 * 1024,
  /* Answers to earlier questions may be left. */
  READS = 8,
};

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
                    "interface %s: the counters of its virtual functions can "
                    "be read again",
                    card->name);
    return;
  }
  memset(card->counters.known, 0, sizeof(card->counters.known));
  vr_log_complain(
      &card->trouble, LOG_NOTICE,
      "interface %s: the counters of its virtual functions cannot be read: "
      "%s; network traffic of the guests that use them is missing",
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
