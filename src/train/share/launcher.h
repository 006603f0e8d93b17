/* SPDX-License-Identifier: MIT
 *
 * How many processes a launcher of MPI has started, as it says in the
 * environment.
 */
#ifndef VR_TRAIN_SHARE_LAUNCHER_H
#define VR_TRAIN_SHARE_LAUNCHER_H

#include <stdlib.h>

/* 0: none has. */
static inline int vr_launcher_ranks(void) {
  static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                      "MPI_LOCALNRANKS"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    const char *text = getenv(names[i]);
    if (text)
      return atoi(text);
  }
  /* srun --mpi=pmix says how many tasks there are under its own name. */
  const char *tasks = getenv("SLURM_NTASKS");
  return getenv("PMIX_RANK") && tasks ? atoi(tasks) : 0;
}

#endif
