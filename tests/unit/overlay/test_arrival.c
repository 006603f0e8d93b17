/* SPDX-License-Identifier: MIT
 *
 * Of all frames at an interface only those that come in from the wanted
 * addresses wake us: loopback of a network namespace of the test's own. Needs
 * root.
 */
#include "../unit.h"

#include "overlay/arrival.h"

#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned loopback;
static int sender = -1;
static bool ready; /* else it is skipped */

static struct vr_mac mac_of(uint8_t n) {
  return (struct vr_mac){{2, 0x10, 0x20, 0x30, n, (uint8_t)(n + 1)}};
}

static void send_frame(const struct vr_mac *from) {
  uint8_t frame[60] = {2, 9, 9, 9, 9, 9, [12] = 0x88, [13] = 0xb5};
  const struct sockaddr_ll to = {.sll_family = AF_PACKET,
                                 .sll_ifindex = (int)loopback};
  memcpy(frame + 6, from->byte, 6);
  assert_int_equal(sendto(sender, frame, sizeof(frame), 0,
                          (const struct sockaddr *)&to, sizeof(to)),
                   sizeof(frame));
}

static bool hears(int fd, const struct vr_mac *from) {
  struct pollfd p = {.fd = fd, .events = POLLIN};
  struct vr_mac heard;
  send_frame(from);
  return poll(&p, 1, 50) == 1 && vr_arrival_next(fd, &heard) &&
         vr_mac_is_same(&heard, from);
}

static void test_wakes_for_those_addresses_only(void **state) {
  (void)state;
  if (!ready)
    skip();
  struct vr_mac wanted[VR_ARRIVAL_MACS], other = mac_of(200), group = mac_of(1);
  int fd = vr_arrival_open(loopback);
  assert_true(fd >= 0);
  for (size_t i = 0; i < VR_ARRIVAL_MACS; i++)
    wanted[i] = mac_of((uint8_t)i);
  assert_false(hears(fd, &wanted[0]));
  assert_int_equal(vr_arrival_watch(fd, wanted, VR_ARRIVAL_MACS), 0);
  assert_true(hears(fd, &wanted[0]));
  assert_true(hears(fd, &wanted[VR_ARRIVAL_MACS / 2]));
  assert_true(hears(fd, &wanted[VR_ARRIVAL_MACS - 1]));
  assert_false(hears(fd, &other));
  group.byte[0] = 3; /* all but one bit are the same */
  assert_false(hears(fd, &group));
  close(fd);
}

static void test_what_came_before_is_thrown_away(void **state) {
  (void)state;
  if (!ready)
    skip();
  struct vr_mac a = mac_of(1), b = mac_of(2), heard;
  int fd = vr_arrival_open(loopback);
  assert_int_equal(vr_arrival_watch(fd, &a, 1), 0);
  send_frame(&a);
  assert_int_equal(vr_arrival_watch(fd, &b, 1), 0);
  assert_false(vr_arrival_next(fd, &heard));
  assert_true(hears(fd, &b));
  assert_int_equal(vr_arrival_watch(fd, NULL, 0), 0);
  assert_false(hears(fd, &b));
  close(fd);
}

static bool own_network(void) {
  struct ifreq r = {.ifr_flags = IFF_UP};
  strcpy(r.ifr_name, "lo");
  if (unshare(CLONE_NEWNET) < 0)
    return false;
  sender = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  loopback = if_nametoindex("lo");
  return sender >= 0 && ioctl(sender, SIOCSIFFLAGS, &r) == 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wakes_for_those_addresses_only),
      cmocka_unit_test(test_what_came_before_is_thrown_away),
  };
  ready = own_network();
  return cmocka_run_group_tests(tests, NULL, NULL);
}
