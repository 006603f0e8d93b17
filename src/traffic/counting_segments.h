/* SPDX-License-Identifier: MIT
 *
 * The part of the counting program that finds out into how many segments a
 * large frame will be cut, and how many bytes of headers each of them repeats.
 */
#ifndef VR_TRAFFIC_COUNTING_SEGMENTS_H
#define VR_TRAFFIC_COUNTING_SEGMENTS_H

#include "traffic/assembler.h"

/* Appends that part. A frame that is not large goes on at the label DONE, and
 * every other one, too, when it was counted. */
void vr_counting_segments_append(struct vr_assembler *a);

#endif
