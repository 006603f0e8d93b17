/* SPDX-License-Identifier: MIT
 *
 * A QEMU's QMP socket in a made-up tree, played by the test itself between two
 * readings. The process that listens is a child's: the reader takes answers
 * from the guest's own process only.
 */
#ifndef VR_TESTS_FAKE_QMP_H
#define VR_TESTS_FAKE_QMP_H

#include "tree.h"

#include <stdbool.h>
#include <sys/types.h>

struct fake_qmp {
  pid_t pid; /* of the process that listens: the guest's */
  int server, client;
  unsigned long long read_bytes; /* of its first disk */
  const char *more_disks;        /* answers beside it, as JSON, or NULL */
  char cpus[128];                /* its vCPU threads, as JSON; "": none */
  const char *status;            /* QEMU's word for it, or NULL: running */
  unsigned flood;                /* lines sent unasked at each turn */
  unsigned long long faults;     /* minor ones of its balloon's driver, which
                                    has a tenth as major; 0: no balloon */
  unsigned ahead;                /* seconds that its clock is ahead of ours */
  long long updated;             /* when that driver reported; 0: just now */
  unsigned period;               /* seconds between its reports; 0: one */
};

/* Starts the guest NAME with such a socket in the tree. */
void fake_qmp_start(struct fake_qmp *f, const struct tree *t, const char *name);

/* Answers all that was asked. */
void fake_qmp_serve(struct fake_qmp *f);

/* Closes the client's connection; the next one is taken. */
void fake_qmp_hang_up(struct fake_qmp *f);

void fake_qmp_end(struct fake_qmp *f);

#endif
