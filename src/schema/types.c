/* SPDX-License-Identifier: MIT */
#include "schema/types.h"

#include <errno.h>
#include <stdio.h>

#define ONE {"value"}, 1

static const struct vr_type_info types[VR_TYPES] = {
    [VR_TYPE_BYTES] = {"bytes", VR_GAUGE, ONE},
    [VR_TYPE_CONTEXTSWITCH] = {"contextswitch", VR_DERIVE, ONE},
    [VR_TYPE_COUNT] = {"count", VR_GAUGE, ONE},
    [VR_TYPE_CPU] = {"cpu", VR_DERIVE, ONE},
    [VR_TYPE_DERIVE] = {"derive", VR_DERIVE, ONE},
    [VR_TYPE_DISK_OCTETS] = {"disk_octets", VR_DERIVE, {"read", "write"}, 2},
    [VR_TYPE_DISK_OPS] = {"disk_ops", VR_DERIVE, {"read", "write"}, 2},
    [VR_TYPE_DISK_TIME] = {"disk_time", VR_DERIVE, {"read", "write"}, 2},
    [VR_TYPE_ERRORS] = {"errors", VR_DERIVE, ONE},
    [VR_TYPE_FORK_RATE] = {"fork_rate", VR_DERIVE, ONE},
    [VR_TYPE_GAUGE] = {"gauge", VR_GAUGE, ONE},
    [VR_TYPE_IF_DROPPED] = {"if_dropped", VR_DERIVE, {"rx", "tx"}, 2},
    [VR_TYPE_IF_ERRORS] = {"if_errors", VR_DERIVE, {"rx", "tx"}, 2},
    [VR_TYPE_IF_OCTETS] = {"if_octets", VR_DERIVE, {"rx", "tx"}, 2},
    [VR_TYPE_IF_PACKETS] = {"if_packets", VR_DERIVE, {"rx", "tx"}, 2},
    [VR_TYPE_LOAD] = {"load",
                      VR_GAUGE,
                      {"shortterm", "midterm", "longterm"},
                      3},
    [VR_TYPE_MEMORY] = {"memory", VR_GAUGE, ONE},
    [VR_TYPE_PERCENT] = {"percent", VR_GAUGE, ONE},
    [VR_TYPE_PS_STATE] = {"ps_state", VR_GAUGE, ONE},
    [VR_TYPE_UPTIME] = {"uptime", VR_GAUGE, ONE},
    [VR_TYPE_VIRT_VCPU] = {"virt_vcpu", VR_DERIVE, ONE},
    [VR_TYPE_VMPAGE_FAULTS] = {"vmpage_faults",
                               VR_DERIVE,
                               {"minflt", "majflt"},
                               2},
    [VR_TYPE_VMPAGE_IO] = {"vmpage_io", VR_DERIVE, {"in", "out"}, 2},
};

const struct vr_type_info *vr_schema_type(enum vr_type t) { return &types[t]; }

int vr_schema_type_text(enum vr_type t, const char *instance, char *ret_text,
                        size_t size) {
  int n = snprintf(ret_text, size, "%s%s%s", types[t].name,
                   *instance ? "-" : "", instance);
  return n < 0 || (size_t)n >= size ? -ENOSPC : 0;
}
