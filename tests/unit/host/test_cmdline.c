/* SPDX-License-Identifier: MIT
 *
 * Command lines of VMMs: what each shows of its guest. Lines of QEMU are
 * those of libvirt 9, Proxmox VE 8 and people's scripts; the grammar is that of
 * qemu(1).
 */
#include "../unit.h"

#include "command_lines.h"

#include "host/vmm/cmdline.h"
#include "host/vmm/recognise.h"
#include "host/vmm/selection.h"
#include "host/vmm/users.h"
#include "host/vmm/vm_names.h"

#include <errno.h>
#include <string.h>

static int parse(const char *line, struct vr_vm *vm) {
  return command_line_parse("", line, vm);
}

static void splits_option_strings(void **state) {
  (void)state;
  char v[32] = "old";
  assert_true(vr_cmdline_optstring_get("guest=a,,b=c,debug-threads=on", "guest",
                                       "guest", v, sizeof(v)));
  assert_string_equal(v, "a,b=c");
  assert_true(
      vr_cmdline_optstring_get("web,x=1", "guest", "guest", v, sizeof(v)));
  assert_string_equal(v, "web");
  assert_true(vr_cmdline_optstring_get("a=1,a=2", "a", NULL, v, sizeof(v)));
  assert_string_equal(v, "2");
  assert_true(
      vr_cmdline_optstring_get("server,path=x", "server", NULL, v, sizeof(v)));
  assert_string_equal(v, "on");
  strcpy(v, "old");
  assert_false(vr_cmdline_optstring_get("web", "size", NULL, v, sizeof(v)));
  assert_string_equal(v, "old");
  assert_true(vr_cmdline_optstring_get(
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "n", "n", v, 8));
  assert_string_equal(v, "aaaaaaa");
}

static void reads_sizes(void **state) {
  (void)state;
  uint64_t n = 7;
  assert_true(vr_cmdline_parse_size("512", 1 << 20, &n));
  assert_int_equal(n, 536870912);
  assert_true(vr_cmdline_parse_size("1.5G", 1 << 20, &n));
  assert_int_equal(n, 1610612736);
  assert_true(vr_cmdline_parse_size("2048MiB", 1, &n));
  assert_int_equal(n, 2147483648);
  assert_true(vr_cmdline_parse_size("10k", 1, &n));
  assert_int_equal(n, 10240);
  n = 7;
  assert_false(vr_cmdline_parse_size("", 1, &n));
  assert_false(vr_cmdline_parse_size("-5", 1, &n));
  assert_false(vr_cmdline_parse_size("5Q", 1, &n));
  assert_false(vr_cmdline_parse_size("99999999999E", 1, &n));
  assert_int_equal(n, 7);
}

static void reads_qemu_by_hand(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      parse("/usr/bin/qemu-system-x86_64|-name|web|-accel|kvm|-m|1G"
            "|-smp|4|-qmp|unix:/tmp/q.sock,server,nowait",
            &vm),
      0);
  assert_string_equal(vm.name, "web");
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
  assert_int_equal(vm.memory, 1073741824);
  assert_int_equal(vm.vcpus, 4);
  assert_string_equal(vm.qmp_path, "/tmp/q.sock");
  assert_false(vm.qmp_waits);
  parse("qemu-system-x86_64|-qmp|unix:/tmp/q.sock,server=on,wait=off", &vm);
  assert_false(vm.qmp_waits);
  /* Left out it is on. */
  parse("qemu-system-x86_64|-qmp|unix:/tmp/q.sock,server=on", &vm);
  assert_true(vm.qmp_waits);
}

static void knows_qemus_defaults(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(parse("qemu-system-aarch64|-M|virt", &vm), 0);
  assert_string_equal(vm.name, "");
  assert_int_equal(vm.accelerator, VR_ACCEL_TCG);
  assert_int_equal(vm.memory, 128 << 20);
  assert_int_equal(vm.vcpus, 1);
  assert_string_equal(vm.qmp_path, "");
}

static void reads_topologies(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("kvm|-smp|sockets=2,cores=3,threads=2", &vm);
  assert_int_equal(vm.vcpus, 12);
  parse("kvm|-smp|2,maxcpus=8,sockets=8", &vm);
  assert_int_equal(vm.vcpus, 2);
  parse("kvm|-smp|cpus=5,maxcpus=8", &vm);
  assert_int_equal(vm.vcpus, 5);
  parse("kvm|-smp|maxcpus=6", &vm);
  assert_int_equal(vm.vcpus, 6);
  parse("kvm|-smp|99999999", &vm);
  assert_int_equal(vm.vcpus, 1);
}

/* What QEMU 7.2 makes of each, as query-cpus-fast and
 * query-memory-size-summary show it. */
static void reads_numbers_as_qemu_does(void **state) {
  (void)state;
  static const struct {
    const char *line;
    unsigned vcpus;
    uint64_t mib;
  } of_qemu[] = {
      {"kvm|-m|64|-smp|sockets=2,maxcpus=8", 8, 64},
      {"kvm|-m|64|-smp|cores=2,maxcpus=4", 4, 64},
      {"kvm|-m|64|-smp|2,sockets=2", 2, 64},
      {"kvm|-m|64|-smp|010", 8, 64},
      {"kvm|-m|64|-smp|cpus=0x2", 2, 64},
      {"kvm|-m|64|-smp|2,maxcpus=0x4", 2, 64},
      {"kvm|-m|64|-smp|cpus=2,cpus=3", 3, 64},
      {"kvm|-m|64|-smp|2|-smp|maxcpus=4", 2, 64},
      {"kvm|-m|64|-M|q35,smp.cpus=3|-smp|maxcpus=4", 3, 64},
      {"kvm|-m|64|-m|slots=2,maxmem=1G", 1, 64},
      {"kvm|-m|64M|-m|96", 1, 96},
      {"kvm|-m|0x40", 1, 64},
      {"kvm|-M|q35,memory.size=96M", 1, 96},
      {"kvm|-M|q35,memory.size=96M|-m|64", 1, 64},
      {"kvm|-m|65", 1, 65},
  };
  for (size_t i = 0; i < sizeof(of_qemu) / sizeof(of_qemu[0]); i++) {
    struct vr_vm vm;
    print_message("%s\n", of_qemu[i].line);
    assert_int_equal(parse(of_qemu[i].line, &vm), 0);
    assert_int_equal(vm.vcpus, of_qemu[i].vcpus);
    assert_int_equal(vm.memory, of_qemu[i].mib << 20);
  }
}

static void does_not_guess_an_accelerator(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("qemu-system-x86_64|-machine|q35,accel=kvm:tcg", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_UNKNOWN);
  parse("qemu-system-x86_64|-accel|kvm|-accel|tcg", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_UNKNOWN);
  parse("kvm|-name|x", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_UNKNOWN);
  parse("qemu-system-x86_64|-enable-kvm", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
  parse("qemu-system-x86_64|-M|q35,accel=tcg,x=1", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_TCG);
  parse("qemu-system-x86_64|-accel|tcg,thread=multi", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_TCG);
  parse("qemu-system-x86_64|-accel|xen", &vm);
  assert_int_equal(vm.accelerator, VR_ACCEL_OTHER);
}

static void leaves_libvirts_socket_alone(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      parse("/usr/bin/qemu-system-x86_64|-name|guest=virty,debug-threads=on|-S"
            "|-machine|pc-q35-7.2,usb=off|-accel|tcg|-m|256|-smp|1,sockets=1"
            "|-uuid|7c4d9a8f-6f1a-4d1b-9d2c-0a1b2c3d4e5f|-chardev"
            "|socket,id=charmonitor,fd=26,server=on,wait=off"
            "|-mon|chardev=charmonitor,id=monitor,mode=control",
            &vm),
      0);
  assert_string_equal(vm.name, "virty");
  assert_string_equal(vm.uuid, "7c4d9a8f-6f1a-4d1b-9d2c-0a1b2c3d4e5f");
  assert_string_equal(vm.qmp_path, "");
  parse("qemu-system-x86_64|-chardev|socket,id=m,path=/var/lib/libvirt/qemu/x/"
        "monitor.sock,server=on,wait=off|-mon|chardev=m,mode=control",
        &vm);
  assert_string_equal(vm.qmp_path, "");
  parse("qemu-system-x86_64|-qmp|unix:/home/u/.config/libvirt/qemu/lib/m.sock,"
        "server=on",
        &vm);
  assert_string_equal(vm.qmp_path, "");
}

static void leaves_proxmoxs_socket_alone(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      parse("/usr/bin/kvm|-id|100|-name|web,debug-threads=on|-no-shutdown"
            "|-chardev|socket,id=qmp,path=/var/run/qemu-server/100.qmp,"
            "server=on,wait=off|-mon|chardev=qmp,mode=control|-smp"
            "|2,sockets=1,cores=2,maxcpus=2|-m|2048",
            &vm),
      0);
  assert_string_equal(vm.name, "web");
  assert_string_equal(vm.qmp_path, "");
  assert_int_equal(vm.memory, 2147483648);
}

static void takes_the_first_free_socket(void **state) {
  (void)state;
  struct vr_vm vm;
  parse("qemu-system-x86_64|-chardev|socket,id=c0,path=rel.sock,server=on,wait="
        "off"
        "|-mon|chardev=c0,mode=control,pretty=on",
        &vm);
  assert_string_equal(vm.qmp_path, "rel.sock");
  /* A readline monitor is for people, and one that connects out is no server.
   */
  parse("qemu-system-x86_64|-chardev|socket,id=c0,path=a,server=on|-mon"
        "|chardev=c0,mode=readline|-qmp|unix:b|-qmp|tcp:localhost:4444,server",
        &vm);
  assert_string_equal(vm.qmp_path, "");
}

static void is_no_guest(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(parse("/usr/bin/qemu-system-x86_64|-S|-no-user-config"
                         "|-machine|none,accel=kvm:tcg|-qmp|unix:/x,server",
                         &vm),
                   -ENOENT);
  assert_int_equal(parse("qemu-system-x86_64|-M|none|-S", &vm), -ENOENT);
  assert_int_equal(parse("qemu-img|convert|a|b", &vm), -ESRCH);
  assert_int_equal(parse("bash|-c|qemu-system-x86_64 -name x", &vm), -ESRCH);
  assert_int_equal(parse("crosvm|stop|/run/x.sock", &vm), -ENOENT);
  assert_int_equal(parse("lkvm|list", &vm), -ENOENT);
  assert_int_equal(parse("VBoxHeadless|--version", &vm), -ENOENT);
}

#define SHAPE                                                                  \
  "-machine|q35,accel=kvm|-smp|2|-m|512|-device|virtio-net|-nodefaults|-name|" \
  "x"

/* The program's file, its name, and its options: each is enough. */
static void finds_qemu_under_other_names(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      parse("/usr/bin/qemu-lite-system-x86_64|-name|a|-m|2048M", &vm), 0);
  assert_string_equal(vm.name, "a");
  assert_int_equal(parse("qemu-vanilla-system-x86_64|-name|a", &vm), 0);
  assert_int_equal(parse("kvm-spice|-name|a", &vm), 0);
  assert_int_equal(
      command_line_parse("/usr/bin/qemu-system-x86_64", "sandbox|-name|b", &vm),
      0);
  assert_string_equal(vm.name, "b");
  assert_int_equal(
      command_line_parse("/opt/acme/bin/hv", "/opt/acme/bin/hv|" SHAPE, &vm),
      0);
  assert_int_equal(vm.vcpus, 2);
  assert_int_equal(parse("guest-of-ci|-S|" SHAPE, &vm), 0);
  /* kvmtool was called kvm once; Firecracker is what its file says. */
  assert_int_equal(command_line_parse("/usr/bin/lkvm", "kvm|run|-n|tiny", &vm),
                   0);
  assert_string_equal(vm.name, "tiny");
  assert_int_equal(command_line_parse("/srv/firecracker", "vmm-7|--id|fc", &vm),
                   0);
  assert_string_equal(vm.name, "fc");
}

static void takes_nobody_else_for_qemu(void **state) {
  (void)state;
  struct vr_vm vm;
  static const char *const others[] = {
      "sudo|qemu-system-x86_64|" SHAPE,
      "sudo|-E|/opt/hv|" SHAPE,
      "strace|-f|-S|x|kvm|" SHAPE,
      "/bin/sh|/usr/bin/run-vm|" SHAPE,
      "sh|-c|qemu-system-x86_64 -machine q35 -smp 2",
      "ssh|-M|-N|-S|/run/s|-m|hmac|-k|host",
      "xterm|-name|x|-display|:0|-geometry|80x25",
      "swtpm|socket|--ctrl|type=unixio,path=/x|--terminate",
      "/usr/libexec/virtiofsd|--fd=31|-o|source=/srv",
      "qemu-img|convert|-p|-O|raw|a|b",
      "qemu-io|-c|read 0 1|x",
      "qemu-x86_64-static|/bin/sh|-c|true",
      "/usr/libexec/qemu-pr-helper|-k|/run/x.sock",
      "qemu-storage-daemon|--blockdev|x|--chardev|y|--object|z|--pidfile|p",
  };
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
    assert_int_equal(parse(others[i], &vm), -ESRCH);
  /* Half of a QEMU in a process of its own: its devices, no machine. */
  assert_int_equal(
      parse("qemu-system-x86_64|-machine|x-remote,vfio-user=on", &vm), -ENOENT);
}

static void reads_other_vmms(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(parse("cloud-hypervisor|--api-socket|/run/vc/vm/0af3/"
                         "clh-api.sock|--cpus|boot=2,max=8|--memory"
                         "|size=1G,shared=on",
                         &vm),
                   0);
  assert_string_equal(vm.name, "0af3");
  assert_int_equal(vm.vcpus, 2);
  assert_int_equal(vm.memory, 1073741824);
  assert_int_equal(vm.accelerator, VR_ACCEL_KVM);
  parse("cloud-hypervisor|--api-socket=path=/tmp/db.sock", &vm);
  assert_string_equal(vm.name, "db");
  parse("/usr/bin/crosvm|run|--cpus|num-cores=4|--mem|size=512|-s|/run/c1.sock",
        &vm);
  assert_string_equal(vm.name, "c1");
  assert_int_equal(vm.vcpus, 4);
  assert_int_equal(vm.memory, 512 << 20);
  parse("/usr/lib/virtualbox/VBoxHeadless|--comment|my box|--startvm"
        "|cb568998-d8b4-40d4-a6e7-c92aea5aee3d|--vrde|config",
        &vm);
  assert_string_equal(vm.name, "my box");
  assert_string_equal(vm.uuid, "cb568998-d8b4-40d4-a6e7-c92aea5aee3d");
  assert_int_equal(vm.accelerator, VR_ACCEL_OTHER);
  parse("/usr/bin/lkvm|run|-n|tiny|-c|3|-m|64", &vm);
  assert_string_equal(vm.name, "tiny");
  assert_int_equal(vm.vcpus, 3);
  assert_int_equal(vm.memory, 64 << 20);
}

/* Options of the program itself stand before its command. */
static void finds_the_command_behind_options(void **state) {
  (void)state;
  struct vr_vm vm;
  assert_int_equal(
      parse("/apex/com.android.virt/bin/crosvm|--extended-status|--log-level"
            "|info,disk=warn|run|--name|microdroid|--mem|1024|--cpus|2",
            &vm),
      0);
  assert_string_equal(vm.name, "microdroid");
  assert_int_equal(vm.vcpus, 2);
  assert_int_equal(vm.memory, 1024 << 20);
  assert_int_equal(
      parse("crosvm|--no-syslog|--syslog-tag=a|run-mp|-s|/run/c1.sock", &vm),
      0);
  assert_string_equal(vm.name, "c1");
  assert_int_equal(parse("crosvm|--log-level|run|stop|/run/c1.sock", &vm),
                   -ENOENT);
  assert_int_equal(parse("crosvm|--extended-status|stop|run", &vm), -ENOENT);
  assert_int_equal(parse("crosvm|--extended-status", &vm), -ENOENT);
  assert_int_equal(parse("lkvm|--debug|run|-n|tiny|-c|3", &vm), 0);
  assert_int_equal(vm.vcpus, 3);
  assert_int_equal(parse("lkvm|sandbox|-n|box", &vm), 0);
  assert_string_equal(vm.name, "box");
  assert_int_equal(parse("lkvm|--debug|stop|-n|run", &vm), -ENOENT);
}

static void sanitises_names(void **state) {
  (void)state;
  char name[VR_NAME_MAX], raw[400];
  vr_vm_name_sanitise("a/b c-d", name);
  assert_string_equal(name, "a_b c-d");
  vr_vm_name_sanitise("../etc\n", name);
  assert_string_equal(name, "_._etc_");
  vr_vm_name_sanitise("gr\xc3\xbc\xc3\x9f", name);
  assert_string_equal(name, "gr\xc3\xbc\xc3\x9f");
  vr_vm_name_sanitise("caf\xe9", name); /* of another encoding */
  assert_string_equal(name, "caf_");
  vr_vm_name_sanitise("\xe9t\xc3\xa9", name);
  assert_string_equal(name, "_t\xc3\xa9");
  vr_vm_name_sanitise("a\xf0\x9f\x98\x80z", name);
  assert_string_equal(name, "a\xf0\x9f\x98\x80z");
  /* An overlong "/", a surrogate, beyond the last character, one that is cut.
   */
  vr_vm_name_sanitise("\xc0\xaf.\xed\xa0\x80.\xf4\x90\x80\x80.\xe2\x82", name);
  assert_string_equal(name, "__.___.____.__");
  memset(raw, 'x', 300);
  raw[300] = '\0';
  vr_vm_name_sanitise(raw, name);
  assert_int_equal(strlen(name), VR_NAME_LENGTH);
  /* Bytes 99 and 100 are one character: it does not fit, so it goes. */
  memcpy(raw + 99, "\xc3\xbc", 2);
  vr_vm_name_sanitise(raw, name);
  assert_int_equal(strlen(name), 99);
  vr_vm_name_suffix(name, "7c4d9a8f");
  assert_string_equal(name + 99, "-7c4d9a8f");
}

static void selects_as_an_ignorelist(void **state) {
  (void)state;
  struct vr_select *s;
  char message[128];
  assert_int_equal(vr_vmm_select_new(&s), 0);
  assert_true(vr_vmm_select_wants(s, "any"));
  vr_vmm_select_invert(s, true);
  assert_true(vr_vmm_select_wants(s, "any"));
  assert_int_equal(vr_vmm_select_add(s, "web", message, sizeof(message)), 0);
  assert_int_equal(
      vr_vmm_select_add(s, "/^db[0-9]$/", message, sizeof(message)), 0);
  assert_false(vr_vmm_select_wants(s, "web"));
  assert_false(vr_vmm_select_wants(s, "db7"));
  assert_true(vr_vmm_select_wants(s, "db77"));
  vr_vmm_select_invert(s, false);
  assert_true(vr_vmm_select_wants(s, "web"));
  assert_false(vr_vmm_select_wants(s, "webber"));
  /* Names as they are spelled; two slashes are no expression, but a name. */
  assert_false(vr_vmm_select_wants(s, "WEB"));
  assert_int_equal(vr_vmm_select_add(s, "//", message, sizeof(message)), 0);
  assert_false(vr_vmm_select_wants(s, "other"));
  assert_true(vr_vmm_select_wants(s, "//"));
  assert_int_equal(vr_vmm_select_add(s, "/(/", message, sizeof(message)),
                   -EINVAL);
  assert_true(strlen(message) > 0);
  vr_vmm_select_free(s);
}

static void trusts_few(void **state) {
  (void)state;
  struct vr_users u = {0};
  assert_int_equal(vr_users_add(&u, "0"), 0);
  assert_int_equal(vr_users_add(&u, "no-such-user-here"), -ENOENT);
  /* Beyond what a user's number can be: 2^32 is not root. */
  struct vr_users none = {0};
  assert_int_equal(vr_users_add(&none, "4294967296"), -ENOENT);
  assert_int_equal(vr_users_add(&none, "4294967295"), -ENOENT);
  assert_int_equal(vr_users_add(&none, "99999999999999999999999"), -ENOENT);
  assert_int_equal(none.count, 0);
  assert_int_equal(vr_users_add(&none, "4294967294"), 0);
  assert_true(vr_users_trust(&u, 0, 0));
  /* Anybody may run a set-uid program. */
  assert_false(vr_users_trust(&u, 1000, 0));
  assert_false(vr_users_trust(&u, 0, 1000));
  assert_int_equal(vr_users_add(&u, "*"), 0);
  assert_true(vr_users_trust(&u, 1000, 1001));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(splits_option_strings),
      cmocka_unit_test(reads_sizes),
      cmocka_unit_test(reads_qemu_by_hand),
      cmocka_unit_test(knows_qemus_defaults),
      cmocka_unit_test(reads_topologies),
      cmocka_unit_test(reads_numbers_as_qemu_does),
      cmocka_unit_test(does_not_guess_an_accelerator),
      cmocka_unit_test(leaves_libvirts_socket_alone),
      cmocka_unit_test(leaves_proxmoxs_socket_alone),
      cmocka_unit_test(takes_the_first_free_socket),
      cmocka_unit_test(is_no_guest),
      cmocka_unit_test(finds_qemu_under_other_names),
      cmocka_unit_test(takes_nobody_else_for_qemu),
      cmocka_unit_test(reads_other_vmms),
      cmocka_unit_test(finds_the_command_behind_options),
      cmocka_unit_test(sanitises_names),
      cmocka_unit_test(selects_as_an_ignorelist),
      cmocka_unit_test(trusts_few),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
