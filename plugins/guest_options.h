/* SPDX-License-Identifier: MIT
 *
 * Options by which a read plugin says which processes are guests, and which of
 * them it reads: VM, IgnoreSelected, TrustedUser.
 */
#ifndef VR_PLUGINS_GUEST_OPTIONS_H
#define VR_PLUGINS_GUEST_OPTIONS_H

#include "host/vmm/custom.h"
#include "host/vmm/mentioned.h"
#include "host/vmm/selection.h"
#include "host/vmm/users.h"

#include <stdbool.h>

#include "collectd/liboconfig/oconfig.h"

struct vr_guest_options {
  const char *plugin; /* for messages */
  struct vr_users trusted;
  bool trusted_given;
  struct vr_select *selection;
  struct vr_custom *custom;
  struct vr_mentioned *mentioned; /* in VM, with a block or without */
  /* Further options that may stand in a VM block, for messages, and who takes
   * them: returns 0 or a negative errno. NULL: there are none. */
  const char *rules;
  int (*rule_fn)(const char *vm, const oconfig_item_t *ci, bool *ret_taken);
};

/* The defaults. Returns 0 or -ENOMEM; to be freed in any case. */
int vr_guest_options_init(struct vr_guest_options *o, const char *plugin);
void vr_guest_options_free(struct vr_guest_options *o);

/* Takes the option CI if it is one of them: *RET_TAKEN says so. Returns 0, or
 * -1 for one that cannot be used; then a message says why. */
int vr_guest_options_config(struct vr_guest_options *o,
                            const oconfig_item_t *ci, bool *ret_taken);

/* Is VM selected? CTX is the options; for struct vr_host_options. Whoever uses
 * it calls vr_mentioned_end_reading(). */
bool vr_guest_options_wants(void *ctx, const struct vr_vm *vm);

#endif
