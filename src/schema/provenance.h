/* SPDX-License-Identifier: MIT
 *
 * How a published value came about. The numbers are those of the series
 * virt_quality-GUEST/gauge-COUNTER.
 */
#ifndef VR_SCHEMA_PROVENANCE_H
#define VR_SCHEMA_PROVENANCE_H

enum vr_provenance {
  VR_DIRECT = 1,       /* the host measures it */
  VR_COOPERATIVE = 2,  /* the guest's balloon driver reports it */
  VR_INTROSPECTED = 3, /* read from the guest kernel's memory */
  VR_INFERRED = 4,     /* an estimated model computes it */
  VR_DERIVED = 5,      /* a law of the guest's kernel, nothing estimated */
  VR_PROVENANCES = VR_DERIVED, /* how many there are, and the greatest */
};

/* As in model files: "direct", "cooperative", "introspected", "inferred",
 * "derived". */
const char *vr_provenance_name(enum vr_provenance p);

/* Returns 0 and *ret_provenance, or -ENOENT. */
int vr_provenance_by_name(const char *name, enum vr_provenance *ret_provenance);

#endif
