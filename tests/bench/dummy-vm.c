/* SPDX-License-Identifier: MIT
 *
 * dummy-vm: a process that looks like a virtual machine with two vCPUs and does
 * next to nothing: six threads with QEMU's names, of which the main loop and
 * the vCPUs wake up PERIOD_MS apart. Its arguments are those of the monitor
 * that it plays; the period comes in the environment as DUMMY_VM_PERIOD_MS
 * (500).
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static long period_ms = 500;

static void wake_now_and_then(void) {
  const struct timespec t = {period_ms / 1000, period_ms % 1000 * 1000000};
  for (;;)
    nanosleep(&t, NULL);
}

static void *busy(void *name) {
  prctl(PR_SET_NAME, name);
  wake_now_and_then();
  return NULL;
}

static void *idle(void *name) {
  prctl(PR_SET_NAME, name);
  for (;;)
    pause();
  return NULL;
}

int main(void) {
  static char names[][16] = {"call_rcu", "IO mon_iothread", "worker",
                             "CPU 0/TCG", "CPU 1/TCG"};
  const char *period = getenv("DUMMY_VM_PERIOD_MS");
  if (period)
    period_ms = strtol(period, NULL, 10);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 * 1024);
  for (int i = 0; i < 5; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &small, i < 3 ? idle : busy, names[i]) != 0)
      return 1;
  }
  /* Dies with whoever started it. */
  prctl(PR_SET_PDEATHSIG, 15);
  wake_now_and_then();
}
