/* SPDX-License-Identifier: MIT */
#include "pass_details.h"
#include "label_meta.h"
#include "native.h"
#include "outbox.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include "schema/detail_names.h"
#include "schema/plugin_names.h"

static void send_published(value_list_t *vl, const struct vr_detail_info *info,
                           const char *device) {
  sstrncpy(vl->plugin, VR_PLUGIN_INFERRED, sizeof(vl->plugin));
  snprintf(vl->type_instance, sizeof(vl->type_instance), "%s%s%s",
           info->published, *info->published ? "_" : "", device);
  vr_outbox_send(vl);
}

static void send_native(value_list_t *vl, const struct vr_detail_info *info,
                        const char *device) {
  char host[DATA_MAX_NAME_LEN], guest[DATA_MAX_NAME_LEN];
  sstrncpy(host, vl->host, sizeof(host));
  sstrncpy(guest, vl->plugin_instance, sizeof(guest));
  if (!vr_native_begin(vl, host, guest, true))
    return;
  sstrncpy(vl->plugin, info->native_plugin, sizeof(vl->plugin));
  sstrncpy(vl->plugin_instance, device, sizeof(vl->plugin_instance));
  sstrncpy(vl->type_instance, info->native_instance, sizeof(vl->type_instance));
  vr_outbox_send(vl);
}

bool vr_pass_detail(struct vr_live *live, const value_list_t *vl,
                    unsigned kinds, bool native) {
  const char *device;
  bool named = false;
  const struct vr_detail_info *info =
      vr_schema_detail_of(vl->type, vl->type_instance, &device);
  if (!info || !(kinds & info->kind) || vl->values_len > VR_TYPE_MAX_SOURCES)
    return false;
  if (!vr_live_passes(live, vl->host, vl->plugin_instance, info->kind,
                      (vr_time)CDTIME_T_TO_NS(vl->time),
                      (vr_time)CDTIME_T_TO_NS(vl->interval), &named))
    return true;
  value_t values[VR_TYPE_MAX_SOURCES];
  for (size_t i = 0; i < vl->values_len; i++)
    values[i] = vl->values[info->swapped ? vl->values_len - 1 - i : i];
  value_list_t out = *vl;
  out.meta = vr_label_meta_of(vl);
  out.values = values;
  send_published(&out, info, device);
  if (native && named && info->native_plugin)
    send_native(&out, info, device);
  return true;
}
