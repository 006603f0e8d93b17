/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "played_qemu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define GREETING                                                               \
  "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "          \
  "\"major\": 7}}, \"capabilities\": [\"oob\"]}}\r\n"

const char qemu_disks[] =
    "[{\"device\": \"ide0-hd0\", \"qdev\": \"/machine/peripheral-anon/device[1]"
    "\", \"stats\": {\"rd_bytes\": 52162048, \"wr_bytes\": 1024, "
    "\"rd_operations\": 413, \"wr_operations\": 1}},"
    "{\"device\": \"\", \"qdev\": \"d1\", \"stats\": {\"rd_bytes\": 1000, "
    "\"wr_bytes\": 2000, \"rd_operations\": 3, \"wr_operations\": 4}},"
    "{\"device\": \"pflash0\", \"stats\": {\"rd_bytes\": 9, \"wr_bytes\": 9, "
    "\"rd_operations\": 9, \"wr_operations\": 9}},"
    "{\"device\": \"\", \"stats\": {\"rd_bytes\": 7, \"wr_bytes\": 7, "
    "\"rd_operations\": 7, \"wr_operations\": 7}}]";

struct qemu qemu_new(void) {
  struct qemu m = {.t = tree_new(), .client = -1};
  struct sockaddr_un a = {.sun_family = AF_UNIX};
  char path[128];
  snprintf(path, sizeof(path), "%d/root/x", (int)getpid());
  tree_write(&m.t, path, "x");
  snprintf(a.sun_path, sizeof(a.sun_path), "%.60s/%d/root/q", m.t.path,
           (int)getpid());
  guest_owner(&m.t, (int)getpid(), (int)geteuid(), (int)geteuid(), 1);
  m.server = socket(AF_UNIX, SOCK_STREAM, 0);
  assert_int_equal(bind(m.server, (struct sockaddr *)&a, sizeof(a)), 0);
  assert_int_equal(listen(m.server, 1), 0);
  log_take();
  return m;
}

void qemu_free(struct qemu *m) {
  vr_qmp_free(m->q);
  close(m->server);
  if (m->client >= 0)
    close(m->client);
  tree_free(&m->t);
}

int qemu_setup(void **state) {
  struct qemu *m = calloc(1, sizeof(*m));
  if (!m)
    return -1;
  *m = qemu_new();
  *state = m;
  return 0;
}

int qemu_teardown(void **state) {
  qemu_free(*state);
  free(*state);
  return 0;
}

void qemu_connect(struct qemu *m, pid_t pid) {
  const struct vr_qmp_options o = {.balloon = true, .balloon_period = 1};
  assert_int_equal(vr_qmp_new(m->t.path, pid, "/q", "web", &o, &m->q), 0);
}

void qemu_accept(struct qemu *m) {
  m->client = accept(m->server, NULL, NULL);
  assert_true(m->client >= 0);
}

void qemu_say(const struct qemu *m, const char *text) {
  assert_int_equal(write(m->client, text, strlen(text)), strlen(text));
}

void qemu_greet(const struct qemu *m) { qemu_say(m, GREETING); }

const char *qemu_heard(const struct qemu *m) {
  static char text[4096];
  ssize_t n = recv(m->client, text, sizeof(text) - 1, MSG_DONTWAIT);
  text[n < 0 ? 0 : n] = '\0';
  return text;
}

int qemu_id_of(const char *questions, const char *word) {
  const char *p = strstr(questions, word);
  assert_non_null(p);
  p = strstr(p, "\"id\":");
  assert_non_null(p);
  return atoi(p + 5);
}

void qemu_answer(const struct qemu *m, const char *questions, const char *word,
                 const char *value) {
  char text[4096];
  snprintf(text, sizeof(text), "{\"return\": %s, \"id\": %d}\r\n", value,
           qemu_id_of(questions, word));
  qemu_say(m, text);
}

void qemu_refuse(const struct qemu *m, const char *questions, const char *word,
                 const char *class, const char *description) {
  char text[512];
  snprintf(text, sizeof(text),
           "{\"id\": %d, \"error\": {\"class\": \"%s\", \"desc\": \"%s\"}}\r\n",
           qemu_id_of(questions, word), class, description);
  qemu_say(m, text);
}

void qemu_answer_usual(const struct qemu *m, const char *questions,
                       const char *peripheral) {
  const struct {
    const char *word, *value;
  } usual[] = {
      {"query-cpus-fast", "[]"},   {"peripheral\"", peripheral},
      {"peripheral-anon", "[]"},   {"query-blockstats", qemu_disks},
      {"query-memory-size", "{}"}, {"query-status", QEMU_RUNNING},
  };
  for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
    if (strstr(questions, usual[i].word))
      qemu_answer(m, questions, usual[i].word, usual[i].value);
}

bool qemu_answer_all(const struct qemu *m) {
  char text[64];
  const char *p = qemu_heard(m);
  bool any = false;
  while ((p = strstr(p, "\"id\":"))) {
    snprintf(text, sizeof(text), "{\"return\": {}, \"id\": %d}\r\n",
             atoi(p + 5));
    qemu_say(m, text);
    p += 5;
    any = true;
  }
  return any;
}

static const char *shake_hands(struct qemu *m) {
  qemu_accept(m);
  qemu_greet(m);
  assert_false(vr_qmp_take(m->q));
  qemu_answer(m, qemu_heard(m), "qmp_capabilities", "{}");
  assert_false(vr_qmp_take(m->q));
  return qemu_heard(m);
}

const char *qemu_handshake(struct qemu *m) {
  qemu_connect(m, getpid());
  return shake_hands(m);
}

const char *qemu_handshake_with(struct qemu *m,
                                const struct vr_qmp_options *o) {
  assert_int_equal(vr_qmp_new(m->t.path, getpid(), "/q", "web", o, &m->q), 0);
  return shake_hands(m);
}

const char *qemu_next_questions(struct qemu *m) {
  static char questions[4096];
  vr_qmp_ask(m->q);
  close(m->client);
  qemu_accept(m);
  qemu_greet(m);
  snprintf(questions, sizeof(questions), "%s", qemu_heard(m));
  qemu_answer(m, questions, "qmp_capabilities", "{}");
  assert_false(vr_qmp_take(m->q));
  return questions;
}
