/* SPDX-License-Identifier: MIT */
#include "host/proc/vhost.h"

#include "basic/array.h"
#include "host/proc/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

pid_t vr_vhost_name(const char *name) {
  uint64_t number;
  if (!VR_SCAN_KEY(&name, "vhost-") || *name < '0' || *name > '9' ||
      !vr_scan_u64(&name, &number) || number == 0 || number > INT32_MAX ||
      (*name != '\0' && *name != ')' && *name != '\n'))
    return 0;
  return (pid_t)number;
}

/* "PID (NAME) STATE PPID ..." */
static pid_t kernel_worker(const char *stat) {
  const char *name = strchr(stat, '(');
  return name && vr_proc_is_kernel_thread(stat) ? vr_vhost_name(name + 1) : 0;
}

/* The kernel's thread 2 makes all others, which have its name at first. */
static bool is_unnamed(const char *stat) {
  const char *p = strstr(stat, "(kthreadd) ");
  uint64_t parent;
  return p && vr_skip_words(&p, 2) && vr_scan_u64(&p, &parent) && parent == 2;
}

static int read_stat(int procfd, pid_t pid, char *text, size_t size,
                     struct vr_pidstat *ret) {
  char path[32];
  snprintf(path, sizeof(path), "%d/stat", (int)pid);
  ssize_t n = vr_procfile_read_once(procfd, path, text, size);
  return n < 0 ? (int)n : vr_proc_pidstat_parse(text, ret);
}

int vr_vhost_add(struct vr_vhosts *w, int procfd, pid_t pid) {
  char text[1024];
  struct vr_pidstat stat;
  int r = read_stat(procfd, pid, text, sizeof(text), &stat);
  if (r < 0)
    return r;
  for (size_t i = 0; i < w->count; i++)
    if (w->v[i].pid == pid && w->v[i].start_ticks == stat.start_ticks)
      return 0;
  if (vr_proc_is_kernel_thread(text) && is_unnamed(text))
    return -EAGAIN;
  pid_t asked_by = kernel_worker(text);
  char path[32], sched[128];
  snprintf(path, sizeof(path), "%d/schedstat", (int)pid);
  /* A kernel may be built without times of threads. */
  if (asked_by == 0 ||
      vr_procfile_read_once(procfd, path, sched, sizeof(sched)) < 0)
    return -ENOENT;
  r = vr_array_reserve(&w->v, &w->capacity, w->count + 1);
  if (r < 0)
    return r;
  w->v[w->count++] = (struct vr_vhost_worker){
      .pid = pid,
      .asked_by = asked_by,
      .start_ticks = stat.start_ticks,
      .sched_file = VR_PROCFILE_CLOSED,
  };
  return 0;
}

/* A file that is not kept open may belong to another process by now. */
static bool is_another(const struct vr_vhost_worker *worker, int procfd) {
  char text[1024];
  struct vr_pidstat stat;
  return worker->sched_file.fd < 0 &&
         (read_stat(procfd, worker->pid, text, sizeof(text), &stat) < 0 ||
          stat.start_ticks != worker->start_ticks);
}

static void add_step(uint64_t *due, uint64_t now, uint64_t before) {
  if (now > before)
    *due += now - before;
}

/* Returns false when it has gone. */
static bool read_worker(struct vr_vhost_worker *worker, int procfd,
                        struct vr_fd_budget *budget) {
  char path[32], text[128];
  struct vr_schedstat now;
  snprintf(path, sizeof(path), "%d/schedstat", (int)worker->pid);
  ssize_t n = vr_procfile_read(&worker->sched_file, budget, procfd, path, text,
                               sizeof(text));
  if (n < 0 || is_another(worker, procfd) ||
      vr_proc_schedstat_parse(text, &now) < 0)
    return false;
  add_step(&worker->due.run_ns, now.run_ns, worker->sched.run_ns);
  add_step(&worker->due.wait_ns, now.wait_ns, worker->sched.wait_ns);
  add_step(&worker->due.timeslices, now.timeslices, worker->sched.timeslices);
  worker->sched = now;
  return true;
}

void vr_vhost_read(struct vr_vhosts *w, int procfd, struct vr_fd_budget *budget,
                   void (*gone)(void *ctx, pid_t pid), void *ctx) {
  for (size_t i = 0; i < w->count;) {
    struct vr_vhost_worker *worker = &w->v[i];
    if (read_worker(worker, procfd, budget)) {
      i++;
      continue;
    }
    gone(ctx, worker->pid);
    vr_procfile_close(&worker->sched_file, budget);
    *worker = w->v[--w->count];
  }
}

void vr_vhost_free(struct vr_vhosts *w, struct vr_fd_budget *budget) {
  for (size_t i = 0; i < w->count; i++)
    vr_procfile_close(&w->v[i].sched_file, budget);
  free(w->v);
  *w = (struct vr_vhosts){0};
}
