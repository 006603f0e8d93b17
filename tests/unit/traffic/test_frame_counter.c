/* SPDX-License-Identifier: MIT
 *
 * The kernel counts what a tap's owner sends and receives: in a network
 * namespace of the test's own, with frames of known lengths. Needs root.
 */
#include "../unit.h"

#include "../../tools/tap_frames.h"
#include "traffic/bpf_call.h"
#include "traffic/frame_counter.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GUESTS = 4, SUMS_MAX = 4096 };

static const struct vr_mac broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
static const struct vr_mac multicast = {{0x01, 0, 0x5e, 0, 0, 0xfb}};

static struct vr_mac mac_of(unsigned guest) {
  return (struct vr_mac){{0x52, 0x54, 0, 0xaa, 0, (uint8_t)(guest + 1)}};
}

/* --- what was counted --- */

struct sum {
  struct vr_peer peer;
  struct vr_peer_counts counts;
};

struct sums {
  size_t count;
  struct sum v[SUMS_MAX];
};

static struct vr_peer_counts *sum_of(struct sums *s,
                                     const struct vr_peer *peer) {
  for (size_t i = 0; i < s->count; i++)
    if (vr_counts_compare_peers(&s->v[i].peer, peer) == 0)
      return &s->v[i].counts;
  assert_true(s->count < SUMS_MAX);
  s->v[s->count].peer = *peer;
  s->v[s->count].counts = (struct vr_peer_counts){0};
  return &s->v[s->count++].counts;
}

static void add(void *ctx, const struct vr_peer *peer,
                const struct vr_peer_counts *growth) {
  vr_counts_add(sum_of(ctx, peer), growth);
}

static const struct vr_peer_counts *of_mac(struct sums *s, unsigned guest) {
  const struct vr_peer peer = {.mac = mac_of(guest)};
  return sum_of(s, &peer);
}

static const struct vr_peer_counts *of_kind(struct sums *s,
                                            enum vr_peer_kind kind) {
  const struct vr_peer peer = {.kind = (uint8_t)kind};
  return sum_of(s, &peer);
}

static struct vr_peer_counts total(const struct sums *s) {
  struct vr_peer_counts t = {0};
  for (size_t i = 0; i < s->count; i++)
    vr_counts_add(&t, &s->v[i].counts);
  return t;
}

/* --- guests on a bridge --- */

struct guest {
  char name[IFNAMSIZ];
  int tap;
  struct vr_mac mac;
  struct vr_frame_counter *counter;
  struct sums sums;
  struct tap_counters before;
};

struct lab {
  struct guest guests[GUESTS];
};

static struct vr_frame_counter_options options_of(const struct guest *g) {
  return (struct vr_frame_counter_options){.name = g->name,
                                           .network = -1,
                                           .received = true,
                                           .macs = &g->mac,
                                           .macs_count = 1};
}

static void read_counter(struct guest *g) {
  assert_int_equal(vr_frame_counter_read(g->counter, add, &g->sums), 0);
}

/* A bridge sends a frame of its own now and then. What waits in the tap from
 * before would be counted by it alone. */
static void begin_to_count(struct guest *g) {
  const struct vr_frame_counter_options o = options_of(g);
  assert_int_equal(vr_frame_counter_new(&o, &g->counter), 0);
  tap_drain(g->tap);
  read_counter(g);
  assert_true(tap_counters(g->name, &g->before));
  g->sums.count = 0;
}

/* A container's root may lack any of these rights. */
static bool may_count(void) {
  static const struct vr_bpf_map shape = {8, 8, 1};
  if (geteuid() != 0 || access("/dev/net/tun", R_OK | W_OK) != 0)
    return false;
  int fd = vr_bpf_map_new("probe", &shape);
  if (fd < 0)
    return false;
  close(fd);
  return unshare(CLONE_NEWNET) == 0;
}

static int lab_up(void **state) {
  struct lab *l = calloc(1, sizeof(*l));
  *state = l;
  if (!l || !may_count())
    return 0;
  if (tap_bridge("br0") < 0)
    return -1;
  for (unsigned i = 0; i < GUESTS; i++) {
    struct guest *g = &l->guests[i];
    snprintf(g->name, sizeof(g->name), "tg%u", i);
    g->mac = mac_of(i);
    g->tap = tap_open(g->name);
    if (g->tap < 0 || tap_on_bridge(g->name, "br0") < 0)
      return -1;
    begin_to_count(g);
  }
  return 0;
}

static int lab_down(void **state) {
  struct lab *l = *state;
  for (unsigned i = 0; l && i < GUESTS; i++) {
    if (!l->guests[i].counter)
      continue;
    vr_frame_counter_free(l->guests[i].counter);
    close(l->guests[i].tap);
  }
  free(l);
  return 0;
}

static struct lab *lab_or_skip(void **state) {
  struct lab *l = *state;
  if (l->guests[0].counter)
    return l;
  print_message("needs root, /dev/net/tun, bpf(2) and network namespaces\n");
  skip();
  return NULL;
}

static void send_frame(const struct guest *g, const struct tap_frame *f) {
  assert_true(tap_send(g->tap, f) > 0);
}

/* One small frame of each to all: the bridge knows where everybody is. */
static void introduce(struct lab *l) {
  for (unsigned i = 0; i < GUESTS; i++) {
    const struct tap_frame f = {
        .destination = broadcast, .source = mac_of(i), .raw = 60};
    send_frame(&l->guests[i], &f);
  }
  for (unsigned i = 0; i < GUESTS; i++)
    tap_drain(l->guests[i].tap);
}

/* The bridge's frame may be on its way: counted here, and not yet taken. */
static struct tap_counters counters_at_rest(struct guest *g) {
  struct tap_counters now;
  for (int i = 0; i < 10; i++) {
    tap_drain(g->tap);
    read_counter(g);
    assert_true(tap_counters(g->name, &now));
    if (total(&g->sums).received.frames == now.tx_frames - g->before.tx_frames)
      break;
  }
  return now;
}

/* All that the tap has counted since is in the sums. */
static void check_against_tap(struct guest *g) {
  const struct tap_counters now = counters_at_rest(g);
  assert_int_equal(now.tx_dropped, g->before.tx_dropped);
  const struct vr_peer_counts t = total(&g->sums);
  assert_int_equal(t.sent.bytes, now.rx_bytes - g->before.rx_bytes);
  assert_int_equal(t.sent.frames, now.rx_frames - g->before.rx_frames);
  assert_int_equal(t.received.bytes, now.tx_bytes - g->before.tx_bytes);
  assert_int_equal(t.received.frames, now.tx_frames - g->before.tx_frames);
}

static void check_all_against_taps(struct lab *l) {
  for (unsigned i = 0; i < GUESTS; i++)
    check_against_tap(&l->guests[i]);
}

static void assert_same(const struct vr_frame_counts *a,
                        const struct vr_frame_counts *b) {
  assert_int_equal(a->bytes, b->bytes);
  assert_int_equal(a->frames, b->frames);
  assert_int_equal(a->more_segments, b->more_segments);
  assert_int_equal(a->more_bytes, b->more_bytes);
}

/* --- tests --- */

static struct tap_frame random_frame(unsigned from, unsigned to,
                                     unsigned *seed) {
  struct tap_frame f = {.source = mac_of(from), .destination = mac_of(to)};
  f.large = rand_r(seed) % 4 == 0;
  f.ipv6 = rand_r(seed) % 3 == 0;
  f.vlans = rand_r(seed) % 5 == 0;
  /* A bridge drops a frame that is too long and not to be cut. */
  f.payload = f.large ? TAP_MSS + 1 + (size_t)rand_r(seed) % 60000
                      : (size_t)rand_r(seed) % 1400;
  return f;
}

static void expect(struct vr_frame_counts *c, const struct tap_frame *f,
                   long length) {
  c->bytes += (uint64_t)length;
  c->frames++;
  c->more_segments += tap_segments(f) - 1;
  c->more_bytes += tap_wire_bytes(f) - (uint64_t)length;
}

/* A window: frames between all pairs, then a reading. */
static void check_window(struct lab *l, unsigned *seed, unsigned frames) {
  struct vr_frame_counts sent[GUESTS][GUESTS] = {0};
  for (unsigned i = 0; i < GUESTS; i++)
    l->guests[i].sums.count = 0;
  for (unsigned n = 0; n < frames; n++) {
    unsigned from = (unsigned)rand_r(seed) % GUESTS;
    unsigned to = (from + 1 + (unsigned)rand_r(seed) % (GUESTS - 1)) % GUESTS;
    const struct tap_frame f = random_frame(from, to, seed);
    long length = tap_send(l->guests[from].tap, &f);
    assert_true(length > 0);
    expect(&sent[from][to], &f, length);
    tap_drain(l->guests[to].tap);
  }
  for (unsigned i = 0; i < GUESTS; i++)
    read_counter(&l->guests[i]);
  for (unsigned i = 0; i < GUESTS; i++)
    for (unsigned k = 0; k < GUESTS; k++)
      if (i != k) {
        assert_same(&of_mac(&l->guests[i].sums, k)->sent, &sent[i][k]);
        assert_same(&of_mac(&l->guests[k].sums, i)->received, &sent[i][k]);
      }
}

/* 12 pairs, 50 windows. */
static void test_600_pair_windows_are_exact(void **state) {
  struct lab *l = lab_or_skip(state);
  unsigned seed = 4711;
  introduce(l);
  for (unsigned i = 0; i < GUESTS; i++)
    read_counter(&l->guests[i]);
  for (int window = 0; window < 50; window++)
    check_window(l, &seed, 200);
}

static void test_sums_are_the_taps(void **state) {
  struct lab *l = lab_or_skip(state);
  unsigned seed = 42;
  introduce(l);
  for (int n = 0; n < 5000; n++) {
    unsigned from = (unsigned)n % GUESTS, to = (unsigned)n % (GUESTS - 1);
    struct tap_frame f = random_frame(from, to < from ? to : to + 1, &seed);
    if (n % 7 == 0)
      f.destination = n % 2 ? broadcast : multicast;
    if (n % 11 == 0)
      f.source.byte[4] = 7; /* spoofed */
    if (n % 13 == 0)
      f.destination.byte[3] = 0xab; /* unknown: the bridge floods it */
    f.vlans = (unsigned)n % 3;
    send_frame(&l->guests[from], &f);
    for (unsigned i = 0; i < GUESTS; i++)
      tap_drain(l->guests[i].tap);
  }
  check_all_against_taps(l);
}

static void test_groups_and_spoofed_frames(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  introduce(l);
  read_counter(g);
  g->sums.count = 0;
  const struct tap_frame frames[] = {
      {.destination = broadcast, .source = g->mac, .raw = 61},
      {.destination = multicast, .source = g->mac, .raw = 62},
      {.destination = mac_of(1), .source = mac_of(2), .raw = 63},
      {.destination = broadcast, .source = mac_of(1), .raw = 64},
      {.destination = mac_of(1), .source = multicast, .raw = 65},
  };
  for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
    send_frame(g, &frames[i]);
  read_counter(g);
  assert_int_equal(of_kind(&g->sums, VR_PEER_BROADCAST)->sent.bytes, 61);
  assert_int_equal(of_kind(&g->sums, VR_PEER_MULTICAST)->sent.bytes, 62);
  assert_int_equal(of_kind(&g->sums, VR_PEER_SPOOFED)->sent.bytes,
                   63 + 64 + 65);
  assert_int_equal(of_mac(&g->sums, 1)->sent.frames, 0);
  assert_int_equal(of_mac(&g->sums, 2)->sent.frames, 0);
}

static void test_flooded_frames_are_of_no_peer(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[3];
  const struct tap_frame f = {
      .destination = {{2, 0, 0, 0, 0, 9}}, .source = mac_of(1), .raw = 100};
  introduce(l);
  read_counter(g);
  g->sums.count = 0;
  send_frame(&l->guests[1], &f);
  tap_drain(g->tap);
  read_counter(g);
  assert_int_equal(of_kind(&g->sums, VR_PEER_OTHERS)->received.bytes, 100);
  assert_int_equal(of_mac(&g->sums, 1)->received.frames, 0);
}

/* Frames that are no IP, stacks of tags, segments of one byte or longer than
 * the frame: counted, once each, and the sum is right. */
static void test_odd_frames(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  struct tap_frame f = {.destination = mac_of(1), .source = g->mac};
  introduce(l);
  for (unsigned vlans = 0; vlans < 6; vlans++) {
    f = (struct tap_frame){.destination = mac_of(1),
                           .source = g->mac,
                           .vlans = vlans,
                           .payload = 5000,
                           .large = true,
                           .gso = vlans % 2 ? 1 : 0xffff};
    tap_send(g->tap, &f); /* the kernel may reject it: then nobody counts it */
    f.large = false;
    f.raw = 14 + 4 * vlans + 2;
    tap_send(g->tap, &f);
    tap_drain(l->guests[1].tap);
  }
  check_against_tap(g);
  check_against_tap(&l->guests[1]);
}

/* The kernel itself drops a tag with nothing behind it, before any socket could
 * see it: the tap alone counts it. Less than an Ethernet header is no frame. */
static void test_short_frames(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  struct tap_counters now;
  struct tap_frame f = {.destination = mac_of(1), .source = g->mac, .raw = 14};
  introduce(l);
  send_frame(g, &f);
  f.raw = 18;
  f.vlans = 1;
  send_frame(g, &f);
  f.vlans = 0;
  for (f.raw = 1; f.raw < 14; f.raw++)
    assert_int_equal(tap_send(g->tap, &f), -1);
  read_counter(g);
  assert_true(tap_counters(g->name, &now));
  assert_int_equal(now.rx_bytes - g->before.rx_bytes, 60 + 14 + 18);
  assert_int_equal(total(&g->sums).sent.bytes, 60 + 14);
}

static void test_segments_of_one_byte(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  const struct tap_frame f = {.destination = mac_of(1),
                              .source = g->mac,
                              .payload = 60000,
                              .large = true,
                              .gso = 1};
  introduce(l);
  read_counter(g);
  g->sums.count = 0;
  long length = tap_send(g->tap, &f);
  tap_drain(l->guests[1].tap);
  read_counter(g);
  struct vr_frame_counts expected = {0};
  if (length > 0)
    expect(&expected, &f, length);
  assert_same(&of_mac(&g->sums, 1)->sent, &expected);
}

static struct vr_mac flooder(unsigned n) {
  return (struct vr_mac){
      {2, 0xf1, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

/* What a peer that is no flooder sent is its own, all else is nobody's: of the
 * flood itself each address that has an entry has what it sent. */
static void check_flood(struct guest *g, unsigned sources, uint64_t good) {
  size_t macs = 0;
  check_against_tap(g);
  assert_int_equal(of_mac(&g->sums, 1)->received.frames, good);
  for (size_t i = 0; i < g->sums.count; i++) {
    const struct sum *s = &g->sums.v[i];
    if (s->peer.kind != VR_PEER_MAC || s->peer.mac.byte[1] != 0xf1)
      continue;
    macs++;
    assert_int_equal(s->counts.received.frames, 1);
  }
  assert_in_range(macs, 1, sources - 1);
}

/* Sent by guest 1 under 20 000 addresses, to guest 0: all of it is spoofed at
 * the one, and most of it others' at the other. */
static void test_flood_of_sources(void **state) {
  enum { SOURCES = 20000 };
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0], *flood = &l->guests[1];
  struct tap_frame f = {.destination = g->mac, .raw = 60};
  introduce(l);
  uint64_t good = 0;
  struct vr_mac keep = mac_of(1);
  for (unsigned n = 0; n < SOURCES; n++) {
    f.source = flooder(n);
    send_frame(flood, &f);
    if (n % 100 == 0) {
      f.source = flood->mac;
      send_frame(flood, &f);
      good++;
    }
    tap_drain(g->tap);
    if (n % 5000 == 4999) {
      read_counter(g);
      assert_int_equal(vr_frame_counter_make_room(g->counter, &keep, 1), 0);
    }
  }
  check_flood(g, SOURCES, good);
  read_counter(flood);
  assert_int_equal(of_kind(&flood->sums, VR_PEER_SPOOFED)->sent.frames,
                   SOURCES);
}

/* A destination for each frame: the sender's own table stays bounded. */
static void test_flood_of_destinations(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[2];
  introduce(l);
  for (unsigned n = 0; n < 20000; n++) {
    const struct tap_frame f = {
        .destination = flooder(n), .source = g->mac, .raw = 60};
    send_frame(g, &f);
    for (unsigned i = 0; i < GUESTS; i++)
      tap_drain(l->guests[i].tap);
  }
  check_all_against_taps(l);
  assert_in_range(g->sums.count, 1, VR_FRAME_PEERS);
}

static void test_only_sent(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  struct vr_frame_counter_options o = options_of(g);
  o.received = false;
  vr_frame_counter_free(g->counter);
  assert_int_equal(vr_frame_counter_new(&o, &g->counter), 0);
  introduce(l);
  const struct tap_frame there = {
      .destination = mac_of(1), .source = g->mac, .raw = 70};
  const struct tap_frame back = {
      .destination = g->mac, .source = mac_of(1), .raw = 80};
  send_frame(g, &there);
  send_frame(&l->guests[1], &back);
  read_counter(g);
  const struct vr_peer_counts t = total(&g->sums);
  assert_int_equal(t.sent.bytes, 60 + 70);
  assert_int_equal(t.received.frames, 0);
}

static void test_addresses_may_change(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  const struct vr_mac both[] = {mac_of(0), {{2, 0, 0, 0, 0, 1}}};
  const struct tap_frame f = {
      .destination = mac_of(1), .source = both[1], .raw = 70};
  introduce(l);
  send_frame(g, &f);
  assert_int_equal(vr_frame_counter_set_macs(g->counter, both, 2), 0);
  send_frame(g, &f);
  send_frame(g, &f);
  read_counter(g);
  assert_int_equal(of_kind(&g->sums, VR_PEER_SPOOFED)->sent.frames, 1);
  assert_int_equal(of_mac(&g->sums, 1)->sent.frames, 2);
  assert_int_equal(vr_frame_counter_set_macs(g->counter, NULL, 0), 0);
  send_frame(g, &f);
  read_counter(g);
  assert_int_equal(of_mac(&g->sums, 1)->sent.frames, 3);
}

static void test_kernels_without_batches(void **state) {
  struct lab *l = lab_or_skip(state);
  unsigned seed = 1;
  vr_bpf_map_read_one_by_one(true);
  introduce(l);
  for (unsigned i = 0; i < GUESTS; i++)
    read_counter(&l->guests[i]);
  check_window(l, &seed, 200);
  vr_bpf_map_read_one_by_one(false);
}

/* The tap is in another namespace than whoever counts. */
static void test_other_namespace(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  int there = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  assert_true(there >= 0);
  introduce(l);
  assert_int_equal(unshare(CLONE_NEWNET), 0);
  struct vr_frame_counter_options o = options_of(g);
  struct vr_frame_counter *c = NULL;
  assert_int_equal(vr_frame_counter_new(&o, &c), -ENODEV);
  o.network = there;
  assert_int_equal(vr_frame_counter_new(&o, &c), 0);
  assert_int_equal(if_nametoindex(g->name), 0);
  const struct tap_frame f = {
      .destination = mac_of(1), .source = g->mac, .raw = 77};
  send_frame(g, &f);
  g->sums.count = 0;
  assert_int_equal(vr_frame_counter_read(c, add, &g->sums), 0);
  assert_int_equal(of_mac(&g->sums, 1)->sent.bytes, 77);
  vr_frame_counter_free(c);
  close(there);
}

static void test_interface_that_goes(void **state) {
  struct lab *l = lab_or_skip(state);
  struct guest *g = &l->guests[0];
  introduce(l);
  assert_true(vr_frame_counter_is_there(g->counter));
  close(g->tap);
  assert_false(vr_frame_counter_is_there(g->counter));
  read_counter(g);
  assert_int_equal(of_kind(&g->sums, VR_PEER_BROADCAST)->sent.bytes, 60);
  /* Another one with its name is another one. */
  g->tap = tap_open(g->name);
  assert_true(g->tap >= 0);
  assert_false(vr_frame_counter_is_there(g->counter));
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Nobody is woken, and nothing waits to be received. */
static void test_no_frame_reaches_the_socket(void **state) {
  struct lab *l = lab_or_skip(state);
  introduce(l);
  double before = seconds();
  for (unsigned i = 0; i < GUESTS; i++)
    read_counter(&l->guests[i]);
  assert_true(seconds() - before < 0.1);
}

#define WITH_LAB(f) cmocka_unit_test_setup_teardown(f, lab_up, lab_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      WITH_LAB(test_600_pair_windows_are_exact),
      WITH_LAB(test_sums_are_the_taps),
      WITH_LAB(test_groups_and_spoofed_frames),
      WITH_LAB(test_flooded_frames_are_of_no_peer),
      WITH_LAB(test_odd_frames),
      WITH_LAB(test_short_frames),
      WITH_LAB(test_segments_of_one_byte),
      WITH_LAB(test_flood_of_sources),
      WITH_LAB(test_flood_of_destinations),
      WITH_LAB(test_only_sent),
      WITH_LAB(test_addresses_may_change),
      WITH_LAB(test_kernels_without_batches),
      WITH_LAB(test_other_namespace),
      WITH_LAB(test_interface_that_goes),
      WITH_LAB(test_no_frame_reaches_the_socket),
  };
  return cmocka_run_group_tests_name("traffic/frame_counter", tests, NULL,
                                     NULL);
}
