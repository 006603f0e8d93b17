/* SPDX-License-Identifier: MIT
 *
 * Command lines that make no sense end the program with a message and the exit
 * code for it, and those that do are understood.
 */
#include "recording.h"
#include "train/cli/parse_options.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* LINE split at spaces. */
static int split(char *line, char **argv) {
  int argc = 0;
  argv[argc++] = (char *)"vmrecon-train";
  for (char *word; (word = strsep(&line, " "));)
    argv[argc++] = word;
  argv[argc] = NULL;
  return argc;
}

static void parse(char *line, struct vr_options *ret) {
  char *argv[32];
  int argc = split(line, argv);
  vr_options_parse(argc, argv, ret);
}

/* The exit code of LINE, in a process of its own; what it wrote to standard
 * error holds WANTED. */
static void refuses(const char *line, const char *wanted) {
  int ends[2], status;
  char text[2000] = "";
  assert_int_equal(pipe(ends), 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    struct vr_options o;
    char copy[200];
    snprintf(copy, sizeof(copy), "%s", line);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    parse(copy, &o);
    exit(0);
  }
  close(ends[1]);
  ssize_t n = 0, got;
  while ((got = read(ends[0], text + n, sizeof(text) - 1 - (size_t)n)) > 0)
    n += got;
  close(ends[0]);
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) != VR_EXIT_USAGE || !strstr(text, wanted))
    fail_msg("\"%s\" ends with %d: %s", line, WEXITSTATUS(status), text);
}

static void test_refused(void **state) {
  (void)state;
  refuses("-o m", "no DATADIR");
  refuses("data", "give one of -o");
  refuses("data -o m --list", "give one of -o");
  refuses("data other -o m", "more than one DATADIR");
  refuses("data -o m --nb 2", "--nb and --nk go with --na");
  refuses("data -o m --na x", "is not a number");
  refuses("data -o m --na 1.5", "is not a whole number");
  refuses("data -o m --na 1 --nb 1,1,1,1,1", "at most 4 inputs");
  refuses("data -o m --na 1 --known f", "--known goes without --na");
  refuses("data -o m --jobs 65", "--jobs");
  refuses("data --report r --list", "give one of -o");
  refuses("data --pool -o m --report r", "--report is not an option of --pool");
  refuses("data --list --pool", "--pool goes with -o");
  refuses("data --list --export d", "--export goes with --score");
  refuses("data --list --min-fit 3", "--min-fit is not an option of --list");
  refuses("data --list -v", "-v goes with -o");
  refuses("data --list --output y", "go with --table");
  refuses("data --list --start 1700000900 --end 1700000000", "--start");
  refuses("data --list --start nonsense", "--start");
  refuses("--table t --input u", "needs --output");
  refuses("--table t --output y", "needs --input");
  refuses("--table t --output y --input y", "is the output");
  refuses("--table t --output y --input u,", "an empty name");
  refuses("--table t --output y --input u -o m", "--table goes without");
  refuses("--table t --output y --input u --detrend x", "neither mean nor");
  refuses("--table t --output y --input u --estimate 5", "is not FROM:TO");
  refuses("--table t --output y --input u --estimate 9:5", "9 is above 5");
  refuses("--table t --output y --input u --search nx=1:2", "is none of");
  refuses("--table t --output y --input u --na 1 --search na=1:2",
          "--search goes without");
  refuses("--table t --output y --input u,v --na 1 --nb 1,1,1",
          "one for each of the 2");
  refuses("--table t --output y --input u --pool", "is not an option of");
}

static void test_defaults(void **state) {
  (void)state;
  char line[] = "data -o m";
  struct vr_options o;
  parse(line, &o);
  assert_string_equal(o.data, "data");
  assert_string_equal(o.models, "m");
  assert_near(o.min_fit, 5, 0);
  assert_true(o.try_known);
  assert_int_equal(o.jobs, 1);
  assert_true(isnan(o.span.begin) && isnan(o.span.end) && isnan(o.span.step));
  assert_false(o.train.orders.given);
}

static void test_understood(void **state) {
  (void)state;
  char line[] =
      "data -o m --na 2 --nb 3,1 --nk 0 --start 1700000000 --end 1700000900 "
      "--step 10 --guest g --pair h/g=x --source p --min-fit -3";
  struct vr_options o;
  parse(line, &o);
  assert_int_equal(o.train.orders.na, 2);
  assert_int_equal(o.train.orders.n_nb, 2);
  assert_int_equal(o.train.orders.nb[0], 3);
  assert_int_equal(o.train.orders.nb[1], 1);
  assert_near(o.span.begin, 1700000000, 0);
  assert_near(o.span.end, 1700000900, 0);
  assert_near(o.span.step, 10, 0);
  assert_string_equal(o.pairs[0], "h/g=x");
  assert_string_equal(o.sources[0], "p");
  assert_near(o.min_fit, -3, 0);
}

static void test_table(void **state) {
  (void)state;
  char line[] = "--table f --output y --input u,v --search na=1:3,nk=2 "
                "--estimate :300 --validate 301: --detrend mean";
  struct vr_options o;
  parse(line, &o);
  assert_int_equal(o.table.n_inputs, 2);
  assert_string_equal(o.table.inputs[1], "v");
  assert_true(o.table.search && o.table.detrend);
  assert_int_equal(o.table.search_na.min, 1);
  assert_int_equal(o.table.search_na.max, 3);
  assert_int_equal(o.table.search_nk.min, 2);
  assert_int_equal(o.table.search_nk.max, 2);
  assert_int_equal(o.table.search_nb.max, 10);
  assert_int_equal(o.table.estimate.from, 1);
  assert_int_equal(o.table.estimate.to, 300);
  assert_int_equal(o.table.validate.from, 301);
  assert_true(o.table.validate.to == SIZE_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_understood),
      cmocka_unit_test(test_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
