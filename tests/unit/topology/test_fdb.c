/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "topology/fdb.h"
#include "topology/windows_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define A "52:54:00:00:00:01"
#define B "52:54:00:00:00:02"
#define C "52:54:00:00:00:03"

/* As bridge(8) of iproute2 6.1 prints it. */
#define ENTRY(mac, more) "{\"mac\":\"" mac "\"," more "}"
#define TAP "\"ifname\":\"tap0\",\"flags\":[],\"master\":\"br0\",\"state\":\"\""
#define TO(n)                                                                  \
  "\"ifname\":\"vx0\",\"dst\":\"192.168.50." #n                                \
  "\",\"flags\":[\"self\"],\"state\":\"permanent\""
#define LEARNED(n)                                                             \
  "\"ifname\":\"vx0\",\"dst\":\"192.168.50." #n                                \
  "\",\"flags\":[\"self\"],\"state\":\"\""
#define VIA                                                                    \
  "\"ifname\":\"vx0\",\"flags\":[],\"master\":\"br0\",\"state\":\"static\""
#define OWN                                                                    \
  ENTRY("de:fa:76:c7:d5:ae", "\"ifname\":\"vx0\",\"flags\":[],\"master\":"     \
                             "\"br0\",\"state\":\"permanent\"")                \
  "," ENTRY("01:00:5e:00:00:01",                                               \
            "\"ifname\":\"br0\",\"flags\":[\"self\"],"                         \
            "\"state\":\"permanent\"") "," ENTRY("00:00:00:00:00:00", TO(2))

static struct vr_fdb *f;
static struct vr_fdb_finding found[16];
static size_t n_found;

static void take(void *ctx, const struct vr_fdb_finding *x) {
  (void)ctx;
  assert_true(n_found < 16);
  found[n_found++] = *x;
}

static int begin(void **state) {
  (void)state;
  f = vr_fdb_new();
  n_found = 0;
  return f ? 0 : -1;
}

static int end(void **state) {
  (void)state;
  vr_fdb_free(f);
  return 0;
}

static void host(const char *name, const char *json) {
  struct vr_error e;
  assert_int_equal(vr_fdb_parse(f, name, "test", json, &e), 0);
}

/* A on h1, B on h2, C on h3. */
static void places(void) {
  assert_int_equal(vr_fdb_place(f, "525400000001", "h1", "web"), 0);
  assert_int_equal(vr_fdb_place(f, B, "h2", "db"), 0);
  assert_int_equal(vr_fdb_place(f, "52:54:00:00:00:03", "h3", "cache"), 0);
}

static void healthy(const char *at_h3) {
  places();
  host("h1", "[" OWN "," ENTRY(A, TAP) "," ENTRY(B, TO(2)) "," ENTRY(
                 B, VIA) "," ENTRY(C, TO(3)) "]");
  host("h2",
       "[" ENTRY(B, TAP) "," ENTRY(A, TO(1)) "," ENTRY(C, LEARNED(3)) "]");
  host("h3", at_h3);
}

static void a_healthy_network_gives_no_finding(void **state) {
  (void)state;
  healthy("[" ENTRY(C, TAP) "," ENTRY(A, TO(1)) "," ENTRY(B, TO(2)) "]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 0);
  assert_int_equal(vr_fdb_stats(f).hosts, 3);
  assert_int_equal(vr_fdb_stats(f).compared, 10);
}

/* h3 still sends to h1 what is on h2 now; where tunnels end is taken from the
 * other entries. */
static void a_stale_tunnel_is_named(void **state) {
  (void)state;
  healthy("[" ENTRY(C, TAP) "," ENTRY(A, TO(1)) "," ENTRY(B, TO(1)) "]");
  vr_fdb_tunnel(f, "h1", "192.168.50.1");
  vr_fdb_tunnel(f, "h2", "192.168.50.2");
  assert_int_equal(vr_fdb_check(f, take, NULL), 1);
  assert_int_equal(found[0].fault, VR_FDB_ELSEWHERE);
  assert_string_equal(found[0].host, "h3");
  assert_string_equal(found[0].mac, B);
  assert_string_equal(found[0].guest, "db");
  assert_string_equal(found[0].believed, "h1");
  assert_string_equal(found[0].real, "h2");
  assert_true(found[0].is_static);
}

static void tunnel_ends_are_what_most_entries_say(void **state) {
  (void)state;
  places();
  assert_int_equal(vr_fdb_place(f, "52:54:00:00:00:12", "h2", "db2"), 0);
  host("h1", "[" ENTRY(B, TO(2)) "," ENTRY("52:54:00:00:00:12", TO(2)) "]");
  host("h3",
       "[" ENTRY(B, LEARNED(9)) "," ENTRY("52:54:00:00:00:12", TO(2)) "]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 1);
  assert_string_equal(found[0].host, "h3");
  assert_string_equal(found[0].destination, "192.168.50.9");
  assert_null(found[0].believed);
  assert_false(found[0].is_static);
}

static void a_guest_that_came_is_not_sent_away(void **state) {
  (void)state;
  healthy("[" ENTRY(C, TO(1)) "]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 1);
  assert_int_equal(found[0].fault, VR_FDB_AWAY);
  assert_string_equal(found[0].host, "h3");
}

static void a_port_into_a_tunnel_is_one(void **state) {
  (void)state;
  healthy("[" ENTRY(C, VIA) "," ENTRY("00:00:00:00:00:00", TO(1)) "]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 1);
  assert_int_equal(found[0].fault, VR_FDB_AWAY);
  assert_null(found[0].destination);
}

static void a_guest_that_left_is_not_on_a_port(void **state) {
  (void)state;
  healthy("[" ENTRY(C, TAP) "," ENTRY(A, TAP) "]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 1);
  assert_int_equal(found[0].fault, VR_FDB_HERE);
  assert_string_equal(found[0].host, "h3");
  assert_string_equal(found[0].real, "h1");
}

static void an_uplink_is_no_fault(void **state) {
  (void)state;
  places();
  host("h1", "[" ENTRY(A, TAP) "," ENTRY(B, "\"ifname\":\"eth0\",\"flags\":[],"
                                            "\"master\":\"br0\"") "]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 0);
}

static void an_address_in_two_places_is_said(void **state) {
  (void)state;
  places();
  vr_fdb_place(f, A, "h2", "web");
  host("h3", "[" ENTRY(A, TO(1)) "]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 1);
  assert_int_equal(found[0].fault, VR_FDB_TWICE);
  assert_string_equal(found[0].real, "h2");
}

static void rubbish_is_refused_or_passed_over(void **state) {
  (void)state;
  struct vr_error e;
  places();
  assert_int_equal(vr_fdb_parse(f, "h", "test", "", &e), -EINVAL);
  assert_int_equal(vr_fdb_parse(f, "h", "test", "{}", &e), -EINVAL);
  assert_int_equal(vr_fdb_parse(f, "h", "test", "[1]", &e), -EINVAL);
  assert_int_equal(vr_fdb_place(f, "52:54", "h", "g"), -EINVAL);
  assert_int_equal(vr_fdb_place(f, "52:54:00:00:00:zz", "h", "g"), -EINVAL);
  host("h1", "[{},{\"mac\":7,\"ifname\":[]},{\"mac\":\"" A "\"},"
             "{\"mac\":\"" A "\",\"ifname\":\"vx0\",\"dst\":7,\"flags\":3}]");
  assert_int_equal(vr_fdb_check(f, take, NULL), 0);
}

/* --- windows as a file, and the survey of machines --- */

static void a_file_of_windows_is_read(void **state) {
  (void)state;
  static const char text[] =
      "{\"format\": \"vmrecon-windows\", \"version\": 1, \"guests\": "
      "[{\"name\": \"a\", \"host\": \"h1\"}, {\"name\": \"b\", \"host\": "
      "\"h2\"}], \"windows\": ["
      "[{\"from\": \"a\", \"to\": \"b\", \"bytes_per_second\": 10}],"
      "[{\"from\": \"a\", \"to\": \"b\", \"bytes_per_second\": 30}]]}";
  struct vr_windows w;
  struct vr_survey s;
  struct vr_matrix m;
  struct vr_error e;
  struct vr_placement p;
  vr_windows_init(&w, 10, 10);
  vr_survey_init(&s, 10);
  assert_int_equal(vr_windows_parse("test", text, &w, &s, &e), 0);
  assert_int_equal(vr_windows_matrix(&w, &m), 0);
  assert_int_equal(m.n, 2);
  assert_true(m.rate[1] == 20);
  assert_int_equal(vr_survey_problem(&s, &m, NULL, 0, &p), 0);
  assert_true(vr_placement_total(&p) == 20);
  assert_int_equal(p.n_guests, 2);
  vr_placement_clear(&p);
  char *again = vr_windows_format(&m, &s);
  struct vr_windows w2;
  vr_windows_init(&w2, 10, 10);
  assert_int_equal(vr_windows_parse("test", again, &w2, &s, &e), 0);
  assert_int_equal(w2.n_pairs, 1);
  free(again);
  vr_windows_clear(&w2);
  vr_windows_matrix_clear(&m);
  vr_windows_clear(&w);
  vr_survey_clear(&s);
}

static void a_bad_file_of_windows_is_refused(void **state) {
  (void)state;
#define HEAD "{\"format\": \"vmrecon-windows\", \"version\": 1, "
  static const struct {
    const char *text, *field;
  } bad[] = {
      {"x", "test:1"},
      {"{}", "format"},
      {"{\"format\": \"vmrecon-windows\"}", "version"},
      {HEAD "\"windows\": 1}", "windows"},
      {HEAD "\"windows\": []}", "windows"},
      {HEAD "\"windows\": [{}]}", "windows[0]"},
      {HEAD "\"windows\": [[], [1]]}", "windows[1][0]"},
      {HEAD "\"windows\": [[{\"from\": \"a\", \"to\": \"b\", "
            "\"bytes_per_second\": -1}]]}",
       "windows[0][0]"},
      {HEAD "\"guests\": [{}], \"windows\": [[]]}", "guests[0]"},
  };
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    struct vr_windows w;
    struct vr_survey s;
    struct vr_error e;
    vr_windows_init(&w, 10, 10);
    vr_survey_init(&s, 10);
    assert_int_equal(vr_windows_parse("test", bad[i].text, &w, &s, &e),
                     -EINVAL);
    assert_non_null(strstr(e.message, bad[i].field));
    vr_windows_clear(&w);
    vr_survey_clear(&s);
  }
}

static void give(struct vr_survey *s, const char *guest, const char *type,
                 const char *instance, double value) {
  const struct vr_identifier id = {"h1", "vmrecon", guest, type, instance};
  assert_int_equal(vr_survey_take(s, &id, value), 0);
}

static void the_survey_knows_what_machines_have(void **state) {
  (void)state;
  struct vr_survey s;
  struct vr_matrix m = {0};
  struct vr_placement p;
  vr_survey_init(&s, 2);
  s.overcommit = 2;
  give(&s, "", "count", "cpus", 8);
  give(&s, "", "memory", "used", 10);
  give(&s, "", "memory", "free", 20);
  give(&s, "", "memory", "buffered", 3);
  give(&s, "", "memory", "available", 1e9); /* is no part of the whole */
  give(&s, "web", "count", "vcpus", 4);
  give(&s, "web", "memory", "configured", 7);
  give(&s, "web", "memory", "rss", 99);
  assert_int_equal(vr_survey_place(&s, "web", "h1"), 0);
  assert_int_equal(vr_survey_problem(&s, &m, NULL, 0, &p), 0);
  assert_true(p.hosts[0].cpu == 16);
  assert_true(isinf(p.hosts[0].memory)); /* a part is missing */
  assert_true(p.guests[0].cpu == 4 && p.guests[0].memory == 7);
  vr_placement_clear(&p);
  give(&s, "", "memory", "cached", 7);
  assert_int_equal(vr_survey_set_host(&s, "h1", NAN, NAN, 125), 0);
  assert_int_equal(vr_survey_problem(&s, &m, NULL, 0, &p), 0);
  assert_true(p.hosts[0].memory == 40 && p.hosts[0].nic == 125);
  vr_placement_clear(&p);
  assert_int_equal(vr_survey_place(&s, "x", "h2"), 0);
  assert_int_equal(vr_survey_place(&s, "y", "h3"), -ENOSPC);
  vr_survey_clear(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_healthy_network_gives_no_finding),
      TEST(a_stale_tunnel_is_named),
      TEST(tunnel_ends_are_what_most_entries_say),
      TEST(a_guest_that_came_is_not_sent_away),
      TEST(a_port_into_a_tunnel_is_one),
      TEST(a_guest_that_left_is_not_on_a_port),
      TEST(an_uplink_is_no_fault),
      TEST(an_address_in_two_places_is_said),
      TEST(rubbish_is_refused_or_passed_over),
      TEST(a_file_of_windows_is_read),
      TEST(a_bad_file_of_windows_is_refused),
      TEST(the_survey_knows_what_machines_have),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
