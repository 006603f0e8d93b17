/* SPDX-License-Identifier: MIT */
#include "top_source.h"
#include "top_daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int open_socket(struct vr_top_source *s, bool insist, const char *socket,
                       double now, struct vr_error *ret_error) {
  s->daemon = vr_top_daemon_new(socket);
  if (!s->daemon)
    return vr_error_set(ret_error, -ENOMEM, "out of memory");
  int r = vr_top_daemon_open(s->daemon, now);
  if (r == 0 || insist) {
    snprintf(s->name, sizeof(s->name), "collectd");
    return 0;
  }
  vr_error_set(ret_error, r, "%s", vr_top_daemon_trouble(s->daemon));
  vr_top_daemon_free(s->daemon);
  s->daemon = NULL;
  return r;
}

static int open_machine(struct vr_top_source *s,
                        const struct vr_top_machine_options *machine,
                        struct vr_error *ret_error) {
  struct vr_top_machine_options options = *machine;
  bool daemon = vr_top_machine_runs(options.proc_path, "collectd");
  options.qmp = options.qmp && !daemon;
  int r = vr_top_machine_new(&options, &s->machine);
  if (r < 0)
    return vr_error_set(ret_error, r, "cannot read %s: %s", options.proc_path,
                        strerror(-r));
  snprintf(s->name, sizeof(s->name), "%s%s%s", options.proc_path,
           daemon ? " (QMP left to collectd)" : "",
           geteuid() != 0 ? " (not root: incomplete)" : "");
  return 0;
}

int vr_top_source_open(struct vr_top_source *s, enum vr_top_source_kind kind,
                       const char *socket,
                       const struct vr_top_machine_options *machine, double now,
                       struct vr_error *ret_error) {
  *s = (struct vr_top_source){0};
  if (kind != VR_TOP_PROC) {
    int r = open_socket(s, kind == VR_TOP_SOCKET, socket, now, ret_error);
    if (r == 0 || kind == VR_TOP_SOCKET || r == -ENOMEM)
      return r;
  }
  return open_machine(s, machine, ret_error);
}

void vr_top_source_close(struct vr_top_source *s) {
  vr_top_daemon_free(s->daemon);
  vr_top_machine_free(s->machine);
  *s = (struct vr_top_source){0};
}

void vr_top_source_refresh(struct vr_top_source *s, double now, double delay,
                           const struct vr_top_guests *guests) {
  if (s->daemon)
    vr_top_daemon_refresh(s->daemon, now, guests);
  else
    vr_top_machine_delay(s->machine, delay);
}

struct pollfd vr_top_source_poll(const struct vr_top_source *s, int *ret_ms) {
  if (s->daemon && vr_top_daemon_is_busy(s->daemon))
    *ret_ms = VR_TOP_DAEMON_NAP_MS;
  return s->daemon ? vr_top_daemon_poll(s->daemon)
                   : vr_top_machine_poll(s->machine);
}

bool vr_top_source_work(struct vr_top_source *s, double now,
                        struct vr_top_guests *guests) {
  return s->daemon ? vr_top_daemon_work(s->daemon, now, guests)
                   : vr_top_machine_work(s->machine, guests);
}

const char *vr_top_source_trouble(const struct vr_top_source *s) {
  return s->daemon ? vr_top_daemon_trouble(s->daemon) : "";
}
