/* SPDX-License-Identifier: MIT */
#include "host/taps.h"

#include "basic/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void closedirp(DIR **d) {
  if (*d)
    closedir(*d);
}

static void add(struct vr_taps *taps, const char *name, bool like_guest) {
  for (size_t i = 0; i < taps->count; i++)
    if (strcmp(taps->v[i].name, name) == 0)
      return;
  if (taps->count == VR_TAPS_MAX)
    return;
  struct vr_tap *t = &taps->v[taps->count++];
  snprintf(t->name, sizeof(t->name), "%s", name);
  t->counts_like_guest = like_guest;
}

/* fdinfo of a tun descriptor that is attached has a line "iff:\tNAME". */
static void add_tun(struct vr_taps *taps, int process, const char *fd) {
  char path[280], text[1024], name[VR_IFNAME_MAX];
  snprintf(path, sizeof(path), "fdinfo/%s", fd);
  if (vr_read_once(process, path, text, sizeof(text)) < 0)
    return;
  const char *iff = strstr(text, "\niff:");
  if (iff && sscanf(iff + 5, " %15[^\n]", name) == 1)
    add(taps, name, false);
}

/* Seen from outside the process's mount namespace or root, "/dev/net/tun" has
 * other directories before it; fdinfo then says whether it is one. */
static bool may_be_tun(const char *target, size_t length) {
  static const char end[] = "/net/tun";
  size_t n = sizeof(end) - 1;
  return length >= n && strcmp(target + length - n, end) == 0;
}

/* A macvtap's device is /dev/tapN, N its interface's index. */
static void add_macvtap(struct vr_taps *taps, const char *number) {
  char name[IF_NAMESIZE], *end;
  unsigned long index = strtoul(number, &end, 10);
  if (*end == '\0' && if_indextoname((unsigned)index, name))
    add(taps, name, true);
}

int vr_taps_scan(int process, struct vr_taps *ret) {
  vr_auto_close int fd =
      openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  vr_cleanup(closedirp) DIR *dir = fdopendir(fd);
  if (!dir)
    return -errno;
  int fds = fd;
  fd = -1; /* it belongs to DIR now */

  struct vr_taps taps = {0};
  const struct dirent *e;
  while ((e = readdir(dir))) {
    char target[512];
    ssize_t n = readlinkat(fds, e->d_name, target, sizeof(target) - 1);
    if (n < 0)
      continue;
    target[n] = '\0';
    if (may_be_tun(target, (size_t)n))
      add_tun(&taps, process, e->d_name);
    else if (strncmp(target, "/dev/tap", 8) == 0)
      add_macvtap(&taps, target + 8);
  }
  *ret = taps;
  return 0;
}

bool vr_taps_sum(const struct vr_taps *taps, const struct vr_netdev *n,
                 struct vr_netif *ret) {
  struct vr_netif sum = {.name = ""};
  bool any = false;
  for (size_t i = 0; i < taps->count; i++) {
    const struct vr_netif *c = vr_netdev_find(n, taps->v[i].name);
    if (!c)
      continue;
    bool swap = taps->v[i].counts_like_guest;
    any = true;
    sum.rx_bytes += swap ? c->tx_bytes : c->rx_bytes;
    sum.rx_packets += swap ? c->tx_packets : c->rx_packets;
    sum.tx_bytes += swap ? c->rx_bytes : c->tx_bytes;
    sum.tx_packets += swap ? c->rx_packets : c->tx_packets;
  }
  if (any)
    *ret = sum;
  return any;
}
