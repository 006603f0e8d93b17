/* SPDX-License-Identifier: MIT
 *
 * What QEMU gives to its guest, wherever that is written: files of -readconfig
 * as LXD 5 writes them, memory devices as Proxmox VE 8, Kata Containers 1 and
 * libvirt 9 do, device models of Xen 4.17. A size that is not known is 0.
 */
#include "../unit.h"

#include "command_lines.h"
#include "tree.h"

#include "host/vmm/managers.h"
#include "host/vmm/recognise.h"
#include "host/vmm/told.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

/* Arguments are separated by "|"; the process is 7 below T, if there is one. */
static int parse_in(const struct tree *t, const char *line, struct vr_vm *vm) {
  char path[96];
  int dirfd = -1;
  if (t) {
    snprintf(path, sizeof(path), "%s/7", t->path);
    dirfd = open(path, O_RDONLY | O_DIRECTORY);
  }
  int r = command_line_parse_in(dirfd, "", line, vm);
  if (dirfd >= 0)
    close(dirfd);
  return r;
}

static void parse(const char *line, struct vr_vm *vm) {
  assert_int_equal(parse_in(NULL, line, vm), 0);
}

#define LXD                                                                    \
  "/snap/lxd/24918/bin/qemu-system-x86_64|-S|-name|v1|-nodefaults"             \
  "|-no-user-config|-readconfig|/lxd/v1/qemu.conf"

static void reads_the_file_of_readconfig(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_vm vm;
  tree_write(&t, "7/root/lxd/v1/qemu.conf",
             "# Machine\n[machine]\ngraphics = \"off\"\ntype = \"q35\"\n"
             "accel = \"kvm\"\n\n[memory]\nsize = \"1024M\"\n\n# CPU\n"
             "[smp-opts]\ncpus = \"4\"\nsockets = \"1\"\ncores = \"4\"\n"
             "[chardev \"monitor\"]\nbackend = \"socket\"\n"
             "path = \"/var/snap/lxd/common/lxd/logs/v1/qemu.monitor\"\n"
             "server = \"on\"\nwait = \"off\"\n\n[mon]\nchardev = \"monitor\"\n"
             "mode = \"control\"\n");
  assert_int_equal(parse_in(&t, LXD, &vm), 0);
  assert_string_equal(vm.name, "v1");
  assert_int_equal(vm.memory, GIB);
  assert_int_equal(vm.vcpus, 4);
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
  /* LXD's own. */
  assert_string_equal(vm.qmp_path, "");
  tree_free(&t);
}

/* A relative path, memory in devices, commas in values, somebody's socket. */
static void reads_all_sections(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_vm vm;
  tree_write(&t, "7/cwd/vm.cfg",
             "[name]\n  guest = \"a,b\"\n[machine]\n  type = \"q35\"\n"
             "  accel = \"tcg\"\n[memory]\n  size = \"512\"\n"
             "[object \"m1\"]\n  qom-type = \"memory-backend-ram\"\n"
             "  size = \"1G\"\n[device \"d1\"]\n  driver = \"pc-dimm\"\n"
             "  memdev = \"m1\"\n[chardev \"c0\"]\n  backend = \"socket\"\n"
             "  path = \"/srv/q,1.sock\"\n  server = \"on\"\n  wait = \"off\"\n"
             "[mon \"m\"]\n  chardev = \"c0\"\n  mode = \"control\"\n");
  assert_int_equal(
      parse_in(&t, "qemu-system-x86_64|-readconfig|vm.cfg|-smp|2", &vm), 0);
  assert_string_equal(vm.name, "a,b");
  assert_int_equal(vm.memory, 1536 * MIB);
  assert_int_equal(vm.vcpus, 2);
  assert_int_equal(vm.accelerator, VR_ACCEL_TCG);
  assert_string_equal(vm.qmp_path, "/srv/q,1.sock");
  tree_free(&t);
}

/* What may stand in a file that cannot be read is not known. */
static void reports_no_default_for_knowledge(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_vm vm;
  tree_write(&t, "7/root/x", "\n");
  assert_int_equal(parse_in(&t, LXD, &vm), 0);
  assert_int_equal(vm.memory, 0);
  assert_int_equal(vm.vcpus, 0);
  assert_int_equal(vm.accelerator, VR_ACCEL_UNKNOWN);
  assert_int_equal(parse_in(&t, LXD "|-m|2G|-enable-kvm|-smp|3", &vm), 0);
  assert_int_equal(vm.memory, 2 * GIB);
  assert_int_equal(vm.vcpus, 3);
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
  /* It is there and leaves all to QEMU. */
  tree_write(&t, "7/root/lxd/v1/qemu.conf", "[machine]\ntype = \"pc\"\n");
  assert_int_equal(parse_in(&t, LXD, &vm), 0);
  assert_int_equal(vm.memory, 128 * MIB);
  assert_int_equal(vm.vcpus, 1);
  /* Machines with a default of their own. */
  parse("qemu-system-aarch64|-M|raspi3b", &vm);
  assert_int_equal(vm.memory, 0);
  parse("qemu-system-ppc64|-M|pseries", &vm);
  assert_int_equal(vm.memory, 0);
  tree_free(&t);
}

static void adds_memory_devices(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("kvm|-m|size=1024,slots=255,maxmem=4194304M"
        "|-object|memory-backend-ram,id=ram-node0,size=1024M"
        "|-numa|node,nodeid=0,cpus=0-3,memdev=ram-node0"
        "|-object|memory-backend-ram,id=mem-dimm0,size=512M"
        "|-device|pc-dimm,id=dimm0,memdev=mem-dimm0,node=0"
        "|-object|memory-backend-ram,id=mem-dimm1,size=512M"
        "|-device|pc-dimm,id=dimm1,memdev=mem-dimm1,node=0",
        &vm);
  assert_int_equal(vm.memory, 2 * GIB);
  /* As libvirt 9 writes it. */
  parse("qemu-system-x86_64|-machine|pc-q35-7.2,memory-backend=pc.ram"
        "|-object|{\"qom-type\":\"memory-backend-ram\",\"id\":\"pc.ram\","
        "\"size\":1073741824}"
        "|-object|{\"qom-type\":\"memory-backend-ram\",\"id\":\"memdimm0\","
        "\"size\":536870912}"
        "|-device|{\"driver\":\"pc-dimm\",\"node\":0,\"memdev\":\"memdimm0\","
        "\"id\":\"dimm0\",\"slot\":0}",
        &vm);
  assert_int_equal(vm.memory, 1536 * MIB);
  /* Storage that is no memory: Kata's root file system. */
  parse("qemu-system-x86_64|-m|2048M,slots=10,maxmem=8G"
        "|-object|memory-backend-file,id=mem0,mem-path=/x,size=128M"
        "|-device|nvdimm,id=nv0,memdev=mem0",
        &vm);
  assert_int_equal(vm.memory, 2 * GIB);
  assert_int_equal(vm.pmem, 128 * MIB);
  parse("kvm|-m|1G|-object|memory-backend-ram,id=v,size=8G"
        "|-device|virtio-mem-pci,memdev=v,requested-size=3G",
        &vm);
  assert_int_equal(vm.memory, 4 * GIB);
  /* Of a size that is not said. */
  parse("kvm|-m|1G|-device|pc-dimm,memdev=elsewhere", &vm);
  assert_int_equal(vm.memory, 0);
  parse("kvm|-M|q35,memory.size=3G,smp.cpus=5", &vm);
  assert_int_equal(vm.memory, 3 * GIB);
  assert_int_equal(vm.vcpus, 5);
}

/* Proxmox plugs processors as it does memory. */
static void adds_processor_devices(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("kvm|-smp|1,sockets=1,cores=4,maxcpus=4"
        "|-device|kvm64-x86_64-cpu,id=cpu2,core-id=1"
        "|-device|{\"driver\":\"host-x86_64-cpu\",\"id\":\"cpu3\"}"
        "|-device|virtio-net",
        &vm);
  assert_int_equal(vm.vcpus, 3);
}

static void leaves_the_processors_to_xen(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("qemu-system-i386|-xen-domid|1|-chardev"
        "|socket,id=libxl-cmd,path=/var/run/xen/qmp-libxl-1,server,nowait|-mon"
        "|chardev=libxl-cmd,mode=control|-name|windows|-smp|4,maxcpus=4"
        "|-machine|xenfv,max-ram-below-4g=3758096384|-m|6144",
        &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_OTHER);
  assert_int_equal(vm.vcpus, 4);
  assert_string_equal(vm.qmp_path, "");
  parse("qemu-system-i386|-xen-domid|3|-xen-attach|-name|g0|-machine|xenpv|-m"
        "|513",
        &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_OTHER);
  assert_int_equal(vm.vcpus, 0);
  parse("qemu-system-aarch64|-machine|xenpvh|-m|512", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_OTHER);
  /* Xen's interfaces on KVM. */
  parse("qemu-system-x86_64|-accel|kvm,xen-version=0x4000a", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
}

static void knows_the_sockets_of_managers(void **state) {
  (void)state;
  static const char *const owned[] = {
      "/var/run/ganeti/kvm-hypervisor/ctrl/a.qmp",
      "/run/ganeti/kvm-hypervisor/ctrl/a.qmp",
      "/run/qemu-server/100.qmp",
      "/var/run/xen/qmp-libxenstat-1",
      "/run/incus/v1/qemu.monitor",
      "/var/log/lxd/v1/qemu.monitor",
      "/run/vc/vm/0af3/qmp.sock",
      "/home/u/.lima/default/qmp.sock",
      "/root/.minikube/machines/m/monitor",
      "/home/u/.config/libvirt/qemu/lib/m.sock",
      "/var/lib/microvms/web/web.sock",
  };
  for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
    assert_true(vr_vmm_managers_own(owned[i], ""));
  assert_true(vr_vmm_managers_own("", "charmonitor"));
  assert_true(vr_vmm_managers_own("", "libxl-cmd"));
  assert_false(vr_vmm_managers_own("/run/web.sock", "mon0"));
  assert_false(vr_vmm_managers_own("/srv/ganeti.sock", ""));
}

/* -cpu as Proxmox VE 8 and libvirt 9 write it for Windows and for Linux. */
static void reads_what_the_processors_say_of_the_kernel(void **state) {
  (void)state;
#define CPU(features) "qemu-system-x86_64|-accel|kvm|-cpu|" features
  struct vr_vm vm;
  parse(CPU("host,hv_ipi,hv_relaxed,hv_reset,hv_runtime,hv_spinlocks=0x1fff,"
            "hv_stimer,hv_synic,hv_time,hv_vapic,hv_vpindex,+kvm_pv_eoi,"
            "+kvm_pv_unhalt"),
        &vm);
  assert_int_equal(vm.os, VR_OS_OTHER);
  assert_int_equal(vm.steal_clock, VR_STEAL_CLOCK_UNKNOWN);
  parse(CPU("Skylake-Client-IBRS,ss=on,vmx=on,hv-time=on,hv-relaxed=on"), &vm);
  assert_int_equal(vm.os, VR_OS_OTHER);
  parse(CPU("host,kvm=off,hv_vendor_id=proxmox,hv-time=off"), &vm);
  assert_int_equal(vm.os, VR_OS_UNKNOWN);
  assert_int_equal(vm.steal_clock, VR_STEAL_CLOCK_NONE);
  parse(CPU("host,-kvm-steal-time"), &vm);
  assert_int_equal(vm.steal_clock, VR_STEAL_CLOCK_NONE);
  parse(CPU("host,kvm_steal_time=off"), &vm);
  assert_int_equal(vm.steal_clock, VR_STEAL_CLOCK_NONE);
  parse(CPU("qemu64,+kvm-steal-time"), &vm);
  assert_int_equal(vm.steal_clock, VR_STEAL_CLOCK_PRESENT);
  parse(CPU("kvm64,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,+lahf_lm,+sep"), &vm);
  assert_int_equal(vm.os, VR_OS_UNKNOWN);
  assert_int_equal(vm.steal_clock, VR_STEAL_CLOCK_UNKNOWN);
  parse("qemu-system-x86_64", &vm);
  assert_int_equal(vm.os, VR_OS_UNKNOWN);
#undef CPU
}

/* What QEMU takes for -overcommit (system/vl.c, overcommit_parse()): a switch
 * by any of eight words; libvirt writes mem-lock=off itself, and what the
 * domain adds to the command line behind it. */
static void reads_whether_idle_time_is_hidden(void **state) {
  (void)state;
#define KVM "qemu-system-x86_64|-accel|kvm|"
  static const struct {
    const char *line;
    bool hidden;
  } lines[] = {
      {KVM "-smp|2", false},
      {KVM "-overcommit|cpu-pm=on", true},
      {KVM "--overcommit|cpu-pm=on", true},
      {KVM "--overcommit=cpu-pm=on", true},
      {KVM "-overcommit|cpu-pm", true},
      {KVM "-overcommit|cpu-pm=yes", true},
      {KVM "-overcommit|cpu-pm=off", false},
      {KVM "-overcommit|cpu-pm=no", false},
      {KVM "-overcommit|cpu-pm=", false},
      {KVM "-overcommit|cpu-pm=onandonandon", false},
      {KVM "-overcommit", false},
      {KVM "-overcommit|", false},
      {KVM "-overcommit|mem-lock=on,cpu-pm=on", true},
      {KVM "-overcommit|cpu-pm=on,mem-lock=on-fault", true},
      {KVM "-overcommit|mem-lock=on", false},
      {KVM "-overcommit|mem-lock=cpu-pm=on", false},
      {KVM "-overcommit|cpu-pm=on,cpu-pm=off", false},
      {KVM "-overcommit|cpu-pm=off|-overcommit|cpu-pm=on", true},
      {KVM "-overcommit|cpu-pm=on|-overcommit|cpu-pm=off", false},
      {KVM "-overcommit|cpu-pm=on|-overcommit|mem-lock=on", true},
      {KVM "-name|guest=-overcommit,process=cpu-pm=on", false},
      {KVM "-cpu|host,kvm-hint-dedicated=on", true},
      {KVM "-cpu|host,+kvm_hint_dedicated,migratable=off", true},
      {KVM "-cpu|host,kvm-hint-dedicated=off", false},
      {KVM "-cpu|host,-kvm-hint-dedicated|-overcommit|cpu-pm=on", true},
      {KVM "-kernel|k|-append|root=/dev/vda idle=poll", true},
      {KVM "-kernel|k|-append|cpuidle_haltpoll.force=Y quiet", true},
      {KVM "-kernel|k|-append|quiet notidle=poll idle=pollute", false},
  };
#undef KVM
  struct vr_vm vm;
  for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
    parse(lines[i].line, &vm);
    if ((vm.idle == VR_IDLE_HIDDEN) != lines[i].hidden)
      fail_msg("%s: %d", lines[i].line, vm.idle);
  }
}

/* LXD passes such things in the file. */
static void reads_it_from_the_file_of_readconfig(void **state) {
  (void)state;
  struct tree t = tree_new();
  struct vr_vm vm;
  tree_write(&t, "7/root/lxd/v1/qemu.conf",
             "[machine]\naccel = \"kvm\"\n[overcommit]\nmem-lock = \"off\"\n"
             "cpu-pm = \"on\"\n");
  assert_int_equal(parse_in(&t, LXD, &vm), 0);
  assert_int_equal(vm.idle, VR_IDLE_HIDDEN);
  tree_free(&t);
}

/* The first that says something counts, by name or expression. */
static void takes_what_the_configuration_tells(void **state) {
  (void)state;
  char message[256];
  struct vr_told *t;
  struct vr_vm vm = {.name = "web1"};
  enum vr_os os = VR_OS_UNKNOWN;
  assert_int_equal(vr_told_parse_os("Linux", &os), 0);
  assert_int_equal(os, VR_OS_LINUX);
  assert_int_equal(vr_told_parse_os("other", &os), 0);
  assert_int_equal(os, VR_OS_OTHER);
  assert_int_equal(vr_told_parse_os("windows", &os), -EINVAL);
  assert_int_equal(vr_told_new(&t), 0);
  assert_int_equal(vr_told_add_steal_clock(t, "web1", VR_STEAL_CLOCK_NONE,
                                           message, sizeof(message)),
                   0);
  assert_int_equal(
      vr_told_add_os(t, "/^web/", VR_OS_OTHER, message, sizeof(message)), 0);
  assert_int_equal(vr_told_add_steal_clock(t, "/^web/", VR_STEAL_CLOCK_PRESENT,
                                           message, sizeof(message)),
                   0);
  assert_int_equal(
      vr_told_add_os(t, "/(/", VR_OS_OTHER, message, sizeof(message)), -EINVAL);
  assert_int_equal(
      vr_told_add_idle(t, "/^w/", VR_IDLE_SEEN, message, sizeof(message)), 0);
  vr_told_apply(t, &vm);
  assert_int_equal(vm.idle_told, VR_IDLE_SEEN);
  assert_int_equal(vm.os_told, VR_OS_OTHER);
  assert_int_equal(vm.steal_clock_told, VR_STEAL_CLOCK_NONE);
  vm = (struct vr_vm){.name = "db"};
  vr_told_apply(t, &vm);
  vr_told_apply(NULL, &vm);
  assert_int_equal(vm.os_told, VR_OS_UNKNOWN);
  vr_told_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_what_the_processors_say_of_the_kernel),
      cmocka_unit_test(reads_whether_idle_time_is_hidden),
      cmocka_unit_test(reads_it_from_the_file_of_readconfig),
      cmocka_unit_test(takes_what_the_configuration_tells),
      cmocka_unit_test(reads_the_file_of_readconfig),
      cmocka_unit_test(reads_all_sections),
      cmocka_unit_test(reports_no_default_for_knowledge),
      cmocka_unit_test(adds_memory_devices),
      cmocka_unit_test(adds_processor_devices),
      cmocka_unit_test(leaves_the_processors_to_xen),
      cmocka_unit_test(knows_the_sockets_of_managers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
