/* SPDX-License-Identifier: MIT */
#include "fake_guest.h"

#include <assert.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

void fake_guest_tick(struct fake_guest *g) {
  fake_put64(g->f, g->f->jiffies, g->jiffies += 250);
}

/* The child touches its memory as a guest does. */
static pid_t start_process(const struct fake_kernel *f) {
  int pipes[2];
  char c;
  if (pipe(pipes) < 0)
    return -1;
  pid_t pid = fork();
  if (pid == 0) {
    volatile uint8_t sum = 0;
    for (uint64_t i = 0; i < f->o.size; i += 4096)
      sum = (uint8_t)(sum + f->ram[i]);
    if (write(pipes[1], "x", 1) != 1)
      _exit(1);
    for (;;)
      pause();
  }
  ssize_t n = read(pipes[0], &c, 1);
  close(pipes[0]);
  close(pipes[1]);
  return n == 1 ? pid : -1;
}

void fake_guest_start(struct fake_guest *g) {
  g->f = fake_new(&(struct fake_options){.layout = FAKE_6_12,
                                         .size = FAKE_GUEST_SIZE,
                                         .at = 32 << 20,
                                         .cpus = 2,
                                         .without_tick_time = true,
                                         .shared = true});
  g->jiffies = 4294892296ull + 25000;
  fake_guest_tick(g);
  g->pid = start_process(g->f);
  assert(g->pid > 0);
}

void fake_guest_kill(struct fake_guest *g) {
  kill(g->pid, SIGKILL);
  waitpid(g->pid, NULL, 0);
}

void fake_guest_end(struct fake_guest *g) {
  fake_guest_kill(g);
  fake_free(g->f);
}
