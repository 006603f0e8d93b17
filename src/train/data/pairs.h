/* SPDX-License-Identifier: MIT
 *
 * Who is in an archive: the guests that a hypervisor host recorded VM-process
 * series of, and the host name under which each guest's own series are.
 */
#ifndef VR_TRAIN_DATA_PAIRS_H
#define VR_TRAIN_DATA_PAIRS_H

#include "archive/archive.h"

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
  size_t n;
  struct vr_pair *pairs; /* by host, then guest */
};

void vr_pairs_clear(struct vr_pairs *p);

/* The name of the introspected truth of PAIR's guest, whatever its truth is;
 * the caller frees it. Returns 0, -ENOENT when ARCHIVE has none, -ENOMEM. */
int vr_pairs_introspected(const struct vr_pair *pair,
                          const struct vr_archive *archive, char **ret_truth);

/* Finds the pairs of ARCHIVE: by our own read plugin; where it saw nothing of a
 * guest, by collectd's virt plugin under either of its usual names, whose
 * series become sources (vr_sources_add_types); and by the sources that the
 * user gave, where what stands for %{guest} is a host that sent series of its
 * own. OVERRIDES are N texts "HOST/GUEST=HOSTNAME": for guests whose own name
 * differs, and for those that nothing of the above finds, when HOST has series
 * of any plugin for GUEST, or one that a source names. Guests whose names no
 * report could hold are left out with a warning. Returns 0, -EINVAL for an
 * override that is none or that names a guest that is not there (*ret_error
 * filled), -ENOMEM. */
int vr_pairs_find(const struct vr_archive *archive,
                  const char *const *overrides, size_t n,
                  struct vr_pairs *ret_pairs, struct vr_error *ret_error);

/* Warns when no guest has a series that the source PATTERN names, or when the
 * series has no such data source. */
void vr_pairs_check_source(const struct vr_pairs *p,
                           const struct vr_archive *archive,
                           const char *pattern);

#endif
