/* SPDX-License-Identifier: MIT */
#include "train/report/verdict.h"

#include "model/publishable.h"

#include <math.h>

const char *vr_report_verdict(const struct vr_model *m, double min_fit) {
  if (m->n_inputs == 0)
    return isfinite(m->baseline.mean_fit)
               ? "no model: nothing recorded explains it"
               : "no model: constant";
  if (m->provenance != VR_INFERRED)
    return vr_model_beats_baselines(m)
               ? "published"
               : "published, though no better than a trivial baseline";
  if (!isfinite(m->fit.free_run))
    return "not published: not validated";
  if (!vr_model_beats_baselines(m))
    return "not published: no better than a trivial baseline";
  if (m->fit.free_run < min_fit)
    return "not published: below MinFit";
  if (m->withheld)
    return "not published: no clear gain over a trivial baseline";
  return "published";
}
