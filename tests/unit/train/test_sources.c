/* SPDX-License-Identifier: MIT
 *
 * What the trainer is offered. Its order decides between equal candidates, so
 * that models stay the same as long as the order does.
 */
#include "../unit.h"

#include "train/data/definitions.h"
#include "train/data/sources.h"

#include <string.h>

static const char *const expected[] = {
    "busy",
    "run",
    "wait",
    "timeslices",
    "switches",
    "switches_voluntary",
    "switches_involuntary",
    "faults_vcpu",
    "emulator_busy",
    "emulator_run",
    "emulator_wait",
    "emulator_timeslices",
    "emulator_switches",
    "faults_emulator",
    "rss",
    "process_read",
    "process_written",
    "process_read_calls",
    "process_write_calls",
    "block_read",
    "block_written",
    "block_operations",
    "net_out",
    "net_in",
    "net_packets",
    "balloon_faults",
    "balloon_caches",
    "balloon_available",
    "balloon_free",
    "host_load",
    "host_running",
    "switches_per_idle",
    "log_faults",
    "major_faults",
    "block_read_time",
    "block_write_time",
    "block_reads",
    "block_writes",
    "net_packets_out",
    "net_packets_in",
    "kvm_halts",
    "kvm_wakeups",
    "kvm_injections",
    "kvm_halt_wait",
    "kvm_polled",
    "kvm_polled_in_vain",
    "kvm_io_exits",
    "kvm_hypercalls",
};
enum { EXPECTED = sizeof(expected) / sizeof(expected[0]), FOR_ALL = 31 };

static void sources_are_those_of_the_table_in_its_order(void **state) {
  (void)state;
  assert_int_equal(vr_sources_count, EXPECTED);
  for (size_t s = 0; s < EXPECTED; s++) {
    assert_string_equal(vr_sources[s].name, expected[s]);
    assert_true(vr_sources[s].scale > 0);
    assert_non_null(vr_sources[s].signals[0]);
    assert_int_equal(vr_sources[s].own, s >= FOR_ALL);
  }
  assert_string_equal(vr_sources[0].signals[1],
                      "%{host}/vmrecon-%{guest}/derive-vcpu_wait:value");
  assert_null(vr_sources[1].signals[1]);
}

static void added_ones_stand_behind(void **state) {
  (void)state;
  assert_int_equal(vr_sources_add("%{guest}/virt/disk_octets-vda:read"), 0);
  assert_int_equal(vr_sources_add(vr_sources[1].signals[0]), 0);
  /* What is for a guest's own models only may be offered to all. */
  assert_int_equal(
      vr_sources_add("%{host}/vmrecon-%{guest}/disk_time-block:read"), 0);
  assert_int_equal(vr_sources_count, EXPECTED + 2);
  assert_false(vr_sources[EXPECTED + 1].own);
  assert_true(vr_counter_in(vr_sources[EXPECTED].measures, VR_DISK_READ));
  vr_sources_reset();
  assert_int_equal(vr_sources_count, EXPECTED);
}

/* Devices come and go: what another plugin has of them is one source, their
 * sum, and that is what it counts. */
static void devices_are_summed(void **state) {
  (void)state;
  assert_int_equal(vr_sources_add_types("%{guest}/virt", "if_octets-vnet3"), 0);
  assert_int_equal(vr_sources_add_types("%{guest}/virt", "if_octets-vnet17"),
                   0);
  assert_int_equal(vr_sources_count, EXPECTED + 2);
  assert_string_equal(vr_sources[EXPECTED].signals[0],
                      "%{guest}/virt/if_octets-*:rx");
  assert_true(vr_sources[EXPECTED].counts);
  vr_sources_reset();
  /* Others have no devices, and some of them may be a part only. */
  assert_int_equal(vr_sources_add_types("%{guest}/virt", "virt_vcpu-0"), 0);
  assert_string_equal(vr_sources[EXPECTED].signals[0],
                      "%{guest}/virt/virt_vcpu-0:value");
  assert_int_equal(vr_sources_add("%{guest}/virt/if_octets-vnet*:rx"), 0);
  assert_int_equal(vr_sources_add("%{guest}/virt/disk_octets-vda:read"), 0);
  assert_int_equal(vr_sources_add("%{guest}/virt/disk_ops-*:read"), 0);
  for (size_t i = EXPECTED; i < vr_sources_count; i++)
    assert_false(vr_sources[i].counts);
  vr_sources_reset();
}

/* A proxy is the target's last choice, and no definition of the trainer's. */
static void definitions_are_the_guests_own_numbers(void **state) {
  (void)state;
  const struct vr_direct *d = vr_definitions_of(VR_DISK_READ, 0);
  assert_int_equal(d->values[0].id, VR_SIGNAL_BLOCK_OCTETS);
  assert_null(vr_definitions_of(VR_DISK_READ, 1));
  assert_null(vr_definitions_of(VR_LOAD, 0));
  assert_int_equal(vr_definitions_of(VR_CPU, 0)->values[1].id,
                   VR_SIGNAL_VCPU_WAIT_PREEMPTED);
  assert_int_equal(vr_definitions_of(VR_CPU, 2)->accelerator, VR_ACCEL_KVM);
  assert_int_equal(vr_definitions_of(VR_CPU, 3)->accelerator, VR_ACCEL_KVM);
  assert_null(vr_definitions_of(VR_CPU, 4));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sources_are_those_of_the_table_in_its_order),
      cmocka_unit_test(added_ones_stand_behind),
      cmocka_unit_test(devices_are_summed),
      cmocka_unit_test(definitions_are_the_guests_own_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
