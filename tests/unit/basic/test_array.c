/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "basic/array.h"
#include "basic/cleanup.h"

#include <errno.h>
#include <stdint.h>

static void keeps_what_it_held(void **state) {
  (void)state;
  vr_auto_free int *v = NULL;
  size_t capacity = 0;
  for (int i = 0; i < 1000; i++) {
    assert_int_equal(vr_array_reserve(&v, &capacity, (size_t)i + 1), 0);
    assert_true(capacity > (size_t)i);
    v[i] = i;
  }
  for (int i = 0; i < 1000; i++)
    assert_int_equal(v[i], i);
}

static void grows_without_a_capacity(void **state) {
  (void)state;
  vr_auto_free int *v = NULL;
  for (int i = 0; i < 1000; i++) {
    assert_int_equal(vr_array_one_more(&v, (size_t)i, sizeof(*v)), 0);
    v[i] = i;
  }
  for (int i = 0; i < 1000; i++)
    assert_int_equal(v[i], i);
}

static void grows_seldom(void **state) {
  (void)state;
  vr_auto_free char *v = NULL;
  size_t capacity = 0, before = 0;
  int grown = 0;
  for (size_t n = 1; n <= 1000; n++) {
    assert_int_equal(vr_array_reserve(&v, &capacity, n), 0);
    grown += capacity != before;
    before = capacity;
  }
  assert_in_range(grown, 1, 10);
}

static void takes_a_need_far_beyond_the_double(void **state) {
  (void)state;
  vr_auto_free char *v = NULL;
  size_t capacity = 0;
  assert_int_equal(vr_array_reserve(&v, &capacity, 1000), 0);
  assert_int_equal(capacity, 1000);
}

static void leaves_what_is_large_enough(void **state) {
  (void)state;
  vr_auto_free long *v = NULL;
  size_t capacity = 0;
  assert_int_equal(vr_array_reserve(&v, &capacity, 8), 0);
  long *before = v;
  assert_int_equal(vr_array_reserve(&v, &capacity, 0), 0);
  assert_int_equal(vr_array_reserve(&v, &capacity, 8), 0);
  assert_ptr_equal(v, before);
  assert_int_equal(capacity, 8);
}

static void an_error_changes_nothing(void **state) {
  (void)state;
  vr_auto_free long *v = NULL;
  size_t capacity = 0;
  assert_int_equal(vr_array_reserve(&v, &capacity, 8), 0);
  v[7] = 42;
  long *before = v;
  assert_int_equal(vr_array_reserve(&v, &capacity, SIZE_MAX), -ENOMEM);
  assert_int_equal(vr_array_reserve(&v, &capacity, SIZE_MAX / 8 + 2), -ENOMEM);
  assert_ptr_equal(v, before);
  assert_int_equal(capacity, 8);
  assert_int_equal(v[7], 42);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keeps_what_it_held),
      cmocka_unit_test(grows_seldom),
      cmocka_unit_test(grows_without_a_capacity),
      cmocka_unit_test(takes_a_need_far_beyond_the_double),
      cmocka_unit_test(leaves_what_is_large_enough),
      cmocka_unit_test(an_error_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
