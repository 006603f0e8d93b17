/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp.h"

#include "basic/cleanup.h"
#include "basic/log.h"
#include "host/qmp/qmp_replies.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
  FIRST_BUFFER = 16 * 1024,
  LARGEST_BUFFER = 4 * 1024 * 1024,
  TAKE_MAX = 256 * 1024, /* at one go */
  /* What a monitor may say in one interval: answers to all questions, and lines
   * that nobody asked for, which are events. */
  BYTES_MAX = 2 * LARGEST_BUFFER,
  UNASKED_MAX = 1000,
  PENDING_MAX = 9,
  /* Intervals: without a greeting the monitor is somebody else's; then, and
   * when it was lost, this long until the next try; and between two looks for
   * what may have been plugged in. */
  GREETING_PATIENCE = 10,
  RETRY = 30,
  LONGEST_RETRY = 16 * RETRY,
  LOOK_AGAIN = 60,
  /* One that comes and goes is tried less and less often, until it has answered
   * for this long; that it is back is said each time only after twice as long.
   */
  CALM = 60,
  LONGEST_CALM = 1 << 20,
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
};

/* QEMU serves one client; its queue holds another one or two. */
#define BUSY "another client has it"

#define TOO_MUCH "it says more than it is asked"

enum state { LOST, CONNECTED, READY };

struct vr_qmp {
  struct vr_qmp_options options;
  char name[VR_NAME_MAX];
  char *path;
  pid_t pid;
  enum state state;
  int fd;
  unsigned asks, since; /* intervals: all; in this state */
  unsigned retry;       /* intervals until the next try */
  unsigned calm;        /* how long it must answer until that is said */
  size_t bytes;         /* taken in this interval */
  unsigned unasked;     /* lines in this interval */
  bool late;            /* did not answer in time */
  bool look;            /* at what may have been plugged in */
  char *buffer;
  size_t length, size;
  struct {
    unsigned id;
    enum question question;
  } pending[PENDING_MAX];
  unsigned pending_count, next_id;
  char balloon[256]; /* its path in QEMU's object tree */
  struct vr_disk_list disks;
  struct vr_balloon stats;
  struct vr_kvm_sample kvm;
  bool have_block, have_stats, have_kvm;
  unsigned block_age, stats_age, kvm_age; /* intervals since the answer */
  time_t stats_updated;
  pid_t vcpus[VR_VCPUS_MAX];
  size_t vcpu_count;
  struct vr_complaint trouble;
};

static void lose(struct vr_qmp *q, const char *why) {
  if (q->fd >= 0)
    close(q->fd);
  q->fd = -1;
  q->state = LOST;
  q->since = 0;
  q->pending_count = 0;
  q->length = 0;
  q->late = false;
  q->balloon[0] = '\0';
  q->retry = q->retry == 0 ? RETRY : 2 * q->retry;
  if (q->retry > LONGEST_RETRY)
    q->retry = LONGEST_RETRY;
  if (why)
    vr_log_complain(
        &q->trouble, LOG_NOTICE,
        "guest %s: monitor: %s; its block and balloon statistics are "
        "not known, trying again from time to time",
        q->name, why);
}

/* Only the process itself may answer for it. */
static bool is_peer(int fd, pid_t pid) {
  struct ucred peer;
  socklen_t length = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
    return false;
  return peer.pid == pid || peer.pid == 0;
}

/* The path may be longer than a socket's address can be, so it is reached
 * through a descriptor of the file. */
static int connect_to(const char *path, pid_t pid) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  vr_auto_close int file = open(path, O_PATH | O_CLOEXEC);
  if (file < 0)
    return -errno;
  snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d",
           file);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -errno;
  int r = connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0
              ? -errno
              : 0;
  if (r == 0 && !is_peer(fd, pid))
    r = -ESTALE;
  if (r < 0) {
    close(fd);
    return r;
  }
  return fd;
}

static int start(struct vr_qmp *q) {
  int fd = connect_to(q->path, q->pid);
  if (fd < 0)
    return fd;
  q->fd = fd;
  q->state = CONNECTED;
  q->since = 0;
  return 0;
}

static void start_failed(struct vr_qmp *q, int r) {
  if ((r == -EACCES || r == -EPERM) && q->options.denied) {
    vr_log_complain(
        q->options.denied, LOG_WARNING,
        "guest %s: monitor: %s: disks and balloons are not known of "
        "any guest whose monitor collectd may not reach; it needs "
        "CAP_SYS_PTRACE and CAP_DAC_OVERRIDE",
        q->name, strerror(-r));
    lose(q, NULL);
  } else if (r == -EAGAIN) {
    lose(q, BUSY);
  } else {
    lose(q, r == -ESTALE ? "another process listens there" : strerror(-r));
  }
}

int vr_qmp_new(const char *proc, pid_t pid, const char *path, const char *name,
               const struct vr_qmp_options *options, struct vr_qmp **ret) {
  struct vr_qmp *q = calloc(1, sizeof(*q));
  if (!q)
    return -ENOMEM;
  q->options = *options;
  q->pid = pid;
  q->fd = -1;
  snprintf(q->name, sizeof(q->name), "%s", name);
  /* As the process sees it: it may live in a file tree of its own. */
  if (asprintf(&q->path, "%s/%d/%s/%s", proc, (int)pid,
               path[0] == '/' ? "root" : "cwd",
               path[0] == '/' ? path + 1 : path) < 0) {
    free(q);
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
  if (q->fd >= 0)
    close(q->fd);
  free(q->buffer);
  free(q->path);
  free(q);
}

/* --- questions --- */

__attribute__((format(printf, 3, 4))) static void
ask(struct vr_qmp *q, enum question question, const char *format, ...) {
  char text[1024];
  if (q->pending_count == PENDING_MAX || q->fd < 0)
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
  if (send(q->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n) {
    lose(q, "it does not take questions");
    return;
  }
  q->pending[q->pending_count].id = id;
  q->pending[q->pending_count++].question = question;
}

static void ask_list(struct vr_qmp *q, enum question which, const char *path) {
  ask(q, which, "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"%s\"}",
      path);
}

/* Which threads are vCPUs, and whether there is a balloon. */
static void ask_around(struct vr_qmp *q) {
  ask(q, CPUS, "{\"execute\":\"query-cpus-fast\"");
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

static void ask_numbers(struct vr_qmp *q) {
  ask(q, BLOCK, "{\"execute\":\"query-blockstats\"");
  if (q->balloon[0] != '\0')
    ask(q, BALLOON,
        "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"%s\","
        "\"property\":\"guest-stats\"}",
        q->balloon);
  if (q->options.kvm)
    ask_kvm(q);
}

/* It has answered for a while. */
static void settle(struct vr_qmp *q) {
  if (q->since >= CALM)
    q->retry = 0;
  if (!q->trouble.active || q->since < q->calm)
    return;
  vr_log_relieved(&q->trouble, "guest %s: monitor: it answers", q->name);
  q->calm = q->calm == 0 ? CALM : 2 * q->calm;
  if (q->calm > LONGEST_CALM)
    q->calm = LONGEST_CALM;
}

void vr_qmp_ask(struct vr_qmp *q) {
  q->asks++;
  q->since++;
  q->bytes = 0;
  q->unasked = 0;
  q->block_age++;
  q->stats_age++;
  q->kvm_age++;
  if (q->state == READY)
    settle(q);
  if (q->state == LOST && q->since >= q->retry) {
    q->since = 0;
    start(q);
  } else if (q->state == CONNECTED && q->since > GREETING_PATIENCE) {
    lose(q, BUSY);
  } else if (q->state == READY && q->pending_count == 0) {
    if (q->asks % LOOK_AGAIN == 0 || q->look)
      ask_around(q);
    q->look = false;
    ask_numbers(q);
  }
}

/* --- answers --- */

/* Names of devices are the user's: only plain ones are put into questions. */
static void found_balloon(struct vr_qmp *q, const char *parent,
                          const char *name) {
  if (!name || q->balloon[0] != '\0' ||
      name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789-_.[]")] != '\0')
    return;
  snprintf(q->balloon, sizeof(q->balloon), "%s/%.128s", parent, name);
  ask(q, GET_PERIOD,
      "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats-polling-interval\"}",
      q->balloon);
}

/* Somebody may have chosen a shorter period: that is as good. */
static void set_period(struct vr_qmp *q, json_int_t period) {
  if (period > 0 && period <= q->options.balloon_period)
    return;
  ask(q, SET_PERIOD,
      "{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats-polling-interval\",\"value\":%u}",
      q->balloon, q->options.balloon_period);
}

static void ready(struct vr_qmp *q) {
  q->state = READY;
  q->since = 0;
  settle(q);
  ask_around(q);
  ask_numbers(q);
}

static void answered(struct vr_qmp *q, enum question question,
                     const json_t *value) {
  switch (question) {
  case CAPABILITIES:
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
  }
}

static void refused(struct vr_qmp *q, enum question question) {
  if (question == CAPABILITIES)
    lose(q, "it refuses to talk");
  else if (question == BALLOON)
    q->balloon[0] = '\0'; /* unplugged: looked for again later */
  else if (question == KVM)
    q->options.kvm = q->have_kvm = false; /* older than 7.1 */
}

static bool take_pending(struct vr_qmp *q, json_int_t id,
                         enum question *ret_question) {
  for (unsigned i = 0; i < q->pending_count; i++)
    if (q->pending[i].id == id) {
      *ret_question = q->pending[i].question;
      q->pending[i] = q->pending[--q->pending_count];
      return true;
    }
  return false;
}

static void take_line(struct vr_qmp *q, const char *line, size_t length) {
  json_t *message = vr_qmp_parse_message(line, length);
  if (!message) {
    /* Whatever it answered, the question would stay open for ever. */
    lose(q, "it does not speak JSON");
    return;
  }
  json_int_t id = vr_qmp_message_id(message);
  const json_t *value = json_object_get(message, "return");
  enum question question;
  if (q->state == CONNECTED && json_object_get(message, "QMP"))
    ask(q, CAPABILITIES, "{\"execute\":\"qmp_capabilities\"");
  else if (take_pending(q, id, &question)) {
    if (value)
      answered(q, question, value);
    else
      refused(q, question);
  } else if (++q->unasked > UNASKED_MAX) {
    lose(q, TOO_MUCH);
  }
  json_decref(message);
}

static bool grow(struct vr_qmp *q) {
  size_t size = q->size ? 2 * q->size : FIRST_BUFFER;
  char *buffer = size > LARGEST_BUFFER ? NULL : realloc(q->buffer, size);
  if (!buffer)
    return false;
  q->buffer = buffer;
  q->size = size;
  return true;
}

/* Handles the whole lines in the buffer and keeps the rest. */
static void take_lines(struct vr_qmp *q) {
  size_t begin = 0;
  while (q->fd >= 0 && begin < q->length) {
    char *end = memchr(q->buffer + begin, '\n', q->length - begin);
    if (!end)
      break;
    size_t at = (size_t)(end - q->buffer);
    take_line(q, q->buffer + begin, at - begin);
    begin = at + 1;
  }
  if (q->fd < 0)
    return;
  memmove(q->buffer, q->buffer + begin, q->length - begin);
  q->length -= begin;
}

bool vr_qmp_take(struct vr_qmp *q) {
  for (size_t taken = 0; q->fd >= 0 && taken < TAKE_MAX;) {
    if (q->bytes > BYTES_MAX) {
      lose(q, TOO_MUCH);
      break;
    }
    if (q->length == q->size && !grow(q)) {
      lose(q, "an answer is too long");
      break;
    }
    ssize_t n =
        recv(q->fd, q->buffer + q->length, q->size - q->length, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
      break;
    if (n <= 0) {
      lose(q, n == 0 ? "it closed the connection" : strerror(errno));
      break;
    }
    q->length += (size_t)n;
    q->bytes += (size_t)n;
    taken += (size_t)n;
    take_lines(q);
  }
  bool done = q->fd < 0 || (q->state == READY && q->pending_count == 0);
  if (done)
    q->late = false;
  return done;
}

int vr_qmp_pollfd(const struct vr_qmp *q) {
  bool awaited = q->state == CONNECTED || q->pending_count > 0;
  return awaited && !q->late ? q->fd : -1;
}

void vr_qmp_deadline(struct vr_qmp *q) {
  if (q->fd >= 0 && (q->state == CONNECTED || q->pending_count > 0))
    q->late = true;
}

/* A driver that was unloaded leaves its last words in QEMU for ever. */
static bool guest_still_reports(const struct vr_qmp *q) {
  time_t patience = 3 * (time_t)q->options.balloon_period + 10;
  return q->stats_updated > 0 && time(NULL) - q->stats_updated <= patience;
}

bool vr_qmp_tells_kvm(const struct vr_qmp *q) {
  return q->have_kvm && q->kvm_age <= 1;
}

void vr_qmp_sample(const struct vr_qmp *q, struct vr_vmproc_sample *s) {
  s->have_block = q->have_block && q->block_age <= 1;
  if (s->have_block) {
    s->disks = q->disks;
    s->block = (struct vr_disks){0};
    for (size_t i = 0; i < q->disks.count; i++)
      vr_diskstats_add(&s->block, &q->disks.v[i].counters);
  }
  s->have_balloon =
      q->have_stats && q->stats_age <= 1 && guest_still_reports(q);
  if (s->have_balloon)
    s->balloon = q->stats;
  if (vr_qmp_tells_kvm(q)) {
    s->have_kvm = true;
    s->kvm = q->kvm;
  }
}

void vr_qmp_look_again(struct vr_qmp *q) { q->look = true; }

size_t vr_qmp_vcpus(const struct vr_qmp *q, pid_t *tids, size_t n) {
  if (n > q->vcpu_count)
    n = q->vcpu_count;
  memcpy(tids, q->vcpus, n * sizeof(*tids));
  return n;
}
