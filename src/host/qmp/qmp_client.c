/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_client.h"

#include "basic/log.h"
#include "host/qmp/qmp_connect.h"

#include <errno.h>
#include <string.h>

enum {
  /* Intervals: after a lost connection, so many until the next try. */
  RETRY = 30,
  LONGEST_RETRY = 16 * RETRY,
  /* A connection that comes and goes is tried less and less often, until it has
   * answered for this long. Each time the return is logged only after twice as
   * long. */
  CALM = 60,
  LONGEST_CALM = 1 << 20,
};

void vr_qmp_client_lose(struct vr_qmp *q, const char *why) {
  vr_qmp_socket_close(&q->socket);
  q->state = VR_QMP_LOST;
  q->since = 0;
  q->answers = false;
  q->pending_count = 0;
  q->late = false;
  q->balloon[0] = '\0';
  q->retry = q->retry == 0 ? RETRY : 2 * q->retry;
  if (q->retry > LONGEST_RETRY)
    q->retry = LONGEST_RETRY;
  if (why)
    vr_log_complain(
        &q->trouble, LOG_NOTICE,
        "guest %s: QMP socket: %s; the guest's block and balloon statistics "
        "are missing until a later attempt succeeds",
        q->name, why);
}

int vr_qmp_client_start(struct vr_qmp *q) {
  int r = vr_qmp_socket_connect(&q->socket, q->process, q->path, q->pid);
  if (r < 0)
    return r;
  q->state = VR_QMP_CONNECTED;
  q->greeting = 0;
  q->greeted = false;
  return 0;
}

void vr_qmp_client_start_failed(struct vr_qmp *q, int r) {
  if ((r == -EACCES || r == -EPERM) && q->options.denied) {
    vr_log_complain(
        q->options.denied, LOG_WARNING,
        "guest %s: QMP socket: %s; block and balloon statistics are missing "
        "of every guest whose QMP socket collectd may not open: give collectd "
        "CAP_SYS_PTRACE and CAP_DAC_OVERRIDE (logged once for all guests)",
        q->name, strerror(-r));
    vr_qmp_client_lose(q, NULL);
  } else if (r == -EAGAIN) {
    vr_qmp_client_lose(q, VR_QMP_BUSY);
  } else {
    vr_qmp_client_lose(q, vr_qmp_connect_why(r));
  }
}

void vr_qmp_client_settle(struct vr_qmp *q) {
  if (q->since >= CALM)
    q->retry = 0;
  if (!q->trouble.active || q->since < q->calm)
    return;
  vr_log_relieved(&q->trouble, "guest %s: QMP socket: it answers again",
                  q->name);
  q->calm = q->calm == 0 ? CALM : 2 * q->calm;
  if (q->calm > LONGEST_CALM)
    q->calm = LONGEST_CALM;
}

void vr_qmp_client_let_others_in(struct vr_qmp *q) {
  vr_qmp_socket_close(&q->socket);
  q->state = VR_QMP_RELEASED;
}
