/* SPDX-License-Identifier: MIT
 *
 * Whose name a guest's values carry: the options HostnameFormat and
 * PluginInstanceFormat, with the meaning that collectd's virt plugin gives
 * them.
 */
#ifndef VR_PLUGINS_IDENTITY_H
#define VR_PLUGINS_IDENTITY_H

#include "host/sample.h"

#include <stdbool.h>
#include <stddef.h>

enum vr_identity_part { VR_PART_HOSTNAME, VR_PART_NAME, VR_PART_UUID };

enum { VR_IDENTITY_PARTS = 3 };

struct vr_identity_format {
  bool given;
  size_t n;
  enum vr_identity_part parts[VR_IDENTITY_PARTS];
};

struct vr_identity {
  struct vr_identity_format host, instance;
};

/* The host is the hypervisor host, the instance the guest's name. */
void vr_identity_default(struct vr_identity *ret);

/* A guest that is named as the host needs no instance, if none was asked for.
 */
void vr_identity_settle(struct vr_identity *i);

/* Words of TEXT: hostname, name, uuid, or none. Returns 0 or -EINVAL. */
int vr_identity_parse(const char *text, struct vr_identity_format *ret);

/* The parts joined by ":", cut to SIZE - 1. A guest without a uuid is its name.
 */
void vr_identity_format(const struct vr_identity_format *f,
                        const struct vr_guest_sample *s, const char *hostname,
                        char *buffer, size_t size);

#endif
