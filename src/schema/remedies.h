/* SPDX-License-Identifier: MIT
 *
 * What it means that a signal of a guest does not come, and what an operator
 * can do about it.
 */
#ifndef VR_SCHEMA_REMEDIES_H
#define VR_SCHEMA_REMEDIES_H

#include "schema/host_signals.h"

struct vr_remedy {
  const char *lacking; /* "no balloon device" */
  const char *action;  /* "-device virtio-balloon-pci" */
  bool by_qmp;         /* it comes through the QMP socket, or libvirt */
};

/* The remedy for the signal ID. */
const struct vr_remedy *vr_schema_remedy(enum vr_signal_id id);

/* The remedy where nothing comes that comes through the QMP socket. */
const struct vr_remedy *vr_schema_remedy_for_qmp(void);

#endif
