/* SPDX-License-Identifier: MIT
 *
 * Names as a real collectd's write_prometheus gave them
 * (tests/data/prometheus/record), read back to what that daemon was given.
 */
#include "../unit.h"
#include "archive/prometheus_names.h"
#include "basic/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 400, LINE = 1000 };

struct lines {
  size_t n;
  char text[MOST][LINE];
};

static void read_lines(const char *name, struct lines *ret) {
  char path[600];
  snprintf(path, sizeof(path), "%s/prometheus/%s", getenv("VR_TEST_DATA"),
           name);
  vr_auto_fclose FILE *f = fopen(path, "r");
  assert_non_null(f);
  ret->n = 0;
  while (ret->n < MOST && fgets(ret->text[ret->n], LINE, f)) {
    ret->text[ret->n][strcspn(ret->text[ret->n], "\n")] = '\0';
    ret->n++;
  }
  assert_true(ret->n > 100 && ret->n < MOST);
}

/* name{label="value",...} 17: no value of the recording has a quote. */
static json_t *labels_of(char *line) {
  json_t *labels = json_object();
  char *at = line, *name = strsep(&at, "{");
  json_object_set_new(labels, "__name__", json_string(name));
  while (at && *at != '}') {
    char *key = strsep(&at, "=");
    at++;
    json_object_set_new(labels, key, json_string(strsep(&at, "\"")));
    if (*at == ',')
      at++;
  }
  return labels;
}

static int compare(const void *a, const void *b) { return strcmp(a, b); }

/* Each of the recorded names, with its labels changed by CHANGE, is one of the
 * series that the daemon had, and all of them are there. */
static void check_all(void (*change)(json_t *labels)) {
  static struct lines metrics, series;
  static char found[MOST][LINE];
  read_lines("metrics.txt", &metrics);
  read_lines("series.txt", &series);
  for (size_t i = 0; i < metrics.n; i++) {
    json_auto_t *labels = labels_of(metrics.text[i]);
    struct vr_prometheus_name n;
    change(labels);
    assert_int_equal(vr_prometheus_name(labels, &n), 0);
    snprintf(found[i], LINE, "%s/%s/%s:%s %s", n.host, n.plugin, n.type, n.ds,
             n.is_counter ? "DERIVE" : "GAUGE");
  }
  assert_int_equal(metrics.n, series.n);
  qsort(found, metrics.n, LINE, compare);
  qsort(series.text, series.n, LINE, compare);
  for (size_t i = 0; i < series.n; i++)
    assert_string_equal(found[i], series.text[i]);
}

static void as_they_are(json_t *labels) { (void)labels; }

/* As Prometheus has them without honor_labels, and with labels of its own. */
static void as_exported(json_t *labels) {
  json_object_set(labels, "exported_instance",
                  json_object_get(labels, "instance"));
  json_object_set_new(labels, "instance", json_string("hv.example:9103"));
  json_object_set_new(labels, "job", json_string("collectd"));
  json_object_set_new(labels, "replica", json_string("a"));
}

static void test_recorded(void **state) {
  (void)state;
  check_all(as_they_are);
}

static void test_exported(void **state) {
  (void)state;
  check_all(as_exported);
}

static int name_of(const char *json) {
  struct vr_prometheus_name n;
  json_auto_t *labels = json_loads(json, 0, NULL);
  assert_non_null(labels);
  return vr_prometheus_name(labels, &n);
}

static void test_refused(void **state) {
  (void)state;
  char json[1200], text[1000];
  memset(text, 'x', sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  assert_int_equal(name_of("{}"), -ENOENT);
  assert_int_equal(name_of("{\"__name__\":\"up\",\"instance\":\"a\"}"),
                   -ENOENT);
  static const char *const hosts[] = {"",    ".",     "..",        "../x",
                                      "a/b", "a\\nb", "a\\u001bb", "a\\u0085b"};
  for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
    snprintf(json, sizeof(json),
             "{\"__name__\":\"collectd_users\",\"instance\":\"%s\"}", hosts[i]);
    assert_int_equal(name_of(json), -EINVAL);
  }
  snprintf(json, sizeof(json),
           "{\"__name__\":\"collectd_users\",\"instance\":\"%s\"}", text);
  assert_int_equal(name_of(json), -EINVAL);
  snprintf(json, sizeof(json),
           "{\"__name__\":\"collectd_%s\",\"instance\":\"a\"}", text);
  assert_int_equal(name_of(json), -EINVAL);
  assert_int_equal(name_of("{\"__name__\":\"collectd_disk_disk_octets_read_"
                           "total\",\"disk\":\"a/b\",\"instance\":\"a\"}"),
                   -EINVAL);
  assert_int_equal(name_of("{\"__name__\":\"collectd_\",\"instance\":\"a\"}"),
                   -EINVAL);
  assert_int_equal(name_of("{\"__name__\":\"collectd__\",\"instance\":\"a\"}"),
                   -EINVAL);
  assert_int_equal(name_of("{\"__name__\":\"collectd_users\"}"), -EINVAL);
  assert_int_equal(name_of("{\"__name__\":\"collectd_users\",\"instance\":7}"),
                   -EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_recorded),
      cmocka_unit_test(test_exported),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
