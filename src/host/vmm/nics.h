/* SPDX-License-Identifier: MIT
 *
 * The network cards that a guest was given, and their addresses, as its VMM was
 * told. A guest can use others, which is why they are not learned.
 */
#ifndef VR_HOST_VMM_NICS_H
#define VR_HOST_VMM_NICS_H

#include "basic/mac.h"
#include "host/vmm/cmdline.h"

#include <stdbool.h>
#include <stddef.h>

enum { VR_NICS_MAX = 32 };

/* What a card is connected to: the interface's name, or by which of its
 * descriptors ("30:31") the VMM holds it; "" where it is not told. */
struct vr_nic_backend {
  char id[32], interface[16], fds[32];
};

struct vr_nics {
  size_t count;
  struct vr_mac mac[VR_NICS_MAX];
  struct vr_nic_backend
      backend[VR_NICS_MAX]; /* of the card with that address */
  bool more;                /* there are cards whose addresses are not here */
  bool vhost_user; /* the frames of a card do not pass the host's kernel */
};

/* Adds the address TEXT, once. One that is none sets MORE. */
void vr_nics_add(struct vr_nics *nics, const char *text);

/* Adds those of QEMU's command line. A card without an address gets one that
 * QEMU takes from a range of its own. */
void vr_nics_of_qemu(const struct vr_cmdline *c, struct vr_nics *nics);

/* Adds those in the option OPTION, which may be repeated, of another VMM's
 * command line: the KEY in its value. */
void vr_nics_of_option(const struct vr_cmdline *c, const char *option,
                       const char *key, struct vr_nics *nics);

/* Adds those of the guest NAME, as libvirt's daemon keeps them of the guests
 * that run: also of cards that were plugged in later. DIRECTORY is
 * /run/libvirt/qemu. Returns 0 or a negative errno. */
int vr_nics_of_libvirt(const char *directory, const char *name,
                       struct vr_nics *nics);

#endif
