/* SPDX-License-Identifier: MIT */
#include "host/net/taps.h"

#include "basic/cleanup.h"
#include "host/net/macvtap.h"
#include "host/net/tun.h"
#include "host/net/vf_identify.h"
#include "host/proc/listing.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A process whose descriptors are scanned. */
struct scan {
  pid_t pid;
  int process, fds, sysfd;
  struct vr_taps taps;
};

static bool is_same(const struct vr_tap *a, const struct vr_tap *b) {
  return strcmp(a->name, b->name) == 0 && a->is_vf == b->is_vf &&
         a->vf == b->vf;
}

static void add(struct vr_taps *taps, const struct vr_tap *tap) {
  for (size_t i = 0; i < taps->count; i++)
    if (is_same(&taps->v[i], tap))
      return;
  if (taps->count < VR_TAPS_MAX)
    taps->v[taps->count++] = *tap;
  else
    taps->partial = true;
}

static uint64_t inode_of(int dirfd, const char *path) {
  struct stat st;
  return fstatat(dirfd, path, &st, 0) == 0 ? (uint64_t)st.st_ino : 0;
}

/* Whether the interface NAME of our own namespace is there and is no tap. */
static bool is_no_tap(int sysfd, const char *name) {
  char path[64];
  snprintf(path, sizeof(path), "class/net/%s", name);
  if (sysfd < 0 || faccessat(sysfd, path, F_OK, 0) < 0)
    return false;
  snprintf(path, sizeof(path), "class/net/%s/tun_flags", name);
  return faccessat(sysfd, path, F_OK, 0) < 0;
}

/* In whose namespace the tap is. Returns false when it is in a third one. Where
 * the kernel may not be asked, a name is not taken for that of another
 * interface. */
static bool place_tun(const struct scan *l, const char *fd,
                      struct vr_tap *tap) {
  uint64_t network;
  if (vr_tun_namespace(l->pid, atoi(fd), tap->name, &network) < 0)
    return !is_no_tap(l->sysfd, tap->name);
  if (network == inode_of(AT_FDCWD, "/proc/self/ns/net"))
    tap->place = VR_TAP_OF_HOST;
  else if (network == inode_of(l->process, "ns/net"))
    tap->place = VR_TAP_OF_GUEST;
  else
    return false;
  return true;
}

/* fdinfo of a tun descriptor that is attached has a line "iff:\tNAME". */
static void add_tun(struct scan *l, const char *fd) {
  char path[280], text[1024];
  struct vr_tap tap = {.place = VR_TAP_ANYWHERE, .fd = atoi(fd)};
  snprintf(path, sizeof(path), "fdinfo/%s", fd);
  if (vr_procfile_read_once(l->process, path, text, sizeof(text)) < 0)
    return;
  const char *iff = strstr(text, "\niff:");
  if (!iff || sscanf(iff + 5, " %15[^\n]", tap.name) != 1)
    return;
  if (place_tun(l, fd, &tap))
    add(&l->taps, &tap);
  else
    l->taps.partial = true;
}

/* Seen from outside the process's mount namespace or root, "/dev/net/tun" has
 * other directories before it; fdinfo then shows whether it is one. */
static bool may_be_tun(const char *target) {
  static const char end[] = "/net/tun";
  size_t n = sizeof(end) - 1, length = strlen(target);
  return length >= n && strcmp(target + length - n, end) == 0;
}

/* Here, or where the process is, if it sees a tree of its own. */
static void add_macvtap(struct scan *l, const char *fd, const char *tapn,
                        dev_t device) {
  struct vr_tap tap = {
      .place = VR_TAP_OF_HOST, .counts_like_guest = true, .fd = atoi(fd)};
  bool found = vr_macvtap_find(l->sysfd, tapn, device, tap.name);
  if (!found) {
    tap.place = VR_TAP_OF_GUEST;
    found =
        vr_macvtap_find_theirs(l->process, l->sysfd, tapn, device, tap.name);
  }
  if (found)
    add(&l->taps, &tap);
  else
    l->taps.partial = true;
}

/* A macvtap's device is called tapN, N its interface's index. */
static const char *may_be_macvtap(const char *target) {
  const char *slash = strrchr(target, '/');
  if (!slash || strncmp(slash, "/tap", 4) != 0)
    return NULL;
  const char *number = slash + 4;
  size_t digits = strspn(number, "0123456789");
  return digits > 0 && digits < 12 && number[digits] == '\0' ? slash + 1 : NULL;
}

/* PCI's class of network cards is 02. */
static bool is_card(int sysfd, const char *device) {
  char path[400], text[32];
  snprintf(path, sizeof(path), "%s/class", device);
  return vr_procfile_read_once(sysfd, path, text, sizeof(text)) > 0 &&
         strncmp(text, "0x02", 4) == 0;
}

/* What passes a virtual function may be counted by the card that has it; what
 * passes a whole card is counted nowhere on the host. */
static void add_device(struct scan *l, const char *device) {
  struct vr_tap tap = {.counts_like_guest = true, .is_vf = true, .fd = -1};
  if (!is_card(l->sysfd, device))
    return;
  if (vr_vf_identify(l->sysfd, device, tap.name, &tap.vf) == 0)
    add(&l->taps, &tap);
  else
    l->taps.partial = true;
}

static void add_group(struct scan *l, const char *group) {
  char path[96], device[384];
  snprintf(path, sizeof(path), "kernel/iommu_groups/%.20s/devices", group);
  vr_cleanup(vr_listing_close) struct vr_listing devices;
  const char *name;
  if (vr_listing_open(&devices, l->sysfd, path) < 0)
    return;
  while ((name = vr_listing_next(&devices))) {
    snprintf(device, sizeof(device), "%s/%.255s", path, name);
    add_device(l, device);
  }
}

/* Devices that are passed through are held by their group, or (since Linux 6.6)
 * one by one. */
static void add_vfio(struct scan *l, const char *target) {
  static const char one[] = "/dev/vfio/devices/", group[] = "/dev/vfio/";
  char path[96];
  if (l->sysfd < 0)
    return;
  if (strncmp(target, one, sizeof(one) - 1) == 0) {
    snprintf(path, sizeof(path), "class/vfio-dev/%.20s/device",
             target + sizeof(one) - 1);
    add_device(l, path);
  } else if (strncmp(target, group, sizeof(group) - 1) == 0) {
    add_group(l, target + sizeof(group) - 1);
  }
}

/* Without asking a file system's server: it may be dead. */
static bool is_device(int dirfd, const char *path, dev_t *ret) {
  struct statx s;
  if (statx(dirfd, path, AT_STATX_DONT_SYNC, STATX_TYPE, &s) < 0 ||
      !S_ISCHR(s.stx_mode))
    return false;
  *ret = makedev(s.stx_rdev_major, s.stx_rdev_minor);
  return true;
}

static void take(struct scan *l, const char *fd) {
  char target[512];
  dev_t device;
  ssize_t n = readlinkat(l->fds, fd, target, sizeof(target) - 1);
  if (n < 0)
    return;
  target[n] = '\0';
  const char *tapn = may_be_macvtap(target);
  if (may_be_tun(target))
    add_tun(l, fd);
  else if (tapn && is_device(l->fds, fd, &device))
    add_macvtap(l, fd, tapn, device);
  else
    add_vfio(l, target);
}

int vr_taps_scan(int process, pid_t pid, int sysfd, struct vr_taps *ret) {
  vr_cleanup(vr_listing_close) struct vr_listing fds;
  int r = vr_listing_open(&fds, process, "fd");
  if (r < 0)
    return r;
  struct scan l = {
      .pid = pid, .process = process, .fds = fds.fd, .sysfd = sysfd};
  const char *name;
  while ((name = vr_listing_next(&fds)))
    take(&l, name);
  *ret = l.taps;
  return 0;
}

static const struct vr_netif *find(const struct vr_tap *tap,
                                   const struct vr_netdev *own,
                                   const struct vr_netdev *host,
                                   struct vr_vfs *vfs) {
  const struct vr_netif *c = NULL;
  if (tap->is_vf)
    return vr_vf_find(vfs, tap->name, tap->vf);
  if (own && tap->place != VR_TAP_OF_HOST)
    c = vr_netdev_find(own, tap->name);
  return c || tap->place == VR_TAP_OF_GUEST ? c
                                            : vr_netdev_find(host, tap->name);
}

/* No interface has a slash in its name. */
static uint64_t key_of(const struct vr_tap *tap) {
  char name[VR_IFNAME_MAX + 16];
  if (!tap->is_vf)
    return vr_accumulator_key(tap->name);
  snprintf(name, sizeof(name), "%s/%u", tap->name, tap->vf);
  return vr_accumulator_key(name);
}

/* Of one that counts like a network card. */
static void swap_directions(struct vr_netif *c) {
  const struct vr_netif was = *c;
  c->rx_bytes = was.tx_bytes;
  c->rx_packets = was.tx_packets;
  c->rx_errors = was.tx_errors;
  c->rx_dropped = was.tx_dropped;
  c->tx_bytes = was.rx_bytes;
  c->tx_packets = was.rx_packets;
  c->tx_errors = was.rx_errors;
  c->tx_dropped = was.rx_dropped;
}

bool vr_taps_read(const struct vr_tap *tap, const struct vr_netdev *own,
                  const struct vr_netdev *host, struct vr_vfs *vfs,
                  struct vr_netif *ret) {
  const struct vr_netif *c = find(tap, own, host, vfs);
  if (!c)
    return false;
  *ret = *c;
  if (tap->counts_like_guest)
    swap_directions(ret);
  return true;
}

bool vr_taps_sum(const struct vr_taps *taps, const struct vr_netdev *own,
                 const struct vr_netdev *host, struct vr_vfs *vfs,
                 struct vr_accumulator *sums, struct vr_netif *ret) {
  bool all = true;
  vr_accumulator_begin(sums);
  for (size_t i = 0; i < taps->count; i++) {
    struct vr_netif c;
    uint64_t key = key_of(&taps->v[i]);
    if (!vr_taps_read(&taps->v[i], own, host, vfs, &c)) {
      all = false;
      vr_accumulator_keep(sums, key);
      continue;
    }
    const uint64_t now[VR_ACCUMULATOR_COUNTERS] = {c.rx_bytes, c.rx_packets,
                                                   c.tx_bytes, c.tx_packets};
    vr_accumulator_add(sums, key, now, false);
  }
  vr_accumulator_end(sums);
  if (!all || taps->partial)
    return false;
  *ret = (struct vr_netif){.rx_bytes = sums->sum[0],
                           .rx_packets = sums->sum[1],
                           .tx_bytes = sums->sum[2],
                           .tx_packets = sums->sum[3]};
  return true;
}
