/* SPDX-License-Identifier: MIT */
#include "host/vmm/threads.h"

#include "basic/array.h"
#include "basic/cleanup.h"
#include "host/proc/listing.h"
#include "host/proc/vhost.h"
#include "host/vmm/accel.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A thread gets its name a moment after its number. */
enum { NAME_READS = 3, FILE_MAX = 4096 };

static struct vr_thread *find(struct vr_threads *t, pid_t tid) {
  for (size_t i = 0; i < t->count; i++)
    if (t->v[i].tid == tid)
      return &t->v[i];
  return NULL;
}

static int add(struct vr_threads *t, pid_t tid) {
  int r = vr_array_reserve(&t->v, &t->capacity, t->count + 1);
  if (r < 0)
    return r;
  t->grown = true;
  t->v[t->count++] = (struct vr_thread){
      .tid = tid,
      .number = -1,
      .name_reads = NAME_READS,
      .sched_file = VR_PROCFILE_CLOSED,
      .status_file = VR_PROCFILE_CLOSED,
      .stat_file = VR_PROCFILE_CLOSED,
  };
  return 0;
}

static void drop(struct vr_threads *t, struct vr_fd_budget *budget, size_t i) {
  struct vr_thread *thread = &t->v[i];
  vr_procfile_close(&thread->sched_file, budget);
  vr_procfile_close(&thread->status_file, budget);
  vr_procfile_close(&thread->stat_file, budget);
  if (thread->vcpu)
    t->vcpus--;
  t->v[i] = t->v[--t->count];
  t->stale = true;
}

/* What one thread added to the emulator's sums moves with it. */
static void move_sums(struct vr_threads *t, const struct vr_thread *thread,
                      enum vr_thread_group group) {
  struct vr_thread_sums *from = &t->sums[VR_EMULATOR], *to = &t->sums[group];
  from->sched.run_ns -= thread->sched.run_ns;
  from->sched.wait_ns -= thread->sched.wait_ns;
  from->sched.timeslices -= thread->sched.timeslices;
  from->preempted_ns -= thread->preempted_ns;
  from->switches.voluntary -= thread->switches.voluntary;
  from->switches.involuntary -= thread->switches.involuntary;
  to->sched.run_ns += thread->sched.run_ns;
  to->sched.wait_ns += thread->sched.wait_ns;
  to->sched.timeslices += thread->sched.timeslices;
  to->preempted_ns += thread->preempted_ns;
  to->switches.voluntary += thread->switches.voluntary;
  to->switches.involuntary += thread->switches.involuntary;
  to->have_sched |= from->have_sched;
  to->have_switches |= from->have_switches;
}

static void become_vcpu(struct vr_threads *t, struct vr_thread *thread) {
  if (thread->vcpu || thread->vhost)
    return;
  if (t->shown)
    thread->late = true;
  else
    move_sums(t, thread, VR_VCPU);
  thread->vcpu = true;
  t->vcpus++;
}

static void become_vhost(struct vr_threads *t, struct vr_thread *thread) {
  if (!t->shown)
    move_sums(t, thread, VR_VHOST);
  thread->vhost = true;
  thread->name_reads = 0;
}

static enum vr_thread_group group_of(const struct vr_thread *thread) {
  if (thread->vhost)
    return VR_VHOST;
  return thread->vcpu ? VR_VCPU : VR_EMULATOR;
}

/* "CPU 3/KVM", "vcpu3": of which processor? */
static int number_in(const char *name) {
  const char *digits = name + strcspn(name, "0123456789");
  return *digits ? (int)strtol(digits, NULL, 10) : -1;
}

static void read_name(struct vr_threads *t, struct vr_thread *thread, int dirfd,
                      const struct vr_recogniser *r) {
  char path[64], name[64];
  thread->name_reads--;
  snprintf(path, sizeof(path), "task/%d/comm", (int)thread->tid);
  if (vr_procfile_read_once(dirfd, path, name, sizeof(name)) < 0)
    return;
  name[strcspn(name, "\n")] = '\0';
  if (!thread->vcpu && vr_vhost_name(name) > 0) {
    become_vhost(t, thread);
    return;
  }
  if (!vr_recognise_is_vcpu_thread(r, name))
    return;
  become_vcpu(t, thread);
  thread->number = number_in(name);
  thread->name_reads = 0;
  t->accelerator = vr_accel_of_thread(name);
  t->named = true;
}

static int list_threads(struct vr_threads *t, struct vr_listing *tasks,
                        int dirfd, const struct vr_recogniser *r) {
  const char *name;
  while ((name = vr_listing_next(tasks))) {
    pid_t tid = (pid_t)strtol(name, NULL, 10);
    if (tid <= 0)
      continue;
    struct vr_thread *thread = find(t, tid);
    if (!thread) {
      int n = add(t, tid);
      if (n < 0)
        return n;
      thread = &t->v[t->count - 1];
      read_name(t, thread, dirfd, r);
    }
    thread->listed = true;
  }
  return 0;
}

int vr_threads_scan(struct vr_threads *t, struct vr_fd_budget *budget,
                    int dirfd, const struct vr_recogniser *r) {
  vr_cleanup(vr_listing_close) struct vr_listing tasks;
  int e = vr_listing_open(&tasks, dirfd, "task");
  if (e < 0)
    return e;
  for (size_t i = 0; i < t->count; i++)
    t->v[i].listed = false;
  e = list_threads(t, &tasks, dirfd, r);
  if (e < 0)
    return e;
  for (size_t i = t->count; i-- > 0;)
    if (!t->v[i].listed)
      drop(t, budget, i);
  t->stale = false;
  return 0;
}

static ssize_t read_file(struct vr_procfile *f, struct vr_fd_budget *budget,
                         int dirfd, pid_t tid, const char *name, char *text) {
  char path[64];
  if (f->fd < 0)
    snprintf(path, sizeof(path), "task/%d/%s", (int)tid, name);
  return vr_procfile_read(f, budget, dirfd, path, text, FILE_MAX);
}

/* How far a counter went, also past its largest value. One that went back in a
 * file that was kept open is the kernel's mistake; in one that was opened anew
 * it is another thread's, which began at zero. */
static uint64_t step(uint64_t now, uint64_t before, bool same) {
  uint64_t went = now - before;
  if (went <= INT64_MAX)
    return went;
  return same ? 0 : now;
}

/* The part of the time WAITED that came after the thread was preempted. One
 * that has not given its CPU away since it last waited is still waiting. */
static void add_preempted(struct vr_thread_sums *sums, struct vr_thread *thread,
                          uint64_t waited) {
  const struct vr_switches *now = &thread->switches, *then = &thread->waited;
  double asleep = (double)step(now->voluntary, then->voluntary, true);
  double preempted = (double)step(now->involuntary, then->involuntary, true);
  double ratio = asleep + preempted > 0 ? preempted / (asleep + preempted) : 1;
  uint64_t ns = (uint64_t)(ratio * (double)waited);
  if (waited == 0)
    return;
  sums->preempted_ns += ns;
  thread->preempted_ns += ns;
  thread->waited = *now;
}

static void add_sched(struct vr_thread_sums *sums, struct vr_thread *thread,
                      const struct vr_schedstat *now, bool same) {
  const struct vr_schedstat *before = &thread->sched;
  /* A kernel that keeps no times of threads prints zeros. */
  sums->have_sched |= now->run_ns > 0 || now->timeslices > 0;
  sums->sched.run_ns += step(now->run_ns, before->run_ns, same);
  sums->sched.wait_ns += step(now->wait_ns, before->wait_ns, same);
  sums->sched.timeslices += step(now->timeslices, before->timeslices, same);
  thread->sched = *now;
}

/* Returns false when they are not known. */
static bool read_switches(struct vr_thread_sums *sums, struct vr_thread *thread,
                          struct vr_fd_budget *budget, int dirfd, char *text) {
  struct vr_switches now;
  bool same = thread->status_file.fd >= 0;
  if (read_file(&thread->status_file, budget, dirfd, thread->tid, "status",
                text) < 0 ||
      vr_proc_switches_parse(text, &now) < 0)
    return false;
  sums->have_switches = true;
  sums->switches.voluntary +=
      step(now.voluntary, thread->switches.voluntary, same);
  sums->switches.involuntary +=
      step(now.involuntary, thread->switches.involuntary, same);
  thread->switches = now;
  return true;
}

static void read_faults(struct vr_thread_sums *sums, struct vr_thread *thread,
                        struct vr_fd_budget *budget, int dirfd, char *text) {
  struct vr_pidstat now;
  bool same = thread->stat_file.fd >= 0;
  if (read_file(&thread->stat_file, budget, dirfd, thread->tid, "stat", text) <
          0 ||
      vr_proc_pidstat_parse(text, &now) < 0)
    return;
  thread->guest_ticks = now.guest_ticks;
  if (!thread->vcpu)
    return;
  sums->have_faults = true;
  if (!thread->late) {
    sums->minflt += step(now.minflt, thread->minflt, same);
    sums->majflt += step(now.majflt, thread->majflt, same);
  }
  thread->late = false;
  thread->minflt = now.minflt;
  thread->majflt = now.majflt;
}

/* Returns false when the thread has gone. A kernel without times of threads
 * prints zeros, which mean nothing. */
static bool read_thread(struct vr_threads *t, struct vr_thread *thread,
                        struct vr_fd_budget *budget, int dirfd,
                        bool guest_time) {
  char text[FILE_MAX];
  struct vr_schedstat now;
  struct vr_thread_sums *sums = &t->sums[group_of(thread)];
  bool same = thread->sched_file.fd >= 0;
  ssize_t n = read_file(&thread->sched_file, budget, dirfd, thread->tid,
                        "schedstat", text);
  if (n == -ESRCH)
    return false;
  t->missed |= n == -EMFILE || n == -ENFILE || n == -ENOMEM;
  bool known = n >= 0 && vr_proc_schedstat_parse(text, &now) == 0;
  if (known && now.timeslices > 0 &&
      memcmp(&now, &thread->sched, sizeof(now)) == 0)
    return true;
  uint64_t waited = sums->sched.wait_ns;
  if (known)
    add_sched(sums, thread, &now, same);
  waited = sums->sched.wait_ns - waited;
  if (read_switches(sums, thread, budget, dirfd, text))
    add_preempted(sums, thread, waited);
  if (thread->vcpu || guest_time)
    read_faults(sums, thread, budget, dirfd, text);
  return true;
}

/* A file that cannot be opened may be a kernel without it, or a thread that has
 * gone while it was not kept open. */
static bool exists(int dirfd, pid_t tid) {
  char path[64];
  snprintf(path, sizeof(path), "task/%d", (int)tid);
  return faccessat(dirfd, path, F_OK, 0) == 0 || errno != ENOENT;
}

void vr_threads_read(struct vr_threads *t, struct vr_fd_budget *budget,
                     int dirfd, const struct vr_recogniser *r,
                     bool guest_time) {
  t->missed = false;
  for (size_t i = 0; i < t->count;) {
    struct vr_thread *thread = &t->v[i];
    if (thread->name_reads > 0)
      read_name(t, thread, dirfd, r);
    bool there = read_thread(t, thread, budget, dirfd, guest_time);
    if (!there || (thread->sched_file.fd < 0 && !exists(dirfd, thread->tid))) {
      drop(t, budget, i);
      continue;
    }
    if (guest_time && thread->guest_ticks > 0)
      become_vcpu(t, thread);
    i++;
  }
}

void vr_threads_set_vcpus(struct vr_threads *t, const pid_t *tids, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct vr_thread *thread = find(t, tids[i]);
    if (!thread)
      continue;
    become_vcpu(t, thread);
    thread->number = (int)i;
  }
}

/* Those that are read least often go first. */
bool vr_threads_evict_file(struct vr_threads *t, struct vr_fd_budget *budget) {
  static const size_t files[] = {offsetof(struct vr_thread, stat_file),
                                 offsetof(struct vr_thread, status_file),
                                 offsetof(struct vr_thread, sched_file)};
  for (size_t f = 0; f < sizeof(files) / sizeof(files[0]); f++)
    for (size_t i = t->count; i-- > 0;) {
      struct vr_procfile *file =
          (struct vr_procfile *)((char *)&t->v[i] + files[f]);
      if (file->fd < 0)
        continue;
      vr_procfile_close(file, budget);
      return true;
    }
  return false;
}

void vr_threads_free(struct vr_threads *t, struct vr_fd_budget *budget) {
  while (t->count > 0)
    drop(t, budget, t->count - 1);
  free(t->v);
  *t = (struct vr_threads){0};
}
