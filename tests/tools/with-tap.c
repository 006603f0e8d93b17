/* SPDX-License-Identifier: MIT
 *
 * with-tap NAME COMMAND...: makes the tap NAME, sends two frames into it, and
 * executes the command, which holds it: for recordings, where a process has to
 * look like a virtual machine with a network.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  char frame[100];
  if (argc < 3)
    return 2;
  memset(frame, 0xff, sizeof(frame));
  snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", argv[1]);
  int tap = open("/dev/net/tun", O_RDWR);
  int any = socket(AF_INET, SOCK_DGRAM, 0);
  if (tap < 0 || any < 0 || ioctl(tap, TUNSETIFF, &r) < 0) {
    perror(argv[1]);
    return 1;
  }
  r.ifr_flags = IFF_UP;
  if (ioctl(any, SIOCSIFFLAGS, &r) < 0 ||
      write(tap, frame, sizeof(frame)) < 0 || write(tap, frame, 60) < 0)
    perror(argv[1]);
  close(any);
  execvp(argv[2], argv + 2);
  perror(argv[2]);
  return 127;
}
