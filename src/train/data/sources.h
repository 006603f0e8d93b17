/* SPDX-License-Identifier: MIT
 *
 * What a model may be built from: candidate inputs, single series and sums that
 * physics suggests.
 */
#ifndef VR_TRAIN_DATA_SOURCES_H
#define VR_TRAIN_DATA_SOURCES_H

#include "model/model.h"
#include "schema/host_signals.h"

enum { VR_SOURCE_SIGNALS = 4 };

struct vr_source {
  const char *name;
  enum vr_signal_group origin;
  const char *signals[VR_SOURCE_SIGNALS]; /* summed; NULL after the last */
  double scale;
  enum vr_per per;
  vr_counter_set explains; /* it has a physical reason to move these */
  vr_counter_set measures; /* these it measures itself */
  /* As those of struct vr_model_input. */
  size_t n_busy;
  enum vr_transform transform;
  bool own;    /* for a guest's own models only (schema/derived.h) */
  bool counts; /* it is their number: all that the guest's devices count */
};

/* What the schema's table of host signals offers, in its order, and behind it
 * what was added. */
extern const struct vr_source *vr_sources;
extern size_t vr_sources_count;

/* Adds a source of one signal pattern with a data source at its end, before any
 * data is loaded. What it explains follows from its type where collectd's types
 * define what it is. Adding what is there already does nothing. Returns 0,
 * -EINVAL for what is no pattern or not UTF-8, -ENOMEM. */
int vr_sources_add(const char *pattern);

/* Adds the sources that TYPE (with its instance) of PLUGIN holds, which is
 * "%{guest}/virt", "%{host}/virt-%{guest}" or the like of any plugin. Types
 * that are of no use are passed over. Of disks and interfaces it is one source,
 * the sum over all that the guest has or had: libvirt numbers interfaces anew
 * at each start. */
int vr_sources_add_types(const char *plugin, const char *type);

/* May TEXT stand in a model file or a report? */
bool vr_sources_is_utf8(const char *text);

/* Where the inputs of MODEL are measured, as a set of enum vr_signal_group;
 * 0 for what is no source. */
unsigned vr_sources_of(const struct vr_model *model);

/* In which group the signal of pattern TEXT is measured; VR_VM_PROCESS for what
 * the schema does not have. */
enum vr_signal_group vr_sources_group(const char *text);

/* Forgets what was added. */
void vr_sources_reset(void);

/* The input that a model built on C has, without offset and range; the caller
 * releases it with vr_data_input_clear(). Returns 0 or -ENOMEM. */
int vr_sources_input(const struct vr_source *c,
                     struct vr_model_input *ret_input);
void vr_data_input_clear(struct vr_model_input *input);
int vr_data_input_copy(const struct vr_model_input *from,
                       struct vr_model_input *ret_input);

#endif
