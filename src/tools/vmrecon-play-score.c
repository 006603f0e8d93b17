/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-score.h"

#include "tools/vmrecon-play-invert.h"

#include <math.h>

void vr_tools_score_applied(struct vr_tools_score *s, double seconds,
                            double asked, double applied) {
  s->seconds += seconds;
  s->asked += seconds * asked;
  s->applied += seconds * applied;
  s->most_asked = fmax(s->most_asked, asked);
}

void vr_tools_score_kernel(struct vr_tools_score *s, double trace,
                           double kernel) {
  if (!s->have_kernel) {
    s->have_kernel = true;
    s->began = kernel - trace;
    return;
  }
  /* The filter is linear: what was there before decays for itself. */
  s->began = vr_tools_invert_back(s->began, 0);
  double apart = kernel - trace - s->began;
  s->steps++;
  s->trace += trace;
  s->kernel += kernel - s->began;
  s->squares += apart * apart;
  s->worst = fmax(s->worst, fabs(apart));
}

bool vr_tools_score_applied_followed(const struct vr_tools_score *s) {
  return fabs(s->applied - s->asked) <= VR_TOOLS_APPLIED_WITHIN * s->asked;
}

bool vr_tools_score_kernel_followed(const struct vr_tools_score *s) {
  if (s->steps == 0)
    return true;
  double n = (double)s->steps;
  double may =
      fmax(VR_TOOLS_KERNEL_WITHIN * s->trace / n, VR_TOOLS_KERNEL_ABOUT);
  return fabs(s->kernel - s->trace) / n <= may;
}

static const char *yes(bool followed) { return followed ? "yes" : "NO"; }

static void print_kernel(const struct vr_tools_score *s, FILE *f) {
  double n = (double)s->steps;
  fprintf(f,
          "kernel's load   trace %.3f, kernel %.3f: %+.3f (within %g %% or %g: "
          "%s)\n"
          "                at the end of each step: rms %.3f, at most %.3f\n",
          s->trace / n, s->kernel / n, (s->kernel - s->trace) / n,
          100 * VR_TOOLS_KERNEL_WITHIN, VR_TOOLS_KERNEL_ABOUT,
          yes(vr_tools_score_kernel_followed(s)), sqrt(s->squares / n),
          s->worst);
}

void vr_tools_score_print(const struct vr_tools_score *s, FILE *f) {
  fprintf(f, "played          %.0f s\n", s->seconds);
  if (s->asked > 0)
    fprintf(f,
            "applied load    asked %.3f, applied %.3f: %+.1f %% (within %g %%: "
            "%s)\n",
            s->asked / s->seconds, s->applied / s->seconds,
            100 * (s->applied / s->asked - 1), 100 * VR_TOOLS_APPLIED_WITHIN,
            yes(vr_tools_score_applied_followed(s)));
  if (s->steps > 0)
    print_kernel(s, f);
  if (s->fast > 0)
    fprintf(f,
            "trace           falls faster than a load average can in %zu "
            "steps of %g s\n",
            s->fast, VR_TOOLS_LOAD_STEP);
  if (s->too_many > 0)
    fprintf(f,
            "trace           asks for more processes than --most in %zu "
            "steps\n",
            s->too_many);
  if (s->most_asked > s->processors)
    fprintf(f,
            "processors      %.0f; up to %.1f processes were asked for, "
            "beyond it as runnable ones\n",
            s->processors, s->most_asked);
  if (!isnan(s->others) && s->seconds > 0)
    fprintf(f, "everything else %.2f processors on average\n",
            s->others / s->seconds);
}
