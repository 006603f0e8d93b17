/* SPDX-License-Identifier: MIT
 *
 * From the bytes of one batched read to the counters, with the kernel's own
 * arithmetic, so that they are what the guest's /proc would show.
 */
#include "introspect/plan_counters.h"

#include <string.h>

#define FIXED_1 2048.0       /* of the load averages: 11 bits after the point */
#define TASKS_MAX (1u << 22) /* the kernel's own limit, PID_MAX_LIMIT */
#define PAGES_MAX (1ull << 40) /* 4 PiB: no sum of some of them overflows */

static uint64_t u64(const struct vr_plan *p, int range, unsigned i) {
  return vr_batch_u64(&p->batch, range, i);
}

static uint32_t u32(const struct vr_plan *p, int range) {
  return vr_batch_u32(&p->batch, range, 0);
}

static bool bit(const struct vr_plan *p, int range, unsigned n) {
  const uint8_t *byte = vr_batch_get(&p->batch, range);
  return byte && byte[n / 8] & 1u << n % 8;
}

bool vr_plan_is_same_kernel(const struct vr_plan *p) {
  const struct vr_kernel *k = &p->kernel;
  if (memcmp(vr_batch_get(&p->batch, p->banner), k->banner, VR_KERNEL_BANNER) !=
          0 ||
      memcmp(vr_batch_get(&p->batch, p->percpu), k->percpu,
             k->n_cpus * sizeof(k->percpu[0])) != 0)
    return false;
  for (unsigned cpu = 0; cpu < k->n_cpus; cpu++)
    if (u64(p, p->cpus[cpu].own_offset, 0) != k->percpu[cpu])
      return false;
  return true;
}

uint64_t vr_plan_last_tick(const struct vr_plan *p) {
  return u64(p, p->last_tick, 0);
}

uint64_t vr_plan_jiffies(const struct vr_plan *p) {
  return u64(p, p->jiffies, 0);
}

/* Sets a bit when all ranges of a counter are in the plan. */
static void have(struct vr_introspect_values *v, enum vr_introspect_have what,
                 bool all) {
  if (all)
    v->have |= what;
}

static void read_globals(const struct vr_plan *p,
                         struct vr_introspect_values *v) {
  for (unsigned i = 0; i < 3; i++)
    v->load[i] = (double)u64(p, p->load, i) / FIXED_1;
  v->threads = u32(p, p->threads);
  v->forks = u64(p, p->forks, 0);
  have(v, VR_HAVE_LOAD,
       p->load >= 0 && v->load[0] <= TASKS_MAX && v->load[1] <= TASKS_MAX &&
           v->load[2] <= TASKS_MAX);
  have(v, VR_HAVE_THREADS, p->threads >= 0 && v->threads <= TASKS_MAX);
  have(v, VR_HAVE_FORKS, p->forks >= 0);
}

/* Sums over all possible CPUs, as the kernel does: a CPU that goes offline
 * keeps its counts. The per-CPU parts of a sum wrap, the sum does not. */
static void read_tasks(const struct vr_plan *p,
                       struct vr_introspect_values *v) {
  bool processes = true, running = true, blocked = true, switches = true;
  uint32_t n_uninterruptible = 0;
  int64_t n_iowait = 0;
  for (unsigned cpu = 0; cpu < p->kernel.n_cpus; cpu++) {
    const struct vr_plan_cpu *c = &p->cpus[cpu];
    v->processes += u64(p, c->processes, 0);
    v->running += u32(p, c->running);
    n_iowait += (int32_t)u32(p, c->iowait);
    n_uninterruptible += u32(p, c->uninterruptible);
    v->switches += u64(p, c->switches, 0);
    processes = processes && c->processes >= 0;
    running = running && c->running >= 0;
    blocked = blocked && c->iowait >= 0 && c->uninterruptible >= 0;
    switches = switches && c->switches >= 0;
  }
  /* The CPUs are read one after the other, so a task that moves meanwhile can
   * make these two negative. */
  v->blocked = n_iowait > 0 ? (uint64_t)n_iowait : 0;
  v->uninterruptible = (int32_t)n_uninterruptible > 0 ? n_uninterruptible : 0;
  have(v, VR_HAVE_PROCESSES, processes && v->processes <= TASKS_MAX);
  have(v, VR_HAVE_RUNNING, running && v->running <= TASKS_MAX);
  have(v, VR_HAVE_BLOCKED, blocked && v->blocked <= TASKS_MAX);
  have(v, VR_HAVE_SWITCHES, switches);
  if (p->idle_tasks >= 0 && (uint64_t)p->idle_tasks <= v->processes) {
    v->idle_tasks = (uint64_t)p->idle_tasks;
    have(v, VR_HAVE_IDLE_TASKS, true);
  }
}

/* The part of an idle CPU's sleep that the kernel has not booked yet. */
static uint64_t asleep(const struct vr_plan *p, const struct vr_plan_cpu *c,
                       uint64_t now) {
  const struct vr_btf_member *flag =
      &p->kernel.members[VR_MEM_tick_sched_idle_active];
  unsigned shift = flag->bits >= 0 ? (unsigned)flag->bits % 8 : 2;
  bool is_asleep = c->idle_elapse >= 0 ? bit(p, c->idle_elapse, 0)
                                       : bit(p, c->idle_flags, shift);
  uint64_t since = u64(p, c->idle_entry, 0);
  return is_asleep && now > since ? now - since : 0;
}

/* Idle time: booked by the tick (7.x: all of it, plus the sleep under way), or
 * in tickless kernels before that kept beside it while the CPU is online. */
static bool read_idle(const struct vr_plan *p, unsigned cpu, uint64_t now,
                      struct vr_introspect_cpu *ret) {
  const struct vr_plan_cpu *c = &p->cpus[cpu];
  bool tickless = p->nohz >= 0 && u32(p, p->nohz) != 0;
  bool has_sleep =
      c->idle_elapse >= 0 || (c->idle_sleep >= 0 && c->iowait_sleep >= 0);
  ret->idle = u64(p, c->cpustat, 5);
  ret->iowait = u64(p, c->cpustat, 6);
  if (!tickless || !bit(p, p->online, cpu))
    return p->nohz >= 0;
  if (!has_sleep || c->idle_entry < 0 || now == 0)
    return false;
  if (c->idle_elapse < 0) {
    ret->idle = u64(p, c->idle_sleep, 0);
    ret->iowait = u64(p, c->iowait_sleep, 0);
  }
  *((int32_t)u32(p, c->iowait) > 0 ? &ret->iowait : &ret->idle) +=
      asleep(p, c, now);
  return true;
}

static void add_cpu(struct vr_introspect_cpu *sum,
                    const struct vr_introspect_cpu *c) {
  sum->user += c->user;
  sum->nice += c->nice;
  sum->system += c->system;
  sum->softirq += c->softirq;
  sum->irq += c->irq;
  sum->idle += c->idle;
  sum->iowait += c->iowait;
  sum->steal += c->steal;
}

/* enum cpu_usage_stat, the same since 4.11, when the unit became ns. */
static void read_cpus(const struct vr_plan *p, uint64_t now,
                      struct vr_introspect_values *v) {
  bool all = true, idle = true;
  v->n_cpus = p->kernel.n_cpus;
  for (unsigned cpu = 0; cpu < v->n_cpus; cpu++) {
    struct vr_introspect_cpu *c = &v->cpus[cpu];
    int range = p->cpus[cpu].cpustat;
    c->user = u64(p, range, 0);
    c->nice = u64(p, range, 1);
    c->system = u64(p, range, 2);
    c->softirq = u64(p, range, 3);
    c->irq = u64(p, range, 4);
    c->steal = u64(p, range, 7);
    idle = read_idle(p, cpu, now, c) && idle;
    all = all && range >= 0;
    v->online[cpu] = bit(p, p->online, cpu);
    v->n_online += v->online[cpu];
    add_cpu(&v->cpu, c);
  }
  have(v, VR_HAVE_CPU, all);
  have(v, VR_HAVE_CPU_IDLE, all && idle);
}

static bool sum_events(const struct vr_plan *p, enum vr_kernel_vmstat item,
                       uint64_t *ret) {
  *ret = 0;
  for (unsigned cpu = 0; cpu < p->kernel.n_cpus; cpu++) {
    int range = p->cpus[cpu].events[item];
    if (range < 0)
      return false;
    *ret += u64(p, range, 0);
  }
  return true;
}

static void read_events(const struct vr_plan *p,
                        struct vr_introspect_values *v) {
  bool faults = sum_events(p, VR_VMS_pgfault, &v->pgfault);
  faults = sum_events(p, VR_VMS_pgmajfault, &v->pgmajfault) && faults;
  bool paging = sum_events(p, VR_VMS_pgpgin, &v->pgpgin);
  paging = sum_events(p, VR_VMS_pgpgout, &v->pgpgout) && paging;
  bool swapping = sum_events(p, VR_VMS_pswpin, &v->pswpin);
  swapping = sum_events(p, VR_VMS_pswpout, &v->pswpout) && swapping;
  v->pgpgin *= 512; /* the kernel counts sectors here, pages everywhere else */
  v->pgpgout *= 512;
  have(v, VR_HAVE_FAULTS, faults);
  have(v, VR_HAVE_PAGING, paging);
  have(v, VR_HAVE_SWAPPING, swapping);
}

/* All pages of the guest, 0 where that is not known or no such number. */
static int64_t total_pages(const struct vr_plan *p) {
  uint64_t total = u64(p, p->total, 0);
  return total <= PAGES_MAX ? (int64_t)total : 0;
}

/* Some of the guest's pages: no more than it has. */
static bool some_pages(const struct vr_plan *p, int range, int64_t *ret) {
  uint64_t pages = u64(p, range, 0);
  if (range < 0 || pages > (uint64_t)total_pages(p))
    return false;
  *ret = (int64_t)pages;
  return true;
}

/* A global item in pages; a negative one counts as 0, as in the kernel. */
static bool stat_pages(const struct vr_plan *p, enum vr_kernel_vmstat item,
                       int64_t *ret) {
  int range = p->stats[item];
  *ret = 0;
  return range >= 0 &&
         ((int64_t)u64(p, range, 0) < 0 || some_pages(p, range, ret));
}

/* Pages of the block devices, if the list is as the plan has it. */
static bool sum_buffers(struct vr_plan *p, int64_t *ret) {
  if (p->inodes_head == 0)
    return false;
  uint64_t expected = p->n_inodes ? p->inodes[0].node : p->inodes_head;
  bool same = u64(p, p->inodes_first, 0) == expected;
  int64_t pages, sum = 0;
  for (unsigned i = 0; same && i < p->n_inodes; i++) {
    const struct vr_plan_inode *n = &p->inodes[i];
    uint64_t inode = n->node - (uint32_t)vr_kernel_member(
                                   &p->kernel, VR_MEM_inode_i_sb_list);
    expected = i + 1 < p->n_inodes ? p->inodes[i + 1].node : p->inodes_head;
    same =
        u64(p, n->next, 0) == expected && some_pages(p, n->pages, &pages) &&
        u64(p, n->mapping, 0) ==
            inode + (uint32_t)vr_kernel_member(&p->kernel, VR_MEM_inode_i_data);
    sum += same ? pages : 0;
  }
  p->inodes_stale = !same;
  *ret = sum;
  return same && sum <= total_pages(p);
}

/* The low marks of all zones together. */
static bool low_pages(const struct vr_plan *p, int64_t *ret) {
  int64_t mark, boost;
  *ret = 0;
  for (unsigned i = 0; i < p->n_zones; i++) {
    if (!some_pages(p, p->zones[i].low, &mark) ||
        !some_pages(p, p->zones[i].boost, &boost))
      return false;
    *ret += mark + boost;
  }
  return p->has_zones;
}

/* si_mem_available() of the kernel, in pages. */
static bool available_pages(const struct vr_plan *p, int64_t *ret) {
  int64_t free, active, inactive, slab, misc, reserve, low;
  if (!low_pages(p, &low) || !some_pages(p, p->reserve, &reserve) ||
      !stat_pages(p, VR_VMS_nr_free_pages, &free) ||
      !stat_pages(p, VR_VMS_nr_active_file, &active) ||
      !stat_pages(p, VR_VMS_nr_inactive_file, &inactive) ||
      !stat_pages(p, VR_VMS_nr_slab_reclaimable, &slab) ||
      !stat_pages(p, VR_VMS_nr_kernel_misc_reclaimable, &misc))
    return false;
  int64_t cache = active + inactive, reclaimable = slab + misc;
  cache -= cache / 2 < low ? cache / 2 : low;
  reclaimable -= reclaimable / 2 < low ? reclaimable / 2 : low;
  int64_t available = free - reserve + cache + reclaimable;
  *ret = available > 0 ? available : 0;
  return true;
}

/* Swapped pages that are still in memory count as cached nowhere; without swap
 * space there are none. */
static bool swapcache_pages(const struct vr_plan *p, int64_t *ret) {
  if (stat_pages(p, VR_VMS_nr_swapcached, ret))
    return true;
  *ret = 0;
  return p->swap >= 0 && u64(p, p->swap, 0) == 0;
}

static void read_cached(const struct vr_plan *p, int64_t buffers,
                        struct vr_introspect_values *v) {
  int64_t files, swapcache;
  if (!swapcache_pages(p, &swapcache) ||
      !stat_pages(p, VR_VMS_nr_file_pages, &files))
    return;
  int64_t cached = files - swapcache - buffers;
  v->cached = cached > 0 ? (uint64_t)cached * VR_PAGE : 0;
  have(v, VR_HAVE_CACHED, true);
}

static void read_slab(const struct vr_plan *p, struct vr_introspect_values *v) {
  int64_t reclaimable, unreclaimable;
  if (!stat_pages(p, VR_VMS_nr_slab_reclaimable, &reclaimable) ||
      !stat_pages(p, VR_VMS_nr_slab_unreclaimable, &unreclaimable))
    return;
  v->slab_reclaimable = (uint64_t)reclaimable * VR_PAGE;
  v->slab_unreclaimable = (uint64_t)unreclaimable * VR_PAGE;
  have(v, VR_HAVE_SLAB, true);
}

static void read_memory(struct vr_plan *p, struct vr_introspect_values *v) {
  int64_t free, buffers, available;
  v->total = (uint64_t)total_pages(p) * VR_PAGE;
  have(v, VR_HAVE_TOTAL, v->total > 0);
  if (stat_pages(p, VR_VMS_nr_free_pages, &free)) {
    v->free = (uint64_t)free * VR_PAGE;
    have(v, VR_HAVE_FREE, true);
  }
  if (sum_buffers(p, &buffers)) {
    v->buffered = (uint64_t)buffers * VR_PAGE;
    have(v, VR_HAVE_BUFFERED, true);
    read_cached(p, buffers, v);
  }
  read_slab(p, v);
  if (available_pages(p, &available)) {
    v->available = (uint64_t)available * VR_PAGE;
    have(v, VR_HAVE_AVAILABLE, true);
  }
}

void vr_plan_counters(struct vr_plan *p, uint64_t guest_now_ns,
                      struct vr_introspect_values *ret) {
  memset(ret, 0, sizeof(*ret));
  read_globals(p, ret);
  read_tasks(p, ret);
  read_cpus(p, guest_now_ns, ret);
  read_events(p, ret);
  read_memory(p, ret);
  ret->uptime = (double)guest_now_ns / 1e9;
  have(ret, VR_HAVE_UPTIME, guest_now_ns != 0);
}
