/* SPDX-License-Identifier: MIT
 *
 * What laws have and other models have not: bounds that come with the value,
 * and the verdict of the guest's own values instead of a fit from training.
 */
#ifndef VR_LIVE_LAW_H
#define VR_LIVE_LAW_H

#include "live/guest_state.h"

/* What the guest's own values say of model A; NULL if it is no law or was not
 * judged. Logs a change of whether it is withheld. */
const struct vr_verdict *vr_live_law_verdict(const struct vr_live_guest *g,
                                             const struct vr_active *a);

/* The bounds of a load by law that is V; NAN where V has none, or is not KNOWN
 * any more. */
void vr_live_law_bracket(const struct vr_run_value *v, bool known,
                         struct vr_load_bracket *ret_bracket);

/* Is M a law of load to which nobody tells of requests in flight? */
bool vr_live_law_lacks_requests(const struct vr_model *m);

#endif
