/* SPDX-License-Identifier: MIT
 *
 * The types of collectd's types.db that our series have.
 */
#ifndef VR_SCHEMA_TYPES_H
#define VR_SCHEMA_TYPES_H

#include "schema/value.h"

#include <stddef.h>

enum vr_type {
  VR_TYPE_BYTES,
  VR_TYPE_CONTEXTSWITCH,
  VR_TYPE_COUNT,
  VR_TYPE_CPU,
  VR_TYPE_DERIVE,
  VR_TYPE_DISK_OCTETS,
  VR_TYPE_DISK_OPS,
  VR_TYPE_DISK_TIME,
  VR_TYPE_ERRORS,
  VR_TYPE_FORK_RATE,
  VR_TYPE_GAUGE,
  VR_TYPE_IF_DROPPED,
  VR_TYPE_IF_ERRORS,
  VR_TYPE_IF_OCTETS,
  VR_TYPE_IF_PACKETS,
  VR_TYPE_LOAD,
  VR_TYPE_MEMORY,
  VR_TYPE_PERCENT,
  VR_TYPE_PS_STATE,
  VR_TYPE_UPTIME,
  VR_TYPE_VIRT_VCPU,
  VR_TYPE_VMPAGE_FAULTS,
  VR_TYPE_VMPAGE_IO,
  VR_TYPES
};

enum { VR_TYPE_MAX_SOURCES = 3 };

struct vr_type_info {
  const char *name;
  enum vr_kind kind; /* of all its data sources */
  const char *sources[VR_TYPE_MAX_SOURCES];
  size_t n_sources;
};

/* T must be below VR_TYPES. */
const struct vr_type_info *vr_schema_type(enum vr_type t);

/* Writes TYPE-INSTANCE, or TYPE where INSTANCE is "". Returns 0, or -ENOSPC. */
int vr_schema_type_text(enum vr_type t, const char *instance, char *ret_text,
                        size_t size);

#endif
