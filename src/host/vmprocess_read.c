/* SPDX-License-Identifier: MIT */
#include "host/vmprocess_read.h"

#include "host/proc/cpuinfo.h"
#include "host/proc/directio.h"
#include "host/vmm/accel.h"
#include "host/vmm/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
  SMALL_FILE = 4096,
  /* Readings between two probes for interfaces that were plugged in; in the
   * first ones each reading probes. */
  PROBE_AGAIN = 30,
  PROBE_OFTEN = 6, /* where nothing else is read */
};

/* Where libvirt's daemon describes the guests that run. */
#define LIBVIRT_PATH "/run/libvirt/qemu"

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

/* Reads threads, then the process's own line, which shows whether a thread was
 * missed. */
static int read_threads(struct vr_vmproc *g, int dirfd,
                        struct vr_fd_budget *budget) {
  bool kvm = g->held == VR_ACCEL_KVM || g->vm.accelerator == VR_ACCEL_KVM;
  bool by_guest_time = kvm && !g->threads.named && !g->vcpus_reported;
  char text[SMALL_FILE];
  struct vr_pidstat stat;
  vr_threads_read(&g->threads, budget, dirfd, g->recogniser, by_guest_time);
  for (int pass = 0; pass < 2; pass++) {
    ssize_t n = vr_procfile_read(&g->stat_file, budget, dirfd, "stat", text,
                                 sizeof(text));
    if (n < 0)
      return (int)n;
    if (vr_proc_pidstat_parse(text, &stat) < 0 ||
        vr_vmproc_is_another(g, &stat))
      return -ESRCH;
    if (pass == 1 || (stat.threads == g->threads.count && !g->threads.stale))
      break;
    if (vr_threads_scan(&g->threads, budget, dirfd, g->recogniser) < 0)
      break;
    vr_threads_read(&g->threads, budget, dirfd, g->recogniser, by_guest_time);
  }
  /* What there is of the others is not the sum. */
  if (g->threads.missed)
    return -EMFILE;
  set_emulator_faults(g, &stat);
  char comm[VR_COMM_MAX];
  vr_proc_comm_parse(text, comm);
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
        "guest %s: /proc/%d/%s: %s: %s are missing of every guest whose "
        "process collectd may not inspect: give collectd CAP_SYS_PTRACE and "
        "CAP_DAC_READ_SEARCH (logged once for all guests)",
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

static bool is_time_to_probe(const struct vr_vmproc *g) {
  return g->probe || g->reads < VR_VMPROC_FIRST_READS ||
         (g->reads + (unsigned)g->pid) % PROBE_AGAIN == 0;
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
static void probe_slow(struct vr_vmproc *g, int dirfd, int sysfd,
                       struct vr_vmproc_denials *denials) {
  if (!is_time_to_probe(g))
    return;
  g->probe = false;
  find_cgroup(g, dirfd, sysfd);
  g->held = vr_accel_of_descriptors(dirfd);
  g->sample.uncached = !g->vm.fileless && vr_directio_holds(dirfd);
  int r = vr_taps_scan(dirfd, g->pid, sysfd, &g->taps);
  denied(&denials->fd, g, r, "fd", "network interfaces");
  if (g->details)
    vr_details_name_nics(g->details, &g->vm, &g->taps, sysfd, LIBVIRT_PATH);
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

/* The configuration knows best, then who described the guest to libvirt. */
static enum vr_os os_of(const struct vr_vmproc *g) {
  if (g->vm.os_told != VR_OS_UNKNOWN)
    return g->vm.os_told;
  return g->os_described != VR_OS_UNKNOWN ? g->os_described : g->vm.os;
}

/* Only KVM has one to give, and QEMU does so unless it is told not to; whether
 * the guest takes it is known of Linux. */
static enum vr_steal_clock steal_clock_of(const struct vr_vmproc *g) {
  if (g->vm.steal_clock_told != VR_STEAL_CLOCK_UNKNOWN)
    return g->vm.steal_clock_told;
  if (g->sample.accelerator == VR_ACCEL_TCG)
    return VR_STEAL_CLOCK_NONE;
  if (g->sample.accelerator != VR_ACCEL_KVM)
    return VR_STEAL_CLOCK_UNKNOWN;
  if (g->vm.steal_clock == VR_STEAL_CLOCK_NONE)
    return VR_STEAL_CLOCK_NONE;
  return g->recogniser == &vr_qemu_recogniser && g->sample.os == VR_OS_LINUX
             ? VR_STEAL_CLOCK_PRESENT
             : VR_STEAL_CLOCK_UNKNOWN;
}

/* QEMU's command line says what only KVM does. */
static enum vr_idle idle_of(const struct vr_vmproc *g) {
  if (g->vm.idle_told != VR_IDLE_UNKNOWN)
    return g->vm.idle_told;
  if (g->sample.accelerator != VR_ACCEL_KVM ||
      g->recogniser != &vr_qemu_recogniser)
    return VR_IDLE_UNKNOWN;
  return g->vm.idle == VR_IDLE_HIDDEN ? VR_IDLE_HIDDEN : VR_IDLE_SEEN;
}

static void set_kernel(struct vr_vmproc *g) {
  g->sample.os = os_of(g);
  g->sample.steal_clock = steal_clock_of(g);
  g->sample.idle = idle_of(g);
}

/* It does not change while the guest runs. */
static void set_nested(struct vr_vmproc *g, int procfd) {
  if (g->is_nested_known || g->sample.accelerator != VR_ACCEL_KVM)
    return;
  g->is_nested_known = true;
  g->sample.nested = vr_cpuinfo_is_guest(procfd) == 1;
}

/* QEMU answers the same with one question, where it may be asked. */
static void read_kvm(struct vr_vmproc *g, int sysfd,
                     struct vr_fd_budget *budget) {
  g->sample.have_kvm = false;
  if (g->sample.accelerator != VR_ACCEL_KVM ||
      (g->qmp && vr_qmp_reports_kvm(g->qmp)))
    return;
  if (g->kvm.path[0] == '\0' && is_time_to_probe(g))
    vr_kvmstats_find(&g->kvm, sysfd, g->pid);
  g->sample.have_kvm = vr_kvmstats_read(&g->kvm, sysfd, budget, &g->sample.kvm);
}

int vr_vmproc_read(struct vr_vmproc *g, int procfd, int sysfd,
                   struct vr_fd_budget *budget,
                   struct vr_vmproc_denials *denials) {
  int fd = dir_open(g, procfd, budget);
  if (fd < 0)
    return fd;
  probe_slow(g, fd, sysfd, denials);
  int r = read_threads(g, fd, budget);
  if (r == 0) {
    read_memory(g, fd, budget);
    read_io(g, fd, budget, denials);
    vr_cgroup_read(&g->cgroup, sysfd, budget, &g->sample.cgroup);
    set_machine(g);
    set_kernel(g);
    set_nested(g, procfd);
    vr_vmproc_show_threads(g);
    read_kvm(g, sysfd, budget);
    g->reads++;
  }
  dir_done(g, fd);
  return r;
}

int vr_vmproc_read_network(struct vr_vmproc *g, int procfd, int sysfd,
                           struct vr_fd_budget *budget,
                           struct vr_vmproc_denials *denials) {
  if (!vr_vmproc_is_there(g, procfd))
    return -ESRCH;
  g->probe |= g->reads % PROBE_OFTEN == 0;
  int fd = dir_open(g, procfd, budget);
  if (fd < 0)
    return fd;
  probe_slow(g, fd, sysfd, denials);
  g->reads++;
  dir_done(g, fd);
  return 0;
}
