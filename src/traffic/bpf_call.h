/* SPDX-License-Identifier: MIT
 *
 * bpf(2): what is used of it, without a library. Descriptors are closed on
 * exec. Errors are negative errnos; -EPERM: the process has neither CAP_BPF nor
 * CAP_SYS_ADMIN.
 */
#ifndef VR_TRAFFIC_BPF_CALL_H
#define VR_TRAFFIC_BPF_CALL_H

#include <linux/bpf.h>
#include <stddef.h>

/* Sizes in bytes; all its entries are allocated at once. */
struct vr_bpf_map {
  unsigned key_size, value_size, entries;
};

/* A hash table. Returns its descriptor. */
int vr_bpf_map_new(const char *name, const struct vr_bpf_map *map);

/* Adds an entry or replaces it. */
int vr_bpf_map_set(int fd, const void *key, const void *value);

/* Copies all entries, at most MAP->entries of them, of a map from which none is
 * ever taken away. Returns how many. One call of the system where the kernel
 * has that (Linux 5.6), else one for each entry. */
int vr_bpf_map_read(int fd, const struct vr_bpf_map *map, void *keys,
                    void *values);

/* As if the kernel could not read a map in one call; for tests. */
void vr_bpf_map_read_one_by_one(int yes);

/* A filter for sockets. Returns its descriptor. */
int vr_bpf_filter_load(const char *name, const struct bpf_insn *insns,
                       size_t count);

#endif
