/* SPDX-License-Identifier: MIT
 *
 * Is a run out of the training range of its model? A model file states for each
 * input how far it was seen in training (range). An input beyond that is held
 * at its edge, and then the run's value is the edge's, not the guest's. A tick
 * or two of it do little harm, so that what counts is not the input but the
 * run's memory: the fraction of it that is from out of range. Each tick lets
 * the fraction decay as the model forgets, down to a twentieth in its settling
 * time, and adds what is out of range now. The run is out of range when more
 * than half of its memory is, and back when less than a twentieth is, so that
 * it cannot change to and fro faster than it settles.
 */
#ifndef VR_MODEL_RANGE_H
#define VR_MODEL_RANGE_H

#include <stdbool.h>

/* A model that settles faster counts as if it remembered so many ticks: then
 * the run is out of range with the third tick in a row that is, and back with
 * the tenth that is not. */
enum { VR_RANGE_MEMORY = 10 };

/* Fractions of the memory at which a run is out of range, and back. */
#define VR_RANGE_OUT 0.5
#define VR_RANGE_BACK 0.05

struct vr_range_state {
  double fraction; /* of the memory that is from out of range, 0..1 */
  bool out;        /* the run is out of range */
};

/* What factor of the fraction one tick leaves, for a model that settles in
 * SETTLING ticks. */
double vr_range_decay(unsigned settling);

/* The run starts at rest on inputs that are OUTSIDE their range, or not. */
void vr_range_start(struct vr_range_state *r, bool outside);

/* One tick. */
void vr_range_step(struct vr_range_state *r, double decay, bool outside);

#endif
