/* SPDX-License-Identifier: MIT
 *
 * What who manages a guest calls it, and whose it is.
 */
#ifndef VR_SCHEMA_LABELS_H
#define VR_SCHEMA_LABELS_H

enum { VR_LABEL_MAX = 64 };

/* "" where nobody tells. Longer texts are cut. */
struct vr_labels {
  char title[VR_LABEL_MAX];
  char project[VR_LABEL_MAX]; /* project, tenant or pool */
};

#endif
