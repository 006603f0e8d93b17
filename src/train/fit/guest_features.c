/* SPDX-License-Identifier: MIT */
#include "train/fit/guest_features.h"

#include "train/fit/build_features.h"
#include "train/fit/feature_grams.h"

#include <errno.h>

void vr_guest_features_clear(struct vr_guest_features *s) {
  vr_features_clear(&s->alone);
  vr_features_clear(&s->all);
  *s = (struct vr_guest_features){0};
}

static const struct vr_features *lent(const struct vr_guest_features *s) {
  return !s ? NULL : s->has_all ? &s->all : &s->alone;
}

int vr_guest_features_lay_out(const struct vr_guest_data *data,
                              const struct vr_train_options *options,
                              const struct vr_guest_features *lender,
                              struct vr_guest_features *ret,
                              struct vr_error *ret_error) {
  struct vr_guest_features s = {0};
  struct vr_error unused;
  /* Files of older versions cannot say what is derived. */
  unsigned own =
      options->format >= VR_MODEL_FILE_VERSION ? VR_FEATURES_OF_ITS_OWN : 0;
  int r = options->orders.given
              ? -ENODATA
              : vr_features_lay_out(
                    &data, 1, VR_VM_PROCESS | VR_DEVICE | VR_BALLOON | own,
                    false, lent(lender), &s.all, &unused);
  s.has_all = r == 0;
  if (r != -ENOMEM)
    r = vr_features_lay_out(&data, 1, VR_VM_PROCESS, false,
                            s.has_all ? &s.all : lent(lender), &s.alone,
                            ret_error);
  if (r < 0) {
    vr_guest_features_clear(&s);
    return r;
  }
  s.has_alone = true;
  s.alone.rehearsal = s.all.rehearsal = options->rehearsal;
  *ret = s;
  return 0;
}

static bool is_computed(const struct vr_features *f) { return f->n_poles > 0; }

static int compute(struct vr_features *f, struct vr_features *early) {
  return is_computed(f) ? 0 : vr_feature_grams_compute(f, early);
}

int vr_guest_features_compute(struct vr_guest_features *s,
                              struct vr_guest_features *early) {
  int r = s->has_all
              ? compute(&s->all, early && early->has_all ? &early->all : NULL)
              : 0;
  if (r == 0 && s->has_all && !is_computed(&s->alone))
    r = vr_feature_grams_cut(&s->all, &s->alone);
  if (r == 0 || r == -ENOENT)
    r = compute(&s->alone, early && early->has_alone ? &early->alone : NULL);
  return r;
}
