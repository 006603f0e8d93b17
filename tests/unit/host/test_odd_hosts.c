/* SPDX-License-Identifier: MIT
 *
 * Further members of each kind of odd host (docs/odd-hosts.md): who is a guest,
 * what a default stands for, what is not known, namespaces, identity, sockets
 * of others, bytes of a process. Command lines are those that NixOS, XCP-ng,
 * StratoVirt, Cloud Hypervisor and QEMU's documentation show.
 */
#include "../unit.h"

#include "command_lines.h"
#include "guests.h"

#include "host/proc/cgroup.h"
#include "host/proc/diskstats.h"
#include "host/proc/hoststat.h"
#include "host/vmm/managers.h"
#include "host/vmm/recognise.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

static void parse(const char *line, struct vr_vm *vm) {
  assert_int_equal(command_line_parse("", line, vm), 0);
}

/* --- who is a guest --- */

/* NixOS puts a script in a program's place, and the program beside it. */
static void finds_wrapped_programs(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      command_line_parse(
          "/nix/store/0xq-qemu-8.1.5/bin/.qemu-kvm-wrapped",
          "/nix/store/0xq-qemu-8.1.5/bin/.qemu-kvm-wrapped|-m|512|-name|a",
          &vm),
      0);
  assert_string_equal(vm.name, "a");
  assert_int_equal(vm.memory, 512 * MIB);
  assert_int_equal(
      command_line_parse("/nix/store/1-q/bin/.qemu-system-x86_64-wrapped",
                         "guest|-m|1G", &vm),
      0);
  assert_int_equal(
      command_line_parse(
          "", "/nix/store/2-c/bin/.cloud-hypervisor-wrapped|--cpus|boot=3",
          &vm),
      0);
  assert_int_equal(vm.vcpus, 3);
  /* The kernel's name of such a process is cut. */
  assert_true(vr_recognise_is_process_name(".qemu-system-x8"));
  assert_true(vr_recognise_is_process_name(".firecracker-wr"));
  assert_false(vr_recognise_is_process_name(".qemu-img-wrapp"));
  assert_int_equal(command_line_parse("/nix/store/1-q/bin/.qemu-img-wrapped",
                                      "qemu-img|info|x", &vm),
                   -ESRCH);
}

/* The dynamic loader, or a program that executes others' code, stands before
 * the program: AppImages and relocated bundles, containers of another
 * architecture. */
static void finds_programs_behind_a_loader(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      command_line_parse(
          "/usr/lib64/ld-linux-x86-64.so.2",
          "/lib64/ld-linux-x86-64.so.2|--library-path|/opt/q/lib|--argv0"
          "|qemu|/opt/q/bin/qemu-system-x86_64|-name|a|-m|256",
          &vm),
      0);
  assert_string_equal(vm.name, "a");
  assert_int_equal(vm.memory, 256 * MIB);
  assert_int_equal(
      command_line_parse("/tmp/.mount_a/lib/ld-musl-x86_64.so.1",
                         "ld-musl-x86_64.so.1|/tmp/.mount_a/firecracker|--id"
                         "|fc",
                         &vm),
      0);
  assert_string_equal(vm.name, "fc");
  assert_int_equal(
      command_line_parse(
          "/usr/bin/qemu-x86_64-static",
          "/usr/bin/qemu-x86_64-static|-0|kvm|/usr/bin/qemu-system-x86_64"
          "|-name|b",
          &vm),
      0);
  assert_string_equal(vm.name, "b");
  assert_int_equal(command_line_parse("/usr/lib64/ld-linux-x86-64.so.2",
                                      "/lib64/ld-linux-x86-64.so.2|--list"
                                      "|/usr/bin/qemu-system-x86_64",
                                      &vm),
                   -ESRCH);
  assert_int_equal(command_line_parse("/usr/lib64/ld-linux-x86-64.so.2",
                                      "/lib64/ld-linux-x86-64.so.2|/bin/sh|-c"
                                      "|qemu-system-x86_64 -name x",
                                      &vm),
                   -ESRCH);
  assert_int_equal(command_line_parse("/usr/lib64/ld-linux-x86-64.so.2",
                                      "/lib64/ld-linux-x86-64.so.2", &vm),
                   -ESRCH);
}

/* XCP-ng calls it after the domain, libkrun's and others' are as documented. */
static void finds_device_models_and_stratovirt(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      command_line_parse(
          "/usr/lib64/xen/bin/qemu-system-i386",
          "qemu-dm-5|-machine|pc-0.10,accel=xen,max-ram-below-4g="
          "4026531840,allow-unassigned=true|-vnc"
          "|unix:/var/run/xen/vnc-5,lock-key-sync=off|-xen-domid|5|-m"
          "|size=8184|-smp|4,maxcpus=4|-qmp"
          "|unix:/var/run/xen/qmp-libxl-5,server,nowait",
          &vm),
      0);
  assert_int_equal(vm.accelerator, VR_ACCEL_OTHER);
  assert_int_equal(vm.memory, 8184 * MIB);
  assert_string_equal(vm.qmp_path, "");
  parse("/usr/bin/stratovirt|-machine|microvm|-kernel|/k|-m|1G|-smp|cpus=2"
        "|-name|sv|-qmp|unix:/run/sv.socket,server,nowait|-serial|stdio",
        &vm);
  assert_string_equal(vm.name, "sv");
  assert_int_equal(vm.vcpus, 2);
  assert_int_equal(vm.memory, GIB);
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
}

/* What stands behind "--" is the guest's command, not the VMM's. */
static void reads_no_options_of_the_guests_command(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("lkvm|run|-m|64|--|/bin/server|--name|x|-c|9", &vm);
  assert_string_equal(vm.name, "");
  assert_int_equal(vm.vcpus, 0);
  assert_int_equal(vm.memory, 64 * MIB);
}

/* --- a default for knowledge --- */

/* It has QEMU's options, and defaults of its own. */
static void knows_no_defaults_of_others(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("/usr/bin/stratovirt|-machine|microvm|-kernel|/k|-serial|stdio", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
  assert_int_equal(vm.memory, 0);
  assert_int_equal(vm.vcpus, 0);
  /* A program that nobody knows. */
  assert_int_equal(
      command_line_parse("/opt/acme/hv",
                         "/opt/acme/hv|-machine|q35|-device|virtio-net"
                         "|-nodefaults|-name|x",
                         &vm),
      0);
  assert_int_equal(vm.accelerator, VR_ACCEL_UNKNOWN);
  assert_int_equal(vm.memory, 0);
  assert_int_equal(vm.vcpus, 0);
}

/* Machines that have their processors from the start: raspi3b four,
 * sifive_u two or more, as QEMU's documentation of them says. */
static void knows_no_processors_of_boards(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("qemu-system-aarch64|-M|raspi3b|-kernel|/k", &vm);
  assert_int_equal(vm.vcpus, 0);
  parse("qemu-system-riscv64|-machine|sifive_u", &vm);
  assert_int_equal(vm.vcpus, 0);
  parse("qemu-system-aarch64|-machine|type=xlnx-versal-virt", &vm);
  assert_int_equal(vm.vcpus, 0);
  parse("qemu-system-aarch64|-M|raspi3b|-smp|4", &vm);
  assert_int_equal(vm.vcpus, 4);
  parse("qemu-system-x86_64|-M|pc-q35-7.2", &vm);
  assert_int_equal(vm.vcpus, 1);
}

/* Its memory may be in zones, and some is plugged in at the start. */
static void adds_memory_of_cloud_hypervisor(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("cloud-hypervisor|--api-socket|/run/a.sock|--cpus|boot=2|--memory"
        "|size=0|--memory-zone|id=mem0,size=1G,host_numa_node=0"
        "|id=mem1,size=2G,hotplug_size=4G,hotplugged_size=1G|--disk|path=/a",
        &vm);
  assert_int_equal(vm.memory, 4 * GIB);
  parse("cloud-hypervisor|--memory|size=1G,hotplug_method=virtio-mem,"
        "hotplug_size=8G,hotplugged_size=512M",
        &vm);
  assert_int_equal(vm.memory, 1536 * MIB);
  /* An option that takes several values. */
  parse("cloud-hypervisor|--net|tap=t0,mac=12:34:56:78:90:ab"
        "|tap=t1,mac=12:34:56:78:90:cd|--memory|size=1G",
        &vm);
  assert_int_equal(vm.nics.count, 2);
  assert_false(vm.nics.more);
  assert_int_equal(vm.memory, GIB);
}

/* --- zero for unknown --- */

/* Kernels without slabs' statistics, and those before 2.6.11, gVisor's. */
static void leaves_out_what_the_machine_does_not_say(void **state) {
  (void)state;
  struct vr_meminfo m;
  assert_int_equal(
      vr_proc_meminfo_parse("MemTotal: 4000 kB\nMemFree: 1000 kB\n"
                            "MemAvailable: 2000 kB\nCached: 500 kB\n",
                            &m),
      0);
  assert_false(m.have_buffered);
  assert_false(m.have_slab);
  assert_false(m.have_used);
  assert_true(m.have_free);
  struct vr_faults f;
  assert_true(vr_proc_vmstat_parse("nr_free_pages 1\npgfault 5\n", &f) < 0);
}

/* --- namespaces and aliases --- */

/* systemd's hybrid hierarchy, where version 2 is below "unified" and holds no
 * controllers, and one process in groups of both. */
static void takes_no_other_group_for_the_guests(void **state) {
  (void)state;
  char path[128];
  static const char hybrid[] =
      "12:cpu,cpuacct:/machine.slice/machine-qemu\\x2d1\\x2dweb.scope/vcpu0\n"
      "1:name=systemd:/machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n"
      "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n";
  assert_true(vr_cgroup_path(hybrid, "web", "", path, sizeof(path)));
  assert_string_equal(path, "machine.slice/machine-qemu\\x2d1\\x2dweb.scope");
  static const char old[] =
      "4:memory:/machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n";
  assert_false(vr_cgroup_path(old, "web", "", path, sizeof(path)));
}

/* The package was upgraded while it ran; the file may have a strange name. */
static void knows_a_program_that_was_replaced(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  tree_args(&t, "100/cmdline", "guest-of-ci\n-name\nweb\n-m\n256\n");
  tree_link(&t, "100/exe", "/usr/bin/qemu-system-x86_64 (deleted)");
  guest_start(&t, 200, "db", 6);
  tree_args(&t, "200/cmdline", "x\n-name\ndb\n");
  tree_link(&t, "200/exe", "/opt/my vm (deleted)/qemu-kvm (deleted)");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_non_null(guest_named(h, "web"));
  assert_non_null(guest_named(h, "db"));
  vr_host_free(h);
  tree_free(&t);
}

/* A tap of several queues is held once for each (-netdev tap,fds=20:21:22), and
 * vhost's descriptors beside them. */
static void counts_a_tap_of_several_queues_once(void **state) {
  (void)state;
  struct tree t = tree_new();
  char path[64];
  guest_start(&t, 100, "web", 5);
  for (int fd = 20; fd < 23; fd++) {
    snprintf(path, sizeof(path), "100/fd/%d", fd);
    tree_link(&t, path, "/dev/net/tun");
    snprintf(path, sizeof(path), "100/fdinfo/%d", fd);
    tree_write(&t, path, "pos:\t0\niff:\ttap0\n");
    snprintf(path, sizeof(path), "100/fd/%d", fd + 10);
    tree_link(&t, path, "/dev/vhost-net");
  }
  tree_write(&t, "net/dev",
             "Inter-|   Receive                                                "
             "|  Transmit\n face |bytes    packets errs drop fifo frame "
             "compressed multicast|bytes    packets errs drop fifo colls "
             "carrier compressed\n"
             "  tap0: 1000 10 0 0 0 0 0 0 2000 20 0 0 0 0 0 0\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_true(guest_named(h, "web")->have_tap);
  assert_int_equal(guest_named(h, "web")->tap.rx_bytes, 1000);
  assert_int_equal(guest_named(h, "web")->tap.tx_bytes, 2000);
  vr_host_free(h);
  tree_free(&t);
}

/* --- identity --- */

#define NIL "00000000-0000-0000-0000-000000000000"

/* The uuid of nobody, which scripts and templates give to each guest. */
static void takes_the_nil_uuid_for_none(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("qemu-system-x86_64|-uuid|" NIL, &vm);
  assert_string_equal(vm.uuid, "");
  parse("kvm|-smbios|type=1,uuid=" NIL, &vm);
  assert_string_equal(vm.uuid, "");
  parse("kvm|-smbios|type=1,uuid=ffffffff-ffff-ffff-ffff-ffffffffffff", &vm);
  assert_string_equal(vm.uuid, "");
}

/* Clones by a script: one uuid, two names. */
static void clones_of_one_uuid_are_two(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  guest_start(&t, 200, "db", 6);
  tree_args(&t, "100/cmdline",
            "qemu-system-x86_64\n-name\nweb\n-uuid\n"
            "11111111-2222-4333-8444-555555555555\n");
  tree_args(&t, "200/cmdline",
            "qemu-system-x86_64\n-name\ndb\n-uuid\n"
            "11111111-2222-4333-8444-555555555555\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_non_null(guest_named(h, "web"));
  assert_non_null(guest_named(h, "db"));
  assert_string_equal(guest_named(h, "db")->uuid, "");
  vr_host_free(h);
  tree_free(&t);
}

/* Two names that are one when they are cleaned. */
static void keeps_names_apart_that_clean_alike(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "guest=a/b", 1);
  guest_start(&t, 200, "guest=a_b", 2);
  struct vr_host *h = reader_new(&t, 200);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  assert_int_equal(guest_named(h, "a_b-100")->pid, 100);
  assert_int_equal(guest_named(h, "a_b-200")->pid, 200);
  vr_host_free(h);
  tree_free(&t);
}

/* --- sockets of others --- */

static void knows_further_managers(void **state) {
  (void)state;
  static const char *const owned[] = {
      "/home/u/.local/share/rancher-desktop/lima/0/qmp.sock",
      "/home/u/.config/colima/_lima/colima/qmp.sock",
      "/home/u/.finch/lima/data/finch/qmp.sock",
      "/home/u/.docker/machine/machines/dev/monitor",
      "/run/kata/0af3/qmp.sock",
      "/run/user/1000/podman/qmp_podman-machine-default.sock",
  };
  for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
    if (!vr_vmm_managers_own(owned[i], ""))
      fail_msg("%s", owned[i]);
  assert_false(vr_vmm_managers_own("/srv/climate/a.sock", ""));
  assert_false(vr_vmm_managers_own("/run/katalog/a.sock", ""));
}

/* --- bytes of a process --- */

static bool is_uncached(const char *options) {
  struct tree t = tree_new();
  char args[512], flags[16];
  guest_start(&t, 100, "web", 5);
  snprintf(args, sizeof(args), "qemu-system-x86_64\n-name\nweb\n%s", options);
  tree_args(&t, "100/cmdline", args);
  snprintf(flags, sizeof(flags), "0%o", O_RDWR | O_DIRECT | O_CLOEXEC);
  tree_link(&t, "100/fd/10", "/dev/dm-3");
  tree_write(&t, "100/fdinfo/10", "pos:\t0\nflags:\t%s\nmnt_id:\t26\n", flags);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  bool uncached = guest_named(h, "web")->uncached;
  vr_host_free(h);
  tree_free(&t);
  return uncached;
}

/* A disk that the process reaches without a file is not in its bytes: Ceph's
 * (OpenStack, Proxmox), NBD, a vhost-user daemon's (SPDK). */
static void disks_without_a_file_are_not_in_its_bytes(void **state) {
  (void)state;
  assert_true(is_uncached("-drive\nfile=/dev/dm-3,cache=none\n"));
  assert_true(is_uncached("-blockdev\n{\"driver\":\"host_device\",\"filename\":"
                          "\"/dev/dm-3\",\"node-name\":\"a\"}\n"));
  static const char *const others[] = {
      "-drive\nfile=rbd:vms/one:id=x,if=none,cache=none\n",
      "-drive\nid=d,format=raw,file.driver=nbd,file.host=a\n",
      "-drive\nfile=nbd://10.0.0.1/x,if=virtio\n",
      "-hda\niscsi://10.0.0.1/iqn/0\n",
      "-blockdev\n{\"driver\":\"rbd\",\"pool\":\"vms\",\"node-name\":\"a\"}\n",
      "-blockdev\ndriver=nvme,device=0000:04:00.0,namespace=1,node-name=n\n",
      "-drive\n{\"driver\":\"raw\",\"file\":{\"driver\":\"ssh\"}}\n",
      "-device\nvhost-user-blk-pci,chardev=spdk0\n",
      "-device\n{\"driver\":\"vhost-user-scsi-pci\",\"chardev\":\"c\"}\n",
      "-device\nvhost-scsi-pci,wwpn=naa.5\n",
  };
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    if (is_uncached(others[i]))
      fail_msg("%s", others[i]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_wrapped_programs),
      cmocka_unit_test(finds_programs_behind_a_loader),
      cmocka_unit_test(finds_device_models_and_stratovirt),
      cmocka_unit_test(reads_no_options_of_the_guests_command),
      cmocka_unit_test(knows_no_defaults_of_others),
      cmocka_unit_test(knows_no_processors_of_boards),
      cmocka_unit_test(adds_memory_of_cloud_hypervisor),
      cmocka_unit_test(leaves_out_what_the_machine_does_not_say),
      cmocka_unit_test(takes_no_other_group_for_the_guests),
      cmocka_unit_test(knows_a_program_that_was_replaced),
      cmocka_unit_test(counts_a_tap_of_several_queues_once),
      cmocka_unit_test(takes_the_nil_uuid_for_none),
      cmocka_unit_test(clones_of_one_uuid_are_two),
      cmocka_unit_test(keeps_names_apart_that_clean_alike),
      cmocka_unit_test(knows_further_managers),
      cmocka_unit_test(disks_without_a_file_are_not_in_its_bytes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
