/* SPDX-License-Identifier: MIT
 *
 * What becomes of a server's answers; this test is the transport.
 */
#include "../unit.h"
#include "archive/prometheus_query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static long status;
static const char *body;

int vr_prometheus_transport_get(struct vr_prometheus_transport *t,
                                const char *path_and_query,
                                struct vr_prometheus_answer *ret_answer,
                                struct vr_error *ret_error) {
  (void)t;
  (void)path_and_query;
  (void)ret_error;
  *ret_answer =
      (struct vr_prometheus_answer){status, strdup(body), strlen(body)};
  return 0;
}

const char *
vr_prometheus_transport_name(const struct vr_prometheus_transport *t) {
  (void)t;
  return "http://localhost";
}

static void expect(long with, const char *text, int code, const char *said) {
  const struct vr_prometheus_parameter none = {NULL, NULL};
  struct vr_prometheus_query q = {0};
  struct vr_error e = {""};
  json_t *data = NULL;
  status = with;
  body = text;
  assert_int_equal(vr_prometheus_query(&q, "query", &none, &data, &e), code);
  if (!strstr(e.message, said))
    fail_msg("\"%s\" is not in \"%s\"", said, e.message);
  assert_true((data != NULL) == (code == 0));
  json_decref(data);
}

#define ERROR_OF(text) "{\"status\": \"error\", \"error\": \"" text "\"}"

/* 503 is what Prometheus says of a query that took too long, and what a proxy
 * says, or it says itself, where it is not ready: fewer series help only the
 * one. */
static void statuses_call_for_different_things(void **state) {
  (void)state;
  expect(200, "{\"status\": \"success\", \"data\": []}", 0, "");
  expect(503, ERROR_OF("query timed out"), -E2BIG, "query timed out");
  expect(422, ERROR_OF("too many samples"), -E2BIG, "too many samples");
  expect(503, "Service Unavailable", -EINVAL, "try again later");
  expect(503, "<html>503</html>", -EINVAL, "try again later");
  expect(401, "", -EACCES, "--token-file");
  expect(404, "", -EINVAL, "the address below which the API");
  expect(200, "{", -EINVAL, "not JSON");
  expect(200, "[]", -EINVAL, "not that of Prometheus");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(statuses_call_for_different_things),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
