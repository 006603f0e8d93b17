/* SPDX-License-Identifier: MIT */
#include "tap_frames.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { TCP_HEADER = 32, IPV4_HEADER = 20, IPV6_HEADER = 40, TAG = 4 };

/* --- interfaces --- */

/* Nothing but the test's own frames: no IPv6 of the kernel's. */
static void be_silent(const char *name) {
  char path[96];
  snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  if (write(fd, "1", 1) != 1)
    perror(path);
  close(fd);
}

static int request(unsigned long what, struct ifreq *r) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int done = fd < 0 ? -1 : ioctl(fd, what, r);
  if (fd >= 0)
    close(fd);
  return done;
}

static int set_up(const char *name) {
  struct ifreq r = {.ifr_flags = IFF_UP};
  snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
  be_silent(name);
  return request(SIOCSIFFLAGS, &r);
}

int tap_open(const char *name) {
  struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
  if (fd < 0)
    return -1;
  if (ioctl(fd, TUNSETIFF, &r) < 0 ||
      ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0 ||
      set_up(name) < 0) {
    int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

int tap_bridge(const char *name) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int r = fd < 0 ? -1 : ioctl(fd, SIOCBRADDBR, name);
  if (fd >= 0)
    close(fd);
  return r < 0 ? -1 : set_up(name);
}

int tap_on_bridge(const char *port, const char *bridge) {
  struct ifreq r = {.ifr_ifindex = (int)if_nametoindex(port)};
  snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", bridge);
  return request(SIOCBRADDIF, &r);
}

/* --- frames --- */

static unsigned segment_length(const struct tap_frame *f) {
  return f->gso ? f->gso : TAP_MSS;
}

static size_t ip_header(const struct tap_frame *f) {
  return f->ipv6 ? IPV6_HEADER : IPV4_HEADER;
}

static size_t headers(const struct tap_frame *f) {
  return ETH_HLEN + TAG * f->vlans + ip_header(f) + TCP_HEADER;
}

uint64_t tap_segments(const struct tap_frame *f) {
  unsigned length = segment_length(f);
  return f->large && f->payload > 0 ? (f->payload + length - 1) / length : 1;
}

uint64_t tap_wire_bytes(const struct tap_frame *f) {
  if (f->raw)
    return f->raw;
  return f->payload + headers(f) * tap_segments(f);
}

static void put16(uint8_t *at, unsigned value) {
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static uint8_t *put_ethernet(uint8_t *at, const struct tap_frame *f) {
  memcpy(at, f->destination.byte, ETH_ALEN);
  memcpy(at + ETH_ALEN, f->source.byte, ETH_ALEN);
  at += 2 * ETH_ALEN;
  for (unsigned i = 0; i < f->vlans; i++, at += TAG) {
    put16(at, i + 1 < f->vlans ? ETH_P_8021AD : ETH_P_8021Q);
    put16(at + 2, 100 + i);
  }
  put16(at, f->raw ? 0x88b5 : f->ipv6 ? ETH_P_IPV6 : ETH_P_IP);
  return at + 2;
}

static unsigned checksum(const uint8_t *at, size_t n) {
  unsigned sum = 0;
  for (size_t i = 0; i < n; i += 2)
    sum += (unsigned)at[i] << 8 | at[i + 1];
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

static uint8_t *put_ip(uint8_t *at, const struct tap_frame *f) {
  unsigned length = (unsigned)(TCP_HEADER + f->payload);
  if (f->ipv6) {
    at[0] = 0x60;
    put16(at + 4, length);
    at[6] = IPPROTO_TCP;
    at[7] = 64;
    at[8] = at[24] = 0xfd;
    return at + IPV6_HEADER;
  }
  at[0] = 0x45;
  put16(at + 2, IPV4_HEADER + length);
  at[8] = 64;
  at[9] = IPPROTO_TCP;
  at[12] = at[16] = 10;
  at[15] = f->source.byte[5];
  at[19] = f->destination.byte[5];
  put16(at + 10, checksum(at, IPV4_HEADER));
  return at + IPV4_HEADER;
}

static struct virtio_net_hdr offload(const struct tap_frame *f) {
  if (f->raw)
    return (struct virtio_net_hdr){.flags = 0};
  struct virtio_net_hdr h = {
      .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
      .csum_start = (uint16_t)(headers(f) - TCP_HEADER),
      .csum_offset = 16,
  };
  if (f->large) {
    h.gso_type = f->ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
    h.gso_size = (uint16_t)segment_length(f);
    h.hdr_len = (uint16_t)headers(f);
  }
  return h;
}

long tap_send(int tap, const struct tap_frame *f) {
  static __thread uint8_t frame[TAP_FRAME_MAX];
  struct virtio_net_hdr h = offload(f);
  size_t n = f->raw ? f->raw : headers(f) + f->payload;
  memset(frame, 0, headers(f) + ETH_HLEN);
  uint8_t *l3 = put_ethernet(frame, f);
  if (!f->raw) {
    uint8_t *tcp = put_ip(l3, f);
    tcp[12] = TCP_HEADER / 4 << 4;
    tcp[13] = 0x10;
  }
  struct iovec v[] = {{&h, sizeof(h)}, {frame, n}};
  ssize_t written = writev(tap, v, 2);
  return written < 0 ? -1 : (long)n;
}

unsigned tap_drain(int tap) {
  static __thread uint8_t frame[TAP_FRAME_MAX];
  unsigned n = 0;
  while (read(tap, frame, sizeof(frame)) > 0)
    n++;
  return n;
}

/* --- counters --- */

bool tap_counters(const char *name, struct tap_counters *ret) {
  char line[512], is[32];
  bool found = false;
  FILE *f = fopen("/proc/thread-self/net/dev", "re");
  if (!f)
    return false;
  while (!found && fgets(line, sizeof(line), f)) {
    unsigned long long v[8];
    found = sscanf(line,
                   " %31[^:]: %llu %llu %*u %llu %*u %*u %*u %*u %llu "
                   "%llu %*u %llu",
                   is, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]) == 7 &&
            strcmp(is, name) == 0;
    if (found)
      *ret = (struct tap_counters){v[0], v[1], v[2], v[3], v[4], v[5]};
  }
  fclose(f);
  return found;
}
