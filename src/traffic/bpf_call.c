/* SPDX-License-Identifier: MIT */
#include "traffic/bpf_call.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool one_by_one; /* the kernel has no batches */

static uint64_t pointer(const void *p) { return (uint64_t)(uintptr_t)p; }

static int call_once(int command, union bpf_attr *attr) {
  long r = syscall(SYS_bpf, command, attr, sizeof(*attr));
  return r < 0 ? -errno : (int)r;
}

/* Before Linux 5.11 maps and programs count as locked memory, of which a daemon
 * may have little. */
static int call_to_make(int command, union bpf_attr *attr) {
  const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  int r = call_once(command, attr);
  if (r == -EPERM && setrlimit(RLIMIT_MEMLOCK, &all) == 0)
    r = call_once(command, attr);
  return r;
}

int vr_bpf_map_new(const char *name, const struct vr_bpf_map *map) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof(attr));
  attr.map_type = BPF_MAP_TYPE_HASH;
  attr.key_size = map->key_size;
  attr.value_size = map->value_size;
  attr.max_entries = map->entries;
  snprintf(attr.map_name, sizeof(attr.map_name), "%s", name);
  return call_to_make(BPF_MAP_CREATE, &attr);
}

int vr_bpf_map_set(int fd, const void *key, const void *value) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof(attr));
  attr.map_fd = (uint32_t)fd;
  attr.key = pointer(key);
  attr.value = pointer(value);
  attr.flags = BPF_ANY;
  return call_once(BPF_MAP_UPDATE_ELEM, &attr);
}

/* -ENOENT says that this was all. */
static int read_batch(int fd, const struct vr_bpf_map *map, void *keys,
                      void *values) {
  uint32_t position = 0;
  union bpf_attr attr;
  memset(&attr, 0, sizeof(attr));
  attr.batch.out_batch = pointer(&position);
  attr.batch.keys = pointer(keys);
  attr.batch.values = pointer(values);
  attr.batch.count = map->entries;
  attr.batch.map_fd = (uint32_t)fd;
  int r = call_once(BPF_MAP_LOOKUP_BATCH, &attr);
  return r == 0 || r == -ENOENT ? (int)attr.batch.count : r;
}

static int read_singly(int fd, const struct vr_bpf_map *map, char *keys,
                       char *values) {
  const char *key = NULL;
  union bpf_attr attr;
  for (unsigned n = 0; n < map->entries; n++) {
    memset(&attr, 0, sizeof(attr));
    attr.map_fd = (uint32_t)fd;
    attr.key = pointer(key);
    attr.next_key = pointer(keys);
    int r = call_once(BPF_MAP_GET_NEXT_KEY, &attr);
    if (r < 0)
      return r == -ENOENT ? (int)n : r;
    attr.key = pointer(keys);
    attr.value = pointer(values);
    r = call_once(BPF_MAP_LOOKUP_ELEM, &attr);
    if (r < 0)
      return r;
    key = keys;
    keys += map->key_size;
    values += map->value_size;
  }
  return (int)map->entries;
}

int vr_bpf_map_read(int fd, const struct vr_bpf_map *map, void *keys,
                    void *values) {
  if (!one_by_one) {
    int r = read_batch(fd, map, keys, values);
    if (r != -EINVAL && r != -EOPNOTSUPP)
      return r;
    one_by_one = true;
  }
  return read_singly(fd, map, keys, values);
}

void vr_bpf_map_read_one_by_one(int yes) { one_by_one = yes; }

int vr_bpf_filter_load(const char *name, const struct bpf_insn *insns,
                       size_t count) {
  union bpf_attr attr;
  memset(&attr, 0, sizeof(attr));
  attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  attr.insns = pointer(insns);
  attr.insn_cnt = (uint32_t)count;
  attr.license = pointer("MIT");
  snprintf(attr.prog_name, sizeof(attr.prog_name), "%s", name);
  return call_to_make(BPF_PROG_LOAD, &attr);
}
