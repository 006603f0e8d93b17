/* SPDX-License-Identifier: MIT
 *
 * The reader on made-up trees: guests that come, go, lie and collide.
 */
#include "../unit.h"

#include "guests.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define S 1000000000ULL

static void sums_threads_by_group(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "guest=web,debug-threads=on", 5);
  struct vr_host *h = reader_new(&t, 100);
  guest_run(&t, 100, 5, 2);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_non_null(s);
  assert_true(s->have_threads);
  /* Two rounds: vCPUs ran 2 + 3 seconds a round, the main thread 1. */
  assert_int_equal(s->vcpu.sched.run_ns, 10 * S);
  assert_int_equal(s->vcpu.sched.wait_ns, 5 * S);
  assert_int_equal(s->vcpu.sched.timeslices, 40);
  assert_int_equal(s->vcpu.switches.voluntary, 28);
  assert_int_equal(s->vcpu.switches.involuntary, 12);
  assert_int_equal(s->vcpu.minflt, 1000);
  assert_int_equal(s->vcpu.majflt, 100);
  assert_int_equal(s->emulator.sched.run_ns, 2 * S);
  assert_int_equal(s->emulator.switches.voluntary, 14);
  assert_int_equal(s->emulator.minflt, 200);
  assert_int_equal(s->resident, 1000 * sysconf(_SC_PAGESIZE));
  assert_int_equal(s->io.write_bytes, 8192);
  assert_int_equal(s->vcpus, 2);
  assert_int_equal(s->memory, 256 << 20);
  assert_int_equal(s->accelerator, VR_ACCEL_TCG);
  vr_host_free(h);
  tree_free(&t);
}

/* The sums hold what a thread did that has ended, and a new one adds to them.
 */
static void never_goes_back_when_a_worker_ends(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_run(&t, 100, 5, 1);
  tree_write(&t, "100/task/150/comm", "worker\n");
  tree_write(&t, "100/task/150/schedstat", "400 200 3\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->emulator.sched.run_ns, S + 400);
  tree_remove(&t, "100/task/150");
  vr_host_read(h);
  tree_write(&t, "100/task/151/comm", "worker\n");
  tree_write(&t, "100/task/151/schedstat", "50 20 3\n");
  /* Nothing says that there is another thread, but the number of threads. */
  tree_write(&t, "100/stat",
             "100 (q) S 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 4 0 5 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_int_equal(s->emulator.sched.run_ns, S + 450);
  vr_host_free(h);
  tree_free(&t);
}

#define KTHREAD 0x208040 /* flags of a thread of the kernel */

static void worker_start(const struct tree *t, int pid, const char *name,
                         int flags, int start, const char *sched) {
  char path[64];
  snprintf(path, sizeof(path), "%d/stat", pid);
  tree_write(t, path,
             "%d (%s) S 2 0 0 0 -1 %d 0 0 0 0 1 1 0 0 20 0 1 0 %d 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
             pid, name, flags, start);
  snprintf(path, sizeof(path), "%d/cmdline", pid);
  tree_args(t, path, "");
  guest_owner(t, pid, 0, 0, 2);
  snprintf(path, sizeof(path), "%d/schedstat", pid);
  tree_write(t, path, "%s\n", sched);
}

/* Before Linux 6.4; one is called after another thread of the guest. */
static void adds_up_vhost_workers_of_the_kernel(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 300, "db", 6);
  /* No file of a worker is kept open: one descriptor is for the guests. */
  struct vr_host *h = reader_new(&t, 1);
  vr_host_read(h);
  worker_start(&t, 150, "vhost-100", KTHREAD, 7, "4000 300 9");
  worker_start(&t, 151, "vhost-101", KTHREAD, 8, "500 20 9");
  worker_start(&t, 152, "vhost-1000", KTHREAD, 8, "7777777 7777 9");
  worker_start(&t, 153, "vhost-", KTHREAD, 8, "7777777 7777 9");
  /* Older than the guest: its number was another's. */
  worker_start(&t, 154, "vhost-300", KTHREAD, 5, "7777777 7777 9");
  /* Anybody may call his process that. */
  worker_start(&t, 155, "vhost-100", 0x400000, 8, "7777777 7777 9");
  /* Looked at before it has got its name. */
  worker_start(&t, 156, "kthreadd", KTHREAD, 8, "60 6 9");
  vr_host_read(h);
  worker_start(&t, 156, "vhost-100", KTHREAD, 8, "60 6 9");
  vr_host_read(h);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_vhost);
  assert_int_equal(s->vhost.run_ns, 4560);
  assert_int_equal(s->vhost.wait_ns, 326);
  assert_false(guest_named(h, "db")->have_vhost);
  worker_start(&t, 150, "vhost-100", KTHREAD, 7, "4100 310 9");
  tree_remove(&t, "151");
  vr_host_read(h);
  assert_int_equal(s->vhost.run_ns, 4660);
  assert_int_equal(s->vhost.wait_ns, 336);
  /* The same number, but another worker's; then one whose guest has gone. */
  worker_start(&t, 150, "vhost-100", KTHREAD, 70, "30 1 1");
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vhost.run_ns, 4690);
  tree_remove(&t, "100");
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_false(guest_named(h, "db")->have_vhost);
  vr_host_free(h);
  tree_free(&t);
}

/* Since Linux 6.4 they are threads of the guest's process, but not its own. */
static void finds_vhost_workers_among_threads(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_run(&t, 100, 5, 1);
  tree_write(&t, "100/task/150/comm", "vhost-100\n");
  tree_write(&t, "100/task/150/schedstat", "4000 300 9\n");
  tree_write(&t, "100/task/151/comm", "vhost-web\n");
  tree_write(&t, "100/task/151/schedstat", "10 0 9\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_vhost);
  assert_int_equal(s->vhost.run_ns, 4000);
  assert_int_equal(s->vhost.wait_ns, 300);
  assert_int_equal(s->emulator.sched.run_ns, S + 10);
  tree_write(&t, "100/task/150/schedstat", "4500 310 9\n");
  vr_host_read(h);
  assert_int_equal(s->vhost.run_ns, 4500);
  assert_int_equal(s->emulator.sched.run_ns, S + 10);
  vr_host_free(h);
  tree_free(&t);
}

static bool kvm_is(const struct vr_vmproc_sample *s, enum vr_kvm_stat which,
                   uint64_t value) {
  return s->have_kvm && s->kvm.have[which] && s->kvm.value[which] == value;
}

/* Names and form are those of the kernel's documentation (virt/kvm/api.rst,
 * KVM_GET_STATS_FD) and of a directory seen on Linux 6.18, whose files could
 * not be read there. */
static void reads_what_kvm_counts_in_debugfs(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "tcg", 6);
  tree_link(&t, "100/fd/9", "anon_inode:kvm-vm");
  tree_write(&t, "kernel/debug/kvm/exits", "999\n"); /* the machine's */
  tree_write(&t, "kernel/debug/kvm/1000-9/exits", "888\n");
  tree_write(&t, "kernel/debug/kvm/200-9/exits", "777\n");
  tree_write(&t, "kernel/debug/kvm/100-9/exits", "5000\n");
  tree_write(&t, "kernel/debug/kvm/100-9/halt_wait_ns", "1673237151\n");
  tree_write(&t, "kernel/debug/kvm/100-9/guest_mode", "0\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_int_equal(s->accelerator, VR_ACCEL_KVM);
  assert_true(kvm_is(s, VR_KVM_exits, 5000));
  assert_true(kvm_is(s, VR_KVM_halt_wait_ns, 1673237151));
  assert_false(s->kvm.have[VR_KVM_io_exits]);
  assert_false(guest_named(h, "tcg")->have_kvm);
  tree_write(&t, "kernel/debug/kvm/100-9/exits", "5001\n");
  vr_host_read(h);
  assert_true(kvm_is(s, VR_KVM_exits, 5001));
  int fds = vr_host_fds(h);
  tree_remove(&t, "200");
  tree_write(&t, "100/stat", "100 (q) Z");
  vr_host_read(h);
  assert_true(vr_host_fds(h) < fds - 2);
  vr_host_free(h);
  tree_free(&t);
}

#define NET_DEV_HEADING                                                        \
  "Inter-|   Receive                |  Transmit\n"                             \
  " face |bytes packets errs drop fifo frame compressed multicast|bytes\n"

/* A device that a guest may hold, played by /dev/null (1:3). */
static void hold_macvtap(const struct tree *t, const char *link,
                         const char *device) {
  char target[192];
  tree_link(t, device, "/dev/null");
  snprintf(target, sizeof(target), "%s/%s", t->path, device);
  tree_link(t, link, target);
}

/* As on Linux 6.18: class/macvtap/tapN/device leads to the interface. */
static void show_macvtap(const struct tree *t, const char *sys, int index,
                         const char *name, const char *device) {
  char path[96], target[96];
  snprintf(path, sizeof(path), "%sclass/macvtap/tap%d/dev", sys, index);
  tree_write(t, path, "%s\n", device);
  snprintf(path, sizeof(path), "%sclass/macvtap/tap%d/device", sys, index);
  snprintf(target, sizeof(target), "../../../%s", name);
  tree_link(t, path, target);
}

/* What a macvtap received went to the guest: as a tap counts that is tx. */
static void counts_a_macvtap_as_a_tap(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  tree_write(&t, "net/dev",
             NET_DEV_HEADING "  mvt0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                             "  eth0: 77 7 0 0 0 0 0 0 77 7 0 0 0 0 0 0\n");
  hold_macvtap(&t, "100/fd/30", "dev/tap5");
  show_macvtap(&t, "", 5, "mvt0", "1:3");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 2000);
  assert_int_equal(s->tap.tx_bytes, 1000);
  assert_int_equal(s->tap.rx_packets, 20);
  assert_int_equal(s->tap.tx_packets, 10);
  vr_host_free(h);
  tree_free(&t);
}

/* Numbers of interfaces begin anew in each network namespace: tap5 here is not
 * the device that the guest holds, tap5 there is. */
static void distinguishes_macvtaps_of_namespaces(void **state) {
  (void)state;
  struct tree t = tree_new();
  tree_write(&t, "self/ns/net", "x");
  tree_write(&t, "net/dev",
             NET_DEV_HEADING "  mvt0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                             "  mvt1: 7777 7 0 0 0 0 0 0 7777 7 0 0 0 0 0 0\n");
  guest_start(&t, 100, "web", 5);
  tree_write(&t, "100/ns/net", "x");
  tree_write(&t, "100/net/dev",
             NET_DEV_HEADING
             "  mvt1: 3000 30 0 0 0 0 0 0 4000 40 0 0 0 0 0 0\n");
  hold_macvtap(&t, "100/fd/30", "dev/tap5");
  show_macvtap(&t, "", 5, "mvt0", "246:1");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_false(guest_named(h, "web")->have_tap);
  show_macvtap(&t, "100/root/sys/", 5, "mvt1", "1:3");
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 4000);
  assert_int_equal(s->tap.tx_bytes, 3000);
  vr_host_free(h);
  tree_free(&t);
}

static void hold_tap(const struct tree *t, int fd, const char *name) {
  char path[64];
  snprintf(path, sizeof(path), "100/fd/%d", fd);
  tree_link(t, path, "/dev/net/tun");
  snprintf(path, sizeof(path), "100/fdinfo/%d", fd);
  tree_write(t, path, "pos:\t0\niff:\t%s\n", name);
}

/* A tap of any name may be made in a namespace, which is then left: the host's
 * own interface of that name is not the guest's. */
static void takes_no_other_interface_for_a_tap(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  tree_write(&t, "net/dev",
             NET_DEV_HEADING
             "  eth0: 77 7 0 0 0 0 0 0 77 7 0 0 0 0 0 0\n"
             "  tap0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  tree_write(&t, "class/net/eth0/mtu", "1500\n");
  tree_write(&t, "class/net/tap0/tun_flags", "0x1002\n");
  hold_tap(&t, 20, "tap0");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_true(guest_named(h, "web")->have_tap);
  hold_tap(&t, 21, "eth0");
  vr_host_read(h);
  assert_false(guest_named(h, "web")->have_tap);
  vr_host_free(h);
  tree_free(&t);
}

/* A pipe in the place of a file of /sys in the guest's own file tree. */
static void waits_for_no_pipe_of_a_macvtap(void **state) {
  (void)state;
  struct tree t = tree_new();
  char path[128];
  guest_start(&t, 100, "web", 5);
  hold_macvtap(&t, "100/fd/30", "dev/tap5");
  show_macvtap(&t, "100/root/sys/", 5, "mvt1", "1:3");
  snprintf(path, sizeof(path), "%s/100/root/sys/class/macvtap/tap5/dev",
           t.path);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0666), 0);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_non_null(guest_named(h, "web"));
  assert_false(guest_named(h, "web")->have_tap);
  vr_host_free(h);
  tree_free(&t);
}

static void let_go_of_tap(const struct tree *t, int fd) {
  char path[64];
  snprintf(path, sizeof(path), "100/fd/%d", fd);
  tree_remove(t, path);
}

/* What each has received and sent; "" leaves it out. */
static void read_interfaces(const struct tree *t, struct vr_host *h,
                            const char *lines) {
  tree_write(t, "net/dev", NET_DEV_HEADING "%s", lines);
  vr_host_read(h);
}

#define TAP0 "  tap0: 5000000000 50 0 0 0 0 0 0 7000000000 70 0 0 0 0 0 0\n"

/* The sum grows by what each interface does while it is the guest's. */
static void a_tap_that_comes_or_goes_makes_no_jump(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  hold_tap(&t, 20, "tap0");
  hold_tap(&t, 21, "tap1");
  struct vr_host *h = reader_new(&t, 100);
  read_interfaces(&t, h,
                  TAP0 "  tap1: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 5000001000);
  /* Taken into another namespace: the rest is not all of its network. */
  read_interfaces(&t, h, "  tap1: 1100 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  assert_false(s->have_tap);
  read_interfaces(&t, h,
                  TAP0 "  tap1: 1300 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 5000001300);
  assert_int_equal(s->tap.tx_bytes, 7000002000);
  /* Unplugged: known again once the guest does not hold it any more. */
  let_go_of_tap(&t, 20);
  for (int i = 0; i < 2; i++)
    read_interfaces(&t, h, "  tap1: 1400 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 5000001400);
  /* One that has a life behind it. */
  hold_tap(&t, 22, "tap2");
  for (int i = 0; i < 40; i++)
    read_interfaces(&t, h,
                    "  tap1: 1400 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                    "  tap2: 900000 9 0 0 0 0 0 0 800000 8 0 0 0 0 0 0\n");
  assert_int_equal(s->tap.rx_bytes, 5000001400);
  read_interfaces(&t, h,
                  "  tap1: 1400 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                  "  tap2: 900005 9 0 0 0 0 0 0 800000 8 0 0 0 0 0 0\n");
  assert_int_equal(s->tap.rx_bytes, 5000001405);
  vr_host_free(h);
  tree_free(&t);
}

static bool known_with_taps(int n) {
  static char lines[16384];
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  size_t at = 0;
  for (int i = 0; i < n; i++) {
    char name[16];
    snprintf(name, sizeof(name), "tap%d", i);
    hold_tap(&t, 20 + i, name);
    at += (size_t)snprintf(lines + at, sizeof(lines) - at,
                           "  %s: 1 1 0 0 0 0 0 0 2 2 0 0 0 0 0 0\n", name);
  }
  struct vr_host *h = reader_new(&t, 100);
  read_interfaces(&t, h, lines);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  bool known = s->have_tap;
  assert_true(!known || s->tap.tx_bytes == 2 * (uint64_t)n);
  vr_host_free(h);
  tree_free(&t);
  return known;
}

static void more_taps_than_it_holds_are_not_all(void **state) {
  (void)state;
  assert_true(known_with_taps(64));
  assert_false(known_with_taps(65));
}

static bool tap_known_with(const char *link, const char *class_file,
                           const char *class) {
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  tree_write(&t, "net/dev",
             NET_DEV_HEADING
             "  tap0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  tree_link(&t, "100/fd/20", "/dev/net/tun");
  tree_write(&t, "100/fdinfo/20", "pos:\t0\niff:\ttap0\n");
  tree_link(&t, "100/fd/31", link);
  tree_write(&t, class_file, "%s\n", class);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  bool known = guest_named(h, "web")->have_tap;
  vr_host_free(h);
  tree_free(&t);
  return known;
}

/* The form is that of the kernel's vfio.rst; no such device was at hand. */
static void a_passed_through_card_makes_the_taps_a_part(void **state) {
  (void)state;
  static const char group[] =
      "kernel/iommu_groups/26/devices/0000:06:0d.0/class";
  static const char device[] = "class/vfio-dev/vfio0/device/class";
  assert_true(tap_known_with("/dev/vfio/vfio", group, "0x020000"));
  assert_true(tap_known_with("/dev/vfio/26", group, "0x030000"));
  assert_false(tap_known_with("/dev/vfio/26", group, "0x020000"));
  assert_true(tap_known_with("/dev/vfio/devices/vfio0", device, "0x010802"));
  assert_false(tap_known_with("/dev/vfio/devices/vfio0", device, "0x028000"));
}

static void stops_when_a_guest_ends(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  /* What is left of a process that ended is a zombie, or nothing. */
  tree_write(&t, "100/stat",
             "100 (q) Z 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 3 0 5 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_non_null(guest_named(h, "db"));
  /* One line says so. */
  assert_int_equal(info_count(), 1);
  assert_string_equal(log_last, "guest web has ended (process 100)");
  for (int i = 0; i < 100; i++)
    vr_host_read(h);
  assert_int_equal(info_count(), 0);
  assert_int_equal(log_count(), 0);
  tree_remove(&t, "200");
  vr_host_read(h);
  /* Files of a made-up tree can still be read when they are gone; one that is
   * opened anew can not. */
  vr_host_free(h);
  h = reader_new(&t, 0);
  vr_host_read(h);
  assert_null(guest_named(h, "db"));
  vr_host_free(h);
  tree_free(&t);
}

/* The same number, another process: nothing of the old guest is left. */
static void notices_a_reused_number(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "old", 5);
  guest_run(&t, 100, 5, 9);
  struct vr_host *h = reader_new(&t, 1);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "old")->vcpu.sched.run_ns, 45 * S);
  guest_start(&t, 100, "new", 77);
  guest_run(&t, 100, 77, 1);
  vr_host_read(h);
  assert_null(guest_named(h, "old"));
  vr_host_read(h);
  assert_null(guest_named(h, "old"));
  assert_non_null(guest_named(h, "new"));
  assert_int_equal(guest_named(h, "new")->vcpu.sched.run_ns, 5 * S);
  vr_host_free(h);
  tree_free(&t);
}

static void ignores_who_is_not_trusted(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "web", 6);
  guest_owner(&t, 200, 1000, 1000, 1);
  guest_start(&t, 300, "web", 6);
  guest_owner(&t, 300, 1000, 0, 1); /* set-uid */
  struct vr_host *h = reader_new(&t, 100);
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_int_equal(guest_named(h, "web")->pid, 100);
  /* One line for all of a user's. */
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "of user 1000 "));
  for (int i = 0; i < 100; i++) {
    guest_start(&t, 1000 + 10 * i, "web", 7);
    guest_owner(&t, 1000 + 10 * i, 2000 + i, 0, 1);
    vr_host_read(h);
  }
  /* Somebody may have very many users. */
  assert_in_range(log_count(), 10, 20);
  vr_host_free(h);
  tree_free(&t);
}

/* Without uuids they are known as long as they run. */
static void keeps_twins_apart(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->pid, 100);
  log_count();
  guest_start(&t, 200, "web", 6);
  guest_run(&t, 200, 6, 1);
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_int_equal(guest_named(h, "web-100")->pid, 100);
  assert_int_equal(guest_named(h, "web-200")->pid, 200);
  assert_int_equal(log_count(), 2);
  /* The younger keeps its name when the elder ends. */
  tree_write(&t, "100/stat", "100 (q) X 1\n");
  vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_int_equal(guest_named(h, "web-200")->pid, 200);
  vr_host_free(h);
  tree_free(&t);
}

/* What a command line says may lead out of a writer's directory. */
static void twins_with_strange_uuids(void **state) {
  (void)state;
  static const char *const uuids[] = {"../../y", "c480f677-d5ac-44f1-b585-bfa8",
                                      "c480f677/d5ac-44f1-b585-bfa84ecfd130",
                                      "------------------------------------"};
  for (size_t i = 0; i < sizeof(uuids) / sizeof(uuids[0]); i++) {
    struct tree t = tree_new();
    char args[256];
    guest_start(&t, 100, "uuu", 5);
    guest_start(&t, 200, "uuu", 6);
    snprintf(args, sizeof(args), "qemu-system-x86_64\n-name\nuuu\n-uuid\n%s\n",
             uuids[i]);
    tree_args(&t, "200/cmdline", args);
    struct vr_host *h = reader_new(&t, 100);
    vr_host_read(h);
    assert_non_null(guest_named(h, "uuu-200"));
    assert_string_equal(guest_named(h, "uuu-200")->vm->uuid, "");
    vr_host_free(h);
    tree_free(&t);
  }
}

static void takes_names_of_all_kinds(void **state) {
  (void)state;
  struct tree t = tree_new();
  char raw[340] = "guest=", long_a[320], long_b[320];
  memset(long_a, 'n', 300);
  strcpy(long_a + 300, "A");
  memset(long_b, 'n', 300);
  strcpy(long_b + 300, "B");
  guest_start(&t, 100, "guest=a/b", 1);
  guest_start(&t, 110, "guest=my-web server", 1);
  guest_start(&t, 120, "guest=gr\xc3\xbc\xc3\x9f", 1);
  strcpy(raw + 6, long_a);
  guest_start(&t, 130, raw, 1);
  strcpy(raw + 6, long_b);
  guest_start(&t, 140, raw, 1);
  struct vr_host *h = reader_new(&t, 200);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 5);
  assert_non_null(guest_named(h, "a_b"));
  assert_non_null(guest_named(h, "my-web server"));
  assert_non_null(guest_named(h, "gr\xc3\xbc\xc3\x9f"));
  strcpy(long_a + 100, "-130");
  assert_int_equal(guest_named(h, long_a)->pid, 130);
  strcpy(long_a + 100, "-140");
  assert_int_equal(guest_named(h, long_a)->pid, 140);
  vr_host_free(h);
  tree_free(&t);
}

/* However few files may stay open, the numbers are the same. */
static void needs_no_budget(void **state) {
  (void)state;
  static const int budgets[] = {1, 4, 7, 1000};
  for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
    struct tree t = tree_new();
    guest_start(&t, 100, "web", 5);
    guest_start(&t, 200, "db", 6);
    struct vr_host *h = reader_new(&t, budgets[i]);
    for (int round = 1; round <= 5; round++) {
      guest_run(&t, 100, 5, round);
      guest_run(&t, 200, 6, 2 * round);
      vr_host_read(h);
      assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, 5 * S * round);
      assert_int_equal(guest_named(h, "web")->vcpu.minflt, 500 * round);
      assert_int_equal(guest_named(h, "db")->emulator.switches.involuntary,
                       6 * round);
      assert_in_range(vr_host_fds(h), 0, budgets[i]);
    }
    assert_int_equal(log_count(), 0);
    vr_host_free(h);
    tree_free(&t);
  }
}

/* Absent, not zero, and said once. */
static void does_without_what_it_cannot_read(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  tree_remove(&t, "100/io");
  tree_remove(&t, "100/statm");
  tree_remove(&t, "100/task/101/status");
  tree_write(&t, "100/task/102/stat", "nonsense");
  struct vr_host *h = reader_new(&t, 100);
  for (int i = 1; i < 20; i++) {
    guest_run(&t, 200, 6, i);
    vr_host_read(h);
  }
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_false(s->have_io);
  assert_false(s->have_resident);
  assert_true(guest_named(h, "db")->have_io);
  assert_int_equal(guest_named(h, "db")->vcpu.sched.run_ns, 5 * S * 19);
  assert_int_equal(log_count(), 0);
  vr_host_free(h);
  tree_free(&t);
}

static uint64_t run_after_going_back(int fd_budget) {
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_run(&t, 100, 5, 4);
  struct vr_host *h = reader_new(&t, fd_budget);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, 20 * S);
  guest_run(&t, 100, 5, 1);
  vr_host_read(h);
  uint64_t back = guest_named(h, "web")->vcpu.sched.run_ns;
  guest_run(&t, 100, 5, 2);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, back + 5 * S);
  vr_host_free(h);
  tree_free(&t);
  return back;
}

/* A file that is opened anew may be another thread's, which began at zero; one
 * that was kept open cannot: the counter itself is wrong. */
static void takes_a_counter_that_goes_back(void **state) {
  (void)state;
  assert_int_equal(run_after_going_back(1), 25 * S);
  assert_int_equal(run_after_going_back(100), 20 * S);
}

/* Without CONFIG_SCHED_INFO a kernel prints three zeros. */
static void does_without_times_of_threads(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  struct vr_host *h = reader_new(&t, 100);
  for (int i = 1; i < 4; i++) {
    guest_run(&t, 100, 5, i);
    for (int tid = 100; tid < 103; tid++) {
      char path[64];
      snprintf(path, sizeof(path), "100/task/%d/schedstat", tid);
      tree_write(&t, path, "0 0 0\n");
    }
    vr_host_read(h);
    const struct vr_vmproc_sample *s = guest_named(h, "web");
    assert_false(s->vcpu.have_sched);
    assert_true(s->vcpu.have_switches);
    assert_int_equal(s->vcpu.switches.voluntary, 14 * i);
    assert_int_equal(s->vcpu.minflt, 500 * i);
  }
  vr_host_free(h);
  tree_free(&t);
}

/* How much longer its first vCPU was put aside, when it has waited NS in all
 * and has given its CPU away so often. */
static uint64_t put_aside(const struct tree *t, struct vr_host *h, int ns,
                          int voluntary, int involuntary) {
  static int slices;
  uint64_t before = guest_named(h, "web")->vcpu.preempted_ns;
  tree_write(t, "100/task/101/schedstat", "0 %d %d\n", ns, 1000 + ++slices);
  tree_write(t, "100/task/101/status",
             "Name:\tx\nvoluntary_ctxt_switches:\t%d\n"
             "nonvoluntary_ctxt_switches:\t%d\n",
             voluntary, involuntary);
  vr_host_read(h);
  return guest_named(h, "web")->vcpu.preempted_ns - before;
}

/* Of each wait the part that follows from what came since the one before. */
static void distinguishes_preempted_from_woken(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  put_aside(&t, h, 1000, 40, 10);
  assert_int_equal(put_aside(&t, h, 1100, 43, 11), 25);
  assert_int_equal(put_aside(&t, h, 1200, 53, 11), 0);
  assert_int_equal(put_aside(&t, h, 1300, 53, 21), 100);
  /* It went on waiting: the scheduler has not been asked in between. */
  assert_int_equal(put_aside(&t, h, 1340, 53, 21), 40);
  /* Switches without a wait belong to the wait that comes. */
  assert_int_equal(put_aside(&t, h, 1340, 58, 21), 0);
  assert_int_equal(put_aside(&t, h, 1400, 58, 26), 30);
  vr_host_free(h);
  tree_free(&t);
}

static uint64_t run_and_read(const struct tree *t, struct vr_host *h,
                             const char *sched) {
  tree_write(t, "100/task/101/schedstat", "%s\n", sched);
  vr_host_read(h);
  return guest_named(h, "web")->vcpu.sched.run_ns;
}

/* At 2^64 a counter begins anew: from 2^64 - 10 to 5 it went on by 15. */
static void takes_a_counter_past_its_largest_value(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  guest_run(&t, 200, 6, 1);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  run_and_read(&t, h, "9223372036854775000 0 1");
  uint64_t high = run_and_read(&t, h, "18446744073709551606 0 2");
  assert_int_equal(run_and_read(&t, h, "5 0 3") - high, 15);
  assert_int_equal(run_and_read(&t, h, "105 0 4") - high, 115);
  /* And then back, in the same file: it goes on from there. */
  assert_int_equal(run_and_read(&t, h, "7 0 1") - high, 115);
  assert_int_equal(run_and_read(&t, h, "9 0 2") - high, 117);
  tree_write(&t, "100/io",
             "syscr: 1\nsyscw: 1\nread_bytes: 18446744073709551615\n"
             "write_bytes: 5\n");
  vr_host_read(h);
  assert_true(guest_named(h, "web")->io.read_bytes == UINT64_MAX);
  assert_int_equal(guest_named(h, "db")->vcpu.sched.run_ns, 5 * S);
  assert_int_equal(log_count(), 0);
  vr_host_free(h);
  tree_free(&t);
}

static void waits_for_threads_to_get_names(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_run(&t, 100, 5, 3);
  tree_write(&t, "100/task/101/comm", "qemu-system-x86\n");
  tree_write(&t, "100/task/102/comm", "qemu-system-x86\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  /* Absent rather than wrong. */
  assert_false(guest_named(h, "web")->have_threads);
  tree_write(&t, "100/task/101/comm", "CPU 0/KVM\n");
  tree_write(&t, "100/task/102/comm", "CPU 1/KVM\n");
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_threads);
  assert_int_equal(s->vcpu.sched.run_ns, 15 * S);
  assert_int_equal(s->emulator.sched.run_ns, 3 * S);
  assert_int_equal(s->emulator.switches.voluntary, 21);
  assert_int_equal(s->accelerator, VR_ACCEL_KVM);
  vr_host_free(h);
  tree_free(&t);
}

/* KVM without thread names: the kernel counts the time that a thread was in a
 * guest (field 43 of stat), and only vCPU threads have some. */
static void finds_vcpus_of_kvm_by_guest_time(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_run(&t, 100, 5, 1);
  tree_args(&t, "100/cmdline", "qemu-system-x86_64\n-name\nweb\n-enable-kvm\n");
  tree_write(&t, "100/task/101/comm", "qemu-system-x86\n");
  tree_write(&t, "100/task/102/comm", "qemu-system-x86\n");
  tree_write(&t, "100/task/101/stat",
             "101 (q) S 1 1 1 0 -1 0 200 0 20 0 1 1 0 0 20 0 3 0 5 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 0 17 0 0 0 0 77 0\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_int_equal(s->accelerator, VR_ACCEL_KVM);
  assert_true(s->have_threads);
  assert_int_equal(s->vcpu.sched.run_ns, 2 * S);
  assert_int_equal(s->emulator.sched.run_ns, 4 * S);
  vr_host_free(h);
  tree_free(&t);
}

/* Whoever was listed first. */
static void none_of_twins_has_the_plain_name(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 500, "web", 9000);
  guest_start(&t, 30000, "web", 80);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web-30000")->pid, 30000);
  assert_int_equal(guest_named(h, "web-500")->pid, 500);
  vr_host_free(h);
  tree_free(&t);
}

/* The kernel names a process after the program that it executes. */
static void forgets_a_guest_that_executes_another_program(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  tree_remove(&t, "100/cmdline");
  tree_args(&t, "100/cmdline", "sleep\n1000\n");
  tree_write(&t, "100/stat",
             "100 (sleep) S 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 3 0 5 0 0 0 0 "
             "0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_non_null(guest_named(h, "db"));
  /* And one that becomes another guest. */
  guest_start(&t, 200, "other", 6);
  tree_write(&t, "200/stat",
             "200 (qemu-kvm) S 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 3 0 6 0 0 "
             "0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  vr_host_read(h);
  assert_null(guest_named(h, "db"));
  assert_int_equal(guest_named(h, "other")->pid, 200);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  vr_host_free(h);
  tree_free(&t);
}

/* A VMM's helper looks like it until it has executed its own program. */
static void does_not_count_children_of_guests(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "web", 6);
  guest_owner(&t, 200, 0, 0, 100);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  vr_host_free(h);
  tree_free(&t);
}

/* A VMM that puts itself into the background goes on in a child, which
 * looks like the guest's helper until the guest ends. */
static void finds_who_goes_into_the_background(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  for (int pid = 1000; pid < 1040; pid++) {
    char path[32];
    snprintf(path, sizeof(path), "%d/cmdline", pid);
    tree_args(&t, path, "sleep\n1\n");
    guest_owner(&t, pid, 0, 0, 1);
  }
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  guest_start(&t, 110, "web", 6);
  guest_owner(&t, 110, 0, 0, 100);
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  tree_write(&t, "100/stat", "100 (q) X 1\n");
  guest_owner(&t, 110, 0, 0, 1);
  vr_host_read(h);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_int_equal(guest_named(h, "web")->pid, 110);
  vr_host_free(h);
  tree_free(&t);
}

/* bash executes QEMU an hour after it was started. */
static void finds_who_executes_late(void **state) {
  (void)state;
  struct tree t = tree_new();
  tree_args(&t, "50/cmdline", "bash\n");
  guest_owner(&t, 50, 0, 0, 1);
  for (int pid = 1000; pid < 1020; pid++) {
    char path[32];
    snprintf(path, sizeof(path), "%d/cmdline", pid);
    tree_args(&t, path, "sleep\n1\n");
    guest_owner(&t, pid, 0, 0, 1);
  }
  struct vr_host *h = reader_new(&t, 100);
  for (int i = 0; i < 100; i++)
    vr_host_read(h);
  guest_start(&t, 50, "late", 5);
  /* 21 processes, two of them looked at in an interval. */
  for (int i = 0; i < 11; i++)
    vr_host_read(h);
  assert_non_null(guest_named(h, "late"));
  vr_host_free(h);
  tree_free(&t);
}

static void lets_500_guests_come_and_go(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_host *h = reader_new(&t, 200);
  char name[32];
  guest_start(&t, 10, "stays", 1);
  for (int i = 0; i < 500; i++) {
    int pid = 1000 + 10 * i;
    snprintf(name, sizeof(name), "g%d", i);
    guest_start(&t, pid, name, i);
    guest_run(&t, 10, 1, i);
    vr_host_read(h);
    assert_non_null(guest_named(h, name));
    assert_int_equal(guest_named(h, "stays")->vcpu.sched.run_ns, 5 * S * i);
    snprintf(name, sizeof(name), "%d/stat", pid);
    tree_write(&t, name, "%d (q) X 1\n", pid);
    vr_host_read(h);
    assert_int_equal(vr_host_vmproc_count(h), 1);
    snprintf(name, sizeof(name), "%d", pid);
    tree_remove(&t, name);
  }
  assert_int_equal(log_count(), 0);
  /* Some ends are said one by one, the rest of them is counted. */
  assert_in_range(info_count(), 20, 250);
  assert_in_range(vr_host_fds(h), 0, 30);
  vr_host_free(h);
  tree_free(&t);
}

static bool wants_db(void *ctx, const struct vr_vm *vm) {
  (void)ctx;
  return strcmp(vm->name, "db") == 0;
}

static void reads_only_what_is_selected(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_host_options options;
  struct vr_host *h;
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  vr_host_options_default(&options);
  options.proc_path = t.path;
  options.select = wants_db;
  options.qmp = false;
  assert_int_equal(vr_host_new(&options, &h), 0);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_non_null(guest_named(h, "db"));
  vr_host_free(h);
  tree_free(&t);
}

static void takes_names_from_the_configuration(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_host_options options;
  struct vr_host *h;
  char pidfile[128], message[64];
  guest_start(&t, 100, "x", 5);
  guest_start(&t, 200, "y", 6);
  tree_args(&t, "100/cmdline", "/opt/my-monitor\n--disk\n/srv/web.img\n");
  tree_args(&t, "200/cmdline", "/opt/other\n");
  tree_write(&t, "db.pid", "200\n");
  vr_host_options_default(&options);
  options.proc_path = t.path;
  options.qmp = false;
  snprintf(pidfile, sizeof(pidfile), "%s/db.pid", t.path);
  assert_int_equal(vr_custom_new(&options.custom), 0);
  assert_int_equal(vr_custom_add_match(options.custom, "web",
                                       "/my-monitor --disk .*web/", message,
                                       sizeof(message)),
                   0);
  assert_true(vr_custom_add_match(options.custom, "bad", "/(/", message,
                                  sizeof(message)) < 0);
  assert_int_equal(vr_custom_add_pidfile(options.custom, "db", pidfile), 0);
  assert_int_equal(vr_host_new(&options, &h), 0);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->pid, 100);
  assert_true(guest_named(h, "web")->have_threads);
  assert_int_equal(guest_named(h, "db")->pid, 200);
  vr_host_free(h);
  vr_custom_free(options.custom);
  tree_free(&t);
}

/* A pid file outlives its process, and the number is given out again. */
static void takes_nobody_for_who_wrote_a_pid_file(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_host_options options;
  struct vr_host *h;
  char pidfile[128];
  const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
  guest_start(&t, 100, "x", 5);
  tree_args(&t, "100/cmdline", "/opt/other\n");
  tree_write(&t, "db.pid", "100\n");
  snprintf(pidfile, sizeof(pidfile), "%s/db.pid", t.path);
  reader_options(&t, 100, &options);
  assert_int_equal(vr_custom_new(&options.custom), 0);
  assert_int_equal(vr_custom_add_pidfile(options.custom, "db", pidfile), 0);
  assert_int_equal(utimensat(AT_FDCWD, pidfile, long_ago, 0), 0);
  assert_int_equal(vr_host_new(&options, &h), 0);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 0);
  assert_int_equal(utimensat(AT_FDCWD, pidfile, NULL, 0), 0);
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_non_null(guest_named(h, "db"));
  vr_host_free(h);
  vr_custom_free(options.custom);
  tree_free(&t);
}

/* Files of which nobody reads a series are not opened, unless they are asked
 * for. */
static void reads_of_a_group_what_is_needed(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_host_options options;
  struct vr_host *h;
  guest_start(&t, 100, "web", 5);
  tree_write(&t, "100/cgroup", "0::/vms/web\n");
  tree_write(&t, "fs/cgroup/vms/web/memory.current", "4096\n");
  tree_write(&t, "fs/cgroup/vms/web/io.pressure",
             "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
  for (int extra = 0; extra < 2; extra++) {
    reader_options(&t, 100, &options);
    options.extra = extra ? VR_CGROUP : VR_EVERY_GROUP & ~VR_CGROUP;
    assert_int_equal(vr_host_new(&options, &h), 0);
    vr_host_read(h);
    const struct vr_cgroup_sample *c = &guest_named(h, "web")->cgroup;
    assert_true(c->have_io_pressure);
    assert_int_equal(c->io_pressure_ns, 7000);
    assert_int_equal(c->have_memory, extra);
    vr_host_free(h);
  }
  tree_free(&t);
}

/* libvirt puts the process below the scope; the scope is the guest. */
static void reads_a_group_of_its_own(void **state) {
  (void)state;
  struct tree t = tree_new();
  const char *scope =
      "fs/cgroup/machine.slice/machine-qemu\\x2d1\\x2dweb.scope";
  char path[160];
  guest_start(&t, 100, "web", 5);
  tree_write(
      &t, "100/cgroup",
      "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator\n");
  snprintf(path, sizeof(path), "%s/cpu.stat", scope);
  tree_write(
      &t, path,
      "usage_usec 1000\nuser_usec 1\nnr_throttled 7\nthrottled_usec 20\n");
  snprintf(path, sizeof(path), "%s/memory.current", scope);
  tree_write(&t, path, "268435456\n");
  snprintf(path, sizeof(path), "%s/io.stat", scope);
  tree_write(&t, path,
             "7:0 rbytes=9 wbytes=9 rios=9 wios=9 dbytes=0 dios=0\n"
             "8:0 rbytes=100 wbytes=200 rios=3 wios=4 dbytes=0 dios=0\n"
             "253:0 rbytes=70 wbytes=90 rios=2 wios=2 dbytes=0 dios=0\n"
             "259:1\n"
             "259:0 rbytes=1000 wbytes=2000 rios=30 wios=40 dbytes=0 dios=0\n");
  /* LVM, LUKS and multipath are the device mapper's: the disks below count. */
  tree_write(&t, "dev/block/253:0/dm/name", "vg-lv\n");
  snprintf(path, sizeof(path), "%s/cpu.pressure", scope);
  tree_write(&t, path,
             "some avg10=1.60 avg60=11.96 avg300=8.41 total=43\n"
             "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  const struct vr_cgroup_sample *c = &guest_named(h, "web")->cgroup;
  assert_true(c->have_cpu && c->have_throttled && c->have_memory && c->have_io);
  assert_int_equal(c->usage_ns, 1000000);
  assert_int_equal(c->throttled_ns, 20000);
  assert_int_equal(c->memory, 268435456);
  assert_int_equal(c->read_bytes, 1100);
  assert_int_equal(c->write_bytes, 2200);
  assert_int_equal(c->read_ops, 33);
  assert_int_equal(c->write_ops, 44);
  assert_true(c->have_cpu_pressure);
  assert_int_equal(c->cpu_pressure_ns, 43000);
  assert_false(c->have_io_pressure);
  /* A disk that is taken out, one that is used for the first time. */
  snprintf(path, sizeof(path), "%s/io.stat", scope);
  tree_write(&t, path,
             "8:0 rbytes=150 wbytes=200 rios=3 wios=4 dbytes=0 dios=0\n"
             "8:16 rbytes=7 wbytes=200 rios=3 wios=4 dbytes=0 dios=0\n");
  vr_host_read(h);
  assert_int_equal(c->read_bytes, 1157);
  vr_host_free(h);
  tree_free(&t);
}

static void does_not_read_a_shared_group(void **state) {
  (void)state;
  char path[128];
  assert_false(vr_cgroup_path("0::/user.slice/session-1.scope\n", "web", "",
                              path, sizeof(path)));
  assert_false(
      vr_cgroup_path("4:memory:/web\n0::/\n", "web", "", path, sizeof(path)));
  assert_false(vr_cgroup_path("", "web", "", path, sizeof(path)));
  assert_false(
      vr_cgroup_path("0::/a.slice/100.scope\n", "x", "", path, sizeof(path)));
  assert_true(vr_cgroup_path("1:cpu:/\n0::/qemu.slice/100.scope\n", "x", "",
                             path, sizeof(path)));
  assert_string_equal(path, "qemu.slice/100.scope");
  assert_true(
      vr_cgroup_path("0::/firecracker/vm-7\n", "vm-7", "", path, sizeof(path)));
  assert_string_equal(path, "firecracker/vm-7");
  assert_false(vr_cgroup_path("0::/qemu.slice/100.scope\n", "x", "", path, 8));
  /* A guest may be called as a group that holds others. */
  assert_false(vr_cgroup_path("0::/user.slice/user-0.slice/session-1.scope\n",
                              "user.slice", "", path, sizeof(path)));
  assert_false(vr_cgroup_path("0::/user.slice/user-0.slice/session-1.scope\n",
                              "session-1.scope", "", path, sizeof(path)));
  assert_false(vr_cgroup_path("0::/system.slice/x.service\n", "x.service", "",
                              path, sizeof(path)));
  assert_false(
      vr_cgroup_path("0::/web/many/vms\n", "web", "", path, sizeof(path)));
  /* A container of systemd-machined's in which guests may run. */
  assert_false(vr_cgroup_path("0::/machine.slice/machine-build.scope/payload\n",
                              "x", "", path, sizeof(path)));
  assert_false(vr_cgroup_path("0::/machine.slice/machine-lxc\\x2d7.scope\n",
                              "x", "", path, sizeof(path)));
}

static void hold_file(const struct tree *t, int fd, const char *target,
                      const char *flags) {
  char path[64];
  snprintf(path, sizeof(path), "100/fd/%d", fd);
  tree_remove(t, path);
  tree_link(t, path, target);
  snprintf(path, sizeof(path), "100/fdinfo/%d", fd);
  tree_write(t, path, "pos:\t0\nflags:\t%s\nmnt_id:\t26\n", flags);
}

/* A new reader: what is open is looked at in its first readings. */
static bool reads_past_the_cache(const struct tree *t) {
  struct vr_host *h = reader_new(t, 100);
  vr_host_read(h);
  bool uncached = guest_named(h, "web")->uncached;
  vr_host_free(h);
  return uncached;
}

/* 040000 is O_DIRECT where the numbers are x86's. */
static void knows_who_reads_past_the_cache(void **state) {
  (void)state;
  struct tree t = tree_new();
  char direct[16], cached[16], log[16];
  snprintf(direct, sizeof(direct), "0%o", O_RDWR | O_DIRECT | O_CLOEXEC);
  snprintf(cached, sizeof(cached), "0%o", O_RDWR | O_CLOEXEC);
  snprintf(log, sizeof(log), "0%o", O_WRONLY | O_APPEND | O_CLOEXEC);
  guest_start(&t, 100, "web", 5);
  assert_false(reads_past_the_cache(&t)); /* no disk at all */
  hold_file(&t, 0, "/dev/null", cached);
  hold_file(&t, 1, "pipe:[7]", cached);
  hold_file(&t, 2, "/var/log/web.log", log);
  hold_file(&t, 3, "anon_inode:kvm-vm", cached);
  hold_file(&t, 4, "/var/lib/libvirt/qemu/nvram/web_VARS.fd", cached);
  assert_false(reads_past_the_cache(&t));
  hold_file(&t, 10, "/dev/dm-3", direct);
  hold_file(&t, 11, "/srv/web.qcow2", direct);
  assert_true(reads_past_the_cache(&t));
  /* One disk with the cache is enough, and one that cannot be judged. */
  hold_file(&t, 12, "/srv/iso/install.iso", cached);
  assert_false(reads_past_the_cache(&t));
  hold_file(&t, 12, "/srv/iso/install.iso", direct);
  assert_true(reads_past_the_cache(&t));
  tree_remove(&t, "100/fdinfo/11");
  assert_false(reads_past_the_cache(&t));
  tree_free(&t);
}

/* As a container with a control group namespace of its own reads it. */
static void finds_the_group_from_a_namespace(void **state) {
  (void)state;
  char path[128];
  static const char *const seen[] = {
      "0::/../machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n",
      "0::/../../machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt\n",
      "1:cpu:/x\n0::/../../../machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n",
  };
  for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
    assert_true(vr_cgroup_path(seen[i], "web", "", path, sizeof(path)));
    assert_string_equal(path, "machine.slice/machine-qemu\\x2d1\\x2dweb.scope");
  }
  assert_true(vr_cgroup_path("0::/../../qemu.slice/100.scope\n", "x", "", path,
                             sizeof(path)));
  assert_string_equal(path, "qemu.slice/100.scope");
  /* The group is above it: nothing that the guest is called finds another. */
  assert_false(vr_cgroup_path("0::/../..\n", "..", "", path, sizeof(path)));
  assert_false(vr_cgroup_path("0::/..\n", "web", "", path, sizeof(path)));
  assert_false(
      vr_cgroup_path("0::/../a/../vm\n", "vm", "", path, sizeof(path)));
}

/* Who may write a pid file could name the process of anybody. */
static struct vr_host *reader_of_pidfile(const struct tree *t, const char *path,
                                         struct vr_host_options *options) {
  struct vr_host *h = NULL;
  reader_options(t, 100, options);
  options->trusted = (struct vr_users){.count = 2, .uids = {0, 1000}};
  assert_int_equal(vr_custom_new(&options->custom), 0);
  assert_int_equal(vr_custom_add_pidfile(options->custom, "db", path), 0);
  assert_int_equal(vr_host_new(options, &h), 0);
  return h;
}

static void believes_a_pid_file_of_its_owner_only(void **state) {
  (void)state;
  if (geteuid() != 0)
    skip();
  struct tree t = tree_new();
  struct vr_host_options options;
  char path[128];
  guest_start(&t, 100, "x", 5);
  tree_args(&t, "100/cmdline", "/sbin/init\n");
  guest_start(&t, 200, "y", 6);
  tree_args(&t, "200/cmdline", "/opt/other\n");
  guest_owner(&t, 200, 1000, 1000, 1);
  tree_write(&t, "db.pid", "100\n");
  snprintf(path, sizeof(path), "%s/db.pid", t.path);
  assert_int_equal(chown(path, 1000, 1000), 0);
  struct vr_host *h = reader_of_pidfile(&t, path, &options);
  vr_host_read(h);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 0);
  tree_write(&t, "db.pid", "200\n");
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_int_equal(guest_named(h, "db")->pid, 200);
  vr_host_free(h);
  vr_custom_free(options.custom);
  tree_free(&t);
}

static void ignores_a_pid_file_that_others_may_write(void **state) {
  (void)state;
  static const struct {
    const char *path;
    mode_t mode;
  } open_ones[] = {{"db.pid", 0666}, {".", 0777}};
  for (int i = 0; i < 3; i++) {
    struct tree t = tree_new();
    struct vr_host_options options;
    char path[128], full[160];
    guest_start(&t, 100, "x", 5);
    tree_args(&t, "100/cmdline", "/sbin/init\n");
    snprintf(path, sizeof(path), "%s/db.pid", t.path);
    if (i < 2) {
      tree_write(&t, "db.pid", "100\n");
      snprintf(full, sizeof(full), "%s/%s", t.path, open_ones[i].path);
      assert_int_equal(chmod(full, open_ones[i].mode), 0);
    } else {
      assert_int_equal(mkfifo(path, 0644), 0);
    }
    struct vr_host *h = reader_of_pidfile(&t, path, &options);
    for (int k = 0; k < 5; k++)
      vr_host_read(h);
    assert_int_equal(vr_host_vmproc_count(h), 0);
    assert_int_equal(log_count(), 1);
    assert_non_null(strstr(log_last, path));
    vr_host_free(h);
    vr_custom_free(options.custom);
    tree_free(&t);
  }
}

/* Neither descriptors nor files are there: nobody has ended. */
static void a_shortage_of_descriptors_ends_no_guest(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct rlimit before, none;
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  guest_run(&t, 100, 5, 1);
  struct vr_host *h = reader_new(&t, 1);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  log_count();
  info_count();
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  assert_int_equal(info_count(), 0);
  /* What was not read is not known; it does not stand still. */
  assert_false(guest_named(h, "web")->have_threads);
  assert_false(guest_named(h, "web")->have_resident);
  guest_run(&t, 100, 5, 3);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, 15 * S);
  vr_host_free(h);
  tree_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_threads_by_group),
      cmocka_unit_test(never_goes_back_when_a_worker_ends),
      cmocka_unit_test(adds_up_vhost_workers_of_the_kernel),
      cmocka_unit_test(finds_vhost_workers_among_threads),
      cmocka_unit_test(reads_what_kvm_counts_in_debugfs),
      cmocka_unit_test(counts_a_macvtap_as_a_tap),
      cmocka_unit_test(distinguishes_macvtaps_of_namespaces),
      cmocka_unit_test(takes_no_other_interface_for_a_tap),
      cmocka_unit_test(waits_for_no_pipe_of_a_macvtap),
      cmocka_unit_test(a_tap_that_comes_or_goes_makes_no_jump),
      cmocka_unit_test(more_taps_than_it_holds_are_not_all),
      cmocka_unit_test(a_passed_through_card_makes_the_taps_a_part),
      cmocka_unit_test(stops_when_a_guest_ends),
      cmocka_unit_test(notices_a_reused_number),
      cmocka_unit_test(ignores_who_is_not_trusted),
      cmocka_unit_test(believes_a_pid_file_of_its_owner_only),
      cmocka_unit_test(ignores_a_pid_file_that_others_may_write),
      cmocka_unit_test(a_shortage_of_descriptors_ends_no_guest),
      cmocka_unit_test(keeps_twins_apart),
      cmocka_unit_test(twins_with_strange_uuids),
      cmocka_unit_test(takes_names_of_all_kinds),
      cmocka_unit_test(needs_no_budget),
      cmocka_unit_test(does_without_what_it_cannot_read),
      cmocka_unit_test(takes_a_counter_that_goes_back),
      cmocka_unit_test(does_without_times_of_threads),
      cmocka_unit_test(distinguishes_preempted_from_woken),
      cmocka_unit_test(takes_a_counter_past_its_largest_value),
      cmocka_unit_test(waits_for_threads_to_get_names),
      cmocka_unit_test(finds_vcpus_of_kvm_by_guest_time),
      cmocka_unit_test(none_of_twins_has_the_plain_name),
      cmocka_unit_test(forgets_a_guest_that_executes_another_program),
      cmocka_unit_test(does_not_count_children_of_guests),
      cmocka_unit_test(finds_who_goes_into_the_background),
      cmocka_unit_test(finds_who_executes_late),
      cmocka_unit_test(lets_500_guests_come_and_go),
      cmocka_unit_test(reads_a_group_of_its_own),
      cmocka_unit_test(reads_of_a_group_what_is_needed),
      cmocka_unit_test(does_not_read_a_shared_group),
      cmocka_unit_test(finds_the_group_from_a_namespace),
      cmocka_unit_test(knows_who_reads_past_the_cache),
      cmocka_unit_test(reads_only_what_is_selected),
      cmocka_unit_test(takes_names_from_the_configuration),
      cmocka_unit_test(takes_nobody_for_who_wrote_a_pid_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
