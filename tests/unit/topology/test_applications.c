/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "generate.h"
#include "topology/applications.h"
#include "topology/escape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct vr_applications apps;
static struct vr_windows w;
static vr_time now;
static unsigned announced;
static enum vr_topology last_said, said_before;
static char last_name[VR_APPLICATION_NAME];

static void announce(void *ctx, const struct vr_application *app,
                     enum vr_topology before) {
  (void)ctx;
  announced++;
  last_said = (enum vr_topology)app->dwell.announced;
  said_before = before;
  snprintf(last_name, sizeof(last_name), "%s", app->name);
}

static void begin_with(const struct vr_applications_options *o) {
  vr_windows_init(&w, 100, 10000);
  assert_int_equal(vr_applications_init(&apps, o), 0);
  now = 1700000000 * VR_SECOND;
  announced = 0;
}

static int begin(void **state) {
  (void)state;
  struct vr_applications_options o = vr_applications_defaults();
  begin_with(&o);
  return 0;
}

static int end(void **state) {
  (void)state;
  vr_applications_clear(&apps);
  vr_windows_clear(&w);
  return 0;
}

static const char *name(unsigned i) {
  static char text[4][16];
  static unsigned k;
  k = (k + 1) % 4;
  snprintf(text[k], sizeof(text[k]), "guest%u", i);
  return text[k];
}

/* One window of 10 s in which guests FIRST .. FIRST + 5 exchange T. */
static void send(const struct vr_template *t, unsigned first,
                 struct random *r) {
  for (unsigned i = 0; i < t->n; i++)
    for (unsigned j = 0; j < t->n; j++)
      if (t->adjacent[i] >> j & 1)
        vr_windows_add(&w, name(first + i), name(first + j), VR_WINDOWS_SENDER,
                       1e5 * exp(.3 * random_normal(r)) * (1 + i % 2));
}

static void step(void) {
  struct vr_matrix m;
  now += 10 * VR_SECOND;
  vr_windows_close(&w);
  assert_int_equal(vr_windows_matrix(&w, &m), 0);
  assert_int_equal(vr_applications_step(&apps, &m, now, announce, NULL), 0);
  vr_windows_matrix_clear(&m);
}

static void a_ring_is_announced_once_in_an_hour(void **state) {
  (void)state;
  struct random r = random_of(31);
  struct vr_template ring;
  assert_true(vr_template_ring(6, &ring));
  for (int i = 0; i < 360; i++) {
    send(&ring, 0, &r);
    step();
    if (i == 8) /* within 90 s */
      assert_int_equal(announced, 1);
  }
  assert_int_equal(announced, 1);
  assert_int_equal(last_said, VR_TOPOLOGY_RING);
  assert_int_equal(said_before, VR_TOPOLOGY_NONE);
  assert_int_equal(apps.n, 1);
  assert_true(apps.list[0].confidence > 90);
  assert_int_equal(apps.list[0].n_members, 6);
}

/* However often it changes. */
static void alternating(unsigned period) {
  struct random r = random_of(32);
  struct vr_template t[2];
  vr_time last = 0;
  assert_true(vr_template_ring(6, &t[0]) && vr_template_star(6, &t[1]));
  for (unsigned i = 0; i < 360; i++) {
    unsigned before = announced;
    send(&t[i / period % 2], 0, &r);
    step();
    assert_true(announced - before <= 1);
    if (announced == before)
      continue;
    assert_true(now - last >= 60 * VR_SECOND);
    last = now;
  }
}

static void
alternating_patterns_are_not_announced_more_than_once_a_minute(void **state) {
  static const unsigned periods[] = {1, 2, 3, 5, 7, 10};
  for (size_t i = 0; i < 6; i++) {
    end(state);
    begin(state);
    alternating(periods[i]);
  }
}

static void a_change_that_stays_is_announced(void **state) {
  (void)state;
  struct random r = random_of(33);
  struct vr_template ring, star;
  assert_true(vr_template_ring(6, &ring) && vr_template_star(6, &star));
  for (int i = 0; i < 20; i++) {
    send(&ring, 0, &r);
    step();
  }
  char before[VR_APPLICATION_NAME];
  snprintf(before, sizeof(before), "%s", last_name);
  for (int i = 0; i < 20; i++) {
    send(&star, 0, &r);
    step();
  }
  assert_int_equal(announced, 2);
  assert_int_equal(last_said, VR_TOPOLOGY_STAR);
  assert_int_equal(said_before, VR_TOPOLOGY_RING);
  assert_string_equal(last_name, before); /* it is still the same one */
}

static void two_applications_have_two_names(void **state) {
  (void)state;
  struct random r = random_of(34);
  struct vr_template ring, star;
  assert_true(vr_template_ring(6, &ring) && vr_template_star(5, &star));
  for (int i = 0; i < 20; i++) {
    send(&ring, 0, &r);
    send(&star, 10, &r);
    step();
  }
  assert_int_equal(apps.n, 2);
  assert_int_equal(announced, 2);
  assert_string_not_equal(apps.list[0].name, apps.list[1].name);
}

/* The star's centre has most traffic. */
static void the_largest_member_gives_the_name(void **state) {
  (void)state;
  struct random r = random_of(35);
  struct vr_template star;
  assert_true(vr_template_star(8, &star));
  for (int i = 0; i < 10; i++) {
    send(&star, 20, &r);
    step();
  }
  assert_string_equal(apps.list[0].name, "guest20");
}

static void a_given_name_goes_first(void **state) {
  (void)state;
  static const char *const members[] = {"guest2", "guest3", "elsewhere"};
  static const char *const others[] = {"guest40"};
  static const struct vr_applications_named named[] = {{"shop", 3, members},
                                                       {"other", 1, others}};
  static const char *const hubs[] = {"guest6"};
  struct random r = random_of(36);
  struct vr_template ring;
  struct vr_applications_options o = vr_applications_defaults();
  o.named = named;
  o.n_named = 2;
  o.hubs = hubs;
  o.n_hubs = 1;
  end(state);
  begin_with(&o);
  assert_true(vr_template_ring(6, &ring));
  for (int i = 0; i < 10; i++) {
    send(&ring, 0, &r);
    for (unsigned j = 0; j < 6; j++) /* a wheel, if guest6 were a member */
      vr_windows_add(&w, name(6), name(j), VR_WINDOWS_SENDER, 1e5);
    step();
  }
  assert_int_equal(apps.n, 1);
  assert_string_equal(apps.list[0].name, "shop");
  assert_int_equal(apps.list[0].now.topology, VR_TOPOLOGY_RING);
}

static void what_is_gone_is_forgotten(void **state) {
  (void)state;
  struct random r = random_of(37);
  struct vr_template ring;
  assert_true(vr_template_ring(6, &ring));
  for (int i = 0; i < 10; i++) {
    send(&ring, 0, &r);
    step();
  }
  for (int i = 0; i < 8; i++)
    step();
  assert_int_equal(apps.n, 1);
  assert_false(apps.list[0].is_present);
  for (int i = 0; i < 80; i++)
    step();
  assert_int_equal(apps.n, 0);
}

static void names_are_escaped(void **state) {
  (void)state;
  char text[32];
  assert_string_equal(vr_escape_text("a\x1b[2Jb", text, sizeof(text)),
                      "a\\x1b[2Jb");
  assert_string_equal(vr_escape_text("gr\xc3\xbc\xc3\x9f", text, sizeof(text)),
                      "gr\xc3\xbc\xc3\x9f");
  assert_string_equal(vr_escape_text("\xff\\", text, sizeof(text)),
                      "\\xff\\x5c");
  /* right-to-left override */
  assert_string_equal(vr_escape_text("\xe2\x80\xae", text, sizeof(text)),
                      "\\xe2\\x80\\xae");
  assert_string_equal(vr_escape_text("0123456789", text, 8), "0123...");
  assert_string_equal(vr_escape_dot("a\"];b", text, sizeof(text)), "a%x22];b");
  assert_string_equal(vr_escape_field("a/b\n", text, sizeof(text)), "a_b_");
  assert_string_equal(vr_escape_field("", text, sizeof(text)), "_");
  /* JSON takes no other text: a byte that is no character, one that is cut. */
  assert_string_equal(vr_escape_field("\xc3\xa4\xff", text, sizeof(text)),
                      "\xc3\xa4_");
  assert_string_equal(vr_escape_field("abc\xc3\xa4", text, 5), "abc");
}

static void describes_in_words(void **state) {
  (void)state;
  char text[64];
  vr_applications_describe(
      &(struct vr_classification){
          .topology = VR_TOPOLOGY_MESH, .n = 12, .side = 3},
      text, sizeof(text));
  assert_string_equal(text, "mesh 3x4");
  vr_applications_describe(
      &(struct vr_classification){
          .topology = VR_TOPOLOGY_BIPARTITE, .n = 7, .side = 2},
      text, sizeof(text));
  assert_string_equal(text, "bipartite 2,5");
  vr_applications_describe(
      &(struct vr_classification){.topology = VR_TOPOLOGY_RING, .n = 7}, text,
      sizeof(text));
  assert_string_equal(text, "ring of 7");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_ring_is_announced_once_in_an_hour),
      TEST(alternating_patterns_are_not_announced_more_than_once_a_minute),
      TEST(a_change_that_stays_is_announced),
      TEST(two_applications_have_two_names),
      TEST(the_largest_member_gives_the_name),
      TEST(a_given_name_goes_first),
      TEST(what_is_gone_is_forgotten),
      TEST(names_are_escaped),
      TEST(describes_in_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
