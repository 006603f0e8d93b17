/* SPDX-License-Identifier: MIT
 *
 * Forwarding databases of several hosts (bridges and VXLANs), compared with
 * where guests really are: an entry that sends a guest's frames elsewhere is
 * stale, and static ones never heal.
 */
#ifndef VR_TOPOLOGY_FDB_H
#define VR_TOPOLOGY_FDB_H

#include "basic/error.h"

#include <stdbool.h>
#include <stddef.h>

struct vr_fdb;

struct vr_fdb *vr_fdb_new(void);
void vr_fdb_free(struct vr_fdb *f);
void vr_fdb_freep(struct vr_fdb **f);

/* Adds the entries of HOST: JSON, what "bridge -j fdb show" printed there;
 * NAME stands for it in messages. Returns 0, -EINVAL with *ret_error, or
 * -ENOMEM. */
int vr_fdb_parse(struct vr_fdb *f, const char *host, const char *name,
                 const char *json, struct vr_error *ret_error);

/* The guest with address MAC (12 hex digits, or with colons) is on HOST. Two
 * hosts may say so. Returns 0, -EINVAL for what is no MAC, or -ENOMEM. */
int vr_fdb_place(struct vr_fdb *f, const char *mac, const char *host,
                 const char *guest);

/* ADDRESS is HOST's end of tunnels. Without it it is taken from the entries,
 * where most of them agree. */
int vr_fdb_tunnel(struct vr_fdb *f, const char *host, const char *address);

enum vr_fdb_fault {
  VR_FDB_ELSEWHERE, /* sends to another host than the guest's */
  VR_FDB_HERE,      /* sends to a local port; the guest is on another host */
  VR_FDB_AWAY,      /* sends into a tunnel; the guest is on this host */
  VR_FDB_TWICE,     /* two hosts say that the guest is there */
};

struct vr_fdb_finding {
  enum vr_fdb_fault fault;
  const char *host;   /* the stale one; one of the two */
  const char *device; /* NULL for TWICE */
  const char *mac, *guest;
  const char *destination; /* address of a tunnel's end, or NULL */
  const char *believed;    /* the host that it leads to, or NULL */
  const char *real;        /* where the guest is; the other one of two */
  bool is_static;          /* stays until somebody removes it */
};
typedef void (*vr_fdb_fn)(void *ctx, const struct vr_fdb_finding *finding);

/* Passes what is wrong to FN; returns how many that were. The texts are valid
 * until *F changes. */
size_t vr_fdb_check(struct vr_fdb *f, vr_fdb_fn fn, void *ctx);

/* How much there was to compare. */
struct vr_fdb_stats {
  size_t hosts, entries, guests;
  size_t compared; /* entries of guests whose host is known */
};
struct vr_fdb_stats vr_fdb_stats(const struct vr_fdb *f);

#endif
