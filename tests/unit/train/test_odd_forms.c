/* SPDX-License-Identifier: MIT
 *
 * Further forms in which a guest's own collectd sends what it knows
 * (docs/odd-hosts.md): udev's names of disks, Xen's partitions without a disk,
 * the plugin netlink, memory that is sent twice, copies beside files. Each has
 * two samples, one second apart, whose sums were added by hand.
 */
#include "../unit.h"
#include "train/data/disk_names.h"
#include "train/data/truth.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char root[] = "/tmp/test_odd_forms-XXXXXX";
static struct vr_error error;
static struct vr_archive *archive;
static struct vr_reader *reader;

/* A csv file of the series HOST/PLUGIN/FILE, with its end if it has one. */
static void put(const char *directory, const char *file, const char *ds,
                const char *first, const char *second) {
  char command[512];
  snprintf(command, sizeof(command),
           "mkdir -p '%s/%s' && printf 'epoch,%s\\n1001.000,%s\\n"
           "1002.000,%s\\n' >'%s/%s/%s'",
           root, directory, ds, first, second, root, directory, file);
  assert_int_equal(system(command), 0);
}

#define DISK(directory, a, b)                                                  \
  put(directory, "disk_octets-2024-01-01", "read,write", a "," a, b "," b)

static void disks(void) {
  DISK("udev/disk-0QEMU_QEMU_HARDDISK_drive-scsi0", "5.0", "6.0");
  DISK("udev/disk-0QEMU_QEMU_HARDDISK_drive-scsi0-part1", "4.0", "4.0");
  DISK("udev/disk-0QEMU_QEMU_HARDDISK_drive-scsi0-part14", "1.0", "1.0");
  DISK("udev/disk-0QEMU_QEMU_HARDDISK_drive-scsi1", "10.0", "20.0");
  DISK("xen/disk-xvda1", "3.0", "4.0");
  DISK("xen/disk-xvda2", "30.0", "40.0");
  DISK("both/disk-xvda", "3.0", "4.0");
  DISK("both/disk-xvda1", "2.0", "2.0");
  DISK("both/disk-xvdb1", "10.0", "10.0");
  DISK("parts/disk-nvme0n1p1", "1.0", "2.0");
  DISK("parts/disk-nvme0n1p2", "10.0", "20.0");
  DISK("parts/disk-dm-0", "11.0", "22.0");
}

static void others(void) {
  put("netlink/netlink-eth0", "if_octets-2024-01-01", "rx,tx", "5.0,6.0",
      "7.0,8.0");
  put("netlink/netlink-lo", "if_octets-2024-01-01", "rx,tx", "1.0,1.0",
      "1.0,1.0");
  /* 10 of 100, though 60 are available, and slab is that of its parts. */
  put("newer/memory", "memory-buffered-2024-01-01", "value", "10.0", "20.0");
  put("newer/memory", "memory-free-2024-01-01", "value", "50.0", "40.0");
  put("newer/memory", "memory-used-2024-01-01", "value", "30.0", "30.0");
  put("newer/memory", "memory-slab_recl-2024-01-01", "value", "8.0", "8.0");
  put("newer/memory", "memory-slab_unrecl-2024-01-01", "value", "2.0", "2.0");
  put("newer/memory", "memory-slab-2024-01-01", "value", "10.0", "10.0");
  put("newer/memory", "memory-available-2024-01-01", "value", "60.0", "60.0");
  /* Kernels that do not divide it. */
  put("older/memory", "memory-buffered-2024-01-01", "value", "10.0", "20.0");
  put("older/memory", "memory-free-2024-01-01", "value", "80.0", "70.0");
  put("older/memory", "memory-slab-2024-01-01", "value", "10.0", "10.0");
  put("copied/processes", "ps_state-running-2024-01-01", "value", "2.0", "3.0");
  put("copied/processes", "ps_state-sleeping-2024-01-01", "value", "50.0",
      "51.0");
  put("copied/processes", "ps_state-running-2024-01-01.bak", "value", "2.0",
      "3.0");
  put("copied/processes", "ps_state-running-2024-01-01~", "value", "2.0",
      "3.0");
  put("copied/processes", "ps_state-sleeping.old", "value", "50.0", "51.0");
}

static int make_tree(void **state) {
  (void)state;
  const struct vr_timeline grid = {1001, 1, 2};
  assert_non_null(mkdtemp(root));
  disks();
  others();
  if (vr_archive_open(root, &archive, &error) < 0)
    return -1;
  reader = vr_reader_new(archive, &grid);
  return reader ? 0 : -1;
}

static int remove_tree(void **state) {
  (void)state;
  char command[64];
  vr_reader_free(reader);
  vr_archive_free(archive);
  snprintf(command, sizeof(command), "rm -rf %s", root);
  return system(command);
}

static void assert_counter(const char *host, enum vr_counter c, double first,
                           double second) {
  double y[2] = {-1, -1};
  assert_int_equal(vr_truth(reader, host, 1, c, y), 0);
  if (!(fabs(y[0] - first) < 1e-9 && fabs(y[1] - second) < 1e-9))
    fail_msg("%s: %g and %g, not %g and %g", host, y[0], y[1], first, second);
}

static void reads_udevs_names(void **state) {
  (void)state;
  assert_counter("udev", VR_DISK_READ, 15, 26);
  assert_counter("udev", VR_DISK_WRITE, 15, 26);
}

static void adds_partitions_without_their_disk(void **state) {
  (void)state;
  assert_counter("xen", VR_DISK_READ, 33, 44);
  assert_counter("both", VR_DISK_READ, 13, 14);
  assert_counter("parts", VR_DISK_WRITE, 11, 22);
}

static void knows_partitions(void **state) {
  (void)state;
  static const struct {
    const char *name;
    size_t whole;
  } names[] = {
      {"sda1", 3},
      {"xvda1", 4},
      {"vdab12", 4},
      {"nvme0n1p2", 7},
      {"mmcblk0p1", 7},
      {"wwn-0x5000c500-part3", 14},
      {"sda", 0},
      {"nvme0n1", 0},
      {"mmcblk0", 0},
      {"wwn-0x5000", 0},
      {"VBOX_HARDDISK_VB1", 0},
      {"sd1", 0},
      {"-part1", 0},
      {"", 0},
      {"1", 0},
  };
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
    if (vr_disk_names_whole(names[i].name) != names[i].whole)
      fail_msg("%s", names[i].name);
  assert_true(vr_disk_names_is_virtual("md127"));
  assert_true(vr_disk_names_is_virtual("md_d0"));
  assert_true(vr_disk_names_is_virtual("dm-0"));
  assert_false(vr_disk_names_is_virtual("srv-disk"));
  assert_false(vr_disk_names_is_virtual("ramdisk"));
}

static void reads_interfaces_of_netlink(void **state) {
  (void)state;
  assert_counter("netlink", VR_NET_RX, 5, 7);
  assert_counter("netlink", VR_NET_TX, 6, 8);
}

static void adds_no_memory_twice(void **state) {
  (void)state;
  assert_counter("newer", VR_BUFFERS, 10, 20);
  assert_counter("older", VR_BUFFERS, 10, 20);
}

static void leaves_copies_out(void **state) {
  (void)state;
  assert_counter("copied", VR_PROCESSES, 52, 54);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_udevs_names),
      cmocka_unit_test(adds_partitions_without_their_disk),
      cmocka_unit_test(knows_partitions),
      cmocka_unit_test(reads_interfaces_of_netlink),
      cmocka_unit_test(adds_no_memory_twice),
      cmocka_unit_test(leaves_copies_out),
  };
  return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
