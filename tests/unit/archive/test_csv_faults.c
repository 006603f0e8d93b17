/* SPDX-License-Identifier: MIT
 *
 * Trees that a crash, an option or a link left in another shape: what is
 * damaged is a gap, and everything else is used, once.
 */
#include "../unit.h"
#include "archive/archive.h"
#include "basic/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[64];
static struct vr_error error;
static struct vr_archive *archive;
static unsigned messages;

static void count_message(int priority, const char *message) {
  (void)priority;
  (void)message;
  messages++;
}

static const char *path_of(const char *name) {
  static char path[256];
  snprintf(path, sizeof(path), "%s/%s", root, name);
  return path;
}

static int make_tree(void **state) {
  (void)state;
  vr_log_set(count_message);
  snprintf(root, sizeof(root), "/tmp/test_csv_faults-XXXXXX");
  if (!mkdtemp(root))
    return -1;
  mkdir(path_of("h"), 0755);
  return mkdir(path_of("h/p"), 0755);
}

static int remove_tree(void **state) {
  (void)state;
  char command[128];
  vr_archive_free(archive);
  archive = NULL;
  snprintf(command, sizeof(command), "rm -rf %s", root);
  return system(command);
}

static void put(const char *name, const char *text, size_t length) {
  FILE *f = fopen(path_of(name), "w");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, length, f), length);
  assert_int_equal(fclose(f), 0);
}

#define PUT(name, text) put(name, text, sizeof(text) - 1)

static void open_tree(void) {
  vr_archive_free(archive);
  assert_int_equal(vr_archive_open(root, &archive, &error), 0);
}

/* Seconds 1001 to 1008 of the series h/p/x; GAP stands for no value. */
#define GAP (-1)
static void assert_rows(const double wanted[8]) {
  const struct vr_timeline grid = {1001, 1, 8};
  struct vr_history h;
  open_tree();
  const struct vr_archive_file *f = vr_archive_find(archive, "h", "p", "x");
  assert_non_null(f);
  assert_int_equal(vr_archive_fetch(f, &grid, &h, &error), 0);
  const double *x = vr_history_column(&h, "value");
  assert_non_null(x);
  for (int i = 0; i < 8; i++)
    if (wanted[i] == GAP)
      assert_true(isnan(x[i]));
    else if (!(fabs(x[i] - wanted[i]) < 1e-9))
      fail_msg("row %d is %g, not %g", i, x[i], wanted[i]);
  vr_history_clear(&h);
}

/* --- lines that were cut --- */

static void test_nul_bytes(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n1002.000,2.5\n"
                          "\0\0\0\0\0\0\0\0001005.000,5.5\n1006.000,6.5\n"
                          "1007.000,7.5\n1008.000,8.5\n");
  assert_rows((double[]){1.5, 2.5, GAP, GAP, GAP, 6.5, 7.5, 8.5});
}

/* Two samples are lost with one line; the level after them holds for one
 * interval. */
static void test_two_lines_in_one(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n1002.000,2.5\n"
                          "1003.01004.000,4.5\n1005.000,5.5\n1006.000,6.5\n"
                          "\n,\n1007.000,7.5,8\n1007.000,7.5\n1008.000,8.5\n");
  assert_rows((double[]){1.5, 2.5, GAP, GAP, 5.5, 6.5, 7.5, 8.5});
}

/* "30" is what is left of 3040. */
static void test_cut_counter(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1000.000,3000\n1001.000,3010\n"
                          "1002.000,3020\n1003.000,30\n1004.000,3040\n"
                          "1005.000,3050\n1006.000,3060\n1007.000,3070\n"
                          "1008.000,3080\n");
  assert_rows((double[]){10, 10, 10, 10, 10, 10, 10, 10});
}

/* "30" is what is left of 30.5, and a counter that begins anew stays one. */
static void test_cut_level(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,10.5\n1002.000,20.5\n"
                          "1003.000,30\n1004.000,40.5\n1005.000,50.5\n"
                          "1006.000,60.5\n1007.000,70.5\n1008.000,80.5\n");
  assert_rows((double[]){10.5, 20.5, GAP, 40.5, 50.5, 60.5, 70.5, 80.5});
}

static void test_reset_stays(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1000.000,3000\n1001.000,3010\n"
                          "1002.000,0\n1003.000,10\n1004.000,20\n"
                          "1005.000,30\n1006.000,40\n1007.000,50\n"
                          "1008.000,60\n");
  assert_rows((double[]){10, GAP, 10, 10, 10, 10, 10, 10});
}

/* A day whose first line is torn keeps its others; one of other data sources is
 * left out. */
static void test_bad_day(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n1002.000,2.5\n");
  PUT("h/p/x-2024-01-02", "\0\0\0\0\n1003.000,3.5\n1004.000,4.5\n");
  PUT("h/p/x-2024-01-03", "epoch,other\n1005.000,1.5\n1006.000,2.5\n");
  PUT("h/p/x-2024-01-04", "epoch,value\n1007.000,7.5\n1008.000,8.5\n");
  messages = 0;
  assert_rows((double[]){1.5, 2.5, 3.5, 4.5, GAP, GAP, 7.5, 8.5});
  assert_true(messages >= 1);
}

static void test_nothing_left(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n\0\0\0\0\n");
  PUT("h/p/y-2024-01-01", "\0\0\0\0\n");
  open_tree();
  struct vr_extent e;
  assert_int_equal(vr_archive_extent(&archive->files[0], -INFINITY, &e, &error),
                   -ENODATA);
  assert_int_equal(vr_archive_extent(&archive->files[1], -INFINITY, &e, &error),
                   -EINVAL);
  assert_non_null(strstr(error.message, "y-2024-01-01:1"));
}

/* --- StoreRates --- */

static void test_rates_from_one_day_on(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1000.000,100\n1001.000,110\n"
                          "1002.000,130\n1003.000,160\n");
  PUT("h/p/x-2024-01-02", "epoch,value\n1004.000,nan\n1005.000,50.000000\n"
                          "1006.000,60.000000\n1007.000,70.000000\n"
                          "1008.000,80.000000\n");
  assert_rows((double[]){10, 20, 30, GAP, 50, 60, 70, 80});
}

static void test_counters_within_a_day(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,10.000000\n"
                          "1002.000,20.000000\n1003.000,30.000000\n"
                          "1004.000,100\n1005.000,150\n1006.000,210\n"
                          "1007.000,280\n1008.000,360\n");
  assert_rows((double[]){10, 20, 30, GAP, 50, 60, 70, 80});
}

/* --- a clock that was set --- */

/* A machine that began with a wrong clock, and one whose clock jumped. */
static void test_wrong_clock(void **state) {
  (void)state;
  PUT("h/p/x", "epoch,value\n2082758400.000,0.5\n2082758401.000,0.5\n"
               "1001.000,1.5\n1002.000,2.5\n1003.000,3.5\n1004.000,4.5\n"
               "1005.000,5.5\n9.000,0.5\n1006.000,6.5\n1007.000,7.5\n"
               "1008.000,8.5\n");
  assert_rows((double[]){1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5});
}

/* Set back by two seconds: what it says of them again does not count. */
static void test_clock_set_back(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n1002.000,2.5\n"
                          "1003.000,3.5\n1004.000,4.5\n1003.000,9.5\n"
                          "1004.000,9.5\n1005.000,5.5\n1006.000,6.5\n"
                          "1007.000,7.5\n1008.000,8.5\n");
  assert_rows((double[]){1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5});
}

/* Copied by a program that ends lines as DOS does. */
static void test_lines_of_dos(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01",
      "epoch,value\r\n1001.000,1.5\r\n1002.000,2.5\r\n1003.000,nan\r\n"
      "1004.000,4.5\r\n1005.000,-nan\r\n1006.000,6.5\r\n1007.000,7.5\r\n"
      "1008.000,8.5\r\n");
  assert_rows((double[]){1.5, 2.5, GAP, 4.5, GAP, 6.5, 7.5, 8.5});
}

/* --- FileDate --- */

static void test_without_dates(void **state) {
  (void)state;
  PUT("h/p/x", "epoch,value\n1003.000,3.5\n1004.000,4.5\n");
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n1002.000,2.5\n");
  PUT("h/p/notes.txt", "not a series\n");
  PUT("h/p/short", "epo");
  assert_int_equal(mkfifo(path_of("h/p/pipe"), 0600), 0);
  assert_rows((double[]){1.5, 2.5, 3.5, 4.5, GAP, GAP, GAP, GAP});
  assert_int_equal(archive->n_files, 1);
}

/* --- links --- */

static void test_links(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n");
  assert_int_equal(symlink("h", path_of("a")), 0);
  assert_int_equal(symlink("a", path_of("z")), 0);
  assert_int_equal(symlink("p", path_of("h/o")), 0);
  assert_int_equal(symlink("nowhere", path_of("n")), 0);
  messages = 0;
  open_tree();
  assert_int_equal(archive->n_files, 1);
  assert_string_equal(archive->files[0].host, "h");
  assert_string_equal(archive->files[0].plugin, "p");
  assert_int_equal(messages, 2);
  size_t first;
  assert_ptr_equal(vr_archive_find(archive, "z", "p", "x"), archive->files);
  assert_int_equal(vr_archive_host_range(archive, "a", &first), 1);
  assert_null(vr_archive_find(archive, "n", "p", "x"));
}

/* A guest that another host links to, as after a migration, counts once, and a
 * link to what is not in the tree is as good as what it names. */
static void test_links_to_plugins(void **state) {
  (void)state;
  char elsewhere[128];
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n");
  assert_int_equal(mkdir(path_of("a"), 0755), 0);
  assert_int_equal(mkdir(path_of(".outside"), 0755), 0);
  PUT(".outside/x-2024-01-01", "epoch,value\n1001.000,1.5\n");
  strcpy(elsewhere, path_of(".outside"));
  assert_int_equal(symlink("../h/p", path_of("a/p")), 0);
  assert_int_equal(symlink(elsewhere, path_of("a/q")), 0);
  open_tree();
  assert_int_equal(archive->n_files, 2);
  assert_non_null(vr_archive_find(archive, "h", "p", "x"));
  assert_null(vr_archive_find(archive, "a", "p", "x"));
  assert_non_null(vr_archive_find(archive, "a", "q", "x"));
}

/* --- names --- */

static void test_control_characters(void **state) {
  (void)state;
  PUT("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n");
  PUT("h/p/a\nb-2024-01-01", "epoch,value\n1001.000,1.5\n");
  PUT("h/p/y-2024-01-01", "epoch,\x1b[2J\n1001.000,1.5\n");
  assert_int_equal(mkdir(path_of("h/\x1b[2J"), 0755), 0);
  PUT("h/\x1b[2J/x-2024-01-01", "epoch,value\n1001.000,1.5\n");
  open_tree();
  assert_int_equal(archive->n_files, 2);
  struct vr_extent e;
  const struct vr_archive_file *f = vr_archive_find(archive, "h", "p", "y");
  assert_int_equal(vr_archive_extent(f, -INFINITY, &e, &error), -EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TREE(f) cmocka_unit_test_setup_teardown(f, make_tree, remove_tree)
      TREE(test_nul_bytes),
      TREE(test_two_lines_in_one),
      TREE(test_cut_counter),
      TREE(test_cut_level),
      TREE(test_reset_stays),
      TREE(test_bad_day),
      TREE(test_nothing_left),
      TREE(test_rates_from_one_day_on),
      TREE(test_counters_within_a_day),
      TREE(test_wrong_clock),
      TREE(test_clock_set_back),
      TREE(test_lines_of_dos),
      TREE(test_without_dates),
      TREE(test_links),
      TREE(test_links_to_plugins),
      TREE(test_control_characters),
#undef TREE
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
