/* SPDX-License-Identifier: MIT
 *
 * Has a run left what its model knows? A model file states for each input how
 * far it may be believed (range); beyond that the input is held at its edge,
 * and what the run then says is the edge's, not the guest's. A tick or two of
 * it do little harm, so that what counts is not the input but the run's memory:
 * the share of it that comes from outside. Each tick makes the share forget as
 * the model forgets, down to a twentieth in its settling time, and adds what is
 * outside now. The run is out when more than half of its memory is from
 * outside, and back when less than a twentieth is, so that it cannot flap
 * faster than it settles.
 */
#ifndef VR_MODEL_RANGE_H
#define VR_MODEL_RANGE_H

#include <stdbool.h>

/* A model that settles faster is taken to remember so many ticks: then it is
 * the third tick in a row outside that is one too many, and ten inside that
 * bring it back. */
enum { VR_EXCURSION_MEMORY = 10 };

/* Shares of the memory at which a run is out, and back. */
#define VR_EXCURSION_OUT 0.5
#define VR_EXCURSION_BACK 0.05

struct vr_range_state {
  double share; /* of the memory, 0..1 */
  bool out;
};

/* How much of the share one tick leaves, for a model that settles in SETTLING
 * ticks. */
double vr_range_decay(unsigned settling);

/* The run starts at rest on inputs that are OUTSIDE, or not. */
void vr_range_start(struct vr_range_state *e, bool outside);

/* One tick. */
void vr_range_step(struct vr_range_state *e, double decay, bool outside);

#endif
