/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp.h"

#include "basic/log.h"
#include "host/qmp/qmp_questions.h"
#include "host/qmp/qmp_replies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  UNASKED_MAX = 1000, /* lines without a question in one interval: events */
  /* Intervals: QEMU that has not greeted after so many serves another client;
   * and between two probes for what may have been plugged in. */
  GREETING_MAX = 10,
  MISSES_MAX = 3, /* connections in a row that fail for a passing reason */
  PROBE_AGAIN = 60,
  LONGEST_PERIOD = 24 * 3600, /* of a balloon's reports, seconds */
};

int vr_qmp_new(const char *proc, pid_t pid, const char *path, const char *name,
               const struct vr_qmp_options *options, struct vr_qmp **ret) {
  struct vr_qmp *q = calloc(1, sizeof(*q));
  if (!q)
    return -ENOMEM;
  q->options = *options;
  q->stats_period = options->balloon_period;
  q->pid = pid;
  q->socket = VR_QMP_SOCKET_CLOSED;
  q->name = strdup(name);
  q->path = strdup(path);
  if (asprintf(&q->process, "%s/%d", proc, (int)pid) < 0)
    q->process = NULL;
  if (!q->name || !q->path || !q->process) {
    vr_qmp_free(q);
    return -ENOMEM;
  }
  int r = vr_qmp_client_start(q);
  if (r < 0)
    vr_qmp_client_start_failed(q, r);
  *ret = q;
  return 0;
}

void vr_qmp_free(struct vr_qmp *q) {
  if (!q)
    return;
  vr_qmp_socket_free(&q->socket);
  vr_virtqueues_free(&q->virtqueues);
  free(q->name);
  free(q->process);
  free(q->path);
  free(q);
}

/* --- an interval --- */

/* Another client's turn takes a moment, and so may a file on a busy disk. */
static bool is_passing(int error) {
  return error == -EAGAIN || error == -ETIMEDOUT || error == -EBUSY;
}

/* It has answered before: all is asked at once, and QEMU takes one question
 * after the other. So one wait is enough. */
static void connect_again(struct vr_qmp *q) {
  int r = vr_qmp_client_start(q);
  if (is_passing(r) && ++q->misses < MISSES_MAX)
    return;
  if (r < 0) {
    vr_qmp_client_start_failed(q, r);
    return;
  }
  q->state = VR_QMP_READY;
  vr_qmp_ask_capabilities(q);
  vr_qmp_ask_due(q);
}

static void begin_limits(struct vr_qmp *q) {
  q->socket.bytes = 0;
  q->unasked = 0;
  q->nodes = 0;
}

void vr_qmp_ask(struct vr_qmp *q) {
  q->asks++;
  q->since++;
  q->greeting++;
  q->silent = false;
  begin_limits(q);
  q->block_age++;
  q->stats_age++;
  q->kvm_age++;
  q->status_age++;
  q->devices_due |= q->asks % PROBE_AGAIN == 0;
  q->keep -= q->keep > 0;
  if (q->answers)
    vr_qmp_client_settle(q);
  if (q->state == VR_QMP_LOST && q->since >= q->retry) {
    q->since = 0;
    vr_qmp_client_start(q);
  } else if (vr_qmp_client_is_open(q) && !q->greeted &&
             q->greeting > GREETING_MAX) {
    vr_qmp_client_lose(q, VR_QMP_BUSY);
  } else if (q->state == VR_QMP_RELEASED) {
    connect_again(q);
  } else if (q->state == VR_QMP_READY && q->pending_count == 0) {
    vr_qmp_ask_due(q);
  }
}

bool vr_qmp_ask_between(struct vr_qmp *q) {
  bool idle = q->state == VR_QMP_RELEASED || q->state == VR_QMP_READY;
  if (!idle || q->balloon[0] == '\0' || q->pending_count > 0 || q->late ||
      q->silent || q->misses > 0)
    return false;
  if (q->state == VR_QMP_RELEASED) {
    q->silent = vr_qmp_client_start(q) < 0;
    if (q->silent)
      return false;
    q->state = VR_QMP_READY;
    vr_qmp_ask_capabilities(q);
  }
  begin_limits(q);
  vr_qmp_ask_balloon(q);
  q->between = q->pending_count > 0;
  return q->between;
}

/* An answer that comes later is one to no question. */
void vr_qmp_end_between(struct vr_qmp *q) {
  bool awaited = q->between && q->state == VR_QMP_READY && q->pending_count > 0;
  q->between = false;
  if (!awaited)
    return;
  q->silent = true;
  q->pending_count = 0;
  if (!q->greeted || q->keep == 0)
    vr_qmp_client_let_others_in(q);
}

/* --- answers --- */

/* Names of devices are the user's: only plain ones are put into questions. */
static void found_balloon(struct vr_qmp *q, const char *parent,
                          const char *name) {
  if (!name || q->balloon[0] != '\0' || !vr_qmp_is_plain(name, ""))
    return;
  snprintf(q->balloon, sizeof(q->balloon), "%s/%.128s", parent, name);
  vr_qmp_ask_period(q);
}

/* What somebody has chosen is left alone. */
static void set_period(struct vr_qmp *q, json_int_t period) {
  bool chosen = period > 0 && period <= LONGEST_PERIOD;
  q->stats_period = chosen ? (unsigned)period : q->options.balloon_period;
  if (period > 0)
    return;
  vr_qmp_ask_for_period(q);
}

static void ready(struct vr_qmp *q) {
  q->state = VR_QMP_READY;
  if (!q->answers) {
    q->answers = q->devices_due = true;
    q->since = 0;
    vr_qmp_client_settle(q);
  }
  vr_qmp_ask_due(q);
}

static void answered(struct vr_qmp *q, const struct vr_qmp_pending *p,
                     const json_t *value) {
  q->misses = 0;
  switch (p->question) {
  case VR_QUESTION_CAPABILITIES:
    if (q->state == VR_QMP_CONNECTED)
      ready(q);
    break;
  case VR_QUESTION_CPUS:
    q->vcpu_count = vr_qmp_parse_cpus(value, q->vcpus, VR_VCPUS_MAX);
    break;
  case VR_QUESTION_LIST_NAMED:
    found_balloon(q, "/machine/peripheral", vr_qmp_find_balloon(value));
    break;
  case VR_QUESTION_LIST_UNNAMED:
    found_balloon(q, "/machine/peripheral-anon", vr_qmp_find_balloon(value));
    break;
  case VR_QUESTION_GET_PERIOD:
    set_period(q, json_integer_value(value));
    break;
  case VR_QUESTION_SET_PERIOD:
    break;
  case VR_QUESTION_BLOCK:
    q->block_age = 0;
    q->have_block = vr_qmp_parse_blockstats(value, &q->disks) == 0;
    vr_virtqueues_take_disks(&q->virtqueues, value);
    break;
  case VR_QUESTION_BALLOON:
    q->stats_age = 0;
    q->have_stats =
        vr_qmp_parse_balloon(value, &q->stats, &q->stats_updated) == 0;
    break;
  case VR_QUESTION_KVM:
    q->kvm_age = 0;
    q->have_kvm = vr_qmp_parse_kvm(value, &q->kvm) == 0;
    break;
  case VR_QUESTION_MEMORY:
    q->have_memory |= vr_qmp_parse_memory(value, &q->memory) == 0;
    break;
  case VR_QUESTION_STATUS:
    q->status_age = 0;
    vr_qmp_parse_status(value, &q->run_state);
    break;
  case VR_QUESTION_VIRTQUEUE:
    vr_virtqueues_take(&q->virtqueues, p->disk, p->number, value);
    break;
  }
}

/* A disk that has fewer queues is no reason; a QEMU before 7.2 is one, of which
 * a host has many. */
static void refused_virtqueue(struct vr_qmp *q, const struct vr_qmp_pending *p,
                              const json_t *error) {
  vr_virtqueues_take_error(&q->virtqueues, p->disk, p->number, error);
  if (q->virtqueues.absent && q->options.no_queues)
    vr_log_complain(
        q->options.no_queues, LOG_INFO,
        "guest %s: its QEMU does not report requests in flight, as 7.2 and "
        "later do: whether a disk of its hangs is not known "
        "(count-block_stalled; logged once for all guests)",
        q->name);
}

static void refused(struct vr_qmp *q, const struct vr_qmp_pending *p,
                    const json_t *error) {
  enum vr_qmp_question question = p->question;
  if (question == VR_QUESTION_CAPABILITIES)
    vr_qmp_client_lose(q, "it refused the command qmp_capabilities");
  else if (question == VR_QUESTION_BALLOON)
    q->balloon[0] = '\0'; /* unplugged: probed for again later */
  else if (question == VR_QUESTION_KVM)
    q->options.kvm = q->have_kvm = false; /* older than 7.1 */
  else if (question == VR_QUESTION_MEMORY)
    q->no_memory = true; /* older than 2.11 */
  else if (question == VR_QUESTION_VIRTQUEUE)
    refused_virtqueue(q, p, error);
}

static void take_line(void *ctx, const char *line, size_t length) {
  struct vr_qmp *q = ctx;
  if (!vr_qmp_is_modest(line, length, &q->nodes)) {
    vr_qmp_client_lose(q, VR_QMP_TOO_MUCH);
    return;
  }
  json_t *message = vr_qmp_parse_message(line, length);
  if (!message) {
    /* Whatever it answered, the question would stay open for ever. */
    vr_qmp_client_lose(q, "it sent a line that is not JSON");
    return;
  }
  json_int_t id = vr_qmp_message_id(message);
  const json_t *value = json_object_get(message, "return");
  struct vr_qmp_pending p;
  if (!q->greeted && json_object_get(message, "QMP")) {
    q->greeted = true;
    if (q->state == VR_QMP_CONNECTED)
      vr_qmp_ask_capabilities(q);
  } else if (vr_qmp_take_pending(q, id, &p)) {
    if (value)
      answered(q, &p, value);
    else
      refused(q, &p, json_object_get(message, "error"));
  } else if (++q->unasked > UNASKED_MAX) {
    vr_qmp_client_lose(q, VR_QMP_TOO_MUCH);
  }
  json_decref(message);
}

bool vr_qmp_take(struct vr_qmp *q) {
  const char *why = vr_qmp_socket_receive(&q->socket, take_line, q);
  if (why)
    vr_qmp_client_lose(q, why);
  bool done = !vr_qmp_client_is_open(q) ||
              (q->state == VR_QMP_READY && q->pending_count == 0);
  if (done && vr_qmp_client_is_open(q) && q->keep == 0)
    vr_qmp_client_let_others_in(q);
  if (done)
    q->late = false;
  return done;
}

int vr_qmp_pollfd(const struct vr_qmp *q) {
  bool awaited = q->state == VR_QMP_CONNECTED || q->pending_count > 0;
  return vr_qmp_client_is_open(q) && awaited && !q->late ? q->socket.fd : -1;
}

void vr_qmp_deadline(struct vr_qmp *q) {
  if (vr_qmp_client_is_open(q) &&
      (q->state == VR_QMP_CONNECTED || q->pending_count > 0))
    q->late = true;
  if (q->late)
    q->keep = q->options.keep;
}

bool vr_qmp_reports_kvm(const struct vr_qmp *q) {
  return q->have_kvm && q->kvm_age <= 1;
}

void vr_qmp_sample(const struct vr_qmp *q, struct vr_qmp_report *ret) {
  ret->have_block = q->have_block && q->block_age <= 1;
  ret->have_balloon =
      q->have_stats && q->stats_age <= 1 &&
      vr_qmp_balloon_is_fresh(q->stats_updated, q->stats_period);
  ret->have_kvm = vr_qmp_reports_kvm(q);
  ret->have_memory = q->have_memory;
  ret->memory = q->memory;
  ret->state = q->status_age <= 1 ? q->run_state : VR_VMSTATE_UNKNOWN;
  if (ret->have_block)
    ret->disks = q->disks;
  ret->have_stalled =
      ret->have_block && vr_virtqueues_stalled(&q->virtqueues, &ret->stalled);
  ret->os = VR_OS_UNKNOWN;
  if (ret->have_balloon) {
    ret->balloon = q->stats;
    ret->balloon_updated = q->stats_updated;
    ret->balloon_period = q->stats_period;
  }
  if (ret->have_kvm)
    ret->kvm = q->kvm;
}

void vr_qmp_probe_again(struct vr_qmp *q) { q->probe = true; }

size_t vr_qmp_vcpus(const struct vr_qmp *q, pid_t *tids, size_t n) {
  if (n > q->vcpu_count)
    n = q->vcpu_count;
  memcpy(tids, q->vcpus, n * sizeof(*tids));
  return n;
}
