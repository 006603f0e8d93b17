/* SPDX-License-Identifier: MIT
 *
 * Users who are not trusted, and what they make the reader do: nothing of
 * theirs is opened but stat and status, and a reading costs little. --wrap
 * reports what is opened.
 */
#include "../unit.h"

#include "guests.h"

#include "host/vmm/candidate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STRANGER = 1000, REEXECS = 60, PAIRS = 510 };

/* Opened since the last look: files of the process of a stranger, and those of
 * them that he could have chosen. */
static int opened, forbidden;
static char forbidden_path[256];

static void note(const char *path) {
  const char *slash = strchr(path, '/');
  if (path[0] == '/' || strncmp(path, "7", 1) != 0)
    return;
  opened++;
  if (slash && (strcmp(slash, "/stat") == 0 || strcmp(slash, "/status") == 0 ||
                strcmp(slash, "/comm") == 0))
    return;
  forbidden++;
  snprintf(forbidden_path, sizeof(forbidden_path), "%s", path);
}

int __real_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...) {
  note(path);
  return __real_openat(dirfd, path, flags);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  int mode = flags & O_CREAT ? va_arg(args, int) : 0;
  va_end(args);
  if (strstr(path, "/trap"))
    forbidden++;
  return __real_open(path, flags, mode);
}

/* Process PID of the tree, with a command line that names a pipe. */
static void stranger_start(const struct tree *t, int pid, const char *args) {
  char path[64];
  guest_start(t, pid, "x", 5);
  guest_owner(t, pid, STRANGER, STRANGER, 1);
  snprintf(path, sizeof(path), "%d/cmdline", pid);
  tree_args(t, path, args);
}

static void make_trap(const struct tree *t, char path[128]) {
  snprintf(path, 128, "%s/trap", t->path);
  assert_int_equal(mkfifo(path, 0666), 0);
}

static void opens_nothing_that_a_stranger_names(void **state) {
  (void)state;
  struct tree t = tree_new();
  char trap[128], args[256];
  make_trap(&t, trap);
  snprintf(args, sizeof(args), "firecracker\n--id\nx\n--config-file\n%s\n",
           trap);
  stranger_start(&t, 700, args);
  snprintf(args, sizeof(args), "vmware-vmx\n%s.vmx\n", trap);
  stranger_start(&t, 710, args);
  stranger_start(&t, 720, "sleep\n1\n");
  tree_write(&t, "720/status", "Name:\tsleep\nPPid:\t1\nUid:\t9\t9\t9\t9\n");
  struct vr_host *h = reader_new(&t, 100);
  opened = forbidden = 0;
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_true(opened > 0);
  if (forbidden > 0)
    fail_msg("%d opened, the last: %s", forbidden, forbidden_path);
  assert_int_equal(vr_host_vmproc_count(h), 0);
  /* One line for all of a user's, by the kernel's name of the process. */
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "of user 1000 "));
  vr_host_free(h);
  tree_free(&t);
}

/* A trusted user's is named, but not waited for. */
static void waits_for_no_pipe_of_a_trusted_one(void **state) {
  (void)state;
  struct tree t = tree_new();
  char trap[128];
  make_trap(&t, trap);
  guest_start(&t, 700, "x", 5);
  tree_link(&t, "700/root", t.path);
  tree_args(&t, "700/cmdline", "firecracker\n--id\nfc\n--config-file\n/trap\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_non_null(guest_named(h, "fc"));
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "/trap"));
  assert_non_null(strstr(log_last, "not a regular file"));
  vr_host_free(h);
  tree_free(&t);
}

static double cpu_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* As many chardevs as monitors, each of which names the last one. */
static char *long_line(void) {
  size_t size = PAIRS * 128;
  char *line = malloc(size);
  size_t n = (size_t)snprintf(line, size, "qemu-system-x86_64\n");
  for (int i = 0; i < PAIRS; i++)
    n += (size_t)snprintf(line + n, size - n,
                          "--chardev=null,id=c%d\n"
                          "--mon=chardev=c%d,mode=control\n",
                          i, PAIRS - 1);
  return line;
}

static int probe(const struct tree *t, pid_t pid, uid_t trusted,
                 struct vr_candidate *c) {
  const struct vr_users users = {.count = 1, .uids = {trusted}};
  const struct vr_candidate_rules rules = {.trusted = &users};
  int fd = __real_open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int r = vr_candidate_probe(fd, pid, &rules, c);
  close(fd);
  return r;
}

static void costs_little_however_often_they_execute(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_candidate c;
  char *line = long_line();
  stranger_start(&t, 700, line);
  free(line);
  double best = 1e9;
  for (int k = 0; k < 5; k++) {
    double before = cpu_ms();
    for (int i = 0; i < REEXECS; i++)
      assert_int_equal(probe(&t, 700, 0, &c), -EPERM);
    double took = cpu_ms() - before;
    best = took < best ? took : best;
  }
  if (best > 10)
    fail_msg("%d of them cost %.1f ms", REEXECS, best);
  tree_free(&t);
}

/* A trusted one may write a long line, too. */
static void reads_long_lines_in_linear_time(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_candidate c;
  char *line = long_line();
  guest_start(&t, 700, "x", 5);
  tree_args(&t, "700/cmdline", line);
  free(line);
  double best = 1e9;
  for (int k = 0; k < 5; k++) {
    double before = cpu_ms();
    assert_int_equal(probe(&t, 700, 0, &c), 0);
    double took = cpu_ms() - before;
    best = took < best ? took : best;
  }
  if (best > 10)
    fail_msg("it cost %.1f ms", best);
  tree_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(opens_nothing_that_a_stranger_names),
      cmocka_unit_test(waits_for_no_pipe_of_a_trusted_one),
      cmocka_unit_test(costs_little_however_often_they_execute),
      cmocka_unit_test(reads_long_lines_in_linear_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
