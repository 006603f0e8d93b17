/* SPDX-License-Identifier: MIT
 *
 * Whether a guest runs, as QEMU and libvirt report it. The numbers are those of
 * the series gauge-state.
 */
#ifndef VR_HOST_QMP_VMSTATE_H
#define VR_HOST_QMP_VMSTATE_H

enum vr_vmstate {
  VR_VMSTATE_UNKNOWN = 0,
  VR_VMSTATE_RUNNING = 1,
  VR_VMSTATE_PAUSED = 2, /* by someone, or for a migration or a snapshot */
  VR_VMSTATE_FAILED = 3, /* stopped by a fault: of a disk, of itself, of QEMU */
  VR_VMSTATE_OFF = 4,    /* switched off, its VMM is still there */
  VR_VMSTATE_SUSPENDED = 5, /* it sleeps until it is woken */
};

/* Of QMP's RunState by name. */
enum vr_vmstate vr_vmstate_of_qmp(const char *name);

/* Of libvirt's virDomainState, and virDomainPausedReason where it is paused. */
enum vr_vmstate vr_vmstate_of_libvirt(int state, int reason);

#endif
