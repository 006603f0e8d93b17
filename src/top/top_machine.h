/* SPDX-License-Identifier: MIT
 *
 * Guests as this machine's /proc shows them, with the models that the target
 * would use: where no collectd can be asked. A thread of its own reads, so that
 * nothing that hangs in a reading holds up the keys.
 */
#ifndef VR_TOP_TOP_MACHINE_H
#define VR_TOP_TOP_MACHINE_H

#include "top_guests.h"

#include <poll.h>

struct vr_top_machine;

struct vr_top_machine_options {
  const char *proc_path;         /* "/proc" */
  const char *const *model_dirs; /* directories of model files */
  size_t n_model_dirs;
  double delay; /* seconds between readings */
  bool qmp;     /* ask QMP sockets: nobody else needs them */
};

/* Is there a process of that name? Then its plugin reads, too. */
bool vr_top_machine_runs(const char *proc_path, const char *comm);

/* Begins to read. Returns 0 or a negative errno. */
int vr_top_machine_new(const struct vr_top_machine_options *options,
                       struct vr_top_machine **ret);

/* Ends the thread; one that hangs is left behind, with what it needs. */
void vr_top_machine_free(struct vr_top_machine *m);

/* Other delays from now on. */
void vr_top_machine_delay(struct vr_top_machine *m, double delay);

/* Readable when a reading is done. */
struct pollfd vr_top_machine_poll(const struct vr_top_machine *m);

/* Puts what the latest reading gave into GUESTS. Returns true when there is
 * anything new. */
bool vr_top_machine_work(struct vr_top_machine *m,
                         struct vr_top_guests *guests);

#endif
