/* SPDX-License-Identifier: MIT */
#include "host/host.h"

#include "basic/log.h"
#include "host/proc/vhost.h"
#include "host/qmp/libvirt.h"
#include "host/vmm/discover.h"
#include "host/vmm/vm_names.h"
#include "host/vmprocess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uthash.h>

/* The interfaces of one network namespace in which guests live. */
struct network {
  uint64_t inode;
  unsigned generation;
  struct vr_netdev *dev;
  UT_hash_handle hh;
};

enum {
  /* Messages of one kind in so many readings; the rest is counted. */
  FEW = 10,
  FEW_READINGS = 60,
  REFUSED_MAX = 16,
};

/* Messages that many guests may cause at once. */
struct few {
  unsigned said, unsaid;
};

struct vr_host {
  struct vr_host_options options;
  int procfd, sysfd;
  struct vr_fd_budget budget;
  struct vr_procfile_text text;
  struct vr_discover *discover;
  struct vr_procfile stat_file, load_file, vmstat_file, meminfo_file;
  struct vr_diskstats *disks;
  struct vr_netdev *net;
  uint64_t own_network;
  struct network *networks; /* those that are not the host's own */
  struct vr_vfs vfs;
  unsigned generation;
  struct vr_vmproc **guests;
  size_t count, capacity;
  struct vr_vmproc **fresh; /* found by the scan that is under way */
  size_t fresh_count, fresh_capacity;
  struct few ends, twins;
  uid_t refused[REFUSED_MAX]; /* users that were said not to be trusted */
  size_t refused_count;
  struct vr_vhosts vhosts;
  struct pollfd *polls;       /* room for one a guest */
  struct vr_libvirt *libvirt; /* NULL: no guest of its, or not wanted */
  struct vr_vmproc_denials denials;
  struct vr_complaint crowded; /* monitors are left out for want of files */
  struct vr_host_sample self;
};

void vr_host_options_default(struct vr_host_options *ret) {
  *ret = (struct vr_host_options){
      .proc_path = "/proc",
      .sys_path = "/sys",
      .report_host = true,
      .qmp = true,
      .balloon = true,
      .libvirt = true,
      .libvirt_uri = "qemu:///system",
      .libvirt_library = "libvirt.so.0",
      .interval = 10,
      .qmp_wait_ms = 50,
  };
  vr_users_default(&ret->trusted);
}

static uint64_t own_network(int procfd) {
  struct stat st;
  return fstatat(procfd, "self/ns/net", &st, 0) == 0 ? (uint64_t)st.st_ino : 0;
}

static int new_discover(struct vr_host *h) {
  const struct vr_discover_options o = {
      .no_execs = h->options.no_execs,
      .by_title = vr_custom_matches(h->options.custom),
  };
  return vr_discover_new(h->procfd, &o, &h->discover);
}

int vr_host_new(const struct vr_host_options *options, struct vr_host **ret) {
  struct vr_host *h = calloc(1, sizeof(*h));
  if (!h)
    return -ENOMEM;
  h->options = *options;
  h->stat_file = h->load_file = VR_PROCFILE_CLOSED;
  h->vmstat_file = h->meminfo_file = VR_PROCFILE_CLOSED;
  h->budget.max =
      options->fd_budget ? options->fd_budget : vr_procfile_budget_default();
  h->procfd = open(options->proc_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r = h->procfd < 0 ? -errno : 0;
  /* Without /sys only the sums over hardware are missing. */
  h->sysfd = open(options->sys_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (r == 0)
    r = new_discover(h);
  if (r == 0)
    r = vr_diskstats_new(&h->disks);
  if (r == 0)
    r = vr_netdev_new(&h->net);
  if (r < 0) {
    vr_host_free(h);
    return r;
  }
  h->own_network = own_network(h->procfd);
  *ret = h;
  return 0;
}

static void network_free(struct vr_host *h, struct network *n) {
  HASH_DEL(h->networks, n);
  vr_netdev_free(n->dev, &h->budget);
  free(n);
}

void vr_host_free(struct vr_host *h) {
  if (!h)
    return;
  for (size_t i = 0; i < h->count; i++)
    vr_vmproc_free(h->guests[i], &h->budget);
  vr_libvirt_free(h->libvirt);
  vr_vhost_free(&h->vhosts, &h->budget);
  struct network *n, *next;
  HASH_ITER(hh, h->networks, n, next) network_free(h, n);
  vr_vf_free(&h->vfs);
  free(h->guests);
  free(h->fresh);
  free(h->polls);
  vr_procfile_close(&h->stat_file, &h->budget);
  vr_procfile_close(&h->load_file, &h->budget);
  vr_procfile_close(&h->vmstat_file, &h->budget);
  vr_procfile_close(&h->meminfo_file, &h->budget);
  vr_diskstats_free(h->disks, &h->budget);
  vr_netdev_free(h->net, &h->budget);
  vr_discover_free(h->discover);
  free(h->text.data);
  if (h->procfd >= 0)
    close(h->procfd);
  if (h->sysfd >= 0)
    close(h->sysfd);
  free(h);
}

/* --- the machine itself --- */

/* A file that the kernel prints in one piece. */
static bool read_text(struct vr_host *h, struct vr_procfile *f,
                      const char *name) {
  return vr_procfile_read_piece(f, &h->budget, h->procfd, name, &h->text) > 0;
}

/* For each piece of vmstat the kernel sums up all of its counters. What is
 * wanted stands in the first. */
static bool read_faults(struct vr_host *h, struct vr_faults *ret) {
  struct vr_procfile *f = &h->vmstat_file;
  if (!read_text(h, f, "vmstat"))
    return false;
  if (vr_proc_vmstat_parse(h->text.data, ret) == 0)
    return true;
  return vr_procfile_read_all(f, &h->budget, h->procfd, "vmstat", &h->text) >
             0 &&
         vr_proc_vmstat_parse(h->text.data, ret) == 0;
}

/* Needed in any case: it says which process is the newest. */
static pid_t read_load(struct vr_host *h) {
  struct vr_host_sample *s = &h->self;
  s->have_load = read_text(h, &h->load_file, "loadavg") &&
                 vr_proc_loadavg_parse(h->text.data, &s->load) == 0;
  return s->have_load ? s->load.last_pid : 0;
}

static void read_self(struct vr_host *h) {
  struct vr_host_sample *s = &h->self;
  s->have_stat = read_text(h, &h->stat_file, "stat") &&
                 vr_hoststat_parse(h->text.data, &s->stat) == 0;
  s->have_faults = read_faults(h, &s->faults);
  s->have_memory = read_text(h, &h->meminfo_file, "meminfo") &&
                   vr_proc_meminfo_parse(h->text.data, &s->memory) == 0;
  s->have_disks = vr_diskstats_read(h->disks, &h->budget, h->procfd, h->sysfd,
                                    &h->text, &s->disks) == 0;
}

/* --- networks --- */

static struct network *network_of(struct vr_host *h, uint64_t inode) {
  struct network *n;
  HASH_FIND(hh, h->networks, &inode, sizeof(inode), n);
  if (n)
    return n;
  n = calloc(1, sizeof(*n));
  if (!n || vr_netdev_new(&n->dev) < 0) {
    free(n);
    return NULL;
  }
  n->inode = inode;
  HASH_ADD(hh, h->networks, inode, sizeof(n->inode), n);
  return n;
}

/* The interfaces as the guest's namespace has them, read once an interval. */
static const struct vr_netdev *interfaces_of(struct vr_host *h,
                                             const struct vr_vmproc *g) {
  if (g->network == 0 || g->network == h->own_network)
    return h->net;
  struct network *n = network_of(h, g->network);
  if (!n)
    return NULL;
  if (n->generation != h->generation) {
    char path[32];
    n->generation = h->generation;
    snprintf(path, sizeof(path), "%d/net/dev", (int)g->pid);
    vr_netdev_read(n->dev, &h->budget, h->procfd, path, &h->text);
  }
  return n->dev;
}

/* An open file of a namespace keeps the namespace: let go of those unused. */
static void release_networks(struct vr_host *h) {
  struct network *n, *next;
  HASH_ITER(hh, h->networks, n, next) {
    if (n->generation != h->generation)
      network_free(h, n);
  }
}

static void read_networks(struct vr_host *h) {
  bool needed = h->options.report_host;
  for (size_t i = 0; i < h->count; i++)
    needed |= h->guests[i]->taps.count > 0;
  if (needed)
    vr_netdev_read(h->net, &h->budget, h->procfd, "net/dev", &h->text);
  h->self.have_net = vr_netdev_hardware(h->net, h->sysfd, &h->self.net);
  vr_vf_begin(&h->vfs);
  for (size_t i = 0; i < h->count; i++) {
    struct vr_vmproc *g = h->guests[i];
    vr_vmproc_sum_taps(g, g->taps.count > 0 ? interfaces_of(h, g) : NULL,
                       h->net, &h->vfs);
  }
  release_networks(h);
}

/* --- guests --- */

static bool may_say(struct few *f) {
  if (f->said == FEW) {
    f->unsaid++;
    return false;
  }
  f->said++;
  return true;
}

static void say_rest(struct few *f, int priority, const char *what) {
  if (f->unsaid > 0)
    vr_log(priority, "%u more %s", f->unsaid, what);
  *f = (struct few){0};
}

static void say_rests(struct vr_host *h) {
  if (h->generation % FEW_READINGS != 0)
    return;
  say_rest(&h->ends, LOG_INFO, "guests have ended");
  say_rest(&h->twins, LOG_NOTICE, "guests had the names of others");
}

static void remove_guest(struct vr_host *h, size_t i) {
  const struct vr_vmproc *g = h->guests[i];
  if (may_say(&h->ends))
    vr_log_info("guest %s has ended (process %d)", g->sample.name, (int)g->pid);
  vr_vmproc_free(h->guests[i], &h->budget);
  memmove(&h->guests[i], &h->guests[i + 1],
          (h->count - i - 1) * sizeof(struct vr_vmproc *));
  h->count--;
  vr_discover_recall_copies(h->discover);
}

static void drop_guest(struct vr_host *h, size_t i) {
  vr_discover_forget(h->discover, h->guests[i]->pid);
  remove_guest(h, i);
}

/* A guest that has ended since it was read last holds no name. */
static bool name_taken(struct vr_host *h, const char *name) {
  for (size_t i = 0; i < h->count; i++) {
    if (strcmp(h->guests[i]->sample.name, name) != 0)
      continue;
    if (vr_vmproc_is_there(h->guests[i], h->procfd))
      return true;
    drop_guest(h, i);
    return false;
  }
  return false;
}

static bool uuid_taken(const struct vr_host *h, const char *uuid) {
  for (size_t i = 0; i < h->count; i++)
    if (strcasecmp(h->guests[i]->sample.uuid, uuid) == 0)
      return true;
  return false;
}

/* Two guests with one name stay apart: the younger gets a suffix for life. */
static void name_guest(struct vr_host *h, struct vr_vmproc *g) {
  char suffix[16];
  vr_vm_name_sanitise(g->vm.name, g->sample.name);
  if (!name_taken(h, g->sample.name))
    return;
  char twin[VR_NAME_MAX];
  strcpy(twin, g->sample.name);
  if (g->vm.uuid[0] != '\0') {
    snprintf(suffix, sizeof(suffix), "%.8s", g->vm.uuid);
    vr_vm_name_suffix(g->sample.name, suffix);
  }
  if (name_taken(h, g->sample.name)) {
    snprintf(suffix, sizeof(suffix), "%d", (int)g->pid);
    strcpy(g->sample.name, twin);
    vr_vm_name_suffix(g->sample.name, suffix);
  }
  if (may_say(&h->twins))
    vr_log_notice(
        "guest %s: another guest has that name, process %d is called %s", twin,
        (int)g->pid, g->sample.name);
}

static unsigned balloon_period(const struct vr_host *h) {
  return h->options.interval < 1 ? 1 : (unsigned)h->options.interval;
}

/* Only a machine that has a guest of libvirt's asks for it: its daemon would be
 * started otherwise. */
static void need_libvirt(struct vr_host *h, const struct vr_vmproc *g) {
  const struct vr_libvirt_options o = {
      .library = h->options.libvirt_library,
      .uri = h->options.libvirt_uri,
      .balloon = h->options.balloon,
      .balloon_period = balloon_period(h),
  };
  if (!g->vm.libvirt || h->libvirt || !h->options.libvirt)
    return;
  int r = vr_libvirt_new(&o, &h->libvirt);
  if (r < 0) {
    h->options.libvirt = false;
    vr_log_notice(
        "libvirt: %s; block and balloon statistics of its guests are not "
        "known",
        r == -ENOTSUP ? "this build is without it" : strerror(-r));
  }
}

static int add_guest(struct vr_host *h, struct vr_vmproc *g) {
  if (h->count == h->capacity) {
    size_t capacity = h->capacity ? 2 * h->capacity : 16;
    struct vr_vmproc **v =
        realloc(h->guests, capacity * sizeof(struct vr_vmproc *));
    if (!v)
      return -ENOMEM;
    h->guests = v;
    struct pollfd *polls = realloc(h->polls, capacity * sizeof(*polls));
    if (!polls)
      return -ENOMEM;
    h->polls = polls;
    h->capacity = capacity;
  }
  name_guest(h, g);
  if (!uuid_taken(h, g->vm.uuid))
    memcpy(g->sample.uuid, g->vm.uuid, sizeof(g->sample.uuid));
  need_libvirt(h, g);
  h->guests[h->count++] = g;
  return 0;
}

static struct vr_vmproc *guest_of(const struct vr_host *h, pid_t pid,
                                  size_t *ret_index) {
  for (size_t i = 0; i < h->count; i++)
    if (h->guests[i]->pid == pid) {
      *ret_index = i;
      return h->guests[i];
    }
  return NULL;
}

static enum vr_discovered look_at_kernel_thread(struct vr_host *h, pid_t pid) {
  int r = vr_vhost_add(&h->vhosts, h->procfd, pid);
  if (r == 0)
    return VR_IS_GUEST;
  return r == -EAGAIN ? VR_IS_EARLY : VR_IS_REFUSED;
}

/* Anybody may start such processes, as often as he likes. */
static void say_refused(struct vr_host *h, pid_t pid, uid_t user) {
  for (size_t i = 0; i < h->refused_count; i++)
    if (h->refused[i] == user)
      return;
  if (h->refused_count == REFUSED_MAX)
    return;
  h->refused[h->refused_count++] = user;
  vr_log_notice(
      "process %d of user %u looks like a virtual machine, but that user "
      "is not trusted: its processes are ignored (see TrustedUser)%s",
      (int)pid, (unsigned)user,
      h->refused_count == REFUSED_MAX ? "; no more users are named" : "");
}

static int add_fresh(struct vr_host *h, struct vr_vmproc *g) {
  if (h->fresh_count == h->fresh_capacity) {
    size_t capacity = h->fresh_capacity ? 2 * h->fresh_capacity : 16;
    struct vr_vmproc **v =
        realloc(h->fresh, capacity * sizeof(struct vr_vmproc *));
    if (!v)
      return -ENOMEM;
    h->fresh = v;
    h->fresh_capacity = capacity;
  }
  h->fresh[h->fresh_count++] = g;
  return 0;
}

static enum vr_discovered take_fresh(struct vr_host *h, struct vr_vmproc *g) {
  enum vr_discovered is = VR_IS_GUEST;
  if (h->options.select && !h->options.select(h->options.select_ctx, &g->vm))
    is = VR_IS_REFUSED;
  else if (add_fresh(h, g) < 0)
    is = VR_IS_OTHER;
  if (is != VR_IS_GUEST)
    vr_vmproc_free(g, &h->budget);
  return is;
}

/* Returns what is not a guest. */
static enum vr_discovered without_guest(struct vr_host *h, pid_t pid, int r,
                                        uid_t user) {
  if (r == -ENXIO)
    return look_at_kernel_thread(h, pid);
  if (r == -ESRCH)
    return VR_IS_GONE;
  if (r != -EPERM)
    return VR_IS_OTHER;
  say_refused(h, pid, user);
  return VR_IS_REFUSED;
}

/* A guest is looked at again when it has executed a program. */
static enum vr_discovered look_at(void *ctx, pid_t pid) {
  struct vr_host *h = ctx;
  struct vr_vmproc *g = NULL;
  uid_t user = 0;
  size_t i = 0;
  const struct vr_vmproc_rules rules = {&h->options.trusted, h->options.custom};
  const struct vr_vmproc *known = guest_of(h, pid, &i);
  int r = vr_vmproc_new(h->procfd, pid, &rules, &g, &user);
  if (known && r == 0 && vr_vmproc_is_same(known, g)) {
    vr_vmproc_free(g, &h->budget);
    return VR_IS_GUEST;
  }
  if (known)
    remove_guest(h, i);
  return r == 0 ? take_fresh(h, g) : without_guest(h, pid, r, user);
}

static int by_age(const void *a, const void *b) {
  const struct vr_vmproc *x = *(struct vr_vmproc *const *)a;
  const struct vr_vmproc *y = *(struct vr_vmproc *const *)b;
  if (x->start_ticks != y->start_ticks)
    return x->start_ticks < y->start_ticks ? -1 : 1;
  return (x->pid > y->pid) - (x->pid < y->pid);
}

/* A monitor's own helpers have its command line until they execute theirs; one
 * that puts itself into the background goes on in such a child. */
static bool is_copy(const struct vr_host *h, const struct vr_vmproc *g) {
  size_t index;
  for (size_t i = 0; i < h->fresh_count; i++)
    if (h->fresh[i] && h->fresh[i]->pid == g->parent)
      return true;
  return guest_of(h, g->parent, &index) != NULL;
}

/* The elder of two with one name keeps it: so they are added by age, however
 * their numbers were given out. */
static void add_all_fresh(struct vr_host *h) {
  qsort(h->fresh, h->fresh_count, sizeof(h->fresh[0]), by_age);
  for (size_t i = 0; i < h->fresh_count; i++) {
    struct vr_vmproc *g = h->fresh[i];
    bool copy = is_copy(h, g);
    h->fresh[i] = NULL;
    if (!copy && add_guest(h, g) == 0)
      continue;
    if (copy)
      vr_discover_is_copy(h->discover, g->pid);
    else
      vr_discover_forget(h->discover, g->pid);
    vr_vmproc_free(g, &h->budget);
  }
  h->fresh_count = 0;
}

/* Whose worker it is: the name tells a thread, and it is younger than its
 * guest. Looked for until it is found; later it stands where it stood, or near.
 */
static struct vr_vmproc *guest_of_worker(struct vr_host *h,
                                         struct vr_vhost_worker *w) {
  if (w->hint < h->count && h->guests[w->hint]->pid == w->owner)
    return h->guests[w->hint];
  for (size_t i = 0; i < h->count; i++) {
    struct vr_vmproc *g = h->guests[i];
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
  vr_discover_forget(h->discover, pid);
}

static void read_workers(struct vr_host *h) {
  vr_vhost_read(&h->vhosts, h->procfd, &h->budget, forget_worker, h);
  for (size_t i = 0; i < h->vhosts.count; i++) {
    struct vr_vhost_worker *w = &h->vhosts.v[i];
    struct vr_vmproc *g = guest_of_worker(h, w);
    if (!g)
      continue;
    vr_vmproc_add_vhost(g, &w->due);
    w->due = (struct vr_schedstat){0};
  }
}

static void read_guests(struct vr_host *h) {
  for (size_t i = 0; i < h->count;) {
    struct vr_vmproc *g = h->guests[i];
    if (vr_vmproc_read(g, h->procfd, h->sysfd, &h->budget, &h->denials) < 0) {
      drop_guest(h, i);
      continue;
    }
    if (g->executed)
      vr_discover_suspect(h->discover, g->pid);
    g->executed = false;
    i++;
  }
}

/* --- monitors --- */

static void ask_monitors(struct vr_host *h) {
  if (h->libvirt)
    vr_libvirt_ask(h->libvirt);
  for (size_t i = 0; i < h->count; i++)
    if (h->guests[i]->qmp)
      vr_qmp_ask(h->guests[i]->qmp);
}

/* A monitor has to be kept open, files need not be: one gives way. */
static bool make_room(struct vr_host *h) {
  if (h->budget.used < h->budget.max)
    return true;
  for (size_t i = h->count; i-- > 0;)
    if (vr_vmproc_evict_file(h->guests[i], &h->budget))
      return true;
  return false;
}

static void connect_monitors(struct vr_host *h) {
  const struct vr_qmp_options o = {
      .denied = &h->denials.monitor,
      .balloon = h->options.balloon,
      .balloon_period = balloon_period(h),
  };
  const struct vr_vmproc *left_out = NULL;
  for (size_t i = 0; i < h->count && h->options.qmp; i++) {
    struct vr_vmproc *g = h->guests[i];
    if (!vr_vmproc_wants_qmp(g))
      continue;
    if (make_room(h))
      vr_vmproc_connect_qmp(g, h->options.proc_path, &h->budget, &o);
    else
      left_out = g;
  }
  if (left_out)
    vr_log_complain(
        &h->crowded, LOG_WARNING,
        "guest %s: its monitor, and perhaps others', is not asked: no "
        "more than %d files may be kept open (see LimitNOFILE)",
        left_out->sample.name, h->budget.max);
  else
    vr_log_relieved(&h->crowded, "all monitors are asked");
}

static int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Takes in what has come; returns how many are still awaited. */
static nfds_t take_answers(struct vr_host *h) {
  nfds_t n = 0;
  for (size_t i = 0; i < h->count; i++) {
    struct vr_qmp *q = h->guests[i]->qmp;
    if (!q)
      continue;
    vr_qmp_take(q);
    int fd = vr_qmp_pollfd(q);
    if (fd >= 0)
      h->polls[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
  return n;
}

/* One wait for all monitors together, however many are silent. */
static void await_monitors(struct vr_host *h) {
  int64_t end = now_ms() + h->options.qmp_wait_ms;
  nfds_t n;
  while ((n = take_answers(h)) > 0) {
    int64_t left = end - now_ms();
    if (left <= 0 || poll(h->polls, n, (int)left) == 0)
      break;
  }
  if (h->libvirt)
    vr_libvirt_await(h->libvirt, (int)(end - now_ms()));
  for (size_t i = 0; i < h->count; i++) {
    struct vr_vmproc *g = h->guests[i];
    if (g->qmp)
      vr_qmp_deadline(g->qmp);
    vr_vmproc_take_qmp(g);
    if (h->libvirt && g->vm.libvirt)
      vr_libvirt_sample(h->libvirt, &g->vm, &g->sample);
    vr_vmproc_sum_disks(g);
  }
}

static void suspect(void *ctx, pid_t pid) {
  struct vr_host *h = ctx;
  vr_discover_suspect(h->discover, pid);
}

static void discover(struct vr_host *h) {
  vr_custom_refresh(h->options.custom, suspect, h);
  vr_discover_scan(h->discover, read_load(h), look_at, h);
  if (h->fresh_count > 0)
    add_all_fresh(h);
}

void vr_host_read(struct vr_host *h) {
  h->generation++;
  say_rests(h);
  discover(h);
  /* Questions go out first and answers are taken last: both belong to the same
   * moment as the files between them. */
  ask_monitors(h);
  if (h->options.report_host)
    read_self(h);
  read_workers(h);
  read_guests(h);
  read_networks(h);
  connect_monitors(h);
  await_monitors(h);
}

const struct vr_host_sample *vr_host_self(const struct vr_host *h) {
  return &h->self;
}

size_t vr_host_vmproc_count(const struct vr_host *h) { return h->count; }

const struct vr_vmproc_sample *vr_host_vmproc(const struct vr_host *h,
                                              size_t i) {
  return &h->guests[i]->sample;
}

struct vr_fd_budget *vr_host_fd_budget(struct vr_host *h) {
  return &h->budget;
}

int vr_host_fds(const struct vr_host *h) { return h->budget.used; }
