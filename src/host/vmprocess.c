/* SPDX-License-Identifier: MIT */
#include "host/vmprocess.h"

#include "basic/cleanup.h"
#include "host/proc/pidfiles.h"
#include "host/vmm/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
  SMALL_FILE = 4096,
  CMDLINE_MAX = 128 * 1024,
  /* Readings between two looks for interfaces that were plugged in. */
  LOOK_AGAIN = 30,
  FIRST_LOOKS = 3,
};

/* The process's directory: the one kept open, or opened for now. */
static int dir_open(struct vr_vmproc *g, int procfd,
                    struct vr_fd_budget *budget) {
  if (g->dir.fd >= 0)
    return g->dir.fd;
  char path[16];
  snprintf(path, sizeof(path), "%d", (int)g->pid);
  int fd = openat(procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  if (budget->used < budget->max) {
    budget->used++;
    g->dir.fd = fd;
  }
  return fd;
}

static void dir_done(const struct vr_vmproc *g, int fd) {
  if (fd >= 0 && fd != g->dir.fd)
    close(fd);
}

/* A process that was just looked at and may become a guest. */
struct candidate {
  pid_t pid, parent;
  uid_t user;
  const struct vr_recogniser *recogniser;
  struct vr_vm vm;
  struct vr_pidstat stat;
  char comm[16];
};

static bool has_ended(const struct vr_pidstat *stat) {
  return stat->state == 'Z' || stat->state == 'X';
}

/* A process's name, of stat; whoever executes a program gets another one. */
static void comm_of(const char *stat, char ret[16]) {
  const char *begin = strchr(stat, '('), *end = strrchr(stat, ')');
  memset(ret, 0, 16);
  if (!begin || end <= begin)
    return;
  size_t n = (size_t)(end - begin - 1);
  memcpy(ret, begin + 1, n < 16 ? n : 16);
}

static int check_user(int dirfd, const struct vr_users *trusted,
                      struct candidate *c) {
  char text[SMALL_FILE];
  uid_t real, effective;
  ssize_t n = vr_procfile_read_once(dirfd, "status", text, sizeof(text));
  if (n < 0)
    return (int)n;
  int r = vr_proc_uids_parse(text, &real, &effective);
  if (r < 0)
    return r;
  c->user = real;
  vr_proc_ppid_parse(text, &c->parent);
  return vr_users_trust(trusted, real, effective) ? 0 : -EPERM;
}

/* Reads the rest of a long command line. */
static int recognise_whole(int dirfd, struct vr_cmdline *line,
                           struct candidate *c) {
  vr_auto_free char *text = malloc(CMDLINE_MAX);
  if (!text)
    return -ENOMEM;
  ssize_t n = vr_procfile_read_once(dirfd, "cmdline", text, CMDLINE_MAX);
  if (n <= 0)
    return -ENOENT;
  vr_cmdline_split(text, (size_t)n, line);
  c->recogniser = vr_recognise(line);
  if (!c->recogniser)
    return -ENOENT;
  c->vm.accelerator = c->recogniser->accelerator;
  return c->recogniser->parse(line, dirfd, &c->vm);
}

/* Whom the configuration or the command line names. */
static int recognise(int dirfd, const struct vr_custom *custom,
                     struct candidate *c) {
  char start[4096];
  ssize_t n = vr_procfile_read_once(dirfd, "cmdline", start, sizeof(start));
  if (n <= 0)
    return n < 0 ? (int)n : -ENOENT;
  const char *name =
      vr_custom_find(custom, c->pid, c->stat.start_ticks, start, (size_t)n);
  if (name) {
    snprintf(c->vm.name, sizeof(c->vm.name), "%s", name);
    c->recogniser = &vr_recognise_custom;
    return 0;
  }
  vr_auto_free struct vr_cmdline *line = malloc(sizeof(*line));
  return line ? recognise_whole(dirfd, line, c) : -ENOMEM;
}

static uint64_t network_of(int dirfd) {
  struct stat st;
  return fstatat(dirfd, "ns/net", &st, 0) == 0 ? (uint64_t)st.st_ino : 0;
}

/* systemd-machined's scope of a libvirt guest:
 * machine-qemu\x2dID\x2dNAME.scope, everything but letters, digits, ":", "-",
 * "_", "." escaped. */
static bool name_of_scope(int dirfd, char *name, size_t size) {
  char text[SMALL_FILE];
  size_t n = 0;
  if (vr_procfile_read_once(dirfd, "cgroup", text, sizeof(text)) < 0)
    return false;
  const char *p = strstr(text, "machine-qemu\\x2d");
  const char *end = p ? strstr(p, ".scope") : NULL;
  p = p ? strstr(p + strlen("machine-qemu\\x2d"), "\\x2d") : NULL;
  if (!p || !end || p >= end)
    return false;
  for (p += strlen("\\x2d"); p < end && n + 1 < size; n++) {
    unsigned c;
    if (sscanf(p, "\\x%2x", &c) == 1) {
      name[n] = (char)c;
      p += 4;
    } else {
      name[n] = *p++;
    }
  }
  name[n] = '\0';
  return n > 0;
}

static void name_unnamed(int dirfd, struct candidate *c) {
  struct vr_vm *vm = &c->vm;
  if (vm->name[0] != '\0' || name_of_scope(dirfd, vm->name, sizeof(vm->name)))
    return;
  if (vm->uuid[0] != '\0')
    snprintf(vm->name, sizeof(vm->name), "%s", vm->uuid);
  else
    snprintf(vm->name, sizeof(vm->name), "%s-%d", c->recogniser->monitor,
             (int)c->pid);
}

static int look_at(int dirfd, const struct vr_vmproc_rules *rules,
                   struct candidate *c) {
  char text[SMALL_FILE];
  ssize_t n = vr_procfile_read_once(dirfd, "stat", text, sizeof(text));
  if (n < 0 || vr_proc_pidstat_parse(text, &c->stat) < 0 || has_ended(&c->stat))
    return -ENOENT;
  comm_of(text, c->comm);
  int r = recognise(dirfd, rules->custom, c);
  if (r < 0)
    return r;
  r = check_user(dirfd, rules->trusted, c);
  if (r < 0)
    return r;
  name_unnamed(dirfd, c);
  return 0;
}

/* A process without a command line has cleared it, is about to get one, or is a
 * thread of the kernel. */
static int without_line(int procfd, pid_t pid) {
  char path[32], text[SMALL_FILE];
  snprintf(path, sizeof(path), "%d/stat", (int)pid);
  ssize_t n = vr_procfile_read_once(procfd, path, text, sizeof(text));
  return n > 0 && vr_proc_is_kernel_thread(text) ? -ENXIO : -ENOENT;
}

/* Most processes are told by their first word alone. */
static int may_be_guest(int procfd, pid_t pid, const struct vr_custom *custom) {
  char path[32], start[4096];
  snprintf(path, sizeof(path), "%d/cmdline", (int)pid);
  ssize_t n = vr_procfile_read_once(procfd, path, start, sizeof(start));
  if (n == -ENOENT || n == -ESRCH)
    return -ESRCH;
  if (n <= 0)
    return n < 0 ? (int)n : without_line(procfd, pid);
  const struct vr_cmdline first = {.argc = 1, .argv = {start}};
  return vr_recognise(&first) ||
                 vr_custom_find(custom, pid, 0, start, (size_t)n)
             ? 0
             : -ENOENT;
}

bool vr_vmproc_is_same(const struct vr_vmproc *a, const struct vr_vmproc *b) {
  return a->start_ticks == b->start_ticks && a->recogniser == b->recogniser &&
         strcmp(a->vm.name, b->vm.name) == 0 &&
         strcmp(a->vm.uuid, b->vm.uuid) == 0 &&
         strcmp(a->vm.qmp_path, b->vm.qmp_path) == 0 &&
         a->vm.memory == b->vm.memory;
}

int vr_vmproc_new(int procfd, pid_t pid, const struct vr_vmproc_rules *rules,
                  struct vr_vmproc **ret, uid_t *ret_user) {
  char path[32];
  struct candidate c = {.pid = pid};
  int r = may_be_guest(procfd, pid, rules->custom);
  if (r < 0)
    return r;
  snprintf(path, sizeof(path), "%d", (int)pid);
  vr_auto_close int fd =
      openat(procfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return -errno;
  r = look_at(fd, rules, &c);
  if (r == -EPERM)
    *ret_user = c.user;
  if (r < 0)
    return r;
  struct vr_vmproc *g = calloc(1, sizeof(*g));
  if (!g)
    return -ENOMEM;
  g->pid = pid;
  g->parent = c.parent;
  g->start_ticks = c.stat.start_ticks;
  memcpy(g->comm, c.comm, sizeof(g->comm));
  g->recogniser = c.recogniser;
  g->vm = c.vm;
  g->dir = g->stat_file = g->statm_file = g->io_file = VR_PROCFILE_CLOSED;
  g->network = network_of(fd);
  vr_cgroup_init(&g->cgroup);
  vr_kvmstats_init(&g->kvm);
  g->sample.pid = pid;
  g->sample.start = g->start_ticks;
  g->sample.vm = &g->vm;
  g->sample.memory = c.vm.memory;
  g->sample.vcpus = c.vm.vcpus;
  *ret = g;
  return 0;
}

static bool is_gone(const struct vr_vmproc *g, const struct vr_pidstat *stat) {
  return has_ended(stat) || stat->start_ticks != g->start_ticks;
}

bool vr_vmproc_is_there(const struct vr_vmproc *g, int procfd) {
  char path[32], text[SMALL_FILE];
  struct vr_pidstat stat;
  snprintf(path, sizeof(path), "%d/stat", (int)g->pid);
  return vr_procfile_read_once(procfd, path, text, sizeof(text)) >= 0 &&
         vr_proc_pidstat_parse(text, &stat) == 0 && !is_gone(g, &stat);
}

/* The process's faults without its vCPU threads' are those of all others, those
 * that have ended included. Never backwards: the files were read one after the
 * other. */
static void set_emulator_faults(struct vr_vmproc *g,
                                const struct vr_pidstat *stat) {
  const struct vr_thread_sums *vcpu = &g->threads.sums[VR_VCPU];
  struct vr_thread_sums *rest = &g->threads.sums[VR_EMULATOR];
  if (!vcpu->have_faults)
    return;
  if (stat->minflt >= vcpu->minflt + rest->minflt)
    rest->minflt = stat->minflt - vcpu->minflt;
  if (stat->majflt >= vcpu->majflt + rest->majflt)
    rest->majflt = stat->majflt - vcpu->majflt;
  rest->have_faults = true;
}

/* Reads threads, then the process's own line, which tells whether a thread was
 * missed. */
static int read_threads(struct vr_vmproc *g, int dirfd,
                        struct vr_fd_budget *budget) {
  bool kvm = g->held == VR_ACCEL_KVM || g->vm.accelerator == VR_ACCEL_KVM;
  bool by_guest_time = kvm && !g->threads.named && !g->told;
  char text[SMALL_FILE];
  struct vr_pidstat stat;
  vr_threads_read(&g->threads, budget, dirfd, g->recogniser, by_guest_time);
  for (int pass = 0; pass < 2; pass++) {
    ssize_t n = vr_procfile_read(&g->stat_file, budget, dirfd, "stat", text,
                                 sizeof(text));
    if (n < 0)
      return (int)n;
    if (vr_proc_pidstat_parse(text, &stat) < 0 || is_gone(g, &stat))
      return -ESRCH;
    if (pass == 1 || (stat.threads == g->threads.count && !g->threads.stale))
      break;
    if (vr_threads_scan(&g->threads, budget, dirfd, g->recogniser) < 0)
      break;
    vr_threads_read(&g->threads, budget, dirfd, g->recogniser, by_guest_time);
  }
  set_emulator_faults(g, &stat);
  char comm[16];
  comm_of(text, comm);
  g->executed |= memcmp(comm, g->comm, sizeof(comm)) != 0;
  memcpy(g->comm, comm, sizeof(comm));
  return 0;
}

static void read_memory(struct vr_vmproc *g, int dirfd,
                        struct vr_fd_budget *budget) {
  char text[256];
  uint64_t pages;
  g->sample.have_resident =
      vr_procfile_read(&g->statm_file, budget, dirfd, "statm", text,
                       sizeof(text)) >= 0 &&
      vr_proc_statm_parse(text, &pages) == 0;
  if (g->sample.have_resident)
    g->sample.resident = pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void denied(struct vr_complaint *c, const struct vr_vmproc *g, ssize_t r,
                   const char *file, const char *what) {
  if (r == -EACCES || r == -EPERM)
    vr_log_complain(
        c, LOG_WARNING,
        "guest %s: /proc/%d/%s: %s: %s are not known of any guest whose "
        "process collectd may not inspect; it needs CAP_SYS_PTRACE and "
        "CAP_DAC_READ_SEARCH",
        g->sample.name, (int)g->pid, file, strerror((int)-r), what);
}

static void read_io(struct vr_vmproc *g, int dirfd, struct vr_fd_budget *budget,
                    struct vr_vmproc_denials *denials) {
  char text[512];
  ssize_t n =
      vr_procfile_read(&g->io_file, budget, dirfd, "io", text, sizeof(text));
  g->sample.have_io = n >= 0 && vr_proc_pidio_parse(text, &g->sample.io) == 0;
  denied(&denials->io, g, n, "io", "bytes read and written");
}

static bool is_time_to_look(const struct vr_vmproc *g) {
  return g->look || g->reads < FIRST_LOOKS ||
         (g->reads + (unsigned)g->pid) % LOOK_AGAIN == 0;
}

static void find_cgroup(struct vr_vmproc *g, int dirfd, int sysfd) {
  char text[SMALL_FILE], path[VR_CGROUP_PATH_MAX];
  /* A controller may have been switched on. */
  memset(g->cgroup.missing, 0, sizeof(g->cgroup.missing));
  if (g->cgroup.path[0] == '\0' && sysfd >= 0 &&
      vr_procfile_read_once(dirfd, "cgroup", text, sizeof(text)) > 0 &&
      vr_cgroup_path(text, g->vm.name, g->vm.uuid, path, sizeof(path)))
    vr_cgroup_open(sysfd, path, &g->cgroup);
}

/* What changes rarely: interfaces, accelerator, control group. */
static void look_around(struct vr_vmproc *g, int dirfd, int sysfd,
                        struct vr_vmproc_denials *denials) {
  if (!is_time_to_look(g))
    return;
  g->look = false;
  find_cgroup(g, dirfd, sysfd);
  g->held = vr_accel_of_descriptors(dirfd);
  int r = vr_taps_scan(dirfd, sysfd, &g->taps);
  denied(&denials->fd, g, r, "fd", "network interfaces");
}

/* What is held open is certain, a thread's name is as good, the command line
 * may have left a choice. One thread may be all of TCG's processors. */
static void set_machine(struct vr_vmproc *g) {
  enum vr_accelerator a = g->held;
  if (a == VR_ACCEL_UNKNOWN)
    a = g->threads.accelerator;
  if (a == VR_ACCEL_UNKNOWN)
    a = g->vm.accelerator;
  g->sample.accelerator = a;
  if (g->threads.vcpus > 1 || g->vm.vcpus == 0)
    g->sample.vcpus = (unsigned)g->threads.vcpus;
}

static void take_threads(struct vr_vmproc *g) {
  g->sample.have_threads = g->threads.vcpus > 0;
  g->threads.shown |= g->sample.have_threads;
  g->sample.vcpu = g->threads.sums[VR_VCPU];
  g->sample.emulator = g->threads.sums[VR_EMULATOR];
  const struct vr_thread_sums *own = &g->threads.sums[VR_VHOST];
  g->sample.have_vhost = g->have_vhost || own->have_sched;
  g->sample.vhost = g->vhost;
  g->sample.vhost.run_ns += own->sched.run_ns;
  g->sample.vhost.wait_ns += own->sched.wait_ns;
}

/* The monitor tells the same with one question, where it may be asked. */
static void read_kvm(struct vr_vmproc *g, int sysfd,
                     struct vr_fd_budget *budget) {
  g->sample.have_kvm = false;
  if (g->sample.accelerator != VR_ACCEL_KVM ||
      (g->qmp && vr_qmp_tells_kvm(g->qmp)))
    return;
  if (g->kvm.path[0] == '\0' && is_time_to_look(g))
    vr_kvmstats_find(&g->kvm, sysfd, g->pid);
  g->sample.have_kvm = vr_kvmstats_read(&g->kvm, sysfd, budget, &g->sample.kvm);
}

int vr_vmproc_read(struct vr_vmproc *g, int procfd, int sysfd,
                   struct vr_fd_budget *budget,
                   struct vr_vmproc_denials *denials) {
  int fd = dir_open(g, procfd, budget);
  if (fd < 0)
    return fd;
  look_around(g, fd, sysfd, denials);
  int r = read_threads(g, fd, budget);
  if (r == 0) {
    read_memory(g, fd, budget);
    read_io(g, fd, budget, denials);
    vr_cgroup_read(&g->cgroup, sysfd, budget, &g->sample.cgroup);
    set_machine(g);
    take_threads(g);
    read_kvm(g, sysfd, budget);
    g->reads++;
  }
  dir_done(g, fd);
  return r;
}

void vr_vmproc_add_vhost(struct vr_vmproc *g, const struct vr_schedstat *due) {
  g->have_vhost = true;
  g->vhost.run_ns += due->run_ns;
  g->vhost.wait_ns += due->wait_ns;
}

bool vr_vmproc_has_thread(const struct vr_vmproc *g, pid_t tid) {
  if (g->pid == tid)
    return true;
  for (size_t i = 0; i < g->threads.count; i++)
    if (g->threads.v[i].tid == tid)
      return true;
  return false;
}

/* A monitor that waits for its first client before the machine starts belongs
 * to that client: only a machine that has processors already is asked. */
bool vr_vmproc_wants_qmp(const struct vr_vmproc *g) {
  return !g->qmp && g->vm.qmp_path[0] != '\0' &&
         !(g->vm.qmp_waits && g->threads.vcpus == 0 && g->reads < FIRST_LOOKS);
}

bool vr_vmproc_evict_file(struct vr_vmproc *g, struct vr_fd_budget *budget) {
  struct vr_procfile *const files[] = {&g->io_file, &g->statm_file,
                                       &g->stat_file, &g->dir};
  if (vr_threads_evict_file(&g->threads, budget))
    return true;
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
    if (files[i]->fd >= 0) {
      vr_procfile_close(files[i], budget);
      return true;
    }
  return false;
}

void vr_vmproc_connect_qmp(struct vr_vmproc *g, const char *proc,
                           struct vr_fd_budget *budget,
                           const struct vr_qmp_options *options) {
  struct vr_qmp_options o = *options;
  o.kvm = g->sample.accelerator == VR_ACCEL_KVM;
  if (vr_qmp_new(proc, g->pid, g->vm.qmp_path, g->sample.name, &o, &g->qmp) ==
      0)
    budget->used++;
}

void vr_vmproc_take_qmp(struct vr_vmproc *g) {
  struct vr_vmproc_sample *s = &g->sample;
  s->have_block = s->have_balloon = false;
  if (!g->qmp)
    return;
  vr_qmp_sample(g->qmp, s);
  if (g->threads.named)
    return;
  pid_t tids[VR_VCPUS_MAX];
  size_t n = vr_qmp_vcpus(g->qmp, tids, VR_VCPUS_MAX);
  vr_threads_set_vcpus(&g->threads, tids, n);
  g->told |= n > 0;
  take_threads(g);
  /* One more thread may be one more vCPU. */
  if (g->threads.grown)
    vr_qmp_look_again(g->qmp);
  g->threads.grown = false;
}

void vr_vmproc_sum_disks(struct vr_vmproc *g) {
  struct vr_vmproc_sample *s = &g->sample;
  if (!s->have_block)
    return;
  vr_accumulator_begin(&g->disk_shares);
  for (size_t i = 0; i < s->disks.count; i++) {
    const struct vr_disks *d = &s->disks.v[i].counters;
    const uint64_t now[] = {d->read_bytes, d->write_bytes, d->read_ops,
                            d->write_ops};
    vr_accumulator_add(&g->disk_shares, s->disks.v[i].key, now, false);
  }
  vr_accumulator_end(&g->disk_shares);
  const uint64_t *sum = g->disk_shares.sum;
  s->block = (struct vr_disks){sum[0], sum[1], sum[2], sum[3]};
}

void vr_vmproc_sum_taps(struct vr_vmproc *g, const struct vr_netdev *own,
                        const struct vr_netdev *host, struct vr_vfs *vfs) {
  struct vr_vmproc_sample *s = &g->sample;
  bool was_known = s->have_tap;
  s->have_tap = g->taps.count > 0 &&
                vr_taps_sum(&g->taps, own, host, vfs, &g->tap_shares, &s->tap);
  /* One may have been unplugged, or taken elsewhere. */
  if (was_known && !s->have_tap)
    g->look = true;
}

void vr_vmproc_free(struct vr_vmproc *g, struct vr_fd_budget *budget) {
  if (!g)
    return;
  if (g->qmp)
    budget->used--;
  vr_qmp_free(g->qmp);
  vr_cgroup_close(&g->cgroup, budget);
  vr_accumulator_free(&g->cgroup.io);
  vr_accumulator_free(&g->tap_shares);
  vr_accumulator_free(&g->disk_shares);
  vr_kvmstats_close(&g->kvm, budget);
  vr_threads_free(&g->threads, budget);
  vr_procfile_close(&g->stat_file, budget);
  vr_procfile_close(&g->statm_file, budget);
  vr_procfile_close(&g->io_file, budget);
  vr_procfile_close(&g->dir, budget);
  free(g);
}
