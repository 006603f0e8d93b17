/* SPDX-License-Identifier: MIT
 *
 * A QEMU that the test plays itself, step by step, in the thread of the QMP
 * client: that this works shows that the client never waits. Messages are those
 * of QEMU 7.2.
 */
#ifndef VR_TESTS_PLAYED_QEMU_H
#define VR_TESTS_PLAYED_QEMU_H

#include "guests.h"

#include "host/qmp/qmp.h"

#include <stdbool.h>
#include <sys/types.h>

/* Its socket is /q in the root of this process, which is the one that the
 * client expects to answer. */
struct qemu {
  struct tree t;
  int server, client;
  struct vr_qmp *q;
};

/* A new one, with no client; messages are counted from now on. */
struct qemu qemu_new(void);

void qemu_free(struct qemu *m);

/* The same as the state of a test, freed also after one that failed. */
int qemu_setup(void **state);
int qemu_teardown(void **state);
#define on_a_qemu(test)                                                        \
  cmocka_unit_test_setup_teardown(test, qemu_setup, qemu_teardown)

/* The client: of process PID, as of a guest with a balloon. */
void qemu_connect(struct qemu *m, pid_t pid);

void qemu_accept(struct qemu *m);

void qemu_say(const struct qemu *m, const char *text);

void qemu_greet(const struct qemu *m);

/* What the client has asked, all lines together; until the next call. */
const char *qemu_heard(const struct qemu *m);

/* The number of the question that contains WORD. */
int qemu_id_of(const char *questions, const char *word);

void qemu_answer(const struct qemu *m, const char *questions, const char *word,
                 const char *value);

/* Answers the first question that contains WORD with an error of CLASS. */
void qemu_refuse(const struct qemu *m, const char *questions, const char *word,
                 const char *class, const char *description);

/* Those of the usual questions that were asked: two disks, nothing below
 * /machine/peripheral but what the JSON list PERIPHERAL names. */
void qemu_answer_usual(const struct qemu *m, const char *questions,
                       const char *peripheral);

/* Answers whatever was asked with {}; returns whether anything was. */
bool qemu_answer_all(const struct qemu *m);

/* Up to the point where the first numbers have been asked for: with the
 * client's default options, or with others. */
const char *qemu_handshake(struct qemu *m);
const char *qemu_handshake_with(struct qemu *m, const struct vr_qmp_options *o);

/* The next interval, up to the same point: it connects again, and asks all at
 * once. */
const char *qemu_next_questions(struct qemu *m);

/* Four block devices, two of them a guest's disks. */
extern const char qemu_disks[];

#define QEMU_RUNNING "{\"status\": \"running\", \"running\": true}"

#endif
