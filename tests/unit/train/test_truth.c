/* SPDX-License-Identifier: MIT
 *
 * What a guest's own series say, and who is paired with whom.
 */
#include "../unit.h"
#include "basic/file.h"
#include "train/data/find_pairs.h"
#include "train/data/truth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define assert_near(x, wanted)                                                 \
  assert_true(fabs((x) - (wanted)) <= 1e-9 * fmax(1, fabs(wanted)))

static char root[] = "/tmp/test_truth-XXXXXX";
static struct vr_error error;

/* One csv file of two samples, one second apart. */
static void put(const char *host, const char *plugin, const char *type,
                const char *ds, const char *first, const char *second) {
  char path[256], text[256];
  snprintf(path, sizeof(path), "%s/%s", root, host);
  mkdir(path, 0755);
  snprintf(path, sizeof(path), "%s/%s/%s", root, host, plugin);
  mkdir(path, 0755);
  snprintf(path, sizeof(path), "%s/%s/%s/%s-2024-01-01", root, host, plugin,
           type);
  snprintf(text, sizeof(text), "epoch,%s\n1001.000,%s\n1002.000,%s\n", ds,
           first, second);
  assert_int_equal(vr_file_write_atomic(path, text, strlen(text)), 0);
}

static int make_tree(void **state) {
  (void)state;
  assert_non_null(mkdtemp(root));
  put("g", "processes", "ps_state-running", "value", "2.0", "3.0");
  put("g", "processes", "ps_state-sleeping", "value", "50.0", "nan");
  put("g", "processes", "fork_rate", "value", "9.0", "9.0");
  put("g", "memory", "memory-used", "value", "60.0", "10.0");
  put("g", "memory", "memory-free", "value", "30.0", "70.0");
  put("g", "memory", "memory-buffered", "value", "10.0", "20.0");
  put("g", "interface-lo", "if_octets", "rx,tx", "1.0,1.0", "1.0,1.0");
  put("g", "interface-eth0", "if_octets", "rx,tx", "5.0,6.0", "7.0,8.0");
  put("g", "interface-eth1", "if_octets", "rx,tx", "10.0,20.0", "30.0,40.0");
  put("g", "disk-vda", "disk_octets", "read,write", "1.0,2.0", "3.0,4.0");
  put("g", "disk-vdb", "disk_octets", "read,write", "10.0,20.0", "30.0,40.0");
  put("g", "disk-vda1", "disk_octets", "read,write", "9.0,9.0", "9.0,9.0");
  put("idle", "cpu", "percent-idle", "value", "75.0", "25.0");
  put("jiffies", "cpu-0", "cpu-user", "value", "20.0", "60.0");
  put("jiffies", "cpu-0", "cpu-idle", "value", "70.0", "20.0");
  put("jiffies", "cpu-0", "cpu-wait", "value", "10.0", "20.0");
  put("jiffies", "cpu-1", "cpu-user", "value", "30.0", "100.0");
  put("jiffies", "cpu-1", "cpu-idle", "value", "70.0", "0.0");
  put("percents", "cpu-0", "percent-idle", "value", "70.0", "20.0");
  put("percents", "cpu-0", "percent-wait", "value", "10.0", "20.0");
  put("percents", "cpu-1", "percent-idle", "value", "70.0", "0.0");
  put("percents", "memory", "percent-buffered", "value", "5.0", "6.0");
  put("percents", "memory", "percent-used", "value", "50.0", "50.0");
  put("percents", "load", "load-relative", "shortterm", "0.5", "1.0");
  put("actives", "cpu-0", "percent-active", "value", "30.0", "80.0");
  put("actives", "cpu-1", "percent-active", "value", "30.0", "100.0");
  put("average", "aggregation-cpu-average", "percent-idle", "value", "70.0",
      "10.0");
  put("average", "cpu", "count", "value", "4.0", "4.0");
  put("average", "load", "load-relative", "shortterm", "0.5", "0.75");
  put("sum", "aggregation-cpu-sum", "cpu-idle", "value", "140.0", "20.0");
  put("sum", "aggregation-cpu-sum", "cpu-wait", "value", "20.0", "80.0");
  put("sum", "aggregation-cpu-sum", "cpu-user", "value", "40.0", "100.0");
  put("sum", "load", "load-relative", "shortterm", "0.5", "1.0");
  put("changed", "cpu", "percent-active", "value", "nan", "40.0");
  put("changed", "cpu-0", "percent-idle", "value", "70.0", "nan");
  put("changed", "memory", "memory-buffered", "value", "10.0", "nan");
  put("changed", "memory", "memory-free", "value", "90.0", "nan");
  put("changed", "memory", "percent-buffered", "value", "nan", "20.0");
  put("four", "interface", "if_octets-lo", "rx,tx", "9.0,9.0", "9.0,9.0");
  put("four", "interface", "if_octets-eth0", "rx,tx", "5.0,6.0", "7.0,8.0");
  put("bridged", "interface-eth0", "if_octets", "rx,tx", "5.0,6.0", "7.0,8.0");
  put("bridged", "interface-br0", "if_octets", "rx,tx", "5.0,6.0", "7.0,8.0");
  put("bridged", "interface-veth9", "if_octets", "rx,tx", "1.0,6.0", "2.0,8.0");
  put("bonded", "interface-bond0", "if_octets", "rx,tx", "5.0,6.0", "7.0,8.0");
  put("brief", "interface-eth0", "if_octets", "rx,tx", "6.0,6.0", "7.0,8.0");
  put("brief", "interface-eth1", "if_octets", "rx,tx", "nan,nan", "nan,nan");
  put("brief", "disk-vda", "disk_octets", "read,write", "5.0,6.0", "8.0,8.0");
  put("brief", "disk-sdb", "disk_octets", "read,write", "nan,nan", "nan,nan");
  put("hv", "vmrecon-g", "count-vcpus", "value", "1.0", "1.0");
  put("hv", "vmrecon-other", "count-vcpus", "value", "1.0", "1.0");
  put("hv", "vmrecon", "load", "shortterm", "1.0", "1.0");
  put("hy", "vmrecon-i", "count-vcpus", "value", "1.0", "1.0");
  put("hy", "vmrecon_truth-i", "load", "shortterm,midterm,longterm",
      "1.5,9.0,9.0", "2.5,9.0,9.0");
  put("hy", "vmrecon_truth-i", "count-processes", "value", "50.0", "51.0");
  put("hy", "vmrecon_truth-i", "ps_state-running", "value", "4.0", "4.0");
  put("hy", "vmrecon_truth-i", "ps_state-idle", "value", "20.0", "19.0");
  put("hy", "vmrecon_truth-i", "percent-active", "value", "40.0", "nan");
  put("hy", "vmrecon_truth-i", "percent-buffered", "value", "5.0", "6.0");
  put("hv", "virt_inferred-g", "load", "shortterm", "1.0", "1.0");
  put("other.inferred", "load", "load", "shortterm", "1.0", "1.0");
  return 0;
}

static int remove_tree(void **state) {
  (void)state;
  char command[64];
  snprintf(command, sizeof(command), "rm -rf %s", root);
  return system(command);
}

static struct vr_archive *archive;
static struct vr_reader *reader;

static int open_all(void **state) {
  (void)state;
  const struct vr_timeline grid = {1001, 1, 2};
  if (vr_archive_open(root, &archive, &error) < 0)
    return -1;
  reader = vr_reader_new(archive, &grid);
  return reader ? 0 : -1;
}

static int close_all(void **state) {
  (void)state;
  vr_reader_free(reader);
  vr_archive_free(archive);
  return 0;
}

static void assert_counter(const char *host, enum vr_counter c, double first,
                           double second) {
  double y[2];
  assert_int_equal(vr_truth(reader, host, 3, c, y), 0);
  assert_near(y[0], first);
  if (isnan(second))
    assert_true(isnan(y[1]));
  else
    assert_near(y[1], second);
}

static void test_counters(void **state) {
  (void)state;
  assert_counter("g", VR_PROCESSES, 52, NAN);
  assert_counter("g", VR_BUFFERS, 10, 20); /* 10 of 100, 20 of 100 */
  assert_counter("g", VR_NET_RX, 15, 37);
  assert_counter("g", VR_NET_TX, 26, 48);
  assert_counter("g", VR_DISK_READ, 11, 33);
  assert_counter("g", VR_DISK_WRITE, 22, 44);
  double y[2] = {7, 7};
  assert_int_equal(vr_truth(reader, "g", NAN, VR_LOAD, y), -ENOENT);
  assert_true(y[0] == 7);
}

/* 25 and 75 active; 60 busy of 200, 180 of 200: waiting for the disk is not
 * idle, in any form. */
static void test_cpu(void **state) {
  (void)state;
  assert_counter("idle", VR_CPU, 25, 75);
  assert_counter("jiffies", VR_CPU, 30, 90);
  assert_counter("percents", VR_CPU, 30, 90);
  assert_counter("actives", VR_CPU, 30, 90);
  assert_counter("average", VR_CPU, 30, 90);
  assert_counter("sum", VR_CPU, 30, 90);
}

/* A form that was switched on later, another one before. */
static void test_changed_form(void **state) {
  (void)state;
  assert_counter("changed", VR_CPU, 30, 40);
  assert_counter("changed", VR_BUFFERS, 10, 20);
}

static void test_other_forms(void **state) {
  (void)state;
  assert_counter("percents", VR_BUFFERS, 5, 6);
  assert_counter("percents", VR_LOAD, 1, 2); /* of two CPUs */
  assert_counter("average", VR_LOAD, 2, 3);  /* of four, which it counts */
  assert_counter("sum", VR_LOAD, 1.5, 3);    /* of three, as the host says */
  assert_counter("four", VR_NET_RX, 5, 7);
  assert_counter("four", VR_NET_TX, 6, 8);
  double y[2] = {7, 7};
  assert_int_equal(vr_truth(reader, "sum", NAN, VR_LOAD, y), -ENOENT);
}

/* What passes through another interface is not counted twice; one that is not
 * there any more is nothing. */
static void test_devices(void **state) {
  (void)state;
  assert_counter("bridged", VR_NET_RX, 5, 7);
  assert_counter("bonded", VR_NET_RX, 5, 7);
  assert_counter("brief", VR_NET_RX, 6, 7);
  assert_counter("brief", VR_DISK_READ, 5, 8);
  const char *cards[] = {"eth0", "ens3", "enp1s0", "wlan0", "venet0", "brcm0"};
  const char *others[] = {"lo",         "veth1a2b", "br0",
                          "br-0a1b",    "eth0.100", "docker0",
                          "virbr0-nic", "tun0",     "bond0"};
  for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++)
    assert_true(vr_truth_is_interface(cards[i]));
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    assert_false(vr_truth_is_interface(others[i]));
}

/* What was read from a guest's kernel. */
static void test_introspected(void **state) {
  (void)state;
  const char truth[] = "hy/vmrecon_truth-i";
  double y[2] = {7, 7};
  assert_counter(truth, VR_LOAD, 1.5, 2.5);
  /* without idle kernel threads, and with the thread that counts, as a guest's
   * collectd says it */
  assert_counter(truth, VR_PROCESSES, 31, 33);
  assert_counter(truth, VR_CPU, 40, NAN);
  assert_counter(truth, VR_BUFFERS, 5, 6);
  assert_int_equal(vr_truth(reader, truth, NAN, VR_CONTEXTSWITCH, y), -ENOENT);
  assert_int_equal(vr_truth(reader, truth, NAN, VR_DISK_READ, y), -ENOENT);
  assert_true(y[0] == 7);
}

static void test_whole_disks(void **state) {
  (void)state;
  const char *whole[] = {"vda", "sdb", "xvdc", "nvme0n1", "mmcblk0", "hda"};
  const char *not_whole[] = {"vda1", "sdb12", "nvme0n1p2", "mmcblk0p1", "loop0",
                             "dm-0", "sr0",   "ram1",      "md127",     ""};
  for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
    assert_true(vr_truth_is_whole_disk(whole[i]));
  for (size_t i = 0; i < sizeof(not_whole) / sizeof(not_whole[0]); i++)
    assert_false(vr_truth_is_whole_disk(not_whole[i]));
}

static void test_own_output(void **state) {
  (void)state;
  assert_true(vr_truth_is_own_output("hv", "virt_inferred-g"));
  assert_true(vr_truth_is_own_output("hv", "virt_model-g"));
  assert_true(vr_truth_is_own_output("g.inferred", "load"));
  assert_false(vr_truth_is_own_output("hv", "virt-g"));
  assert_false(vr_truth_is_own_output("inferred", "load"));
}

static void test_pairs(void **state) {
  (void)state;
  struct vr_pairs p;
  assert_int_equal(vr_pairs_find(archive, NULL, 0, &p, &error), 0);
  assert_int_equal(p.n, 3);
  assert_string_equal(p.pairs[0].guest, "g");
  assert_string_equal(p.pairs[0].host, "hv");
  assert_string_equal(p.pairs[0].truth, "g");
  assert_string_equal(p.pairs[1].guest, "other");
  assert_null(p.pairs[1].truth);
  assert_string_equal(p.pairs[2].guest, "i");
  assert_string_equal(p.pairs[2].truth, "hy/vmrecon_truth-i");
  vr_pairs_clear(&p);

  const char *by_hand[] = {"hv/other=idle"};
  assert_int_equal(vr_pairs_find(archive, by_hand, 1, &p, &error), 0);
  assert_string_equal(p.pairs[1].truth, "idle");
  vr_pairs_clear(&p);
  const char *introspected[] = {"hv/g=hy/vmrecon_truth-i"};
  assert_int_equal(vr_pairs_find(archive, introspected, 1, &p, &error), 0);
  assert_string_equal(p.pairs[0].truth, "hy/vmrecon_truth-i");
  vr_pairs_clear(&p);
  const char *wrong[] = {"hv/nobody=idle",          "hv/g=nowhere",
                         "hv/other=other.inferred", "g",
                         "hv/g=hv/vmrecon_truth-g", "hv/g=hv/vmrecon-g"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
    assert_int_equal(vr_pairs_find(archive, &wrong[i], 1, &p, &error), -EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_counters, open_all, close_all),
      cmocka_unit_test_setup_teardown(test_cpu, open_all, close_all),
      cmocka_unit_test_setup_teardown(test_changed_form, open_all, close_all),
      cmocka_unit_test_setup_teardown(test_other_forms, open_all, close_all),
      cmocka_unit_test_setup_teardown(test_devices, open_all, close_all),
      cmocka_unit_test_setup_teardown(test_introspected, open_all, close_all),
      cmocka_unit_test(test_whole_disks),
      cmocka_unit_test(test_own_output),
      cmocka_unit_test_setup_teardown(test_pairs, open_all, close_all),
  };
  return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
