/* SPDX-License-Identifier: MIT */
#include "schema/counters.h"

#include <errno.h>
#include <string.h>

static const struct vr_counter_info counters[VR_COUNTERS] = {
    [VR_LOAD] = {"load", "processes", false, "load", "", "shortterm", 0},
    [VR_PROCESSES] = {"processes", "processes", false, "count", "processes",
                      "value", 0},
    [VR_CPU] = {"cpu", "% of all vCPUs", false, "percent", "active", "value",
                0},
    [VR_CONTEXTSWITCH] = {"contextswitch", "switches/s", true, "contextswitch",
                          "", "value", 0},
    [VR_PAGE_FAULTS] = {"page_faults", "faults/s", true, "vmpage_faults", "",
                        "minflt", 0},
    [VR_BUFFERS] = {"buffers", "% of memory", false, "percent", "buffered",
                    "value", 0},
    [VR_DISK_READ] = {"disk_read", "bytes/s", true, "disk_octets", "", "read",
                      0},
    [VR_DISK_WRITE] = {"disk_write", "bytes/s", true, "disk_octets", "",
                       "write", 1},
    [VR_NET_TX] = {"net_tx", "bytes/s", true, "if_octets", "", "tx", 1},
    [VR_NET_RX] = {"net_rx", "bytes/s", true, "if_octets", "", "rx", 0},
    [VR_PAGE_FAULTS_MAJOR] = {"page_faults_major", "faults/s", true,
                              "vmpage_faults", "", "majflt", 1},
    [VR_STEAL] = {"steal", "% of all vCPUs", false, "percent", "steal", "value",
                  0},
    [VR_EXECUTION] = {"execution", "% of the time ready", false, "percent",
                      "execution", "value", 0},
};

const struct vr_counter_info *vr_counter_info(enum vr_counter c) {
  return &counters[c];
}

int vr_counter_by_name(const char *name, enum vr_counter *ret_counter) {
  for (int c = 0; c < VR_COUNTERS; c++)
    if (strcmp(counters[c].name, name) == 0) {
      *ret_counter = (enum vr_counter)c;
      return 0;
    }
  return -ENOENT;
}
