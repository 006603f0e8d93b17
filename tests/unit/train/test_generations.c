/* SPDX-License-Identifier: MIT
 *
 * A model file and its former generation: wherever the writer is killed, a
 * reader finds one whole file or the other, and the former one is whole, too.
 */
#include "../unit.h"
#include "train/cli/generations.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/vr-generations-XXXXXX";
static char path[80], next[80], former[80];

/* Kill this process before or after so many changes of names. */
static int left = -1;

static void may_die(void) {
  if (left >= 0 && left-- == 0)
    raise(SIGKILL);
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to) {
  may_die();
  int r = __real_rename(from, to);
  may_die();
  return r;
}

int __real_renameat2(int a, const char *from, int b, const char *to,
                     unsigned flags);
int __wrap_renameat2(int a, const char *from, int b, const char *to,
                     unsigned flags);
int __wrap_renameat2(int a, const char *from, int b, const char *to,
                     unsigned flags) {
  may_die();
  int r = __real_renameat2(a, from, b, to, flags);
  may_die();
  return r;
}

static int set_up(void **state) {
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof(path), "%s/trained.json", folder);
  snprintf(next, sizeof(next), "%s/trained.json.next", folder);
  snprintf(former, sizeof(former), "%s/trained.json.former", folder);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  char command[100];
  snprintf(command, sizeof(command), "rm -r %s", folder);
  return system(command);
}

static void put_file(const char *name, const char *text) {
  FILE *f = fopen(name, "w");
  assert_non_null(f);
  fputs(text, f);
  fclose(f);
}

static const char *content(const char *name) {
  static char text[8][32];
  static unsigned n;
  char *to = text[n++ % 8];
  FILE *f = fopen(name, "r");
  if (!f)
    return "none";
  to[fread(to, 1, sizeof(text[0]) - 1, f)] = '\0';
  fclose(f);
  return to;
}

static void test_put_and_back(void **state) {
  (void)state;
  put_file(next, "one");
  assert_int_equal(vr_cli_generations_put(next, path), 0);
  assert_string_equal(content(path), "one");
  assert_string_equal(content(former), "none");
  assert_int_equal(vr_cli_generations_back(path), -ENOENT);
  assert_string_equal(content(path), "one");
  put_file(next, "two");
  assert_int_equal(vr_cli_generations_put(next, path), 0);
  assert_string_equal(content(path), "two");
  assert_string_equal(content(former), "one");
  /* The same again is no generation. */
  put_file(next, "two");
  assert_int_equal(vr_cli_generations_put(next, path), 0);
  assert_string_equal(content(former), "one");
  assert_int_equal(vr_cli_generations_back(path), 0);
  assert_string_equal(content(path), "one");
  assert_string_equal(content(former), "two");
  assert_int_equal(vr_cli_generations_back(path), 0);
  assert_string_equal(content(path), "two");
  remove(path);
  assert_int_equal(vr_cli_generations_back(path), 0);
  assert_string_equal(content(path), "one");
  assert_string_equal(content(next), "none");
}

/* Runs DO in a process that is killed at its N-th change of a name. Returns
 * whether it was. */
static bool killed_at(int n, int (*what)(void)) {
  pid_t child = fork();
  if (child == 0) {
    left = n;
    _exit(what() < 0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  return WIFSIGNALED(status);
}

static int put(void) { return vr_cli_generations_put(next, path); }
static int back(void) { return vr_cli_generations_back(path); }

static void test_killed(void **state) {
  (void)state;
  int n = 0;
  for (bool killed = true; killed; n++) {
    put_file(path, "two");
    put_file(former, "one");
    put_file(next, "three");
    killed = killed_at(n, put);
    const char *now = content(path), *before = content(former);
    assert_true(strcmp(now, "two") == 0 || strcmp(now, "three") == 0);
    assert_true(strcmp(before, "one") == 0 || strcmp(before, "two") == 0);
    /* What is new has a former one beside it that served until then. */
    assert_true(strcmp(now, "two") == 0 || strcmp(before, "two") == 0);
    /* And it goes on from there. */
    put_file(next, "four");
    assert_int_equal(put(), 0);
    assert_string_equal(content(path), "four");
    assert_string_equal(content(former), now);
  }
  assert_true(n > 4); /* before and after two changes at least */
}

static void test_killed_in_rollback(void **state) {
  (void)state;
  int n = 0;
  for (bool killed = true; killed; n++) {
    put_file(path, "two");
    put_file(former, "one");
    killed = killed_at(n, back);
    assert_string_equal(content(path), n == 0 ? "two" : "one");
    assert_string_equal(content(former), n == 0 ? "one" : "two");
  }
  assert_true(n > 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_put_and_back),
      cmocka_unit_test(test_killed),
      cmocka_unit_test(test_killed_in_rollback),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
