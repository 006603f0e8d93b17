/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp.h"

#include "basic/log.h"
#include "host/qmp/qmp_connect.h"
#include "host/qmp/qmp_replies.h"
#include "host/qmp/qmp_socket.h"
#include "host/qmp/virtqueues.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  UNASKED_MAX = 1000, /* lines without a question in one interval: events */
  PENDING_MAX = 12 + VR_VIRTQUEUES_MAX,
  /* Intervals: QEMU that has not greeted after so many serves another client;
   * after a lost connection, so many until the next try; and between two probes
   * for what may have been plugged in. */
  GREETING_MAX = 10,
  MISSES_MAX = 3, /* connections in a row that fail for a passing reason */
  RETRY = 30,
  LONGEST_RETRY = 16 * RETRY,
  PROBE_AGAIN = 60,
  /* A connection that comes and goes is tried less and less often, until it has
   * answered for this long. Each time the return is logged only after twice as
   * long. */
  CALM = 60,
  LONGEST_CALM = 1 << 20,
  LONGEST_PERIOD = 24 * 3600, /* of a balloon's reports, seconds */
};

/* What a reply is about. */
enum question {
  CAPABILITIES,
  CPUS,
  LIST_NAMED,   /* children of /machine/peripheral */
  LIST_UNNAMED, /* of /machine/peripheral-anon */
  GET_PERIOD,
  SET_PERIOD,
  BLOCK,
  BALLOON,
  KVM,
  MEMORY,
  STATUS,
  VIRTQUEUE,
};

/* QEMU serves one client; its queue holds another one or two. */
#define BUSY "another client is connected to it"

/* RELEASED: it has answered, and others may connect until the next reading. */
enum state { LOST, CONNECTED, READY, RELEASED };

struct vr_qmp {
  struct vr_qmp_options options;
  char *name, *path;
  char *process; /* its directory of /proc */
  pid_t pid;
  enum state state;
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
  struct pending {
    unsigned id;
    enum question question;
    uint64_t disk; /* of a VIRTQUEUE, as its number */
    unsigned number;
  } pending[PENDING_MAX];
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

static bool is_open(const struct vr_qmp *q) { return q->socket.fd >= 0; }

static void lose(struct vr_qmp *q, const char *why) {
  vr_qmp_socket_close(&q->socket);
  q->state = LOST;
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

static int start(struct vr_qmp *q) {
  int r = vr_qmp_socket_connect(&q->socket, q->process, q->path, q->pid);
  if (r < 0)
    return r;
  q->state = CONNECTED;
  q->greeting = 0;
  q->greeted = false;
  return 0;
}

static void start_failed(struct vr_qmp *q, int r) {
  if ((r == -EACCES || r == -EPERM) && q->options.denied) {
    vr_log_complain(
        q->options.denied, LOG_WARNING,
        "guest %s: QMP socket: %s; block and balloon statistics are missing "
        "of every guest whose QMP socket collectd may not open: give collectd "
        "CAP_SYS_PTRACE and CAP_DAC_OVERRIDE (logged once for all guests)",
        q->name, strerror(-r));
    lose(q, NULL);
  } else if (r == -EAGAIN) {
    lose(q, BUSY);
  } else {
    lose(q, vr_qmp_connect_why(r));
  }
}

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
  int r = start(q);
  if (r < 0)
    start_failed(q, r);
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

/* --- questions --- */

__attribute__((format(printf, 3, 4))) static void
ask(struct vr_qmp *q, enum question question, const char *format, ...) {
  char text[1024];
  if (q->pending_count == PENDING_MAX || !is_open(q))
    return;
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  unsigned id = ++q->next_id;
  if (n > 0 && (size_t)n < sizeof(text))
    n += snprintf(text + n, sizeof(text) - (size_t)n, ",\"id\":%u}\n", id);
  if (n <= 0 || (size_t)n >= sizeof(text))
    return;
  if (vr_qmp_socket_send(&q->socket, text, (size_t)n) < 0) {
    lose(q, "it accepts no more commands");
    return;
  }
  q->pending[q->pending_count++] =
      (struct pending){.id = id, .question = question};
}

static void ask_list(struct vr_qmp *q, enum question which, const char *path) {
  ask(q, which, "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"%s\"}",
      path);
}

static void ask_period(struct vr_qmp *q) {
  ask(q, GET_PERIOD,
      "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats-polling-interval\"}",
      q->balloon);
}

/* Which threads are vCPUs, and whether there is a balloon, that somebody may
 * have given another period. */
static void ask_devices(struct vr_qmp *q) {
  ask(q, CPUS, "{\"execute\":\"query-cpus-fast\"");
  if (q->balloon[0] != '\0')
    ask_period(q);
  if (q->options.balloon && q->balloon[0] == '\0') {
    ask_list(q, LIST_NAMED, "/machine/peripheral");
    ask_list(q, LIST_UNNAMED, "/machine/peripheral-anon");
  }
}

/* The counters by name: all of them would be ten times as much. */
static void ask_kvm(struct vr_qmp *q) {
  char names[VR_KVM_STAT_COUNT * 32];
  size_t n = 0;
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++)
    n += (size_t)snprintf(names + n, sizeof(names) - n, "%s\"%s\"",
                          i > 0 ? "," : "", vr_kvmstats_names[i]);
  ask(q, KVM,
      "{\"execute\":\"query-stats\",\"arguments\":{\"target\":\"vcpu\","
      "\"providers\":[{\"provider\":\"kvm\",\"names\":[%s]}]}",
      names);
}

static void ask_balloon(struct vr_qmp *q) {
  ask(q, BALLOON,
      "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats\"}",
      q->balloon);
}

static void ask_virtqueues(struct vr_qmp *q) {
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  size_t n = vr_virtqueues_due(&q->virtqueues, due);
  for (size_t i = 0; i < n; i++) {
    unsigned before = q->pending_count;
    ask(q, VIRTQUEUE,
        "{\"execute\":\"x-query-virtio-queue-status\",\"arguments\":"
        "{\"path\":\"%s\",\"queue\":%u}",
        due[i].path, due[i].number);
    if (q->pending_count <= before)
      return;
    q->pending[before].disk = due[i].disk;
    q->pending[before].number = due[i].number;
  }
}

static void ask_numbers(struct vr_qmp *q) {
  ask(q, BLOCK, "{\"execute\":\"query-blockstats\"");
  ask_virtqueues(q);
  ask(q, STATUS, "{\"execute\":\"query-status\"");
  if (q->balloon[0] != '\0')
    ask_balloon(q);
  if (q->options.kvm)
    ask_kvm(q);
  if (!q->no_memory)
    ask(q, MEMORY, "{\"execute\":\"query-memory-size-summary\"");
}

/* It has answered for a while. */
static void settle(struct vr_qmp *q) {
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

/* QEMU serves one client: between two readings that may be another. */
static void let_others_in(struct vr_qmp *q) {
  vr_qmp_socket_close(&q->socket);
  q->state = RELEASED;
}

static void ask_due(struct vr_qmp *q) {
  if (q->devices_due || q->probe)
    ask_devices(q);
  q->devices_due = q->probe = false;
  ask_numbers(q);
}

static void ask_capabilities(struct vr_qmp *q) {
  ask(q, CAPABILITIES, "{\"execute\":\"qmp_capabilities\"");
}

/* Another client's turn takes a moment, and so may a file on a busy disk. */
static bool is_passing(int error) {
  return error == -EAGAIN || error == -ETIMEDOUT || error == -EBUSY;
}

/* It has answered before: all is asked at once, and QEMU takes one question
 * after the other. So one wait is enough. */
static void connect_again(struct vr_qmp *q) {
  int r = start(q);
  if (is_passing(r) && ++q->misses < MISSES_MAX)
    return;
  if (r < 0) {
    start_failed(q, r);
    return;
  }
  q->state = READY;
  ask_capabilities(q);
  ask_due(q);
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
    settle(q);
  if (q->state == LOST && q->since >= q->retry) {
    q->since = 0;
    start(q);
  } else if (is_open(q) && !q->greeted && q->greeting > GREETING_MAX) {
    lose(q, BUSY);
  } else if (q->state == RELEASED) {
    connect_again(q);
  } else if (q->state == READY && q->pending_count == 0) {
    ask_due(q);
  }
}

bool vr_qmp_ask_between(struct vr_qmp *q) {
  bool idle = q->state == RELEASED || q->state == READY;
  if (!idle || q->balloon[0] == '\0' || q->pending_count > 0 || q->late ||
      q->silent || q->misses > 0)
    return false;
  if (q->state == RELEASED) {
    q->silent = start(q) < 0;
    if (q->silent)
      return false;
    q->state = READY;
    ask_capabilities(q);
  }
  begin_limits(q);
  ask_balloon(q);
  q->between = q->pending_count > 0;
  return q->between;
}

/* An answer that comes later is one to no question. */
void vr_qmp_end_between(struct vr_qmp *q) {
  bool awaited = q->between && q->state == READY && q->pending_count > 0;
  q->between = false;
  if (!awaited)
    return;
  q->silent = true;
  q->pending_count = 0;
  if (!q->greeted || q->keep == 0)
    let_others_in(q);
}

/* --- answers --- */

/* Names of devices are the user's: only plain ones are put into questions. */
static void found_balloon(struct vr_qmp *q, const char *parent,
                          const char *name) {
  if (!name || q->balloon[0] != '\0' || !vr_qmp_is_plain(name, ""))
    return;
  snprintf(q->balloon, sizeof(q->balloon), "%s/%.128s", parent, name);
  ask_period(q);
}

/* What somebody has chosen is left alone. */
static void set_period(struct vr_qmp *q, json_int_t period) {
  bool chosen = period > 0 && period <= LONGEST_PERIOD;
  q->stats_period = chosen ? (unsigned)period : q->options.balloon_period;
  if (period > 0)
    return;
  ask(q, SET_PERIOD,
      "{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats-polling-interval\",\"value\":%u}",
      q->balloon, q->options.balloon_period);
}

static void ready(struct vr_qmp *q) {
  q->state = READY;
  if (!q->answers) {
    q->answers = q->devices_due = true;
    q->since = 0;
    settle(q);
  }
  ask_due(q);
}

static void answered(struct vr_qmp *q, const struct pending *p,
                     const json_t *value) {
  q->misses = 0;
  switch (p->question) {
  case CAPABILITIES:
    if (q->state == CONNECTED)
      ready(q);
    break;
  case CPUS:
    q->vcpu_count = vr_qmp_parse_cpus(value, q->vcpus, VR_VCPUS_MAX);
    break;
  case LIST_NAMED:
    found_balloon(q, "/machine/peripheral", vr_qmp_find_balloon(value));
    break;
  case LIST_UNNAMED:
    found_balloon(q, "/machine/peripheral-anon", vr_qmp_find_balloon(value));
    break;
  case GET_PERIOD:
    set_period(q, json_integer_value(value));
    break;
  case SET_PERIOD:
    break;
  case BLOCK:
    q->block_age = 0;
    q->have_block = vr_qmp_parse_blockstats(value, &q->disks) == 0;
    vr_virtqueues_take_disks(&q->virtqueues, value);
    break;
  case BALLOON:
    q->stats_age = 0;
    q->have_stats =
        vr_qmp_parse_balloon(value, &q->stats, &q->stats_updated) == 0;
    break;
  case KVM:
    q->kvm_age = 0;
    q->have_kvm = vr_qmp_parse_kvm(value, &q->kvm) == 0;
    break;
  case MEMORY:
    q->have_memory |= vr_qmp_parse_memory(value, &q->memory) == 0;
    break;
  case STATUS:
    q->status_age = 0;
    vr_qmp_parse_status(value, &q->run_state);
    break;
  case VIRTQUEUE:
    vr_virtqueues_take(&q->virtqueues, p->disk, p->number, value);
    break;
  }
}

/* A disk that has fewer queues is no reason; a QEMU before 7.2 is one, of which
 * a host has many. */
static void refused_virtqueue(struct vr_qmp *q, const struct pending *p,
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

static void refused(struct vr_qmp *q, const struct pending *p,
                    const json_t *error) {
  enum question question = p->question;
  if (question == CAPABILITIES)
    lose(q, "it refused the command qmp_capabilities");
  else if (question == BALLOON)
    q->balloon[0] = '\0'; /* unplugged: probed for again later */
  else if (question == KVM)
    q->options.kvm = q->have_kvm = false; /* older than 7.1 */
  else if (question == MEMORY)
    q->no_memory = true; /* older than 2.11 */
  else if (question == VIRTQUEUE)
    refused_virtqueue(q, p, error);
}

static bool take_pending(struct vr_qmp *q, json_int_t id, struct pending *ret) {
  for (unsigned i = 0; i < q->pending_count; i++)
    if (q->pending[i].id == id) {
      *ret = q->pending[i];
      q->pending[i] = q->pending[--q->pending_count];
      return true;
    }
  return false;
}

static void take_line(void *ctx, const char *line, size_t length) {
  struct vr_qmp *q = ctx;
  if (!vr_qmp_is_modest(line, length, &q->nodes)) {
    lose(q, VR_QMP_TOO_MUCH);
    return;
  }
  json_t *message = vr_qmp_parse_message(line, length);
  if (!message) {
    /* Whatever it answered, the question would stay open for ever. */
    lose(q, "it sent a line that is not JSON");
    return;
  }
  json_int_t id = vr_qmp_message_id(message);
  const json_t *value = json_object_get(message, "return");
  struct pending p;
  if (!q->greeted && json_object_get(message, "QMP")) {
    q->greeted = true;
    if (q->state == CONNECTED)
      ask_capabilities(q);
  } else if (take_pending(q, id, &p)) {
    if (value)
      answered(q, &p, value);
    else
      refused(q, &p, json_object_get(message, "error"));
  } else if (++q->unasked > UNASKED_MAX) {
    lose(q, VR_QMP_TOO_MUCH);
  }
  json_decref(message);
}

bool vr_qmp_take(struct vr_qmp *q) {
  const char *why = vr_qmp_socket_receive(&q->socket, take_line, q);
  if (why)
    lose(q, why);
  bool done = !is_open(q) || (q->state == READY && q->pending_count == 0);
  if (done && is_open(q) && q->keep == 0)
    let_others_in(q);
  if (done)
    q->late = false;
  return done;
}

int vr_qmp_pollfd(const struct vr_qmp *q) {
  bool awaited = q->state == CONNECTED || q->pending_count > 0;
  return is_open(q) && awaited && !q->late ? q->socket.fd : -1;
}

void vr_qmp_deadline(struct vr_qmp *q) {
  if (is_open(q) && (q->state == CONNECTED || q->pending_count > 0))
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
