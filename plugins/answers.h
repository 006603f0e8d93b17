/* SPDX-License-Identifier: MIT
 *
 * The reconstructor's answers as value lists: which counter goes into which
 * series is said by src/schema/counters.inc alone.
 */
#ifndef VR_PLUGINS_ANSWERS_H
#define VR_PLUGINS_ANSWERS_H

#include "live/reconstructor.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"

#include <stdbool.h>

/* What vr_answers_dispatch() is given. */
struct vr_answers_options {
  bool intervals;         /* as the reconstructor's */
  bool native_names;      /* send GUEST.inferred/load/load and so on too */
  unsigned quality_every; /* as the reconstructor's */
  bool old_quality_names; /* beside the counters, as percent-fit_COUNTER */
};

/* Must have been called before the first answer. */
void vr_answers_begin(void);

/* Dispatches HOST/virt_inferred-GUEST/… with HOST/virt_quality-GUEST/… and,
 * where the answers have intervals, TYPE-INSTANCE_lower and _upper (TYPE-lower
 * where there is no instance) of the same types, load-lower and load-upper
 * where the load is by law, and HOST/virt_model-GUEST/… where there are models'
 * answers.
 *
 * A GAUGE that is not known is NaN. A DERIVE cannot be: its list is sent only
 * when all of its data sources are known, with one exception: under
 * virt_model, vmpage_faults keeps one value in majflt where there is no model
 * of major faults, so that the model of all faults is sent at all. Where a list
 * is not sent, each of its counters that is known is sent alone, as
 * derive-COUNTER: derive-page_faults, derive-net_tx. Quality series come with
 * what is sent, where they are due, and with nothing else.
 */
void vr_answers_dispatch(void *options, const struct vr_answer *answer);

/* The labels of GUEST, which its next answers in this thread carry: META, until
 * it is called again. NULL: none. */
void vr_answers_label(const char *guest, meta_data_t *meta);

/* Is it the type instance of a quality series of former versions, which stood
 * beside the counters? */
bool vr_answers_is_quality(const char *type_instance);

#endif
