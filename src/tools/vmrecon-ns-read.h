/* SPDX-License-Identifier: MIT
 *
 * What collectd's plugins load, processes, cpu, contextswitch, vmem, memory,
 * disk and interface would say of this machine, read from /proc at one instant
 * with collectd's definitions.
 */
#ifndef VR_TOOLS_VMRECON_NS_READ_H
#define VR_TOOLS_VMRECON_NS_READ_H

#include "basic/error.h"
#include "host/machine.h"
#include "host/net/netdev.h"
#include "host/proc/tree.h"
#include "schema/counters.h"

/* Tasks by their state, as collectd's plugin processes has them. */
#define VR_TOOLS_TASK_STATES(X)                                                \
  X('R', running)                                                              \
  X('S', sleeping)                                                             \
  X('D', blocked) X('Z', zombies) X('T', stopped) X('W', paging)
#define VR_TOOLS_TASK_STATE(letter, name) VR_TOOLS_TASK_##name,
enum vr_tools_task_state {
  VR_TOOLS_TASK_STATES(VR_TOOLS_TASK_STATE) VR_TOOLS_TASK_COUNT
};

struct vr_tools_ns_sample {
  double time;  /* seconds since 1970, at the beginning of the reading */
  double clock; /* seconds, of a clock that is never set */
  struct vr_host_sample machine;
  bool have_tasks;
  uint64_t tasks[VR_TOOLS_TASK_COUNT];
};

/* Files that are kept open. */
struct vr_tools_ns_reader {
  struct vr_tree tree;
  struct vr_machine machine;
  struct vr_netdev *netdev;
};

/* Returns 0 or a negative errno. To be closed in any case. */
int vr_tools_ns_open(struct vr_tools_ns_reader *r, const char *proc_path,
                     const char *sys_path, struct vr_error *ret_error);
void vr_tools_ns_close(struct vr_tools_ns_reader *r);

/* What cannot be read is marked so in the sample. */
void vr_tools_ns_read(struct vr_tools_ns_reader *r,
                      struct vr_tools_ns_sample *ret);

/* Fills a place for each counter; NAN where it is not known, or where nothing
 * was BEFORE (NULL). VALUE is in the counter's unit: what grows, per second
 * since BEFORE; percentages of CPU time are those since BEFORE. TOTAL is what
 * grows itself, since the machine began. */
void vr_tools_ns_values(const struct vr_tools_ns_sample *before,
                        const struct vr_tools_ns_sample *now,
                        double value[VR_COUNTERS], double total[VR_COUNTERS]);

#endif
