/* SPDX-License-Identifier: MIT
 *
 * One connection to libvirt's daemon, and the one call that asks it for the
 * numbers of all guests. A call may take any time.
 */
#ifndef VR_HOST_QMP_LIBVIRT_CLIENT_H
#define VR_HOST_QMP_LIBVIRT_CLIENT_H

#include "basic/log.h"
#include "host/qmp/libvirt_library.h"

struct vr_libvirt_client {
  struct vr_libvirt_library library;
  const char *uri;
  bool balloon;                 /* ask for the balloons, and set their period */
  struct vr_complaint *trouble; /* of all connections together */
  virConnectPtr connection;     /* NULL: none yet, or lost */
  unsigned retry;               /* calls until the next try to connect */
};

/* Asks for all guests' numbers; those that somebody is busy with are left out.
 * Connects first if that is needed. Returns how many, and the records for
 * virDomainStatsRecordListFree(); or -1, then the reason is logged. */
int vr_libvirt_client_call(struct vr_libvirt_client *c,
                           virDomainStatsRecordPtr **ret);

void vr_libvirt_client_close(struct vr_libvirt_client *c);

/* Logs, once until a call succeeds, why the statistics are missing. */
void vr_libvirt_client_complain(struct vr_complaint *trouble, const char *why);

#endif
