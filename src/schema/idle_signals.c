/* SPDX-License-Identifier: MIT */
#include "schema/idle_signals.h"

#include "schema/host_signals.h"
#include "schema/plugin_names.h"

#include <string.h>

/* Run-queue delay is none of them: the guest's kernel counts it as steal
 * whatever the guest does. */
static const enum vr_signal_id ours[] = {
    VR_SIGNAL_VCPU_RUN,
    VR_SIGNAL_VCPU_TIMESLICES,
    VR_SIGNAL_VCPU_SWITCHES_VOLUNTARY,
    VR_SIGNAL_VCPU_SWITCHES_INVOLUNTARY,
    VR_SIGNAL_CGROUP_CPU,
    VR_SIGNAL_KVM_exits,
    VR_SIGNAL_KVM_halt_exits,
    VR_SIGNAL_KVM_halt_wakeup,
    VR_SIGNAL_KVM_halt_wait_ns,
};

/* Types of collectd's virt plugin, with whatever instance. */
static const char *const of_virt[] = {"virt_cpu_total", "virt_vcpu",
                                      "percent-virt_cpu_total", "ps_cputime"};

static bool begins_with(const char *text, const char *with) {
  return strncmp(text, with, strlen(with)) == 0;
}

static bool is_ours(const char *type) {
  char pattern[VR_SIGNAL_PATTERN_SIZE];
  for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
    vr_schema_signal_pattern((struct vr_signal_value){ours[i], 0}, pattern);
    const char *own = strrchr(pattern, '/') + 1;
    size_t n = strcspn(own, ":");
    if (strncmp(type, own, n) == 0 && (type[n] == ':' || type[n] == '\0'))
      return true;
  }
  return false;
}

static bool is_of_virt(const char *type) {
  for (size_t i = 0; i < sizeof(of_virt) / sizeof(of_virt[0]); i++)
    if (begins_with(type, of_virt[i]))
      return true;
  return false;
}

bool vr_schema_shows_idle(const char *pattern) {
  const char *slash = strchr(pattern, '/'),
             *type = slash ? strchr(slash + 1, '/') : NULL;
  if (!type)
    return false;
  return begins_with(pattern, VR_PATTERN_GUEST) ? is_ours(type + 1)
                                                : is_of_virt(type + 1);
}
