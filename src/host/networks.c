/* SPDX-License-Identifier: MIT */
#include "host/networks.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <uthash.h>

/* The interfaces of one network namespace in which guests live. */
struct vr_network {
  uint64_t inode;
  unsigned generation; /* of the reading that needed it last */
  struct vr_netdev *dev;
  UT_hash_handle hh;
};

int vr_networks_init(struct vr_networks *n, struct vr_tree *t) {
  struct stat st;
  *n = (struct vr_networks){0};
  if (fstatat(t->procfd, "self/ns/net", &st, 0) == 0)
    n->inode = (uint64_t)st.st_ino;
  return vr_netdev_new(&n->host);
}

static void free_one(struct vr_networks *n, struct vr_tree *t,
                     struct vr_network *one) {
  HASH_DEL(n->others, one);
  vr_netdev_free(one->dev, &t->budget);
  free(one);
}

void vr_networks_free(struct vr_networks *n, struct vr_tree *t) {
  struct vr_network *one, *next;
  HASH_ITER(hh, n->others, one, next) free_one(n, t, one);
  vr_vf_free(&n->vfs);
  vr_netdev_free(n->host, &t->budget);
}

static struct vr_network *network_of(struct vr_networks *n, uint64_t inode) {
  struct vr_network *one;
  HASH_FIND(hh, n->others, &inode, sizeof(inode), one);
  if (one)
    return one;
  one = calloc(1, sizeof(*one));
  if (!one || vr_netdev_new(&one->dev) < 0) {
    free(one);
    return NULL;
  }
  one->inode = inode;
  HASH_ADD(hh, n->others, inode, sizeof(one->inode), one);
  return one;
}

/* The interfaces as the guest's namespace has them. */
static const struct vr_netdev *
interfaces_of(struct vr_networks *n, struct vr_tree *t, struct vr_vmproc *g) {
  /* It may have gone into another one. */
  g->network = g->sample.network = vr_vmproc_network(t->procfd, g->pid);
  if (g->network == 0 || g->network == n->inode)
    return n->host;
  struct vr_network *one = network_of(n, g->network);
  if (!one)
    return NULL;
  if (one->generation != n->generation) {
    char path[32];
    one->generation = n->generation;
    snprintf(path, sizeof(path), "%d/net/dev", (int)g->pid);
    vr_netdev_read(one->dev, &t->budget, t->procfd, path, &t->text);
  }
  return one->dev;
}

static void read_each(struct vr_networks *n, const struct vr_netdev *own,
                      struct vr_vmproc *g) {
  struct vr_netif counters;
  for (size_t i = 0; g->details && i < g->taps.count; i++) {
    bool there = vr_taps_read(&g->taps.v[i], own, n->host, &n->vfs, &counters);
    vr_details_take_nic(g->details, i, there ? &counters : NULL);
  }
}

static void sum_taps(struct vr_networks *n, struct vr_tree *t,
                     struct vr_vmproc *g) {
  struct vr_vmproc_sample *s = &g->sample;
  bool was_known = s->have_tap;
  s->have_tap = false;
  if (g->taps.count > 0) {
    const struct vr_netdev *own = interfaces_of(n, t, g);
    s->have_tap =
        vr_taps_sum(&g->taps, own, n->host, &n->vfs, &g->tap_sums, &s->tap);
    read_each(n, own, g);
  }
  /* One may have been unplugged, or taken elsewhere. */
  if (was_known && !s->have_tap)
    g->probe = true;
}

/* An open file of a namespace keeps the namespace alive: unused ones are
 * closed. */
static void evict_unused(struct vr_networks *n, struct vr_tree *t) {
  struct vr_network *one, *next;
  HASH_ITER(hh, n->others, one, next) {
    if (one->generation != n->generation)
      free_one(n, t, one);
  }
}

void vr_networks_read(struct vr_networks *n, struct vr_tree *t,
                      const struct vr_vm_list *guests, bool report_host,
                      struct vr_host_sample *s) {
  n->generation++;
  bool needed = report_host;
  for (size_t i = 0; i < guests->count; i++)
    needed |= guests->v[i]->taps.count > 0;
  if (needed)
    vr_netdev_read(n->host, &t->budget, t->procfd, "net/dev", &t->text);
  s->have_net = vr_netdev_hardware(n->host, t->sysfd, &s->net);
  vr_vf_begin(&n->vfs);
  for (size_t i = 0; i < guests->count; i++)
    sum_taps(n, t, guests->v[i]);
  evict_unused(n, t);
}
