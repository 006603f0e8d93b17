/* SPDX-License-Identifier: MIT
 *
 * The counters' table against collectd's own types.db.
 */
#include "../unit.h"

#include "schema/counters.h"
#include "schema/provenance.h"
#include "types_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every counter's type is a stock type, its data source stands where the
 * table says, and rates are DERIVE, levels GAUGE. */
static void types_are_those_of_types_db(void **state) {
  (void)state;
  for (int c = 0; c < VR_COUNTERS; c++) {
    const struct vr_counter_info *info = vr_counter_info((enum vr_counter)c);
    char rest[1024];
    assert_true(types_db_find(info->type, rest, sizeof(rest)));
    char *save = NULL, *source = strtok_r(rest, ", \t\n", &save);
    for (size_t i = 0; source && i < info->data_source_index; i++)
      source = strtok_r(NULL, ", \t\n", &save);
    assert_non_null(source);
    char expected[64];
    snprintf(expected, sizeof(expected), "%s:%s:", info->data_source,
             info->is_rate ? "DERIVE" : "GAUGE");
    assert_int_equal(strncmp(source, expected, strlen(expected)), 0);
  }
}

static void names_are_found_and_distinct(void **state) {
  (void)state;
  for (int c = 0; c < VR_COUNTERS; c++) {
    enum vr_counter found;
    assert_int_equal(
        vr_counter_by_name(vr_counter_info((enum vr_counter)c)->name, &found),
        0);
    assert_int_equal((int)found, c);
  }
  enum vr_counter untouched = VR_CPU;
  assert_true(vr_counter_by_name("cpu ", &untouched) < 0);
  assert_int_equal(untouched, VR_CPU);
}

static void trainable_counters_are_visited_once(void **state) {
  (void)state;
  size_t n = 0;
  for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
       c = vr_counter_trainable(c + 1)) {
    assert_true(vr_counter_info((enum vr_counter)c)->trainable);
    n++;
  }
  assert_int_equal(n, vr_counter_count_trainable());
  assert_int_equal(vr_counter_trainable(VR_COUNTERS), VR_COUNTERS);
}

static void provenances_have_the_documented_numbers(void **state) {
  (void)state;
  const char *names[VR_PROVENANCES] = {"direct", "cooperative", "introspected",
                                       "inferred", "derived"};
  for (int i = 0; i < VR_PROVENANCES; i++) {
    enum vr_provenance p;
    assert_int_equal(vr_provenance_by_name(names[i], &p), 0);
    assert_int_equal((int)p, i + 1);
    assert_string_equal(vr_provenance_name(p), names[i]);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(types_are_those_of_types_db),
      cmocka_unit_test(names_are_found_and_distinct),
      cmocka_unit_test(trainable_counters_are_visited_once),
      cmocka_unit_test(provenances_have_the_documented_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
