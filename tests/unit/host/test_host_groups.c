/* SPDX-License-Identifier: MIT
 *
 * The reader on made-up control groups and open files.
 */
#include "../unit.h"

#include "guests.h"

#include <fcntl.h>
#include <stdio.h>

/* Files of which nobody reads a series are not opened, unless they are asked
 * for. */
static void reads_of_a_group_what_is_needed(void **state) {
  struct tree *t = &machine_of(state)->tree;
  struct vr_host_options options;
  struct vr_host *h;
  guest_start(t, 100, "web", 5);
  tree_write(t, "100/cgroup", "0::/vms/web\n");
  tree_write(t, "fs/cgroup/vms/web/memory.current", "4096\n");
  tree_write(t, "fs/cgroup/vms/web/io.pressure",
             "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
  for (int extra = 0; extra < 2; extra++) {
    reader_options(t, 100, &options);
    options.extra = extra ? VR_CGROUP : VR_EVERY_GROUP & ~VR_CGROUP;
    assert_int_equal(vr_host_new(&options, &h), 0);
    vr_host_read(h);
    const struct vr_cgroup_sample *c = &guest_named(h, "web")->cgroup;
    assert_true(c->have_io_pressure);
    assert_int_equal(c->io_pressure_ns, 7000);
    assert_int_equal(c->have_memory, extra);
    vr_host_free(h);
  }
}

/* libvirt puts the process below the scope; the scope is the guest. */
static void reads_a_group_of_its_own(void **state) {
  struct tree *t = &machine_of(state)->tree;
  const char *scope =
      "fs/cgroup/machine.slice/machine-qemu\\x2d1\\x2dweb.scope";
  char path[160];
  guest_start(t, 100, "web", 5);
  tree_write(
      t, "100/cgroup",
      "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/libvirt/emulator\n");
  snprintf(path, sizeof(path), "%s/cpu.stat", scope);
  tree_write(
      t, path,
      "usage_usec 1000\nuser_usec 1\nnr_throttled 7\nthrottled_usec 20\n");
  snprintf(path, sizeof(path), "%s/memory.current", scope);
  tree_write(t, path, "268435456\n");
  snprintf(path, sizeof(path), "%s/io.stat", scope);
  tree_write(t, path,
             "7:0 rbytes=9 wbytes=9 rios=9 wios=9 dbytes=0 dios=0\n"
             "8:0 rbytes=100 wbytes=200 rios=3 wios=4 dbytes=0 dios=0\n"
             "253:0 rbytes=70 wbytes=90 rios=2 wios=2 dbytes=0 dios=0\n"
             "259:1\n"
             "259:0 rbytes=1000 wbytes=2000 rios=30 wios=40 dbytes=0 dios=0\n");
  /* LVM, LUKS and multipath are the device mapper's: the disks below count. */
  tree_write(t, "dev/block/253:0/dm/name", "vg-lv\n");
  snprintf(path, sizeof(path), "%s/cpu.pressure", scope);
  tree_write(t, path,
             "some avg10=1.60 avg60=11.96 avg300=8.41 total=43\n"
             "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
  struct vr_host *h = machine_reader(state, 100);
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
  tree_write(t, path,
             "8:0 rbytes=150 wbytes=200 rios=3 wios=4 dbytes=0 dios=0\n"
             "8:16 rbytes=7 wbytes=200 rios=3 wios=4 dbytes=0 dios=0\n");
  vr_host_read(h);
  assert_int_equal(c->read_bytes, 1157);
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
  struct tree *t = &machine_of(state)->tree;
  char direct[16], cached[16], log[16];
  snprintf(direct, sizeof(direct), "0%o", O_RDWR | O_DIRECT | O_CLOEXEC);
  snprintf(cached, sizeof(cached), "0%o", O_RDWR | O_CLOEXEC);
  snprintf(log, sizeof(log), "0%o", O_WRONLY | O_APPEND | O_CLOEXEC);
  guest_start(t, 100, "web", 5);
  assert_false(reads_past_the_cache(t)); /* no disk at all */
  hold_file(t, 0, "/dev/null", cached);
  hold_file(t, 1, "pipe:[7]", cached);
  hold_file(t, 2, "/var/log/web.log", log);
  hold_file(t, 3, "anon_inode:kvm-vm", cached);
  hold_file(t, 4, "/var/lib/libvirt/qemu/nvram/web_VARS.fd", cached);
  assert_false(reads_past_the_cache(t));
  hold_file(t, 10, "/dev/dm-3", direct);
  hold_file(t, 11, "/srv/web.qcow2", direct);
  assert_true(reads_past_the_cache(t));
  /* One disk with the cache is enough, and one that cannot be judged. */
  hold_file(t, 12, "/srv/iso/install.iso", cached);
  assert_false(reads_past_the_cache(t));
  hold_file(t, 12, "/srv/iso/install.iso", direct);
  assert_true(reads_past_the_cache(t));
  tree_remove(t, "100/fdinfo/11");
  assert_false(reads_past_the_cache(t));
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

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_machine(reads_a_group_of_its_own),
      on_a_machine(reads_of_a_group_what_is_needed),
      cmocka_unit_test(does_not_read_a_shared_group),
      cmocka_unit_test(finds_the_group_from_a_namespace),
      on_a_machine(knows_who_reads_past_the_cache),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
