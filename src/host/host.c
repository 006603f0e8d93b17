/* SPDX-License-Identifier: MIT */
#include "host/host.h"

#include "host/finder.h"
#include "host/machine.h"
#include "host/networks.h"
#include "host/pve_pools.h"
#include "host/questions.h"
#include "host/vmprocess_read.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

enum {
  /* Readings in one period of the rate limits of log lines. */
  LIMIT_READINGS = 60,
  /* Seconds: whatever the interval, a report is not much older than the
   * reading. */
  BALLOON_PERIOD = 1,
  /* Between two readings reports are read so many times an interval, if they
   * are so many seconds apart. */
  REPORTS = 5,
  REPORTS_APART = 2,
  SHORTEST_WAIT_MS = 50,
  LONGEST_WAIT_MS = 1000,
};

struct vr_host {
  struct vr_host_options options;
  struct vr_tree tree;
  struct vr_machine machine;
  struct vr_vm_list guests;
  struct vr_vhosts vhosts;
  struct vr_finder finder;
  struct vr_networks networks;
  struct vr_questions questions;
  struct vr_vmproc_denials denials;
  struct vr_complaint qmp_denied;
  unsigned readings;
  double details_at;          /* when they were last taken */
  struct vr_pve_pools *pools; /* NULL: no guest of Proxmox's yet */
  struct vr_host_sample self;
};

void vr_host_options_default(struct vr_host_options *ret) {
  *ret = (struct vr_host_options){
      .proc_path = "/proc",
      .sys_path = "/sys",
      .pve_users = "/etc/pve/user.cfg",
      .report_host = true,
      .extra = VR_EVERY_GROUP,
      .qmp = true,
      .balloon = true,
      .libvirt = true,
      .libvirt_uri = "qemu:///system",
      .libvirt_library = "libvirt.so.0",
      .interval = 10,
      .qmp_wait_ms = -1,
  };
  vr_users_default(&ret->trusted);
}

/* A twentieth of the interval: what is read before the answers are there stays
 * of the same moment. An answer that is late is waited for once only. */
static unsigned wait_of(double interval) {
  double ms = 50 * interval;
  return ms < SHORTEST_WAIT_MS  ? SHORTEST_WAIT_MS
         : ms > LONGEST_WAIT_MS ? LONGEST_WAIT_MS
                                : (unsigned)ms;
}

static void set_parts(struct vr_host *h) {
  const struct vr_host_options *o = &h->options;
  h->finder.tree = &h->tree;
  h->finder.guests = &h->guests;
  h->finder.vhosts = &h->vhosts;
  h->finder.options = (struct vr_finder_options){
      .rules = {&o->trusted, o->custom, o->told},
      .no_execs = o->no_execs,
      .select = o->select,
      .select_ctx = o->select_ctx,
  };
  h->questions.options = (struct vr_questions_options){
      .qmp = o->qmp,
      .libvirt = o->libvirt,
      .about_libvirt = {.library = o->libvirt_library,
                        .uri = o->libvirt_uri,
                        .balloon = o->balloon,
                        .balloon_period = BALLOON_PERIOD},
      .proc_path = o->proc_path,
      .interval = o->interval,
      .wait_ms =
          o->qmp_wait_ms < 0 ? wait_of(o->interval) : (unsigned)o->qmp_wait_ms,
  };
}

int vr_host_new(const struct vr_host_options *options, struct vr_host **ret) {
  struct vr_host *h = calloc(1, sizeof(*h));
  if (!h)
    return -ENOMEM;
  h->options = *options;
  set_parts(h);
  vr_owners_load(&h->guests.owners, options->names_file);
  if (options->names_read_only)
    h->guests.owners.path = NULL;
  int r = vr_tree_open(&h->tree, options->proc_path, options->sys_path,
                       options->fd_budget);
  int m = vr_machine_init(&h->machine);
  int n = vr_networks_init(&h->networks, &h->tree);
  r = r < 0 ? r : m < 0 ? m : n;
  if (r == 0)
    r = vr_finder_init(&h->finder);
  if (r < 0) {
    vr_host_free(h);
    return r;
  }
  *ret = h;
  return 0;
}

void vr_host_free(struct vr_host *h) {
  if (!h)
    return;
  vr_pve_pools_free(h->pools);
  vr_vm_list_free(&h->guests, &h->tree);
  vr_questions_free(&h->questions);
  vr_vhost_free(&h->vhosts, &h->tree.budget);
  vr_networks_free(&h->networks, &h->tree);
  vr_machine_free(&h->machine, &h->tree);
  vr_finder_free(&h->finder);
  vr_tree_close(&h->tree);
  free(h);
}

/* Whose worker it is: its name has the number of a thread, and it is younger
 * than its guest. Searched until it is found; later it stands where it stood,
 * or near.
 */
static struct vr_vmproc *guest_of_worker(const struct vr_vm_list *l,
                                         struct vr_vhost_worker *w) {
  if (w->hint < l->count && l->v[w->hint]->pid == w->owner)
    return l->v[w->hint];
  for (size_t i = 0; i < l->count; i++) {
    struct vr_vmproc *g = l->v[i];
    if (g->start_ticks > w->start_ticks ||
        (w->owner ? g->pid != w->owner : !vr_vmproc_has_thread(g, w->asked_by)))
      continue;
    w->owner = g->pid;
    w->hint = i;
    return g;
  }
  return NULL;
}

static void forget_worker(void *ctx, pid_t pid) {
  struct vr_host *h = ctx;
  vr_discover_forget(h->finder.discover, pid);
}

static void read_workers(struct vr_host *h) {
  vr_vhost_read(&h->vhosts, h->tree.procfd, &h->tree.budget, forget_worker, h);
  for (size_t i = 0; i < h->vhosts.count; i++) {
    struct vr_vhost_worker *w = &h->vhosts.v[i];
    struct vr_vmproc *g = guest_of_worker(&h->guests, w);
    if (!g)
      continue;
    vr_vmproc_add_vhost(g, &w->due);
    w->due = (struct vr_schedstat){0};
  }
}

/* A guest without memory for its details goes without. */
static void want_details(struct vr_host *h, struct vr_vmproc *g) {
  if (h->options.details == 0 || g->details ||
      vr_details_new(h->options.details, &g->details) < 0)
    return;
  g->sample.details = g->details;
  g->probe = true;
}

static void read_guests(struct vr_host *h) {
  struct vr_tree *t = &h->tree;
  int (*const read)(struct vr_vmproc *, int, int, struct vr_fd_budget *,
                    struct vr_vmproc_denials *) =
      h->options.network_only ? vr_vmproc_read_network : vr_vmproc_read;
  for (size_t i = 0; i < h->guests.count;) {
    struct vr_vmproc *g = h->guests.v[i];
    want_details(h, g);
    g->cgroup.extra = h->options.extra;
    int r = read(g, t->procfd, t->sysfd, &t->budget, &h->denials);
    if (vr_vmproc_is_over(r)) {
      vr_vm_list_drop(&h->guests, t, i);
      continue;
    }
    if (r < 0)
      vr_vmproc_mark_unread(g);
    if (g->executed)
      vr_discover_suspect(h->finder.discover, g->pid);
    g->executed = false;
    i++;
  }
  vr_vm_list_name(&h->guests);
}

static void take_details(struct vr_host *h) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  double at = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec,
         seconds = at - h->details_at;
  h->details_at = at;
  for (size_t i = 0; i < h->guests.count; i++) {
    struct vr_vmproc *g = h->guests.v[i];
    if (!g->details)
      continue;
    vr_details_take_vcpus(g->details, &g->threads, g->sample.accelerator,
                          seconds);
    vr_details_take_disks(
        g->details, g->sample.have_block ? &g->sample.disks : NULL, seconds);
  }
}

/* Pools change rarely. */
static void read_pools(struct vr_host *h) {
  bool any = false, due = h->readings % LIMIT_READINGS == 1 || !h->pools;
  for (size_t i = 0; i < h->guests.count; i++)
    any |= h->guests.v[i]->vm.vmid[0] != '\0';
  if (!any || !due)
    return;
  if (!h->pools)
    h->pools = vr_pve_pools_new(h->options.pve_users);
  if (h->pools)
    vr_pve_pools_read(h->pools);
}

static void take_pools(struct vr_host *h) {
  read_pools(h);
  for (size_t i = 0; h->pools && i < h->guests.count; i++) {
    struct vr_vmproc *g = h->guests.v[i];
    vr_pve_pools_find(h->pools, g->vm.vmid, g->sample.labels.project,
                      sizeof(g->sample.labels.project));
  }
}

void vr_host_read(struct vr_host *h) {
  bool report_host = h->options.report_host;
  if (++h->readings % LIMIT_READINGS == 0)
    vr_vm_list_renew_limits(&h->guests);
  vr_finder_scan(&h->finder,
                 vr_machine_read_load(&h->machine, &h->tree, &h->self));
  /* Questions go out first and answers are taken last: both belong to the same
   * moment as the files between them. */
  vr_questions_ask(&h->questions, &h->guests);
  if (report_host)
    vr_machine_read(&h->machine, &h->tree, &h->self);
  read_workers(h);
  read_guests(h);
  vr_networks_read(&h->networks, &h->tree, &h->guests, report_host, &h->self);
  vr_questions_connect(&h->questions, &h->guests, &h->tree, &h->qmp_denied);
  vr_questions_await(&h->questions, &h->guests);
  take_pools(h);
  if (h->options.details != 0)
    take_details(h);
}

void vr_host_read_between(struct vr_host *h) {
  vr_questions_between(&h->questions, &h->guests);
}

/* What comes less than twice an interval is no help. */
double vr_host_between(double interval, double asked) {
  double every = asked < 0 ? fmax(interval / REPORTS, REPORTS_APART)
                           : fmax(asked, BALLOON_PERIOD);
  return asked == 0 || every > interval / 2 ? 0 : every;
}

const struct vr_host_sample *vr_host_self(const struct vr_host *h) {
  return &h->self;
}

size_t vr_host_vmproc_count(const struct vr_host *h) { return h->guests.count; }

const struct vr_vmproc_sample *vr_host_vmproc(const struct vr_host *h,
                                              size_t i) {
  return &h->guests.v[i]->sample;
}

struct vr_fd_budget *vr_host_fd_budget(struct vr_host *h) {
  return &h->tree.budget;
}

int vr_host_fds(const struct vr_host *h) { return h->tree.budget.used; }
