/* SPDX-License-Identifier: MIT
 *
 * The problem of placement: hosts with what they have, guests with what they
 * take and who they talk to, and who must not share a host.
 */
#ifndef VR_TOPOLOGY_PLACEMENT_H
#define VR_TOPOLOGY_PLACEMENT_H

#include <stdbool.h>
#include <stddef.h>

struct vr_placement_host {
  char *name;
  double cpu;    /* CPUs; INFINITY where no limit is known, as below */
  double memory; /* bytes */
  double nic;    /* bytes per second, in and out together */
};

struct vr_placement_guest {
  char *name;
  double cpu;    /* CPUs; 0 where it is not known, as below */
  double memory; /* bytes: also what a migration has to copy */
  size_t host;   /* where it runs */
  bool fixed;    /* is not to be moved */
};

struct vr_placement_demand {
  size_t from, to;        /* guests */
  double bytes;           /* per second */
  double arrived, latest; /* what arrives of it; in the last window alone */
  double sent;            /* in the last window alone, by the sender */
};

/* Guests no two of which may share a host. */
struct vr_placement_apart {
  size_t n;
  size_t *guests;
};

struct vr_placement {
  size_t n_hosts, n_guests, n_demands, n_apart;
  struct vr_placement_host *hosts;
  struct vr_placement_guest *guests;
  struct vr_placement_demand *demands;
  struct vr_placement_apart *apart;
};

void vr_placement_clear(struct vr_placement *p);

/* Each adds one and returns its index, or -ENOMEM; NAME is copied. */
long vr_placement_add_host(struct vr_placement *p, const char *name, double cpu,
                           double memory, double nic);
long vr_placement_add_guest(struct vr_placement *p, const char *name,
                            double cpu, double memory, size_t host);
int vr_placement_add_demand(struct vr_placement *p, size_t from, size_t to,
                            double bytes);
/* Adds a group and returns 0; vr_placement_join_apart() adds to the last. */
int vr_placement_add_apart(struct vr_placement *p);
int vr_placement_join_apart(struct vr_placement *p, size_t guest);

/* Index of a name, or -ENOENT. */
long vr_placement_host_index(const struct vr_placement *p, const char *name);
long vr_placement_guest_index(const struct vr_placement *p, const char *name);

/* Bytes per second of all demands. */
double vr_placement_total(const struct vr_placement *p);
/* Bytes per second between guests on different hosts, when guest i is on host
 * HOST[i]. */
double vr_placement_crossing(const struct vr_placement *p, const size_t *host);
/* Does HOST keep all limits and all groups apart? */
bool vr_placement_is_allowed(const struct vr_placement *p, const size_t *host);

#endif
