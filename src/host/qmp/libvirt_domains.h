/* SPDX-License-Identifier: MIT
 *
 * The guests (domains) in one answer of libvirt, by uuid, with the numbers of
 * their disks and balloon drivers.
 */
#ifndef VR_HOST_QMP_LIBVIRT_DOMAINS_H
#define VR_HOST_QMP_LIBVIRT_DOMAINS_H

#include "host/qmp/qmp_report.h"

#include <libvirt/libvirt.h>

struct vr_libvirt_domain {
  char name[1024];
  char uuid[VIR_UUID_STRING_BUFLEN];
  bool have_block, have_balloon;
  int state, reason; /* virDomainState; of that: why it is paused */
  struct vr_disk_list disks;
  struct vr_balloon balloon;
  time_t updated; /* when the guest's driver reported last; 0: never */
  bool order;     /* a reporting period has to be set for its balloon */
  unsigned wait;  /* answers until that may be done again */
  /* Of its description, which is kept from answer to answer. */
  bool described;
  enum vr_os os;
  struct vr_labels labels;
  unsigned period;   /* somebody has set, seconds; 0: nobody has */
  unsigned describe; /* answers until it is asked for again */
};

/* All zero: none. */
struct vr_libvirt_domains {
  struct vr_libvirt_domain *v;
  size_t count, capacity;
};

/* One more, all zero; NULL when there is no memory. */
struct vr_libvirt_domain *vr_libvirt_domains_add(struct vr_libvirt_domains *d);

/* To be called when all are added; then they can be found. */
void vr_libvirt_domains_sort(struct vr_libvirt_domains *d);
struct vr_libvirt_domain *
vr_libvirt_domains_find(const struct vr_libvirt_domains *d, const char *uuid);

void vr_libvirt_domains_swap(struct vr_libvirt_domains *a,
                             struct vr_libvirt_domains *b);

/* Takes the numbers out of libvirt's record. */
void vr_libvirt_domain_take(struct vr_libvirt_domain *d,
                            const virDomainStatsRecord *record);

#endif
