/* SPDX-License-Identifier: MIT */
#include "introspect/introspect.h"

#include "basic/cleanup.h"
#include "introspect/alive.h"
#include "introspect/kernel_clock.h"
#include "introspect/plan.h"
#include "introspect/plan_counters.h"
#include "introspect/plan_tasks.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PAUSE_NS 5000000000ull
#define LONGEST_PAUSE_NS 300000000000ull
/* A guest that makes itself lost and found again and again is searched for in
 * one part of so many of the time, on average. */
#define SEARCH_DIVISOR 10
/* A plan is laid out anew when the block devices changed, and after so many
 * reads in any case: a kernel that was found while it booted had not all it has
 * now. */
#define READS_PER_PLAN 64
#define READS_PER_INCOMPLETE_PLAN 4
/* Idle kernel threads come and go rarely; between, their number is that of the
 * last count. */
#define READS_PER_TASK_COUNT 16

/* Sets of mappings that could be the guest's RAM, of which one is. */
#define MAX_CHOICES 8

struct vr_introspect {
  struct vr_alive process;
  uint64_t size; /* of the guest's memory, 0 if not known */
  atomic_bool cancelled;
  pthread_mutex_t lock; /* guards what follows */
  struct vr_plan *plan; /* NULL: search first */
  struct vr_clock clock;
  struct vr_introspect_values last; /* to see that counters only grow */
  unsigned failures;    /* searches, and finds that never gave a value */
  uint64_t due_ns;      /* next search, CLOCK_MONOTONIC */
  uint64_t rested_ns;   /* not before, whatever happens */
  unsigned since_plan;  /* reads since the plan was laid out */
  unsigned since_tasks; /* reads since the tasks were counted */
};

int vr_introspect_open(const struct vr_introspect_process *process,
                       struct vr_fd_budget *budget,
                       struct vr_introspect **ret) {
  vr_auto_free struct vr_introspect *i = calloc(1, sizeof(*i));
  if (!i)
    return -ENOMEM;
  if (process->pid <= 0)
    return -EINVAL;
  int r = vr_alive_open(process->pid, process->start, budget, &i->process);
  if (r < 0)
    return r;
  i->size = process->memory;
  pthread_mutex_init(&i->lock, NULL);
  *ret = vr_steal(&i);
  return 0;
}

void vr_introspect_close(struct vr_introspect *i) {
  if (!i)
    return;
  vr_alive_close(&i->process);
  vr_plan_free(i->plan);
  pthread_mutex_destroy(&i->lock);
  free(i);
}

/* A process that is alive after a read was alive during it: its number cannot
 * have passed to another one. */
static bool is_alive(const struct vr_introspect *i) {
  return vr_alive(&i->process);
}

static void put_off_search(struct vr_introspect *i, uint64_t used_ns) {
  uint64_t now = vr_clock_ns(CLOCK_MONOTONIC);
  uint64_t pause = FIRST_PAUSE_NS << (i->failures < 8 ? i->failures : 8);
  pause = pause < LONGEST_PAUSE_NS ? pause : LONGEST_PAUSE_NS;
  i->failures++;
  i->rested_ns = now + (SEARCH_DIVISOR - 1) * used_ns;
  i->due_ns = now + pause > i->rested_ns ? now + pause : i->rested_ns;
}

uint64_t vr_introspect_due(struct vr_introspect *i) {
  pthread_mutex_lock(&i->lock);
  uint64_t due = i->plan ? UINT64_MAX : i->due_ns;
  pthread_mutex_unlock(&i->lock);
  return due;
}

/* In one choice of mappings. */
static int search_memory(struct vr_gmem *m, struct vr_budget *b,
                         struct vr_plan **ret) {
  vr_auto_free struct vr_kernel *k = calloc(1, sizeof(*k));
  if (!k)
    return -ENOMEM;
  int r = vr_gmem_begin_search(m);
  if (r < 0)
    return r;
  r = vr_kernel_search(m, b, k);
  if (r == 0)
    r = vr_plan_build(k, ret);
  vr_gmem_end_search(m);
  return r;
}

static int search_kernel(const struct vr_introspect *i, struct vr_budget *b,
                         struct vr_plan **ret) {
  int result = -ENOENT;
  for (unsigned choice = 0; choice < MAX_CHOICES; choice++) {
    struct vr_gmem m;
    int r = vr_gmem_from_process(&m, i->process.pid, i->size, choice);
    if (r == -ENOENT)
      break;
    result = r < 0 ? r : search_memory(&m, b, ret);
    if (result != -ENOENT)
      break;
  }
  return result;
}

/* The clock's first observation, so that the first read can decide whether it
 * goes on. */
static int start_clock(struct vr_plan *p, struct vr_clock *c) {
  uint64_t now;
  *c = (struct vr_clock){.proved = p->kernel.running};
  int r = vr_batch_read(&p->batch, &p->kernel.m);
  if (r < 0)
    return r;
  if (!vr_plan_is_same_kernel(p))
    return -ENOENT;
  vr_kernel_clock_observe(c, vr_clock_ns(CLOCK_MONOTONIC), vr_plan_jiffies(p),
                          vr_plan_last_tick(p), &now);
  return 0;
}

void vr_introspect_cancel(struct vr_introspect *i) {
  atomic_store(&i->cancelled, true);
}

int vr_introspect_search(struct vr_introspect *i,
                         struct vr_introspect_search_stats *ret_stats) {
  struct vr_plan *plan = NULL;
  struct vr_clock clock;
  uint64_t begin = vr_clock_ns(CLOCK_MONOTONIC);
  struct vr_budget b = vr_budget_begin(VR_BUDGET_CPU_NS);
  b.cancelled = &i->cancelled;
  int r = search_kernel(i, &b, &plan);
  if (r == 0)
    r = start_clock(plan, &clock);
  if (!is_alive(i))
    r = -ESRCH;
  pthread_mutex_lock(&i->lock);
  put_off_search(i, vr_budget_used_ns(&b));
  if (r == 0) {
    vr_plan_free(i->plan);
    i->plan = plan;
    i->clock = clock;
    i->last = (struct vr_introspect_values){0};
    i->since_plan = 0;
  }
  pthread_mutex_unlock(&i->lock);
  if (r < 0)
    vr_plan_free(plan);
  if (ret_stats)
    *ret_stats = (struct vr_introspect_search_stats){
        .cpu_ns = vr_budget_used_ns(&b),
        .bytes_read = b.bytes_read,
        .wall_ns = vr_clock_ns(CLOCK_MONOTONIC) - begin};
  return r;
}

static void lay_out_again(struct vr_introspect *i) {
  struct vr_plan *plan;
  struct vr_gmem *m = &i->plan->kernel.m;
  if (vr_gmem_begin_search(m) < 0)
    return;
  int r = vr_plan_lay_out(&i->plan->kernel, &plan);
  vr_gmem_end_search(m);
  if (r < 0)
    return;
  plan->idle_tasks = i->plan->idle_tasks;
  vr_plan_free(i->plan);
  i->plan = plan;
}

static void renew_plan(struct vr_introspect *i) {
  const struct vr_plan *plan = i->plan;
  bool list_changed = plan->inodes_stale && plan->inodes_head != 0;
  unsigned reads =
      plan->incomplete ? READS_PER_INCOMPLETE_PLAN : READS_PER_PLAN;
  if (++i->since_plan < reads && !list_changed)
    return;
  i->since_plan = 0;
  lay_out_again(i);
}

/* A list that changed while it was followed keeps the count before. */
static void recount_tasks(struct vr_introspect *i) {
  struct vr_gmem *m = &i->plan->kernel.m;
  if (++i->since_tasks < READS_PER_TASK_COUNT)
    return;
  i->since_tasks = 0;
  if (vr_gmem_begin_search(m) < 0)
    return;
  int idle = vr_plan_count_idle(&i->plan->kernel);
  vr_gmem_end_search(m);
  if (idle >= 0)
    i->plan->idle_tasks = idle;
}

/* Counters since boot only grow; where they do not, it is not the kernel that
 * the plan was made for. */
static bool grows(const struct vr_introspect_values *a,
                  const struct vr_introspect_values *b) {
  return a->forks <= b->forks && a->switches <= b->switches &&
         a->pgfault <= b->pgfault && a->pgmajfault <= b->pgmajfault;
}

/* The kernel is lost: what made it unreadable decides when to search again. */
static int lose(struct vr_introspect *i) {
  vr_plan_free(i->plan);
  i->plan = NULL;
  if (i->failures == 0)
    i->due_ns = i->rested_ns;
  return -ESTALE;
}

static int judge(struct vr_introspect *i, uint64_t *ret_now) {
  struct vr_plan *p = i->plan;
  if (!vr_plan_is_same_kernel(p))
    return lose(i);
  switch (vr_kernel_clock_observe(&i->clock, vr_clock_ns(CLOCK_MONOTONIC),
                                  vr_plan_jiffies(p), vr_plan_last_tick(p),
                                  ret_now)) {
  case VR_CLOCK_RUNS:
    return 0;
  case VR_CLOCK_RESTS:
  case VR_CLOCK_RESTED:
    return -ENODATA;
  case VR_CLOCK_GONE:
  case VR_CLOCK_BACKWARDS:
    break;
  }
  return lose(i);
}

static int read_locked(struct vr_introspect *i,
                       struct vr_introspect_values *ret_values) {
  uint64_t now = 0;
  if (!i->plan)
    return is_alive(i) ? -EAGAIN : -ESRCH;
  int r = vr_batch_read(&i->plan->batch, &i->plan->kernel.m);
  if (!is_alive(i))
    return -ESRCH;
  if (r == -EFAULT) /* the memory was taken away: another map of it is needed */
    return lose(i);
  if (r == 0)
    r = judge(i, &now);
  if (r < 0)
    return r;
  vr_auto_free struct vr_introspect_values *v = malloc(sizeof(*v));
  if (!v)
    return -ENOMEM;
  vr_plan_counters(i->plan, now, v);
  if (!grows(&i->last, v))
    return lose(i);
  i->last = *v;
  i->failures = 0;
  *ret_values = *v;
  renew_plan(i);
  recount_tasks(i);
  return 0;
}

int vr_introspect_read(struct vr_introspect *i,
                       struct vr_introspect_values *ret_values) {
  pthread_mutex_lock(&i->lock);
  int r = read_locked(i, ret_values);
  pthread_mutex_unlock(&i->lock);
  return r;
}

void vr_introspect_banner(struct vr_introspect *i, char *text, size_t size) {
  if (size == 0)
    return;
  pthread_mutex_lock(&i->lock);
  const char *banner = i->plan ? i->plan->kernel.banner : "";
  size_t n = strnlen(banner, VR_KERNEL_BANNER);
  const char *line_end = memchr(banner, '\n', n);
  if (line_end)
    n = (size_t)(line_end - banner);
  n = n < size ? n : size - 1;
  memcpy(text, banner, n);
  text[n] = '\0';
  pthread_mutex_unlock(&i->lock);
  /* It comes from the guest and goes to a terminal or log. */
  for (char *c = text; *c; c++)
    if (*c < ' ' || *c > '~')
      *c = ' ';
}

const char *vr_introspect_why(int r) {
  switch (-r) {
  case ENOENT:
    return "no Linux kernel that can be read: another system, encrypted "
           "memory, or not booted yet";
  case ETIME:
    return "the search was ended: it used up its CPU time and is repeated "
           "later";
  case ETIMEDOUT:
  case EBUSY:
    return "its memory cannot be read: whoever provides its pages does not "
           "answer";
  case EPERM:
  case EACCES:
    return "no right to read that process's memory (CAP_SYS_PTRACE)";
  case ESRCH:
    return "the VM process is gone";
  case EAGAIN:
    return "no kernel known yet";
  case ENODATA:
    return "withheld: the guest's clock does not advance (paused?), or did not "
           "in this interval";
  case ESTALE:
    return "withheld: it is not the same kernel any more";
  default:
    return strerror(-r);
  }
}
