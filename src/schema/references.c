/* SPDX-License-Identifier: MIT */
#include "schema/references.h"

#define CPU_STATES                                                             \
  { "idle", "user", "system", "wait", "nice", "interrupt", "softirq", "steal" }

const struct vr_reference vr_schema_references[] = {
    {VR_LOAD, VR_REFERENCE_SUM, "load", VR_NO_DEVICES, "load", "shortterm",
     .instances = {""}},
    /* ReportRelative */
    {VR_LOAD, VR_REFERENCE_PER_CPU, "load", VR_NO_DEVICES, "load", "shortterm",
     .instances = {"relative"}},
    {VR_PROCESSES, VR_REFERENCE_SUM, "processes", VR_NO_DEVICES, "ps_state",
     "value",
     .instances = {"running", "sleeping", "blocked", "zombies", "stopped",
                   "paging"},
     .any_instance = true},
    /* CPU usage is 100 - idle in every form, with iowait and steal, as the cpu
     * plugin's own "active" is. Without ReportByCpu: */
    {VR_CPU, VR_REFERENCE_SUM, "cpu", VR_NO_DEVICES, "percent", "value",
     .instances = {"active"}},
    {VR_CPU, VR_REFERENCE_COMPLEMENT, "cpu", VR_NO_DEVICES, "percent", "value",
     .instances = {"idle"}},
    /* The ticks of each CPU, as the cpu plugin sends them by default. */
    {VR_CPU, VR_REFERENCE_PERCENT_REST, "cpu", VR_EVERY_CPU, "cpu", "value",
     .instances = {"idle"}, .n_part = 1, .any_instance = true},
    /* Without ReportByState, and with ValuesPercentage. */
    {VR_CPU, VR_REFERENCE_MEAN, "cpu", VR_EVERY_CPU, "percent", "value",
     .instances = {"active"}},
    {VR_CPU, VR_REFERENCE_MEAN_REST, "cpu", VR_EVERY_CPU, "percent", "value",
     .instances = {"idle"}},
    /* Of the aggregation plugin, over the CPUs. */
    {VR_CPU, VR_REFERENCE_SUM, "aggregation-cpu-average", VR_NO_DEVICES,
     "percent", "value", .instances = {"active"}},
    {VR_CPU, VR_REFERENCE_COMPLEMENT, "aggregation-cpu-average", VR_NO_DEVICES,
     "percent", "value", .instances = {"idle"}},
    {VR_CPU, VR_REFERENCE_PERCENT_REST, "aggregation-cpu-average",
     VR_NO_DEVICES, "cpu", "value", .instances = CPU_STATES, .n_part = 1,
     .any_instance = true},
    {VR_CPU, VR_REFERENCE_PERCENT_REST, "aggregation-cpu-sum", VR_NO_DEVICES,
     "cpu", "value", .instances = CPU_STATES, .n_part = 1,
     .any_instance = true},
    {VR_CONTEXTSWITCH, VR_REFERENCE_SUM, "contextswitch", VR_NO_DEVICES,
     "contextswitch", "value", .instances = {""}},
    {VR_PAGE_FAULTS, VR_REFERENCE_SUM, "vmem", VR_NO_DEVICES, "vmpage_faults",
     "minflt", .instances = {""}},
    {VR_BUFFERS, VR_REFERENCE_PERCENT, "memory", VR_NO_DEVICES, "memory",
     "value",
     .instances = {"buffered", "used", "cached", "free", "slab_recl",
                   "slab_unrecl"},
     .n_part = 1, .any_instance = true,
     /* collectd after 5.12 */
     .again = {{"available", NULL}, {"slab", "slab_recl"}}},
    /* ValuesPercentage */
    {VR_BUFFERS, VR_REFERENCE_SUM, "memory", VR_NO_DEVICES, "percent", "value",
     .instances = {"buffered"}},
    {VR_DISK_READ, VR_REFERENCE_SUM, "disk", VR_WHOLE_DISKS, "disk_octets",
     "read", .instances = {""}},
    {VR_DISK_WRITE, VR_REFERENCE_SUM, "disk", VR_WHOLE_DISKS, "disk_octets",
     "write", .instances = {""}},
    {VR_NET_TX, VR_REFERENCE_SUM, "interface", VR_INTERFACES, "if_octets", "tx",
     .instances = {""}},
    {VR_NET_RX, VR_REFERENCE_SUM, "interface", VR_INTERFACES, "if_octets", "rx",
     .instances = {""}},
    /* collectd 4 */
    {VR_NET_TX, VR_REFERENCE_SUM, "interface", VR_INTERFACES, "if_octets", "tx",
     .instances = {""}, .type_devices = true},
    {VR_NET_RX, VR_REFERENCE_SUM, "interface", VR_INTERFACES, "if_octets", "rx",
     .instances = {""}, .type_devices = true},
    /* The plugin netlink has them too. */
    {VR_NET_TX, VR_REFERENCE_SUM, "netlink", VR_INTERFACES, "if_octets", "tx",
     .instances = {""}},
    {VR_NET_RX, VR_REFERENCE_SUM, "netlink", VR_INTERFACES, "if_octets", "rx",
     .instances = {""}},
    {VR_NET_TX, VR_REFERENCE_SUM, "interface", VR_VIRTUAL_INTERFACES,
     "if_octets", "tx", .instances = {""}},
    {VR_NET_RX, VR_REFERENCE_SUM, "interface", VR_VIRTUAL_INTERFACES,
     "if_octets", "rx", .instances = {""}},
};
const size_t vr_schema_references_count =
    sizeof(vr_schema_references) / sizeof(vr_schema_references[0]);
