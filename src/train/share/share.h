/* SPDX-License-Identifier: MIT
 *
 * Loops whose rounds are dealt out: to threads of this process (--jobs), and to
 * the other ranks where mpirun started several (transport.h). What a round
 * gives does not depend on who runs it, and what is added up is added up in the
 * order of rounds, so that the result is the same, bit by bit, whatever there
 * is.
 *
 * All ranks run the same program and come to the same loops. Only the first
 * writes, prints and logs; what the others report within a loop reaches it.
 */
#ifndef VR_TRAIN_SHARE_SHARE_H
#define VR_TRAIN_SHARE_SHARE_H

#include "train/share/loop.h"

/* Runs all rounds of L. Returns 0, or what the first round that failed did with
 * *ret_error filled: the same on all ranks. */
int vr_share_run(const struct vr_share_loop *l, struct vr_error *ret_error);

/* How many threads run a loop in each process, from now on. */
void vr_share_use_jobs(unsigned jobs);

/* Is this the first rank, or alone? */
bool vr_share_is_first(void);

/* VALUE of the first rank, on all. */
int vr_share_agree(int value);

/* The greatest VALUE of all ranks, on all. */
int vr_share_worst(int value);

/* Reports to the first rank, from within a loop; from elsewhere nothing, since
 * the first rank comes to it itself. False where this is the first, which has
 * to take it itself. */
bool vr_share_tell(enum vr_share_kind kind, long n, const char *text);

/* LISTENER receives what others report of KIND, on the first rank; NULL: nobody
 * does. What is to be logged is logged. */
void vr_share_listen(enum vr_share_kind kind, vr_share_listener listener,
                     void *user);

#endif
