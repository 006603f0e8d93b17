/* SPDX-License-Identifier: MIT */
#include "host/vmprocess.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

uint64_t vr_vmproc_network(int procfd, pid_t pid) {
  char path[32];
  struct stat st;
  snprintf(path, sizeof(path), "%d/ns/net", (int)pid);
  return fstatat(procfd, path, &st, 0) == 0 ? (uint64_t)st.st_ino : 0;
}

bool vr_vmproc_is_same(const struct vr_vmproc *a, const struct vr_vmproc *b) {
  return a->start_ticks == b->start_ticks && a->recogniser == b->recogniser &&
         strcmp(a->vm.name, b->vm.name) == 0 &&
         strcmp(a->vm.uuid, b->vm.uuid) == 0 &&
         strcmp(a->vm.qmp_path, b->vm.qmp_path) == 0 &&
         a->vm.memory == b->vm.memory;
}

static struct vr_vmproc *new_of(const struct vr_candidate *c) {
  struct vr_vmproc *g = calloc(1, sizeof(*g));
  if (!g)
    return NULL;
  g->pid = c->pid;
  g->parent = c->parent;
  g->start_ticks = c->stat.start_ticks;
  memcpy(g->comm, c->comm, sizeof(g->comm));
  g->recogniser = c->recogniser;
  g->vm = c->vm;
  g->dir = g->stat_file = g->statm_file = g->io_file = VR_PROCFILE_CLOSED;
  vr_cgroup_init(&g->cgroup);
  vr_kvmstats_init(&g->kvm);
  g->sample.pid = c->pid;
  g->sample.start = g->start_ticks;
  g->sample.vm = &g->vm;
  g->sample.taps = &g->taps;
  g->sample.memory = c->vm.memory;
  g->sample.vcpus = c->vm.vcpus;
  return g;
}

int vr_vmproc_new(int procfd, pid_t pid, const struct vr_candidate_rules *rules,
                  struct vr_vmproc **ret, uid_t *ret_user) {
  struct vr_candidate c;
  int r = vr_candidate_probe(procfd, pid, rules, &c);
  if (r == -EPERM)
    *ret_user = c.user;
  if (r < 0)
    return r;
  struct vr_vmproc *g = new_of(&c);
  if (!g)
    return -ENOMEM;
  vr_told_apply(rules->told, &g->vm);
  g->network = g->sample.network = vr_vmproc_network(procfd, pid);
  *ret = g;
  return 0;
}

bool vr_vmproc_is_another(const struct vr_vmproc *g,
                          const struct vr_pidstat *stat) {
  return vr_proc_has_ended(stat) || stat->start_ticks != g->start_ticks;
}

bool vr_vmproc_is_over(int error) {
  return error == -ESRCH || error == -ENOENT;
}

void vr_vmproc_mark_unread(struct vr_vmproc *g) {
  struct vr_vmproc_sample *s = &g->sample;
  s->have_threads = s->have_vhost = s->have_resident = s->have_io = false;
  s->have_kvm = false;
  s->cgroup = (struct vr_cgroup_sample){0};
}

bool vr_vmproc_is_there(const struct vr_vmproc *g, int procfd) {
  char path[32], text[4096];
  struct vr_pidstat stat;
  snprintf(path, sizeof(path), "%d/stat", (int)g->pid);
  ssize_t n = vr_procfile_read_once(procfd, path, text, sizeof(text));
  if (n < 0)
    return !vr_vmproc_is_over((int)n);
  return vr_proc_pidstat_parse(text, &stat) == 0 &&
         !vr_vmproc_is_another(g, &stat);
}

void vr_vmproc_show_threads(struct vr_vmproc *g) {
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

void vr_vmproc_free(struct vr_vmproc *g, struct vr_fd_budget *budget) {
  if (!g)
    return;
  if (g->qmp)
    budget->used--;
  vr_qmp_free(g->qmp);
  vr_details_free(g->details);
  vr_cgroup_close(&g->cgroup, budget);
  vr_accumulator_free(&g->cgroup.io);
  vr_accumulator_free(&g->tap_sums);
  vr_accumulator_free(&g->disk_sums);
  vr_kvmstats_close(&g->kvm, budget);
  vr_threads_free(&g->threads, budget);
  vr_procfile_close(&g->stat_file, budget);
  vr_procfile_close(&g->statm_file, budget);
  vr_procfile_close(&g->io_file, budget);
  vr_procfile_close(&g->dir, budget);
  free(g);
}
