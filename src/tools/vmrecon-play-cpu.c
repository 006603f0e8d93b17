/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-cpu.h"

#include "tools/vmrecon-play-clock.h"
#include "tools/vmrecon-play-random.h"

#include "host/proc/pidfiles.h"
#include "host/proc/procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The kernel samples every 5 s and a tick (LOAD_FREQ), 5.004 s at 250 Hz. */
static const double PERIOD = 5.004 / (20 + 0.6180339887498949);
/* What could not be used is made up for, up to so many seconds of it, and what
 * was used too much, up to one period. */
static const double CARRIED = 5;

/* Shared with the parent; numbers in nanoseconds. */
struct worker {
  _Atomic uint32_t duty;       /* busy time over period, in 2^-30 */
  _Atomic bool by_runnable;    /* what counts is to be runnable, not CPU time */
  _Atomic uint64_t cpu, ready; /* so far: used; waited for a processor */
};

struct vr_tools_cpu {
  size_t count;
  pid_t *pid;
  struct worker *workers;
};

static const double DUTY_ONE = 1u << 30;

double vr_tools_cpu_processors(void) {
  cpu_set_t set;
  int n = sched_getaffinity(0, sizeof(set), &set) == 0
              ? CPU_COUNT(&set)
              : (int)sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? n : 1;
}

/* --- a worker --- */

/* One's own times, of the scheduler: also that of waiting for a processor. */
static void publish(struct worker *w, struct vr_procfile *file,
                    struct vr_fd_budget *budget) {
  char text[128];
  struct vr_schedstat s;
  atomic_store(&w->cpu,
               (uint64_t)(vr_tools_clock(CLOCK_PROCESS_CPUTIME_ID) * 1e9));
  if (vr_procfile_read(file, budget, AT_FDCWD, "/proc/self/schedstat", text,
                       sizeof(text)) > 0 &&
      vr_proc_schedstat_parse(text, &s) == 0)
    atomic_store(&w->ready, s.wait_ns);
}

static double used(const struct worker *w, bool by_runnable) {
  uint64_t ns = atomic_load(&w->cpu);
  if (by_runnable)
    ns += atomic_load(&w->ready);
  return (double)ns / 1e9;
}

static void spin(void) {
  for (volatile int i = 0; i < 20000; i++)
    continue;
}

/* Is busy until it has used so much, or until END. */
static void busy(struct worker *w, double until, bool by_runnable, double end,
                 struct vr_procfile *file, struct vr_fd_budget *budget) {
  for (;;) {
    publish(w, file, budget);
    if (used(w, by_runnable) >= until || vr_tools_clock(CLOCK_MONOTONIC) >= end)
      return;
    spin();
  }
}

/* A process that is not needed does not run at all. Returns whether it had to
 * wait. */
static bool wait_until_needed(struct worker *w) {
  bool waited = false;
  while (atomic_load(&w->duty) == 0) {
    syscall(SYS_futex, &w->duty, FUTEX_WAIT, 0, NULL, NULL, 0);
    waited = true;
  }
  return waited;
}

/* What a period that has begun at BEGIN has left. */
static double rest_of(double begin) {
  double rest = begin + PERIOD - vr_tools_clock(CLOCK_MONOTONIC);
  return fmin(fmax(rest, 0), PERIOD);
}

/* What is to be used from the period on that begins now, by the clock that
 * counts in it. PERIODS have passed since the last one began, most often one; a
 * machine that stood still has made them more. */
static double due_now(const struct worker *w, bool is_new, double begin,
                      double periods, double owed) {
  double duty = atomic_load(&w->duty) / DUTY_ONE;
  double span = is_new ? rest_of(begin) : PERIOD;
  if (!is_new)
    owed += duty * PERIOD * fmax(periods - 1, 0);
  return fmin(fmax(owed, -PERIOD), CARRIED) + duty * span;
}

static void work(struct worker *w, double phase) {
  struct vr_procfile file = VR_PROCFILE_CLOSED;
  struct vr_fd_budget budget = {.max = 1};
  double begin = vr_tools_clock(CLOCK_MONOTONIC) - phase * PERIOD, due = 0;
  bool by_runnable = false;
  for (;;) {
    bool is_new = wait_until_needed(w);
    double passed = vr_tools_clock(CLOCK_MONOTONIC) - begin;
    double periods = floor(passed / PERIOD);
    begin += PERIOD * periods;
    publish(w, &file, &budget);
    double owed = due - used(w, by_runnable);
    by_runnable = atomic_load(&w->by_runnable);
    due = used(w, by_runnable) + due_now(w, is_new, begin, periods, owed);
    busy(w, due, by_runnable, begin + PERIOD, &file, &budget);
    vr_tools_clock_wait(begin + PERIOD);
  }
}

/* --- the parent --- */

static void start_worker(struct vr_tools_cpu *c, size_t i, double phase) {
  pid_t parent = getpid();
  c->pid[i] = fork();
  if (c->pid[i] != 0)
    return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  if (getppid() == parent)
    work(&c->workers[i], phase);
  _exit(0);
}

static int start_all(struct vr_tools_cpu *c, uint64_t seed,
                     struct vr_error *ret_error) {
  struct vr_tools_random random = {seed};
  for (size_t i = 0; i < c->count; i++) {
    start_worker(c, i, vr_tools_random_uniform(&random));
    if (c->pid[i] < 0)
      return vr_error_set(ret_error, -errno,
                          "process %zu of %zu cannot be started: %s", i + 1,
                          c->count, strerror(errno));
  }
  return 0;
}

int vr_tools_cpu_start(double most, uint64_t seed, struct vr_tools_cpu **ret,
                       struct vr_error *ret_error) {
  struct vr_tools_cpu *c = calloc(1, sizeof(*c));
  if (!c)
    return vr_error_set(ret_error, -ENOMEM, "no memory");
  c->count = (size_t)ceil(most);
  c->pid = calloc(c->count + 1, sizeof(*c->pid));
  c->workers = mmap(NULL, (c->count + 1) * sizeof(*c->workers),
                    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int r = 0;
  if (!c->pid || c->workers == MAP_FAILED)
    r = vr_error_set(ret_error, -ENOMEM, "no memory");
  else
    r = start_all(c, seed, ret_error);
  if (r < 0) {
    vr_tools_cpu_stop(c);
    return r;
  }
  *ret = c;
  return 0;
}

void vr_tools_cpu_set(struct vr_tools_cpu *c, double n, double processors) {
  for (size_t i = 0; i < c->count; i++) {
    double duty = fmin(fmax(n - (double)i, 0), 1);
    atomic_store(&c->workers[i].by_runnable, n > processors);
    atomic_store(&c->workers[i].duty, (uint32_t)(duty * DUTY_ONE));
    syscall(SYS_futex, &c->workers[i].duty, FUTEX_WAKE, 1, NULL, NULL, 0);
  }
}

struct vr_tools_cpu_times vr_tools_cpu_read(const struct vr_tools_cpu *c) {
  struct vr_tools_cpu_times t = {0};
  for (size_t i = 0; i < c->count; i++) {
    double cpu = (double)atomic_load(&c->workers[i].cpu) / 1e9;
    t.cpu += cpu;
    t.runnable += cpu + (double)atomic_load(&c->workers[i].ready) / 1e9;
  }
  return t;
}

void vr_tools_cpu_stop(struct vr_tools_cpu *c) {
  if (!c)
    return;
  for (size_t i = 0; c->pid && i < c->count; i++)
    if (c->pid[i] > 0)
      kill(c->pid[i], SIGKILL);
  for (size_t i = 0; c->pid && i < c->count; i++)
    if (c->pid[i] > 0)
      waitpid(c->pid[i], NULL, 0);
  if (c->workers != MAP_FAILED)
    munmap(c->workers, (c->count + 1) * sizeof(*c->workers));
  free(c->pid);
  free(c);
}
