/* SPDX-License-Identifier: MIT
 *
 * The series about vmrecon itself: stock types, and no name that a signal of
 * the host has.
 */
#include "../unit.h"

#include "schema/health.h"
#include "schema/host_signals.h"
#include "types_db.h"

#include <string.h>

static void types_are_those_of_types_db(void **state) {
  (void)state;
  for (int h = 0; h < VR_HEALTHS; h++) {
    const struct vr_health_info *info = vr_schema_health((enum vr_health)h);
    char rest[1024];
    assert_true(types_db_find(info->type, rest, sizeof(rest)));
    assert_non_null(strstr(rest, info->is_count ? ":DERIVE:" : ":GAUGE:"));
    assert_null(strchr(rest, ',')); /* one data source */
    assert_true(vr_schema_health_is(info->type, info->instance));
  }
}

static void no_signal_is_called_so(void **state) {
  (void)state;
  for (int s = 0; s < VR_SIGNALS; s++) {
    const struct vr_signal_info *info = vr_schema_signal((enum vr_signal_id)s);
    if (info->group == VR_HOST)
      assert_false(vr_schema_health_is(vr_schema_type(info->type)->name,
                                       info->type_instance));
  }
}

static void versions_are_ordered(void **state) {
  (void)state;
  assert_true(vr_schema_health_version("1.2.3") == 10203);
  assert_true(vr_schema_health_version("0.1.0") == 100);
  assert_true(vr_schema_health_version("0.10.0") >
              vr_schema_health_version("0.9.12"));
  assert_true(vr_schema_health_own_version() > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(types_are_those_of_types_db),
      cmocka_unit_test(no_signal_is_called_so),
      cmocka_unit_test(versions_are_ordered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
