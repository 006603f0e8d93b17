/* SPDX-License-Identifier: MIT */
#include "schema/provenance.h"

#include "basic/text.h"

static const char *const names[] = {
    [VR_DIRECT - 1] = "direct",
    [VR_COOPERATIVE - 1] = "cooperative",
    [VR_INTROSPECTED - 1] = "introspected",
    [VR_INFERRED - 1] = "inferred",
    [VR_DERIVED - 1] = "derived",
};

const char *vr_provenance_name(enum vr_provenance p) { return names[p - 1]; }

int vr_provenance_by_name(const char *name,
                          enum vr_provenance *ret_provenance) {
  int i = vr_text_index(names, sizeof(names) / sizeof(names[0]), name);
  if (i < 0)
    return i;
  *ret_provenance = (enum vr_provenance)(i + 1);
  return 0;
}
