/* SPDX-License-Identifier: MIT
 *
 * Whole commands in this process, on an archive of three guests with the same
 * law: what they print, what they write, how they end.
 */
#include "captured.h"
#include "recording.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 400 };

static struct recording r;
static char models[96], captured[96], exported[96], tree[96];

/* Context switches are 100 + 3 u; of guest a its kernel's own count was read,
 * too; what was published of it live is 2 above the truth. */
static void write_guest(const char *guest, unsigned seed) {
  static double on[ROWS], u[ROWS], y[ROWS], near[ROWS], block[ROWS], zero[ROWS];
  char vm[32], truth[32], published[32], quality[32];
  snprintf(vm, sizeof(vm), "vmrecon-%s", guest);
  snprintf(truth, sizeof(truth), "vmrecon_truth-%s", guest);
  snprintf(published, sizeof(published), "virt_inferred-%s", guest);
  snprintf(quality, sizeof(quality), "virt_quality-%s", guest);
  recording_on_off(seed, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    u[i] = 50 * (1 + on[i]) + 10 * recording_noise(&seed);
    y[i] = 100 + 3 * u[i] + 10 * recording_noise(&seed);
    near[i] = y[i] + 2;
    block[i] = 1e6 * (1 + on[i]);
  }
  recording_put_constant(&r, "hv", vm, "gauge-accelerator", VR_ACCEL_KVM);
  recording_put_constant(&r, "hv", vm, "count-vcpus", 1);
  recording_put(&r, "hv", vm, "derive-vcpu_switches_voluntary", "value", u,
                NULL);
  recording_put(&r, "hv", vm, "disk_octets-block", "read,write", block, zero);
  recording_put(&r, guest, "contextswitch", "contextswitch", "value", y, NULL);
  recording_put(&r, guest, "disk-vda", "disk_octets", "read,write", block,
                zero);
  recording_put(&r, "hv", truth, "contextswitch", "value", near, NULL);
  recording_put(&r, "hv", published, "contextswitch", "value", near, NULL);
  /* As former versions called it, and as it is called now. */
  if (strcmp(guest, "a") == 0)
    recording_put_constant(&r, "hv", published,
                           "gauge-provenance_contextswitch", VR_INFERRED);
  else
    recording_put_constant(&r, "hv", quality, "gauge-contextswitch",
                           VR_INFERRED);
}

static int set_up(void **state) {
  (void)state;
  recording_new(&r, ROWS);
  snprintf(tree, sizeof(tree), "%s", r.root);
  /* Beside the hosts, and named like none. */
  snprintf(models, sizeof(models), "%s-models", r.root);
  snprintf(exported, sizeof(exported), "%s-exported", r.root);
  snprintf(captured, sizeof(captured), "%s-out", r.root);
  write_guest("a", 31);
  write_guest("b", 32);
  write_guest("c", 33);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  char command[400];
  snprintf(command, sizeof(command), "rm -rf %s %s %s", models, exported,
           captured);
  assert_int_equal(system(command), 0);
  recording_remove(&r);
  return 0;
}

#define RUN(...)                                                               \
  captured_run(captured, false, (const char *const[]){__VA_ARGS__, NULL})

static json_t *printed(void) {
  json_error_t error;
  json_t *o = json_load_file(captured, 0, &error);
  if (!o)
    fail_msg("%s: %s", captured, error.text);
  return o;
}

/* The entry of LIST whose KEY is VALUE. */
static json_t *find(json_t *list, const char *key, const char *value) {
  size_t i;
  json_t *o;
  json_array_foreach(list, i, o) {
    const char *s = json_string_value(json_object_get(o, key));
    if (s && strcmp(s, value) == 0)
      return o;
  }
  fail_msg("none has %s %s", key, value);
  return NULL;
}

static double real(json_t *o, const char *key) {
  return json_number_value(json_object_get(o, key));
}

/* The fit is 100 (1 - sd of the noise / sd of y): 10 / sqrt(12) = 2.89 against
 * sqrt((3 sqrt(25^2 + 100/12))^2 + 2.89^2) = 75.5 where on is half of the
 * time: 96.2. */
static void test_train(void **state) {
  (void)state;
  assert_int_equal(RUN("--no-known", tree, "-o", models, "--json"), VR_EXIT_OK);
  json_t *root = printed();
  json_t *guests = json_object_get(root, "guests");
  assert_int_equal(json_array_size(guests), 3);
  json_t *m = find(json_object_get(find(guests, "guest", "b"), "models"),
                   "counter", "contextswitch");
  assert_near(real(m, "free_run"), 96.2, 0.7);
  assert_true(json_is_true(json_object_get(m, "published")));
  assert_string_equal(json_string_value(json_object_get(m, "verdict")),
                      "published");
  /* The input is seen at once. */
  json_t *x = json_array_get(
      json_object_get(json_object_get(m, "diagnosis"), "correlation"), 0);
  assert_int_equal(json_integer_value(json_object_get(x, "delay")), 0);
  assert_true(real(x, "r_peak") > 0.5);
  json_decref(root);
  char path[128];
  snprintf(path, sizeof(path), "%s/trained.json", models);
  assert_int_equal(access(path, R_OK), 0);
}

/* Seven minutes: what the host measures is known, what is estimated needs more
 * of them, and what the guest does not send is said. */
static void test_train_for_operators(void **state) {
  (void)state;
  assert_int_equal(RUN("--no-known", tree, "-o", models, "--jobs", "2"),
                   VR_EXIT_OK);
  captured_assert(captured,
                  "guest a on hv: 400 rows of 1 s (7 minutes), 2023-11-14 "
                  "22:13:21 to 2023-11-14 22:20:00 UTC");
  captured_assert(captured,
                  "  contextswitch: good (96 %), 9 more minutes needed\n");
  captured_assert(captured,
                  "  disk_read:     good (100 %), measured by the host\n");
  captured_assert(
      captured, "  disk_write:    did not change: record it while it moves\n");
  captured_assert(captured,
                  "  load:          no truth: the guest's own series are not "
                  "recorded; LoadPlugin load in its collectd\n");
  captured_assert(captured, "3 guests trained, 6 of 30 counters published, ");
  captured_assert(captured, "trained.json written");
  captured_assert(captured, "record 9 more minutes and train again");
  assert_null(strstr(captured_text(captured), "free run"));
}

static void test_train_in_words(void **state) {
  (void)state;
  assert_int_equal(RUN("--no-known", tree, "-o", models, "--guest", "a", "-v"),
                   VR_EXIT_OK);
  captured_assert(captured, "guest a on hv: 400 rows of 1 s");
  captured_assert(captured, "accelerator kvm");
  captured_assert(captured, "free run");
  captured_assert(captured, "residuals:");
  captured_assert(captured, "whitened: first seen after 0 s");
  captured_assert(captured,
                  "no truth: the guest's own series are not recorded");
  captured_assert(captured, "1 guest trained, ");
}

/* Guests without an agent are counted in one line, and are no failure. */
static void test_silent_guests(void **state) {
  (void)state;
  recording_put_constant(&r, "hv", "vmrecon-quiet1", "count-vcpus", 1);
  recording_put_constant(&r, "hv", "vmrecon-quiet2", "count-vcpus", 1);
  char path[128];
  snprintf(path, sizeof(path), "%s/pooled.json", models);
  remove(path);
  assert_int_equal(RUN("--no-known", tree, "-o", models), VR_EXIT_OK);
  captured_assert(captured,
                  "2 guests have no collectd of their own: these models serve "
                  "them\n3 guests pooled, 2 of 10 counters published");
  captured_assert(captured, "3 guests trained, ");
  assert_int_equal(access(path, R_OK), 0);
  remove(path);
  /* What one guest teaches is no model for others. */
  assert_int_equal(RUN("--no-known", tree, "-o", models, "--guest", "a"),
                   VR_EXIT_OK);
  assert_int_equal(access(path, R_OK), -1);
  assert_int_equal(RUN("--list", tree), VR_EXIT_OK);
  captured_assert(captured, "2 guests have no collectd of their own");
  assert_int_equal(RUN("--no-known", tree, "-o", models, "--json"), VR_EXIT_OK);
  json_t *root = printed();
  assert_int_equal(json_array_size(json_object_get(root, "guests")), 3);
  json_t *pool = json_object_get(root, "pool");
  assert_int_equal(json_array_size(json_object_get(pool, "left_out")), 3);
  json_decref(root);
  assert_int_equal(RUN("-o", models, tree, "--guest", "quiet1"), VR_EXIT_DATA);
  captured_assert(captured, "1 guest has no collectd of its own (quiet1)");
  char command[200];
  snprintf(command, sizeof(command), "rm -r %s/hv/vmrecon-quiet*", tree);
  assert_int_equal(system(command), 0);
}

static void test_given_orders(void **state) {
  (void)state;
  assert_int_equal(RUN("--no-known", tree, "-o", models, "--guest", "a", "--na",
                       "1", "--nb", "2", "--nk", "0", "-v"),
                   VR_EXIT_OK);
  captured_assert(captured, "arx(1;2,0)");
}

static void test_pool(void **state) {
  (void)state;
  assert_int_equal(RUN("--pool", tree, "-o", models), VR_EXIT_OK);
  captured_assert(captured, "3 guests, each left out once: a b c");
  captured_assert(captured, "  contextswitch: good (96 %)\n");
  captured_assert(captured, "  load:          no input\n");
  captured_assert(captured,
                  "3 guests pooled, 2 of 10 counters published for guests that "
                  "were never seen, ");
  captured_assert(captured, "pooled.json written");
  assert_int_equal(RUN("--pool", tree, "-o", models, "-v"), VR_EXIT_OK);
  captured_assert(captured, "90 % intervals cover");
  captured_assert(captured, "contextswitch inferred");
  assert_int_equal(RUN("--pool", tree, "-o", models, "--json"), VR_EXIT_OK);
  json_t *root = printed();
  json_t *row =
      find(json_object_get(root, "counters"), "counter", "contextswitch");
  assert_near(real(row, "free_run"), 96.2, 0.7);
  json_decref(root);
}

/* Guests are left out twice: by their VM processes, and by all. */
static void test_pool_progress(void **state) {
  (void)state;
  const char *const words[] = {"--pool", tree, "-o", models, NULL};
  assert_int_equal(captured_run(captured, true, words), VR_EXIT_OK);
  captured_assert(captured, "guest c left out: 3 of 3\n");
  captured_assert(captured,
                  "guest c left out, by all that its host knows: 3 of 3\n");
}

static void test_list(void **state) {
  (void)state;
  assert_int_equal(RUN("--list", tree, "--json"), VR_EXIT_OK);
  json_t *root = printed();
  json_t *a = find(json_object_get(root, "guests"), "guest", "a");
  assert_near(real(a, "begin"), RECORDING_BEGIN, 0);
  assert_near(real(a, "rows"), ROWS, 0);
  assert_near(real(json_object_get(a, "counters"), "contextswitch"), 100, 0);
  json_decref(root);
  assert_int_equal(RUN("--list", tree, "--guest", "c"), VR_EXIT_OK);
  captured_assert(captured, "c on hv (own series: c): 2023-11-14 22:13:21 to "
                            "2023-11-14 22:20:00 UTC, 400 rows of 1 s");
}

static void test_characterise(void **state) {
  (void)state;
  assert_int_equal(RUN("--characterise", tree, "--json"), VR_EXIT_OK);
  json_t *root = printed();
  json_t *series = json_object_get(
      find(json_object_get(root, "guests"), "guest", "a"), "series");
  json_t *vcpus = find(series, "series", "count-vcpus:value");
  assert_near(real(vcpus, "mean"), 1, 0);
  assert_near(real(vcpus, "sd"), 0, 0);
  json_t *y = find(series, "series", "contextswitch");
  assert_near(real(y, "samples"), ROWS, 0);
  assert_true(real(y, "memory_seconds") > 3 && real(y, "memory_seconds") < 60);
  json_decref(root);
  assert_int_equal(RUN("--characterise", tree), VR_EXIT_OK);
  captured_assert(captured, "host hv:");
}

/* What was published is the truth and 2: in each unit of the truth's spread
 * that is 2 / 75.5 of it, 97.3 %. */
static void test_score(void **state) {
  (void)state;
  char path[160];
  assert_int_equal(RUN("--no-known", tree, "-o", models), VR_EXIT_OK);
  assert_int_equal(RUN("--score", models, tree, "--export", exported, "--json"),
                   VR_EXIT_OK);
  json_t *root = printed();
  json_t *row =
      find(json_object_get(find(json_object_get(root, "guests"), "guest", "a"),
                           "counters"),
           "counter", "contextswitch");
  assert_true(json_is_true(json_object_get(row, "published")));
  assert_near(real(row, "published_mean") - real(row, "measured_mean"), 2,
              1e-6);
  assert_near(real(row, "published_fit"), 97.3, 0.4);
  assert_near(real(row, "model_fit"), 96.2, 0.7);
  assert_true(json_is_true(json_object_get(row, "model_replayed")));
  assert_string_equal(json_string_value(json_object_get(row, "provenance")),
                      "inferred");
  json_decref(root);
  snprintf(path, sizeof(path), "%s/a-contextswitch.tsv", exported);
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  char header[100];
  assert_non_null(fgets(header, sizeof(header), f));
  assert_string_equal(header, "# time\tmeasured\tpublished\tmodel\tbest\n");
  double time, measured, published;
  assert_int_equal(fscanf(f, "%lf %lf %lf", &time, &measured, &published), 3);
  assert_near(published - measured, 2, 1e-6);
  fclose(f);
  assert_int_equal(RUN("--score", models, tree), VR_EXIT_OK);
  captured_assert(captured, "contextswitch");
}

/* Both truths teach the same: they are 2 apart. */
static void test_compare(void **state) {
  (void)state;
  assert_int_equal(RUN("--compare-truth", tree, "--json"), VR_EXIT_OK);
  json_t *root = printed();
  json_t *all = find(json_object_get(root, "all"), "counter", "contextswitch");
  assert_near(real(all, "own_fit"), 96.2, 0.7);
  assert_near(real(all, "introspected_fit"), 96.2, 1.5);
  json_t *a =
      find(json_object_get(find(json_object_get(root, "guests"), "guest", "a"),
                           "counters"),
           "counter", "contextswitch");
  assert_near(real(a, "truths_apart"), 2, 1e-6);
  json_decref(root);
  assert_int_equal(RUN("--compare-truth", tree), VR_EXIT_OK);
  captured_assert(captured, "3 guests, each left out once");
}

/* y(t) = 0.5 y(t-1) + 2 u(t-1), exactly: the search finds one pole at 0.5. */
static void test_table(void **state) {
  (void)state;
  char path[128];
  snprintf(path, sizeof(path), "%s-out.csv", r.root);
  FILE *f = fopen(path, "w");
  unsigned seed = 9;
  double y = 0, u = 0;
  fputs("y,u\n", f);
  for (int i = 0; i < 400; i++) {
    y = 0.5 * y + 2 * u + 1e-3 * recording_noise(&seed);
    u = recording_noise(&seed);
    fprintf(f, "%.12f,%.12f\n", y, u);
  }
  fclose(f);
  assert_int_equal(RUN("--table", path, "--output", "y", "--input", "u",
                       "--json", "--search", "na=0:2,nb=1:2,nk=0:2"),
                   VR_EXIT_OK);
  json_t *root = printed();
  assert_near(real(root, "na"), 1, 0);
  assert_near(json_number_value(json_array_get(json_object_get(root, "a"), 1)),
              -0.5, 1e-3);
  json_t *b = json_array_get(json_object_get(root, "b"), 0);
  json_t *nk = json_array_get(json_object_get(root, "nk"), 0);
  assert_int_equal(json_integer_value(nk), 1);
  assert_near(json_number_value(json_array_get(b, 0)), 2, 1e-3);
  assert_true(real(json_object_get(root, "fit"), "free_run") > 99.9);
  assert_true(json_is_true(json_object_get(root, "held_out")));
  json_decref(root);
  assert_int_equal(RUN("--table", path, "--output", "y", "--input", "u"),
                   VR_EXIT_OK);
  captured_assert(captured, "held out: samples 301 to 400, the last quarter");
  captured_assert(captured, "reference");
  assert_int_equal(RUN("--table", path, "--output", "x", "--input", "u"),
                   VR_EXIT_DATA);
  remove(path);
}

/* What is not there is an error of its own kind. */
static void test_errors(void **state) {
  (void)state;
  assert_int_equal(RUN("--list", "/nowhere"), VR_EXIT_DATA);
  assert_int_equal(RUN("--list", tree, "--guest", "nobody"), VR_EXIT_DATA);
  assert_int_equal(RUN("--list", tree, "--pair", "hv/a"), VR_EXIT_USAGE);
  assert_int_equal(RUN("--list", tree, "--source", "nonsense"), VR_EXIT_USAGE);
  assert_int_equal(RUN("--score", "/nowhere", tree), VR_EXIT_DATA);
  assert_int_equal(RUN("--no-known", tree, "-o", "/dev/null/x"),
                   VR_EXIT_OUTPUT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_train),
      cmocka_unit_test(test_train_for_operators),
      cmocka_unit_test(test_train_in_words),
      cmocka_unit_test(test_silent_guests),
      cmocka_unit_test(test_given_orders),
      cmocka_unit_test(test_pool),
      cmocka_unit_test(test_pool_progress),
      cmocka_unit_test(test_list),
      cmocka_unit_test(test_characterise),
      cmocka_unit_test(test_score),
      cmocka_unit_test(test_compare),
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_errors),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
