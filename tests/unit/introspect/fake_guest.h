/* SPDX-License-Identifier: MIT
 *
 * A process that stands in for a VM process: a child that has a made-up guest's
 * memory mapped, while the test plays the guest and lets its clock go on.
 */
#ifndef VR_TESTS_FAKE_GUEST_H
#define VR_TESTS_FAKE_GUEST_H

#include "fake_kernel.h"

#include <sys/types.h>

#define FAKE_GUEST_SIZE (66ull << 20) /* a size that no other mapping has */

struct fake_guest {
  struct fake_kernel *f;
  pid_t pid;
  int to, from; /* pipes to and from the process */
  uint64_t jiffies;
};

void fake_guest_start(struct fake_guest *g);

/* The same, and the process touches only what the function does: of the rest,
 * what was written is in the file that its memory is of, and in none of its
 * pages. */
void fake_guest_start_cold(struct fake_guest *g,
                           void (*touch)(const struct fake_kernel *));

/* The process gives up its memory from the offset FROM on, and lives on. */
void fake_guest_unmap(struct fake_guest *g, uint64_t from);

/* Kills the process. */
void fake_guest_kill(struct fake_guest *g);

/* Kills it if it lives, and frees the memory. */
void fake_guest_end(struct fake_guest *g);

/* Its clock goes on. The kernel tells the number of ticks and not their time,
 * so that how fast a test runs makes no difference. */
void fake_guest_tick(struct fake_guest *g);

#endif
