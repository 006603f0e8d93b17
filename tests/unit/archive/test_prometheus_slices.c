/* SPDX-License-Identifier: MIT
 *
 * Which spans of time a server is asked for; this test is the server.
 */
#include "../unit.h"
#include "archive/prometheus_slices.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sample every 15 s from FIRST to END, no more than MOST in an answer. */
static const double FIRST = 1699900000, END = 1700000000;
enum { MOST = 3000, ASKED = 200 };

static double asked[ASKED][2]; /* seconds of each range, and its end */
static size_t n_asked;
static bool is_away; /* a proxy answers in the server's place */

int vr_prometheus_query(struct vr_prometheus_query *q, const char *path,
                        const struct vr_prometheus_parameter *parameters,
                        json_t **ret_data, struct vr_error *ret_error) {
  double end = strtod(parameters[1].value, NULL);
  double ms = strtod(strchr(parameters[0].value, '[') + 1, NULL);
  json_t *values = json_array();
  (void)q;
  (void)path;
  assert_true(n_asked < ASKED);
  asked[n_asked][0] = ms / 1000;
  asked[n_asked++][1] = end;
  double t = FIRST + 15 * fmax(0, ceil((end - ms / 1000 - FIRST) / 15));
  for (; t <= end && !is_away; t += 15)
    json_array_append_new(values, json_pack("[f, s]", t, "1"));
  if (is_away || json_array_size(values) > MOST) {
    json_decref(values);
    return vr_error_set(ret_error, -E2BIG, "HTTP status 503");
  }
  *ret_data = json_pack("{s:s, s:[{s:{s:s}, s:o}]}", "resultType", "matrix",
                        "result", "metric", "__name__", "x", "values", values);
  return 0;
}

const char *
vr_prometheus_transport_name(const struct vr_prometheus_transport *t) {
  (void)t;
  return "http://localhost";
}

static void ask(int expected, size_t n) {
  struct vr_prometheus_query q = {0};
  struct vr_prometheus_series s = {0};
  struct vr_error e = {""};
  n_asked = 0;
  assert_int_equal(vr_prometheus_slices(&q, "{x}", 1, FIRST - 4e6, END, &s, &e),
                   expected);
  if (expected == 0)
    assert_int_equal(s.n, n);
  free(s.all);
}

/* Years of nothing make slices long: the last one, which is cut at the end, is
 * halved when it is refused, and not asked for once more as it was. */
static void no_slice_is_asked_for_twice(void **state) {
  (void)state;
  ask(0, 100000 / 15 + 1);
  for (size_t i = 1; i < n_asked; i++)
    assert_false(asked[i][0] == asked[i - 1][0] &&
                 asked[i][1] == asked[i - 1][1]);
}

static void a_server_that_is_away_ends_it(void **state) {
  (void)state;
  is_away = true;
  ask(-E2BIG, 0);
  assert_true(n_asked <= 8); /* an hour, halved down to a minute */
  is_away = false;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_slice_is_asked_for_twice),
      cmocka_unit_test(a_server_that_is_away_ends_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
