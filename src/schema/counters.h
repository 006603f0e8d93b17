/* SPDX-License-Identifier: MIT
 *
 * The guest counters that vmrecon reconstructs. Everything that is known of a
 * counter beforehand stands in its row of counters.inc.
 */
#ifndef VR_SCHEMA_COUNTERS_H
#define VR_SCHEMA_COUNTERS_H

#include "schema/per.h"
#include "schema/types.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vr_counter {
#define COUNTER(id, ...) id,
#include "schema/counters.inc"
#undef COUNTER
  VR_COUNTERS
};

/* How a counter follows from what introspection reads of the guest's kernel. */
struct vr_introspected {
  /* Its series under HOST/vmrecon_truth-GUEST/; DATA_SOURCE is NULL where
   * introspection does not read the counter. */
  enum vr_type type;
  const char *type_instance, *data_source;
  /* Where it is known too, this instance of ps_state is taken off, and LESS_ONE
   * of it is not. NULL: nothing is. */
  const char *less;
  double less_one;
  double plus;    /* always added */
  bool of_states; /* it is the percentage of this state of cpu in all of them */
  const char *comment, *comment_without; /* for readers of generic.json */
};

struct vr_counter_info {
  const char *name; /* in model files, quality series and tables */
  const char *unit; /* of the level, or of the rate per second */
  bool is_rate;     /* true: published as DERIVE; false: as GAUGE */
  bool no_mean; /* the last reading counts: a number that stands for a word, or
                   one that grows by itself */
  /* The series under HOST/virt_inferred-GUEST/: type, instance ("" for none)
   * and the data source of it that this counter fills. */
  const char *type;
  const char *type_instance;
  const char *data_source;
  size_t data_source_index;
  /* The plugin that has it in a guest's own collectd, and its instance; NULL
   * where none has. */
  const char *native_plugin, *native_instance;
  struct vr_introspected introspected;
  enum vr_per per; /* what a model's output is multiplied by */
  double max;      /* what it cannot exceed; INFINITY: anything */
  bool trainable;  /* the trainer makes models of it */
};

/* Information about C; C must be below VR_COUNTERS. */
const struct vr_counter_info *vr_counter_info(enum vr_counter c);

/* Finds a counter by its name: 0 and *ret_counter, or -ENOENT. */
int vr_counter_by_name(const char *name, enum vr_counter *ret_counter);

/* The first trainable counter that is not below FROM, else VR_COUNTERS:
 * for (int c = vr_counter_trainable(0); c < VR_COUNTERS;
 *      c = vr_counter_trainable(c + 1)) */
int vr_counter_trainable(int from);

/* How many counters are trainable. */
size_t vr_counter_count_trainable(void);

/* A set of counters. */
typedef uint64_t vr_counter_set;
_Static_assert(VR_COUNTERS <= 64, "a set must hold every counter");
#define VR_COUNTER_SET(c) (UINT64_C(1) << (c))

static inline bool vr_counter_in(vr_counter_set set, enum vr_counter c) {
  return (set & VR_COUNTER_SET(c)) != 0;
}

#endif
