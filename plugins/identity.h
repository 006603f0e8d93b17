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

enum vr_identity_part {
  VR_PART_HOSTNAME,
  VR_PART_NAME,
  VR_PART_UUID,
  VR_PART_TITLE,
  VR_PART_PROJECT
};

/* As many as the virt plugin takes. */
enum { VR_IDENTITY_PARTS = 3 };

/* Which of the two formats: the virt plugin takes other words in each. */
enum vr_identity_field { VR_FIELD_HOST, VR_FIELD_INSTANCE };

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
 * Titles and projects are no names of one guest alone: where they stand without
 * one, the name is added. Returns false when nothing would distinguish guests:
 * then the instance is the name. */
bool vr_identity_settle(struct vr_identity *i);

/* Words of TEXT: for the host hostname, name, uuid, metadata and project; for
 * the instance the same but hostname, or none, behind which nothing counts. The
 * metadata is the guest's title, as the virt plugin has it. Returns 0 or
 * -EINVAL. */
int vr_identity_parse(const char *text, enum vr_identity_field field,
                      struct vr_identity_format *ret);

/* The parts joined by ":". What does not fit into SIZE is shortened with a
 * hash, so that no two guests become one. A guest without a uuid of its own is
 * its name. A title or project that nobody tells is left out. */
void vr_identity_format(const struct vr_identity_format *f,
                        const struct vr_vmproc_sample *s, const char *hostname,
                        char *buffer, size_t size);

#endif
