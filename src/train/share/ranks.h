/* SPDX-License-Identifier: MIT
 *
 * The processes that mpirun started, each a rank. Without MPI (configure
 * --with-mpi) there is one.
 */
#ifndef VR_TRAIN_SHARE_RANKS_H
#define VR_TRAIN_SHARE_RANKS_H

#include <stdbool.h>

/* To be called first. Joins the others, where there are any; the ranks behind
 * the first print nothing on standard output. False, with a message, where a
 * launcher of MPI started several and this program was built without it. */
bool vr_ranks_begin(int *argc, char ***argv);

/* To be called last: waits for the others. */
void vr_ranks_end(void);

#endif
