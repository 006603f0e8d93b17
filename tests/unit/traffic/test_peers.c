/* SPDX-License-Identifier: MIT
 *
 * Which peers have series, and that nothing is lost between them.
 */
#include "../unit.h"

#include "traffic/peers.h"

#include <stdlib.h>
#include <string.h>

enum { TOP = 4, SECONDS = 10 };

static struct vr_mac mac_of(unsigned n) {
  return (struct vr_mac){
      {2, 0, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static struct vr_peers *peers_new(const struct vr_mac *named, size_t count) {
  const struct vr_peers_options o = {
      .top = TOP, .named = named, .named_count = count};
  struct vr_peers *p;
  assert_int_equal(vr_peers_new(&o, &p), 0);
  return p;
}

static struct vr_peer_counts bytes_of(uint64_t sent, uint64_t received) {
  return (struct vr_peer_counts){
      .sent = {.bytes = sent, .frames = sent > 0},
      .received = {.bytes = received, .frames = received > 0}};
}

static void add_bytes(struct vr_peers *p, unsigned n, uint64_t bytes) {
  const struct vr_peer peer = {.mac = mac_of(n)};
  const struct vr_peer_counts growth = bytes_of(bytes, bytes / 2);
  vr_peers_add(p, &peer, &growth);
}

/* What the series say. */
struct series {
  size_t count;
  struct vr_peer peers[64];
  struct vr_peer_counts counts[64];
};

static void take(void *ctx, const struct vr_peer *peer,
                 const struct vr_peer_counts *counts) {
  struct series *s = ctx;
  assert_true(s->count < 64);
  s->peers[s->count] = *peer;
  s->counts[s->count++] = *counts;
}

static struct series series_of(const struct vr_peers *p) {
  struct series s = {0};
  vr_peers_each(p, take, &s);
  return s;
}

static const struct vr_peer_counts *find(const struct series *s,
                                         const struct vr_peer *peer) {
  for (size_t i = 0; i < s->count; i++)
    if (vr_counts_compare_peers(&s->peers[i], peer) == 0)
      return &s->counts[i];
  return NULL;
}

static const struct vr_peer_counts *find_mac(const struct series *s,
                                             unsigned n) {
  const struct vr_peer peer = {.mac = mac_of(n)};
  return find(s, &peer);
}

static bool is_shown(const struct vr_peers *p, unsigned n) {
  const struct series s = series_of(p);
  return find_mac(&s, n) != NULL;
}

/* By how much all series have grown together; one that is new has not. */
static uint64_t growth(const struct series *before, const struct series *now) {
  uint64_t sum = 0;
  for (size_t i = 0; i < now->count; i++) {
    const struct vr_peer_counts *b = find(before, &now->peers[i]);
    if (b)
      sum += now->counts[i].sent.bytes - b->sent.bytes;
  }
  return sum;
}

static void test_nothing_is_lost(void **state) {
  (void)state;
  struct vr_peers *p = peers_new(NULL, 0);
  unsigned seed = 5;
  struct series before = series_of(p);
  for (int reading = 0; reading < 2000; reading++) {
    uint64_t sum = 0;
    for (int i = 0; i < 12; i++) {
      uint64_t bytes = 1 + (uint64_t)rand_r(&seed) % 100000;
      add_bytes(p, (unsigned)rand_r(&seed) % 40, bytes);
      sum += bytes;
    }
    vr_peers_end(p, SECONDS);
    const struct series now = series_of(p);
    assert_int_equal(growth(&before, &now), sum);
    before = now;
  }
  vr_peers_free(p);
}

/* Its first bytes are among the others': a counter needs a value to begin at.
 */
static void test_new_peer_begins_at_zero(void **state) {
  (void)state;
  const struct vr_peer others = {.kind = VR_PEER_OTHERS};
  struct vr_peers *p = peers_new(NULL, 0);
  add_bytes(p, 1, 600);
  vr_peers_end(p, SECONDS);
  assert_false(is_shown(p, 1));
  add_bytes(p, 1, 400);
  vr_peers_end(p, SECONDS);
  struct series s = series_of(p);
  assert_int_equal(find_mac(&s, 1)->sent.bytes, 0);
  assert_int_equal(find(&s, &others)->sent.bytes, 1000);
  add_bytes(p, 1, 500);
  vr_peers_end(p, SECONDS);
  s = series_of(p);
  assert_int_equal(find_mac(&s, 1)->sent.bytes, 500);
  assert_int_equal(find_mac(&s, 1)->received.bytes, 250);
  assert_int_equal(find(&s, &others)->sent.bytes, 1000);
  vr_peers_free(p);
}

static void busy(struct vr_peers *p, unsigned extra, uint64_t bytes) {
  for (unsigned n = 0; n < TOP; n++)
    add_bytes(p, n, 10000 + n);
  if (bytes)
    add_bytes(p, extra, bytes);
  vr_peers_end(p, SECONDS);
}

static void test_hysteresis(void **state) {
  (void)state;
  struct vr_peers *p = peers_new(NULL, 0);
  for (int i = 0; i < 20; i++)
    busy(p, 9, 0);
  for (int i = 0; i < 50; i++)
    busy(p, 9, 13000); /* busier, but not enough */
  assert_false(is_shown(p, 9));
  busy(p, 9, 18000); /* one burst is not enough either */
  assert_false(is_shown(p, 9));
  for (int i = 0; i < 10; i++)
    busy(p, 9, 20000);
  assert_true(is_shown(p, 9));
  assert_false(is_shown(p, 0)); /* the least busy has given way */
  vr_peers_free(p);
}

static void test_two_equals_do_not_alternate(void **state) {
  (void)state;
  struct vr_peers *p = peers_new(NULL, 0);
  unsigned changes = 0;
  bool was = false;
  for (int i = 0; i < 200; i++) {
    busy(p, 9, i % 2 ? 8000 : 12000);
    changes += is_shown(p, 9) != was;
    was = is_shown(p, 9);
  }
  assert_in_range(changes, 0, 1);
  vr_peers_free(p);
}

static void test_peer_that_has_gone(void **state) {
  (void)state;
  struct vr_peers *p = peers_new(NULL, 0);
  for (int i = 0; i < 4; i++) {
    add_bytes(p, 1, 1000);
    vr_peers_end(p, SECONDS);
  }
  for (int i = 0; i < 29; i++)
    vr_peers_end(p, SECONDS);
  assert_true(is_shown(p, 1));
  vr_peers_end(p, SECONDS);
  assert_false(is_shown(p, 1));
  /* Where it comes back within an hour its series goes on. */
  add_bytes(p, 1, 7);
  vr_peers_end(p, SECONDS);
  const struct series s = series_of(p);
  assert_int_equal(find_mac(&s, 1)->sent.bytes, 2000);
  for (int i = 0; i < 400; i++)
    vr_peers_end(p, SECONDS);
  assert_int_equal(vr_peers_known(p), 0);
  vr_peers_free(p);
}

static void test_named_peers(void **state) {
  (void)state;
  const struct vr_mac router[] = {mac_of(77), mac_of(77)};
  struct vr_peers *p = peers_new(router, 2);
  assert_false(is_shown(p, 77));
  busy(p, 77, 1);
  for (int i = 0; i < 10; i++)
    busy(p, 0, 0);
  assert_true(is_shown(p, 77)); /* however little it sends */
  for (unsigned n = 0; n < TOP; n++)
    assert_true(is_shown(p, n)); /* and it takes nobody's place */
  for (int i = 0; i < 30; i++)
    busy(p, 0, 0);
  assert_false(is_shown(p, 77));
  vr_peers_free(p);
}

static void test_flood_makes_no_series(void **state) {
  (void)state;
  struct vr_peers *p = peers_new(NULL, 0);
  for (unsigned n = 0; n < 5000; n++) {
    add_bytes(p, 1000 + n, 60);
    if (n % 100 == 99)
      vr_peers_end(p, SECONDS);
  }
  const struct series s = series_of(p);
  assert_int_equal(s.count, VR_PEER_KINDS - 1);
  vr_peers_free(p);
}

static void test_flood_is_bounded(void **state) {
  (void)state;
  struct vr_peers *p = peers_new(NULL, 0);
  const struct vr_peer others = {.kind = VR_PEER_OTHERS};
  for (int i = 0; i < 20; i++)
    busy(p, 0, 0);
  uint64_t flood = 0;
  struct series before = series_of(p);
  for (unsigned n = 0; n < 100000; n++) {
    add_bytes(p, 1000 + n, 60);
    flood += 60;
    if (n % 2000 == 1999)
      busy(p, 0, 0);
    assert_in_range(vr_peers_known(p), 0, 1024);
  }
  struct series now = series_of(p);
  for (unsigned n = 0; n < TOP; n++)
    assert_non_null(find_mac(&now, n));
  assert_int_equal(find(&now, &others)->sent.bytes -
                       find(&before, &others)->sent.bytes,
                   flood);
  for (int i = 0; i < 40; i++)
    busy(p, 0, 0);
  assert_int_equal(vr_peers_known(p), TOP);
  vr_peers_free(p);
}

static void test_no_peers_wanted(void **state) {
  (void)state;
  const struct vr_peers_options o = {.top = 0};
  struct vr_peers *p;
  assert_int_equal(vr_peers_new(&o, &p), 0);
  add_bytes(p, 1, 1000);
  vr_peers_end(p, SECONDS);
  const struct series s = series_of(p);
  assert_int_equal(s.count, VR_PEER_KINDS - 1);
  struct vr_mac shown[4];
  assert_int_equal(vr_peers_shown(p, shown, 4), 0);
  vr_peers_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nothing_is_lost),
      cmocka_unit_test(test_new_peer_begins_at_zero),
      cmocka_unit_test(test_hysteresis),
      cmocka_unit_test(test_two_equals_do_not_alternate),
      cmocka_unit_test(test_peer_that_has_gone),
      cmocka_unit_test(test_named_peers),
      cmocka_unit_test(test_flood_makes_no_series),
      cmocka_unit_test(test_flood_is_bounded),
      cmocka_unit_test(test_no_peers_wanted),
  };
  return cmocka_run_group_tests_name("traffic/peers", tests, NULL, NULL);
}
