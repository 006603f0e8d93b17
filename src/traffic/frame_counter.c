/* SPDX-License-Identifier: MIT */
#include "traffic/frame_counter.h"

#include "basic/cleanup.h"
#include "basic/sort.h"
#include "traffic/bpf_call.h"
#include "traffic/counting_program.h"
#include "traffic/interface_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "vmrecon_net"

enum { NEARLY_FULL = VR_FRAME_PEERS * 3 / 4 };

static const struct vr_bpf_map shape = {
    .key_size = sizeof(struct vr_peer),
    .value_size = sizeof(struct vr_peer_counts),
    .entries = VR_FRAME_PEERS,
};

struct entry {
  struct vr_peer peer;
  struct vr_peer_counts counts;
};

/* A table of the kernel's, and what it held when it was read last, in order. */
struct table {
  int fd; /* -1: none */
  size_t count;
  struct entry *last;
};

struct vr_frame_counter {
  int socket;
  bool received, outgoing_is_sent, segments;
  size_t macs_count;
  struct vr_mac macs[VR_COUNTING_MACS_MAX];
  struct table current, retired;
};

/* --- tables --- */

static int add_peer(const struct table *t, enum vr_peer_kind kind,
                    const struct vr_mac *mac) {
  static const struct vr_peer_counts zero;
  const struct vr_peer peer = {.mac = *mac, .kind = (uint8_t)kind};
  return vr_bpf_map_set(t->fd, &peer, &zero);
}

/* Whatever a guest does, there is room for what is no single peer's. */
static int table_new(struct table *ret) {
  static const struct vr_mac none;
  *ret = (struct table){.fd = vr_bpf_map_new(NAME, &shape)};
  int r = ret->fd < 0 ? ret->fd : 0;
  for (int kind = VR_PEER_BROADCAST; r == 0 && kind < VR_PEER_KINDS; kind++)
    r = add_peer(ret, (enum vr_peer_kind)kind, &none);
  return r;
}

static void table_free(struct table *t) {
  if (t->fd >= 0)
    close(t->fd);
  free(t->last);
  *t = (struct table){.fd = -1};
}

static int by_peer(const void *a, const void *b) {
  const struct entry *x = a, *y = b;
  return vr_counts_compare_peers(&x->peer, &y->peer);
}

/* All entries of the table, in order. */
static int read_entries(const struct table *t, struct entry **ret) {
  struct vr_peer peers[VR_FRAME_PEERS];
  struct vr_peer_counts counts[VR_FRAME_PEERS];
  int n = vr_bpf_map_read(t->fd, &shape, peers, counts);
  if (n < 0)
    return n;
  struct entry *v = malloc((size_t)n * sizeof(*v) + 1);
  if (!v)
    return -ENOMEM;
  for (int i = 0; i < n; i++)
    v[i] = (struct entry){peers[i], counts[i]};
  vr_sort(v, (size_t)n, sizeof(*v), by_peer);
  *ret = v;
  return n;
}

/* Both lists are in order, and the one before is a part of the one now. */
static void report(const struct table *t, const struct entry *now, size_t n,
                   vr_frame_counter_fn fn, void *ctx) {
  static const struct vr_peer_counts zero;
  for (size_t i = 0, old = 0; i < n; i++) {
    bool known = old < t->count && by_peer(&t->last[old], &now[i]) == 0;
    const struct vr_peer_counts growth =
        vr_counts_growth(known ? &t->last[old].counts : &zero, &now[i].counts);
    old += known;
    if (!vr_counts_is_zero(&growth))
      fn(ctx, &now[i].peer, &growth);
  }
}

static int table_read(struct table *t, vr_frame_counter_fn fn, void *ctx) {
  struct entry *now;
  int n = read_entries(t, &now);
  if (n < 0)
    return n;
  report(t, now, (size_t)n, fn, ctx);
  free(t->last);
  t->last = now;
  t->count = (size_t)n;
  return 0;
}

/* --- programs --- */

/* Returns the descriptor of the program that fills T. */
static int load(const struct vr_frame_counter *c, const struct table *t) {
  const struct vr_counting_options o = {
      .map = t->fd,
      .macs = c->macs,
      .macs_count = c->macs_count,
      .received = c->received,
      .outgoing_is_sent = c->outgoing_is_sent,
      .segments = c->segments,
  };
  vr_auto_free struct vr_assembler *a = calloc(1, sizeof(*a));
  if (!a)
    return -ENOMEM;
  int r = vr_counting_program_build(&o, a);
  return r < 0 ? r : vr_bpf_filter_load(NAME, a->insns, a->count);
}

/* A kernel before 5.7 rejects a program that asks for gso_size. */
static int load_first(struct vr_frame_counter *c) {
  c->segments = true;
  int r = load(c, &c->current);
  if (r != -EACCES && r != -EINVAL)
    return r;
  c->segments = false;
  return load(c, &c->current);
}

/* The program that fills T takes the place of the one that runs. */
static int switch_to(struct vr_frame_counter *c, const struct table *t) {
  vr_auto_close int program = load(c, t);
  return program < 0 ? program : vr_interface_socket_attach(c->socket, program);
}

/* --- life --- */

static void set_macs(struct vr_frame_counter *c, const struct vr_mac *macs,
                     size_t count) {
  /* More than there is room for are as good as unknown. */
  c->macs_count = count > VR_COUNTING_MACS_MAX ? 0 : count;
  if (c->macs_count)
    memcpy(c->macs, macs, c->macs_count * sizeof(macs[0]));
}

static int begin(struct vr_frame_counter *c,
                 const struct vr_frame_counter_options *o) {
  int index;
  c->socket = vr_interface_socket_open(o->network, o->name, &index);
  if (c->socket < 0)
    return c->socket;
  int r = table_new(&c->current);
  if (r < 0)
    return r;
  vr_auto_close int program = load_first(c);
  if (program < 0)
    return program;
  return vr_interface_socket_bind(c->socket, index, program,
                                  o->received || o->outgoing_is_sent);
}

int vr_frame_counter_new(const struct vr_frame_counter_options *options,
                         struct vr_frame_counter **ret) {
  struct vr_frame_counter *c = calloc(1, sizeof(*c));
  if (!c)
    return -ENOMEM;
  c->received = options->received;
  c->outgoing_is_sent = options->outgoing_is_sent;
  c->socket = c->current.fd = c->retired.fd = -1;
  set_macs(c, options->macs, options->macs_count);
  int r = begin(c, options);
  if (r < 0)
    vr_frame_counter_free(c);
  else
    *ret = c;
  return r;
}

void vr_frame_counter_free_all(struct vr_frame_counter *const *c,
                               size_t count) {
  enum { AT_ONCE = 256 };
  int sockets[AT_ONCE];
  for (size_t i = 0; i < count; i += AT_ONCE) {
    size_t n = count - i < AT_ONCE ? count - i : AT_ONCE;
    for (size_t k = 0; k < n; k++)
      sockets[k] = c[i + k]->socket;
    vr_interface_socket_close(sockets, n);
  }
  for (size_t i = 0; i < count; i++) {
    table_free(&c[i]->current);
    table_free(&c[i]->retired);
    free(c[i]);
  }
}

void vr_frame_counter_free(struct vr_frame_counter *c) {
  if (c)
    vr_frame_counter_free_all(&c, 1);
}

/* A retired table does not change any more since the last reading: no program
 * runs for as long as that. */
static int read_retired(struct vr_frame_counter *c, vr_frame_counter_fn fn,
                        void *ctx) {
  if (c->retired.fd < 0)
    return 0;
  int r = table_read(&c->retired, fn, ctx);
  if (r == 0)
    table_free(&c->retired);
  return r;
}

int vr_frame_counter_read(struct vr_frame_counter *c, vr_frame_counter_fn fn,
                          void *ctx) {
  int r = read_retired(c, fn, ctx);
  return r < 0 ? r : table_read(&c->current, fn, ctx);
}

static int replace_table(struct vr_frame_counter *c, const struct vr_mac *peers,
                         size_t count) {
  struct table fresh;
  int r = table_new(&fresh);
  for (size_t i = 0; r == 0 && i < count && i < VR_FRAME_PEERS / 2; i++)
    r = add_peer(&fresh, VR_PEER_MAC, &peers[i]);
  if (r == 0)
    r = switch_to(c, &fresh);
  if (r < 0) {
    table_free(&fresh);
    return r;
  }
  c->retired = c->current;
  c->current = fresh;
  return 0;
}

int vr_frame_counter_make_room(struct vr_frame_counter *c,
                               const struct vr_mac *peers, size_t count) {
  if (c->current.count < NEARLY_FULL || c->retired.fd >= 0)
    return 0;
  return replace_table(c, peers, count);
}

int vr_frame_counter_set_macs(struct vr_frame_counter *c,
                              const struct vr_mac *macs, size_t count) {
  set_macs(c, macs, count);
  return switch_to(c, &c->current);
}

bool vr_frame_counter_is_there(const struct vr_frame_counter *c) {
  return vr_interface_socket_is_there(c->socket);
}

bool vr_frame_counter_has_segments(const struct vr_frame_counter *c) {
  return c->segments;
}
