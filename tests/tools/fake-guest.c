/* SPDX-License-Identifier: MIT
 *
 * fake-guest: a process that looks like a virtual machine and has a made-up
 * Linux guest's memory mapped, whose clock goes on. Its arguments are those of
 * the VMM that it plays; it prints "ready" and goes on until it is killed. For
 * tests of vmrecon-introspect.
 */
#include "../unit/introspect/fake_kernel.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

static void touch(const struct fake_kernel *f) {
  volatile uint8_t sum = 0;
  for (uint64_t i = 0; i < f->o.size; i += 4096)
    sum = (uint8_t)(sum + f->ram[i]);
}

/* Threads that the read plugin takes for vCPUs. */
static void *vcpu(void *name) {
  prctl(PR_SET_NAME, name);
  for (;;)
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
  return NULL;
}

static void start_vcpus(void) {
  static char names[][16] = {"CPU 0/TCG", "CPU 1/TCG"};
  pthread_t thread;
  for (int i = 0; i < 2; i++)
    if (pthread_create(&thread, NULL, vcpu, names[i]) != 0)
      abort();
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
  start_vcpus();
  puts("ready");
  fflush(stdout);
  for (;;) {
    fake_put64(f, f->jiffies, jiffies += 250);
    nanosleep(&pause, NULL);
  }
}
