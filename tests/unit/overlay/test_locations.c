/* SPDX-License-Identifier: MIT
 *
 * Where an address is: the newest generation holds, nothing old comes back, two
 * that want it come to rest.
 */
#include "../unit.h"

#include "overlay/locations.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define NOW (INT64_C(1764547200) * SECOND)

static struct vr_announcement said(const char *host, uint64_t generation,
                                   int64_t sent) {
  struct vr_announcement a = {
      .mac = {{2, 0, 0, 0, 0, 1}}, .vni = 10, .generation = generation};
  strcpy(a.host, host);
  strcpy(a.guest, "g");
  a.sent = sent;
  return a;
}

static enum vr_refusal take(struct vr_locations *t, struct vr_announcement a,
                            enum vr_locations_change *ret) {
  struct vr_location *l;
  return vr_locations_take(t, &a, a.sent, ret, &l);
}

static const char *host_of(const struct vr_locations *t) {
  const struct vr_mac mac = {{2, 0, 0, 0, 0, 1}};
  const struct vr_location *l = vr_locations_find(t, 10, &mac);
  return l && !l->gone ? l->host : "nowhere";
}

static void test_the_newest_holds(void **state) {
  (void)state;
  struct vr_locations t = {0};
  enum vr_locations_change c;
  assert_int_equal(take(&t, said("h1", 5, NOW), &c), VR_REFUSAL_NONE);
  assert_int_equal(c, VR_LOCATIONS_NEW);
  assert_int_equal(take(&t, said("h2", 6, NOW + 1), &c), VR_REFUSAL_NONE);
  assert_int_equal(c, VR_LOCATIONS_MOVED);
  assert_string_equal(host_of(&t), "h2");
  assert_int_equal(take(&t, said("h1", 5, NOW + 2), &c), VR_REFUSAL_OLDER);
  assert_string_equal(host_of(&t), "h2");
  /* Another LAN is another address. */
  struct vr_announcement other = said("h3", 1, NOW);
  other.vni = 11;
  assert_int_equal(take(&t, other, &c), VR_REFUSAL_NONE);
  assert_int_equal(c, VR_LOCATIONS_NEW);
  assert_string_equal(host_of(&t), "h2");
  vr_locations_clear(&t);
}

static void test_said_again_and_replayed(void **state) {
  (void)state;
  struct vr_locations t = {0};
  enum vr_locations_change c;
  take(&t, said("h1", 5, NOW), &c);
  assert_int_equal(take(&t, said("h1", 5, NOW), &c), VR_REFUSAL_REPLAYED);
  assert_int_equal(take(&t, said("h1", 5, NOW + 10), &c), VR_REFUSAL_NONE);
  assert_int_equal(c, VR_LOCATIONS_SAME);
  assert_int_equal(take(&t, said("h1", 5, NOW + 9), &c), VR_REFUSAL_REPLAYED);
  vr_locations_clear(&t);
}

static void test_who_has_gone_does_not_come_back_by_old_words(void **state) {
  (void)state;
  struct vr_locations t = {0};
  enum vr_locations_change c;
  struct vr_announcement gone = said("h1", 5, NOW + 1);
  gone.gone = true;
  take(&t, said("h1", 5, NOW), &c);
  assert_int_equal(take(&t, gone, &c), VR_REFUSAL_NONE);
  assert_int_equal(c, VR_LOCATIONS_GONE);
  assert_string_equal(host_of(&t), "nowhere");
  assert_int_equal(take(&t, said("h1", 5, NOW + 2), &c), VR_REFUSAL_REPLAYED);
  assert_int_equal(take(&t, said("h1", 6, NOW + 3), &c), VR_REFUSAL_NONE);
  assert_int_equal(c, VR_LOCATIONS_NEW);
  /* A farewell from before a migration does not touch where it is now. */
  take(&t, said("h2", 7, NOW + 4), &c);
  gone.generation = 6;
  gone.sent = NOW + 5;
  assert_int_equal(take(&t, gone, &c), VR_REFUSAL_OLDER);
  assert_string_equal(host_of(&t), "h2");
  vr_locations_clear(&t);
}

static void test_all_agree_on_a_tie(void **state) {
  (void)state;
  struct vr_locations a = {0}, b = {0};
  enum vr_locations_change c;
  take(&a, said("h1", 5, NOW), &c);
  take(&a, said("h2", 5, NOW), &c);
  take(&b, said("h2", 5, NOW), &c);
  take(&b, said("h1", 5, NOW), &c);
  assert_string_equal(host_of(&a), host_of(&b));
  vr_locations_clear(&a);
  vr_locations_clear(&b);
}

static unsigned long random_state = 1;

static unsigned any(unsigned n) {
  random_state = random_state * 6364136223846793005UL + 1442695040888963407UL;
  return (unsigned)(random_state >> 33) % n;
}

enum { MESSAGES = 24 };

/* Each host's generations are its own; two may come upon the same one. It says
 * one more often, and at its end it may say that the guest has gone. */
static void make_messages(struct vr_announcement v[MESSAGES]) {
  static const char *const names[] = {"h1", "h2", "h3"};
  for (size_t i = 0; i < MESSAGES; i++) {
    unsigned host = any(3), generation = 1 + 2 * any(4) + (host == 2);
    v[i] = said(names[host], generation, NOW + (int64_t)i);
    v[i].gone = generation == 3 && i >= MESSAGES / 2;
    if (generation == 3 && !v[i].gone)
      v[i].sent = NOW + (int64_t)any(MESSAGES / 2);
  }
}

static void deliver(struct vr_locations *t, const struct vr_announcement *v) {
  enum vr_locations_change c;
  unsigned order[MESSAGES];
  for (unsigned i = 0; i < MESSAGES; i++) {
    unsigned k = any(i + 1);
    if (k != i)
      order[i] = order[k];
    order[k] = i;
  }
  for (unsigned i = 0; i < MESSAGES; i++)
    take(t, v[order[i]], &c);
}

static void test_all_agree_whatever_the_order(void **state) {
  (void)state;
  const struct vr_mac mac = {{2, 0, 0, 0, 0, 1}};
  for (int trial = 0; trial < 2000; trial++) {
    struct vr_announcement v[MESSAGES];
    struct vr_locations a = {0}, b = {0};
    make_messages(v);
    deliver(&a, v);
    deliver(&b, v);
    const struct vr_location *x = vr_locations_find(&a, 10, &mac);
    const struct vr_location *y = vr_locations_find(&b, 10, &mac);
    assert_string_equal(x->host, y->host);
    assert_int_equal(x->generation, y->generation);
    assert_int_equal(x->gone, y->gone);
    assert_int_equal(x->sent, y->sent);
    vr_locations_clear(&a);
    vr_locations_clear(&b);
  }
}

static int claim(struct vr_locations *t, const char *host, int64_t now,
                 struct vr_announcement *ret) {
  struct vr_location *l;
  *ret = said(host, 0, 0);
  return vr_locations_claim(t, ret, 3, 1, now, &l);
}

static void test_a_claim_outdoes_everything(void **state) {
  (void)state;
  struct vr_locations t = {0};
  enum vr_locations_change c;
  struct vr_announcement a;
  assert_int_equal(claim(&t, "h1", NOW, &a), 0);
  assert_int_equal(a.generation, NOW / 1000);
  /* In the same millisecond, by a clock that is behind, and by one that was
   * set back. */
  assert_int_equal(claim(&t, "h1", NOW, &a), 0);
  assert_int_equal(a.generation, NOW / 1000 + 1);
  take(&t, said("h2", (uint64_t)NOW / 1000 + 20000, NOW), &c);
  assert_int_equal(claim(&t, "h1", NOW + SECOND, &a), 0);
  assert_int_equal(a.generation, NOW / 1000 + 20001);
  assert_int_equal(claim(&t, "h1", NOW - 30 * SECOND, &a), 0);
  assert_int_equal(a.generation, NOW / 1000 + 20002);
  vr_locations_clear(&t);
}

/* What was given by a clock that was a year ahead is refused by all others. */
static void test_a_clock_that_was_wrong_does_no_lasting_harm(void **state) {
  (void)state;
  const int64_t wrong = NOW + 365 * 86400 * SECOND;
  const struct vr_mac mac = {{2, 0, 0, 0, 0, 1}};
  struct vr_locations t = {0};
  struct vr_announcement a;
  assert_int_equal(claim(&t, "h1", wrong, &a), 0);
  struct vr_location *l = vr_locations_find(&t, 10, &mac);
  vr_locations_renew(&t, l, wrong);
  assert_int_equal(l->generation, wrong / 1000);
  vr_locations_renew(&t, l, NOW);
  assert_int_equal(l->generation, NOW / 1000);
  vr_locations_renew(&t, l, NOW + SECOND);
  assert_int_equal(l->generation, NOW / 1000);
  assert_int_equal(claim(&t, "h1", wrong, &a), 0);
  assert_int_equal(claim(&t, "h1", NOW + SECOND, &a), 0);
  assert_int_equal(a.generation, NOW / 1000 + 1000);
  vr_locations_clear(&t);
}

static void test_generations_grow_across_a_reboot(void **state) {
  (void)state;
  struct vr_locations t = {.newest = (uint64_t)NOW / 1000 + 5000};
  struct vr_announcement a;
  assert_int_equal(claim(&t, "h1", NOW, &a), 0);
  assert_int_equal(a.generation, NOW / 1000 + 5001);
  vr_locations_clear(&t);
}

/* Two guests with one address: H1 is ours, H2 announces from elsewhere. */
static int fight(struct vr_locations *t, int round, int64_t now) {
  enum vr_locations_change c;
  struct vr_announcement a;
  if (round % 2 == 0)
    return claim(t, "h1", now, &a);
  const struct vr_mac mac = {{2, 0, 0, 0, 0, 1}};
  uint64_t generation = vr_locations_find(t, 10, &mac)->generation + 1;
  return take(t, said("h2", generation, now), &c) == VR_REFUSAL_NONE ? 0 : -1;
}

static void test_two_of_one_address_come_to_rest(void **state) {
  (void)state;
  struct vr_locations t = {0};
  int64_t now = NOW;
  struct vr_announcement a;
  int round = 0;
  /* The first is no move; five moves follow, the last one to h2. */
  for (; round <= 5; round++, now += SECOND)
    assert_int_equal(fight(&t, round, now), 0);
  assert_string_equal(host_of(&t), "h2");
  assert_int_equal(claim(&t, "h1", now, &a), -EBUSY);
  /* As long as it is tried, it stays. */
  for (int i = 0; i < 10; i++, now += 100 * SECOND)
    assert_int_equal(claim(&t, "h1", now, &a), -EBUSY);
  assert_string_equal(host_of(&t), "h2");
  /* Once nobody has tried for 180 s, a migration is a migration. */
  now += 81 * SECOND;
  assert_int_equal(claim(&t, "h1", now, &a), 0);
  assert_string_equal(host_of(&t), "h1");
  vr_locations_clear(&t);
}

/* A guest that migrates to and fro has a new VMM each time. */
static void test_who_migrates_is_never_held(void **state) {
  (void)state;
  struct vr_locations t = {0};
  struct vr_location *l;
  int64_t now = NOW;
  for (unsigned i = 0; i < 40; i++, now += 4 * SECOND) {
    if (i % 2 == 1) {
      assert_int_equal(fight(&t, 1, now), 0);
      continue;
    }
    struct vr_announcement a = said("h1", 0, 0);
    assert_int_equal(vr_locations_claim(&t, &a, 3, 100 + i, now, &l), 0);
  }
  /* But one of them that comes back to fight for it is. */
  struct vr_announcement a = said("h1", 0, 0);
  assert_int_equal(vr_locations_claim(&t, &a, 3, 138, now, &l), -EBUSY);
  vr_locations_clear(&t);
}

/* Two guests of one address on one host. */
static void test_two_on_one_host_come_to_rest(void **state) {
  (void)state;
  struct vr_locations t = {0};
  struct vr_location *l;
  int held = 0;
  for (unsigned i = 0; i < 20; i++) {
    struct vr_announcement a = said("h1", 0, 0);
    strcpy(a.guest, i % 2 ? "one" : "two");
    held += vr_locations_claim(&t, &a, 3 + i % 2, 1 + i % 2,
                               NOW + (int64_t)i * SECOND, &l) == -EBUSY;
  }
  assert_true(held >= 7);
  assert_int_equal(l->n_moves, VR_LOCATIONS_MOVES);
  vr_locations_clear(&t);
}

static void test_slow_moves_are_never_held(void **state) {
  (void)state;
  struct vr_locations t = {0};
  for (int i = 0; i < 40; i++)
    assert_int_equal(fight(&t, i, NOW + i * 46 * SECOND), 0);
  vr_locations_clear(&t);
}

static void test_there_is_an_end_to_memory(void **state) {
  (void)state;
  struct vr_locations t = {0};
  enum vr_locations_change c;
  struct vr_announcement a = said("h1", 5, NOW);
  for (unsigned i = 0; i < VR_LOCATIONS_MAX; i++) {
    a.mac = (struct vr_mac){{2, 1, (uint8_t)(i >> 24), (uint8_t)(i >> 16),
                             (uint8_t)(i >> 8), (uint8_t)i}};
    assert_int_equal(take(&t, a, &c), VR_REFUSAL_NONE);
  }
  assert_int_equal(take(&t, said("h1", 5, NOW), &c), VR_REFUSAL_FULL);
  a.sent++;
  assert_int_equal(take(&t, a, &c), VR_REFUSAL_NONE);
  vr_locations_clear(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_the_newest_holds),
      cmocka_unit_test(test_said_again_and_replayed),
      cmocka_unit_test(test_who_has_gone_does_not_come_back_by_old_words),
      cmocka_unit_test(test_all_agree_on_a_tie),
      cmocka_unit_test(test_all_agree_whatever_the_order),
      cmocka_unit_test(test_a_claim_outdoes_everything),
      cmocka_unit_test(test_a_clock_that_was_wrong_does_no_lasting_harm),
      cmocka_unit_test(test_generations_grow_across_a_reboot),
      cmocka_unit_test(test_two_of_one_address_come_to_rest),
      cmocka_unit_test(test_who_migrates_is_never_held),
      cmocka_unit_test(test_two_on_one_host_come_to_rest),
      cmocka_unit_test(test_slow_moves_are_never_held),
      cmocka_unit_test(test_there_is_an_end_to_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
