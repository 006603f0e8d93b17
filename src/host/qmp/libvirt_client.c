/* SPDX-License-Identifier: MIT */
#include "host/qmp/libvirt_client.h"

#include <stddef.h>

/* Calls until the next try to connect. */
enum { RETRY = 30 };

void vr_libvirt_client_complain(struct vr_complaint *trouble, const char *why) {
  vr_log_complain(
      trouble, LOG_NOTICE,
      "libvirt: %s; block and balloon statistics of libvirt's guests are "
      "missing until a later attempt succeeds",
      why ? why : "it gave no reason");
}

/* Reading needs no more than a connection that may only read; setting a
 * balloon's period needs another one. */
static bool connected(struct vr_libvirt_client *c) {
  if (c->connection)
    return true;
  if (c->retry > 0) {
    c->retry--;
    return false;
  }
  if (c->balloon)
    c->connection = c->library.virConnectOpen(c->uri);
  if (!c->connection)
    c->connection = c->library.virConnectOpenReadOnly(c->uri);
  if (c->connection)
    return true;
  vr_libvirt_client_complain(c->trouble, c->library.virGetLastErrorMessage());
  c->retry = RETRY;
  return false;
}

void vr_libvirt_client_close(struct vr_libvirt_client *c) {
  if (c->connection)
    c->library.virConnectClose(c->connection);
  c->connection = NULL;
}

int vr_libvirt_client_call(struct vr_libvirt_client *c,
                           virDomainStatsRecordPtr **ret) {
  const unsigned stats = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BLOCK |
                         (c->balloon ? VIR_DOMAIN_STATS_BALLOON : 0);
  const unsigned flags = VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
                         VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT;
  if (!connected(c))
    return -1;
  int n =
      c->library.virConnectGetAllDomainStats(c->connection, stats, ret, flags);
  if (n < 0) {
    vr_libvirt_client_complain(c->trouble, c->library.virGetLastErrorMessage());
    vr_libvirt_client_close(c);
    return -1;
  }
  vr_log_relieved(c->trouble, "libvirt: it answers again");
  return n;
}
