/* SPDX-License-Identifier: MIT
 *
 * A played rrdcached. It answers only when it has all commands, as one does
 * that is busy with the first: who waits for each answer would wait forever.
 */
#include "../unit.h"
#include "archive/rrdcached.h"

#include "basic/cleanup.h"
#include "basic/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct daemon {
  int fd;
  size_t n; /* commands that it waits for */
  const char *answers;
  char heard[4096];
};

static char warnings[2000];

static void take(int priority, const char *message) {
  (void)priority;
  size_t n = strlen(warnings);
  snprintf(warnings + n, sizeof(warnings) - n, "%s\n", message);
}

static void *serve(void *user) {
  struct daemon *d = user;
  int fd = accept(d->fd, NULL, NULL);
  size_t at = 0, lines = 0;
  while (lines < d->n && at + 1 < sizeof(d->heard)) {
    ssize_t n = read(fd, d->heard + at, sizeof(d->heard) - 1 - at);
    if (n <= 0)
      break;
    for (ssize_t i = 0; i < n; i++)
      lines += d->heard[at + (size_t)i] == '\n';
    at += (size_t)n;
  }
  d->heard[at] = '\0';
  if (write(fd, d->answers, strlen(d->answers)) < 0)
    d->heard[0] = '\0';
  close(fd);
  return NULL;
}

/* Connects to D, a socket in DIRECTORY. */
static void begin(struct daemon *d, const char *directory, pthread_t *thread) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  struct vr_error error;
  char address[200];
  snprintf(a.sun_path, sizeof(a.sun_path), "%s/socket", directory);
  snprintf(address, sizeof(address), "unix:%s", a.sun_path);
  d->fd = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(d->fd, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(d->fd, 1), 0);
  assert_int_equal(vr_rrdcached_connect(address, &error), 0);
  assert_int_equal(pthread_create(thread, NULL, serve, d), 0);
  unlink(a.sun_path);
  warnings[0] = '\0';
}

static void end(struct daemon *d, pthread_t thread, const char *directory) {
  pthread_join(thread, NULL);
  close(d->fd);
  vr_rrdcached_close();
  rmdir(directory);
}

static void test_all_at_once(void **state) {
  (void)state;
  char directory[] = "/tmp/test_rrdcached.XXXXXX";
  assert_non_null(mkdtemp(directory));
  struct daemon d = {
      .n = 3, .answers = "0 Successfully flushed\n0 Nothing to flush\n0 ok\n"};
  const char *const paths[] = {"/none/a.rrd", "/none/b c.rrd", "/none/d\\.rrd"};
  const char *const again[] = {"/none/a.rrd"};
  pthread_t thread;
  begin(&d, directory, &thread);
  vr_rrdcached_flush(paths, 3);
  vr_rrdcached_flush(again, 1);
  end(&d, thread, directory);
  assert_string_equal(
      d.heard,
      "FLUSH /none/a.rrd\nFLUSH /none/b\\ c.rrd\nFLUSH /none/d\\\\.rrd\n");
  assert_string_equal(warnings, "");
}

static void test_refused(void **state) {
  (void)state;
  char directory[] = "/tmp/test_rrdcached.XXXXXX";
  assert_non_null(mkdtemp(directory));
  struct daemon d = {.n = 2, .answers = "-1 may not\n-1 may not\n"};
  const char *const paths[] = {"/none/a.rrd", "/none/b.rrd"};
  pthread_t thread;
  begin(&d, directory, &thread);
  vr_rrdcached_flush(paths, 2);
  end(&d, thread, directory);
  assert_string_equal(warnings,
                      "/none/a.rrd: not flushed by the rrdcached: may not; its "
                      "last rows, and those of other files, may be missing\n");
}

static void test_gone(void **state) {
  (void)state;
  char directory[] = "/tmp/test_rrdcached.XXXXXX";
  assert_non_null(mkdtemp(directory));
  struct daemon d = {.n = 2, .answers = "0 ok\n"};
  const char *const paths[] = {"/none/a.rrd", "/none/b.rrd"};
  const char *const more[] = {"/none/c.rrd"};
  pthread_t thread;
  begin(&d, directory, &thread);
  vr_rrdcached_flush(paths, 2);
  vr_rrdcached_flush(more, 1);
  end(&d, thread, directory);
  assert_non_null(strstr(warnings, "/none/b.rrd: not flushed"));
  assert_null(strstr(warnings, "/none/c.rrd"));
}

/* An answer may be as long as a path: what is said of the next file is still of
 * that one. */
static void test_long_answer(void **state) {
  (void)state;
  char directory[] = "/tmp/test_rrdcached.XXXXXX", answers[4000] = "0 ";
  assert_non_null(mkdtemp(directory));
  memset(answers + 2, 'x', 3000);
  strcpy(answers + 3002, "\n1 line\nof text\n-1 no\n");
  struct daemon d = {.n = 3, .answers = answers};
  const char *const paths[] = {"/none/a.rrd", "/none/b.rrd", "/none/c.rrd"};
  pthread_t thread;
  begin(&d, directory, &thread);
  vr_rrdcached_flush(paths, 3);
  end(&d, thread, directory);
  assert_non_null(
      strstr(warnings, "/none/c.rrd: not flushed by the rrdcached: no;"));
}

/* One that is no rrdcached, and would be listened to for ever. */
static void test_endless_answer(void **state) {
  (void)state;
  char directory[] = "/tmp/test_rrdcached.XXXXXX";
  assert_non_null(mkdtemp(directory));
  struct daemon d = {.n = 1, .answers = "9223372036854775807 lines\n0 ok\n"};
  const char *const paths[] = {"/none/a.rrd"};
  pthread_t thread;
  begin(&d, directory, &thread);
  vr_rrdcached_flush(paths, 1);
  end(&d, thread, directory);
  assert_non_null(strstr(warnings, "it does not speak as a rrdcached does"));
}

/* A line break in a file's name would end the command. */
static void test_line_break(void **state) {
  (void)state;
  char directory[] = "/tmp/test_rrdcached.XXXXXX";
  assert_non_null(mkdtemp(directory));
  struct daemon d = {.n = 1, .answers = "0 ok\n"};
  const char *const paths[] = {"/none/a\nQUIT.rrd", "/none/b.rrd"};
  pthread_t thread;
  begin(&d, directory, &thread);
  vr_rrdcached_flush(paths, 2);
  end(&d, thread, directory);
  assert_string_equal(d.heard, "FLUSH /none/b.rrd\n");
  assert_non_null(strstr(warnings, "its name has a line break"));
}

static void test_nobody(void **state) {
  (void)state;
  struct vr_error error;
  assert_int_equal(vr_rrdcached_connect("unix:/none/socket", &error),
                   -ECONNREFUSED);
  assert_string_equal(
      error.message,
      "rrdcached at unix:/none/socket: No such file or directory");
  assert_int_equal(vr_rrdcached_connect("127.0.0.1:1", &error), -ECONNREFUSED);
  assert_int_equal(vr_rrdcached_connect("[::1]:1", &error), -ECONNREFUSED);
}

int main(void) {
  vr_log_set(take);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_all_at_once),    cmocka_unit_test(test_refused),
      cmocka_unit_test(test_gone),           cmocka_unit_test(test_long_answer),
      cmocka_unit_test(test_endless_answer), cmocka_unit_test(test_line_break),
      cmocka_unit_test(test_nobody)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
