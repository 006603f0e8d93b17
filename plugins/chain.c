/* SPDX-License-Identifier: MIT */
#include "chain.h"

#include "chain_rule.h"
#include "outbox.h"
#include "sibling.h"

#include "schema/plugin_names.h"

#include "collectd/core/daemon/filter_chain.h"

#define TARGET_MODULE VR_PLUGIN_TARGET

static bool target_loaded;
static fc_chain_t *own_chain; /* run by us, not by collectd */

void vr_chain_prepare(void) {
  plugin_ctx_t context = plugin_get_ctx();
  target_loaded = plugin_load(TARGET_MODULE, false) == 0;
  plugin_set_ctx(context);
  /* plugin_load has logged what is wrong; this is what it means. */
  if (!target_loaded) {
    WARNING("vmrecon: " TARGET_MODULE " could not be loaded (see the message "
            "above): no counters of guests are reconstructed, only what the "
            "host measures is reported");
    return;
  }
  const char *name = vr_chain_name();
  if (!fc_chain_get_by_name(name) && vr_chain_add_empty(name) != 0)
    ERROR(VR_PLUGIN_READ ": cannot create the chain \"%s\"", name);
}

/* What the target's function SYMBOL says; 0 where there is no target. */
static unsigned ask_target(const char *symbol) {
  vr_chain_count_fn count =
      (vr_chain_count_fn)vr_sibling_symbol(TARGET_MODULE, symbol);
  return count ? count() : 0;
}

unsigned vr_chain_details(void) {
  return target_loaded ? ask_target(VR_CHAIN_DETAILS_SYMBOL) : 0;
}

bool vr_chain_has_target(void) {
  return target_loaded && ask_target(VR_CHAIN_COUNT_SYMBOL) > 0;
}

void vr_chain_hook(bool auto_chain) {
  if (!target_loaded || !auto_chain || ask_target(VR_CHAIN_COUNT_SYMBOL) > 0)
    return;
  const char *name = vr_chain_name();
  bool run_by_daemon = fc_chain_get_by_name(name) != NULL;
  /* A rule whose target is not registered would leave a freed chain behind. */
  if (!plugin_is_loaded(TARGET_MODULE))
    return;
  if (vr_chain_add_rule(name, VR_TARGET_NAME) != 0) {
    ERROR(VR_PLUGIN_READ ": cannot add the target to the chain \"%s\"", name);
    return;
  }
  if (run_by_daemon)
    return;
  own_chain = fc_chain_get_by_name(name);
  NOTICE("vmrecon: PreCacheChain names the chain \"%s\" after LoadPlugin "
         "vmrecon, and no <Chain> defines it: only values of this plugin pass "
         "through the target; move PreCacheChain before LoadPlugin",
         name);
}

void vr_chain_dispatch(value_list_t *vl, bool between) {
  if (own_chain) {
    const data_set_t *ds = plugin_get_ds(vl->type);
    if (ds && fc_process_chain(ds, vl, own_chain) == FC_TARGET_STOP)
      return;
  }
  if (between)
    vr_outbox_send_between(vl);
  else
    vr_outbox_send(vl);
}
