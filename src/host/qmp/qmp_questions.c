/* SPDX-License-Identifier: MIT */
#include "host/qmp/qmp_questions.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 3, 4))) static void
ask(struct vr_qmp *q, enum vr_qmp_question question, const char *format, ...) {
  char text[1024];
  if (q->pending_count == VR_QMP_PENDING_MAX || !vr_qmp_client_is_open(q))
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
    vr_qmp_client_lose(q, "it accepts no more commands");
    return;
  }
  q->pending[q->pending_count++] =
      (struct vr_qmp_pending){.id = id, .question = question};
}

static void ask_list(struct vr_qmp *q, enum vr_qmp_question which,
                     const char *path) {
  ask(q, which, "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"%s\"}",
      path);
}

void vr_qmp_ask_period(struct vr_qmp *q) {
  ask(q, VR_QUESTION_GET_PERIOD,
      "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats-polling-interval\"}",
      q->balloon);
}

void vr_qmp_ask_for_period(struct vr_qmp *q) {
  ask(q, VR_QUESTION_SET_PERIOD,
      "{\"execute\":\"qom-set\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats-polling-interval\",\"value\":%u}",
      q->balloon, q->options.balloon_period);
}

/* Which threads are vCPUs, and whether there is a balloon, that somebody may
 * have given another period. */
static void ask_devices(struct vr_qmp *q) {
  ask(q, VR_QUESTION_CPUS, "{\"execute\":\"query-cpus-fast\"");
  if (q->balloon[0] != '\0')
    vr_qmp_ask_period(q);
  if (q->options.balloon && q->balloon[0] == '\0') {
    ask_list(q, VR_QUESTION_LIST_NAMED, "/machine/peripheral");
    ask_list(q, VR_QUESTION_LIST_UNNAMED, "/machine/peripheral-anon");
  }
}

/* The counters by name: all of them would be ten times as much. */
static void ask_kvm(struct vr_qmp *q) {
  char names[VR_KVM_STAT_COUNT * 32];
  size_t n = 0;
  for (int i = 0; i < VR_KVM_STAT_COUNT; i++)
    n += (size_t)snprintf(names + n, sizeof(names) - n, "%s\"%s\"",
                          i > 0 ? "," : "", vr_kvmstats_names[i]);
  ask(q, VR_QUESTION_KVM,
      "{\"execute\":\"query-stats\",\"arguments\":{\"target\":\"vcpu\","
      "\"providers\":[{\"provider\":\"kvm\",\"names\":[%s]}]}",
      names);
}

void vr_qmp_ask_balloon(struct vr_qmp *q) {
  ask(q, VR_QUESTION_BALLOON,
      "{\"execute\":\"qom-get\",\"arguments\":{\"path\":\"%s\","
      "\"property\":\"guest-stats\"}",
      q->balloon);
}

static void ask_virtqueues(struct vr_qmp *q) {
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  size_t n = vr_virtqueues_due(&q->virtqueues, due);
  for (size_t i = 0; i < n; i++) {
    unsigned before = q->pending_count;
    ask(q, VR_QUESTION_VIRTQUEUE,
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
  ask(q, VR_QUESTION_BLOCK, "{\"execute\":\"query-blockstats\"");
  ask_virtqueues(q);
  ask(q, VR_QUESTION_STATUS, "{\"execute\":\"query-status\"");
  if (q->balloon[0] != '\0')
    vr_qmp_ask_balloon(q);
  if (q->options.kvm)
    ask_kvm(q);
  if (!q->no_memory)
    ask(q, VR_QUESTION_MEMORY, "{\"execute\":\"query-memory-size-summary\"");
}

void vr_qmp_ask_due(struct vr_qmp *q) {
  if (q->devices_due || q->probe)
    ask_devices(q);
  q->devices_due = q->probe = false;
  ask_numbers(q);
}

void vr_qmp_ask_capabilities(struct vr_qmp *q) {
  ask(q, VR_QUESTION_CAPABILITIES, "{\"execute\":\"qmp_capabilities\"");
}

bool vr_qmp_take_pending(struct vr_qmp *q, json_int_t id,
                         struct vr_qmp_pending *ret) {
  for (unsigned i = 0; i < q->pending_count; i++)
    if (q->pending[i].id == id) {
      *ret = q->pending[i];
      q->pending[i] = q->pending[--q->pending_count];
      return true;
    }
  return false;
}
