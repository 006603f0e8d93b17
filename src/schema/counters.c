/* SPDX-License-Identifier: MIT */
#include "schema/counters.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const struct vr_counter_info counters[VR_COUNTERS] = {
#define COUNTER(id, ...) [id] = {__VA_ARGS__},
#include "schema/counters.inc"
#undef COUNTER
};

const struct vr_counter_info *vr_counter_info(enum vr_counter c) {
  return &counters[c];
}

int vr_counter_by_name(const char *name, enum vr_counter *ret_counter) {
  for (int c = 0; c < VR_COUNTERS; c++)
    if (strcmp(counters[c].name, name) == 0) {
      *ret_counter = (enum vr_counter)c;
      return 0;
    }
  return -ENOENT;
}

int vr_counter_trainable(int from) {
  while (from < VR_COUNTERS && !counters[from].trainable)
    from++;
  return from;
}

size_t vr_counter_count_trainable(void) {
  size_t n = 0;
  for (int c = 0; c < VR_COUNTERS; c++)
    n += counters[c].trainable;
  return n;
}
