/* SPDX-License-Identifier: MIT
 *
 * Who is found in the real /proc, and when: where the kernel reports who
 * executes what, where it does not (another network namespace), where it had to
 * leave some out, and when numbers begin anew. What needs root is skipped
 * without.
 */
#include "../unit.h"

#include "host/proc/execs.h"
#include "host/vmm/discover.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 300, BETWEEN = 100, SHOWN_MAX = 1 << 16 };

/* --- processes --- */

/* One that waits, then executes another program on request. */
struct late {
  pid_t pid;
  int to, from;
};

static struct late late_start(void) {
  int to[2], from[2];
  if (pipe(to) < 0 || pipe(from) < 0)
    exit(99);
  pid_t pid = fork();
  if (pid == 0) {
    char c;
    dup2(to[0], 0);
    dup2(from[1], 1);
    for (int fd = 3; fd < 64; fd++)
      close(fd);
    if (read(0, &c, 1) == 1)
      execl("/bin/sh", "sh", "-c", "echo; read x", (char *)NULL);
    _exit(1);
  }
  close(to[0]);
  close(from[1]);
  return (struct late){pid, to[1], from[0]};
}

/* Returns when the other program runs. */
static void late_execute(const struct late *l) {
  char c;
  assert_int_equal(write(l->to, "x", 1), 1);
  assert_int_equal(read(l->from, &c, 1), 1);
}

static void late_end(const struct late *l) {
  close(l->to);
  close(l->from);
  kill(l->pid, SIGKILL);
  waitpid(l->pid, NULL, 0);
}

static void execute_many(int n) {
  static char name[] = "true";
  char *const argv[] = {name, NULL}, *const none[] = {NULL};
  for (int i = 0; i < n; i++) {
    pid_t pid;
    assert_int_equal(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, none), 0);
    waitpid(pid, NULL, 0);
  }
}

/* --- scans --- */

static pid_t shown[SHOWN_MAX];
static size_t shown_count;

static enum vr_discovered record(void *ctx, pid_t pid) {
  (void)ctx;
  if (shown_count < SHOWN_MAX)
    shown[shown_count++] = pid;
  return VR_IS_OTHER;
}

static bool was_shown(pid_t pid) {
  for (size_t i = 0; i < shown_count; i++)
    if (shown[i] == pid)
      return true;
  return false;
}

static pid_t newest_process(void) {
  int newest = 0;
  FILE *f = fopen("/proc/loadavg", "r");
  if (!f || fscanf(f, "%*s %*s %*s %*s %d", &newest) != 1)
    exit(99);
  fclose(f);
  return newest;
}

static int scan(struct vr_discover *d) {
  shown_count = 0;
  return vr_discover_scan(d, newest_process(), record, NULL);
}

static struct vr_discover *discover_new(bool no_execs, int room) {
  const struct vr_discover_options options = {.no_execs = no_execs,
                                              .execs_room = room};
  struct vr_discover *d = NULL;
  int procfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (vr_discover_new(procfd, &options, &d) < 0)
    exit(99);
  /* It has a descriptor of its own. */
  close(procfd);
  return d;
}

static struct vr_discover *told_new(int room) {
  struct vr_discover *d = discover_new(false, room);
  if (vr_discover_sees_execs(d))
    return d;
  vr_discover_free(d);
  skip();
  return NULL;
}

/* Scans until nobody is looked at for being young. */
static void grow_old(struct vr_discover *d) {
  for (int i = 0; i < 70; i++)
    assert_int_equal(scan(d), 0);
}

static bool appears_within_two(struct vr_discover *d) {
  struct late l = late_start();
  bool found = false;
  for (int i = 0; i < 2 && !found; i++)
    found = scan(d) == 0 && was_shown(l.pid);
  late_end(&l);
  return found;
}

/* --- tests --- */

static void shows_who_is_new(void **state) {
  (void)state;
  for (int blind = 0; blind < 2; blind++) {
    struct vr_discover *d = discover_new(blind, 0);
    grow_old(d);
    for (int i = 0; i < 20; i++)
      assert_true(appears_within_two(d));
    vr_discover_free(d);
  }
}

static void shows_an_old_one_that_executes(void **state) {
  (void)state;
  struct vr_discover *d = told_new(0);
  struct late l = late_start();
  grow_old(d);
  assert_int_equal(scan(d), 0);
  assert_false(was_shown(l.pid));
  late_execute(&l);
  assert_int_equal(scan(d), 0);
  assert_true(was_shown(l.pid));
  assert_int_equal(scan(d), 0);
  assert_false(was_shown(l.pid));
  late_end(&l);
  vr_discover_free(d);
}

/* A shell that was started a while ago executes a VMM. */
static void shows_a_young_one_that_executes_without_events(void **state) {
  (void)state;
  struct vr_discover *d = discover_new(true, 0);
  struct late l = late_start();
  bool found = false;
  for (int i = 0; i < 15; i++)
    assert_int_equal(scan(d), 0);
  late_execute(&l);
  for (int i = 0; i < 2 && !found; i++)
    found = scan(d) == 0 && was_shown(l.pid);
  assert_true(found);
  late_end(&l);
  vr_discover_free(d);
}

/* Whoever it is, everybody is looked at now and then. */
static void old_ones_take_turns_without_events(void **state) {
  (void)state;
  struct vr_discover *d = discover_new(true, 0);
  struct late l = late_start();
  assert_false(vr_discover_sees_execs(d));
  grow_old(d);
  late_execute(&l);
  bool found = false;
  for (int i = 0; i < 20000 && !found; i++)
    found = scan(d) == 0 && was_shown(l.pid);
  assert_true(found);
  late_end(&l);
  vr_discover_free(d);
}

static void ignore(void *ctx, pid_t pid) {
  (void)ctx;
  (void)pid;
}

static void hears_that_some_were_left_out(void **state) {
  (void)state;
  struct vr_execs *e;
  if (vr_execs_new(1, &e) < 0)
    skip();
  assert_int_equal(vr_execs_take(e, ignore, NULL), 0);
  execute_many(MANY);
  assert_int_equal(vr_execs_take(e, ignore, NULL), -ENOBUFS);
  vr_execs_free(e);
}

static void looks_at_all_when_some_were_left_out(void **state) {
  (void)state;
  struct vr_discover *d = told_new(1);
  struct late l = late_start();
  grow_old(d);
  execute_many(MANY);
  late_execute(&l);
  assert_int_equal(scan(d), 0);
  assert_true(was_shown(l.pid));
  /* And all is as before. */
  scan(d);
  assert_int_equal(scan(d), 0);
  assert_false(was_shown(l.pid));
  assert_true(appears_within_two(d));
  late_end(&l);
  vr_discover_free(d);
}

/* Runs FN in a child with namespaces of its own; returns whether that could be
 * done. */
static bool apart(int namespaces, void (*fn)(void)) {
  int status;
  pid_t pid = fork();
  if (pid == 0) {
    if (unshare(namespaces) < 0)
      _exit(77);
    /* A process namespace is that of its children. */
    pid_t child = namespaces & CLONE_NEWPID ? fork() : 0;
    if (child == 0) {
      fn();
      _exit(0);
    }
    waitpid(child, &status, 0);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
  }
  waitpid(pid, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
    return false;
  assert_int_equal(status, 0);
  return true;
}

/* In a child nothing may be asserted. */
static void must(bool condition, const char *what) {
  if (condition)
    return;
  fprintf(stderr, "not so: %s\n", what);
  _exit(1);
}

static void in_another_network(void) {
  struct vr_discover *d = discover_new(false, 0);
  must(!vr_discover_sees_execs(d), "the kernel reports nothing");
  for (int i = 0; i < 8; i++)
    must(scan(d) == 0, "scan");
  for (int i = 0; i < 5; i++)
    must(appears_within_two(d), "found all the same");
  vr_discover_free(d);
}

static void does_without_in_another_network(void **state) {
  (void)state;
  if (!apart(CLONE_NEWNET, in_another_network))
    skip();
}

static void next_number(pid_t pid) {
  FILE *f = fopen("/proc/sys/kernel/ns_last_pid", "w");
  if (!f || fprintf(f, "%d", (int)pid - 1) < 0 || fclose(f) != 0)
    _exit(77);
}

static void numbers_begin_anew(void) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
      mount("proc", "/proc", "proc", 0, NULL) < 0)
    _exit(77);
  struct vr_discover *d = discover_new(false, 0);
  must(!vr_discover_sees_execs(d), "events have other numbers than this /proc");
  next_number(500);
  struct late first = late_start(), other = late_start();
  must(first.pid == 500, "the number is given out");
  for (int i = 0; i < 8; i++)
    must(scan(d) == 0, "scan");
  late_end(&first);
  next_number(20000);
  struct late high = late_start(), between[BETWEEN];
  for (int i = 0; i < 8; i++)
    must(scan(d) == 0, "scan");
  next_number(500);
  struct late again = late_start();
  must(again.pid == 500, "the number is given out again");
  bool found = false;
  for (int i = 0; i < 2 && !found; i++)
    found = scan(d) == 0 && was_shown(again.pid);
  must(found, "another process of a known number is looked at");
  must(!was_shown(other.pid) || shown_count <= 4, "but not all those between");
  vr_discover_free(d);
  /* Who begins to look only now finds those with higher numbers, too, however
   * many they are. */
  next_number(600);
  for (int i = 0; i < BETWEEN; i++)
    between[i] = late_start();
  next_number(550);
  struct late last = late_start();
  must(last.pid == 550, "the newest has a low number");
  d = discover_new(false, 0);
  must(scan(d) == 0 && was_shown(high.pid), "an old one with a higher number");
  vr_discover_free(d);
  late_end(&other);
  for (int i = 0; i < BETWEEN; i++)
    late_end(&between[i]);
  late_end(&last);
  late_end(&high);
  late_end(&again);
}

static void shows_who_has_a_known_number(void **state) {
  (void)state;
  if (!apart(CLONE_NEWPID | CLONE_NEWNS, numbers_begin_anew))
    skip();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shows_who_is_new),
      cmocka_unit_test(shows_an_old_one_that_executes),
      cmocka_unit_test(shows_a_young_one_that_executes_without_events),
      cmocka_unit_test(old_ones_take_turns_without_events),
      cmocka_unit_test(hears_that_some_were_left_out),
      cmocka_unit_test(looks_at_all_when_some_were_left_out),
      cmocka_unit_test(does_without_in_another_network),
      cmocka_unit_test(shows_who_has_a_known_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
