/* SPDX-License-Identifier: MIT */
#include "train/data/sources.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define VM "%{host}/vmrecon-%{guest}/"
#define HOST "%{host}/vmrecon/"
#define BIT VR_COUNTER_BIT

enum {
  CPU_LIKE = BIT(VR_LOAD) | BIT(VR_CPU) | BIT(VR_PROCESSES) |
             BIT(VR_CONTEXTSWITCH) | BIT(VR_PAGE_FAULTS),
  SWITCHES = BIT(VR_CONTEXTSWITCH) | BIT(VR_LOAD) | BIT(VR_PROCESSES) |
             BIT(VR_CPU) | BIT(VR_NET_TX) | BIT(VR_NET_RX) | BIT(VR_DISK_READ) |
             BIT(VR_DISK_WRITE) | BIT(VR_PAGE_FAULTS),
  IO = BIT(VR_DISK_READ) | BIT(VR_DISK_WRITE) | BIT(VR_CONTEXTSWITCH) |
       BIT(VR_LOAD) | BIT(VR_BUFFERS),
  EMULATOR = IO | BIT(VR_NET_TX) | BIT(VR_NET_RX),
  MEMORY = BIT(VR_PAGE_FAULTS) | BIT(VR_BUFFERS) | BIT(VR_PROCESSES),
  NETWORK = BIT(VR_NET_TX) | BIT(VR_NET_RX) | BIT(VR_CONTEXTSWITCH) |
            BIT(VR_LOAD) | BIT(VR_CPU),
};

static const struct vr_source builtin[] = {
    /* The vCPU threads. Nanoseconds a second become seconds a second. */
    {"busy",
     VR_VM_PROCESS,
     {VM "derive-vcpu_run:value", VM "derive-vcpu_wait:value"},
     1e-9,
     VR_PER_VCPU,
     CPU_LIKE,
     BIT(VR_CPU)},
    {"run",
     VR_VM_PROCESS,
     {VM "derive-vcpu_run:value"},
     1e-9,
     VR_PER_VCPU,
     CPU_LIKE,
     BIT(VR_CPU)},
    {"wait",
     VR_VM_PROCESS,
     {VM "derive-vcpu_wait:value"},
     1e-9,
     VR_PER_VCPU,
     CPU_LIKE,
     0},
    {"timeslices",
     VR_VM_PROCESS,
     {VM "derive-vcpu_timeslices:value"},
     1e-3,
     VR_PER_VCPU,
     SWITCHES,
     0},
    {"switches",
     VR_VM_PROCESS,
     {VM "derive-vcpu_switches_voluntary:value",
      VM "derive-vcpu_switches_involuntary:value"},
     1e-3,
     VR_PER_VCPU,
     SWITCHES,
     0},
    {"switches_voluntary",
     VR_VM_PROCESS,
     {VM "derive-vcpu_switches_voluntary:value"},
     1e-3,
     VR_PER_VCPU,
     SWITCHES,
     0},
    {"switches_involuntary",
     VR_VM_PROCESS,
     {VM "derive-vcpu_switches_involuntary:value"},
     1e-3,
     VR_PER_VCPU,
     CPU_LIKE,
     0},
    {"faults_vcpu",
     VR_VM_PROCESS,
     {VM "vmpage_faults-vcpu:minflt"},
     1e-3,
     VR_PER_ONE,
     MEMORY,
     0},

    /* All other threads of the VM process: its devices run here. */
    {"emulator_busy",
     VR_VM_PROCESS,
     {VM "derive-emulator_run:value", VM "derive-emulator_wait:value"},
     1e-9,
     VR_PER_ONE,
     EMULATOR,
     0},
    {"emulator_run",
     VR_VM_PROCESS,
     {VM "derive-emulator_run:value"},
     1e-9,
     VR_PER_ONE,
     EMULATOR,
     0},
    {"emulator_wait",
     VR_VM_PROCESS,
     {VM "derive-emulator_wait:value"},
     1e-9,
     VR_PER_ONE,
     0,
     0},
    {"emulator_timeslices",
     VR_VM_PROCESS,
     {VM "derive-emulator_timeslices:value"},
     1e-3,
     VR_PER_ONE,
     EMULATOR,
     0},
    {"emulator_switches",
     VR_VM_PROCESS,
     {VM "derive-emulator_switches_voluntary:value",
      VM "derive-emulator_switches_involuntary:value"},
     1e-3,
     VR_PER_ONE,
     EMULATOR,
     0},
    {"faults_emulator",
     VR_VM_PROCESS,
     {VM "vmpage_faults-emulator:minflt"},
     1e-3,
     VR_PER_ONE,
     MEMORY,
     0},

    /* The process as a whole. Resident memory only ever grows while a guest
     * touches new pages: a level that drifts, kept for what follows it. */
    {"rss",
     VR_VM_PROCESS,
     {VM "memory-rss:value"},
     0x1p-30,
     VR_PER_GIB,
     BIT(VR_BUFFERS),
     0},
    {"process_read",
     VR_VM_PROCESS,
     {VM "disk_octets-process:read"},
     1e-6,
     VR_PER_ONE,
     IO,
     BIT(VR_DISK_READ)},
    {"process_written",
     VR_VM_PROCESS,
     {VM "disk_octets-process:write"},
     1e-6,
     VR_PER_ONE,
     IO,
     BIT(VR_DISK_WRITE)},
    {"process_read_calls",
     VR_VM_PROCESS,
     {VM "disk_ops-process:read"},
     1e-3,
     VR_PER_ONE,
     EMULATOR,
     0},
    {"process_write_calls",
     VR_VM_PROCESS,
     {VM "disk_ops-process:write"},
     1e-3,
     VR_PER_ONE,
     EMULATOR,
     0},

    /* The guest's devices as the host counts them. */
    {"block_read",
     VR_DEVICE,
     {VM "disk_octets-block:read"},
     1e-6,
     VR_PER_ONE,
     IO,
     BIT(VR_DISK_READ)},
    {"block_written",
     VR_DEVICE,
     {VM "disk_octets-block:write"},
     1e-6,
     VR_PER_ONE,
     IO,
     BIT(VR_DISK_WRITE)},
    {"block_operations",
     VR_DEVICE,
     {VM "disk_ops-block:read", VM "disk_ops-block:write"},
     1e-3,
     VR_PER_ONE,
     IO,
     0},
    {"net_out",
     VR_DEVICE,
     {VM "if_octets-tap:rx"},
     1e-6,
     VR_PER_ONE,
     NETWORK,
     BIT(VR_NET_TX)},
    {"net_in",
     VR_DEVICE,
     {VM "if_octets-tap:tx"},
     1e-6,
     VR_PER_ONE,
     NETWORK,
     BIT(VR_NET_RX)},
    {"net_packets",
     VR_DEVICE,
     {VM "if_packets-tap:rx", VM "if_packets-tap:tx"},
     1e-3,
     VR_PER_ONE,
     NETWORK,
     0},

    /* What the guest's balloon driver tells. */
    {"balloon_faults",
     VR_BALLOON,
     {VM "vmpage_faults-balloon:minflt"},
     1e-3,
     VR_PER_ONE,
     CPU_LIKE | BIT(VR_PAGE_FAULTS),
     BIT(VR_PAGE_FAULTS)},
    {"balloon_caches",
     VR_BALLOON,
     {VM "memory-balloon_caches:value"},
     0x1p-30,
     VR_PER_GIB,
     BIT(VR_BUFFERS),
     0},
    {"balloon_available",
     VR_BALLOON,
     {VM "memory-balloon_available:value"},
     0x1p-30,
     VR_PER_GIB,
     BIT(VR_BUFFERS) | BIT(VR_PROCESSES),
     0},
    {"balloon_free",
     VR_BALLOON,
     {VM "memory-balloon_free:value"},
     0x1p-30,
     VR_PER_GIB,
     BIT(VR_BUFFERS) | BIT(VR_PROCESSES),
     0},

    /* The host around it. */
    {"host_load", VR_HOST, {HOST "load:shortterm"}, 1, VR_PER_ONE, 0, 0},
    {"host_running",
     VR_HOST,
     {HOST "ps_state-running:value"},
     1,
     VR_PER_ONE,
     BIT(VR_LOAD),
     0},
};

enum { BUILTIN = sizeof(builtin) / sizeof(builtin[0]) };

const struct vr_source *vr_sources = builtin;
size_t vr_sources_count = BUILTIN;

static unsigned origin_of(const char *signal) {
  for (size_t s = 0; s < vr_sources_count; s++)
    for (size_t i = 0; i < VR_SOURCE_SIGNALS && vr_sources[s].signals[i]; i++)
      if (strcmp(vr_sources[s].signals[i], signal) == 0)
        return vr_sources[s].origin;
  return 0;
}

unsigned vr_sources_of(const struct vr_model *model) {
  unsigned origins = 0;
  for (size_t i = 0; i < model->n_inputs; i++)
    for (size_t k = 0; k < model->inputs[i].n_signals; k++)
      origins |= origin_of(model->inputs[i].signals[k]);
  return origins;
}

void vr_data_input_clear(struct vr_model_input *input) {
  for (size_t i = 0; i < input->n_signals; i++)
    free(input->signals[i]);
  free(input->signals);
  *input = (struct vr_model_input){0};
}

static int input_from(const char *const *signals, size_t n,
                      struct vr_model_input *in) {
  in->n_signals = 0;
  in->signals = calloc(n ? n : 1, sizeof(*in->signals));
  if (!in->signals)
    return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    in->signals[i] = strdup(signals[i]);
    if (!in->signals[i]) {
      vr_data_input_clear(in);
      return -ENOMEM;
    }
    in->n_signals = i + 1;
  }
  return 0;
}

int vr_sources_input(const struct vr_source *c,
                     struct vr_model_input *ret_input) {
  size_t n = 0;
  while (n < VR_SOURCE_SIGNALS && c->signals[n])
    n++;
  struct vr_model_input in = {.scale = c->scale,
                              .per = c->per,
                              .range_min = -INFINITY,
                              .range_max = INFINITY};
  int r = input_from(c->signals, n, &in);
  if (r == 0)
    *ret_input = in;
  return r;
}

int vr_data_input_copy(const struct vr_model_input *from,
                       struct vr_model_input *ret_input) {
  struct vr_model_input in = *from;
  int r = input_from((const char *const *)from->signals, from->n_signals, &in);
  if (r == 0)
    *ret_input = in;
  return r;
}
