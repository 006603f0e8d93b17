/* SPDX-License-Identifier: MIT
 *
 * The QMP client against a QEMU that the test plays itself, step by step,
 * in the same thread: that this works shows that the client never waits.
 * Messages are those of QEMU 7.2.
 */
#include "../unit.h"

#include "guests.h"

#include "host/qmp/qmp.h"
#include "host/qmp/qmp_replies.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GREETING                                                               \
  "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "          \
  "\"major\": 7}}, \"capabilities\": [\"oob\"]}}\r\n"

struct qemu {
  struct tree t;
  int server, client;
  struct vr_qmp *q;
};

static struct qemu qemu_new(void) {
  struct qemu m = {.t = tree_new(), .client = -1};
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  char path[128];
  /* The process that the client expects to answer is this one. */
  snprintf(path, sizeof(path), "%d/root/x", (int)getpid());
  tree_write(&m.t, path, "x");
  snprintf(a.sun_path, sizeof(a.sun_path), "%.60s/%d/root/q", m.t.path,
           (int)getpid());
  guest_owner(&m.t, (int)getpid(), (int)geteuid(), (int)geteuid(), 1);
  m.server = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(m.server, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(m.server, 1), 0);
  return m;
}

static void qemu_connect(struct qemu *m, pid_t pid) {
  const struct vr_qmp_options o = {.balloon = true, .balloon_period = 1};
  assert_int_equal(vr_qmp_new(m->t.path, pid, "/q", "web", &o, &m->q), 0);
}

static void qemu_accept(struct qemu *m) {
  m->client = accept(m->server, NULL, NULL);
  assert_true(m->client >= 0);
}

static void qemu_free(struct qemu *m) {
  vr_qmp_free(m->q);
  close(m->server);
  if (m->client >= 0)
    close(m->client);
  tree_free(&m->t);
}

static void say(const struct qemu *m, const char *text) {
  assert_int_equal(write(m->client, text, strlen(text)), strlen(text));
}

/* What the client has asked, all lines together. */
static const char *heard(const struct qemu *m) {
  static char text[4096];
  ssize_t n = recv(m->client, text, sizeof(text) - 1, MSG_DONTWAIT);
  text[n < 0 ? 0 : n] = '\0';
  return text;
}

/* The number of the question that contains WORD. */
static int id_of(const char *questions, const char *word) {
  const char *p = strstr(questions, word);
  assert_non_null(p);
  p = strstr(p, "\"id\":");
  assert_non_null(p);
  return atoi(p + 5);
}

static void answer(const struct qemu *m, const char *questions,
                   const char *word, const char *value) {
  char text[4096];
  snprintf(text, sizeof(text), "{\"return\": %s, \"id\": %d}\r\n", value,
           id_of(questions, word));
  say(m, text);
}

static const char disks[] =
    "[{\"device\": \"ide0-hd0\", \"qdev\": \"/machine/peripheral-anon/device[1]"
    "\", \"stats\": {\"rd_bytes\": 52162048, \"wr_bytes\": 1024, "
    "\"rd_operations\": 413, \"wr_operations\": 1}},"
    "{\"device\": \"\", \"qdev\": \"d1\", \"stats\": {\"rd_bytes\": 1000, "
    "\"wr_bytes\": 2000, \"rd_operations\": 3, \"wr_operations\": 4}},"
    "{\"device\": \"pflash0\", \"stats\": {\"rd_bytes\": 9, \"wr_bytes\": 9, "
    "\"rd_operations\": 9, \"wr_operations\": 9}},"
    "{\"device\": \"\", \"stats\": {\"rd_bytes\": 7, \"wr_bytes\": 7, "
    "\"rd_operations\": 7, \"wr_operations\": 7}}]";

/* Up to the point where the first numbers have been asked for. */
static const char *handshake(struct qemu *m) {
  qemu_connect(m, getpid());
  qemu_accept(m);
  say(m, GREETING);
  assert_false(vr_qmp_take(m->q));
  answer(m, heard(m), "qmp_capabilities", "{}");
  assert_false(vr_qmp_take(m->q));
  return heard(m);
}

/* The next interval, up to the same point: it connects again, and asks all at
 * once. */
static const char *next_questions(struct qemu *m) {
  static char questions[4096];
  vr_qmp_ask(m->q);
  close(m->client);
  qemu_accept(m);
  say(m, GREETING);
  snprintf(questions, sizeof(questions), "%s", heard(m));
  answer(m, questions, "qmp_capabilities", "{}");
  assert_false(vr_qmp_take(m->q));
  return questions;
}

#define RUNNING "{\"status\": \"running\", \"running\": true}"

static void reports_disks_and_balloon(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_qmp_report s = {0};
  pid_t tids[4];
  char stats[1024];
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", handshake(&m));
  answer(&m, questions, "query-cpus-fast",
         "[{\"cpu-index\": 0, \"thread-id\": 71}, {\"thread-id\": 72}]");
  answer(
      &m, questions, "peripheral\"",
      "[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"balloon0\", "
      "\"type\": \"child<virtio-balloon-pci>\"}]");
  answer(&m, questions, "peripheral-anon", "[]");
  answer(&m, questions, "query-blockstats", disks);
  answer(&m, questions, "query-memory-size-summary",
         "{\"base-memory\": 1073741824, \"plugged-memory\": 536870912}");
  answer(&m, questions, "query-status", RUNNING);
  assert_false(vr_qmp_take(m.q));
  vr_qmp_sample(m.q, &s);
  assert_true(s.have_block);
  assert_true(s.have_memory);
  assert_int_equal(s.state, VR_VMSTATE_RUNNING);
  assert_int_equal(s.memory, 1536 << 20);
  assert_false(s.have_balloon);
  assert_int_equal(disks_sum(&s.disks).read_bytes, 52162048 + 1000);
  assert_int_equal(disks_sum(&s.disks).write_bytes, 3024);
  assert_int_equal(disks_sum(&s.disks).read_ops, 416);
  assert_int_equal(disks_sum(&s.disks).write_ops, 5);
  assert_int_equal(vr_qmp_vcpus(m.q, tids, 4), 2);
  assert_int_equal(tids[1], 72);
  /* The guest was not asked to report yet: it is now. */
  snprintf(questions, sizeof(questions), "%s", heard(&m));
  answer(&m, questions, "guest-stats-polling-interval", "0");
  assert_false(vr_qmp_take(m.q));
  snprintf(questions, sizeof(questions), "%s", heard(&m));
  assert_non_null(strstr(questions, "\"value\":1"));
  answer(&m, questions, "qom-set", "{}");
  assert_true(vr_qmp_take(m.q));
  /* The next interval. */
  snprintf(questions, sizeof(questions), "%s", next_questions(&m));
  assert_null(strstr(questions, "query-cpus-fast"));
  answer(&m, questions, "query-blockstats", disks);
  answer(&m, questions, "query-memory-size-summary",
         "{\"base-memory\": 1073741824}");
  answer(&m, questions, "query-status", RUNNING);
  snprintf(stats, sizeof(stats),
           "{\"stats\": {\"stat-swap-out\": 18446744073709551615, "
           "\"stat-available-memory\": 161714176, \"stat-free-memory\": "
           "111104000, \"stat-minor-faults\": 9167, \"stat-major-faults\": 3, "
           "\"stat-total-memory\": 227700736, \"stat-disk-caches\": -1, "
           "\"stat-swap-in\": 0}, \"last-update\": %lld}",
           (long long)time(NULL));
  answer(&m, questions, "\"guest-stats\"", stats);
  vr_qmp_take(m.q);
  vr_qmp_sample(m.q, &s);
  assert_int_equal(s.memory, 1 << 30); /* unplugged */
  assert_true(s.have_balloon);
  assert_int_equal(s.balloon_period, 1);
  assert_true(s.balloon_updated > 0 && s.balloon_updated <= time(NULL));
  assert_int_equal(s.balloon.minor, 9167);
  assert_int_equal(s.balloon.total, 227700736);
  assert_true(s.balloon.have_swap_in);
  assert_int_equal(s.balloon.swap_in, 0);
  /* What the driver does not say is absent. */
  assert_false(s.balloon.have_swap_out);
  assert_false(s.balloon.have_caches);
  qemu_free(&m);
}

static bool is_closed(const struct qemu *m) {
  char c;
  return recv(m->client, &c, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

/* QEMU serves one client: between two readings that may be another, however
 * often; nobody hears of it. */
static void lets_others_in_between(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  struct vr_qmp_report s = {0};
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", handshake(&m));
  assert_false(is_closed(&m));
  for (int i = 0; i < 100; i++) {
    answer(&m, questions, "query-blockstats", disks);
    answer(&m, questions, "query-memory", "{}");
    answer(&m, questions, "query-status", RUNNING);
    if (strstr(questions, "query-cpus-fast")) {
      answer(&m, questions, "query-cpus-fast", "[]");
      answer(&m, questions, "peripheral\"", "[]");
      answer(&m, questions, "peripheral-anon", "[]");
    }
    assert_true(vr_qmp_take(m.q));
    assert_true(is_closed(&m));
    assert_int_equal(vr_qmp_pollfd(m.q), -1);
    vr_qmp_sample(m.q, &s);
    assert_true(s.have_block);
    snprintf(questions, sizeof(questions), "%s", next_questions(&m));
  }
  assert_int_equal(log_count(), 0);
  vr_host_free(h);
  qemu_free(&m);
}

/* A guest with a balloon, after a reading that was answered. */
static void with_balloon(struct qemu *m) {
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", handshake(m));
  answer(m, questions, "query-cpus-fast", "[]");
  answer(m, questions, "peripheral\"",
         "[{\"name\": \"b\", \"type\": \"child<virtio-balloon-pci>\"}]");
  answer(m, questions, "peripheral-anon", "[]");
  answer(m, questions, "query-blockstats", disks);
  answer(m, questions, "query-memory", "{}");
  answer(m, questions, "query-status", RUNNING);
  assert_false(vr_qmp_take(m->q));
  snprintf(questions, sizeof(questions), "%s", heard(m));
  answer(m, questions, "guest-stats-polling-interval", "1");
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
  answer(m, questions, "\"guest-stats\"", stats);
}

/* Between readings the balloon alone is asked, and others are let in as soon as
 * it has answered. */
static void asks_the_balloon_between_readings(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  struct vr_qmp_report s = {0};
  char questions[4096];
  with_balloon(&m);
  for (int i = 1; i < 5; i++) {
    assert_true(vr_qmp_ask_between(m.q));
    close(m.client);
    qemu_accept(&m);
    say(&m, GREETING);
    snprintf(questions, sizeof(questions), "%s", heard(&m));
    assert_null(strstr(questions, "query-"));
    answer(&m, questions, "qmp_capabilities", "{}");
    answer_faults(&m, questions, 100 * i, (long long)time(NULL));
    assert_true(vr_qmp_take(m.q));
    vr_qmp_end_between(m.q);
    assert_true(is_closed(&m));
    vr_qmp_sample(m.q, &s);
    assert_true(s.have_balloon);
    assert_int_equal(s.balloon.minor, 100 * i);
  }
  snprintf(questions, sizeof(questions), "%s", next_questions(&m));
  assert_non_null(strstr(questions, "query-blockstats"));
  assert_non_null(strstr(questions, "\"guest-stats\""));
  assert_int_equal(log_count(), 0);
  vr_host_free(h);
  qemu_free(&m);
}

/* Who does not answer between two readings is not held, costs the next reading
 * nothing, and is asked again after it. */
static void lets_go_of_the_silent_between_readings(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  char questions[4096];
  with_balloon(&m);
  for (int i = 0; i < 20; i++) {
    assert_true(vr_qmp_ask_between(m.q));
    assert_true(vr_qmp_pollfd(m.q) >= 0);
    vr_qmp_end_between(m.q);
    assert_int_equal(vr_qmp_pollfd(m.q), -1);
    assert_false(vr_qmp_ask_between(m.q));
    close(m.client);
    qemu_accept(&m); /* what it has closed */
    snprintf(questions, sizeof(questions), "%s", next_questions(&m));
    answer(&m, questions, "query-blockstats", disks);
    answer(&m, questions, "query-memory", "{}");
    answer(&m, questions, "query-status", RUNNING);
    answer_faults(&m, questions, 7, 1);
    assert_true(vr_qmp_take(m.q));
  }
  assert_int_equal(log_count(), 0);
  vr_host_free(h);
  qemu_free(&m);
}

/* Nor is a guest asked that has no balloon, or is late. */
static void leaves_others_alone_between_readings(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", handshake(&m));
  assert_false(vr_qmp_ask_between(m.q)); /* has not answered yet */
  vr_qmp_end_between(m.q);
  assert_true(vr_qmp_pollfd(m.q) >= 0); /* and is awaited on */
  answer(&m, questions, "query-cpus-fast", "[]");
  answer(&m, questions, "peripheral\"", "[]");
  answer(&m, questions, "peripheral-anon", "[]");
  answer(&m, questions, "query-blockstats", disks);
  answer(&m, questions, "query-memory", "{}");
  answer(&m, questions, "query-status", RUNNING);
  assert_true(vr_qmp_take(m.q));
  assert_false(vr_qmp_ask_between(m.q)); /* no balloon */
  qemu_free(&m);
}

/* Another client is connected when it is time to read, and stays. */
static void waits_while_another_is_served(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", handshake(&m));
  static const char *const all[] = {"query-cpus-fast", "peripheral\"",
                                    "peripheral-anon", "query-blockstats",
                                    "query-memory",    "query-status"};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
    answer(&m, questions, all[i], i < 3 ? "[]" : "{}");
  assert_true(vr_qmp_take(m.q));
  for (int i = 0; i < 20; i++) {
    vr_qmp_ask(m.q);
    vr_qmp_take(m.q);
    vr_qmp_deadline(m.q);
  }
  assert_int_equal(vr_qmp_pollfd(m.q), -1);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "another client"));
  vr_host_free(h);
  qemu_free(&m);
}

/* A QEMU that hangs is asked once and waited for once. */
static void does_not_wait_for_the_silent(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_qmp_report s = {0};
  handshake(&m);
  assert_true(vr_qmp_pollfd(m.q) >= 0);
  vr_qmp_deadline(m.q);
  for (int i = 0; i < 1000; i++) {
    vr_qmp_ask(m.q);
    assert_false(vr_qmp_take(m.q));
    assert_int_equal(vr_qmp_pollfd(m.q), -1);
    vr_qmp_deadline(m.q);
  }
  assert_string_equal(heard(&m), "");
  vr_qmp_sample(m.q, &s);
  assert_false(s.have_block);
  qemu_free(&m);
}

static void forgets_old_answers(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_qmp_report s = {0};
  answer(&m, handshake(&m), "query-blockstats", disks);
  vr_qmp_take(m.q);
  vr_qmp_ask(m.q);
  vr_qmp_sample(m.q, &s);
  assert_true(s.have_block); /* one interval late is as good */
  vr_qmp_ask(m.q);
  vr_qmp_sample(m.q, &s);
  assert_false(s.have_block);
  qemu_free(&m);
}

/* Answers whatever was asked; returns whether anything was. */
static bool answer_all(struct qemu *m) {
  char text[64];
  const char *p = heard(m);
  bool any = false;
  while ((p = strstr(p, "\"id\":"))) {
    snprintf(text, sizeof(text), "{\"return\": {}, \"id\": %d}\r\n",
             atoi(p + 5));
    say(m, text);
    p += 5;
    any = true;
  }
  return any;
}

/* After an answer that was late it asks again on the same connection, for as
 * long as it was told to; then it lets others in. */
static void keeps_the_connection_after_a_late_answer(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  const struct vr_qmp_options o = {.balloon_period = 1, .keep = 3};
  assert_int_equal(vr_qmp_new(m.t.path, getpid(), "/q", "web", &o, &m.q), 0);
  qemu_accept(&m);
  say(&m, GREETING);
  vr_qmp_take(m.q);
  assert_true(answer_all(&m)); /* capabilities */
  assert_false(vr_qmp_take(m.q));
  vr_qmp_deadline(m.q);
  assert_true(answer_all(&m));
  for (int kept = 1; kept <= 3; kept++) {
    assert_true(vr_qmp_take(m.q));
    vr_qmp_deadline(m.q);
    vr_qmp_ask(m.q);
    assert_true(answer_all(&m));
  }
  assert_true(vr_qmp_take(m.q));
  vr_qmp_ask(m.q);
  assert_false(answer_all(&m)); /* on a new connection */
  qemu_free(&m);
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
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10); /* takes the log */
  int fds[8];
  qemu_connect(&m, getpid());
  qemu_accept(&m);
  say(&m, GREETING);
  vr_qmp_take(m.q);
  while (answer_all(&m))
    vr_qmp_take(m.q);
  size_t n = fill_queue(&m, fds);
  vr_qmp_ask(m.q);
  vr_qmp_ask(m.q);
  assert_int_equal(vr_qmp_pollfd(m.q), -1);
  empty_queue(&m, fds, n);
  vr_qmp_ask(m.q);
  assert_true(vr_qmp_pollfd(m.q) >= 0);
  assert_int_equal(log_count(), 0);
  close(m.client);
  qemu_accept(&m);
  say(&m, GREETING);
  vr_qmp_take(m.q);
  while (answer_all(&m))
    vr_qmp_take(m.q);
  n = fill_queue(&m, fds);
  for (int i = 0; i < 3; i++)
    vr_qmp_ask(m.q);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "another client"));
  empty_queue(&m, fds, n);
  vr_host_free(h);
  qemu_free(&m);
}

/* QEMU serves one client: who waits in the queue hears nothing. */
static void leaves_a_socket_in_use(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10); /* takes the log */
  qemu_connect(&m, getpid());
  for (int i = 0; i < 20; i++) {
    vr_qmp_take(m.q);
    vr_qmp_ask(m.q);
  }
  assert_int_equal(vr_qmp_pollfd(m.q), -1);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "another client"));
  vr_host_free(h);
  qemu_free(&m);
}

static void talks_to_the_guests_own_process_only(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  char path[160], target[160];
  /* Process 1's path leads to a socket on which another process listens. */
  snprintf(path, sizeof(path), "1/root");
  snprintf(target, sizeof(target), "%s/%d/root", m.t.path, (int)getpid());
  tree_link(&m.t, path, target);
  guest_owner(&m.t, 1, (int)geteuid(), (int)geteuid(), 0);
  qemu_connect(&m, 1);
  assert_int_equal(vr_qmp_pollfd(m.q), -1);
  assert_int_equal(log_count(), 1);
  vr_host_free(h);
  qemu_free(&m);
}

static void survives_what_it_did_not_ask_for(void **state) {
  (void)state;
  static const char *const nonsense[] = {
      "{\"return\": 5}\r\n", "[1,2,3]\n", "{\"id\": 99, \"return\": {}}\n",
      "{\"QMP\": 1}\n",
      "{\"event\": \"RESUME\", \"timestamp\": {\"seconds\": 1}}\n"};
  struct qemu m = qemu_new();
  struct vr_qmp_report s = {0};
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", handshake(&m));
  for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
    say(&m, nonsense[i]);
    vr_qmp_take(m.q);
  }
  answer(&m, questions, "query-blockstats", "{\"not\": \"a list\"}");
  vr_qmp_take(m.q);
  vr_qmp_sample(m.q, &s);
  assert_false(s.have_block);
  qemu_free(&m);
}

static void lets_go_of_who_speaks_no_json(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  handshake(&m);
  say(&m, "{{{\n");
  vr_qmp_take(m.q);
  assert_int_equal(vr_qmp_pollfd(m.q), -1);
  assert_int_equal(log_count(), 1);
  vr_host_free(h);
  qemu_free(&m);
}

/* Nothing else's socket is connected to, nor anything that is no socket. */
static void connects_to_nothing_of_others(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  char path[160];
  snprintf(path, sizeof(path), "%s/%d/root/q", m.t.path, (int)getpid());
  if (geteuid() == 0) {
    guest_owner(&m.t, (int)getpid(), 1000, 1000, 1);
    assert_int_equal(chown(path, 1001, 1001), 0);
    qemu_connect(&m, getpid());
    assert_int_equal(vr_qmp_pollfd(m.q), -1);
    assert_non_null(strstr(log_last, "belongs to another user"));
    fcntl(m.server, F_SETFL, O_NONBLOCK);
    assert_int_equal(accept(m.server, NULL, NULL), -1);
    vr_qmp_free(m.q);
    guest_owner(&m.t, (int)getpid(), 0, 0, 1);
  }
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0666), 0);
  qemu_connect(&m, getpid());
  assert_int_equal(vr_qmp_pollfd(m.q), -1);
  assert_non_null(strstr(log_last, "it is no socket"));
  vr_host_free(h);
  qemu_free(&m);
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
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  static char much[65536];
  memset(much, 'x', sizeof(much));
  handshake(&m);
  fcntl(m.client, F_SETFL, O_NONBLOCK);
  for (int i = 0; i < 10000 && vr_qmp_pollfd(m.q) >= 0; i++) {
    ssize_t n = send(m.client, much, sizeof(much), MSG_NOSIGNAL);
    assert_true(n > 0 || errno == EAGAIN || errno == EPIPE);
    vr_qmp_take(m.q);
  }
  assert_int_equal(vr_qmp_pollfd(m.q), -1);
  assert_non_null(strstr(log_last, "too long"));
  vr_host_free(h);
  qemu_free(&m);
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
  struct vr_host *h = reader_new(&m.t, 10);
  int takes = 0;
  handshake(&m);
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
  vr_host_free(h);
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
    say(m, GREETING);
    vr_qmp_take(m->q);
    answer(m, heard(m), "qmp_capabilities", "{}");
    vr_qmp_take(m->q);
    close(m->client);
    m->client = -1;
    vr_qmp_take(m->q);
    assert_int_equal(vr_qmp_pollfd(m->q), -1);
  }
}

/* However often: that it went, that it came back, that it went again. */
static void says_little_of_who_comes_and_goes(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  handshake(&m);
  close(m.client);
  m.client = -1;
  vr_qmp_take(m.q);
  come_and_go(&m, 100);
  assert_int_equal(log_count(), 3);
  vr_host_free(h);
  qemu_free(&m);
}

/* One line for all guests, and it names what is needed. */
static void says_once_that_sockets_are_denied(void **state) {
  (void)state;
  if (geteuid() != 0)
    skip(); /* to oneself nothing is denied, and nobody else is there */
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  struct vr_complaint denied = {0};
  const struct vr_qmp_options o = {.denied = &denied, .balloon_period = 1};
  struct vr_qmp *q[3];
  char path[160];
  assert_int_equal(seteuid(65534), 0);
  snprintf(path, sizeof(path), "/%s", "q");
  for (int i = 0; i < 3; i++)
    assert_int_equal(vr_qmp_new(m.t.path, getpid(), path, "web", &o, &q[i]), 0);
  for (int i = 0; i < 3; i++)
    vr_qmp_free(q[i]);
  assert_int_equal(seteuid(0), 0);
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "CAP_SYS_PTRACE and CAP_DAC_OVERRIDE"));
  vr_host_free(h);
  qemu_free(&m);
}

static void takes_a_long_path(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  const struct vr_qmp_options o = {.balloon_period = 1};
  char directory[64] = "", path[128];
  memset(directory, 'd', 60);
  tree_link(&m.t, directory, ".");
  snprintf(path, sizeof(path), "%s/%s", m.t.path, directory);
  assert_int_equal(vr_qmp_new(path, getpid(), "/q", "web", &o, &m.q), 0);
  assert_true(vr_qmp_pollfd(m.q) >= 0);
  qemu_accept(&m);
  qemu_free(&m);
}

static void comes_back(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_host *h = reader_new(&m.t, 10);
  struct vr_qmp_report s = {0};
  handshake(&m);
  close(m.client);
  vr_qmp_take(m.q);
  assert_int_equal(log_count(), 1);
  for (int i = 0; i < 40 && vr_qmp_pollfd(m.q) < 0; i++)
    vr_qmp_ask(m.q);
  assert_true(vr_qmp_pollfd(m.q) >= 0);
  qemu_accept(&m);
  say(&m, GREETING);
  vr_qmp_take(m.q);
  answer(&m, heard(&m), "qmp_capabilities", "{}");
  vr_qmp_take(m.q);
  answer(&m, heard(&m), "query-blockstats", disks);
  vr_qmp_take(m.q);
  vr_qmp_sample(m.q, &s);
  assert_true(s.have_block);
  assert_int_equal(log_count(), 1); /* that it is back */
  vr_host_free(h);
  qemu_free(&m);
}

static struct vr_qmp_report kvm_of(const struct qemu *m) {
  struct vr_qmp_report s = {0};
  vr_qmp_sample(m->q, &s);
  return s;
}

/* Only of a guest on KVM, and only while QEMU knows the question. */
static void asks_what_kvm_counts(void **state) {
  (void)state;
  const struct vr_qmp_options o = {.kvm = true, .balloon_period = 1};
  struct qemu m = qemu_new();
  char questions[4096];
  assert_null(strstr(handshake(&m), "query-stats"));
  vr_qmp_free(m.q);
  close(m.client);
  assert_int_equal(vr_qmp_new(m.t.path, getpid(), "/q", "web", &o, &m.q), 0);
  qemu_accept(&m);
  say(&m, GREETING);
  vr_qmp_take(m.q);
  answer(&m, heard(&m), "qmp_capabilities", "{}");
  vr_qmp_take(m.q);
  snprintf(questions, sizeof(questions), "%s", heard(&m));
  assert_non_null(strstr(questions, "\"exits\",\"halt_exits\""));
  answer(&m, questions, "query-cpus-fast", "[]");
  answer(&m, questions, "query-blockstats", disks);
  answer(&m, questions, "query-stats",
         "[{\"provider\": \"kvm\", \"stats\": [{\"name\": \"exits\", "
         "\"value\": 41}]}]");
  answer(&m, questions, "query-memory", "{}");
  answer(&m, questions, "query-status", RUNNING);
  assert_true(vr_qmp_take(m.q));
  assert_true(kvm_of(&m).have_kvm);
  assert_int_equal(kvm_of(&m).kvm.value[VR_KVM_exits], 41);
  snprintf(questions, sizeof(questions), "%s", next_questions(&m));
  answer(&m, questions, "query-blockstats", disks);
  answer(&m, questions, "query-memory", "{}");
  answer(&m, questions, "query-status", RUNNING);
  snprintf(questions + 3000, 1000,
           "{\"id\": %d, \"error\": {\"class\": \"CommandNotFound\", "
           "\"desc\": \"The command query-stats has not been found\"}}\r\n",
           id_of(questions, "query-stats"));
  say(&m, questions + 3000);
  assert_true(vr_qmp_take(m.q));
  assert_false(kvm_of(&m).have_kvm);
  assert_null(strstr(next_questions(&m), "query-stats"));
  qemu_free(&m);
}

static const char slow_disk[] =
    "[{\"device\": \"\", \"qdev\": \"/machine/peripheral/d0/virtio-backend\", "
    "\"stats\": {\"rd_bytes\": 1, \"wr_bytes\": 2, \"rd_operations\": 3, "
    "\"wr_operations\": 4}}]";

/* The next reading: all is answered, but for what is asked of queues. */
static void answer_but_queues(struct qemu *m, char questions[4096]) {
  snprintf(questions, 4096, "%s", next_questions(m));
  answer(m, questions, "query-blockstats", slow_disk);
  answer(m, questions, "query-status", RUNNING);
  answer(m, questions, "query-memory-size-summary", "{\"base-memory\": 1}");
}

static const char *ask_first(struct qemu *m, const struct vr_qmp_options *o) {
  assert_int_equal(vr_qmp_new(m->t.path, getpid(), "/q", "web", o, &m->q), 0);
  qemu_accept(m);
  say(m, GREETING);
  assert_false(vr_qmp_take(m->q));
  answer(m, heard(m), "qmp_capabilities", "{}");
  assert_false(vr_qmp_take(m->q));
  return heard(m);
}

/* A first reading of a guest with a virtio disk. */
static void first_reading(struct qemu *m, const struct vr_qmp_options *o) {
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", ask_first(m, o));
  assert_null(strstr(questions, "x-query"));
  answer(m, questions, "query-blockstats", slow_disk);
  answer(m, questions, "query-status", RUNNING);
  answer(m, questions, "query-memory-size-summary", "{\"base-memory\": 1}");
  answer(m, questions, "query-cpus-fast", "[]");
  assert_true(vr_qmp_take(m->q));
}

static void reports_requests_of_a_disk_that_hangs(void **state) {
  (void)state;
  struct qemu m = qemu_new();
  struct vr_qmp_report s = {0};
  char questions[4096], text[256];
  const struct vr_qmp_options o = {.balloon_period = 1};
  first_reading(&m, &o);
  for (int i = 0; i < 3; i++) {
    answer_but_queues(&m, questions);
    answer(&m, questions, "\"queue\":0",
           "{\"name\": \"virtio-blk\", \"inuse\": 7, \"vring-num\": 256}");
    assert_non_null(strstr(questions, "{\"execute\":\"x-query-virtio-queue-"
                                      "status\",\"arguments\":{\"path\":\"/"
                                      "machine/peripheral/d0/virtio-backend\","
                                      "\"queue\":0},\"id\":"));
    if (i == 0) {
      snprintf(
          text, sizeof(text),
          "{\"id\": %d, \"error\": {\"class\": \"GenericError\", \"desc\": "
          "\"Invalid virtqueue number 1\"}}\r\n",
          id_of(questions, "\"queue\":1"));
      say(&m, text);
    }
    assert_true(vr_qmp_take(m.q));
    vr_qmp_sample(m.q, &s);
    assert_int_equal(s.have_stalled, i > 0);
  }
  assert_int_equal(s.stalled, 7);
  assert_int_equal(log_count(), 0);
  qemu_free(&m);
}

/* It is said once for all guests, and the rest is read on. */
static void asks_an_older_qemu_once(void **state) {
  (void)state;
  struct vr_complaint no_queues = {0};
  const struct vr_qmp_options o = {.balloon_period = 1,
                                   .no_queues = &no_queues};
  for (int guest = 0; guest < 2; guest++) {
    struct qemu m = qemu_new();
    struct vr_host *h = reader_new(&m.t, 10);
    struct vr_qmp_report s = {0};
    char questions[4096], text[256];
    first_reading(&m, &o);
    answer_but_queues(&m, questions);
    for (int i = 0; i < 2; i++) {
      snprintf(text, sizeof(text),
               "{\"id\": %d, \"error\": {\"class\": \"CommandNotFound\", "
               "\"desc\": \"x\"}}\r\n",
               id_of(questions, i ? "\"queue\":1" : "\"queue\":0"));
      say(&m, text);
    }
    assert_true(vr_qmp_take(m.q));
    answer_but_queues(&m, questions);
    assert_null(strstr(questions, "x-query"));
    assert_true(vr_qmp_take(m.q));
    vr_qmp_sample(m.q, &s);
    assert_true(s.have_block && !s.have_stalled);
    assert_int_equal(info_count(), guest == 0);
    vr_host_free(h);
    qemu_free(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reports_disks_and_balloon),
      cmocka_unit_test(lets_others_in_between),
      cmocka_unit_test(asks_the_balloon_between_readings),
      cmocka_unit_test(lets_go_of_the_silent_between_readings),
      cmocka_unit_test(leaves_others_alone_between_readings),
      cmocka_unit_test(waits_while_another_is_served),
      cmocka_unit_test(does_not_wait_for_the_silent),
      cmocka_unit_test(forgets_old_answers),
      cmocka_unit_test(keeps_the_connection_after_a_late_answer),
      cmocka_unit_test(tries_again_after_a_moment),
      cmocka_unit_test(leaves_a_socket_in_use),
      cmocka_unit_test(talks_to_the_guests_own_process_only),
      cmocka_unit_test(survives_what_it_did_not_ask_for),
      cmocka_unit_test(lets_go_of_who_speaks_no_json),
      cmocka_unit_test(connects_to_nothing_of_others),
      cmocka_unit_test(takes_no_reply_of_too_many_parts),
      cmocka_unit_test(refuses_an_endless_answer),
      cmocka_unit_test(lets_go_of_who_never_stops),
      cmocka_unit_test(says_little_of_who_comes_and_goes),
      cmocka_unit_test(says_once_that_sockets_are_denied),
      cmocka_unit_test(takes_a_long_path),
      cmocka_unit_test(comes_back),
      cmocka_unit_test(asks_what_kvm_counts),
      cmocka_unit_test(reports_requests_of_a_disk_that_hangs),
      cmocka_unit_test(asks_an_older_qemu_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
