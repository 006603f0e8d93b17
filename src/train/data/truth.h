/* SPDX-License-Identifier: MIT
 *
 * What a guest reports of itself: its own collectd's series, made into the
 * counters that vmrecon reconstructs.
 */
#ifndef VR_TRAIN_DATA_TRUTH_H
#define VR_TRAIN_DATA_TRUTH_H

#include "schema/counters.h"
#include "schema/plugin_names.h"
#include "train/data/reader.h"

/* Is the plugin directory PLUGIN (with its instance) or the host HOST our own
 * output? Nothing is ever learned from that. */
bool vr_truth_is_own_output(const char *host, const char *plugin);

/* The plugin of what the read plugin read from a guest's own kernel. */
#define VR_INTROSPECTED_PLUGIN VR_PLUGIN_TRUTH "-"

/* The host part of TRUTH, and its plugin: "HOST/vmrecon_truth-GUEST" is
 * introspected truth; of a guest's own host name the plugin is NULL. Returns 0
 * or -EINVAL for a name that is too long. */
int vr_truth_split(const char *truth, char *host, size_t size,
                   const char **ret_plugin);

/* Is TRUTH introspected? */
bool vr_truth_is_introspected(const char *truth);

/* Counter C of the guest whose series are recorded under TRUTH, a host name or
 * the above, in the counter's unit, into RET (grid rows); NAN where a part is
 * missing. VCPUS is the number of its processors where it does not say so
 * itself, NAN: not known. Returns 0, -ENOENT if its series are not in the
 * archive, -ENOMEM. */
int vr_truth(struct vr_reader *reader, const char *truth, double vcpus,
             enum vr_counter c, double *ret);

/* Does NAME stand for a network card: neither for the loopback nor for a device
 * whose bytes pass through another one, as bridges, VLANs and taps? */
bool vr_truth_is_interface(const char *name);

/* Is NAME a whole disk: neither a partition nor a virtual device? */
bool vr_truth_is_whole_disk(const char *name);

#endif
