/* SPDX-License-Identifier: MIT
 *
 * The machine's own files, in the shapes of several kernels.
 */
#include "../unit.h"

#include "tree.h"

#include "host/net/netdev.h"
#include "host/proc/diskstats.h"
#include "host/proc/hoststat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void reads_stat(void **state) {
  (void)state;
  struct vr_hoststat s;
  const char *text =
      "cpu  18521 1164 18314 300678 947 3 136 22 5 6\n"
      "cpu0 8700 504 8645 151902 68 0 28 10 0 0\n"
      "cpu1 9820 659 9668 148776 879 0 107 12 0 0\n"
      "intr 42 1 2 3\nctxt 6640184\nbtime 1795412600\nprocesses 90767\n"
      "procs_running 3\nprocs_blocked 1\nsoftirq 7 0 1\n";
  assert_int_equal(vr_hoststat_parse(text, &s), 0);
  assert_int_equal(s.cpu[VR_CPU_USER], 18521);
  assert_int_equal(s.cpu[VR_CPU_WAIT], 947);
  assert_int_equal(s.cpu[VR_CPU_INTERRUPT], 3);
  assert_int_equal(s.cpu[VR_CPU_STEAL], 22);
  assert_int_equal(s.cpus, 2);
  assert_int_equal(s.context_switches, 6640184);
  assert_int_equal(s.forks, 90767);
  assert_int_equal(s.running, 3);
  assert_int_equal(s.blocked, 1);
  assert_int_equal(vr_hoststat_parse("cpu  1 2 3\n", &s), -EBADMSG);
  assert_int_equal(s.cpus, 2);
}

static void reads_loadavg(void **state) {
  (void)state;
  struct vr_loadavg l;
  assert_int_equal(vr_proc_loadavg_parse("0.81 12.90 0.04 1/116 23605\n", &l),
                   0);
  assert_float_equal(l.shortterm, 0.81, 1e-12);
  assert_float_equal(l.midterm, 12.90, 1e-12);
  assert_float_equal(l.longterm, 0.04, 1e-12);
  assert_int_equal(l.last_pid, 23605);
  assert_int_equal(vr_proc_loadavg_parse("0.81 0.90", &l), -EBADMSG);
}

static void reads_vmstat(void **state) {
  (void)state;
  struct vr_faults f;
  assert_int_equal(
      vr_proc_vmstat_parse(
          "nr_free_pages 9\npgfault 21648787\npgmajfault 6889\n", &f),
      0);
  assert_int_equal(f.minor, 21648787);
  assert_int_equal(f.major, 6889);
  /* A line that only ends like it does not count. */
  assert_int_equal(vr_proc_vmstat_parse("x\nthp_pgfault 1\npgmajfault 2\n", &f),
                   -EBADMSG);
}

/* used = 1000 - 100 - 200 - 300 - 50 = 350 KiB */
static void reads_meminfo(void **state) {
  (void)state;
  struct vr_meminfo m;
  const char *text = "MemTotal:        1000 kB\nMemFree:          100 kB\n"
                     "MemAvailable:     700 kB\nBuffers:          200 kB\n"
                     "Cached:           300 kB\nSwapCached:         9 kB\n"
                     "Slab:              50 kB\nSReclaimable:      20 kB\n";
  assert_int_equal(vr_proc_meminfo_parse(text, &m), 0);
  assert_int_equal(m.used, 350 * 1024);
  assert_int_equal(m.free, 100 * 1024);
  assert_int_equal(m.available, 700 * 1024);
  assert_int_equal(m.buffered, 200 * 1024);
  assert_int_equal(m.cached, 300 * 1024);
  assert_int_equal(vr_proc_meminfo_parse("MemFree: 1 kB\n", &m), -EBADMSG);
}

/* Linux before 3.14; a container whose /proc is another's. */
static void knows_what_meminfo_lacks(void **state) {
  (void)state;
  struct vr_meminfo m;
  assert_int_equal(vr_proc_meminfo_parse("MemTotal: 4000 kB\nMemFree: 1000 kB\n"
                                         "Buffers: 10 kB\nCached: 500 kB\n"
                                         "Slab: 100 kB\n",
                                         &m),
                   0);
  assert_false(m.have_available);
  assert_true(m.have_used && m.have_free && m.have_buffered && m.have_cached);
  assert_int_equal(m.used, 2390 * 1024);
  assert_int_equal(
      vr_proc_meminfo_parse("MemTotal: 4000 kB\nMemFree: 1000 kB\n"
                            "MemAvailable: 2000 kB\nCached: 0 kB\n",
                            &m),
      0);
  assert_true(m.have_available && m.have_cached);
  assert_false(m.have_buffered || m.have_slab || m.have_used);
  assert_int_equal(m.cached, 0);
}

/* Partitions, loop and mapped devices have no hardware of their own; a disk of
 * 4.18 and later has more columns. Sectors are 512 bytes whatever the disk's.
 */
static void sums_whole_disks(void **state) {
  (void)state;
  struct tree proc = tree_new(), sys = tree_new();
  struct vr_fd_budget budget = {.max = 10};
  struct vr_procfile_text text = {0};
  struct vr_diskstats *d;
  struct vr_disks sum;
  tree_write(&proc, "diskstats",
             "   8       0 sda 100 1 1000 40 10 2 2000 24 0 1 6\n"
             "   8       1 sda1 90 1 900 40 10 2 2000 24 0 1 6\n"
             " 259       0 nvme0n1 5 0 7 1 6 0 8 1 0 1 2 1 0 1 1 0 0\n"
             " 259       1 nvme0c0n1 5 0 7 1 6 0 8 1 0 1 2 1 0 1 1 0 0\n"
             " 253       0 dm-0 50 0 500 0 5 0 50 0 0 0 0\n"
             "   7       0 loop0 50 0 500 0 5 0 50 0 0 0 0\n");
  tree_write(&sys, "block/sda/device/model", "x\n");
  tree_write(&sys, "block/nvme0n1/device/model", "x\n");
  tree_write(&sys, "block/nvme0c0n1/device/model", "x\n");
  tree_write(&sys, "block/dm-0/size", "1\n");
  int procfd = open(proc.path, O_RDONLY | O_DIRECTORY);
  int sysfd = open(sys.path, O_RDONLY | O_DIRECTORY);
  assert_int_equal(vr_diskstats_new(&d), 0);
  assert_int_equal(vr_diskstats_read(d, &budget, procfd, sysfd, &text, &sum),
                   0);
  assert_int_equal(sum.read_bytes, (1000 + 7) * 512);
  assert_int_equal(sum.write_bytes, (2000 + 8) * 512);
  assert_int_equal(sum.read_ops, 105);
  assert_int_equal(sum.write_ops, 16);
  tree_write(&proc, "diskstats", "   7 0 loop0 1 1 1 1 1 1 1 1 1 1 1\n");
  assert_int_equal(vr_diskstats_read(d, &budget, procfd, sysfd, &text, &sum),
                   -ENODEV);
  vr_diskstats_free(d, &budget);
  assert_int_equal(budget.used, 0);
  free(text.data);
  close(procfd);
  close(sysfd);
  tree_free(&proc);
  tree_free(&sys);
}

#define NET_HEAD                                                               \
  "Inter-|   Receive                |  Transmit\n"                             \
  " face |bytes    packets errs drop fifo frame compressed multicast|bytes\n"

static void keeps_interfaces_by_name(void **state) {
  (void)state;
  struct tree proc = tree_new(), sys = tree_new();
  struct vr_fd_budget budget = {.max = 10};
  struct vr_procfile_text text = {0};
  struct vr_netdev *n;
  struct vr_netif sum;
  tree_write(&proc, "net/dev",
             NET_HEAD
             "    lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n"
             "  eth0:422535117 8855 0 0 0 0 0 0 336920 4889 0 0 0 0 0 0\n"
             "verylongname123: 5 6 0 0 0 0 0 0 7 8 0 0 0 0 0 0\n");
  tree_write(&sys, "class/net/eth0/device/vendor", "x\n");
  int procfd = open(proc.path, O_RDONLY | O_DIRECTORY);
  int sysfd = open(sys.path, O_RDONLY | O_DIRECTORY);
  assert_int_equal(vr_netdev_new(&n), 0);
  assert_int_equal(vr_netdev_read(n, &budget, procfd, "net/dev", &text), 0);
  const struct vr_netif *c = vr_netdev_find(n, "eth0");
  assert_non_null(c);
  assert_int_equal(c->rx_bytes, 422535117);
  assert_int_equal(c->rx_packets, 8855);
  assert_int_equal(c->tx_bytes, 336920);
  assert_int_equal(c->tx_packets, 4889);
  c = vr_netdev_find(n, "verylongname123");
  assert_non_null(c);
  assert_int_equal(c->tx_packets, 8);
  assert_null(vr_netdev_find(n, "face"));
  assert_true(vr_netdev_hardware(n, sysfd, &sum));
  assert_int_equal(sum.rx_bytes, 422535117);
  /* An interface that has gone is not remembered. */
  tree_write(&proc, "net/dev",
             NET_HEAD "    lo: 20 2 0 0 0 0 0 0 20 2 0 0 0 0 0 0\n");
  assert_int_equal(vr_netdev_read(n, &budget, procfd, "net/dev", &text), 0);
  assert_null(vr_netdev_find(n, "eth0"));
  assert_int_equal(vr_netdev_find(n, "lo")->rx_bytes, 20);
  assert_false(vr_netdev_hardware(n, sysfd, &sum));
  vr_netdev_free(n, &budget);
  free(text.data);
  close(procfd);
  close(sysfd);
  tree_free(&proc);
  tree_free(&sys);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_stat),
      cmocka_unit_test(reads_loadavg),
      cmocka_unit_test(reads_vmstat),
      cmocka_unit_test(reads_meminfo),
      cmocka_unit_test(knows_what_meminfo_lacks),
      cmocka_unit_test(sums_whole_disks),
      cmocka_unit_test(keeps_interfaces_by_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
