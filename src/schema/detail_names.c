/* SPDX-License-Identifier: MIT */
#include "schema/detail_names.h"

#include "basic/text.h"

#include <stddef.h>
#include <string.h>

#define DISK(type, raw, plugin)                                                \
  { VR_DETAIL_DISKS, (type), (raw), "", (plugin), "", false }
#define NIC(type)                                                              \
  { VR_DETAIL_NICS, (type), "tap", "", "interface", "", true }

static const struct vr_detail_info details[VR_DETAILS] = {
    [VR_DETAIL_DISK_OCTETS] = DISK(VR_TYPE_DISK_OCTETS, "block", "disk"),
    [VR_DETAIL_DISK_OPS] = DISK(VR_TYPE_DISK_OPS, "block", "disk"),
    [VR_DETAIL_DISK_TIME] = DISK(VR_TYPE_DISK_TIME, "average", "disk"),
    [VR_DETAIL_DISK_ERRORS] = DISK(VR_TYPE_ERRORS, "block", NULL),
    [VR_DETAIL_NIC_OCTETS] = NIC(VR_TYPE_IF_OCTETS),
    [VR_DETAIL_NIC_PACKETS] = NIC(VR_TYPE_IF_PACKETS),
    [VR_DETAIL_NIC_ERRORS] = NIC(VR_TYPE_IF_ERRORS),
    [VR_DETAIL_NIC_DROPPED] = NIC(VR_TYPE_IF_DROPPED),
    [VR_DETAIL_VCPU_RUN] = {VR_DETAIL_VCPUS, VR_TYPE_VIRT_VCPU, "run", "", NULL,
                            NULL, false},
    [VR_DETAIL_VCPU_WAIT] = {VR_DETAIL_VCPUS, VR_TYPE_DERIVE, "wait_vcpu",
                             "wait_vcpu", NULL, NULL, false},
    [VR_DETAIL_VCPU_ACTIVE] = {VR_DETAIL_VCPUS, VR_TYPE_PERCENT, "vcpu", "vcpu",
                               "cpu", "active", false},
};

const struct vr_detail_info *vr_schema_detail(enum vr_detail d) {
  return &details[d];
}

const struct vr_detail_info *vr_schema_detail_of(const char *type,
                                                 const char *instance,
                                                 const char **ret_device) {
  for (size_t i = 0; i < VR_DETAILS; i++) {
    size_t n = strlen(details[i].raw);
    if (strncmp(instance, details[i].raw, n) != 0 || instance[n] != '_' ||
        instance[n + 1] == '\0' ||
        strcmp(vr_schema_type(details[i].type)->name, type) != 0)
      continue;
    *ret_device = instance + n + 1;
    return &details[i];
  }
  return NULL;
}

int vr_schema_detail_kinds(const char *text, unsigned *ret_kinds) {
  static const struct vr_text_flag words[] = {{"disks", VR_DETAIL_DISKS},
                                              {"nics", VR_DETAIL_NICS},
                                              {"vcpus", VR_DETAIL_VCPUS}};
  return vr_text_flags(text, words, sizeof(words) / sizeof(words[0]),
                       ret_kinds);
}
