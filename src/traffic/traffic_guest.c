/* SPDX-License-Identifier: MIT */
#include "traffic/traffic_guest.h"

#include "basic/cleanup.h"
#include "host/net/taps.h"
#include "traffic/frame_counter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  /* Readings until libvirt's file is read again, and an interface that could
   * not be counted is tried again. */
  LIBVIRT_READINGS = 6,
  RETRY_READINGS = 30,
  /* Readings after which an interface would have been found. */
  FIRST_READINGS = 3,
};

struct interface {
  struct vr_tap tap;
  struct vr_frame_counter *counter; /* NULL: it could not be opened */
  unsigned retry;                   /* in so many readings */
  bool listed;                      /* the guest has it still */
};

struct vr_traffic_guest {
  char name[VR_NAME_MAX];
  pid_t pid;
  uint64_t start;
  unsigned reads;
  struct vr_nics nics;
  bool all_macs;   /* every interface's address is among them */
  bool stale_macs; /* an interface does not know them yet */
  const char *reason;
  struct vr_peers *peers;
  size_t count;
  struct interface v[VR_TAPS_MAX];
};

int vr_traffic_guest_new(const struct vr_traffic_settings *settings,
                         const struct vr_vmproc_sample *s,
                         struct vr_traffic_guest **ret) {
  struct vr_traffic_guest *g = calloc(1, sizeof(*g));
  int r = g ? vr_peers_new(&settings->peers, &g->peers) : -ENOMEM;
  if (r < 0) {
    free(g);
    return r;
  }
  snprintf(g->name, sizeof(g->name), "%s", s->name);
  g->pid = s->pid;
  g->start = s->start;
  *ret = g;
  return 0;
}

/* Takes the counters away from the guest; returns how many. */
static size_t take_counters(struct vr_traffic_guest *g,
                            struct vr_frame_counter **ret) {
  size_t n = 0;
  for (size_t i = 0; i < g->count; i++)
    if (g->v[i].counter)
      ret[n++] = g->v[i].counter;
  g->count = 0;
  return n;
}

/* Without memory for all of them at once they are freed one by one. */
static void free_counters(struct vr_traffic_guest *const *g, size_t count) {
  size_t room = 1, n = 0;
  for (size_t i = 0; i < count; i++)
    room += g[i]->count;
  vr_auto_free struct vr_frame_counter **all = calloc(room, sizeof(void *));
  for (size_t i = 0; all && i < count; i++)
    n += take_counters(g[i], all + n);
  if (all)
    vr_frame_counter_free_all(all, n);
}

void vr_traffic_guest_free_all(struct vr_traffic_guest *const *g,
                               size_t count) {
  free_counters(g, count);
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; k < g[i]->count; k++)
      vr_frame_counter_free(g[i]->v[k].counter);
    vr_peers_free(g[i]->peers);
    free(g[i]);
  }
}

void vr_traffic_guest_free(struct vr_traffic_guest *g) {
  if (g)
    vr_traffic_guest_free_all(&g, 1);
}

const char *vr_traffic_guest_name(const struct vr_traffic_guest *g) {
  return g->name;
}

bool vr_traffic_guest_is(const struct vr_traffic_guest *g,
                         const struct vr_vmproc_sample *s) {
  return g->pid == s->pid && g->start == s->start;
}

/* --- addresses --- */

static bool is_same_nics(const struct vr_nics *a, const struct vr_nics *b) {
  return a->count == b->count &&
         memcmp(a->mac, b->mac, a->count * sizeof(a->mac[0])) == 0;
}

/* An interface whose card has an address that nobody knows would have all of
 * its frames called spoofed. */
static bool knows_all(const struct vr_nics *nics, const struct vr_taps *taps) {
  return nics->count > 0 && !nics->more && taps->count <= nics->count;
}

static const struct vr_mac *macs(const struct vr_traffic_guest *g,
                                 size_t *ret_count) {
  *ret_count = g->all_macs ? g->nics.count : 0;
  return g->nics.mac;
}

/* Tried again at the next reading where it fails. */
static void switch_macs(struct vr_traffic_guest *g) {
  size_t count;
  const struct vr_mac *v = macs(g, &count);
  g->stale_macs = false;
  for (size_t i = 0; i < g->count; i++)
    if (g->v[i].counter &&
        vr_frame_counter_set_macs(g->v[i].counter, v, count) < 0)
      g->stale_macs = true;
}

static void find_macs(struct vr_traffic_guest *g,
                      const struct vr_traffic_settings *settings,
                      const struct vr_vmproc_sample *s) {
  struct vr_nics nics = s->vm->nics;
  if (s->vm->libvirt && g->reads % LIBVIRT_READINGS != 0)
    nics = g->nics;
  else if (s->vm->libvirt)
    vr_nics_of_libvirt(settings->libvirt_path, s->vm->name, &nics);
  bool all = knows_all(&nics, s->taps);
  bool changed = !is_same_nics(&nics, &g->nics) || all != g->all_macs;
  g->nics = nics;
  g->all_macs = all;
  if (changed || g->stale_macs)
    switch_macs(g);
}

/* --- interfaces --- */

/* The guest's network namespace, or -1. */
static int open_network(const char *proc_path,
                        const struct vr_vmproc_sample *s) {
  char path[512];
  struct stat st;
  snprintf(path, sizeof(path), "%s/%d/ns/net", proc_path, (int)s->pid);
  vr_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) < 0 || (uint64_t)st.st_ino != s->network)
    return -1;
  int opened = fd;
  fd = -1;
  return opened;
}

static bool is_our_network(const struct vr_vmproc_sample *s) {
  struct stat st;
  return s->network == 0 || (stat("/proc/self/ns/net", &st) == 0 &&
                             (uint64_t)st.st_ino == s->network);
}

static int open_in(int network, struct vr_traffic_guest *g,
                   const struct vr_traffic_settings *settings,
                   struct interface *i) {
  struct vr_frame_counter_options o = {
      .name = i->tap.name,
      .network = network,
      .received = settings->received,
      .outgoing_is_sent = i->tap.counts_like_guest,
  };
  o.macs = macs(g, &o.macs_count);
  return vr_frame_counter_new(&o, &i->counter);
}

/* In the namespace of the guest's process, if it has one of its own, then in
 * ours: a process may hold a tap that was moved. */
static int open_counter(struct vr_traffic_guest *g,
                        const struct vr_traffic_settings *settings,
                        const struct vr_vmproc_sample *s, struct interface *i) {
  int r = -ENODEV;
  bool ours = is_our_network(s);
  if (i->tap.place != VR_TAP_OF_HOST && !ours) {
    vr_auto_close int network = open_network(settings->proc_path, s);
    r = network < 0 ? -ENODEV : open_in(network, g, settings, i);
  }
  if (r == -ENODEV && (i->tap.place != VR_TAP_OF_GUEST || ours))
    r = open_in(-1, g, settings, i);
  return r;
}

static void report_failure(const struct vr_vmproc_sample *s, int r,
                           struct vr_traffic_reports *reports) {
  if (r == -EPERM && !is_our_network(s))
    vr_log_complain(
        &reports->namespaces, LOG_WARNING,
        "guest %s: its frames, and those of other guests in network "
        "namespaces of their own, are not counted: collectd needs "
        "CAP_SYS_ADMIN, CAP_NET_RAW and CAP_BPF for that",
        s->name);
  else if (r == -EPERM || r == -EACCES)
    vr_log_complain(&reports->denied, LOG_WARNING,
                    "guest %s: its frames, and those of other guests, are not "
                    "counted: collectd needs CAP_NET_RAW, and CAP_BPF (before "
                    "Linux 5.8 CAP_SYS_ADMIN)",
                    s->name);
  else if (r != -ENODEV)
    vr_log_complain(&reports->kernel, LOG_WARNING,
                    "guest %s: its frames, and perhaps those of other guests, "
                    "are not counted: the kernel refuses: %s",
                    s->name, strerror(-r));
}

static void try_to_open(struct vr_traffic_guest *g,
                        const struct vr_traffic_settings *settings,
                        const struct vr_vmproc_sample *s, struct interface *i,
                        struct vr_traffic_reports *reports) {
  if (i->retry > 0) {
    i->retry--;
    return;
  }
  int r = open_counter(g, settings, s, i);
  if (r == 0)
    return;
  i->counter = NULL;
  i->retry = r == -ENODEV ? 0 : RETRY_READINGS;
  report_failure(s, r, reports);
}

static bool is_same_tap(const struct vr_tap *a, const struct vr_tap *b) {
  return strcmp(a->name, b->name) == 0 && a->place == b->place &&
         a->counts_like_guest == b->counts_like_guest;
}

static struct interface *find(struct vr_traffic_guest *g,
                              const struct vr_tap *tap) {
  for (size_t i = 0; i < g->count; i++)
    if (is_same_tap(&g->v[i].tap, tap))
      return &g->v[i];
  if (g->count == VR_TAPS_MAX)
    return NULL;
  g->v[g->count] = (struct interface){.tap = *tap};
  return &g->v[g->count++];
}

static void list_interfaces(struct vr_traffic_guest *g,
                            const struct vr_taps *taps) {
  for (size_t i = 0; i < g->count; i++)
    g->v[i].listed = false;
  for (size_t i = 0; i < taps->count; i++) {
    struct interface *found = taps->v[i].is_vf ? NULL : find(g, &taps->v[i]);
    if (found)
      found->listed = true;
  }
}

static void take(void *ctx, const struct vr_peer *peer,
                 const struct vr_peer_counts *growth) {
  vr_peers_add(ctx, peer, growth);
}

static void read_interface(struct vr_traffic_guest *g, struct interface *i) {
  struct vr_mac shown[VR_FRAME_PEERS / 2];
  /* Asked first: after that nothing is counted that would not be read. */
  bool there = vr_frame_counter_is_there(i->counter);
  vr_frame_counter_read(i->counter, take, g->peers);
  size_t n = vr_peers_shown(g->peers, shown, VR_FRAME_PEERS / 2);
  vr_frame_counter_make_room(i->counter, shown, n);
  if (there)
    return;
  vr_frame_counter_free(i->counter);
  i->counter = NULL;
}

/* What is no longer the guest's was read for the last time. */
static void drop_unlisted(struct vr_traffic_guest *g) {
  size_t kept = 0;
  for (size_t i = 0; i < g->count; i++)
    if (g->v[i].listed)
      g->v[kept++] = g->v[i];
    else
      vr_frame_counter_free(g->v[i].counter);
  g->count = kept;
}

static void read_interfaces(struct vr_traffic_guest *g,
                            const struct vr_traffic_settings *settings,
                            const struct vr_vmproc_sample *s,
                            struct vr_traffic_reports *reports) {
  list_interfaces(g, s->taps);
  for (size_t i = 0; i < g->count; i++) {
    if (g->v[i].counter)
      read_interface(g, &g->v[i]);
    if (!g->v[i].counter && g->v[i].listed)
      try_to_open(g, settings, s, &g->v[i], reports);
  }
  drop_unlisted(g);
}

/* --- what is not known, and why --- */

static const char *reason_of(const struct vr_traffic_guest *g,
                             const struct vr_vmproc_sample *s) {
  if (s->vm->nics.vhost_user)
    return "it has a network card by vhost-user, whose frames do not pass the "
           "host's kernel: they are not counted";
  if (s->taps->partial)
    return "a network card is passed through to it, or an interface of its is "
           "not found: frames there are not counted";
  for (size_t i = 0; i < s->taps->count; i++)
    if (s->taps->v[i].is_vf)
      return "a virtual function of a network card (SR-IOV) is passed through "
             "to it: frames there are not counted";
  if (s->taps->count == 0 && g->nics.count > 0 && g->reads >= FIRST_READINGS)
    return "it has a network card, but no interface on this host is found "
           "(QEMU's "
           "user-mode network, or collectd lacks CAP_SYS_PTRACE): its frames "
           "are not counted";
  if (g->count > 0 && !g->all_macs)
    return "not all addresses of its network cards are known: its frames are "
           "counted, but there is no series of spoofed ones";
  return NULL;
}

/* Once for each guest and reason. */
static void report_reason(struct vr_traffic_guest *g,
                          const struct vr_vmproc_sample *s,
                          struct vr_traffic_reports *reports) {
  const char *reason = reason_of(g, s);
  bool is_new = reason && reason != g->reason;
  g->reason = reason;
  if (is_new && vr_log_limit_admits(&reports->reasons))
    vr_log_notice("guest %s: %s", s->name, reason);
}

void vr_traffic_guest_read(struct vr_traffic_guest *g,
                           const struct vr_traffic_settings *settings,
                           const struct vr_vmproc_sample *s, double seconds,
                           struct vr_traffic_reports *reports) {
  find_macs(g, settings, s);
  read_interfaces(g, settings, s, reports);
  vr_peers_end(g->peers, seconds);
  report_reason(g, s, reports);
  g->reads++;
}

bool vr_traffic_guest_is_counted(const struct vr_traffic_guest *g) {
  for (size_t i = 0; i < g->count; i++)
    if (g->v[i].counter)
      return true;
  return false;
}

const struct vr_nics *vr_traffic_guest_nics(const struct vr_traffic_guest *g,
                                            bool *ret_all) {
  *ret_all = g->all_macs;
  return &g->nics;
}

const struct vr_peers *
vr_traffic_guest_peers(const struct vr_traffic_guest *g) {
  return g->peers;
}

bool vr_traffic_guest_has_segments(const struct vr_traffic_guest *g) {
  for (size_t i = 0; i < g->count; i++)
    if (g->v[i].counter && !vr_frame_counter_has_segments(g->v[i].counter))
      return false;
  return true;
}
