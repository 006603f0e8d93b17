/* SPDX-License-Identifier: MIT
 *
 * Ethernet addresses, and which ones a VMM's command line gives to its guest.
 */
#include "../unit.h"

#include "host/vmm/nics.h"
#include "host/vmm/recognise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void assert_macs(const struct vr_nics *n, const char *expected) {
  char text[512] = "", hex[VR_MAC_HEX];
  for (size_t i = 0; i < n->count; i++) {
    vr_mac_format(&n->mac[i], hex);
    strcat(strcat(text, i ? " " : ""), hex);
  }
  assert_string_equal(text, expected);
}

static void test_parse(void **state) {
  (void)state;
  const char *good[] = {"52:54:00:Ab:cD:0f", "52-54-00-ab-cd-0f",
                        "525400ABCD0F"};
  const char *bad[] = {"",
                       "5",
                       "52:54:00:ab:cd",
                       "52:54:00:ab:cd:0f:",
                       "52:54-00:ab:cd:0f",
                       "52:5g:00:ab:cd:0f",
                       "525400abcd0",
                       "525400abcd0f0",
                       "52:54:00:ab:cd:0",
                       "52:54:00:ab:cd:0f "};
  struct vr_mac mac;
  char hex[VR_MAC_HEX];
  for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
    assert_true(vr_mac_parse(good[i], &mac));
    vr_mac_format(&mac, hex);
    assert_string_equal(hex, "525400abcd0f");
  }
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    assert_false(vr_mac_parse(bad[i], &mac));
}

static struct vr_nics nics_of(struct vr_cmdline *c) {
  struct vr_vm vm = {0};
  assert_int_equal(vr_recognise(c)->parse(c, -1, &vm), 0);
  return vm.nics;
}

static struct vr_nics qemu(int argc, const char *const *argv) {
  struct vr_cmdline c = {.argc = argc};
  for (int i = 0; i < argc; i++)
    c.argv[i] = argv[i];
  return nics_of(&c);
}

#define QEMU(...)                                                              \
  qemu((int)(sizeof((const char *[]){"qemu-system-x86_64", __VA_ARGS__}) /     \
             sizeof(char *)),                                                  \
       (const char *[]){"qemu-system-x86_64", __VA_ARGS__})

static void test_qemu_devices(void **state) {
  (void)state;
  struct vr_nics n =
      QEMU("-netdev", "tap,id=n0,fd=3", "-device",
           "virtio-net-pci,netdev=n0,id=net0,mac=52:54:00:00:00:01", "-device",
           "{\"driver\":\"e1000\",\"netdev\":\"n1\",\"mac\":\"52:54:00:00:00:"
           "02\"}",
           "-device", "virtio-blk-pci,drive=d0", "-device", "{broken");
  assert_macs(&n, "525400000001 525400000002");
  assert_false(n.more);
  assert_false(n.vhost_user);
}

static void test_qemu_short_forms(void **state) {
  (void)state;
  struct vr_nics n = QEMU("-nic", "tap,ifname=t0,mac=52:54:00:00:00:03", "-net",
                          "nic,macaddr=52:54:00:00:00:04,model=e1000", "-net",
                          "tap,ifname=t1", "-nic", "none");
  assert_macs(&n, "525400000003 525400000004");
}

static void test_qemu_default_addresses(void **state) {
  (void)state;
  struct vr_nics n =
      QEMU("-device", "virtio-net-pci,netdev=n0", "-device", "e1000,netdev=n1",
           "-device", "rtl8139,netdev=n2,mac=52:54:00:12:34:56");
  assert_macs(&n, "525400123456 525400123457 525400123458");
}

static void test_qemu_vhost_user(void **state) {
  (void)state;
  struct vr_nics n = QEMU("-netdev", "vhost-user,id=n0,chardev=c0", "-device",
                          "virtio-net-pci,netdev=n0,mac=52:54:00:00:00:05");
  assert_true(n.vhost_user);
  assert_macs(&n, "525400000005");
  n = QEMU("-netdev", "{\"type\":\"vhost-user\",\"id\":\"n0\"}");
  assert_true(n.vhost_user);
}

static void test_bad_addresses(void **state) {
  (void)state;
  struct vr_nics n = QEMU("-device", "virtio-net-pci,netdev=n0,mac=52:54");
  assert_int_equal(n.count, 0);
  assert_true(n.more);
}

static void test_too_many(void **state) {
  (void)state;
  struct vr_nics n = {0};
  char text[18];
  for (int i = 0; i < VR_NICS_MAX + 1; i++) {
    assert_false(n.more);
    snprintf(text, sizeof(text), "52:54:00:00:01:%02x", i);
    vr_nics_add(&n, text);
    vr_nics_add(&n, text);
  }
  assert_int_equal(n.count, VR_NICS_MAX);
  assert_true(n.more);
}

static void test_others(void **state) {
  (void)state;
  struct vr_cmdline c = {.argc = 5,
                         .argv = {"cloud-hypervisor", "--net",
                                  "tap=t0,mac=52:54:00:00:00:06", "--net",
                                  "tap=t1"}};
  const struct vr_nics n = nics_of(&c);
  assert_macs(&n, "525400000006");
  assert_true(n.more);
}

static void test_libvirt(void **state) {
  (void)state;
  char directory[] = "/tmp/vmrecon-nics.XXXXXX", path[64];
  struct vr_nics n = {0};
  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof(path), "%s/web.xml", directory);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("<domstatus><domain><devices>\n<interface type='bridge'>\n"
        "<mac address='52:54:00:00:00:07'/></interface>\n"
        "<interface><mac address=\"52:54:00:00:00:08\"/></interface>\n"
        "<mac address=broken/><mac address='52",
        f);
  fclose(f);
  assert_int_equal(vr_nics_of_libvirt(directory, "web", &n), 0);
  assert_macs(&n, "525400000007 525400000008");
  assert_int_equal(vr_nics_of_libvirt(directory, "db", &n), -ENOENT);
  assert_int_equal(vr_nics_of_libvirt(directory, "../web", &n), -EINVAL);
  unlink(path);
  rmdir(directory);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parse),
      cmocka_unit_test(test_qemu_devices),
      cmocka_unit_test(test_qemu_short_forms),
      cmocka_unit_test(test_qemu_default_addresses),
      cmocka_unit_test(test_qemu_vhost_user),
      cmocka_unit_test(test_bad_addresses),
      cmocka_unit_test(test_too_many),
      cmocka_unit_test(test_others),
      cmocka_unit_test(test_libvirt),
  };
  return cmocka_run_group_tests_name("traffic/nics", tests, NULL, NULL);
}
