/* SPDX-License-Identifier: MIT
 *
 * Series of single devices of a guest: its disks, network cards and processors.
 * The read plugin measures them and the target publishes them, each where it is
 * asked to, under the names in this table.
 */
#ifndef VR_SCHEMA_DETAIL_NAMES_H
#define VR_SCHEMA_DETAIL_NAMES_H

#include "schema/types.h"

#include <stdbool.h>

/* Each is a bit, so that a set is their sum. */
enum vr_detail_kind {
  VR_DETAIL_DISKS = 1,
  VR_DETAIL_NICS = 2,
  VR_DETAIL_VCPUS = 4,
};

enum vr_detail {
  VR_DETAIL_DISK_OCTETS,
  VR_DETAIL_DISK_OPS,
  VR_DETAIL_DISK_TIME, /* rises by what an operation took on average, in ms, in
                          each second, as collectd's disk plugin has it */
  VR_DETAIL_DISK_ERRORS,
  VR_DETAIL_NIC_OCTETS,
  VR_DETAIL_NIC_PACKETS,
  VR_DETAIL_NIC_ERRORS,
  VR_DETAIL_NIC_DROPPED,
  VR_DETAIL_VCPU_RUN,
  VR_DETAIL_VCPU_WAIT,
  VR_DETAIL_VCPU_ACTIVE,
  VR_DETAILS
};

/* HOST/vmrecon-GUEST/TYPE-RAW_DEVICE becomes
 * HOST/virt_inferred-GUEST/TYPE-DEVICE, or TYPE-PUBLISHED_DEVICE. */
struct vr_detail_info {
  enum vr_detail_kind kind;
  enum vr_type type;
  const char *raw, *published; /* published: "" for none */
  /* GUEST.inferred/PLUGIN-DEVICE/TYPE or TYPE-INSTANCE; NULL where a guest's
   * own collectd has nothing of that kind. */
  const char *native_plugin, *native_instance;
  bool swapped; /* a tap counts from the host's side: rx is what the guest sent
                 */
};

/* D must be below VR_DETAILS. */
const struct vr_detail_info *vr_schema_detail(enum vr_detail d);

/* The detail that HOST/vmrecon-GUEST/TYPE-INSTANCE holds, and the device in
 * INSTANCE; NULL if it is no detail. */
const struct vr_detail_info *vr_schema_detail_of(const char *type,
                                                 const char *instance,
                                                 const char **ret_device);

/* The kinds that the words of TEXT name, "disks", "nics" and "vcpus" in any
 * case, are added to *RET_KINDS. Returns 0, or -EINVAL for another word. */
int vr_schema_detail_kinds(const char *text, unsigned *ret_kinds);

#endif
