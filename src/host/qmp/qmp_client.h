/* SPDX-License-Identifier: MIT
 *
 * The connection to one QEMU's QMP socket: when it is made, lost, released and
 * tried again, and all that is known of that QEMU. What is asked over it is in
 * qmp_questions.h, and what comes back in qmp.c; nobody else looks inside.
 */
#ifndef VR_HOST_QMP_QMP_CLIENT_H
#define VR_HOST_QMP_QMP_CLIENT_H

#include "host/qmp/qmp_options.h"
#include "host/qmp/qmp_report.h"
#include "host/qmp/qmp_socket.h"
#include "host/qmp/virtqueues.h"

#include <time.h>

enum { VR_QMP_PENDING_MAX = 12 + VR_VIRTQUEUES_MAX };

/* What a reply is about. */
enum vr_qmp_question {
  VR_QUESTION_CAPABILITIES,
  VR_QUESTION_CPUS,
  VR_QUESTION_LIST_NAMED,   /* children of /machine/peripheral */
  VR_QUESTION_LIST_UNNAMED, /* of /machine/peripheral-anon */
  VR_QUESTION_GET_PERIOD,
  VR_QUESTION_SET_PERIOD,
  VR_QUESTION_BLOCK,
  VR_QUESTION_BALLOON,
  VR_QUESTION_KVM,
  VR_QUESTION_MEMORY,
  VR_QUESTION_STATUS,
  VR_QUESTION_VIRTQUEUE,
};

/* RELEASED: it has answered, and others may connect until the next reading. */
enum vr_qmp_state {
  VR_QMP_LOST,
  VR_QMP_CONNECTED,
  VR_QMP_READY,
  VR_QMP_RELEASED
};

struct vr_qmp {
  struct vr_qmp_options options;
  char *name, *path;
  char *process; /* its directory of /proc */
  pid_t pid;
  enum vr_qmp_state state;
  struct vr_qmp_socket socket;
  unsigned asks, since; /* intervals: all; since it was lost, or answers */
  unsigned greeting;    /* intervals that it has not greeted */
  unsigned misses;      /* connections that failed since the last answer */
  bool greeted;         /* it has, on this connection */
  bool answers;         /* it has, since it was lost */
  unsigned retry;       /* intervals until the next try */
  unsigned calm;        /* how long it must answer until that is logged */
  unsigned unasked;     /* lines in this interval */
  size_t nodes;         /* lists and objects in this interval */
  bool late;            /* did not answer in time */
  bool between;         /* asked between two readings */
  bool silent;          /* and did not answer in time, since the last one */
  unsigned keep;        /* intervals that others are not let in */
  bool probe;           /* for what may have been plugged in */
  bool devices_due;     /* it is time to */
  struct vr_qmp_pending {
    unsigned id;
    enum vr_qmp_question question;
    uint64_t disk; /* of a VIRTQUEUE, as its number */
    unsigned number;
  } pending[VR_QMP_PENDING_MAX];
  unsigned pending_count, next_id;
  char balloon[256]; /* its path in QEMU's object tree */
  struct vr_disk_list disks;
  struct vr_virtqueues virtqueues;
  struct vr_balloon stats;
  struct vr_kvm_sample kvm;
  bool have_block, have_stats, have_kvm;
  enum vr_vmstate run_state;
  bool have_memory, no_memory; /* no_memory: this QEMU does not know it */
  uint64_t memory;             /* bytes */
  /* Intervals since the answer. */
  unsigned block_age, stats_age, kvm_age, status_age;
  time_t stats_updated;
  unsigned stats_period; /* seconds between two of the driver's reports */
  pid_t vcpus[VR_VCPUS_MAX];
  size_t vcpu_count;
  struct vr_complaint trouble;
};

static inline bool vr_qmp_client_is_open(const struct vr_qmp *q) {
  return q->socket.fd >= 0;
}

/* Closes the connection; the next try is some intervals away. WHY is logged;
 * NULL: said already. */
void vr_qmp_client_lose(struct vr_qmp *q, const char *why);

/* QEMU serves one client; its queue holds another one or two. */
#define VR_QMP_BUSY "another client is connected to it"

/* Connects. Returns 0 or a negative errno. */
int vr_qmp_client_start(struct vr_qmp *q);

/* What that R, negative, means is logged, and the connection lost. */
void vr_qmp_client_start_failed(struct vr_qmp *q, int r);

/* It has answered for a while: its trouble is over. */
void vr_qmp_client_settle(struct vr_qmp *q);

/* QEMU serves one client: between two readings that may be another. */
void vr_qmp_client_let_others_in(struct vr_qmp *q);

#endif
