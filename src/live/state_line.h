/* SPDX-License-Identifier: MIT
 *
 * One guest in a state file: one line, a JSON object.
 *
 *   {"host": ..., "guest": ..., "range_alarm": false, "drifted": false,
 *    "totals": {"net_rx": [total, fraction, last], ...},
 *    "model_totals": {...},
 *    "runs": [{"model": fingerprint, "tick": ..., "state": [...]}, ...],
 *    "held": {"processes": {"model": fingerprint, "end": ..., "until": ...,
 *             "values": [value]}, ...}}
 *
 * Totals are by the counter's name; names that are not known are skipped, and
 * counters that are missing begin at 0. A run is of the model of its
 * fingerprint, "model_v3" being one that was read from an older file. What was
 * held may be missing, or of no use; of a load it has three values.
 *
 * Older versions are read, too. They have totals as one array over all
 * counters: of two numbers each up to version 2, which do not have the time
 * when a total was added to last. The state of a run of version 1 lacks how
 * much of it was out of the training range.
 */
#ifndef VR_LIVE_STATE_LINE_H
#define VR_LIVE_STATE_LINE_H

#include "basic/error.h"
#include "live/memory.h"

#include <stdio.h>

enum { VR_STATE_OLDEST = 1, VR_STATE_VERSION = 4 };

/* Writes one line to F. Returns 0, -EILSEQ where a name is not UTF-8, -ENOMEM,
 * or -EIO; in the first two cases nothing was written. */
int vr_live_state_line_write(FILE *f, const char *host, const char *guest,
                             const struct vr_saved_guest *saved);

/* Reads one LINE of a file of VERSION. Returns 0 and *ret_saved, the caller's;
 * or -EINVAL, -ENOMEM with what is wrong and of which guest, as far as the line
 * shows it. */
int vr_live_state_line_read(const char *line, int version,
                            struct vr_saved_guest **ret_saved,
                            struct vr_error *ret_error);

#endif
