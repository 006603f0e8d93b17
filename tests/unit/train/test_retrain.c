/* SPDX-License-Identifier: MIT
 *
 * Training again: what is worse on new time does not take the place of what was
 * there, and what was there can be brought back. An archive of twenty minutes
 * of two guests whose context switches are 100 + 3 u, u of this second.
 */
#include "captured.h"
#include "recording.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 1200 };

static struct recording r;
static char models[96], others[96], captured[96], tree[96];

/* DELAY: of that second before. */
static void write_guest(const struct recording *to, const char *guest,
                        unsigned seed, size_t delay) {
  static double on[ROWS], u[ROWS], y[ROWS];
  char vm[32];
  snprintf(vm, sizeof(vm), "vmrecon-%s", guest);
  recording_on_off(seed, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 50 * (1 + on[i]) + 40 * recording_noise(&seed);
    y[i] = 100 + 3 * u[i < delay ? 0 : i - delay] + 10 * recording_noise(&seed);
  }
  recording_put_constant(to, "hv", vm, "gauge-accelerator", VR_ACCEL_KVM);
  recording_put_constant(to, "hv", vm, "count-vcpus", 1);
  recording_put(to, "hv", vm, "derive-vcpu_switches_voluntary", "value", u,
                NULL);
  recording_put(to, guest, "contextswitch", "contextswitch", "value", y, NULL);
}

static int set_up(void **state) {
  (void)state;
  recording_new(&r, ROWS);
  snprintf(tree, sizeof(tree), "%s", r.root);
  snprintf(models, sizeof(models), "%s-models", r.root);
  snprintf(others, sizeof(others), "%s-others", r.root);
  snprintf(captured, sizeof(captured), "%s-out", r.root);
  write_guest(&r, "a", 31, 0);
  write_guest(&r, "b", 32, 0);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  char command[400];
  snprintf(command, sizeof(command), "rm -rf %s %s %s", models, others,
           captured);
  assert_int_equal(system(command), 0);
  recording_remove(&r);
  return 0;
}

#define RUN(...)                                                               \
  captured_run(captured, true, (const char *const[]){__VA_ARGS__, NULL})
/* A law that is half a minute late, and one that is not. */
#define LATE "--na", "0", "--nb", "1", "--nk", "30"
#define IN_TIME "--na", "0", "--nb", "1", "--nk", "0"
/* The first ten minutes. */
#define FIRST_HALF "--end", "1700000600"

/* The delay of GUEST's model of context switches in FILE; -1: it has none. */
static int delay_in(const char *file, const char *guest) {
  char path[128];
  json_error_t error;
  json_t *m;
  size_t i;
  int nk = -1;
  snprintf(path, sizeof(path), "%s/%s", models, file);
  json_t *root = json_load_file(path, 0, &error);
  json_array_foreach(json_object_get(root, "models"), i, m) {
    json_t *in = json_array_get(json_object_get(m, "inputs"), 0);
    if (strcmp(json_string_value(json_object_get(m, "guest")), guest) == 0)
      nk = (int)json_integer_value(json_object_get(in, "delay"));
  }
  json_decref(root);
  return nk;
}

static int delay_of(const char *guest) {
  return delay_in("trained.json", guest);
}

static void forget(void) {
  char command[200];
  snprintf(command, sizeof(command), "rm -rf %s", models);
  assert_int_equal(system(command), 0);
}

static void test_worse_does_not_replace(void **state) {
  (void)state;
  forget();
  assert_int_equal(RUN("--no-known", tree, "-o", models, FIRST_HALF, IN_TIME),
                   VR_EXIT_OK);
  assert_int_equal(delay_of("a"), 0);
  assert_int_equal(RUN("--no-known", tree, "-o", models, LATE), VR_EXIT_OK);
  captured_assert(captured,
                  "guest a, contextswitch: the former model stays: in the 10 "
                  "minutes since it was trained its fit was ");
  assert_int_equal(delay_of("a"), 0);
  assert_int_equal(delay_of("b"), 0);
}

static void test_better_replaces(void **state) {
  (void)state;
  forget();
  assert_int_equal(RUN("--no-known", tree, "-o", models, FIRST_HALF, LATE),
                   VR_EXIT_OK);
  assert_int_equal(delay_of("a"), 30);
  assert_int_equal(RUN("--no-known", tree, "-o", models, IN_TIME), VR_EXIT_OK);
  assert_null(strstr(captured_text(captured), "stays"));
  assert_int_equal(delay_of("a"), 0);
  assert_int_equal(RUN("--rollback", models), VR_EXIT_OK);
  captured_assert(captured, "trained.json: the former models are back");
  assert_int_equal(delay_of("a"), 30);
  assert_int_equal(RUN("--rollback", models), VR_EXIT_OK);
  assert_int_equal(delay_of("a"), 0);
}

/* Time that both learned from says nothing: what is asked for is written. */
static void test_no_new_time(void **state) {
  (void)state;
  forget();
  assert_int_equal(RUN("--no-known", tree, "-o", models, IN_TIME), VR_EXIT_OK);
  assert_int_equal(RUN("--no-known", tree, "-o", models, LATE), VR_EXIT_OK);
  assert_int_equal(delay_of("a"), 30);
}

static void test_other_guests_stay(void **state) {
  (void)state;
  forget();
  assert_int_equal(RUN("--no-known", tree, "-o", models), VR_EXIT_OK);
  assert_int_equal(RUN("--no-known", tree, "-o", models, "--guest", "b", LATE),
                   VR_EXIT_OK);
  captured_assert(
      captured, "1 guest was not trained now: the former models of it stay\n");
  assert_int_equal(delay_of("a"), 0);
  assert_int_equal(delay_of("b"), 30);
}

static void test_nothing_to_go_back_to(void **state) {
  (void)state;
  forget();
  assert_int_equal(RUN("--no-known", tree, "-o", models), VR_EXIT_OK);
  assert_int_equal(RUN("--rollback", models), VR_EXIT_DATA);
  captured_assert(captured, "there is no former generation to go back to");
  assert_int_equal(delay_of("a"), 0);
  char path[128];
  snprintf(path, sizeof(path), "%s/trained.json.former", models);
  FILE *f = fopen(path, "w");
  fputs("{", f);
  fclose(f);
  assert_int_equal(RUN("--rollback", models), VR_EXIT_DATA);
  captured_assert(captured, "nothing was changed");
  assert_int_equal(delay_of("a"), 0);
}

/* The same of models for guests that were never seen, whose context switches
 * follow two seconds later, which no static gain knows. */
#define TWO_LATER "--na", "0", "--nb", "1", "--nk", "2"
static void test_pooled(void **state) {
  (void)state;
  struct recording delayed;
  recording_new(&delayed, ROWS);
  write_guest(&delayed, "a", 31, 2);
  write_guest(&delayed, "b", 32, 2);
  forget();
  assert_int_equal(
      RUN("--pool", delayed.root, "-o", models, FIRST_HALF, TWO_LATER),
      VR_EXIT_OK);
  assert_int_equal(delay_in("pooled.json", "*"), 2);
  assert_int_equal(RUN("--pool", delayed.root, "-o", models, LATE), VR_EXIT_OK);
  captured_assert(captured,
                  "guests never seen, contextswitch: the former model stays: "
                  "in the 10 minutes since it was trained its fit was 9");
  captured_assert(captured, "and no new one would be published");
  assert_int_equal(delay_in("pooled.json", "*"), 2);
  /* What both learned from says nothing. */
  assert_int_equal(RUN("--pool", delayed.root, "-o", models, TWO_LATER),
                   VR_EXIT_OK);
  assert_int_equal(RUN("--pool", delayed.root, "-o", models, LATE), VR_EXIT_OK);
  assert_null(strstr(captured_text(captured), "stays"));
  assert_int_equal(delay_in("pooled.json", "*"), 30);
  recording_remove(&delayed);
}

/* On the ten minutes that neither learned from. */
static void test_compare(void **state) {
  (void)state;
  forget();
  assert_int_equal(RUN("--no-known", tree, "-o", models, FIRST_HALF, LATE),
                   VR_EXIT_OK);
  assert_int_equal(RUN("--no-known", tree, "-o", others, FIRST_HALF, IN_TIME,
                       "--guest", "a"),
                   VR_EXIT_OK);
  assert_int_equal(RUN(tree, "--compare", models, others, "--start",
                       "1700000601", "--min-fit", "-1000"),
                   VR_EXIT_OK);
  char wanted[240];
  snprintf(wanted, sizeof(wanted), "first: %s\nsecond: %s\n", models, others);
  captured_assert(captured, wanted);
  assert_int_equal(RUN("--compare", models, others, tree, "--json"),
                   VR_EXIT_OK);
  json_error_t error;
  json_t *root = json_load_file(captured, 0, &error), *row;
  assert_non_null(root);
  json_t *g = json_array_get(json_object_get(root, "guests"), 0);
  size_t i;
  json_array_foreach(json_object_get(g, "counters"), i, row) {
    const char *name = json_string_value(json_object_get(row, "counter"));
    const char *v = json_string_value(json_object_get(row, "verdict"));
    bool is_it = strcmp(name, "contextswitch") == 0;
    assert_true(!is_it || strcmp(v, "only_second") == 0 ||
                strcmp(v, "second_better") == 0);
    assert_true(is_it || strcmp(v, "no_truth") == 0);
    /* 3 sd(u) = 3 sqrt(25^2 + 1600/12) = 82.6, and 2.89 of noise: 96.5. */
    if (is_it)
      assert_near(json_number_value(json_object_get(row, "second_fit")), 96.5,
                  0.7);
  }
  json_decref(root);
  assert_int_equal(RUN("--compare", models, models, tree), VR_EXIT_OK);
  assert_null(strstr(captured_text(captured), "better"));
  assert_int_equal(RUN("--compare", models, "/nowhere", tree), VR_EXIT_DATA);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_worse_does_not_replace),
      cmocka_unit_test(test_better_replaces),
      cmocka_unit_test(test_no_new_time),
      cmocka_unit_test(test_other_guests_stay),
      cmocka_unit_test(test_nothing_to_go_back_to),
      cmocka_unit_test(test_pooled),
      cmocka_unit_test(test_compare),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
