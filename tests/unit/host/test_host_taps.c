/* SPDX-License-Identifier: MIT
 *
 * The reader on made-up interfaces: which are a guest's.
 */
#include "../unit.h"

#include "guests.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

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
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  tree_write(t, "net/dev",
             NET_DEV_HEADING "  mvt0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                             "  eth0: 77 7 0 0 0 0 0 0 77 7 0 0 0 0 0 0\n");
  hold_macvtap(t, "100/fd/30", "dev/tap5");
  show_macvtap(t, "", 5, "mvt0", "1:3");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 2000);
  assert_int_equal(s->tap.tx_bytes, 1000);
  assert_int_equal(s->tap.rx_packets, 20);
  assert_int_equal(s->tap.tx_packets, 10);
}

/* Numbers of interfaces begin anew in each network namespace: tap5 here is not
 * the device that the guest holds, tap5 there is. */
static void distinguishes_macvtaps_of_namespaces(void **state) {
  struct tree *t = &machine_of(state)->tree;
  tree_write(t, "self/ns/net", "x");
  tree_write(t, "net/dev",
             NET_DEV_HEADING "  mvt0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                             "  mvt1: 7777 7 0 0 0 0 0 0 7777 7 0 0 0 0 0 0\n");
  guest_start(t, 100, "web", 5);
  tree_write(t, "100/ns/net", "x");
  tree_write(t, "100/net/dev",
             NET_DEV_HEADING
             "  mvt1: 3000 30 0 0 0 0 0 0 4000 40 0 0 0 0 0 0\n");
  hold_macvtap(t, "100/fd/30", "dev/tap5");
  show_macvtap(t, "", 5, "mvt0", "246:1");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_false(guest_named(h, "web")->have_tap);
  show_macvtap(t, "100/root/sys/", 5, "mvt1", "1:3");
  vr_host_read(h);
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 4000);
  assert_int_equal(s->tap.tx_bytes, 3000);
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
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  tree_write(t, "net/dev",
             NET_DEV_HEADING
             "  eth0: 77 7 0 0 0 0 0 0 77 7 0 0 0 0 0 0\n"
             "  tap0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  tree_write(t, "class/net/eth0/mtu", "1500\n");
  tree_write(t, "class/net/tap0/tun_flags", "0x1002\n");
  hold_tap(t, 20, "tap0");
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_true(guest_named(h, "web")->have_tap);
  hold_tap(t, 21, "eth0");
  vr_host_read(h);
  assert_false(guest_named(h, "web")->have_tap);
}

/* A pipe in the place of a file of /sys in the guest's own file tree. */
static void waits_for_no_pipe_of_a_macvtap(void **state) {
  struct tree *t = &machine_of(state)->tree;
  char path[128];
  guest_start(t, 100, "web", 5);
  hold_macvtap(t, "100/fd/30", "dev/tap5");
  show_macvtap(t, "100/root/sys/", 5, "mvt1", "1:3");
  snprintf(path, sizeof(path), "%s/100/root/sys/class/macvtap/tap5/dev",
           t->path);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(mkfifo(path, 0666), 0);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_non_null(guest_named(h, "web"));
  assert_false(guest_named(h, "web")->have_tap);
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
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  hold_tap(t, 20, "tap0");
  hold_tap(t, 21, "tap1");
  struct vr_host *h = machine_reader(state, 100);
  read_interfaces(t, h,
                  TAP0 "  tap1: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 5000001000);
  /* Taken into another namespace: the rest is not all of its network. */
  read_interfaces(t, h, "  tap1: 1100 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  assert_false(s->have_tap);
  read_interfaces(t, h,
                  TAP0 "  tap1: 1300 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 5000001300);
  assert_int_equal(s->tap.tx_bytes, 7000002000);
  /* Unplugged: known again once the guest does not hold it any more. */
  let_go_of_tap(t, 20);
  for (int i = 0; i < 2; i++)
    read_interfaces(t, h, "  tap1: 1400 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  assert_true(s->have_tap);
  assert_int_equal(s->tap.rx_bytes, 5000001400);
  /* One that has a life behind it. */
  hold_tap(t, 22, "tap2");
  for (int i = 0; i < 40; i++)
    read_interfaces(t, h,
                    "  tap1: 1400 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                    "  tap2: 900000 9 0 0 0 0 0 0 800000 8 0 0 0 0 0 0\n");
  assert_int_equal(s->tap.rx_bytes, 5000001400);
  read_interfaces(t, h,
                  "  tap1: 1400 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n"
                  "  tap2: 900005 9 0 0 0 0 0 0 800000 8 0 0 0 0 0 0\n");
  assert_int_equal(s->tap.rx_bytes, 5000001405);
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

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_machine(counts_a_macvtap_as_a_tap),
      on_a_machine(distinguishes_macvtaps_of_namespaces),
      on_a_machine(takes_no_other_interface_for_a_tap),
      on_a_machine(waits_for_no_pipe_of_a_macvtap),
      on_a_machine(a_tap_that_comes_or_goes_makes_no_jump),
      cmocka_unit_test(more_taps_than_it_holds_are_not_all),
      cmocka_unit_test(a_passed_through_card_makes_the_taps_a_part),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
