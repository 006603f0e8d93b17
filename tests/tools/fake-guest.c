/* SPDX-License-Identifier: MIT
 *
 * fake-guest: a process that looks like a virtual machine and has a made-up
 * Linux guest's memory mapped, whose clock goes on. Its arguments are those of
 * the VMM that it plays; it prints "ready" and goes on until it is killed. For
 * tests of vmrecon-introspect.
 */
#include "../unit/introspect/fake_kernel.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>

static void touch(const struct fake_kernel *f) {
  volatile uint8_t sum = 0;
  for (uint64_t i = 0; i < f->o.size; i += 4096)
    sum = (uint8_t)(sum + f->ram[i]);
}

int main(void) {
  static const struct timespec pause = {0, 5000000};
  uint64_t jiffies = 4294892296ull + 25000;
  struct fake_kernel *f = fake_new(&(struct fake_options){
      .layout = FAKE_6_12,
      .size = 66ull << 20,
      .at = 32 << 20,
      .cpus = 2,
      .without_tick_time = true,
      .shared = true,
  });
  /* Dies with whoever started it. */
  prctl(PR_SET_PDEATHSIG, 15);
  touch(f);
  puts("ready");
  fflush(stdout);
  for (;;) {
    fake_put64(f, f->jiffies, jiffies += 250);
    nanosleep(&pause, NULL);
  }
}
