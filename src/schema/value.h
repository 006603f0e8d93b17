/* SPDX-License-Identifier: MIT
 *
 * One value of one series: what the read plugin emits, what the target feeds to
 * the reconstructor, and what the archive holds.
 */
#ifndef VR_SCHEMA_VALUE_H
#define VR_SCHEMA_VALUE_H

#include <stdint.h>

/* Collectd's kinds of data sources. */
enum vr_kind {
  VR_GAUGE,    /* a level, or a rate that somebody has formed already */
  VR_DERIVE,   /* a signed counter; a fall is a reset: unknown */
  VR_COUNTER,  /* an unsigned counter; a fall is a wrap at 2^32 or 2^64 */
  VR_ABSOLUTE, /* counted since the sample before */
};

union vr_number {
  double gauge;
  int64_t derive;
  uint64_t counter;
  uint64_t absolute;
};

/* One data source of a value list. NAME is borrowed. */
struct vr_value {
  const char *name;
  enum vr_kind kind;
  union vr_number number;
};

#endif
