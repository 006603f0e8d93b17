/* SPDX-License-Identifier: MIT */
#include "schema/remedies.h"

static const struct vr_remedy no_qmp = {"no QMP socket", "-qmp or libvirt",
                                        true};
static const struct vr_remedy no_nic = {
    "no NIC", "a tap or macvtap: the host does not count a NIC of another kind",
    false};

static const struct vr_remedy not_asked_for = {
    "it comes with Extra only",
    "Extra in <Plugin vmrecon>, collectd-vmrecon(5)", false};

/* Of single signals. docs/collectd-target_vmrecon.5 (LOG) has the same rows for
 * people. */
static const struct {
  enum vr_signal_id id;
  const struct vr_remedy *remedy;
} of_signals[] = {
    {VR_SIGNAL_TAP_OCTETS, &no_nic},
    {VR_SIGNAL_TAP_PACKETS, &no_nic},
    {VR_SIGNAL_UNCACHED_OCTETS, &no_qmp},
};

/* Of all others of a group. */
static const struct {
  enum vr_signal_group group;
  struct vr_remedy remedy;
} of_groups[] = {
    {VR_DEVICE,
     {"no disk that QEMU counts", "virtio-blk or virtio-scsi", true}},
    {VR_BALLOON, {"no balloon device", "-device virtio-balloon-pci", true}},
    {VR_VM_PROCESS,
     {"its process cannot be read in full", "rights, collectd-vmrecon(5)",
      false}},
    {VR_GUEST_SIZE,
     {"its size is not known", "rights, collectd-vmrecon(5)", false}},
    {VR_CGROUP,
     {"no control group of its own", "libvirt or systemd-run", false}},
    {VR_KVM,
     {"KVM's counters do not come", "-qmp with QEMU 7.1, or debugfs", false}},
    {VR_HOST,
     {"the host's own values do not come", "LoadPlugin vmrecon on the host",
      false}},
};

const struct vr_remedy *vr_schema_remedy(enum vr_signal_id id) {
  enum vr_signal_group group = vr_schema_signal(id)->group;
  size_t g = 0, last = sizeof(of_groups) / sizeof(of_groups[0]) - 1;
  for (size_t i = 0; i < sizeof(of_signals) / sizeof(of_signals[0]); i++)
    if (of_signals[i].id == id)
      return of_signals[i].remedy;
  if (!vr_schema_signal(id)->readers)
    return &not_asked_for;
  while (g < last && of_groups[g].group != group)
    g++;
  return &of_groups[g].remedy;
}

const struct vr_remedy *vr_schema_remedy_for_qmp(void) { return &no_qmp; }
