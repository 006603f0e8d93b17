/* SPDX-License-Identifier: MIT */
#include "host/qmp/vmstate.h"

#include <stddef.h>
#include <string.h>

/* QEMU's qapi/run-state.json. */
static const struct {
  const char *name;
  enum vr_vmstate state;
} qmp_states[] = {
    {"running", VR_VMSTATE_RUNNING},
    {"colo", VR_VMSTATE_RUNNING},
    {"paused", VR_VMSTATE_PAUSED},
    {"debug", VR_VMSTATE_PAUSED},
    {"prelaunch", VR_VMSTATE_PAUSED},
    {"inmigrate", VR_VMSTATE_PAUSED},
    {"finish-migrate", VR_VMSTATE_PAUSED},
    {"postmigrate", VR_VMSTATE_PAUSED},
    {"restore-vm", VR_VMSTATE_PAUSED},
    {"save-vm", VR_VMSTATE_PAUSED},
    {"io-error", VR_VMSTATE_FAILED},
    {"internal-error", VR_VMSTATE_FAILED},
    {"watchdog", VR_VMSTATE_FAILED},
    {"guest-panicked", VR_VMSTATE_FAILED},
    {"shutdown", VR_VMSTATE_OFF},
    {"suspended", VR_VMSTATE_SUSPENDED},
};

enum vr_vmstate vr_vmstate_of_qmp(const char *name) {
  for (size_t i = 0; i < sizeof(qmp_states) / sizeof(qmp_states[0]); i++)
    if (strcmp(name, qmp_states[i].name) == 0)
      return qmp_states[i].state;
  return VR_VMSTATE_UNKNOWN;
}

/* Numbers of libvirt-domain.h, by which its answers go: the header is not there
 * in every build. "Blocked" is Xen's word for a guest that runs and is idle. */
static const enum vr_vmstate libvirt_states[] = {
    [1] = VR_VMSTATE_RUNNING,   [2] = VR_VMSTATE_RUNNING,
    [3] = VR_VMSTATE_PAUSED,    [4] = VR_VMSTATE_OFF,
    [5] = VR_VMSTATE_OFF,       [6] = VR_VMSTATE_FAILED,
    [7] = VR_VMSTATE_SUSPENDED,
};
enum { PAUSED = 3, BY_IO_ERROR = 5, BY_WATCHDOG = 6, BY_CRASH = 10 };

enum vr_vmstate vr_vmstate_of_libvirt(int state, int reason) {
  if (state < 0 ||
      (size_t)state >= sizeof(libvirt_states) / sizeof(libvirt_states[0]))
    return VR_VMSTATE_UNKNOWN;
  if (state == PAUSED &&
      (reason == BY_IO_ERROR || reason == BY_WATCHDOG || reason == BY_CRASH))
    return VR_VMSTATE_FAILED;
  return libvirt_states[state];
}
