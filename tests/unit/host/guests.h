/* SPDX-License-Identifier: MIT
 *
 * VM processes in a made-up /proc, and what the reader says about them.
 */
#ifndef VR_TESTS_GUESTS_H
#define VR_TESTS_GUESTS_H

#include "tree.h"

#include "host/host.h"

/* A QEMU of two vCPUs and one other thread: its process is PID, its vCPU
 * threads PID+1 and PID+2, started at START ticks. NAME is the whole value of
 * -name. Its counters are those of guest_run() with 0. */
void guest_start(const struct tree *t, int pid, const char *name, int start);

/* Sets the threads' counters: thread I (0 the main one) ran I+1 seconds more
 * for every one of ROUNDS, waited half of that, and was put on a CPU 10 times.
 */
void guest_run(const struct tree *t, int pid, int start, int rounds);

/* What is known of the user in status. */
void guest_owner(const struct tree *t, int pid, int real, int effective,
                 int parent);

/* Options for a reader of the tree that trusts root alone and asks no QMP
 * socket; from now on messages are counted. */
void reader_options(const struct tree *t, int fd_budget,
                    struct vr_host_options *ret);

/* A reader of that kind. */
struct vr_host *reader_new(const struct tree *t, int fd_budget);

/* The made-up machine of one test: its tree, and the reader of it. Both are
 * freed after the test, also after one that failed. */
struct machine {
  struct tree tree;
  struct vr_host *reader;
};
int machine_setup(void **state);
int machine_teardown(void **state);
#define on_a_machine(test)                                                     \
  cmocka_unit_test_setup_teardown(test, machine_setup, machine_teardown)

/* That of the test which is given STATE. */
struct machine *machine_of(void **state);

/* A reader as reader_new() makes it, in the place of the one before. */
struct vr_host *machine_reader(void **state, int fd_budget);

/* The guest of that name, or NULL. */
const struct vr_vmproc_sample *guest_named(const struct vr_host *h,
                                           const char *name);

/* The sum over all of them. */
struct vr_disks disks_sum(const struct vr_disk_list *l);

/* Counts messages, from zero. */
void log_take(void);

/* How many messages were logged since the last call, the last one in
 * log_last; those that only inform are counted apart. */
int log_count(void);
int info_count(void);
extern char log_last[1024];

#endif
