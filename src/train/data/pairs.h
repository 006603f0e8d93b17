/* SPDX-License-Identifier: MIT
 *
 * Who is in an archive: the guests that a hypervisor host recorded VM-process
 * series of, and the host name under which each guest's own series are.
 */
#ifndef VR_TRAIN_DATA_PAIRS_H
#define VR_TRAIN_DATA_PAIRS_H

#include "archive/archive.h"

#include <stdbool.h>

struct vr_pair {
  char *host;  /* hypervisor host; with PLUGIN "virt", the guest itself */
  char *guest; /* name of the guest there */
  /* Where series of its VM process are: the directory PLUGIN (vmrecon-GUEST,
   * virt-GUEST, virt, processes-GUEST, ...) below WHERE, HOST or the guest. */
  char *where, *plugin;
  char *truth; /* host name of the guest's own series, or introspected truth
                (truth.h); NULL if there is none */
};

struct vr_pairs {
  size_t n, capacity;
  struct vr_pair *pairs; /* by host, then guest */
  size_t n_twice;        /* what was dropped, since it is there again */
};

void vr_pairs_clear(struct vr_pairs *p);
void vr_pairs_clear_one(struct vr_pair *p);

/* The name of the introspected truth of PAIR's guest, whatever its truth is;
 * the caller frees it. Returns 0, -ENOENT when ARCHIVE has none, -ENOMEM. */
int vr_pairs_introspected(const struct vr_pair *pair,
                          const struct vr_archive *archive, char **ret_truth);

/* Is PLUGIN what somebody outside reports of a guest, or our own output? */
bool vr_pairs_is_from_outside(const char *host, const char *plugin);

/* Does HOST have series of its own? */
bool vr_pairs_has_own_series(const struct vr_archive *a, const char *host);

/* Is there truth under the name TRUTH: a host name, or introspected? */
bool vr_pairs_has_truth(const struct vr_archive *a, const char *truth);

/* Is the guest paired already, on HOST (NULL: anywhere)? */
bool vr_pairs_is_paired(const struct vr_pairs *p, const char *host,
                        const char *guest);

/* Pairs GUEST of HOST, by what is in FILE's plugin, with what truth there is.
 * Returns 0 or -ENOMEM; P is to be cleared in either case. */
int vr_pairs_add(struct vr_pairs *p, const struct vr_archive *a,
                 const char *host, const char *guest,
                 const struct vr_archive_file *file);

#endif
