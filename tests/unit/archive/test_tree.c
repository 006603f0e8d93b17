/* SPDX-License-Identifier: MIT
 *
 * Trees of RRD and csv files: what is listed, which archive serves which span,
 * and what comes out on a grid.
 */
#include "../unit.h"
#include "archive/archive.h"
#include "basic/file.h"

#include <errno.h>
#include <math.h>
#include <rrd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/test_tree-XXXXXX";
static struct vr_error error;

#define assert_near(x, wanted, tolerance)                                      \
  assert_true(fabs((x) - (wanted)) <= (tolerance))

static const char *path_of(const char *name) {
  static char path[256];
  snprintf(path, sizeof(path), "%s/%s", root, name);
  return path;
}

static void put(const char *name, const char *text) {
  assert_int_equal(vr_file_write_atomic(path_of(name), text, strlen(text)), 0);
}

/* A counter that rises by t at second t and a level of t, for 100 s; archives
 * of 1 s (last 50 rows) and 10 s (all). */
static void make_rrd(const char *name) {
  const char *create[] = {"DS:c:DERIVE:2:U:U", "DS:g:GAUGE:2:U:U",
                          "RRA:AVERAGE:0.5:1:50", "RRA:AVERAGE:0.5:10:50",
                          "RRA:MAX:0.5:1:400"};
  assert_int_equal(rrd_create_r(path_of(name), 1, 1000, 5, create), 0);
  long count = 0;
  for (int t = 1; t <= 100; t++) {
    char update[64];
    const char *updates[] = {update};
    count += t;
    if (t >= 71 && t <= 74) /* a gap, longer than the heartbeat */
      continue;
    snprintf(update, sizeof(update), "%d:%ld:%d", 1000 + t, count, t);
    assert_int_equal(rrd_update_r(path_of(name), NULL, 1, updates), 0);
  }
}

static int make_tree(void **state) {
  (void)state;
  assert_non_null(mkdtemp(root));
  assert_int_equal(mkdir(path_of("b"), 0755), 0);
  assert_int_equal(mkdir(path_of("b/load"), 0755), 0);
  assert_int_equal(mkdir(path_of("a"), 0755), 0);
  assert_int_equal(mkdir(path_of("a/vmrecon-g-1"), 0755), 0);
  make_rrd("a/vmrecon-g-1/derive-x.rrd");
  put("a/vmrecon-g-1/notes.txt", "not a series");
  put("stray", "not a host");
  put("b/load/load-2024-02-29", "epoch,shortterm\n1003.000,0.5\n");
  put("b/load/load-2024-02-28",
      "epoch,shortterm\n1001.000,0.25\n1002.000,1.0\n");
  put("b/load/count-2024-02-28",
      "epoch,value\n1000.500,100\n1001.500,110\n1002.500,130\n1003.500,130\n");
  return 0;
}

static int remove_tree(void **state) {
  (void)state;
  char command[64];
  snprintf(command, sizeof(command), "rm -rf %s", root);
  return system(command);
}

static struct vr_archive *open_tree(void) {
  struct vr_archive *a;
  assert_int_equal(vr_archive_open(root, &a, &error), 0);
  return a;
}

static void test_list(void **state) {
  (void)state;
  struct vr_archive *a = open_tree();
  size_t first;
  assert_int_equal(a->n_files, 3);
  assert_non_null(vr_archive_find(a, "a", "vmrecon-g-1", "derive-x"));
  assert_null(vr_archive_find(a, "a", "vmrecon-g-1", "notes"));
  assert_int_equal(vr_archive_host_range(a, "b", &first), 3);
  assert_int_equal(first, 1);
  const struct vr_archive_file *f = vr_archive_find(a, "b", "load", "load");
  assert_non_null(f);
  assert_int_equal(f->n_paths, 2);
  assert_non_null(strstr(f->paths[0], "02-28"));
  vr_archive_free(a);
  assert_int_equal(vr_archive_open("/no/such", &a, &error), -ENOENT);
}

static void test_extent(void **state) {
  (void)state;
  struct vr_archive *a = open_tree();
  const struct vr_archive_file *f =
      vr_archive_find(a, "a", "vmrecon-g-1", "derive-x");
  struct vr_extent e;
  assert_int_equal(vr_archive_extent(f, -INFINITY, &e, &error), 0);
  assert_true(e.step == 1 && e.begin == 1051 && e.end == 1100);
  assert_int_equal(vr_archive_extent(f, 1060, &e, &error), 0);
  assert_true(e.step == 1);
  /* The 1 s archive begins too late for this; MAX is no average. */
  assert_int_equal(vr_archive_extent(f, 1010, &e, &error), 0);
  assert_true(e.step == 10 && e.end == 1100);
  vr_archive_free(a);
}

static void test_rows(void **state) {
  (void)state;
  struct vr_archive *a = open_tree();
  const struct vr_archive_file *f =
      vr_archive_find(a, "a", "vmrecon-g-1", "derive-x");
  const struct vr_timeline grid = {1061, 1, 45};
  struct vr_history h;
  assert_int_equal(vr_archive_fetch(f, &grid, &h, &error), 0);
  const double *c = vr_history_column(&h, "c"), *g = vr_history_column(&h, "g");
  assert_non_null(c);
  assert_null(vr_history_column(&h, "x"));
  for (int i = 0; i < 10; i++) {
    assert_near(c[i], 61 + i, 1e-9);
    assert_near(g[i], 61 + i, 1e-9);
  }
  for (int i = 10; i < 15; i++) /* seconds 71 to 75: the gap and its end */
    assert_true(isnan(c[i]));
  assert_near(c[39], 100, 1e-9);
  assert_true(isnan(c[40])); /* beyond the archive */
  vr_history_clear(&h);
  vr_archive_free(a);
}

/* Rows of 5 s: the means of 61..65, 66..70, and, with all unknown, none; of
 * 76..80. */
static void test_averaged(void **state) {
  (void)state;
  struct vr_archive *a = open_tree();
  const struct vr_archive_file *f =
      vr_archive_find(a, "a", "vmrecon-g-1", "derive-x");
  const struct vr_timeline grid = {1065, 5, 4};
  struct vr_history h;
  assert_int_equal(vr_archive_fetch(f, &grid, &h, &error), 0);
  const double *c = vr_history_column(&h, "c");
  assert_near(c[0], 63, 1e-9);
  assert_near(c[1], 68, 1e-9);
  assert_true(isnan(c[2]));
  assert_near(c[3], 78, 1e-9);
  vr_history_clear(&h);
  const struct vr_timeline odd = {1050.5, 0.5, 4};
  assert_int_equal(vr_archive_fetch(f, &odd, &h, &error), -ERANGE);
  vr_archive_free(a);
}

/* Levels as they stand; a counter sampled at half seconds: between 1000.5 and
 * 1001.5 it rises by 10, then by 20, then not: the second to 1002 holds half of
 * each, 15. */
static void test_csv(void **state) {
  (void)state;
  struct vr_archive *a = open_tree();
  const struct vr_timeline grid = {1001, 1, 3};
  struct vr_history h;
  struct vr_extent e;
  const struct vr_archive_file *f = vr_archive_find(a, "b", "load", "load");
  assert_int_equal(vr_archive_extent(f, -INFINITY, &e, &error), 0);
  assert_true(e.step == 1 && e.begin == 1001 && e.end == 1003);
  assert_int_equal(vr_archive_fetch(f, &grid, &h, &error), 0);
  assert_near(h.values[0], 0.25, 1e-12);
  assert_near(h.values[1], 1, 1e-12);
  assert_near(h.values[2], 0.5, 1e-12);
  vr_history_clear(&h);
  f = vr_archive_find(a, "b", "load", "count");
  assert_int_equal(vr_archive_fetch(f, &grid, &h, &error), 0);
  assert_near(h.values[1], 15, 1e-9);
  assert_near(h.values[2], 10, 1e-9);
  vr_history_clear(&h);
  vr_archive_free(a);
}

/* The head of an RRD file of one data source and one archive, as a machine lays
 * it out whose doubles stand at multiples of ALIGNED and whose longs have WIDTH
 * bytes, last byte first if SWAPPED. */
static void put_rrd_of(size_t aligned, size_t width, bool swapped) {
  unsigned char head[512] = "RRD\0"
                            "0003";
  const double check = 8.642135e130;
  const uint32_t n[3] = {1, 1, 10};
  size_t at = aligned == 4 ? 12 : 16;
  for (size_t i = 0; i < sizeof(check); i++)
    head[at + i] =
        ((const unsigned char *)&check)[swapped ? sizeof(check) - 1 - i : i];
  at += sizeof(check);
  for (size_t k = 0; k < 3; k++, at += width)
    head[at + (swapped ? width - 1 : 0)] = (unsigned char)n[k];
  FILE *f = fopen(path_of("a/vmrecon-g-1/foreign.rrd"), "w");
  assert_non_null(f);
  assert_int_equal(fwrite(head, sizeof(head), 1, f), 1);
  assert_int_equal(fclose(f), 0);
}

/* Files of ARM (32 bits), of x86 (32 bits) and of a 64-bit machine with the
 * other byte order are called so; one of this architecture that is short is
 * not. */
/* librrd would look for the end of the expression. */
static void test_computed(void **state) {
  (void)state;
  const char *create[] = {"DS:c:GAUGE:2:U:U", "DS:d:COMPUTE:c,2,*",
                          "RRA:AVERAGE:0.5:1:50"};
  assert_int_equal(
      rrd_create_r(path_of("a/vmrecon-g-1/computed.rrd"), 1, 1000, 3, create),
      0);
  struct vr_archive *a = open_tree();
  struct vr_extent e;
  assert_int_equal(
      vr_archive_extent(vr_archive_find(a, "a", "vmrecon-g-1", "computed"), 0,
                        &e, &error),
      -EINVAL);
  assert_non_null(strstr(error.message, "COMPUTE"));
  vr_archive_free(a);
  assert_int_equal(unlink(path_of("a/vmrecon-g-1/computed.rrd")), 0);
}

static void test_foreign(void **state) {
  (void)state;
  const struct {
    size_t aligned, width;
    bool swapped, foreign;
  } cases[] = {{8, 4, false, true},
               {4, 4, false, true},
               {8, 8, true, true},
               {8, 4, true, true},
               {8, 8, false, false}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    put_rrd_of(cases[i].aligned, cases[i].width, cases[i].swapped);
    struct vr_archive *a = open_tree();
    struct vr_extent e;
    assert_int_equal(
        vr_archive_extent(vr_archive_find(a, "a", "vmrecon-g-1", "foreign"), 0,
                          &e, &error),
        -EINVAL);
    assert_int_equal(strstr(error.message, "another architecture") != NULL,
                     cases[i].foreign);
    vr_archive_free(a);
  }
  assert_int_equal(unlink(path_of("a/vmrecon-g-1/foreign.rrd")), 0);
}

/* A pipe in the place of a file would wait for its writer. */
static void test_pipes(void **state) {
  (void)state;
  static const char *const names[] = {"p.rrd", "q-2026-01-01"};
  char path[256];
  snprintf(path, sizeof(path), "%s/c", root);
  assert_int_equal(mkdir(path, 0700), 0);
  snprintf(path, sizeof(path), "%s/c/load", root);
  assert_int_equal(mkdir(path, 0700), 0);
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof(path), "%s/c/load/%s", root, names[i]);
    assert_int_equal(mkfifo(path, 0600), 0);
  }
  struct vr_archive *a = open_tree();
  for (int i = 0; i < 2; i++) {
    struct vr_extent e;
    const struct vr_archive_file *f =
        vr_archive_find(a, "c", "load", i == 0 ? "p" : "q");
    assert_non_null(f);
    assert_true(vr_archive_extent(f, -INFINITY, &e, &error) < 0);
    assert_non_null(strstr(error.message, "not a regular file"));
    assert_non_null(strstr(error.message, names[i]));
  }
  vr_archive_free(a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_list),     cmocka_unit_test(test_extent),
      cmocka_unit_test(test_rows),     cmocka_unit_test(test_averaged),
      cmocka_unit_test(test_csv),      cmocka_unit_test(test_foreign),
      cmocka_unit_test(test_computed), cmocka_unit_test(test_pipes),
  };
  return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
