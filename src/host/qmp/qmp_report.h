/* SPDX-License-Identifier: MIT
 *
 * What QEMU or libvirt reports about one guest: its disks, what its balloon
 * driver measures, and what KVM counts. A part that is not known, or no longer
 * fresh, is marked so, never zero.
 */
#ifndef VR_HOST_QMP_QMP_REPORT_H
#define VR_HOST_QMP_QMP_REPORT_H

#include "host/proc/diskstats.h"
#include "host/proc/kvmstats.h"
#include "host/qmp/vmstate.h"
#include "schema/guest_kernel.h"
#include "schema/labels.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Bytes; the driver of an older guest leaves some out. */
struct vr_balloon {
  bool have_total, have_free, have_available, have_caches;
  bool have_minor, have_major, have_swap_in, have_swap_out;
  uint64_t total, free, available, caches;
  uint64_t minor, major; /* faults */
  uint64_t swap_in, swap_out;
};

struct vr_qmp_report {
  bool have_block, have_balloon, have_kvm, have_memory, have_stalled;
  struct vr_disk_list disks;
  uint64_t stalled; /* requests in flight at disks that complete nothing */
  struct vr_balloon balloon;
  time_t balloon_updated;  /* when the guest's driver reported that */
  unsigned balloon_period; /* seconds between two such reports */
  enum vr_os os;           /* as its owner describes it */
  struct vr_labels labels; /* likewise */
  struct vr_kvm_sample kvm;
  enum vr_vmstate state;
  uint64_t memory; /* bytes; with what was plugged in, as last reported */
};

/* Whether statistics that the guest's driver reported at UPDATED (seconds since
 * 1970; 0: never) still describe the guest, when a report is due every PERIOD
 * seconds. QEMU keeps the last report of a driver that was unloaded. */
bool vr_qmp_balloon_is_fresh(time_t updated, unsigned period);

/* The same without regard to what was sent before: the middle of the second, as
 * far as it has passed. */
double vr_qmp_balloon_second(time_t updated, double now);

/* The instant of the values that the guest's driver reported in the second
 * UPDATED, for a series with a value each INTERVAL seconds, of which the last
 * had the instant BEFORE (0: none); all in seconds since 1970 of the host's
 * clock. It is never later than NOW. Where reports come less often than values
 * are due (PERIOD), or have stopped, the last report stands for the time since:
 * the instant is never older than one interval (two, where reports come as
 * often). 0: this report was sent already. */
double vr_qmp_balloon_instant(time_t updated, unsigned period, double interval,
                              double before, double now);

#endif
