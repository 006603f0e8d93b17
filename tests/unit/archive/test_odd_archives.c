/* SPDX-License-Identifier: MIT
 *
 * Further archives of odd hosts (docs/odd-hosts.md): one bad file beside good
 * ones, intervals that change or are no whole seconds. Rows were worked out by
 * hand.
 */
#include "../unit.h"
#include "archive/archive.h"
#include "basic/log.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <rrd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char root[64];
static struct vr_error error;
static struct vr_archive *archive;
static char messages[4000];

static void keep_message(int priority, const char *message) {
  (void)priority;
  size_t n = strlen(messages);
  snprintf(messages + n, sizeof(messages) - n, "%s\n", message);
}

static const char *path_of(const char *name) {
  static char path[256];
  snprintf(path, sizeof(path), "%s/%s", root, name);
  return path;
}

static int make_tree(void **state) {
  (void)state;
  vr_log_set(keep_message);
  messages[0] = '\0';
  snprintf(root, sizeof(root), "/tmp/test_odd_archives-XXXXXX");
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

static void put(const char *name, const char *text) {
  FILE *f = fopen(path_of(name), "w");
  assert_non_null(f);
  assert_true(fputs(text, f) >= 0);
  assert_int_equal(fclose(f), 0);
}

static const struct vr_archive_file *find(const char *type) {
  vr_archive_free(archive);
  archive = NULL;
  assert_int_equal(vr_archive_open(root, &archive, &error), 0);
  const struct vr_archive_file *f = vr_archive_find(archive, "h", "p", type);
  assert_non_null(f);
  return f;
}

#define GAP (-1)

/* N rows from 1001 on, STEP seconds apart, of the series h/p/x. */
static void assert_rows(double step, size_t n, const double *wanted) {
  const struct vr_timeline grid = {1000 + step, step, n};
  struct vr_history h;
  assert_int_equal(vr_archive_fetch(find("x"), &grid, &h, &error), 0);
  const double *x = vr_history_column(&h, "value");
  assert_non_null(x);
  for (size_t i = 0; i < n; i++)
    if (wanted[i] == GAP ? !isnan(x[i]) : !(fabs(x[i] - wanted[i]) < 1e-9))
      fail_msg("row %zu is %g, not %g", i, x[i], wanted[i]);
  vr_history_clear(&h);
}

#define ROWS(step, ...)                                                        \
  assert_rows(step, sizeof((double[]){__VA_ARGS__}) / sizeof(double),          \
              (double[]){__VA_ARGS__})

/* --- one bad member --- */

/* The disk was full: days of no byte, of a part of the names, of names alone.
 */
static void days_without_samples_cost_themselves(void **state) {
  (void)state;
  put("h/p/x-2024-01-01", "");
  put("h/p/x-2024-01-02", "epoch,val");
  put("h/p/x-2024-01-03", "epoch,value\n");
  put("h/p/x-2024-01-04", "epoch,value\n1001.000,1.5\n1002.000,2.5\n");
  put("h/p/x-2024-01-05", "\n");
  put("h/p/x-2024-01-06", "epoch,value\n1003.000,3.5\n1004.000,4.5\n");
  ROWS(1, 1.5, 2.5, 3.5, 4.5);
}

/* What others leave in a tree is no series, and harms none. */
static void strange_files_are_passed_over(void **state) {
  (void)state;
  put("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n1002.000,2.5\n");
  put("h/p/x-2024-01-01.gz", "\037\213");
  put("h/p/x-2024-01-01.bak", "epoch,value\n1001.000,9.5\n");
  put("h/p/x.rrd.bak", "RRD");
  put("h/p/README", "epoch of this folder, by hand\n");
  put("h/README", "no plugin\n");
  assert_int_equal(mkdir(path_of("h/p/x.rrd.d"), 0755), 0);
  assert_int_equal(symlink("/nonexistent", path_of("h/p/y-2024-01-01")), 0);
  assert_int_equal(mkdir(path_of("lost+found"), 0), 0);
  ROWS(1, 1.5, 2.5);
  for (size_t i = 0; i < archive->n_files; i++)
    if (strcmp(archive->files[i].type, "x") != 0 &&
        strcmp(archive->files[i].type, "y") != 0)
      fail_msg("%s", archive->files[i].type);
}

/* Of an RRD file without averages, and one that was cut, the message says what
 * is wrong; the series beside them is read. */
static void rrd_files_cost_themselves(void **state) {
  (void)state;
  const char *create[] = {"DS:value:GAUGE:2:U:U", "RRA:MIN:0.5:1:50",
                          "RRA:MAX:0.5:1:50"};
  struct vr_extent e;
  assert_int_equal(rrd_create_r(path_of("h/p/m.rrd"), 1, 1000, 3, create), 0);
  put("h/p/z.rrd", "");
  put("h/p/x-2024-01-01", "epoch,value\n1001.000,1.5\n1002.000,2.5\n");
  assert_int_equal(vr_archive_extent(find("m"), 0, &e, &error), -EINVAL);
  assert_non_null(strstr(error.message, "AVERAGE"));
  assert_int_equal(vr_archive_extent(find("z"), 0, &e, &error), -EINVAL);
  assert_non_null(strstr(error.message, "not all of one"));
  ROWS(1, 1.5, 2.5);
}

/* Has another process lock the file as librrd does where it writes, for a
 * moment; its id. */
static pid_t write_for_a_moment(const char *name) {
  int ready[2];
  char c;
  assert_int_equal(pipe(ready), 0);
  pid_t pid = fork();
  if (pid == 0) {
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path_of(name), O_RDWR);
    if (fd < 0 || fcntl(fd, F_SETLK, &all) < 0 || write(ready[1], "", 1) != 1)
      _exit(1);
    nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
    _exit(0);
  }
  assert_true(pid > 0);
  close(ready[1]);
  assert_int_equal(read(ready[0], &c, 1), 1);
  close(ready[0]);
  return pid;
}

/* collectd writes while the trainer reads. */
static void a_file_that_is_written_is_waited_for(void **state) {
  (void)state;
  const char *create[] = {"DS:value:GAUGE:2:U:U", "RRA:AVERAGE:0.5:1:50"};
  struct vr_extent e;
  int status;
  assert_int_equal(rrd_create_r(path_of("h/p/x.rrd"), 1, 1000, 2, create), 0);
  const struct vr_archive_file *file = find("x");
  pid_t pid = write_for_a_moment("h/p/x.rrd");
  if (vr_archive_extent(file, 0, &e, &error) != 0)
    fail_msg("%s", error.message);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  pid = write_for_a_moment("h/p/x.rrd");
  ROWS(1, GAP);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

/* --- intervals --- */

/* collectd's interval of half a second. */
static void half_seconds_are_averaged(void **state) {
  (void)state;
  put("h/p/x-2024-01-01",
      "epoch,value\n1000.500,1.0\n1001.000,2.0\n1001.500,3.0\n1002.000,4.0\n"
      "1002.500,5.0\n1003.000,6.0\n");
  ROWS(1, 1.5, 3.5, 5.5);
}

/* A counter under an interval that was changed from 1 to 4 seconds and back: by
 * four seconds it is known throughout, by one where it was read so often. */
static void a_counter_keeps_its_rate_over_intervals(void **state) {
  (void)state;
  put("h/p/x-2024-01-01",
      "epoch,value\n1000.000,100\n1001.000,110\n1002.000,120\n1003.000,130\n"
      "1004.000,140\n1005.000,150\n1006.000,160\n1007.000,170\n"
      "1008.000,180\n1012.000,220\n1016.000,260\n1020.000,300\n"
      "1024.000,340\n1025.000,350\n1026.000,360\n1027.000,370\n"
      "1028.000,380\n");
  ROWS(4, 10, 10, 10, 10, 10, 10, 10);
  ROWS(1, 10, 10, 10, 10, 10, 10, 10, 10, GAP, GAP, GAP, GAP, GAP, GAP, GAP,
       GAP, GAP, GAP, GAP, GAP, GAP, GAP, GAP, GAP, 10, 10, 10, 10);
  /* One that was away for as long is a gap. */
  put("h/p/x-2024-01-01",
      "epoch,value\n1000.000,100\n1001.000,110\n1002.000,120\n1003.000,130\n"
      "1004.000,140\n1008.000,180\n1009.000,190\n1010.000,200\n"
      "1011.000,210\n1012.000,220\n");
  ROWS(4, 10, GAP, 10);
}

/* Read at any phase of the second, as collectd does: the rate is the same. */
static void a_phase_shifts_nothing(void **state) {
  (void)state;
  put("h/p/x-2024-01-01",
      "epoch,value\n1000.250,25\n1001.250,125\n1002.250,225\n1003.250,325\n"
      "1004.250,425\n");
  ROWS(1, 100, 100, 100, 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(days_without_samples_cost_themselves,
                                      make_tree, remove_tree),
      cmocka_unit_test_setup_teardown(strange_files_are_passed_over, make_tree,
                                      remove_tree),
      cmocka_unit_test_setup_teardown(rrd_files_cost_themselves, make_tree,
                                      remove_tree),
      cmocka_unit_test_setup_teardown(a_file_that_is_written_is_waited_for,
                                      make_tree, remove_tree),
      cmocka_unit_test_setup_teardown(half_seconds_are_averaged, make_tree,
                                      remove_tree),
      cmocka_unit_test_setup_teardown(a_counter_keeps_its_rate_over_intervals,
                                      make_tree, remove_tree),
      cmocka_unit_test_setup_teardown(a_phase_shifts_nothing, make_tree,
                                      remove_tree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
