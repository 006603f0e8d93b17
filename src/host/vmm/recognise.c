/* SPDX-License-Identifier: MIT */
#include "host/vmm/recognise.h"

#include "host/vmm/other_vmms.h"
#include "host/vmm/qemu.h"

#include <fnmatch.h>

#define LIST(...)                                                              \
  (const char *const[]) { __VA_ARGS__, NULL }

#define QEMU_THREADS "CPU [0-9]*/*", "ALL CPUs/TCG"
#define FIRECRACKER_THREADS "fc_vcpu [0-9]*"
#define CLOUD_HYPERVISOR_THREADS "vcpu[0-9]*"
#define CROSVM_THREADS "crosvm_vcpu[0-9]*"
#define VMWARE_THREADS "vmx-vcpu-[0-9]*"
#define VIRTUALBOX_THREADS "EMT", "EMT-[0-9]*"
#define KVMTOOL_THREADS "kvm-vcpu-[0-9]*"

static const struct vr_recogniser table[] = {
    {
        .monitor = "QEMU",
        .programs = LIST("qemu-system-*", "qemu-kvm", "kvm"),
        .vcpu_threads = LIST(QEMU_THREADS),
        .parse = vr_qemu_parse,
    },
    {
        .monitor = "firecracker",
        .programs = LIST("firecracker", "firecracker-v[0-9]*"),
        .vcpu_threads = LIST(FIRECRACKER_THREADS),
        .accelerator = VR_ACCEL_KVM,
        .parse = vr_vmm_firecracker_parse,
    },
    {
        .monitor = "cloud-hypervisor",
        .programs = LIST("cloud-hypervisor", "cloud-hypervisor-*"),
        .vcpu_threads = LIST(CLOUD_HYPERVISOR_THREADS),
        .accelerator = VR_ACCEL_KVM,
        .parse = vr_vmm_cloud_hypervisor_parse,
    },
    {
        .monitor = "crosvm",
        .programs = LIST("crosvm"),
        .vcpu_threads = LIST(CROSVM_THREADS),
        .accelerator = VR_ACCEL_KVM,
        .parse = vr_vmm_crosvm_parse,
    },
    {
        .monitor = "vmware",
        .programs = LIST("vmware-vmx", "vmware-vmx-debug", "vmware-vmx-stats"),
        .vcpu_threads = LIST(VMWARE_THREADS),
        .accelerator = VR_ACCEL_OTHER,
        .parse = vr_vmm_vmware_parse,
    },
    {
        .monitor = "virtualbox",
        .programs = LIST("VBoxHeadless", "VirtualBoxVM", "VBoxSDL"),
        .vcpu_threads = LIST(VIRTUALBOX_THREADS),
        .accelerator = VR_ACCEL_OTHER,
        .parse = vr_vmm_virtualbox_parse,
    },
    {
        .monitor = "kvmtool",
        .programs = LIST("lkvm", "kvmtool"),
        .vcpu_threads = LIST(KVMTOOL_THREADS),
        .accelerator = VR_ACCEL_KVM,
        .parse = vr_vmm_kvmtool_parse,
    },
};

const struct vr_recogniser vr_recognise_custom = {
    .monitor = "custom",
    .programs = LIST(NULL),
    .vcpu_threads = LIST(QEMU_THREADS, FIRECRACKER_THREADS,
                         CLOUD_HYPERVISOR_THREADS, CROSVM_THREADS,
                         VMWARE_THREADS, VIRTUALBOX_THREADS, KVMTOOL_THREADS),
};

static bool matches(const char *const *patterns, const char *text) {
  for (; *patterns; patterns++)
    if (fnmatch(*patterns, text, 0) == 0)
      return true;
  return false;
}

const struct vr_recogniser *vr_recognise(const struct vr_cmdline *c) {
  if (c->argc == 0)
    return NULL;
  const char *program = vr_cmdline_basename(c->argv[0]);
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
    if (matches(table[i].programs, program))
      return &table[i];
  return NULL;
}

bool vr_recognise_is_vcpu_thread(const struct vr_recogniser *r,
                                 const char *name) {
  return matches(r->vcpu_threads, name);
}
