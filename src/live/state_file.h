/* SPDX-License-Identifier: MIT
 *
 * The memory of all runs and the totals, kept over a restart. The file is one
 * JSON object a line, so that neither writing nor reading holds more than one
 * guest: first a line with format and version, then one for each guest.
 *
 * PATH is the name that is configured, and the name of the file of versions 1
 * to 3. Version 4 is written to PATH.v4, so that the file of an earlier version
 * is still there after a downgrade. Of the two files the one that was written
 * last is read.
 */
#ifndef VR_LIVE_STATE_FILE_H
#define VR_LIVE_STATE_FILE_H

#include "basic/log.h"
#include "live/guest_table.h"

struct vr_state_file {
  struct vr_complaint cannot_save, cannot_name;
  atomic_size_t changed;  /* runs that were read, of models that are missing */
  atomic_size_t progress; /* lines read, parts written, ever */
};

/* Writes the state of all guests, and that which is waiting, to PATH.v4,
 * atomically. A name that the file cannot hold costs that guest its state, and
 * no other. Returns 0 or a negative errno, and logs. */
int vr_live_state_write(struct vr_state_file *s, struct vr_guest_table *guests,
                        const char *path);

/* How many of the runs in WAITING are of models that are not in CATALOG. */
size_t vr_live_state_count_changed(struct vr_waiting *waiting,
                                   const struct vr_catalog *catalog);

/* Reads the state of guests into WAITING. A line that is broken costs that
 * guest its state, with a line in the log, and no other. Returns 0, also where
 * there is no file; a negative errno, and logs, where it cannot be read or is
 * no state file. */
int vr_live_state_read(struct vr_state_file *s, struct vr_waiting *waiting,
                       const char *path);

#endif
