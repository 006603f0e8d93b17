/* SPDX-License-Identifier: MIT */
#include "guests.h"

#include "basic/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char log_last[1024];
static int logged, informed;

static void receive(int priority, const char *message) {
  if (priority >= LOG_INFO)
    informed++;
  else
    logged++;
  snprintf(log_last, sizeof(log_last), "%s", message);
}

int info_count(void) {
  int n = informed;
  informed = 0;
  return n;
}

int log_count(void) {
  int n = logged;
  logged = 0;
  return n;
}

void log_take(void) {
  vr_log_set(receive);
  log_count();
  info_count();
}

void guest_owner(const struct tree *t, int pid, int real, int effective,
                 int parent) {
  char path[64];
  snprintf(path, sizeof(path), "%d/status", pid);
  tree_write(
      t, path,
      "Name:\tqemu-system-x86\nPid:\t%d\nPPid:\t%d\nUid:\t%d\t%d\t%d\t%d\n",
      pid, parent, real, effective, effective, effective);
}

static void stat_file(const struct tree *t, const char *path, int pid,
                      int faults, int start) {
  tree_write(t, path,
             "%d (qemu) S 1 1 1 0 -1 0 %d 0 %d 0 1 1 0 0 20 0 3 0 %d 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
             pid, faults, faults / 10, start);
}

void guest_run(const struct tree *t, int pid, int start, int rounds) {
  char path[96];
  int all_faults = 0;
  for (int i = 0; i < 3; i++) {
    long long run = (i + 1) * 1000000000LL * rounds;
    int faults = 100 * (i + 1) * rounds;
    all_faults += faults;
    snprintf(path, sizeof(path), "%d/task/%d/schedstat", pid, pid + i);
    tree_write(t, path, "%lld %lld %d\n", run, run / 2, 10 * rounds);
    snprintf(path, sizeof(path), "%d/task/%d/status", pid, pid + i);
    tree_write(t, path,
               "Name:\tx\nvoluntary_ctxt_switches:\t%d\n"
               "nonvoluntary_ctxt_switches:\t%d\n",
               7 * rounds, 3 * rounds);
    snprintf(path, sizeof(path), "%d/task/%d/stat", pid, pid + i);
    stat_file(t, path, pid + i, faults, start);
  }
  snprintf(path, sizeof(path), "%d/stat", pid);
  stat_file(t, path, pid, all_faults, start);
}

void guest_start(const struct tree *t, int pid, const char *name, int start) {
  static const char *const names[] = {"qemu-system-x86", "CPU 0/TCG",
                                      "CPU 1/TCG"};
  char path[64], args[1024];
  snprintf(path, sizeof(path), "%d/cmdline", pid);
  snprintf(args, sizeof(args),
           "qemu-system-x86_64\n-name\n%s\n-accel\ntcg\n-m\n256\n-smp\n2\n",
           name);
  tree_args(t, path, args);
  guest_owner(t, pid, 0, 0, 1);
  snprintf(path, sizeof(path), "%d/statm", pid);
  tree_write(t, path, "5000 1000 10 2 0 100 0\n");
  snprintf(path, sizeof(path), "%d/io", pid);
  tree_write(t, path,
             "rchar: 1\nwchar: 1\nsyscr: 11\nsyscw: 12\n"
             "read_bytes: 4096\nwrite_bytes: 8192\n"
             "cancelled_write_bytes: 0\n");
  for (int i = 0; i < 3; i++) {
    snprintf(path, sizeof(path), "%d/task/%d/comm", pid, pid + i);
    tree_write(t, path, "%s\n", names[i]);
  }
  guest_run(t, pid, start, 0);
}

void reader_options(const struct tree *t, int fd_budget,
                    struct vr_host_options *ret) {
  vr_host_options_default(ret);
  ret->proc_path = t->path;
  ret->sys_path = t->path;
  ret->trusted = (struct vr_users){.count = 1, .uids = {0}};
  ret->qmp = ret->libvirt = false;
  ret->fd_budget = fd_budget;
  log_take();
}

struct vr_host *reader_new(const struct tree *t, int fd_budget) {
  struct vr_host_options options;
  struct vr_host *h;
  reader_options(t, fd_budget, &options);
  if (vr_host_new(&options, &h) < 0)
    exit(99);
  return h;
}

int machine_setup(void **state) {
  struct machine *m = calloc(1, sizeof(*m));
  if (!m)
    return -1;
  m->tree = tree_new();
  *state = m;
  return 0;
}

int machine_teardown(void **state) {
  struct machine *m = *state;
  vr_host_free(m->reader);
  tree_free(&m->tree);
  free(m);
  return 0;
}

struct machine *machine_of(void **state) {
  return *state;
}

struct vr_host *machine_reader(void **state, int fd_budget) {
  struct machine *m = *state;
  vr_host_free(m->reader);
  m->reader = NULL;
  m->reader = reader_new(&m->tree, fd_budget);
  return m->reader;
}

const struct vr_vmproc_sample *guest_named(const struct vr_host *h,
                                           const char *name) {
  for (size_t i = 0; i < vr_host_vmproc_count(h); i++)
    if (strcmp(vr_host_vmproc(h, i)->name, name) == 0)
      return vr_host_vmproc(h, i);
  return NULL;
}

struct vr_disks disks_sum(const struct vr_disk_list *l) {
  struct vr_disks sum = {0};
  for (size_t i = 0; i < l->count; i++)
    vr_diskstats_add(&sum, &l->v[i].counters);
  return sum;
}
