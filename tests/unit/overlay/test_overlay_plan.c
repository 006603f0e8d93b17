/* SPDX-License-Identifier: MIT
 *
 * A plan makes what is there into what is wanted, changes nothing else, and
 * leaves no address without an entry in between: played on a model of the
 * kernel's databases.
 */
#include "../unit.h"

#include "overlay/overlay_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST = 64, BRIDGE_PORT = 3, VXLAN = 7 };

static struct {
  struct vr_overlay_entry list[MOST];
  size_t n;
  unsigned calls;
} kernel;

static bool floods(const struct vr_overlay_entry *e) {
  return e->of_vxlan && vr_mac_is_same(&e->mac, &(struct vr_mac){{0}});
}

/* A bridge has one entry of an address, whatever its port, as a VXLAN has; a
 * flooding list has many. */
static int set(void *ctx, const struct vr_overlay_entry *e) {
  (void)ctx;
  kernel.calls++;
  for (size_t i = 0; i < kernel.n; i++) {
    struct vr_overlay_entry *k = &kernel.list[i];
    if (k->of_vxlan == e->of_vxlan && vr_mac_is_same(&k->mac, &e->mac) &&
        (!floods(e) || vr_address_is_same(&k->to, &e->to))) {
      *k = *e;
      return 0;
    }
  }
  kernel.list[kernel.n++] = *e;
  return 0;
}

static int delete_entry(void *ctx, const struct vr_overlay_entry *e) {
  (void)ctx;
  kernel.calls++;
  for (size_t i = 0; i < kernel.n; i++) {
    struct vr_overlay_entry *k = &kernel.list[i];
    if (k->of_vxlan == e->of_vxlan && vr_mac_is_same(&k->mac, &e->mac) &&
        k->port == e->port &&
        (!e->of_vxlan || vr_address_is_same(&k->to, &e->to))) {
      *k = kernel.list[--kernel.n];
      return 0;
    }
  }
  return 0;
}

static struct vr_overlay_entry remote(uint8_t mac, uint8_t host) {
  return (struct vr_overlay_entry){.port = VXLAN,
                                   .of_vxlan = true,
                                   .mac = {{2, 0, 0, 0, 0, mac}},
                                   .to = {AF_INET, {10, 0, 0, host}}};
}

static struct vr_overlay_entry flood(uint8_t host) {
  struct vr_overlay_entry e = remote(0, host);
  e.mac = (struct vr_mac){{0}};
  return e;
}

static struct vr_overlay_entry at_port(uint8_t mac, unsigned port) {
  return (struct vr_overlay_entry){
      .port = port, .sticky = true, .mac = {{2, 0, 0, 0, 0, mac}}};
}

static const struct vr_overlay_plan plan = {NULL, set, delete_entry};

static void run(const struct vr_overlay_entry *wanted, size_t n,
                const struct vr_overlay_entry *present, size_t m) {
  if (m > 0)
    memcpy(kernel.list, present, m * sizeof(*present));
  kernel.n = m;
  kernel.calls = 0;
  assert_int_equal(vr_overlay_plan_run(&plan, wanted, n, present, m), 0);
  assert_int_equal(kernel.n, n);
  for (size_t i = 0; i < n; i++) {
    bool found = false;
    for (size_t k = 0; k < kernel.n; k++)
      found |= memcmp(&kernel.list[k], &wanted[i], sizeof(wanted[i])) == 0;
    assert_true(found);
  }
}

static void test_right_ones_are_left_alone(void **state) {
  (void)state;
  const struct vr_overlay_entry v[] = {remote(1, 1), at_port(1, VXLAN),
                                       flood(1), flood(2), at_port(2, 3)};
  run(v, 5, v, 5);
  assert_int_equal(kernel.calls, 0);
}

static void test_from_nothing_and_to_nothing(void **state) {
  (void)state;
  const struct vr_overlay_entry v[] = {flood(1), flood(2), remote(1, 1),
                                       at_port(1, VXLAN)};
  run(v, 4, NULL, 0);
  run(NULL, 0, v, 4);
}

static void test_a_guest_leaves_and_arrives(void **state) {
  (void)state;
  const struct vr_overlay_entry here[] = {flood(1), at_port(1, BRIDGE_PORT)};
  const struct vr_overlay_entry there[] = {flood(1), remote(1, 1),
                                           at_port(1, VXLAN)};
  run(there, 3, here, 2);
  run(here, 2, there, 3);
}

static void test_another_host_and_another_kind(void **state) {
  (void)state;
  struct vr_overlay_entry a[] = {remote(1, 1), at_port(1, VXLAN), flood(1)};
  struct vr_overlay_entry b[] = {remote(1, 2), at_port(1, VXLAN), flood(2)};
  run(b, 3, a, 3);
  a[1].sticky = false;
  run(b, 3, a, 3);
}

static int refuse(void *ctx, const struct vr_overlay_entry *e) {
  (void)e;
  ++*(unsigned *)ctx;
  return -EPERM;
}

static void test_one_that_fails_spoils_no_other(void **state) {
  (void)state;
  unsigned calls = 0;
  const struct vr_overlay_plan failing = {&calls, refuse, refuse};
  const struct vr_overlay_entry wanted[] = {remote(1, 1), remote(2, 1)};
  const struct vr_overlay_entry present[] = {remote(3, 1)};
  assert_int_equal(vr_overlay_plan_run(&failing, wanted, 2, present, 1),
                   -EPERM);
  assert_int_equal(calls, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_right_ones_are_left_alone),
      cmocka_unit_test(test_from_nothing_and_to_nothing),
      cmocka_unit_test(test_a_guest_leaves_and_arrives),
      cmocka_unit_test(test_another_host_and_another_kind),
      cmocka_unit_test(test_one_that_fails_spoils_no_other),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
