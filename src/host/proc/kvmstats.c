/* SPDX-License-Identifier: MIT */
#include "host/proc/kvmstats.h"

#include "basic/cleanup.h"
#include "host/proc/listing.h"
#include "host/proc/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define DIRECTORY "kernel/debug/kvm"

#define NAME(name, readers) #name,
const char *const vr_kvmstats_names[VR_KVM_STAT_COUNT] = {VR_KVM_STATS(NAME)};

int vr_kvmstats_by_name(const char *name) {
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++)
    if (strcmp(name, vr_kvmstats_names[i]) == 0)
      return i;
  return -1;
}

void vr_kvmstats_init(struct vr_kvmstats *k) {
  *k = (struct vr_kvmstats){0};
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++)
    k->files[i] = VR_PROCFILE_CLOSED;
}

void vr_kvmstats_find(struct vr_kvmstats *k, int sysfd, pid_t pid) {
  if (k->path[0] != '\0' || sysfd < 0)
    return;
  vr_cleanup(vr_listing_close) struct vr_listing machines;
  if (vr_listing_open(&machines, sysfd, DIRECTORY) < 0)
    return;
  char prefix[16];
  int n = snprintf(prefix, sizeof(prefix), "%d-", (int)pid);
  const char *name;
  while ((name = vr_listing_next(&machines)))
    if (strncmp(name, prefix, (size_t)n) == 0 && strlen(name) < 24) {
      snprintf(k->path, sizeof(k->path), DIRECTORY "/%.24s", name);
      memset(k->missing, 0, sizeof(k->missing));
      return;
    }
}

static bool read_one(struct vr_kvmstats *k, int i, int sysfd,
                     struct vr_fd_budget *budget, uint64_t *ret) {
  char path[sizeof(k->path) + 32], text[64];
  const char *p = text;
  if (k->missing[i])
    return false;
  snprintf(path, sizeof(path), "%s/%s", k->path, vr_kvmstats_names[i]);
  ssize_t n =
      vr_procfile_read(&k->files[i], budget, sysfd, path, text, sizeof(text));
  if (n == -ENOENT || n == -EPERM || n == -EACCES)
    k->missing[i] = true;
  return n >= 0 && vr_scan_u64(&p, ret);
}

bool vr_kvmstats_read(struct vr_kvmstats *k, int sysfd,
                      struct vr_fd_budget *budget, struct vr_kvm_sample *ret) {
  bool any = false;
  if (k->path[0] == '\0')
    return false;
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++) {
    ret->have[i] = read_one(k, i, sysfd, budget, &ret->value[i]);
    any |= ret->have[i];
  }
  return any;
}

void vr_kvmstats_close(struct vr_kvmstats *k, struct vr_fd_budget *budget) {
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++)
    vr_procfile_close(&k->files[i], budget);
  k->path[0] = '\0';
}
