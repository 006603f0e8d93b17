/* SPDX-License-Identifier: MIT
 *
 * All models that are loaded, compiled for the live stream: which series any of
 * them wants, and for each counter the models in order of preference. A catalog
 * never changes once made; guests hold it until they have moved to a newer one.
 */
#ifndef VR_LIVE_CATALOG_H
#define VR_LIVE_CATALOG_H

#include "live/candidates.h"
#include "signal/identifier.h"
#include "signal/resample.h"

#include <stdatomic.h>
#include <stdint.h>
#include <uthash.h>

/* Signals that every catalog has: what is known of the guest itself. */
enum {
  VR_SIGNAL_VCPUS,
  VR_SIGNAL_MEMORY,
  VR_SIGNAL_ACCELERATOR,
  VR_SIGNAL_GUEST_OS,
  VR_SIGNAL_GUEST_STEAL_CLOCK,
  VR_SIGNAL_GUEST_NESTED,
  VR_SIGNAL_GUEST_IDLE_HIDDEN,
  VR_RESERVED_SIGNALS
};

struct vr_catalog_signal {
  struct vr_pattern pattern;
  char *text;        /* the pattern as written */
  bool wanted;       /* by a model */
  bool kept;         /* wanted, or remembered for a model that may come */
  bool shows_idle;   /* of no use where the guest's idle time is hidden */
  bool by_name;      /* one of ours that may come without the host */
  unsigned own;      /* 1 + its place among vr_live_drift_series(); 0: none */
  uint32_t index;    /* of itself */
  uint32_t next;     /* with the same plugin and type, or VR_NO_SIGNAL */
  UT_hash_handle hh; /* by text */
};
#define VR_NO_SIGNAL UINT32_MAX

/* All signals of one plugin, type and type instance, and behind them those of
 * this plugin and type that have members. Their own key has the instance "*".
 */
struct vr_wanted {
  uint32_t first;
  char *key;
  UT_hash_handle hh;
};

struct vr_catalog {
  atomic_uint references;
  struct vr_catalog *next_retired; /* the reconstructor's list */
  size_t n_sets;
  struct vr_model_set *sets;
  uint32_t n_signals;
  size_t signals_size;
  struct vr_catalog_signal **signals;
  struct vr_catalog_signal *by_text;
  struct vr_wanted *wanted;
  bool has_members; /* some signal does */
  size_t n_models;
  struct vr_catalog_model *models;
  uint32_t *places; /* what the models' signals and regimes are slices of */
  struct vr_candidate_lists candidates;
};

/* Compiles N_SETS sets, which the catalog owns from now on (also on failure).
 * Earlier sets are preferred where models are otherwise equal. An inferred
 * model is publishable when its free-run fit is known, at least MIN_FIT
 * percent, and above its own baselines'; a derived one is, unless NO_DERIVED.
 * NULL when out of memory. */
struct vr_catalog *vr_live_catalog_new(struct vr_model_set *sets, size_t n_sets,
                                       double min_fit, bool no_derived);
struct vr_catalog *vr_live_catalog_ref(struct vr_catalog *c);
void vr_live_catalog_unref(struct vr_catalog *c);

/* What is wanted of the value list ID, or NULL: one hash, or two where some
 * signal has members. */
const struct vr_wanted *vr_live_catalog_find(const struct vr_catalog *c,
                                             const struct vr_identifier *id);

/* Is ID of signal S? Then *ret_host and *ret_guest are whose it is, as of
 * vr_signal_pattern_match(). Our own read plugin's series of a guest may have
 * its name in the host's place (HostnameFormat name) and name no host then. */
bool vr_live_catalog_match(const struct vr_catalog_signal *s,
                           const struct vr_identifier *id,
                           const char **ret_host, const char **ret_guest);

/* Is the model for the guest of this NAME? */
bool vr_live_catalog_model_is_for(const struct vr_catalog_model *m,
                                  const char *name);

/* Number of signals of all inputs of M. */
size_t vr_live_catalog_model_signals(const struct vr_catalog_model *m);

#endif
