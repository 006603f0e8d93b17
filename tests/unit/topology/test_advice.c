/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "basic/file.h"
#include "instances.h"
#include "topology/advice_anneal.h"
#include "topology/instance.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct vr_advice_options thorough = {200, 0.002};

/* Two hosts, two pairs that talk, each pair split over both. */
static const char split[] =
    "{\"format\": \"vmrecon-instance\", \"version\": 1, \"hosts\": ["
    "{\"name\": \"h1\", \"memory\": 300}, {\"name\": \"h2\", \"memory\": 300}],"
    "\"guests\": ["
    "{\"name\": \"a\", \"host\": \"h1\", \"memory\": 100},"
    "{\"name\": \"b\", \"host\": \"h2\", \"memory\": 200},"
    "{\"name\": \"c\", \"host\": \"h1\", \"memory\": 100}],"
    "\"demands\": [{\"from\": \"a\", \"to\": \"b\", "
    "\"bytes_per_second\": 1000},"
    "{\"from\": \"c\", \"to\": \"b\", \"bytes_per_second\": 400}],"
    "\"apart\": [%s]}";

static void advise(const char *apart, struct vr_instance *i,
                   struct vr_advice *a) {
  char text[1024];
  struct vr_error e;
  snprintf(text, sizeof(text), split, apart);
  assert_int_equal(vr_instance_parse("test", text, i, &e), 0);
  assert_int_equal(vr_advice_find(&i->placement, &i->options, a), 0);
}

/* Room on h2 is 100: a goes there, which saves 1000 of 1400; then h2 is full.
 */
static void moves_the_one_that_talks_most(void **state) {
  (void)state;
  struct vr_instance i;
  struct vr_advice a;
  advise("", &i, &a);
  assert_int_equal(a.n_steps, 1);
  assert_false(a.steps[0].is_swap);
  assert_string_equal(i.placement.guests[a.steps[0].guest].name, "a");
  assert_true(a.steps[0].bytes == 1000 && a.copy == 100);
  assert_true(a.crossing == 1400 && a.crossing_advised == 400);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
}

static void keeps_apart_what_must_be(void **state) {
  (void)state;
  struct vr_instance i;
  struct vr_advice a;
  advise("[\"a\", \"b\"]", &i, &a);
  assert_int_equal(a.n_steps, 1);
  assert_string_equal(i.placement.guests[a.steps[0].guest].name, "c");
  assert_true(a.crossing_advised == 1000);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
  advise("[\"a\", \"b\"], [\"c\", \"b\"]", &i, &a);
  assert_int_equal(a.n_steps, 0);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
}

static void prints_what_it_advises(void **state) {
  (void)state;
  struct vr_instance i;
  struct vr_advice a;
  advise("", &i, &a);
  char *text = vr_advice_text(&i.placement, &a);
  assert_non_null(strstr(text, "move a from h1 to h2: 1000 bytes/s less"));
  free(text);
  text = vr_advice_json(&i.placement, &a);
  json_auto_t *json = json_loads(text, 0, NULL);
  const json_t *step = json_array_get(json_object_get(json, "steps"), 0);
  assert_string_equal(json_string_value(json_object_get(step, "guest")), "a");
  free(text);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
}

/* Follows the steps one by one: each of them is allowed, and they lead where
 * the advice says. */
static void check_steps(const struct vr_placement *p,
                        const struct vr_advice *a) {
  size_t host[64];
  for (size_t i = 0; i < p->n_guests; i++)
    host[i] = p->guests[i].host;
  double before = vr_placement_crossing(p, host);
  for (size_t s = 0; s < a->n_steps; s++) {
    const struct vr_advice_step *step = &a->steps[s];
    assert_int_equal(host[step->guest], step->from);
    host[step->guest] = step->to;
    if (step->is_swap) {
      assert_int_equal(host[step->other], step->to);
      host[step->other] = step->from;
    }
    assert_true(vr_placement_is_allowed(p, host));
    double after = vr_placement_crossing(p, host);
    assert_true(fabs(before - after - step->bytes) < 1e-9 * (1 + before));
    before = after;
  }
  assert_true(fabs(before - a->crossing_advised) < 1e-9 * (1 + before));
  assert_memory_equal(host, a->host, p->n_guests * sizeof(*host));
}

static double excess(const struct problem *what, struct random *r,
                     bool annealing) {
  struct vr_placement p;
  struct vr_advice a;
  const struct vr_advice_options usual = vr_advice_defaults();
  make_problem(r, what, &p);
  assert_int_equal(vr_advice_find(&p, &usual, &a), 0);
  check_steps(&p, &a);
  double judge = annealing ? annealed_crossing(r, &p) : least_crossing(&p);
  double points = 100 * (a.crossing_advised - judge) / a.total;
  vr_advice_clear(&a);
  vr_placement_clear(&p);
  return points;
}

/* Each single problem, not only their mean. */
static void is_near_the_optimum(void **state) {
  (void)state;
  struct random r = random_of(21);
  for (unsigned flows = 0; flows < FLOWS; flows++)
    for (unsigned apart = 0; apart <= 2; apart += 2)
      for (int i = 0; i < 6; i++) {
        struct problem what = {8, 3, flows, 1.25, apart, 0};
        assert_true(excess(&what, &r, false) <= 10);
      }
}

static void is_near_annealing(void **state) {
  (void)state;
  struct random r = random_of(22);
  for (unsigned flows = 0; flows < FLOWS; flows++) {
    struct problem what = {36, 6, flows, 1.25, 4, 0};
    assert_true(excess(&what, &r, true) <= 5);
  }
}

static void find_in(const char *text, const struct vr_advice_options *options,
                    struct vr_instance *i, struct vr_advice *a) {
  struct vr_error e;
  assert_int_equal(vr_instance_parse("test", text, i, &e), 0);
  assert_int_equal(vr_advice_find(&i->placement, options, a), 0);
  check_steps(&i->placement, a);
}

/* Three full hosts, and a guest on each that belongs on the next: nobody can
 * move alone, and only one of two that swap arrives. */
static const char cycle[] =
    "{\"format\": \"vmrecon-instance\", \"version\": 1, \"hosts\": ["
    "{\"name\": \"h1\", \"memory\": 2}, {\"name\": \"h2\", \"memory\": 2}, "
    "{\"name\": \"h3\", \"memory\": 2}], \"guests\": ["
    "{\"name\": \"s1\", \"host\": \"h1\", \"memory\": 1, \"fixed\": true},"
    "{\"name\": \"s2\", \"host\": \"h2\", \"memory\": 1, \"fixed\": true},"
    "{\"name\": \"s3\", \"host\": \"h3\", \"memory\": 1, \"fixed\": true},"
    "{\"name\": \"x\", \"host\": \"h1\", \"memory\": 1},"
    "{\"name\": \"y\", \"host\": \"h2\", \"memory\": 1},"
    "{\"name\": \"z\", \"host\": \"h3\", \"memory\": 1}], \"demands\": ["
    "{\"from\": \"x\", \"to\": \"s2\", \"bytes_per_second\": 100},"
    "{\"from\": \"y\", \"to\": \"s3\", \"bytes_per_second\": 100},"
    "{\"from\": \"z\", \"to\": \"s1\", \"bytes_per_second\": 100}], "
    "\"apart\": []}";

static void rotates_three_on_full_hosts(void **state) {
  (void)state;
  const struct vr_advice_options usual = vr_advice_defaults();
  struct vr_instance i;
  struct vr_advice a;
  find_in(cycle, &usual, &i, &a);
  assert_true(a.crossing == 300 && a.crossing_advised == 0);
  assert_int_equal(a.n_steps, 2);
  assert_true(a.steps[0].is_swap && a.steps[0].needs_room);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
}

static void takes_no_more_steps_than_asked_for(void **state) {
  (void)state;
  struct vr_instance i;
  struct vr_advice a;
  find_in(cycle, &(struct vr_advice_options){1, .001}, &i, &a);
  assert_int_equal(a.n_steps, 1);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
  find_in(cycle, &(struct vr_advice_options){0, .001}, &i, &a);
  assert_int_equal(a.n_steps, 0);
  assert_true(a.crossing_advised == 300);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
  /* All together save all bytes with three guests moved twice: not worth it. */
  find_in(cycle, &(struct vr_advice_options){9, .6}, &i, &a);
  assert_int_equal(a.n_steps, 0);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
}

/* Two that belong together and to a third one: neither goes there alone. */
static void moves_a_small_group(void **state) {
  (void)state;
  static const char group[] =
      "{\"format\": \"vmrecon-instance\", \"version\": 1, \"hosts\": ["
      "{\"name\": \"h1\", \"memory\": 3}, {\"name\": \"h2\", \"memory\": 3}], "
      "\"guests\": [{\"name\": \"a\", \"host\": \"h1\", \"memory\": 1},"
      "{\"name\": \"b\", \"host\": \"h1\", \"memory\": 1},"
      "{\"name\": \"c\", \"host\": \"h2\", \"memory\": 1, \"fixed\": true}],"
      "\"demands\": ["
      "{\"from\": \"a\", \"to\": \"b\", \"bytes_per_second\": 100},"
      "{\"from\": \"a\", \"to\": \"c\", \"bytes_per_second\": 80},"
      "{\"from\": \"b\", \"to\": \"c\", \"bytes_per_second\": 80}], "
      "\"apart\": []}";
  const struct vr_advice_options usual = vr_advice_defaults();
  struct vr_instance i;
  struct vr_advice a;
  find_in(group, &usual, &i, &a);
  assert_int_equal(a.n_steps, 2);
  assert_true(a.crossing == 160 && a.crossing_advised == 0);
  vr_advice_clear(&a);
  vr_instance_clear(&i);
}

/* What annealing passes through is allowed, and it is the same each time. */
static void anneals_within_the_limits(void **state) {
  (void)state;
  struct random r = random_of(27);
  for (unsigned flows = 0; flows < FLOWS; flows++) {
    struct problem what = {12, 3, flows, 1.2, 2, .9};
    struct vr_placement p;
    size_t host[2][12];
    make_problem(&r, &what, &p);
    for (int k = 0; k < 2; k++) {
      struct vr_advice_state s = {0};
      assert_int_equal(vr_advice_state_init(&s, &p), 0);
      vr_advice_anneal(&s, 0, 1, host[k]);
      assert_true(vr_placement_is_allowed(&p, s.host));
      assert_true(vr_placement_is_allowed(&p, host[k]));
      vr_advice_state_clear(&s);
    }
    assert_memory_equal(host[0], host[1], sizeof(host[0]));
    vr_placement_clear(&p);
  }
}

static void keeps_the_limits_of_network_cards(void **state) {
  (void)state;
  struct random r = random_of(23);
  for (unsigned flows = 0; flows < FLOWS; flows++) {
    struct problem what = {9, 3, flows, 1.3, 1, 0.9};
    struct vr_placement p;
    struct vr_advice a;
    make_problem(&r, &what, &p);
    assert_int_equal(vr_advice_find(&p, &thorough, &a), 0);
    check_steps(&p, &a);
    vr_advice_clear(&a);
    vr_placement_clear(&p);
  }
}

static void replay_gives_the_same_answer(void **state) {
  (void)state;
  struct random r = random_of(24);
  for (unsigned flows = 0; flows < FLOWS; flows++) {
    struct vr_instance i = {.options = {12, 0.01}, .time = 1700000000}, back;
    struct vr_advice a, again;
    struct vr_error e;
    make_problem(&r, &(struct problem){20, 4, flows, 1.25, 3, 0}, &i.placement);
    assert_int_equal(vr_advice_find(&i.placement, &i.options, &a), 0);
    i.advice = vr_advice_json(&i.placement, &a);
    char *text = vr_instance_format(&i);
    assert_int_equal(vr_instance_parse("test", text, &back, &e), 0);
    assert_int_equal(vr_advice_find(&back.placement, &back.options, &again), 0);
    char *json = vr_advice_json(&back.placement, &again);
    assert_string_equal(json, i.advice);
    assert_string_equal(back.advice, i.advice);
    assert_true(back.time == i.time);
    free(json);
    free(text);
    vr_advice_clear(&a);
    vr_advice_clear(&again);
    vr_instance_clear(&i);
    vr_instance_clear(&back);
  }
}

/* Which field is wrong is said. */
static void names_the_field_that_is_wrong(void **state) {
  (void)state;
#define HEAD "{\"format\": \"vmrecon-instance\", \"version\": 1, "
#define HOSTS HEAD "\"hosts\": [{\"name\": \"h\"}], "
#define GUESTS HOSTS "\"guests\": [{\"name\": \"a\", \"host\": \"h\"}], "
  static const struct {
    const char *text, *field;
  } bad[] = {
      {"", "test:"},
      {"[]", "format"},
      {"{\"format\": \"x\"}", "format"},
      {"{\"format\": \"vmrecon-instance\", \"version\": 7}", "version"},
      {HEAD "\"hosts\": 3}", "hosts: must be an array"},
      {HEAD "\"hosts\": [3]}", "hosts[0].name"},
      {HEAD "\"hosts\": [{\"name\": \"\"}]}", "hosts[0].name"},
      {HEAD "\"hosts\": [{\"name\": \"h\", \"cpu\": -1}]}", "hosts[0].cpu"},
      {HEAD "\"hosts\": [{\"name\": \"h\", \"nic\": \"x\"}]}", "hosts[0].nic"},
      {HEAD "\"hosts\": [{\"name\": \"h\"}, {\"name\": \"h\"}]}",
       "hosts[1].name: is there twice"},
      {HOSTS "\"guests\": [{\"name\": \"a\"}]}", "guests[0].host"},
      {HOSTS "\"guests\": [{\"name\": \"a\", \"host\": \"x\"}]}",
       "guests[0].host: there is no host"},
      {HOSTS "\"guests\": [{\"name\": \"a\", \"host\": \"h\", "
             "\"memory\": 1e300}]}",
       "guests[0].memory"},
      {GUESTS "\"demands\": [{\"from\": \"a\", \"to\": \"\\u001b[2J\"}]}",
       "demands[0].to: there is no guest \"\\x1b[2J\""},
      {GUESTS "\"demands\": [{\"from\": \"a\", \"to\": \"a\"}]}",
       "demands[0].to"},
      {GUESTS "\"demands\": [], \"apart\": [[\"a\"]]}", "apart[0]"},
      {GUESTS "\"demands\": [], \"apart\": [[\"a\", \"b\"]]}", "apart[0]"},
      {GUESTS "\"demands\": [], \"options\": 3}", "options"},
      {GUESTS "\"demands\": [], \"options\": {\"least_gain\": 2}}",
       "options.least_gain"},
      {GUESTS "\"demands\": [], \"advice\": 3}", "advice"},
  };
  for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
    struct vr_instance i;
    struct vr_error e;
    assert_int_equal(vr_instance_parse("test", bad[k].text, &i, &e), -EINVAL);
    assert_non_null(strstr(e.message, bad[k].field));
  }
}

/* Any part of a good file, and any byte of it damaged, is refused or taken,
 * and nothing else happens. */
static void survives_damage(void **state) {
  (void)state;
  struct random r = random_of(25);
  struct vr_instance good = {.options = {12, 0.01}};
  make_problem(&r, &(struct problem){6, 2, 0, 1.3, 1, 0}, &good.placement);
  char *text = vr_instance_format(&good);
  size_t length = strlen(text);
  for (int trial = 0; trial < 3000; trial++) {
    char *copy = strdup(text);
    struct vr_instance i;
    struct vr_error e;
    copy[random_index(&r, (unsigned)length)] =
        (char)(1 + random_index(&r, 255));
    if (trial % 3 == 0)
      copy[random_index(&r, (unsigned)length)] = '\0';
    if (vr_instance_parse("test", copy, &i, &e) == 0)
      vr_instance_clear(&i);
    free(copy);
  }
  free(text);
  vr_instance_clear(&good);
}

static void reads_and_writes_files(void **state) {
  (void)state;
  char path[] = "/tmp/vmrecon-instance.XXXXXX";
  close(mkstemp(path));
  struct random r = random_of(26);
  struct vr_instance i = {.options = {5, 0.05}}, back;
  struct vr_error e;
  make_problem(&r, &(struct problem){6, 2, 0, 1.3, 1, 0}, &i.placement);
  char *text = vr_instance_format(&i);
  assert_int_equal(vr_file_write_atomic(path, text, strlen(text)), 0);
  free(text);
  assert_int_equal(vr_instance_read(path, &back, &e), 0);
  assert_int_equal(back.placement.n_guests, 6);
  assert_int_equal(back.options.max_steps, 5);
  vr_instance_clear(&back);
  vr_instance_clear(&i);
  unlink(path);
  assert_int_equal(vr_instance_read(path, &back, &e), -ENOENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(moves_the_one_that_talks_most),
      cmocka_unit_test(keeps_apart_what_must_be),
      cmocka_unit_test(prints_what_it_advises),
      cmocka_unit_test(is_near_the_optimum),
      cmocka_unit_test(is_near_annealing),
      cmocka_unit_test(rotates_three_on_full_hosts),
      cmocka_unit_test(moves_a_small_group),
      cmocka_unit_test(takes_no_more_steps_than_asked_for),
      cmocka_unit_test(anneals_within_the_limits),
      cmocka_unit_test(keeps_the_limits_of_network_cards),
      cmocka_unit_test(replay_gives_the_same_answer),
      cmocka_unit_test(names_the_field_that_is_wrong),
      cmocka_unit_test(survives_damage),
      cmocka_unit_test(reads_and_writes_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
