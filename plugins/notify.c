/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include "basic/text.h"
#include "schema/plugin_names.h"

#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

static const char *const names[] = {
    [VR_NOTICE_RANGE] = "range",
    [VR_NOTICE_DRIFT] = "drift",
};

void vr_notify_dispatch(void *unused, const struct vr_notice *notice) {
  (void)unused;
  notification_t n = {
      .severity = notice->raised ? NOTIF_WARNING : NOTIF_OKAY,
      .time = NS_TO_CDTIME_T((uint64_t)notice->time),
  };
  /* The daemon logs notifications, too. */
  vr_text_printable(notice->message, n.message, sizeof(n.message));
  vr_text_printable(notice->host, n.host, sizeof(n.host));
  sstrncpy(n.plugin, VR_PLUGIN_INFERRED, sizeof(n.plugin));
  vr_text_printable(notice->guest, n.plugin_instance,
                    sizeof(n.plugin_instance));
  sstrncpy(n.type, "model", sizeof(n.type));
  sstrncpy(n.type_instance, names[notice->kind], sizeof(n.type_instance));
  plugin_dispatch_notification(&n);
}
