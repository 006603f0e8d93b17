/* SPDX-License-Identifier: MIT
 *
 * Plain tables: what is read from which text, and what is refused.
 */
#include "../unit.h"
#include "archive/table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static struct vr_archive_error error;

static int parse(const char *text, struct vr_table *t) {
  FILE *f = fmemopen((void *)text, strlen(text), "r");
  assert_non_null(f);
  int r = vr_table_read_file(f, "t", t, &error);
  fclose(f);
  return r;
}

static void test_names(void **state) {
  (void)state;
  struct vr_table t;
  assert_int_equal(parse("time,\"u v\",y\r\n1,2,3\r\n4,5e1,-6\r\n", &t), 0);
  assert_int_equal(t.rows, 2);
  assert_int_equal(t.columns, 3);
  assert_string_equal(t.names[1], "u v");
  assert_true(vr_table_column(&t, "u v")[1] == 50);
  assert_true(vr_table_column(&t, "y")[1] == -6);
  assert_null(vr_table_column(&t, "c1"));
  vr_table_clear(&t);
}

static void test_no_names(void **state) {
  (void)state;
  struct vr_table t;
  assert_int_equal(parse("# a remark\n\n  1\t 2 \n3 4\n", &t), 0);
  assert_int_equal(t.rows, 2);
  assert_true(vr_table_column(&t, "c1")[1] == 3);
  assert_true(vr_table_column(&t, "c2")[0] == 2);
  vr_table_clear(&t);
}

static void test_gaps(void **state) {
  (void)state;
  struct vr_table t;
  assert_int_equal(parse("a,b,c\n,NaN,na\n1,2,3\n", &t), 0);
  for (int c = 0; c < 3; c++) {
    assert_true(isnan(t.values[c * 2]));
    assert_true(t.values[c * 2 + 1] == c + 1);
  }
  vr_table_clear(&t);
}

static void assert_refused(const char *text, int code, const char *message) {
  struct vr_table t = {.rows = 77};
  assert_int_equal(parse(text, &t), code);
  assert_string_equal(error.message, message);
  assert_int_equal(t.rows, 77);
}

static void test_refused(void **state) {
  (void)state;
  assert_refused("1 2\n3 x\n", -EINVAL,
                 "t:2: column 2 (c2): \"x\" is not a number");
  assert_refused("a b\n1 2 3\n", -EINVAL, "t:2: more than 2 cells");
  assert_refused("1,2\n3\n", -EINVAL, "t:2: 1 cells, not 2");
  assert_refused("1 1e999\n", -EINVAL,
                 "t:1: column 2 (c2): \"1e999\" is not a number");
  assert_refused("a b\n", -ENODATA, "t: a table without rows");
  assert_refused("1 word 2\n", -EINVAL,
                 "t:1: column 2 (c2): \"word\" is not a number");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_no_names),
      cmocka_unit_test(test_gaps),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
