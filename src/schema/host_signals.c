/* SPDX-License-Identifier: MIT */
#include "schema/host_signals.h"

#include "basic/text.h"
#include "schema/plugin_names.h"

#include <stdio.h>

/* Counters that a kind of series has a physical reason to move. */
#define ONLY VR_COUNTER_SET
#define NONE 0
#define CPU_LIKE                                                               \
  (ONLY(VR_LOAD) | ONLY(VR_CPU) | ONLY(VR_PROCESSES) |                         \
   ONLY(VR_CONTEXTSWITCH) | ONLY(VR_PAGE_FAULTS))
#define SWITCHES                                                               \
  (CPU_LIKE | ONLY(VR_NET_TX) | ONLY(VR_NET_RX) | ONLY(VR_DISK_READ) |         \
   ONLY(VR_DISK_WRITE))
#define IO                                                                     \
  (ONLY(VR_DISK_READ) | ONLY(VR_DISK_WRITE) | ONLY(VR_CONTEXTSWITCH) |         \
   ONLY(VR_LOAD) | ONLY(VR_BUFFERS))
#define EMULATOR (IO | ONLY(VR_NET_TX) | ONLY(VR_NET_RX))
#define MEMORY (ONLY(VR_PAGE_FAULTS) | ONLY(VR_BUFFERS) | ONLY(VR_PROCESSES))
#define NETWORK                                                                \
  (ONLY(VR_NET_TX) | ONLY(VR_NET_RX) | ONLY(VR_CONTEXTSWITCH) |                \
   ONLY(VR_LOAD) | ONLY(VR_CPU))

/* Readers. */
#define MODELS VR_READ_BY_MODELS
#define DEFINITIONS VR_READ_BY_DEFINITIONS
#define ENGINE VR_READ_BY_ENGINE
#define PLACEMENT VR_READ_BY_PLACEMENT
#define DASHBOARDS VR_READ_BY_DASHBOARDS
#define ALERTS VR_READ_BY_ALERTS
#define TOP VR_READ_BY_TOP
#define NOBODY 0

#define OFFERED(name, factor, explained, measured)                             \
  {                                                                            \
    .source = (name), .scale = (factor), .explains = (explained),              \
    .measures = (measured)                                                     \
  }
#define KEPT_BACK(why, factor)                                                 \
  { .reason = (why), .scale = (factor) }

static const struct vr_signal_info signals[VR_SIGNALS] = {
#define SIGNAL(id, where, kind, instance, of, by, who, from, ...)              \
  [id] = {.group = (where),                                                    \
          .type = (kind),                                                      \
          .type_instance = (instance),                                         \
          .unit = (of),                                                        \
          .per = (by),                                                         \
          .readers = (who),                                                    \
          .uses = {__VA_ARGS__}},
#define HOST_SIGNAL SIGNAL
#include "schema/host_signals.inc"
#undef SIGNAL
#undef HOST_SIGNAL
};

const struct vr_signal_sum vr_schema_sums[] = {
    {"busy",
     {{VR_SIGNAL_VCPU_RUN, 0}, {VR_SIGNAL_VCPU_WAIT, 0}},
     CPU_LIKE,
     ONLY(VR_CPU)},
    {"switches",
     {{VR_SIGNAL_VCPU_SWITCHES_VOLUNTARY, 0},
      {VR_SIGNAL_VCPU_SWITCHES_INVOLUNTARY, 0}},
     SWITCHES,
     NONE},
    {"emulator_busy",
     {{VR_SIGNAL_EMULATOR_RUN, 0}, {VR_SIGNAL_EMULATOR_WAIT, 0}},
     EMULATOR,
     NONE},
    {"emulator_switches",
     {{VR_SIGNAL_EMULATOR_SWITCHES_VOLUNTARY, 0},
      {VR_SIGNAL_EMULATOR_SWITCHES_INVOLUNTARY, 0}},
     EMULATOR,
     NONE},
    {"block_operations",
     {{VR_SIGNAL_BLOCK_OPS, 0}, {VR_SIGNAL_BLOCK_OPS, 1}},
     IO,
     NONE},
    {"net_packets",
     {{VR_SIGNAL_TAP_PACKETS, 0}, {VR_SIGNAL_TAP_PACKETS, 1}},
     NETWORK,
     NONE},
};
const size_t vr_schema_sums_count =
    sizeof(vr_schema_sums) / sizeof(vr_schema_sums[0]);

const struct vr_signal_info *vr_schema_signal(enum vr_signal_id id) {
  return &signals[id];
}

bool vr_schema_signal_emitted(enum vr_signal_id id, unsigned groups) {
  return signals[id].readers != NOBODY || (signals[id].group & groups) != 0;
}

int vr_schema_extra_groups(const char *text, unsigned *ret_groups) {
  static const struct vr_text_flag words[] = {{"balloon", VR_BALLOON},
                                              {"vhost", VR_VHOST_THREADS},
                                              {"cgroup", VR_CGROUP},
                                              {"kvm", VR_KVM},
                                              {"host", VR_HOST},
                                              {"true", VR_EVERY_GROUP},
                                              {"false", 0}};
  return vr_text_flags(text, words, sizeof(words) / sizeof(words[0]),
                       ret_groups);
}

void vr_schema_signal_pattern(struct vr_signal_value v,
                              char ret_pattern[VR_SIGNAL_PATTERN_SIZE]) {
  const struct vr_signal_info *s = &signals[v.id];
  const struct vr_type_info *type = vr_schema_type(s->type);
  snprintf(ret_pattern, VR_SIGNAL_PATTERN_SIZE, "%s%s%s%s:%s",
           s->group == VR_HOST ? VR_PATTERN_HOST : VR_PATTERN_GUEST, type->name,
           *s->type_instance ? "-" : "", s->type_instance,
           type->sources[v.source]);
}
