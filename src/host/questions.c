/* SPDX-License-Identifier: MIT */
#include "host/questions.h"

#include "basic/array.h"
#include "host/vmprocess_qmp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void vr_questions_free(struct vr_questions *q) {
  vr_libvirt_free(q->libvirt);
  free(q->polls);
}

/* Only a machine that has a guest of libvirt's asks for it: its daemon would be
 * started otherwise. */
static void start_libvirt(struct vr_questions *q,
                          const struct vr_vm_list *guests) {
  bool needed = false;
  if (q->libvirt || !q->options.libvirt)
    return;
  for (size_t i = 0; i < guests->count; i++)
    needed |= guests->v[i]->vm.libvirt;
  int r = needed ? vr_libvirt_new(&q->options.about_libvirt, &q->libvirt) : 0;
  if (r == 0)
    return;
  q->options.libvirt = false;
  vr_log_notice(
      "libvirt: %s; block and balloon statistics of libvirt's guests are "
      "missing",
      r == -ENOTSUP ? "vmrecon was built without it" : strerror(-r));
}

void vr_questions_ask(struct vr_questions *q, const struct vr_vm_list *guests) {
  start_libvirt(q, guests);
  if (q->libvirt)
    vr_libvirt_ask(q->libvirt);
  for (size_t i = 0; i < guests->count; i++)
    if (guests->v[i]->qmp)
      vr_qmp_ask(guests->v[i]->qmp);
}

/* Others cannot ask QEMU meanwhile, for however many intervals: a minute. */
static unsigned keep_intervals(double interval) {
  return interval > 1 ? 1 + (unsigned)(60 / interval) : 60;
}

/* A QMP socket has to be kept open, files need not be: one gives way. */
static bool make_room(struct vr_vm_list *guests, struct vr_tree *t) {
  return t->budget.used < t->budget.max || vr_vm_list_evict_file(guests, t);
}

void vr_questions_connect(struct vr_questions *q, struct vr_vm_list *guests,
                          struct vr_tree *t, struct vr_complaint *denied) {
  const struct vr_qmp_options o = {
      .denied = denied,
      .no_queues = &q->no_queues,
      .keep = keep_intervals(q->options.interval),
      .balloon = q->options.about_libvirt.balloon,
      .balloon_period = q->options.about_libvirt.balloon_period,
  };
  const struct vr_vmproc *left_out = NULL;
  for (size_t i = 0; i < guests->count && q->options.qmp; i++) {
    struct vr_vmproc *g = guests->v[i];
    if (!vr_vmproc_wants_qmp(g))
      continue;
    if (make_room(guests, t))
      vr_vmproc_connect_qmp(g, q->options.proc_path, &t->budget, &o);
    else
      left_out = g;
  }
  if (left_out)
    vr_log_complain(
        &q->crowded, LOG_WARNING,
        "guest %s: its QMP socket is not opened, and maybe others neither: "
        "vmrecon keeps at most %d files open; raise collectd's LimitNOFILE",
        left_out->sample.name, t->budget.max);
  else
    vr_log_relieved(&q->crowded,
                    "the QMP sockets of all guests are open again");
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static double now_real(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Takes in what has come; returns how many are still awaited. */
static nfds_t receive(struct vr_questions *q, const struct vr_vm_list *guests) {
  nfds_t n = 0;
  for (size_t i = 0; i < guests->count; i++) {
    struct vr_qmp *qmp = guests->v[i]->qmp;
    if (!qmp)
      continue;
    vr_qmp_take(qmp);
    int fd = vr_qmp_pollfd(qmp);
    if (fd >= 0)
      q->polls[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
  return n;
}

/* One wait for all QMP sockets together, however many are silent. */
static void await_qmp(struct vr_questions *q, const struct vr_vm_list *guests,
                      int64_t end) {
  nfds_t n;
  if (vr_array_reserve(&q->polls, &q->polls_capacity, guests->count) == 0)
    while ((n = receive(q, guests)) > 0) {
      int64_t left = end - now_ms();
      if (left <= 0 || poll(q->polls, n, (int)left) == 0)
        break;
    }
}

static void await_all(struct vr_questions *q, const struct vr_vm_list *guests) {
  int64_t end = now_ms() + q->options.wait_ms;
  await_qmp(q, guests, end);
  if (q->libvirt)
    vr_libvirt_await(q->libvirt, (int)(end - now_ms()));
}

void vr_questions_await(struct vr_questions *q,
                        const struct vr_vm_list *guests) {
  await_all(q, guests);
  double now = now_real();
  for (size_t i = 0; i < guests->count; i++) {
    struct vr_vmproc *g = guests->v[i];
    struct vr_qmp_report report = {0};
    vr_vmproc_take_qmp(g);
    if (q->libvirt && g->vm.libvirt) {
      vr_libvirt_sample(q->libvirt, g->vm.name, g->vm.uuid, &report);
      vr_vmproc_take_report(g, &report);
    }
    vr_vmproc_sum_disks(g);
    vr_vmproc_date_balloon(g, q->options.interval, now);
  }
}

void vr_questions_between(struct vr_questions *q,
                          const struct vr_vm_list *guests) {
  bool asked = false;
  /* A reading that is due waits for this, and the daemon's end for both. */
  int64_t end = now_ms() + q->options.wait_ms / 2;
  /* Sockets that cannot be reached take time, too, and a reading may be due. */
  for (size_t i = 0; i < guests->count && now_ms() <= end; i++)
    asked |= guests->v[i]->qmp && vr_qmp_ask_between(guests->v[i]->qmp);
  if (asked)
    await_qmp(q, guests, end);
  double now = now_real();
  for (size_t i = 0; i < guests->count; i++)
    vr_vmproc_take_faults(guests->v[i], now);
}
