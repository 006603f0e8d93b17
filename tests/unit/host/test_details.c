/* SPDX-License-Identifier: MIT
 *
 * A guest's devices one by one: how they are called, and what they did. What is
 * expected is worked out by hand.
 */
#include "../unit.h"

#include "host/details.h"
#include "host/qmp/qmp_replies.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- a receiver --- */

enum { HEARD_MAX = 64 };
static struct {
  char name[96];
  double numbers[VR_TYPE_MAX_SOURCES];
} heard[HEARD_MAX];
static size_t n_heard;

static void hear(void *ctx, const struct vr_emitted *s) {
  (void)ctx;
  assert_true(n_heard < HEARD_MAX);
  snprintf(heard[n_heard].name, sizeof(heard[0].name), "%s-%s", s->type,
           s->instance);
  memset(heard[n_heard].numbers, 0, sizeof(heard[n_heard].numbers));
  for (size_t i = 0; i < s->n; i++)
    heard[n_heard].numbers[i] = s->values[i].kind == VR_GAUGE
                                    ? s->values[i].number.gauge
                                    : (double)s->values[i].number.derive;
  n_heard++;
}

static void emit(const struct vr_details *d) {
  n_heard = 0;
  vr_details_emit(d, hear, NULL);
}

static const double *numbers_of(const char *name) {
  for (size_t i = 0; i < n_heard; i++)
    if (strcmp(heard[i].name, name) == 0)
      return heard[i].numbers;
  return NULL;
}

static void assert_heard(const char *name, double first, double second) {
  const double *numbers = numbers_of(name);
  if (!numbers)
    fail_msg("%s was not emitted", name);
  if (fabs(numbers[0] - first) > 1e-9 || fabs(numbers[1] - second) > 1e-9)
    fail_msg("%s is %g, %g", name, numbers[0], numbers[1]);
}

/* --- disks --- */

static void parse_disks(const char *entries, struct vr_disk_list *ret) {
  char text[2048];
  int n = snprintf(text, sizeof(text), "{\"return\": [%s]}", entries);
  json_t *m = vr_qmp_parse_message(text, (size_t)n);
  assert_non_null(m);
  assert_int_equal(vr_qmp_parse_blockstats(json_object_get(m, "return"), ret),
                   0);
  json_decref(m);
}

#define STATS(rd_ops, rd_ns, failed)                                           \
  "\"stats\": {\"rd_bytes\": 4096, \"wr_bytes\": 512, "                        \
  "\"rd_operations\": " #rd_ops                                                \
  ", \"wr_operations\": 1, \"rd_total_time_ns\": " #rd_ns                      \
  ", \"wr_total_time_ns\": 0, \"failed_rd_operations\": " #failed              \
  ", \"failed_wr_operations\": 1, \"failed_flush_operations\": 0}}"

/* QEMU with -drive, with -device of an id, without one, and libvirt's form with
 * nodes only. */
static void a_disk_is_called_by_its_drive(void **state) {
  (void)state;
  static const struct {
    const char *entry, *name;
  } cases[] = {
      {"{\"device\": \"drive-virtio0\", \"qdev\": "
       "\"/machine/peripheral/virtio0/virtio-backend\", " STATS(1, 1, 0),
       "drive-virtio0"},
      {"{\"device\": \"\", \"qdev\": "
       "\"/machine/peripheral/virtio-disk1/virtio-backend\", \"node-name\": "
       "\"libvirt-2-format\", " STATS(1, 1, 0),
       "virtio-disk1"},
      {"{\"device\": \"\", \"qdev\": "
       "\"/machine/peripheral-anon/device[1]/virtio-backend\", " STATS(1, 1, 0),
       "device_1_"},
      {"{\"device\": \"\", \"qdev\": \"/machine/x\", \"node-name\": \"n "
       "0/1\", " STATS(1, 1, 0),
       "n_0_1"},
      {"{\"device\": \"\", \"qdev\": \"disk3\", " STATS(1, 1, 0), "disk3"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    struct vr_disk_list l;
    parse_disks(cases[i].entry, &l);
    assert_string_equal(l.v[0].name, cases[i].name);
  }
}

/* 20 reads in 10 s that took 60 ms together: 3 ms each, for ten seconds. */
static void time_is_that_of_an_operation_on_average(void **state) {
  (void)state;
  struct vr_details *d;
  struct vr_disk_list l;
  assert_int_equal(vr_details_new(VR_DETAIL_DISKS, &d), 0);
  parse_disks("{\"device\": \"a\", " STATS(100, 7000000, 2), &l);
  vr_details_take_disks(d, &l, 10);
  emit(d);
  assert_heard("disk_octets-block_a", 4096, 512);
  assert_heard("disk_ops-block_a", 100, 1);
  assert_heard("disk_time-average_a", 0, 0);
  assert_heard("errors-block_a", 3, 0);
  parse_disks("{\"device\": \"a\", " STATS(120, 67000000, 2), &l);
  vr_details_take_disks(d, &l, 10);
  emit(d);
  assert_heard("disk_time-average_a", 30, 0);
  /* Nothing was read: no time. */
  vr_details_take_disks(d, &l, 10);
  emit(d);
  assert_heard("disk_time-average_a", 30, 0);
  /* A guest that was reset begins anew, and nothing wild is added. */
  parse_disks("{\"device\": \"a\", " STATS(1, 1000, 0), &l);
  vr_details_take_disks(d, &l, 10);
  emit(d);
  assert_heard("disk_time-average_a", 30, 0);
  vr_details_take_disks(d, NULL, 10);
  emit(d);
  assert_int_equal(n_heard, 0);
  vr_details_free(d);
}

static void two_of_one_name_are_two_series(void **state) {
  (void)state;
  struct vr_details *d;
  struct vr_disk_list l;
  assert_int_equal(vr_details_new(VR_DETAIL_DISKS, &d), 0);
  parse_disks(
      "{\"device\": \"a b\", \"qdev\": \"x\", " STATS(
          1, 1, 0) ", {\"device\": \"a/b\", \"qdev\": \"y\", " STATS(2, 1, 0),
      &l);
  vr_details_take_disks(d, &l, 10);
  emit(d);
  assert_heard("disk_ops-block_a_b", 1, 1);
  assert_heard("disk_ops-block_a_b_2", 2, 1);
  vr_details_free(d);
}

/* --- network cards --- */

static void split(const char *words, char *buffer, struct vr_cmdline *ret) {
  size_t n = strlen(words) + 1;
  memcpy(buffer, words, n);
  for (char *c = buffer; *c; c++)
    if (*c == ' ')
      *c = '\0';
  vr_cmdline_split(buffer, n - 1, ret);
}

static void assert_called(const char *command, const struct vr_tap *tap,
                          const char *name) {
  char buffer[512], got[VR_IFNAME_MAX];
  struct vr_cmdline c;
  struct vr_nics nics = {0};
  struct vr_taps taps = {.count = 2, .v = {*tap, {.name = "other", .fd = 90}}};
  split(command, buffer, &c);
  vr_nics_of_qemu(&c, &nics);
  vr_nic_names_find(&nics, &taps, 0, -1, got);
  assert_string_equal(got, name);
}

static void a_card_is_called_by_its_address(void **state) {
  (void)state;
  const struct vr_tap tap = {.name = "vnet7", .fd = 31};
  /* by the interface's name */
  assert_called("qemu -netdev tap,id=n1,ifname=vnet8 -netdev "
                "tap,id=n0,ifname=vnet7,script=no -device "
                "virtio-net-pci,netdev=n1,mac=52:54:00:00:00:01 -device "
                "virtio-net-pci,netdev=n0,mac=52:54:00:00:00:0A",
                &tap, "52540000000a");
  /* by the descriptor, as libvirt starts QEMU, one of two queues */
  assert_called("qemu -netdev {\"type\":\"tap\",\"fds\":\"30:31\",\"id\":\"h\"}"
                " -device {\"driver\":\"virtio-net-pci\",\"netdev\":\"h\","
                "\"mac\":\"52:54:00:00:00:0b\"} -netdev tap,id=g,fd=3 -device "
                "e1000,netdev=g,mac=52:54:00:00:00:0c",
                &tap, "52540000000b");
  assert_called("qemu -nic tap,ifname=vnet7,mac=52:54:00:00:00:0d -nic "
                "tap,ifname=x,mac=52:54:00:00:00:0e",
                &tap, "52540000000d");
  /* nothing tells: as the host calls it */
  assert_called("qemu -device virtio-net-pci,netdev=a,mac=52:54:00:00:00:01 "
                "-device virtio-net-pci,netdev=b,mac=52:54:00:00:00:02",
                &tap, "vnet7");
}

static void cards_are_counted_one_by_one(void **state) {
  (void)state;
  struct vr_details *d;
  struct vr_vm *vm = calloc(1, sizeof(*vm));
  const struct vr_taps taps = {.count = 2,
                               .v = {{.name = "t0"}, {.name = "t1"}}};
  const struct vr_netif first = {.rx_bytes = 1,
                                 .tx_bytes = 2,
                                 .rx_packets = 3,
                                 .tx_packets = 4,
                                 .have_errors = true,
                                 .rx_errors = 5,
                                 .tx_errors = 6,
                                 .rx_dropped = 7,
                                 .tx_dropped = 8};
  assert_int_equal(vr_details_new(VR_DETAIL_NICS, &d), 0);
  vr_details_name_nics(d, vm, &taps, -1, "");
  vr_details_take_nic(d, 0, &first);
  vr_details_take_nic(d, 1, NULL);
  emit(d);
  assert_heard("if_octets-tap_t0", 1, 2);
  assert_heard("if_packets-tap_t0", 3, 4);
  assert_heard("if_errors-tap_t0", 5, 6);
  assert_heard("if_dropped-tap_t0", 7, 8);
  assert_int_equal(n_heard, 4);
  vr_details_free(d);
  free(vm);
}

/* --- processors --- */

static void processors_by_what_they_ran_and_waited(void **state) {
  (void)state;
  struct vr_details *d;
  struct vr_thread v[] = {
      {.vcpu = true, .number = 0, .sched = {.run_ns = 1000, .wait_ns = 10}},
      {.vcpu = true, .number = 1, .sched = {.run_ns = 1000, .wait_ns = 10}},
      {.vcpu = false, .number = -1, .sched = {.run_ns = 9}}};
  const struct vr_threads t = {.v = v, .count = 3};
  assert_int_equal(vr_details_new(VR_DETAIL_VCPUS, &d), 0);
  vr_details_take_vcpus(d, &t, VR_ACCEL_KVM, 10);
  emit(d);
  assert_heard("virt_vcpu-run_0", 1000, 0);
  assert_heard("derive-wait_vcpu_1", 10, 0);
  assert_null(numbers_of("percent-vcpu_0"));
  /* Of ten seconds it ran four and waited two, one after it was preempted. */
  v[1].sched.run_ns += 4000000000;
  v[1].sched.wait_ns += 2000000000;
  v[1].preempted_ns += 1000000000;
  vr_details_take_vcpus(d, &t, VR_ACCEL_KVM, 10);
  emit(d);
  assert_heard("percent-vcpu_0", 0, 0);
  assert_heard("percent-vcpu_1", 60, 0);
  v[1].sched.run_ns += 4000000000;
  v[1].sched.wait_ns += 2000000000;
  v[1].preempted_ns += 1000000000;
  vr_details_take_vcpus(d, &t, VR_ACCEL_TCG, 10);
  emit(d);
  /* 0.4 and 0.3 of 0.1, of what is left of the ticks: without 0.7 of 0.1, and
   * 0.1 after wake-up. */
  assert_heard("percent-vcpu_1", 100 * 0.43 / 0.83, 0);
  assert_null(numbers_of("virt_vcpu-run_-1"));
  vr_details_free(d);
}

/* --- names --- */

static void what_is_emitted_is_recognised(void **state) {
  (void)state;
  const char *device;
  const struct vr_detail_info *info =
      vr_schema_detail_of("disk_octets", "block_a_b", &device);
  assert_ptr_equal(info, vr_schema_detail(VR_DETAIL_DISK_OCTETS));
  assert_string_equal(device, "a_b");
  /* Series that are no details. */
  assert_null(vr_schema_detail_of("disk_octets", "block", &device));
  assert_null(vr_schema_detail_of("derive", "vcpu_wait_preempted", &device));
  assert_null(vr_schema_detail_of("derive", "block_flush_time", &device));
  assert_null(vr_schema_detail_of("if_octets", "tap_", &device));
  unsigned kinds = 0;
  assert_int_equal(vr_schema_detail_kinds(" disks VCPUS", &kinds), 0);
  assert_int_equal(kinds, VR_DETAIL_DISKS | VR_DETAIL_VCPUS);
  assert_true(vr_schema_detail_kinds("disks, nics", &kinds) < 0);
  assert_int_equal(kinds, VR_DETAIL_DISKS | VR_DETAIL_VCPUS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_disk_is_called_by_its_drive),
      cmocka_unit_test(time_is_that_of_an_operation_on_average),
      cmocka_unit_test(two_of_one_name_are_two_series),
      cmocka_unit_test(a_card_is_called_by_its_address),
      cmocka_unit_test(cards_are_counted_one_by_one),
      cmocka_unit_test(processors_by_what_they_ran_and_waited),
      cmocka_unit_test(what_is_emitted_is_recognised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
