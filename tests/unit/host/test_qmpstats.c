/* SPDX-License-Identifier: MIT
 *
 * Replies of QEMU, as 7.2 writes them.
 */
#include "../unit.h"

#include "host/qmp/qmp_replies.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

/* What QEMU 7.2 answered; the caller's to release. */
static json_t *recorded(const char *file) {
  char path[512], line[65536];
  snprintf(path, sizeof(path), "%s/qmp/%s", getenv("VR_TEST_DATA"), file);
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_non_null(fgets(line, sizeof(line), f));
  fclose(f);
  json_t *m = message(line);
  assert_non_null(m);
  return m;
}

/* The numbers are what another parser of JSON (Python's) reads there. */
static void recorded_answers_are_understood(void **state) {
  (void)state;
  json_t *m = recorded("blockstats-7.2.json");
  struct vr_disk_list d;
  struct vr_disks sum = {0};
  assert_int_equal(vr_qmp_parse_blockstats(json_object_get(m, "return"), &d),
                   0);
  assert_int_equal(d.count, 2);
  assert_int_equal(d.v[1].counters.read_ops, 25196);
  assert_int_equal(d.v[1].counters.read_ns, 6105472836141);
  for (size_t i = 0; i < d.count; i++)
    vr_diskstats_add(&sum, &d.v[i].counters);
  assert_true(sum.have_times && sum.have_flush_time);
  assert_int_equal(sum.read_bytes, 16896 + 103199232);
  assert_int_equal(sum.read_ns, 84453174 + 6105472836141);
  assert_int_equal(sum.write_ns, 412053);
  assert_int_equal(sum.flush_ns, 123661482);
  json_decref(m);
  m = recorded("guest-stats-7.2.json");
  struct vr_balloon b;
  time_t updated = 0;
  assert_int_equal(
      vr_qmp_parse_balloon(json_object_get(m, "return"), &b, &updated), 0);
  assert_int_equal(updated, 1796084472);
  assert_int_equal(b.minor, 9095);
  json_decref(m);
}

/* T is the last report's second. */
static void a_report_is_sent_once_at_its_own_instant(void **state) {
  (void)state;
  const time_t t = 1795417016;
  double now = (double)t + 0.9;
  /* QEMU leaves out the part of the second. */
  assert_true(vr_qmp_balloon_instant(t, 1, 10, 0, now) == (double)t + 0.5);
  assert_true(vr_qmp_balloon_instant(t - 1, 1, 1, (double)t - 1.5, now) ==
              (double)t - 0.5);
  /* Never in the future: it was received. */
  assert_true(vr_qmp_balloon_instant(t, 1, 1, 0, (double)t + 0.1) ==
              (double)t + 0.1);
  /* The same again is not sent again, nor is an older one. */
  assert_true(vr_qmp_balloon_instant(t, 1, 1, (double)t + 0.5, now) == 0);
  assert_true(vr_qmp_balloon_instant(t - 5, 1, 10, (double)t, now) == 0);
}

/* A series that is due each interval goes on where reports are rarer. */
static void a_rare_report_stands_for_the_time_after_it(void **state) {
  (void)state;
  const time_t t = 1795417016;
  double before = 0;
  for (int i = 1; i <= 6; i++) {
    double now = (double)t + 10 * i + 0.25;
    double at = vr_qmp_balloon_instant(t, 60, 10, before, now);
    assert_true(at > before && at <= now && at >= now - 10);
    /* No gap is longer than the heartbeat of its archive. */
    assert_true(i == 1 || at - before <= 20);
    before = at;
  }
  double next =
      vr_qmp_balloon_instant(t + 60, 60, 10, before, (double)t + 70.25);
  assert_true(next - before > 0 && next - before <= 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(recorded_answers_are_understood),
      cmocka_unit_test(a_report_is_sent_once_at_its_own_instant),
      cmocka_unit_test(a_rare_report_stands_for_the_time_after_it),
      cmocka_unit_test(a_balloon_without_a_driver_knows_nothing),
      cmocka_unit_test(one_unknown_value_leaves_the_others_exact),
      cmocka_unit_test(what_is_no_reply_has_no_id),
      cmocka_unit_test(disks_come_without_the_firmware),
      cmocka_unit_test(counters_of_kvm_are_summed_over_vcpus),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
