/* SPDX-License-Identifier: MIT
 *
 * What a collectd under test has taken out of its write queue, in a file that
 * it shares with the load generator: the target vr_tally counts, central-load
 * reads.
 */
#ifndef VR_BENCH_TALLY_H
#define VR_BENCH_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

/* Names the file to the daemon. */
#define VR_TALLY_FILE "VR_TALLY"

enum vr_tally_kind {
  VR_TALLY_RAW,      /* what was sent, but for: */
  VR_TALLY_PAIRS,    /* traffic of pairs, vmrecon_net */
  VR_TALLY_INFERRED, /* virt_inferred, virt_quality, virt_model */
  VR_TALLY_OTHER,    /* collectd's and vmrecon's own state */
  VR_TALLY_KINDS
};

/* What collectd says about itself (CollectInternalStats, ReportStats). */
enum vr_tally_level {
  VR_TALLY_WRITE_QUEUE,   /* value lists */
  VR_TALLY_RECEIVE_QUEUE, /* packets that are received and not parsed */
  VR_TALLY_DROPPED,       /* value lists, since it began */
  VR_TALLY_LEVELS
};

struct vr_tally {
  _Atomic uint64_t lists[VR_TALLY_KINDS];
  _Atomic uint64_t values[VR_TALLY_KINDS];
  _Atomic uint64_t now[VR_TALLY_LEVELS], highest[VR_TALLY_LEVELS];
};

#endif
