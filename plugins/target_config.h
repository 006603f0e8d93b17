/* SPDX-License-Identifier: MIT
 *
 * The target's options. They may be in <Plugin target_vmrecon> and in <Target
 * "vmrecon">, which takes precedence; collectd reads the file in order, so that
 * which of them counts is known only when all was read.
 */
#ifndef VR_PLUGINS_TARGET_CONFIG_H
#define VR_PLUGINS_TARGET_CONFIG_H

#include "answers.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

#include <stdbool.h>

struct vr_target_config {
  const char *model_dir;
  bool shipped_models;
  double min_fit; /* percent */
  bool publish_derived;
  bool model_series;
  bool forward_inputs;
  bool auto_chain;
  const char *state_file;    /* NULL: none */
  unsigned state_interval;   /* seconds */
  unsigned allowed_lateness; /* intervals */
  size_t max_guests, max_guests_per_host;
  bool accept_conclusions; /* of other targets, through the network */
  unsigned notify_after;   /* seconds */
  unsigned details; /* what is published device by device: vr_detail_kind */
  struct vr_answers_options answers;
};

/* The options of a <Plugin> block, and of a <Target> block. Unknown options are
 * warned about. Non-zero, and an error in the log, for a value that cannot be
 * used: the daemon then stops. */
int vr_target_config_default(oconfig_item_t *ci);
int vr_target_config_override(const oconfig_item_t *ci);

/* The option Details, as far as the configuration has been read. */
unsigned vr_target_config_details(void);

/* The options that hold, when all were read. The strings live until
 * vr_target_config_clear(). */
int vr_target_config_resolve(struct vr_target_config *ret_config);
void vr_target_config_clear(void);

#endif
