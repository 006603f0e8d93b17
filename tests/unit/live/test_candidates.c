/* SPDX-License-Identifier: MIT
 *
 * Which models a guest may have, and in which order, out of those of a fleet.
 */
#include "../unit.h"

#include "live/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One file for each model, so that its guest says which it is. */
static struct vr_catalog *catalog_of(const char *const (*models)[3], size_t n) {
  struct vr_model_set *sets = calloc(n, sizeof(*sets));
  for (size_t i = 0; i < n; i++) {
    char text[512];
    struct vr_error e;
    int length = snprintf(
        text, sizeof(text),
        "{\"format\":\"vmrecon-model\",\"version\":1,\"generic\":%s,\"models\":"
        "[{\"counter\":\"load\",\"guest\":\"%s\",\"provenance\":\"%s\","
        "\"structure\":\"static\",\"inputs\":[{\"signals\":[\"%%{host}/"
        "p-%%{guest}/gauge-x:value\"],\"b\":[1]}]}]}",
        models[i][2], models[i][0], models[i][1]);
    if (vr_model_file_parse("a", text, (size_t)length, &sets[i], &e) < 0)
      fail_msg("%s", e.message);
  }
  return vr_live_catalog_new(sets, n, 0, false);
}

/* "GUEST-PROVENANCE GUEST-PROVENANCE ..." of the candidates, best first. */
static const char *candidates_of(const struct vr_catalog *c, const char *guest,
                                 int counter) {
  static char text[512];
  size_t n = 0;
  const struct vr_catalog_model *m;
  struct vr_candidates all =
      vr_live_candidates_of(&c->candidates, guest, counter);
  text[0] = '\0';
  while ((m = vr_live_candidates_next(&all)))
    n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s-%d", n ? " " : "",
                          m->model->guest, (int)m->model->provenance);
  return text;
}

/* By the order of docs/architecture.md: a measurement, an estimate of this
 * guest, one of many, a law, a generic one. */
static void own_models_stand_among_common_ones(void **state) {
  (void)state;
  static const char *const models[][3] = {
      {"*", "inferred", "true"},    {"w*", "inferred", "false"},
      {"web", "inferred", "false"}, {"db", "inferred", "false"},
      {"*", "derived", "false"},    {"*", "direct", "false"},
      {"web", "direct", "false"},
  };
  struct vr_catalog *c = catalog_of(models, sizeof(models) / sizeof(*models));
  assert_non_null(c);
  assert_string_equal(candidates_of(c, "web", VR_LOAD),
                      "web-1 *-1 web-4 w*-4 *-5 *-4");
  assert_string_equal(candidates_of(c, "db", VR_LOAD), "*-1 db-4 w*-4 *-5 *-4");
  assert_string_equal(candidates_of(c, "other", VR_LOAD), "*-1 w*-4 *-5 *-4");
  assert_string_equal(candidates_of(c, "web", VR_CPU), "");
  vr_live_catalog_unref(c);
}

/* A guest's list does not grow with the fleet. */
static void nobody_sees_the_models_of_others(void **state) {
  (void)state;
  enum { GUESTS = 300 };
  static char names[GUESTS][16];
  static const char *models[GUESTS][3];
  for (int i = 0; i < GUESTS; i++) {
    snprintf(names[i], sizeof(names[i]), "guest-%d", i);
    models[i][0] = names[i];
    models[i][1] = "inferred";
    models[i][2] = "false";
  }
  struct vr_catalog *c = catalog_of(models, GUESTS);
  assert_non_null(c);
  for (int i = 0; i < GUESTS; i++) {
    char expected[32];
    snprintf(expected, sizeof(expected), "guest-%d-4", i);
    assert_string_equal(candidates_of(c, names[i], VR_LOAD), expected);
  }
  vr_live_catalog_unref(c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(own_models_stand_among_common_ones),
      cmocka_unit_test(nobody_sees_the_models_of_others),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
