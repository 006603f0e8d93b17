/* SPDX-License-Identifier: MIT
 *
 * Replies of QEMU, as 7.2 writes them.
 */
#include "../unit.h"

#include "host/qmp/qmp_replies.h"

#include <errno.h>
#include <string.h>

static json_t *message(const char *line) {
  return vr_qmp_parse_message(line, strlen(line));
}

/* Recorded from QEMU 7.2 before the guest's driver was loaded: everything
 * unknown is 2^64 - 1. */
static const char balloon_before_the_driver[] =
    "{\"return\": {\"stats\": {\"stat-swap-out\": 18446744073709551615, "
    "\"stat-available-memory\": 18446744073709551615, "
    "\"stat-free-memory\": 18446744073709551615, "
    "\"stat-minor-faults\": 18446744073709551615, "
    "\"stat-major-faults\": 18446744073709551615, "
    "\"stat-total-memory\": 18446744073709551615, "
    "\"stat-swap-in\": 18446744073709551615, "
    "\"stat-disk-caches\": 18446744073709551615}, \"last-update\": 0}, "
    "\"id\": 7}";

static void a_balloon_without_a_driver_knows_nothing(void **state) {
  (void)state;
  json_t *m = message(balloon_before_the_driver);
  assert_non_null(m);
  assert_int_equal(vr_qmp_message_id(m), 7);
  struct vr_balloon b;
  time_t updated = 1;
  assert_int_equal(
      vr_qmp_parse_balloon(json_object_get(m, "return"), &b, &updated), 0);
  assert_int_equal(updated, 0);
  assert_false(b.have_total || b.have_free || b.have_available ||
               b.have_caches || b.have_minor || b.have_major ||
               b.have_swap_in || b.have_swap_out);
  json_decref(m);
}

/* One value unknown makes all numbers of the line reals: they stay exact. */
static void one_unknown_value_leaves_the_others_exact(void **state) {
  (void)state;
  json_t *m = message(
      "{\"return\": {\"stats\": {\"stat-minor-faults\": 9007199254740991, "
      "\"stat-swap-in\": 18446744073709551615, \"stat-free-memory\": 4096}, "
      "\"last-update\": 1795417016}, \"id\": 4294967295}");
  assert_int_equal(vr_qmp_message_id(m), 4294967295);
  struct vr_balloon b;
  time_t updated = 0;
  assert_int_equal(
      vr_qmp_parse_balloon(json_object_get(m, "return"), &b, &updated), 0);
  assert_int_equal(updated, 1795417016);
  assert_true(b.have_minor && b.minor == 9007199254740991u);
  assert_true(b.have_free && b.free == 4096);
  assert_false(b.have_swap_in);
  json_decref(m);
}

static void what_is_no_reply_has_no_id(void **state) {
  (void)state;
  assert_null(message("{\"return\": {"));
  json_t *m = message("{\"event\": \"RTC_CHANGE\"}");
  assert_int_equal(vr_qmp_message_id(m), -1);
  json_decref(m);
  m = message("{\"return\": {}, \"id\": \"7\"}");
  assert_int_equal(vr_qmp_message_id(m), -1);
  json_decref(m);
}

static void disks_come_without_the_firmware(void **state) {
  (void)state;
  json_t *m = message(
      "{\"return\": ["
      "{\"device\": \"virtio0\", \"qdev\": \"/machine/x\", \"stats\": "
      "{\"rd_bytes\": 1024, \"wr_bytes\": 10, \"rd_operations\": 2, "
      "\"wr_operations\": 1}},"
      "{\"device\": \"\", \"qdev\": \"disk1\", \"stats\": {\"rd_bytes\": 1, "
      "\"wr_bytes\": 2, \"rd_operations\": 3, \"wr_operations\": 4}},"
      "{\"device\": \"pflash0\", \"stats\": {\"rd_bytes\": 77, \"wr_bytes\": "
      "77, \"rd_operations\": 7, \"wr_operations\": 7}}]}");
  struct vr_disk_list d;
  assert_int_equal(vr_qmp_parse_blockstats(json_object_get(m, "return"), &d),
                   0);
  assert_int_equal(d.count, 2);
  assert_int_equal(d.v[0].counters.read_bytes, 1024);
  assert_int_equal(d.v[0].counters.write_ops, 1);
  assert_int_equal(d.v[1].counters.write_bytes, 2);
  assert_int_equal(d.v[1].counters.read_ops, 3);
  assert_true(d.v[0].key != d.v[1].key);
  json_decref(m);
}

/* Recorded from QEMU 7.2 on Linux 6.18, cut to one line more than is used. */
static void counters_of_kvm_are_summed_over_vcpus(void **state) {
  (void)state;
  json_t *m = message(
      "{\"return\": [{\"provider\": \"kvm\", \"stats\": [{\"name\": "
      "\"halt_exits\", \"value\": 1}, {\"name\": \"exits\", \"value\": 27}, "
      "{\"name\": \"halt_wait_ns\", \"value\": 1673237151}, {\"name\": "
      "\"guest_mode\", \"value\": false}], \"qom-path\": "
      "\"/machine/unattached/device[2]\"}, {\"provider\": \"kvm\", \"stats\": "
      "[{\"name\": \"halt_exits\", \"value\": 0}, {\"name\": \"exits\", "
      "\"value\": 4453}, {\"name\": \"halt_wait_ns\", \"value\": 0}], "
      "\"qom-path\": \"/machine/unattached/device[0]\"}, {\"provider\": "
      "\"cryptodev\", \"stats\": [{\"name\": \"exits\", \"value\": 9}]}]}");
  struct vr_kvm_sample k;
  assert_int_equal(vr_qmp_parse_kvm(json_object_get(m, "return"), &k), 0);
  assert_true(k.have[VR_KVM_exits] && k.have[VR_KVM_halt_exits] &&
              k.have[VR_KVM_halt_wait_ns]);
  assert_int_equal(k.value[VR_KVM_exits], 4480);
  assert_int_equal(k.value[VR_KVM_halt_exits], 1);
  assert_int_equal(k.value[VR_KVM_halt_wait_ns], 1673237151);
  assert_false(k.have[VR_KVM_io_exits]);
  json_decref(m);
  /* Under TCG. */
  m = message("{\"return\": []}");
  assert_int_equal(vr_qmp_parse_kvm(json_object_get(m, "return"), &k),
                   -ENODATA);
  assert_int_equal(k.value[VR_KVM_exits], 4480);
  json_decref(m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_balloon_without_a_driver_knows_nothing),
      cmocka_unit_test(one_unknown_value_leaves_the_others_exact),
      cmocka_unit_test(what_is_no_reply_has_no_id),
      cmocka_unit_test(disks_come_without_the_firmware),
      cmocka_unit_test(counters_of_kvm_are_summed_over_vcpus),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
