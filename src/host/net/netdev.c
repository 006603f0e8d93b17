/* SPDX-License-Identifier: MIT */
#include "host/net/netdev.h"

#include "host/proc/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uthash.h>

enum hardware { UNKNOWN, HARDWARE, SOFTWARE };

struct entry {
  struct vr_netif counters;
  unsigned generation; /* of the reading that saw it last */
  enum hardware hardware;
  UT_hash_handle hh;
};

struct vr_netdev {
  struct vr_procfile file;
  struct entry *entries;
  unsigned generation;
};

int vr_netdev_new(struct vr_netdev **ret) {
  struct vr_netdev *n = calloc(1, sizeof(*n));
  if (!n)
    return -ENOMEM;
  n->file = VR_PROCFILE_CLOSED;
  *ret = n;
  return 0;
}

static void forget(struct vr_netdev *n, unsigned generation, bool all) {
  struct entry *e, *next;
  HASH_ITER(hh, n->entries, e, next) {
    if (!all && e->generation == generation)
      continue;
    HASH_DEL(n->entries, e);
    free(e);
  }
}

void vr_netdev_free(struct vr_netdev *n, struct vr_fd_budget *budget) {
  if (!n)
    return;
  forget(n, 0, true);
  vr_procfile_close(&n->file, budget);
  free(n);
}

static struct entry *entry_of(struct vr_netdev *n, const char *name,
                              size_t length) {
  struct entry *e;
  HASH_FIND(hh, n->entries, name, length, e);
  if (e)
    return e;
  e = calloc(1, sizeof(*e));
  if (!e)
    return NULL;
  memcpy(e->counters.name, name, length);
  HASH_ADD_KEYPTR(hh, n->entries, e->counters.name, length, e);
  return e;
}

static bool scan_direction(const char **p, uint64_t *bytes, uint64_t *packets,
                           uint64_t *errors, uint64_t *dropped) {
  return vr_scan_u64(p, bytes) && vr_scan_u64(p, packets) &&
         vr_scan_u64(p, errors) && vr_scan_u64(p, dropped);
}

/* "  tap0: rx_bytes rx_packets rx_errs rx_drop (4 more) tx_bytes ..." */
static int parse_line(struct vr_netdev *n, const char *p) {
  vr_skip_blanks(&p);
  const char *colon = strchr(p, ':');
  if (!colon || colon == p || colon - p >= VR_IFNAME_MAX)
    return -EBADMSG;
  const char *name = p;
  struct vr_netif c = {.have_errors = true};
  p = colon + 1;
  if (!scan_direction(&p, &c.rx_bytes, &c.rx_packets, &c.rx_errors,
                      &c.rx_dropped) ||
      !vr_skip_words(&p, 4) ||
      !scan_direction(&p, &c.tx_bytes, &c.tx_packets, &c.tx_errors,
                      &c.tx_dropped))
    return -EBADMSG;
  struct entry *e = entry_of(n, name, (size_t)(colon - name));
  if (!e)
    return -ENOMEM;
  memcpy(c.name, e->counters.name, sizeof(c.name));
  e->counters = c;
  e->generation = n->generation;
  return 0;
}

int vr_netdev_read(struct vr_netdev *n, struct vr_fd_budget *budget, int dirfd,
                   const char *path, struct vr_procfile_text *text) {
  n->generation++;
  ssize_t r = vr_procfile_read_all(&n->file, budget, dirfd, path, text);
  if (r < 0) {
    vr_procfile_close(&n->file, budget);
    forget(n, 0, true);
    return (int)r;
  }
  unsigned seen = 0;
  const char *p = text->data;
  /* Two lines of headings have "|" where a name would end. */
  for (bool more = r > 0; more; more = vr_next_line(&p))
    if (parse_line(n, p) == 0)
      seen++;
  if (HASH_COUNT(n->entries) != seen)
    forget(n, n->generation, false);
  return 0;
}

const struct vr_netif *vr_netdev_find(const struct vr_netdev *n,
                                      const char *name) {
  struct entry *e;
  HASH_FIND_STR(n->entries, name, e);
  return e ? &e->counters : NULL;
}

static enum hardware hardware_of(int sysfd, const char *name) {
  char path[64];
  snprintf(path, sizeof(path), "class/net/%s/device", name);
  return faccessat(sysfd, path, F_OK, 0) == 0 ? HARDWARE : SOFTWARE;
}

bool vr_netdev_hardware(struct vr_netdev *n, int sysfd, struct vr_netif *ret) {
  struct vr_netif sum = {.name = ""};
  bool any = false;
  for (struct entry *e = n->entries; e; e = e->hh.next) {
    if (e->hardware == UNKNOWN)
      e->hardware = hardware_of(sysfd, e->counters.name);
    if (e->hardware != HARDWARE)
      continue;
    any = true;
    sum.rx_bytes += e->counters.rx_bytes;
    sum.rx_packets += e->counters.rx_packets;
    sum.tx_bytes += e->counters.tx_bytes;
    sum.tx_packets += e->counters.tx_packets;
  }
  if (any)
    *ret = sum;
  return any;
}
