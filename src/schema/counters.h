/* SPDX-License-Identifier: MIT
 *
 * The guest counters that vmrecon reconstructs: the one table of their names,
 * units, and of the collectd series that carry them.
 */
#ifndef VR_SCHEMA_COUNTERS_H
#define VR_SCHEMA_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>

enum vr_counter {
  VR_LOAD,
  VR_PROCESSES,
  VR_CPU,
  VR_CONTEXTSWITCH,
  VR_PAGE_FAULTS,
  VR_BUFFERS,
  VR_DISK_READ,
  VR_DISK_WRITE,
  VR_NET_TX,
  VR_NET_RX,
  /* The talk's ten end here. The first that follows completes one of their
   * value lists. */
  VR_TALK_COUNTERS,
  VR_PAGE_FAULTS_MAJOR = VR_TALK_COUNTERS,
  /* What the guest lost: its vCPUs were ready and the host did not run them. */
  VR_STEAL,
  /* Of the time that its vCPUs were ready, the part that they ran. */
  VR_EXECUTION,
  VR_COUNTERS
};

struct vr_counter_info {
  const char *name; /* in model files, quality series and tables */
  const char *unit; /* of the level, or of the rate per second */
  bool is_rate;     /* true: published as DERIVE; false: as GAUGE */
  /* The series under HOST/virt_inferred-GUEST/: type, instance ("" for none)
   * and the data source of it that this counter fills. */
  const char *type;
  const char *type_instance;
  const char *data_source;
  size_t data_source_index;
};

/* Information about C; C must be below VR_COUNTERS. */
const struct vr_counter_info *vr_counter_info(enum vr_counter c);

/* Finds a counter by its name: 0 and *ret_counter, or -ENOENT. */
int vr_counter_by_name(const char *name, enum vr_counter *ret_counter);

#endif
