/* SPDX-License-Identifier: MIT
 *
 * How closely what was played followed its traces.
 */
#ifndef VR_TOOLS_VMRECON_PLAY_SCORE_H
#define VR_TOOLS_VMRECON_PLAY_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Within these the load has followed: of the applied load; of the kernel's
 * average, the larger of both. */
static const double VR_TOOLS_APPLIED_WITHIN = 0.05;
static const double VR_TOOLS_KERNEL_WITHIN = 0.10, VR_TOOLS_KERNEL_ABOUT = 0.1;

struct vr_tools_score {
  double seconds;
  double asked, applied;        /* processes times seconds */
  double most_asked;            /* processes */
  size_t steps, fast, too_many; /* of all steps, see vmrecon-play-invert.h */
  /* Of the kernel's average, at the end of each step. BEGAN is what it was
   * beyond the trace at the beginning; that decays. */
  bool have_kernel;
  double began;
  double trace, kernel, squares, worst; /* sums; the largest difference */
  double others; /* seconds of CPU time of everything else, or NAN */
  double processors;
};

/* A step of SECONDS in which ASKED and APPLIED processes were busy. */
void vr_tools_score_applied(struct vr_tools_score *s, double seconds,
                            double asked, double applied);

/* The trace's load and the kernel's at the end of a step; the kernel's as the
 * first call finds it is where it began. */
void vr_tools_score_kernel(struct vr_tools_score *s, double trace,
                           double kernel);

bool vr_tools_score_applied_followed(const struct vr_tools_score *s);
bool vr_tools_score_kernel_followed(const struct vr_tools_score *s);

/* As --check prints it. */
void vr_tools_score_print(const struct vr_tools_score *s, FILE *f);

#endif
