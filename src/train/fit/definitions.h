/* SPDX-License-Identifier: MIT
 *
 * Counters that need no estimation: what the host measures itself (direct) and
 * what the guest's balloon driver tells (cooperative), as models without
 * dynamics and with known gains.
 */
#ifndef VR_TRAIN_FIT_DEFINITIONS_H
#define VR_TRAIN_FIT_DEFINITIONS_H

#include "model/model.h"
#include "train/data/reader.h"

#include <stdbool.h>

enum { VR_DEFINITION_SIGNALS = 2 };

struct vr_definition {
  enum vr_counter counter;
  enum vr_provenance provenance;
  enum vr_accelerator accelerator;
  const char *signals[VR_DEFINITION_SIGNALS]; /* summed; NULL after the last */
  double scale, gain; /* counter = gain * (scale * sum / per), clamped */
  enum vr_per per;
  double max;
};

extern const struct vr_definition vr_definitions[];
extern const size_t vr_definitions_count;

/* Does a model made for MODEL serve a guest under GUEST? A guest whose
 * accelerator is not known is served by none but a model for any. */
bool vr_fit_accelerator_serves(enum vr_accelerator model,
                               enum vr_accelerator guest);

/* DEF as a model for guests that match GUEST, not validated yet. WEIGHT is that
 * of the last signal: 1, or what vr_fit_calibrate_wait() says. Returns 0 or
 * -ENOMEM. */
int vr_definitions_model(const struct vr_definition *def, const char *guest,
                         double weight, struct vr_model *ret_model);

/* How much of the time that vCPU threads wait for a CPU their guest takes for
 * busy, 0 to 1. Where a thread was preempted the guest does not notice and
 * counts on; where it waits to be woken from idle, the guest takes the time for
 * idle still. Least squares of Y - GAIN run on GAIN wait over rows that are
 * known and whose FOLD is in FOLDS (FOLD NULL: all); 1 when nothing tells. */
double vr_fit_calibrate_wait(const double *y, const double *run,
                             const double *wait, double gain,
                             const unsigned char *fold, unsigned folds,
                             size_t rows);

/* What DEF gives for GUEST of HOST, in the counter's unit, on the reader's own
 * rows. Errors as vr_reader_input(). */
int vr_definitions_column(const struct vr_definition *def,
                          struct vr_reader *reader, const char *host,
                          const char *guest, double *ret);

#endif
