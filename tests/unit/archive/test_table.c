/* SPDX-License-Identifier: MIT
 *
 * Plain tables: what is read from which text, and what is refused.
 */
#include "../unit.h"
#include "archive/cells.h"
#include "archive/columns.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static struct vr_error error;

static int parse(const char *text, struct vr_table *t) {
  FILE *f = fmemopen((void *)text, strlen(text), "r");
  assert_non_null(f);
  int r = vr_columns_read_file(f, "t", t, &error);
  fclose(f);
  return r;
}

static const double *column(const struct vr_table *t, const char *name) {
  const double *found = NULL;
  assert_int_equal(vr_columns_find(t, name, &found), 0);
  return found;
}

static void test_names(void **state) {
  (void)state;
  struct vr_table t;
  assert_int_equal(parse("time,\"u v\",y\r\n1,2,3\r\n4,5e1,-6\r\n", &t), 0);
  assert_int_equal(t.rows, 2);
  assert_int_equal(t.columns, 3);
  assert_string_equal(t.names[1], "u v");
  assert_true(column(&t, "u v")[1] == 50);
  assert_true(column(&t, "y")[1] == -6);
  const double *none = NULL;
  assert_int_equal(vr_columns_find(&t, "c1", &none), -ENOENT);
  assert_null(none);
  vr_columns_clear(&t);
}

static void test_no_names(void **state) {
  (void)state;
  struct vr_table t;
  assert_int_equal(parse("# a remark\n\n  1\t 2 \n3 4\n", &t), 0);
  assert_int_equal(t.rows, 2);
  assert_true(column(&t, "c1")[1] == 3);
  assert_true(column(&t, "c2")[0] == 2);
  vr_columns_clear(&t);
}

static void test_gaps(void **state) {
  (void)state;
  struct vr_table t;
  assert_int_equal(parse("a,b,c\n,NaN,na\n1,2,3\n", &t), 0);
  for (int c = 0; c < 3; c++) {
    assert_true(isnan(t.values[c * 2]));
    assert_true(t.values[c * 2 + 1] == c + 1);
  }
  vr_columns_clear(&t);
}

/* The same two columns, as different programs write them. */
static void test_dialects(void **state) {
  (void)state;
  static const char *const texts[] = {
      "\"gas rate, ft3\",y\n1,2\n-3.5,4e1\n",
      "\xef\xbb\xbf\"gas rate, ft3\",y\r\n1,2\r\n-3.5,40\r\n",
      "\"gas rate, ft3\",y\r1,2\r-3.5,40",
      "\r\n\"gas rate, ft3\" y\r\n 1 2\r\n\r\n -3.50000e+00  4.0E+1 \r\n",
      "'gas rate, ft3'\ty\n1\t2\n-3.5\t40\n",
      "\"gas rate, ft3\";y\n1;2\n-3.5;40\n",
      "\"gas rate, ft3\" , \"y\"\n\"1\" , \"2\"\n\"-3.5\",\"40\"\n",
      "% of MATLAB\n# of NumPy\n\"gas rate, ft3\",y # and here\n"
      "1,2 # one\n  # two\n-3.5,40\n",
      "\"gas rate, ft3\",y\n1,2,\n-3.5,40,\n",
  };
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    struct vr_table t;
    assert_int_equal(parse(texts[i], &t), 0);
    assert_int_equal(t.rows, 2);
    assert_int_equal(t.columns, 2);
    const double *u = column(&t, "gas rate, ft3"), *y = column(&t, "y");
    assert_true(u[0] == 1 && u[1] == -3.5);
    assert_true(y[0] == 2 && y[1] == 40);
    vr_columns_clear(&t);
  }
}

/* R's write.csv names its rows in a column without a name. */
static void test_row_names(void **state) {
  (void)state;
  struct vr_table t;
  assert_int_equal(parse("\"\",\"u\",\"y\"\n\"1\",5,6\n\"2\",7,8\n", &t), 0);
  assert_true(column(&t, "y")[1] == 8);
  assert_true(column(&t, "")[1] == 2);
  vr_columns_clear(&t);
}

static void test_same_names(void **state) {
  (void)state;
  struct vr_table t;
  const double *none = NULL;
  assert_int_equal(parse("u u y\n1 2 3\n", &t), 0);
  assert_int_equal(vr_columns_find(&t, "u", &none), -ENOTUNIQ);
  assert_null(none);
  assert_true(column(&t, "y")[0] == 3);
  vr_columns_clear(&t);
}

static void assert_cells(const char *text, size_t n, const char *const *cells) {
  char line[64];
  snprintf(line, sizeof(line), "%s", text);
  vr_cells_cut_remark(line);
  char separator = vr_cells_separator(line), *at = line;
  for (size_t i = 0; i < n; i++) {
    const char *cell = vr_cells_next(&at, separator);
    assert_non_null(cell);
    assert_string_equal(cell, cells[i]);
  }
  assert_null(vr_cells_next(&at, separator));
}

static void test_cells(void **state) {
  (void)state;
  assert_cells("a, b ,,", 4, (const char *const[]){"a", "b", "", ""});
  assert_cells("  a\t b  ", 2, (const char *const[]){"a", "b"});
  assert_cells("\"a \"\"b\"\"\" \"c", 2,
               (const char *const[]){"a \"b\"", "\"c"});
  assert_cells("guest's,host's", 2, (const char *const[]){"guest's", "host's"});
  assert_cells("\"a\"b,c", 2, (const char *const[]){"\"a\"b", "c"});
  assert_cells("\"a # b\" c#d # e", 2, (const char *const[]){"a # b", "c#d"});
  assert_cells("1,5;2,5", 2, (const char *const[]){"1,5", "2,5"});
  assert_cells("\"\"", 1, (const char *const[]){""});
  assert_cells("", 0, NULL);
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
  assert_refused("1 2\n3 0x1F\n", -EINVAL,
                 "t:2: column 2 (c2): \"0x1F\" is not a number");
  assert_refused("1;2\n1,5;2\n", -EINVAL,
                 "t:2: column 1 (c1): \"1,5\" is not a number");
  assert_refused("1 2\r3 4\r5 six\r", -EINVAL,
                 "t:3: column 2 (c2): \"six\" is not a number");
  assert_refused("1,2\n3,4,,\n", -EINVAL, "t:2: more than 2 cells");
  assert_refused("a b\n", -ENODATA, "t: a table without rows");
  assert_refused("1 word 2\n", -EINVAL,
                 "t:1: column 2 (c2): \"word\" is not a number");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names),     cmocka_unit_test(test_no_names),
      cmocka_unit_test(test_gaps),      cmocka_unit_test(test_dialects),
      cmocka_unit_test(test_row_names), cmocka_unit_test(test_same_names),
      cmocka_unit_test(test_cells),     cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
