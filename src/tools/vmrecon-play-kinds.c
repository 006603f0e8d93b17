/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-kinds.h"

#include "tools/vmrecon-play-acts.h"
#include "tools/vmrecon-play-clock.h"
#include "tools/vmrecon-play-random.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A turn takes 0.05 to 0.15 s: the kernel looks at its load in steps of its
 * own, with which this must not be in step. */
static const double SHORTEST_TURN = 0.05, TURNS_DIFFER = 0.1;

/* What could not be done in time is made up for, up to so many seconds of it.
 */
static const double CARRIED = 5;

/* Shared with the parent, in thousandths. */
struct shared {
  _Atomic uint64_t amplitude, done;
};

struct vr_tools_kind_process {
  pid_t pid;
  struct shared *shared;
};

const struct vr_tools_kind_info vr_tools_kind_info[VR_TOOLS_KIND_COUNT] = {
#define INFO(id, name, unit, what, is_level, open, act)                        \
  [VR_TOOLS_KIND_##id] = {name, unit, what, is_level},
    VR_TOOLS_KINDS(INFO)
#undef INFO
};

static const struct {
  vr_tools_act_open *open;
  vr_tools_act_do *act;
} acts[VR_TOOLS_KIND_COUNT] = {
#define ACT(id, name, unit, what, is_level, open, act)                         \
  [VR_TOOLS_KIND_##id] = {open, act},
    VR_TOOLS_KINDS(ACT)
#undef ACT
};

static void add_done(struct shared *s, double amount) {
  atomic_fetch_add(&s->done, (uint64_t)(amount * 1000));
}

static void work(enum vr_tools_kind kind, struct vr_tools_act *a,
                 struct shared *s, uint64_t seed) {
  struct vr_tools_random random = {seed + (uint64_t)kind};
  double due = 0, last = vr_tools_clock(CLOCK_MONOTONIC);
  for (;;) {
    vr_tools_clock_wait(last + SHORTEST_TURN +
                        TURNS_DIFFER * vr_tools_random_uniform(&random));
    double now = vr_tools_clock(CLOCK_MONOTONIC), passed = now - last;
    double amplitude = (double)atomic_load(&s->amplitude) / 1000;
    last = now;
    if (vr_tools_kind_info[kind].is_level) {
      add_done(s, acts[kind].act(a, amplitude) * passed);
      continue;
    }
    due = fmin(due + amplitude * passed, fmax(amplitude * CARRIED, due));
    double done = acts[kind].act(a, due);
    due -= done;
    add_done(s, done);
  }
}

static int start(struct vr_tools_kind_process *p, enum vr_tools_kind kind,
                 const struct vr_tools_kind_options *options,
                 struct vr_error *ret_error) {
  struct vr_tools_act a = {.directory = options->directory,
                           .peer = options->peer,
                           .most = options->most,
                           .sink = -1};
  pid_t parent = getpid();
  int r = acts[kind].open ? acts[kind].open(&a, ret_error) : 0;
  if (r < 0)
    return r;
  p->shared = mmap(NULL, sizeof(*p->shared), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (p->shared == MAP_FAILED)
    return vr_error_set(ret_error, -ENOMEM, "no memory");
  p->pid = fork();
  if (p->pid < 0)
    return vr_error_set(ret_error, -errno, "no process: %s", strerror(errno));
  if (p->pid > 0)
    return 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_DFL);
  if (getppid() == parent)
    work(kind, &a, p->shared, options->seed);
  _exit(0);
}

int vr_tools_kind_start(enum vr_tools_kind kind,
                        const struct vr_tools_kind_options *options,
                        struct vr_tools_kind_process **ret,
                        struct vr_error *ret_error) {
  struct vr_tools_kind_process *p = calloc(1, sizeof(*p));
  if (!p)
    return vr_error_set(ret_error, -ENOMEM, "no memory");
  int r = start(p, kind, options, ret_error);
  if (r < 0)
    free(p);
  else
    *ret = p;
  return r;
}

/* More than any machine can do still fits into the number. */
#define MOST_AMPLITUDE 1e15

void vr_tools_kind_set(struct vr_tools_kind_process *p, double amplitude) {
  double most = fmin(amplitude, MOST_AMPLITUDE);
  atomic_store(&p->shared->amplitude, (uint64_t)(most * 1000 + 0.5));
}

double vr_tools_kind_done(const struct vr_tools_kind_process *p) {
  return (double)atomic_load(&p->shared->done) / 1000;
}

void vr_tools_kind_stop(struct vr_tools_kind_process *p) {
  if (!p)
    return;
  kill(p->pid, SIGKILL);
  waitpid(p->pid, NULL, 0);
  munmap(p->shared, sizeof(*p->shared));
  free(p);
}
