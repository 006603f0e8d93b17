/* SPDX-License-Identifier: MIT
 *
 * A tap that was made in another network namespace than the one its process is
 * in: on the real kernel, where that is allowed.
 */
#include "../unit.h"

#include "host/net/tun.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t network_of(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 ? (uint64_t)st.st_ino : 0;
}

static int make_tap(const char *name) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  strcpy(request.ifr_name, name);
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) < 0) {
    close(fd);
    return -1;
  }
  return fd;
}

static void knows_where_a_tap_is(void **state) {
  (void)state;
  uint64_t found = 0, here = network_of("/proc/self/ns/net");
  int ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (unshare(CLONE_NEWNET) < 0)
    skip();
  uint64_t there = network_of("/proc/self/ns/net");
  int tap = make_tap("eth0");
  assert_int_equal(setns(ours, CLONE_NEWNET), 0);
  close(ours);
  if (tap < 0)
    skip();
  int r = vr_tun_namespace(getpid(), tap, "eth0", &found);
  int other = vr_tun_namespace(getpid(), tap, "tap0", &found);
  close(tap);
  if (r < 0)
    skip();
  assert_true(other < 0);
  assert_int_not_equal(here, there);
  assert_int_equal(found, there);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(knows_where_a_tap_is)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
