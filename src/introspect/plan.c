/* SPDX-License-Identifier: MIT */
#include "introspect/plan.h"

#include "introspect/plan_tasks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_NEXT 0u /* struct list_head: next, prev */

void vr_plan_free(struct vr_plan *p) {
  if (!p)
    return;
  vr_batch_free(&p->batch);
  free(p);
}

/* A page that is not there has nothing to read; it may come later. */
static int add(struct vr_plan *p, uint64_t offset, uint32_t length) {
  uint64_t address;
  if (vr_gmem_address(&p->kernel.m, offset, length, &address) < 0)
    return -1;
  if (!vr_gmem_is_there(&p->kernel.m, offset, length)) {
    p->incomplete = true;
    return -1;
  }
  return vr_batch_add(&p->batch, &p->kernel.m, offset, length);
}

/* A variable of the image, or SHIFT bytes into it. */
static int add_image(struct vr_plan *p, enum vr_kernel_symbol s, uint64_t shift,
                     uint32_t length) {
  uint64_t at;
  return vr_kernel_image(&p->kernel, s, &at) < 0 ? -1
                                                 : add(p, at + shift, length);
}

static int add_percpu(struct vr_plan *p, enum vr_kernel_symbol s, unsigned cpu,
                      int32_t shift, uint32_t length) {
  uint64_t at;
  if (shift < 0 || vr_kernel_percpu(&p->kernel, s, cpu, &at) < 0)
    return -1;
  return add(p, at + (uint32_t)shift, length);
}

/* Something at a virtual address. */
static int add_virtual(struct vr_plan *p, uint64_t va, uint32_t length) {
  uint64_t at;
  return vr_kernel_translate(&p->kernel, va, &at) < 0 ? -1 : add(p, at, length);
}

static int32_t member(const struct vr_plan *p, enum vr_kernel_member m) {
  return vr_kernel_member(&p->kernel, m);
}

static void plan_globals(struct vr_plan *p) {
  p->banner = add_image(p, VR_SYM_linux_banner, 0, VR_KERNEL_BANNER);
  p->percpu = add_image(p, VR_SYM___per_cpu_offset, 0,
                        p->kernel.n_cpus * (uint32_t)sizeof(uint64_t));
  p->online = add_image(p, VR_SYM___cpu_online_mask, 0, VR_KERNEL_MAX_CPUS / 8);
  p->jiffies = add_image(p, VR_SYM_jiffies_64, 0, 8);
  p->last_tick = add_image(p, VR_SYM_last_jiffies_update, 0, 8);
  p->nohz = add_image(p, VR_SYM_tick_nohz_active, 0, 4);
  p->load = add_image(p, VR_SYM_avenrun, 0, 24);
  p->threads = add_image(p, VR_SYM_nr_threads, 0, 4);
  p->forks = add_image(p, VR_SYM_total_forks, 0, 8);
  p->total = add_image(p, VR_SYM__totalram_pages, 0, 8);
  if (p->total < 0)
    p->total = add_image(p, VR_SYM_totalram_pages, 0, 8);
  p->reserve = add_image(p, VR_SYM_totalreserve_pages, 0, 8);
  p->swap = add_image(p, VR_SYM_total_swap_pages, 0, 8);
}

/* The text table holds the zones' items, then the nodes', then the events. */
static void plan_stats(struct vr_plan *p) {
  const int *index = p->kernel.vmstat;
  for (int i = 0; i < VR_VMS_COUNT; i++) {
    p->stats[i] = -1;
    if (index[i] < 0 || index[VR_VMS_nr_inactive_anon] < 0 ||
        i >= VR_VMS_pgpgin)
      continue;
    int in_node = index[i] - index[VR_VMS_nr_inactive_anon];
    if (i == VR_VMS_nr_free_pages)
      p->stats[i] =
          add_image(p, VR_SYM_vm_zone_stat, 8u * (uint32_t)index[i], 8);
    else if (in_node >= 0)
      p->stats[i] =
          add_image(p, VR_SYM_vm_node_stat, 8u * (uint32_t)in_node, 8);
  }
}

static void plan_events(struct vr_plan *p, unsigned cpu) {
  const int *index = p->kernel.vmstat;
  for (int i = 0; i < VR_VMS_COUNT; i++) {
    p->cpus[cpu].events[i] = -1;
    if (i < VR_VMS_pgpgin || index[i] < 0 || index[VR_VMS_pgpgin] < 0)
      continue;
    int event = index[i] - index[VR_VMS_pgpgin];
    if (event >= 0)
      p->cpus[cpu].events[i] =
          add_percpu(p, VR_SYM_vm_event_states, cpu, 8 * event, 8);
  }
}

static void plan_idle(struct vr_plan *p, unsigned cpu) {
  struct vr_plan_cpu *c = &p->cpus[cpu];
  int32_t flags = member(p, VR_MEM_tick_sched_idle_active);
  if (flags < 0)
    flags = member(p, VR_MEM_tick_sched_flags);
  c->idle_flags = add_percpu(p, VR_SYM_tick_cpu_sched, cpu, flags, 1);
  c->idle_sleep = add_percpu(p, VR_SYM_tick_cpu_sched, cpu,
                             member(p, VR_MEM_tick_sched_idle_sleeptime), 8);
  c->iowait_sleep =
      add_percpu(p, VR_SYM_tick_cpu_sched, cpu,
                 member(p, VR_MEM_tick_sched_iowait_sleeptime), 8);
  int32_t elapse = member(p, VR_MEM_kernel_cpustat_idle_elapse);
  c->idle_elapse = add_percpu(p, VR_SYM_kernel_cpustat, cpu, elapse, 1);
  c->idle_entry =
      elapse >= 0
          ? add_percpu(p, VR_SYM_kernel_cpustat, cpu,
                       member(p, VR_MEM_kernel_cpustat_idle_entrytime), 8)
          : add_percpu(p, VR_SYM_tick_cpu_sched, cpu,
                       member(p, VR_MEM_tick_sched_idle_entrytime), 8);
}

/* Without type information: the array was all of the structure in every kernel
 * before 7.0. */
static int32_t place_of_cpustat(const struct vr_plan *p) {
  if (p->kernel.has_btf)
    return member(p, VR_MEM_kernel_cpustat_cpustat);
  unsigned version = vr_kernel_version(&p->kernel);
  return version > 0 && version < 7 ? 0 : -1;
}

static void plan_cpu(struct vr_plan *p, unsigned cpu) {
  struct vr_plan_cpu *c = &p->cpus[cpu];
  c->own_offset = add_percpu(p, VR_SYM_this_cpu_off, cpu, 0, 8);
  c->processes = add_percpu(p, VR_SYM_process_counts, cpu, 0, 8);
  c->running =
      add_percpu(p, VR_SYM_runqueues, cpu, member(p, VR_MEM_rq_nr_running), 4);
  c->switches =
      add_percpu(p, VR_SYM_runqueues, cpu, member(p, VR_MEM_rq_nr_switches), 8);
  c->iowait =
      add_percpu(p, VR_SYM_runqueues, cpu, member(p, VR_MEM_rq_nr_iowait), 4);
  c->uninterruptible = add_percpu(p, VR_SYM_runqueues, cpu,
                                  member(p, VR_MEM_rq_nr_uninterruptible), 4);
  c->cpustat =
      add_percpu(p, VR_SYM_kernel_cpustat, cpu, place_of_cpustat(p), 64);
  plan_idle(p, cpu);
  plan_events(p, cpu);
}

/* What is there of the guest's memory, and only that. */
static int read_present(const struct vr_kernel *k, uint64_t offset,
                        void *buffer, size_t length) {
  size_t present;
  int r = vr_gmem_peek(&k->m, offset, buffer, length, &present);
  return r < 0 ? r : present == length ? 0 : -ENOENT;
}

/* The low watermarks of all zones, which the kernel takes off what it calls
 * available. */
static bool plan_node_zones(struct vr_plan *p, uint64_t node) {
  const struct vr_kernel *k = &p->kernel;
  int32_t zones = member(p, VR_MEM_pglist_data_node_zones);
  int32_t mark = member(p, VR_MEM_zone__watermark);
  int32_t boost = member(p, VR_MEM_zone_watermark_boost);
  uint64_t size = (uint64_t)k->members[VR_MEM_zone__watermark].size;
  uint64_t at;
  uint32_t n;
  if (zones < 0 || mark < 0 || boost < 0 ||
      member(p, VR_MEM_pglist_data_nr_zones) < 0 ||
      vr_kernel_translate(k, node, &at) < 0 ||
      read_present(k, at + (uint32_t)member(p, VR_MEM_pglist_data_nr_zones), &n,
                   sizeof(n)) < 0 ||
      n > VR_PLAN_MAX_ZONES - p->n_zones)
    return false;
  for (uint32_t i = 0; i < n; i++) {
    uint64_t zone = at + (uint32_t)zones + i * size;
    p->zones[p->n_zones].low = add(p, zone + (uint32_t)mark + 8, 8);
    p->zones[p->n_zones++].boost = add(p, zone + (uint32_t)boost, 8);
  }
  return true;
}

static void plan_zones(struct vr_plan *p) {
  uint64_t at, nodes[8];
  if (vr_kernel_image(&p->kernel, VR_SYM_node_data, &at) < 0 ||
      read_present(&p->kernel, at, nodes, sizeof(nodes)) < 0)
    return;
  p->has_zones = true;
  for (unsigned i = 0; i < 8 && nodes[i]; i++)
    p->has_zones = p->has_zones && plan_node_zones(p, nodes[i]);
  p->has_zones = p->has_zones && p->n_zones > 0;
}

static int read_virtual(const struct vr_kernel *k, uint64_t va, uint64_t *ret) {
  uint64_t at;
  int r = vr_kernel_translate(k, va, &at);
  return r < 0 ? r : read_present(k, at, ret, sizeof(*ret));
}

int vr_plan_find_inodes(struct vr_plan *p) {
  const struct vr_kernel *k = &p->kernel;
  int32_t head = member(p, VR_MEM_super_block_s_inodes);
  uint64_t at, sb, node;
  p->n_inodes = 0;
  p->inodes_head = 0;
  if (head < 0 || member(p, VR_MEM_inode_i_sb_list) < 0 ||
      member(p, VR_MEM_inode_i_mapping) < 0 ||
      member(p, VR_MEM_inode_i_data) < 0 ||
      member(p, VR_MEM_address_space_nrpages) < 0 ||
      vr_kernel_image(k, VR_SYM_blockdev_superblock, &at) < 0 ||
      read_present(k, at, &sb, sizeof(sb)) < 0)
    return -ENOENT;
  uint64_t list = sb + (uint32_t)head;
  if (read_virtual(k, list + LIST_NEXT, &node) < 0)
    return -ENOENT;
  while (node != list) {
    if (p->n_inodes == VR_PLAN_MAX_INODES)
      return -ENOENT;
    p->inodes[p->n_inodes++] = (struct vr_plan_inode){.node = node};
    if (read_virtual(k, node + LIST_NEXT, &node) < 0)
      return -ENOENT;
  }
  p->inodes_head = list;
  return 0;
}

static void plan_inodes(struct vr_plan *p) {
  p->inodes_stale =
      vr_plan_find_inodes(p) < 0 && member(p, VR_MEM_super_block_s_inodes) >= 0;
  if (p->inodes_head == 0)
    return;
  p->inodes_first = add_virtual(p, p->inodes_head + LIST_NEXT, 8);
  for (unsigned i = 0; i < p->n_inodes; i++) {
    struct vr_plan_inode *n = &p->inodes[i];
    uint64_t inode = n->node - (uint32_t)member(p, VR_MEM_inode_i_sb_list);
    n->next = add_virtual(p, n->node + LIST_NEXT, 8);
    n->mapping =
        add_virtual(p, inode + (uint32_t)member(p, VR_MEM_inode_i_mapping), 8);
    n->pages =
        add_virtual(p,
                    inode + (uint32_t)member(p, VR_MEM_inode_i_data) +
                        (uint32_t)member(p, VR_MEM_address_space_nrpages),
                    8);
  }
}

/* Without these no reading can be judged. */
static bool has_marks(const struct vr_plan *p) {
  bool all = p->banner >= 0 && p->percpu >= 0 && p->jiffies >= 0;
  for (unsigned cpu = 0; cpu < p->kernel.n_cpus; cpu++)
    all = all && p->cpus[cpu].own_offset >= 0;
  return all;
}

int vr_plan_build(const struct vr_kernel *k, struct vr_plan **ret) {
  int r = vr_plan_lay_out(k, ret);
  if (r == 0)
    (*ret)->idle_tasks = vr_plan_count_idle(k);
  return r;
}

int vr_plan_lay_out(const struct vr_kernel *k, struct vr_plan **ret) {
  struct vr_plan *p = calloc(1, sizeof(*p));
  if (!p)
    return -ENOMEM;
  p->kernel = *k;
  plan_globals(p);
  plan_stats(p);
  for (unsigned cpu = 0; cpu < k->n_cpus; cpu++)
    plan_cpu(p, cpu);
  plan_zones(p);
  plan_inodes(p);
  p->idle_tasks = -1;
  p->incomplete =
      p->incomplete || (k->has_btf && (p->inodes_head == 0 || !p->has_zones));
  vr_gmem_forget_search(&p->kernel.m);
  int r = has_marks(p) ? vr_batch_seal(&p->batch, &p->kernel.m) : -ENOENT;
  if (r < 0) {
    vr_plan_free(p);
    return r;
  }
  *ret = p;
  return 0;
}
