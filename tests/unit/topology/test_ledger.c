/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/ledger.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define A "525400000001"
#define B "525400000002"
#define B2 "525400000003"
#define ROUTER "0200000000fe"

static struct vr_ledger *l;
static struct vr_windows w;
static vr_time now;

static int begin(void **state) {
  (void)state;
  struct vr_ledger_options o = vr_ledger_defaults();
  l = vr_ledger_new(&o);
  vr_windows_init(&w, 100, 1000);
  now = 1700000000 * VR_SECOND;
  return l ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  vr_ledger_free(l);
  vr_windows_clear(&w);
  return 0;
}

/* The rows of the last close, by "guest peer". */
static struct {
  char name[64];
  int64_t rx, tx;
} rows[64];
static size_t n_rows;

static void take_row(void *ctx, const struct vr_ledger_row *row) {
  (void)ctx;
  snprintf(rows[n_rows].name, sizeof(rows[0].name), "%.30s %.30s", row->guest,
           row->peer);
  rows[n_rows].rx = row->octets[0];
  rows[n_rows++].tx = row->octets[1];
}

static void close_window(void) {
  n_rows = 0;
  vr_ledger_close(l, now, &w, take_row, NULL);
  now += 10 * VR_SECOND;
}

static int64_t row_rx(const char *name) {
  for (size_t i = 0; i < n_rows; i++)
    if (strcmp(rows[i].name, name) == 0)
      return rows[i].rx;
  return -1;
}

static double rate(const char *from, const char *to) {
  struct vr_matrix m;
  assert_int_equal(vr_windows_matrix(&w, &m), 0);
  long f = vr_windows_matrix_guest(&m, from),
       t = vr_windows_matrix_guest(&m, to);
  double x = f < 0 || t < 0 ? 0 : m.rate[(size_t)f * m.n + (size_t)t];
  vr_windows_matrix_clear(&m);
  return x;
}

static void macs(const char *host) {
  assert_int_equal(vr_ledger_mac(l, host, "a", A, now), 0);
  assert_int_equal(vr_ledger_mac(l, "h2", "b", B, now), 0);
  assert_int_equal(vr_ledger_mac(l, "h2", "b", B2, now), 0);
}

static int counted(const char *host, const char *guest, const char *peer,
                   int64_t rx, int64_t tx) {
  /* The host's clock is an hour behind. */
  return vr_ledger_count(
      l, host, guest, peer,
      &(struct vr_ledger_count){.unit = VR_LEDGER_OCTETS,
                                .rx = rx,
                                .tx = tx,
                                .time = now - 3600 * VR_SECOND,
                                .arrival = now});
}

static void count(const char *host, const char *guest, const char *peer,
                  int64_t rx, int64_t tx) {
  assert_int_equal(counted(host, guest, peer, rx, tx), 0);
}

/* a sends 100 bytes/s to b's first address and 20 to its second, both ends
 * report; the router gets 7. */
static void sums_by_name(void **state) {
  (void)state;
  assert_int_equal(vr_ledger_name_peer(l, ROUTER, "router", VR_LEDGER_EVER), 0);
  for (int64_t t = 0; t <= 80; t += 10) {
    macs("h1");
    count("h1", "a", B, 100 * t, 0);
    count("h1", "a", B2, 20 * t, 0);
    count("h1", "a", ROUTER, 7 * t, 0);
    count("h1", "a", "broadcast", 3 * t, 0);
    count("h1", "a", "02ffffffffff", t, 0);
    count("h2", "b", A, 0, 120 * t);
    close_window();
  }
  assert_int_equal(row_rx("a b"), 120 * 80);
  assert_int_equal(row_rx("a router"), 7 * 80);
  assert_int_equal(row_rx("a broadcast"), 3 * 80);
  assert_int_equal(row_rx("a outside"), 80);
  assert_true(rate("a", "b") == 120); /* not twice, though both ends count */
  assert_true(rate("b", "a") == 0);
  assert_string_equal(vr_ledger_host(l, "a"), "h1");
  assert_null(vr_ledger_host(l, "c"));
}

static void one_end_is_enough(void **state) {
  (void)state;
  for (int64_t t = 0; t <= 70; t += 10) {
    macs("h1");
    count("h2", "b", A, 0, 55 * t);
    close_window();
  }
  assert_true(rate("a", "b") == 55);
}

/* A host reports each minute, windows end every 10 s. */
static void a_slow_host_is_no_silent_one(void **state) {
  (void)state;
  for (int64_t t = 0; t <= 300; t += 10) {
    macs("h1");
    if (t % 60 == 0)
      assert_int_equal(vr_ledger_count(l, "h1", "a", B,
                                       &(struct vr_ledger_count){
                                           .unit = VR_LEDGER_OCTETS,
                                           .rx = 70 * t,
                                           .time = now,
                                           .arrival = now,
                                           .interval = 60 * VR_SECOND}),
                       0);
    close_window();
  }
  assert_true(rate("a", "b") == 70);
}

/* The source stops in the middle, the target begins anew at 0: the row by name
 * only rises. */
static void a_migration_breaks_no_row(void **state) {
  (void)state;
  int64_t last = 0;
  for (int64_t t = 0; t <= 200; t += 10) {
    const char *host = t < 100 ? "h1" : "h3";
    macs(host);
    count(host, "a", B, t < 100 ? 100 * t + 5000 : 100 * (t - 100), 0);
    close_window();
    assert_true(row_rx("a b") >= last);
    last = row_rx("a b");
    if (t >= 60)
      assert_true(rate("a", "b") == 100);
  }
  /* 9 steps at the source, 10 at the target. */
  assert_int_equal(last, 1900 * 10);
  assert_string_equal(vr_ledger_host(l, "a"), "h3");
}

static void while_it_moves_the_host_is_the_old_one(void **state) {
  (void)state;
  macs("h1");
  now += 10 * VR_SECOND;
  macs("h3");
  macs("h1");
  assert_string_equal(vr_ledger_host(l, "a"), "h1");
  now += 30 * VR_SECOND;
  macs("h3");
  assert_string_equal(vr_ledger_host(l, "a"), "h3");
}

static void a_counter_that_fell_adds_nothing(void **state) {
  (void)state;
  macs("h1");
  count("h1", "a", B, 1000000, 0);
  close_window();
  count("h1", "a", B, 10, 0);
  close_window();
  count("h1", "a", B, 110, 0);
  close_window();
  assert_int_equal(row_rx("a b"), 100);
}

static void what_is_gone_is_forgotten(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    macs("h1");
    count("h1", "a", B, i * 100, 0);
    close_window();
  }
  assert_int_equal(n_rows, 1);
  for (int i = 0; i < 7; i++)
    close_window();
  assert_int_equal(n_rows, 0);
  assert_int_equal(vr_ledger_stats(l).flows, 0);
  for (int i = 0; i < 80; i++)
    close_window();
  assert_int_equal(vr_ledger_stats(l).guests, 0);
  assert_int_equal(vr_ledger_stats(l).macs, 0);
  assert_int_equal(vr_ledger_stats(l).rows, 0);
  assert_true(rate("a", "b") == 0);
}

static void an_address_has_one_owner(void **state) {
  (void)state;
  assert_int_equal(vr_ledger_mac(l, "h1", "a", A, now), 0);
  assert_int_equal(vr_ledger_mac(l, "h2", "thief", A, now + 1), -EBUSY);
  assert_int_equal(vr_ledger_mac(l, "h2", "heir", A, now + 60 * VR_SECOND), 0);
}

static void refuses_what_is_no_address(void **state) {
  (void)state;
  static const char *const bad[] = {"",
                                    "52540000000",
                                    "5254000000011",
                                    "52:54:00:00:00:01",
                                    "52540000000G",
                                    "5254000000AB"};
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(vr_ledger_mac(l, "h", "a", bad[i], now), -EINVAL);
    assert_int_equal(counted("h", "a", bad[i], 1, 1), -EINVAL);
  }
  assert_int_equal(counted("h", "", A, 1, 1), -EINVAL);
  assert_int_equal(counted("h", "a", A, -1, 1), -EINVAL);
}

static void names_from_outside_are_cleaned(void **state) {
  (void)state;
  assert_int_equal(vr_ledger_mac(l, "h", "../x\n", A, now), 0);
  assert_int_equal(vr_ledger_mac(l, "h", "outside", B, now), 0);
  for (int i = 0; i < 2; i++) {
    count("h", "../x\n", B, 100 * i, 0);
    close_window();
  }
  /* A guest that is called like a sum does not become one. */
  assert_int_equal(row_rx(".._x_ guest_outside"), 100);
}

static void a_flood_of_names_is_bounded(void **state) {
  (void)state;
  vr_ledger_free(l);
  l = vr_ledger_new(&(struct vr_ledger_options){
      .max_guests = 10, .max_flows = 50, .interval = 10 * VR_SECOND});
  for (unsigned i = 0; i < 100000; i++) {
    char guest[24], mac[16];
    snprintf(guest, sizeof(guest), "g%u", i);
    snprintf(mac, sizeof(mac), "%012x", i);
    vr_ledger_mac(l, "h", guest, mac, now);
    counted("h", guest, mac, i, i);
  }
  struct vr_ledger_stats s = vr_ledger_stats(l);
  assert_true(s.guests <= 10 && s.flows <= 50);
  assert_true(s.macs <= 20 && s.refused > 0);
  close_window();
  assert_true(vr_ledger_stats(l).rows <= 50);
  /* Another host still finds room. */
  assert_int_equal(vr_ledger_mac(l, "h2", "good", A, now), 0);
  assert_int_equal(counted("h2", "good", B, 1, 1), 0);
}

static void the_matrix_is_the_median_of_six(void **state) {
  (void)state;
  static const double sent[] = {10, 20, 1000, 30, 40, 50};
  for (int i = 0; i < 6; i++) {
    vr_windows_add(&w, "x", "y", VR_WINDOWS_SENDER, sent[i]);
    vr_windows_add(&w, "x", "x", VR_WINDOWS_SENDER, 1e9);
    vr_windows_add(&w, "y", "x", VR_WINDOWS_SENDER, NAN);
    vr_windows_close(&w);
  }
  assert_true(rate("x", "y") == 35); /* of 10 20 30 40 50 1000 */
  assert_int_equal(w.n_guests, 2);
  for (int i = 0; i < 6; i++)
    vr_windows_close(&w);
  assert_int_equal(w.n_guests, 0);
}

/* What arrives is what the receiver sees, 0 as well; where its host does not
 * count that, what was sent. */
static void what_arrives_is_what_the_receiver_sees(void **state) {
  (void)state;
  struct vr_windows seen;
  struct vr_matrix m;
  vr_windows_init(&seen, 10, 10);
  for (int i = 0; i < 3; i++) {
    vr_windows_add(&seen, "a", "b", VR_WINDOWS_SENDER, 100);
    vr_windows_add(&seen, "a", "b", VR_WINDOWS_RECEIVER, i < 2 ? 90 : 0);
    vr_windows_add(&seen, "a", "c", VR_WINDOWS_SENDER, 50);
    vr_windows_add(&seen, "a", "c", VR_WINDOWS_RECEIVER, 0);
    vr_windows_close(&seen);
  }
  assert_int_equal(vr_windows_matrix(&seen, &m), 0);
  size_t a = (size_t)vr_windows_matrix_guest(&m, "a") * m.n;
  size_t b = (size_t)vr_windows_matrix_guest(&m, "b");
  size_t c = (size_t)vr_windows_matrix_guest(&m, "c");
  assert_true(m.rate[a + b] == 100 && m.arrived[a + b] == 90);
  assert_true(m.latest[a + b] == 0 && m.sent[a + b] == 100);
  assert_true(m.arrived[a + c] == 50 && m.latest[a + c] == 50);
  vr_windows_matrix_clear(&m);
  vr_windows_clear(&seen);
}

static void windows_are_bounded(void **state) {
  (void)state;
  vr_windows_clear(&w);
  vr_windows_init(&w, 5, 8);
  for (int round = 0; round < 50; round++) {
    for (int i = 0; i < 40; i++) {
      char from[16], to[16];
      snprintf(from, sizeof(from), "g%d", i % 7 + round);
      snprintf(to, sizeof(to), "g%d", i % 3);
      vr_windows_add(&w, from, to, VR_WINDOWS_SENDER, 1);
    }
    vr_windows_close(&w);
    assert_true(w.n_guests <= 5 && w.n_pairs <= 8);
  }
}

/* Against a list that is searched from end to end. */
static void an_index_finds_what_is_in_it(void **state) {
  (void)state;
  struct vr_index x;
  bool in[400] = {0};
  uint32_t number = 1;
  vr_index_init(&x, 300);
  size_t n = 0;
  for (int step = 0; step < 20000; step++) {
    number = number * 1664525 + 1013904223;
    uint32_t key = number >> 8 & 0xff, add = number >> 20 & 1;
    if (add && !in[key])
      assert_int_equal(vr_index_set(&x, &key, sizeof(key), key + 7), 0);
    else if (!add)
      vr_index_remove(&x, &key, sizeof(key));
    n += (add && !in[key]) - (size_t)(!add && in[key]);
    in[key] = add;
    assert_int_equal(x.n, n);
    for (uint32_t k = step % 5; k < 256; k += 5)
      assert_int_equal(vr_index_find(&x, &k, sizeof(k)),
                       in[k] ? (long)k + 7 : -ENOENT);
  }
  vr_index_clear(&x);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(sums_by_name),
      TEST(one_end_is_enough),
      TEST(a_slow_host_is_no_silent_one),
      TEST(a_migration_breaks_no_row),
      TEST(while_it_moves_the_host_is_the_old_one),
      TEST(a_counter_that_fell_adds_nothing),
      TEST(what_is_gone_is_forgotten),
      TEST(an_address_has_one_owner),
      TEST(refuses_what_is_no_address),
      TEST(names_from_outside_are_cleaned),
      TEST(a_flood_of_names_is_bounded),
      TEST(the_matrix_is_the_median_of_six),
      TEST(what_arrives_is_what_the_receiver_sees),
      TEST(windows_are_bounded),
      TEST(an_index_finds_what_is_in_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
