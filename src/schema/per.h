/* SPDX-License-Identifier: MIT
 *
 * What an input or output of a model is divided by, so that a model can move to
 * a guest of another size.
 */
#ifndef VR_SCHEMA_PER_H
#define VR_SCHEMA_PER_H

enum vr_per {
  VR_PER_ONE,
  VR_PER_VCPU, /* by series count-vcpus */
  VR_PER_GIB,  /* by series memory-configured / 2^30 */
};

/* As in model files: "one", "vcpu", "gib". */
const char *vr_per_name(enum vr_per p);

/* Returns 0 and *ret, or -ENOENT. */
int vr_per_by_name(const char *name, enum vr_per *ret);

#endif
