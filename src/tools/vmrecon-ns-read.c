/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-ns-read.h"

#include "host/proc/listing.h"
#include "host/proc/pidfiles.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FILES_KEPT = 16 };

int vr_tools_ns_open(struct vr_tools_ns_reader *r, const char *proc_path,
                     const char *sys_path, struct vr_error *ret_error) {
  *r = (struct vr_tools_ns_reader){0};
  int e = vr_machine_init(&r->machine);
  int t = vr_tree_open(&r->tree, proc_path, sys_path, FILES_KEPT);
  if (t < 0)
    return vr_error_set(ret_error, t, "%s: %s", proc_path, strerror(-t));
  if (e == 0)
    e = vr_netdev_new(&r->netdev);
  return e < 0 ? vr_error_set(ret_error, e, "no memory") : 0;
}

void vr_tools_ns_close(struct vr_tools_ns_reader *r) {
  vr_machine_free(&r->machine, &r->tree);
  vr_netdev_free(r->netdev, &r->tree.budget);
  vr_tree_close(&r->tree);
}

static double seconds(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- processes --- */

/* The state of process NAME, or 0 where it has just ended. */
static char state_of(int procfd, const char *name) {
  char path[64], text[1024];
  struct vr_pidstat stat;
  snprintf(path, sizeof(path), "%.32s/stat", name);
  if (vr_procfile_read_once(procfd, path, text, sizeof(text)) <= 0 ||
      vr_proc_pidstat_parse(text, &stat) < 0)
    return 0;
  return stat.state;
}

static void count_state(struct vr_tools_ns_sample *s, char state) {
  static const char letters[] = {
#define LETTER(letter, name) letter,
      VR_TOOLS_TASK_STATES(LETTER)
#undef LETTER
  };
  const char *at = memchr(letters, state, sizeof(letters));
  if (at)
    s->tasks[at - letters]++;
}

/* One reads while it runs. collectd's reading thread is not its main thread,
 * by which it goes: it finds itself asleep. So is this program taken. */
static void read_tasks(struct vr_tools_ns_reader *r,
                       struct vr_tools_ns_sample *s) {
  struct vr_listing l;
  char self[16];
  snprintf(self, sizeof(self), "%d", (int)getpid());
  s->have_tasks = vr_listing_open(&l, r->tree.procfd, ".") == 0;
  for (const char *name; s->have_tasks && (name = vr_listing_next(&l));)
    if (strcmp(name, self) == 0)
      count_state(s, 'S');
    else if (name[0] >= '1' && name[0] <= '9')
      count_state(s, state_of(r->tree.procfd, name));
  vr_listing_close(&l);
}

/* /proc/stat knows how many tasks run, threads with them; collectd takes that,
 * and so do we. */
static void take_running(struct vr_tools_ns_sample *s) {
  s->have_tasks = s->have_tasks && s->machine.have_stat;
  s->tasks[VR_TOOLS_TASK_running] = s->machine.stat.running;
}

void vr_tools_ns_read(struct vr_tools_ns_reader *r,
                      struct vr_tools_ns_sample *ret) {
  struct vr_tools_ns_sample *s = ret;
  *s = (struct vr_tools_ns_sample){
      .time = seconds(CLOCK_REALTIME),
      .clock = seconds(CLOCK_MONOTONIC),
  };
  struct vr_tree *t = &r->tree;
  vr_machine_read_load(&r->machine, t, &s->machine);
  vr_machine_read(&r->machine, t, &s->machine);
  s->machine.have_net =
      vr_netdev_read(r->netdev, &t->budget, t->procfd, "net/dev", &t->text) ==
          0 &&
      vr_netdev_hardware(r->netdev, t->sysfd, &s->machine.net);
  read_tasks(r, s);
  take_running(s);
}

/* --- values --- */

static void put_levels(const struct vr_tools_ns_sample *s, double *value) {
  const struct vr_host_sample *m = &s->machine;
  if (m->have_load) {
    value[VR_LOAD] = m->load.shortterm;
    value[VR_LOAD_MIDTERM] = m->load.midterm;
    value[VR_LOAD_LONGTERM] = m->load.longterm;
  }
  if (m->have_memory && m->memory.have_buffered)
    value[VR_BUFFERS] =
        100 * (double)m->memory.buffered / (double)m->memory.total;
  if (!s->have_tasks)
    return;
  value[VR_PROCESSES] = 0;
  for (int i = 0; i < VR_TOOLS_TASK_COUNT; i++)
    value[VR_PROCESSES] += (double)s->tasks[i];
}

static void put_totals(const struct vr_host_sample *m, double *total) {
  if (m->have_stat)
    total[VR_CONTEXTSWITCH] = (double)m->stat.context_switches;
  if (m->have_faults) {
    total[VR_PAGE_FAULTS] = (double)m->faults.minor;
    total[VR_PAGE_FAULTS_MAJOR] = (double)m->faults.major;
  }
  if (m->have_disks) {
    total[VR_DISK_READ] = (double)m->disks.read_bytes;
    total[VR_DISK_WRITE] = (double)m->disks.write_bytes;
  }
  if (m->have_net) {
    total[VR_NET_TX] = (double)m->net.tx_bytes;
    total[VR_NET_RX] = (double)m->net.rx_bytes;
  }
}

/* Of the time between two readings; a state that goes back by a tick, as the
 * kernel's idle and iowait may, stands still. */
static void put_cpu(const struct vr_hoststat *before,
                    const struct vr_hoststat *now, double *value) {
  double spent[VR_CPU_STATES], all = 0;
  for (int i = 0; i < VR_CPU_STATES; i++) {
    spent[i] = now->cpu[i] > before->cpu[i]
                   ? (double)(now->cpu[i] - before->cpu[i])
                   : 0;
    all += spent[i];
  }
  if (all <= 0)
    return;
  value[VR_CPU] = 100 * (all - spent[VR_CPU_IDLE]) / all;
  value[VR_STEAL] = 100 * spent[VR_CPU_STEAL] / all;
}

void vr_tools_ns_values(const struct vr_tools_ns_sample *before,
                        const struct vr_tools_ns_sample *now,
                        double value[VR_COUNTERS], double total[VR_COUNTERS]) {
  double earlier[VR_COUNTERS];
  for (int c = 0; c < VR_COUNTERS; c++)
    value[c] = total[c] = earlier[c] = NAN;
  put_levels(now, value);
  put_totals(&now->machine, total);
  if (!before || now->clock <= before->clock)
    return;
  put_totals(&before->machine, earlier);
  for (int c = 0; c < VR_COUNTERS; c++)
    if (total[c] >= earlier[c])
      value[c] = (total[c] - earlier[c]) / (now->clock - before->clock);
  if (now->machine.have_stat && before->machine.have_stat)
    put_cpu(&before->machine.stat, &now->machine.stat, value);
}
