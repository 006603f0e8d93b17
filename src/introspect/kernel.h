/* SPDX-License-Identifier: MIT
 *
 * A Linux kernel (x86-64) located in guest memory: where its variables lie, how
 * its virtual addresses map to RAM offsets, its CPUs, and the places in its
 * structures. Everything in here comes from the guest and was checked for
 * consistency only: a guest that lies, lies about itself.
 */
#ifndef VR_INTROSPECT_KERNEL_H
#define VR_INTROSPECT_KERNEL_H

#include "introspect/btf.h"
#include "introspect/budget.h"
#include "introspect/gmem.h"
#include "introspect/kallsyms.h"

#define VR_KERNEL_MAX_CPUS 256
#define VR_KERNEL_BANNER 192 /* bytes of linux_banner that are compared */

#define VR_KERNEL_SYMBOLS(X)                                                   \
  X(linux_banner)                                                              \
  X(linux_proc_banner)                                                         \
  X(phys_base)                                                                 \
  X(page_offset_base)                                                          \
  X(e820_table_firmware)                                                       \
  X(__per_cpu_offset)                                                          \
  X(this_cpu_off)                                                              \
  X(__cpu_possible_mask)                                                       \
  X(__cpu_online_mask)                                                         \
  X(__start_BTF)                                                               \
  X(__stop_BTF)                                                                \
  X(jiffies_64)                                                                \
  X(last_jiffies_update)                                                       \
  X(avenrun)                                                                   \
  X(nr_threads)                                                                \
  X(process_counts)                                                            \
  X(total_forks)                                                               \
  X(runqueues)                                                                 \
  X(kernel_cpustat)                                                            \
  X(tick_cpu_sched)                                                            \
  X(tick_nohz_active)                                                          \
  X(vmstat_text)                                                               \
  X(vm_event_states)                                                           \
  X(vm_zone_stat)                                                              \
  X(vm_node_stat)                                                              \
  X(_totalram_pages)                                                           \
  X(totalram_pages)                                                            \
  X(totalreserve_pages)                                                        \
  X(total_swap_pages)                                                          \
  X(node_data)                                                                 \
  X(blockdev_superblock)                                                       \
  X(init_task)

enum vr_kernel_symbol {
#define X(name) VR_SYM_##name,
  VR_KERNEL_SYMBOLS(X)
#undef X
      VR_SYM_COUNT
};

#define VR_KERNEL_MEMBERS(X)                                                   \
  X(rq, nr_running)                                                            \
  X(rq, nr_switches)                                                           \
  X(rq, nr_iowait)                                                             \
  X(rq, nr_uninterruptible)                                                    \
  X(kernel_cpustat, cpustat)                                                   \
  X(kernel_cpustat, idle_elapse)                                               \
  X(kernel_cpustat, idle_entrytime)                                            \
  X(tick_sched, flags)                                                         \
  X(tick_sched, idle_active)                                                   \
  X(tick_sched, idle_entrytime)                                                \
  X(tick_sched, idle_sleeptime)                                                \
  X(tick_sched, iowait_sleeptime)                                              \
  X(super_block, s_inodes)                                                     \
  X(inode, i_sb_list)                                                          \
  X(inode, i_mapping)                                                          \
  X(inode, i_data)                                                             \
  X(address_space, nrpages)                                                    \
  X(pglist_data, node_zones)                                                   \
  X(pglist_data, nr_zones)                                                     \
  X(zone, _watermark)                                                          \
  X(zone, watermark_boost)                                                     \
  X(task_struct, tasks)                                                        \
  X(task_struct, __state)                                                      \
  X(task_struct, state)

enum vr_kernel_member {
#define X(structure, member) VR_MEM_##structure##_##member,
  VR_KERNEL_MEMBERS(X)
#undef X
      VR_MEM_COUNT
};

/* Items of the kernel's own text table of /proc/vmstat. */
#define VR_KERNEL_VMSTAT(X)                                                    \
  X(nr_free_pages)                                                             \
  X(nr_inactive_anon)                                                          \
  X(nr_inactive_file)                                                          \
  X(nr_active_file)                                                            \
  X(nr_slab_reclaimable)                                                       \
  X(nr_slab_unreclaimable)                                                     \
  X(nr_kernel_misc_reclaimable)                                                \
  X(nr_file_pages)                                                             \
  X(nr_swapcached)                                                             \
  X(pgpgin)                                                                    \
  X(pgpgout)                                                                   \
  X(pswpin)                                                                    \
  X(pswpout)                                                                   \
  X(pgfault)                                                                   \
  X(pgmajfault)

enum vr_kernel_vmstat {
#define X(name) VR_VMS_##name,
  VR_KERNEL_VMSTAT(X)
#undef X
      VR_VMS_COUNT
};

struct vr_kernel {
  struct vr_gmem
      m; /* a copy: its regions' order may differ from the caller's */
  struct vr_symbol symbols[VR_SYM_COUNT];
  struct vr_btf_member members[VR_MEM_COUNT];
  int vmstat[VR_VMS_COUNT]; /* index into the text table, or -1 */
  uint64_t delta;           /* virtual address - RAM offset, of the image */
  uint64_t low;             /* RAM below the hole, bytes (all: no hole) */
  uint64_t page_offset;     /* virtual address of physical address 0 */
  unsigned n_cpus;          /* possible CPUs */
  uint64_t percpu[VR_KERNEL_MAX_CPUS];
  bool has_btf;
  bool running; /* its clock was seen to go on */
  char banner[VR_KERNEL_BANNER];
};

/* The kernel whose symbol table has its digits at DIGITS. Returns 0, -ENOENT
 * when nothing sound is there, -ETIME, or a negative errno of reading. */
int vr_kernel_at(const struct vr_gmem *m, uint64_t digits, struct vr_budget *b,
                 struct vr_kernel *ret);

/* Looks for a kernel whose clock goes on; see search.c. */
int vr_kernel_search(const struct vr_gmem *m, struct vr_budget *b,
                     struct vr_kernel *ret);

/* Addresses to RAM offsets. All return 0, or -ENOENT for what is not known or
 * not in RAM. */
int vr_kernel_image(const struct vr_kernel *k, enum vr_kernel_symbol s,
                    uint64_t *ret);
int vr_kernel_percpu(const struct vr_kernel *k, enum vr_kernel_symbol s,
                     unsigned cpu, uint64_t *ret);
int vr_kernel_translate(const struct vr_kernel *k, uint64_t va, uint64_t *ret);

/* Offset in bytes of a member, or -1. */
static inline int32_t vr_kernel_member(const struct vr_kernel *k,
                                       enum vr_kernel_member m) {
  return k->members[m].bits < 0 ? -1 : k->members[m].bits / 8;
}

/* The first number of the version in the banner, 0 where there is none. */
unsigned vr_kernel_version(const struct vr_kernel *k);

int vr_kernel_read_pointer(const struct vr_kernel *k, uint64_t offset,
                           uint64_t *ret);

#endif
