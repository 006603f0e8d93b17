/* SPDX-License-Identifier: MIT */
#include "native.h"
#include "outbox.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include "basic/log.h"
#include "schema/detail_names.h"
#include "schema/plugin_names.h"

#include <math.h>

bool vr_native_begin(value_list_t *vl, const char *host, const char *guest,
                     bool named) {
  static struct vr_complaint twice;
  if (!named) {
    vr_log_complain(&twice, LOG_NOTICE,
                    "guest %s on %s: another guest has the same name and is "
                    "published as %s" VR_NATIVE_SUFFIX "; this one is not. "
                    "Give each guest a name of its own. Further guests that "
                    "share a name are not logged",
                    guest, host, guest);
    return false;
  }
  snprintf(vl->host, sizeof(vl->host), "%.*s" VR_NATIVE_SUFFIX,
           (int)(sizeof(vl->host) - sizeof(VR_NATIVE_SUFFIX)), guest);
  return true;
}

bool vr_native_is_wanted(const struct vr_counter_info *info, unsigned details) {
  if (!info->native_plugin)
    return false;
  for (int d = 0; d < VR_DETAILS; d++) {
    const struct vr_detail_info *one = vr_schema_detail((enum vr_detail)d);
    if (details & one->kind && one->native_plugin &&
        strcmp(one->native_plugin, info->native_plugin) == 0 &&
        info->native_instance[0] != '\0')
      return false;
  }
  return true;
}

/* What another plugin of a guest's own collectd says of a counter. */
static const struct {
  enum vr_counter counter;
  const char *plugin, *type, *type_instance;
  bool is_rest; /* what is left of 100 percent */
} more[] = {
    {VR_CPU, "cpu", "percent", "idle", true},
    {VR_SWAP_IN, "swap", "swap_io", "in", false},
    {VR_SWAP_OUT, "swap", "swap_io", "out", false},
};

void vr_native_send_more(value_list_t *vl,
                         const struct vr_counter_answer *counters) {
  for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
    const struct vr_counter_answer *a = &counters[more[i].counter];
    bool is_rate = vr_counter_info(more[i].counter)->is_rate;
    if (!a->present || (is_rate && !isfinite(a->value)))
      continue;
    value_t value = {.gauge = more[i].is_rest ? 100 - a->value : a->value};
    if (is_rate)
      value.derive = a->total;
    sstrncpy(vl->plugin, more[i].plugin, sizeof(vl->plugin));
    vl->plugin_instance[0] = '\0';
    sstrncpy(vl->type, more[i].type, sizeof(vl->type));
    sstrncpy(vl->type_instance, more[i].type_instance,
             sizeof(vl->type_instance));
    vl->values = &value;
    vl->values_len = 1;
    vr_outbox_send(vl);
  }
}
