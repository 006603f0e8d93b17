/* SPDX-License-Identifier: MIT
 *
 * Who may be introspected: nobody, unless the operator says so.
 */
#include "../unit.h"

#include "introspect/permission.h"

#include <errno.h>

static enum vr_permission of(const struct vr_permissions *p, const char *name) {
  struct vr_vm vm = {.uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"};
  for (int i = 0; name[i]; i++)
    vm.name[i] = name[i];
  return vr_permission_of(p, &vm);
}

static void nobody(void **state) {
  (void)state;
  struct vr_permissions *p;
  assert_int_equal(vr_permission_new(&p), 0);
  assert_int_equal(of(p, "web"), VR_INTROSPECT_NEVER);
  assert_false(vr_permission_any(p));
  vr_permission_free(p);
}

static void first_entry_counts(void **state) {
  (void)state;
  struct vr_permissions *p;
  char message[128] = "";
  assert_int_equal(vr_permission_new(&p), 0);
  assert_int_equal(vr_permission_add(p, "web", VR_INTROSPECT_NEVER, message,
                                     sizeof(message)),
                   0);
  assert_false(vr_permission_any(p));
  assert_int_equal(vr_permission_add(p, "/^w/", VR_INTROSPECT_PUBLISH, message,
                                     sizeof(message)),
                   0);
  assert_true(vr_permission_any(p));
  assert_int_equal(of(p, "web"), VR_INTROSPECT_NEVER);
  assert_int_equal(of(p, "worker"), VR_INTROSPECT_PUBLISH);
  assert_int_equal(of(p, "db"), VR_INTROSPECT_NEVER);
  vr_permission_set_default(p, VR_INTROSPECT_TRUTH);
  assert_int_equal(of(p, "db"), VR_INTROSPECT_TRUTH);
  assert_int_equal(of(p, "web"), VR_INTROSPECT_NEVER);
  assert_int_equal(vr_permission_add(p, "/(/", VR_INTROSPECT_TRUTH, message,
                                     sizeof(message)),
                   -EINVAL);
  assert_true(message[0] != '\0');
  vr_permission_free(p);
}

static void by_uuid(void **state) {
  (void)state;
  struct vr_permissions *p;
  char message[128];
  assert_int_equal(vr_permission_new(&p), 0);
  assert_int_equal(vr_permission_add(p, "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                                     VR_INTROSPECT_TRUTH, message,
                                     sizeof(message)),
                   0);
  assert_int_equal(of(p, "db"), VR_INTROSPECT_TRUTH);
  vr_permission_free(p);
}

static void words(void **state) {
  (void)state;
  enum vr_permission p = VR_INTROSPECT_TRUTH;
  assert_int_equal(vr_permission_parse("yes", &p), -EINVAL);
  assert_int_equal(vr_permission_parse("", &p), -EINVAL);
  assert_int_equal(p, VR_INTROSPECT_TRUTH);
  assert_int_equal(vr_permission_parse("Never", &p), 0);
  assert_int_equal(p, VR_INTROSPECT_NEVER);
  assert_int_equal(vr_permission_parse("publish", &p), 0);
  assert_int_equal(p, VR_INTROSPECT_PUBLISH);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nobody),
      cmocka_unit_test(first_entry_counts),
      cmocka_unit_test(by_uuid),
      cmocka_unit_test(words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
