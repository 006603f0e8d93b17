/* SPDX-License-Identifier: MIT
 *
 * The QMP client against one that hangs, lies, floods, or is somebody else.
 */
#include "../unit.h"

#include "played_qemu.h"

#include "host/qmp/qmp_replies.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A QEMU that hangs is asked once and waited for once. */
static void does_not_wait_for_the_silent(void **state) {
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  qemu_handshake(m);
  assert_true(vr_qmp_pollfd(m->q) >= 0);
  vr_qmp_deadline(m->q);
  for (int i = 0; i < 1000; i++) {
    vr_qmp_ask(m->q);
    assert_false(vr_qmp_take(m->q));
    assert_int_equal(vr_qmp_pollfd(m->q), -1);
    vr_qmp_deadline(m->q);
  }
  assert_string_equal(qemu_heard(m), "");
  vr_qmp_sample(m->q, &s);
  assert_false(s.have_block);
}

static void talks_to_the_guests_own_process_only(void **state) {
  struct qemu *m = *state;
  char path[160], target[160];
  /* Process 1's path leads to a socket on which another process listens. */
  snprintf(path, sizeof(path), "1/root");
  snprintf(target, sizeof(target), "%s/%d/root", m->t.path, (int)getpid());
  tree_link(&m->t, path, target);
  guest_owner(&m->t, 1, (int)geteuid(), (int)geteuid(), 0);
  qemu_connect(m, 1);
  assert_int_equal(vr_qmp_pollfd(m->q), -1);
  assert_int_equal(log_count(), 1);
}

static void survives_what_it_did_not_ask_for(void **state) {
  static const char *const nonsense[] = {
      "{\"return\": 5}\r\n", "[1,2,3]\n", "{\"id\": 99, \"return\": {}}\n",
      "{\"QMP\": 1}\n",
      "{\"event\": \"RESUME\", \"timestamp\": {\"seconds\": 1}}\n"};
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", qemu_handshake(m));
  for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
    qemu_say(m, nonsense[i]);
    vr_qmp_take(m->q);
  }
  qemu_answer(m, questions, "query-blockstats", "{\"not\": \"a list\"}");
  vr_qmp_take(m->q);
  vr_qmp_sample(m->q, &s);
  assert_false(s.have_block);
}

static void lets_go_of_who_speaks_no_json(void **state) {
  struct qemu *m = *state;
  qemu_handshake(m);
  qemu_say(m, "{{{\n");
  vr_qmp_take(m->q);
  assert_int_equal(vr_qmp_pollfd(m->q), -1);
  assert_int_equal(log_count(), 1);
}

/* Nothing else's socket is connected to, nor anything that is no socket. */
static void connects_to_nothing_of_others(void **state) {
  struct qemu *m = *state;
  char path[160];
  snprintf(path, sizeof(path), "%s/%d/root/q", m->t.path, (int)getpid());
  if (geteuid() == 0) {
    guest_owner(&m->t, (int)getpid(), 1000, 1000, 1);
    assert_int_equal(chown(path, 1001, 1001), 0);
    qemu_connect(m, getpid());
    assert_int_equal(vr_qmp_pollfd(m->q), -1);
    assert_non_null(strstr(log_last, "belongs to another user"));
    fcntl(m->server, F_SETFL, O_NONBLOCK);
    assert_int_equal(accept(m->server, NULL, NULL), -1);
    vr_qmp_free(m->q);
    guest_owner(&m->t, (int)getpid(), 0, 0, 1);
  }
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0666), 0);
  qemu_connect(m, getpid());
  assert_int_equal(vr_qmp_pollfd(m->q), -1);
  assert_non_null(strstr(log_last, "it is no socket"));
}

/* A reply of nothing but "{}" would take a hundred times its length. */
static void takes_no_reply_of_too_many_parts(void **state) {
  (void)state;
  static char reply[1024 * 1024];
  size_t n = 0, nodes = 0;
  n += (size_t)snprintf(reply, sizeof(reply), "{\"id\":1,\"return\":[{}");
  while (n + 8 < sizeof(reply)) {
    memcpy(reply + n, ",{}", 3);
    n += 3;
  }
  assert_false(vr_qmp_is_modest(reply, n, &nodes));
  memset(reply, '[', 100);
  nodes = 0;
  assert_false(vr_qmp_is_modest(reply, 100, &nodes));
  nodes = 0;
  assert_true(
      vr_qmp_is_modest("{\"a\":\"[[[\\\"{{{\",\"b\":[1,2]}", 26, &nodes));
  assert_int_equal(nodes, 2);
}

/* A line without an end is not kept for ever. */
static void refuses_an_endless_answer(void **state) {
  struct qemu *m = *state;
  static char much[65536];
  memset(much, 'x', sizeof(much));
  qemu_handshake(m);
  fcntl(m->client, F_SETFL, O_NONBLOCK);
  for (int i = 0; i < 10000 && vr_qmp_pollfd(m->q) >= 0; i++) {
    ssize_t n = send(m->client, much, sizeof(much), MSG_NOSIGNAL);
    assert_true(n > 0 || errno == EAGAIN || errno == EPIPE);
    vr_qmp_take(m->q);
  }
  assert_int_equal(vr_qmp_pollfd(m->q), -1);
  assert_non_null(strstr(log_last, "too long"));
}

/* A child that never stops writing. */
static pid_t flood(const struct qemu *m, const char *line) {
  pid_t pid = fork();
  if (pid != 0)
    return pid;
  char much[8192];
  size_t n = strlen(line), length = 0;
  for (; length + n <= sizeof(much); length += n)
    memcpy(much + length, line, n);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (send(m->client, much, length, MSG_NOSIGNAL) > 0)
    ;
  _exit(0);
}

static int takes_until_lost(const char *line) {
  struct qemu m = qemu_new();
  int takes = 0;
  qemu_handshake(&m);
  pid_t pid = flood(&m, line);
  /* Who listens for ever is ended here. */
  alarm(60);
  while (vr_qmp_pollfd(m.q) >= 0 && takes < 100000) {
    vr_qmp_take(m.q);
    takes++;
    usleep(100);
  }
  alarm(0);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "more than it is asked"));
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  qemu_free(&m);
  return takes;
}

/* Neither many short lines nor some long ones hold up the reader. */
static void lets_go_of_who_never_stops(void **state) {
  (void)state;
  char line[4096];
  assert_in_range(takes_until_lost("{}\n"), 1, 1000);
  snprintf(line, sizeof(line), "{\"event\": \"%*s\"}\n", 4000, "x");
  assert_in_range(takes_until_lost(line), 1, 5000);
}

static void come_and_go(struct qemu *m, int rounds) {
  for (int i = 0; i < rounds; i++) {
    for (int k = 0; k < 1000 && vr_qmp_pollfd(m->q) < 0; k++)
      vr_qmp_ask(m->q);
    qemu_accept(m);
    qemu_greet(m);
    vr_qmp_take(m->q);
    qemu_answer(m, qemu_heard(m), "qmp_capabilities", "{}");
    vr_qmp_take(m->q);
    close(m->client);
    m->client = -1;
    vr_qmp_take(m->q);
    assert_int_equal(vr_qmp_pollfd(m->q), -1);
  }
}

/* However often: that it went, that it came back, that it went again. */
static void says_little_of_who_comes_and_goes(void **state) {
  struct qemu *m = *state;
  qemu_handshake(m);
  close(m->client);
  m->client = -1;
  vr_qmp_take(m->q);
  come_and_go(m, 100);
  assert_int_equal(log_count(), 3);
}

/* One line for all guests, and it names what is needed. */
static void says_once_that_sockets_are_denied(void **state) {
  if (geteuid() != 0)
    skip(); /* to oneself nothing is denied, and nobody else is there */
  struct qemu *m = *state;
  struct vr_complaint denied = {0};
  const struct vr_qmp_options o = {.denied = &denied, .balloon_period = 1};
  struct vr_qmp *q[3];
  char path[160];
  assert_int_equal(seteuid(65534), 0);
  snprintf(path, sizeof(path), "/%s", "q");
  for (int i = 0; i < 3; i++)
    assert_int_equal(vr_qmp_new(m->t.path, getpid(), path, "web", &o, &q[i]),
                     0);
  for (int i = 0; i < 3; i++)
    vr_qmp_free(q[i]);
  assert_int_equal(seteuid(0), 0);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "CAP_SYS_PTRACE and CAP_DAC_OVERRIDE"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_qemu(does_not_wait_for_the_silent),
      on_a_qemu(talks_to_the_guests_own_process_only),
      on_a_qemu(survives_what_it_did_not_ask_for),
      on_a_qemu(lets_go_of_who_speaks_no_json),
      on_a_qemu(connects_to_nothing_of_others),
      cmocka_unit_test(takes_no_reply_of_too_many_parts),
      on_a_qemu(refuses_an_endless_answer),
      cmocka_unit_test(lets_go_of_who_never_stops),
      on_a_qemu(says_little_of_who_comes_and_goes),
      on_a_qemu(says_once_that_sockets_are_denied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
