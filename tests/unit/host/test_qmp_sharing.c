/* SPDX-License-Identifier: MIT
 *
 * The QMP client beside others: QEMU serves one at a time.
 */
#include "../unit.h"

#include "played_qemu.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static bool is_closed(const struct qemu *m) {
  char c;
  return recv(m->client, &c, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

/* QEMU serves one client: between two readings that may be another, however
 * often; nobody hears of it. */
static void lets_others_in_between(void **state) {
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", qemu_handshake(m));
  assert_false(is_closed(m));
  for (int i = 0; i < 100; i++) {
    qemu_answer_usual(m, questions, "[]");
    assert_true(vr_qmp_take(m->q));
    assert_true(is_closed(m));
    assert_int_equal(vr_qmp_pollfd(m->q), -1);
    vr_qmp_sample(m->q, &s);
    assert_true(s.have_block);
    snprintf(questions, sizeof(questions), "%s", qemu_next_questions(m));
  }
  assert_int_equal(log_count(), 0);
}

/* A guest with a balloon, after a reading that was answered. */
static void with_balloon(struct qemu *m) {
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", qemu_handshake(m));
  qemu_answer_usual(
      m, questions,
      "[{\"name\": \"b\", \"type\": \"child<virtio-balloon-pci>\"}]");
  assert_false(vr_qmp_take(m->q));
  snprintf(questions, sizeof(questions), "%s", qemu_heard(m));
  qemu_answer(m, questions, "guest-stats-polling-interval", "1");
  assert_true(vr_qmp_take(m->q));
}

/* What a report of FAULTS that was made at UPDATED looks like. */
static void answer_faults(const struct qemu *m, const char *questions,
                          int faults, long long updated) {
  char stats[256];
  snprintf(stats, sizeof(stats),
           "{\"stats\": {\"stat-minor-faults\": %d, \"stat-major-faults\": "
           "0}, \"last-update\": %lld}",
           faults, updated);
  qemu_answer(m, questions, "\"guest-stats\"", stats);
}

/* Between readings the balloon alone is asked, and others are let in as soon as
 * it has answered. */
static void asks_the_balloon_between_readings(void **state) {
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  char questions[4096];
  with_balloon(m);
  for (int i = 1; i < 5; i++) {
    assert_true(vr_qmp_ask_between(m->q));
    close(m->client);
    qemu_accept(m);
    qemu_greet(m);
    snprintf(questions, sizeof(questions), "%s", qemu_heard(m));
    assert_null(strstr(questions, "query-"));
    qemu_answer(m, questions, "qmp_capabilities", "{}");
    answer_faults(m, questions, 100 * i, (long long)time(NULL));
    assert_true(vr_qmp_take(m->q));
    vr_qmp_end_between(m->q);
    assert_true(is_closed(m));
    vr_qmp_sample(m->q, &s);
    assert_true(s.have_balloon);
    assert_int_equal(s.balloon.minor, 100 * i);
  }
  snprintf(questions, sizeof(questions), "%s", qemu_next_questions(m));
  assert_non_null(strstr(questions, "query-blockstats"));
  assert_non_null(strstr(questions, "\"guest-stats\""));
  assert_int_equal(log_count(), 0);
}

/* Who does not answer between two readings is not held, costs the next reading
 * nothing, and is asked again after it. */
static void lets_go_of_the_silent_between_readings(void **state) {
  struct qemu *m = *state;
  char questions[4096];
  with_balloon(m);
  for (int i = 0; i < 20; i++) {
    assert_true(vr_qmp_ask_between(m->q));
    assert_true(vr_qmp_pollfd(m->q) >= 0);
    vr_qmp_end_between(m->q);
    assert_int_equal(vr_qmp_pollfd(m->q), -1);
    assert_false(vr_qmp_ask_between(m->q));
    close(m->client);
    qemu_accept(m); /* what it has closed */
    snprintf(questions, sizeof(questions), "%s", qemu_next_questions(m));
    qemu_answer_usual(m, questions, "[]");
    answer_faults(m, questions, 7, 1);
    assert_true(vr_qmp_take(m->q));
  }
  assert_int_equal(log_count(), 0);
}

/* Nor is a guest asked that has no balloon, or is late. */
static void leaves_others_alone_between_readings(void **state) {
  struct qemu *m = *state;
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", qemu_handshake(m));
  assert_false(vr_qmp_ask_between(m->q)); /* has not answered yet */
  vr_qmp_end_between(m->q);
  assert_true(vr_qmp_pollfd(m->q) >= 0); /* and is awaited on */
  qemu_answer_usual(m, questions, "[]");
  assert_true(vr_qmp_take(m->q));
  assert_false(vr_qmp_ask_between(m->q)); /* no balloon */
}

/* Another client is connected when it is time to read, and stays. */
static void waits_while_another_is_served(void **state) {
  struct qemu *m = *state;
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", qemu_handshake(m));
  static const char *const all[] = {"query-cpus-fast", "peripheral\"",
                                    "peripheral-anon", "query-blockstats",
                                    "query-memory",    "query-status"};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
    qemu_answer(m, questions, all[i], i < 3 ? "[]" : "{}");
  assert_true(vr_qmp_take(m->q));
  for (int i = 0; i < 20; i++) {
    vr_qmp_ask(m->q);
    vr_qmp_take(m->q);
    vr_qmp_deadline(m->q);
  }
  assert_int_equal(vr_qmp_pollfd(m->q), -1);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "another client"));
}

/* After an answer that was late it asks again on the same connection, for as
 * long as it was told to; then it lets others in. */
static void keeps_the_connection_after_a_late_answer(void **state) {
  struct qemu *m = *state;
  const struct vr_qmp_options o = {.balloon_period = 1, .keep = 3};
  assert_int_equal(vr_qmp_new(m->t.path, getpid(), "/q", "web", &o, &m->q), 0);
  qemu_accept(m);
  qemu_greet(m);
  vr_qmp_take(m->q);
  assert_true(qemu_answer_all(m)); /* capabilities */
  assert_false(vr_qmp_take(m->q));
  vr_qmp_deadline(m->q);
  assert_true(qemu_answer_all(m));
  for (int kept = 1; kept <= 3; kept++) {
    assert_true(vr_qmp_take(m->q));
    vr_qmp_deadline(m->q);
    vr_qmp_ask(m->q);
    assert_true(qemu_answer_all(m));
  }
  assert_true(vr_qmp_take(m->q));
  vr_qmp_ask(m->q);
  assert_false(qemu_answer_all(m)); /* on a new connection */
}

/* Others fill QEMU's queue of clients; returns how many. */
static size_t fill_queue(const struct qemu *m, int fds[8]) {
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  size_t n = 0;
  snprintf(a.sun_path, sizeof(a.sun_path), "%.60s/%d/root/q", m->t.path,
           (int)getpid());
  for (; n < 8; n++) {
    fds[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(fds[n], (struct sockaddr *)&a, sizeof(a)) < 0)
      break;
  }
  assert_true(n > 0 && n < 8);
  close(fds[n]);
  return n;
}

static void empty_queue(const struct qemu *m, int fds[8], size_t n) {
  for (size_t i = 0; i < n; i++) {
    close(accept(m->server, NULL, NULL));
    close(fds[i]);
  }
}

/* A queue that is full for a moment costs that moment, not half a minute; one
 * that stays full is somebody's. */
static void tries_again_after_a_moment(void **state) {
  struct qemu *m = *state;
  int fds[8];
  qemu_connect(m, getpid());
  qemu_accept(m);
  qemu_greet(m);
  vr_qmp_take(m->q);
  while (qemu_answer_all(m))
    vr_qmp_take(m->q);
  size_t n = fill_queue(m, fds);
  vr_qmp_ask(m->q);
  vr_qmp_ask(m->q);
  assert_int_equal(vr_qmp_pollfd(m->q), -1);
  empty_queue(m, fds, n);
  vr_qmp_ask(m->q);
  assert_true(vr_qmp_pollfd(m->q) >= 0);
  assert_int_equal(log_count(), 0);
  close(m->client);
  qemu_accept(m);
  qemu_greet(m);
  vr_qmp_take(m->q);
  while (qemu_answer_all(m))
    vr_qmp_take(m->q);
  n = fill_queue(m, fds);
  for (int i = 0; i < 3; i++)
    vr_qmp_ask(m->q);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "another client"));
  empty_queue(m, fds, n);
}

/* QEMU serves one client: who waits in the queue hears nothing. */
static void leaves_a_socket_in_use(void **state) {
  struct qemu *m = *state;
  qemu_connect(m, getpid());
  for (int i = 0; i < 20; i++) {
    vr_qmp_take(m->q);
    vr_qmp_ask(m->q);
  }
  assert_int_equal(vr_qmp_pollfd(m->q), -1);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "another client"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_qemu(lets_others_in_between),
      on_a_qemu(asks_the_balloon_between_readings),
      on_a_qemu(lets_go_of_the_silent_between_readings),
      on_a_qemu(leaves_others_alone_between_readings),
      on_a_qemu(waits_while_another_is_served),
      on_a_qemu(keeps_the_connection_after_a_late_answer),
      on_a_qemu(tries_again_after_a_moment),
      on_a_qemu(leaves_a_socket_in_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
