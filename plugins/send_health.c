/* SPDX-License-Identifier: MIT */
#include "send_health.h"
#include "outbox.h"

#include "schema/plugin_names.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

void vr_send_health(enum vr_health h, double value) {
  const struct vr_health_info *info = vr_schema_health(h);
  value_t v = {.gauge = value};
  value_list_t vl = VALUE_LIST_INIT;
  if (info->is_count)
    v.derive = (derive_t)value;
  vl.values = &v;
  vl.values_len = 1;
  sstrncpy(vl.plugin, VR_PLUGIN_READ, sizeof(vl.plugin));
  sstrncpy(vl.type, info->type, sizeof(vl.type));
  sstrncpy(vl.type_instance, info->instance, sizeof(vl.type_instance));
  vr_outbox_send(&vl);
}
