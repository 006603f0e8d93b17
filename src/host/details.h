/* SPDX-License-Identifier: MIT
 *
 * A guest's devices one by one: what each disk, network card and processor
 * did. Only where the configuration asks for it.
 */
#ifndef VR_HOST_DETAILS_H
#define VR_HOST_DETAILS_H

#include "host/emit.h"
#include "host/nic_names.h"
#include "host/proc/diskstats.h"
#include "host/sample.h"
#include "schema/detail_names.h"

struct vr_details;

/* KINDS: bits of enum vr_detail_kind. Returns 0 or -ENOMEM. */
int vr_details_new(unsigned kinds, struct vr_details **ret);
void vr_details_free(struct vr_details *d);

/* Which card is behind each interface, when they were looked for. LIBVIRT: the
 * folder of libvirt's daemon, for what was plugged in since the guest began. */
void vr_details_name_nics(struct vr_details *d, const struct vr_vm *vm,
                          const struct vr_taps *taps, int sysfd,
                          const char *libvirt);

/* What one network card did, as vr_taps_read() has it; NULL: not known now. */
void vr_details_take_nic(struct vr_details *d, size_t i,
                         const struct vr_netif *counters);

/* What the vCPU threads did; ACCELERATOR decides what of their delay the guest
 * counts as active. SECONDS: since the reading before. */
void vr_details_take_vcpus(struct vr_details *d, const struct vr_threads *t,
                           enum vr_accelerator accelerator, double seconds);

/* What the disks did; NULL: not known now. */
void vr_details_take_disks(struct vr_details *d,
                           const struct vr_disk_list *disks, double seconds);

/* Calls FN for every series of schema/detail_names.h whose value is known. */
void vr_details_emit(const struct vr_details *d, vr_emit_fn fn, void *ctx);

#endif
