/* SPDX-License-Identifier: MIT */
#include "outbox.h"

#include "outbox_own.h"
#include "sibling.h"

#include "collectd/core/utils/common/common.h"

#include "schema/plugin_names.h"

#include <errno.h>

/* The modules that send. */
static const char *const modules[] = {VR_PLUGIN_TARGET, VR_PLUGIN_READ,
                                      VR_PLUGIN_NET, VR_PLUGIN_TOPOLOGY};

static const struct vr_outbox_calls *own, *used;

const struct vr_outbox_calls *vr_outbox_running(void) { return own; }

static const struct vr_outbox_calls *find_running(void) {
  typedef const struct vr_outbox_calls *(*running_fn)(void);
  const struct vr_outbox_calls *found = NULL;
  for (size_t i = 0; !found && i < STATIC_ARRAY_SIZE(modules); i++) {
    running_fn running =
        (running_fn)vr_sibling_symbol(modules[i], VR_OUTBOX_SYMBOL);
    found = running ? running() : NULL;
  }
  /* That of another release is left alone. */
  return found && found->size == sizeof(*found) ? found : NULL;
}

int vr_outbox_begin(void) {
  int r = 0;
  if (used)
    return 0;
  used = find_running();
  if (!used)
    r = vr_outbox_own_begin(&own);
  if (own)
    used = own;
  return r;
}

void vr_outbox_end(void) {
  if (own)
    vr_outbox_own_end();
  own = used = NULL;
}

void vr_outbox_send(const value_list_t *vl) {
  if (used)
    used->send(vl);
  else
    plugin_dispatch_values(vl);
}

void vr_outbox_send_between(const value_list_t *vl) {
  if (used)
    used->send_between(vl);
  else
    plugin_dispatch_values(vl);
}

uint64_t vr_outbox_dropped(void) { return used ? used->dropped() : 0; }

void vr_outbox_note_turn(void) {
  if (used)
    used->note_turn();
}

void vr_outbox_note_stopped(const value_list_t *vl) {
  if (used)
    used->note_stopped(vl);
}
