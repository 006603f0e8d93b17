/* SPDX-License-Identifier: MIT */
#include "overlay/arrival.h"

#include "basic/cleanup.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Linux 4.20, newer than some headers. */
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

enum { PER_MAC = 5, SOURCE = 6, TAKEN = 64 };

/* if (source == mac) return TAKEN; */
static void add_mac(struct sock_filter *f, const struct vr_mac *mac) {
  const uint8_t *b = mac->byte;
  uint32_t high =
      (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
  uint32_t low = (uint32_t)b[4] << 8 | b[5];
  f[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SOURCE);
  f[1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, high, 0, 3);
  f[2] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_H | BPF_ABS, SOURCE + 4);
  f[3] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, low, 0, 1);
  f[4] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, TAKEN);
}

static int attach(int fd, const struct vr_mac *macs, size_t count) {
  struct sock_filter code[PER_MAC * VR_ARRIVAL_MACS + 1];
  for (size_t i = 0; i < count; i++)
    add_mac(code + PER_MAC * i, &macs[i]);
  code[PER_MAC * count] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
  const struct sock_fprog program = {
      .len = (unsigned short)(PER_MAC * count + 1), .filter = code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
                    sizeof(program)) < 0
             ? -errno
             : 0;
}

int vr_arrival_open(unsigned index) {
  const int yes = 1;
  const struct sockaddr_ll address = {.sll_family = AF_PACKET,
                                      .sll_protocol = htons(ETH_P_ALL),
                                      .sll_ifindex = (int)index};
  vr_auto_close int fd =
      socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    return -errno;
  int r = attach(fd, NULL, 0);
  if (r < 0)
    return r;
  /* Where a kernel cannot, the sender's address sorts them out as well. */
  setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
  if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
    return -errno;
  int opened = fd;
  fd = -1;
  return opened;
}

int vr_arrival_watch(int fd, const struct vr_mac *macs, size_t count) {
  struct vr_mac old;
  int r = attach(fd, NULL, 0);
  if (r < 0)
    return r;
  while (vr_arrival_next(fd, &old))
    ;
  return count > 0 ? attach(fd, macs, count) : 0;
}

bool vr_arrival_next(int fd, struct vr_mac *ret) {
  uint8_t frame[TAKEN];
  struct sockaddr_ll from;
  socklen_t size = sizeof(from);
  for (;;) {
    ssize_t n = recvfrom(fd, frame, sizeof(frame), MSG_DONTWAIT,
                         (struct sockaddr *)&from, &size);
    if (n < 0 && errno != ENETDOWN && errno != EINTR)
      return false;
    if (n < SOURCE + 6 || from.sll_pkttype == PACKET_OUTGOING)
      continue;
    memcpy(ret->byte, frame + SOURCE, 6);
    return true;
  }
}
