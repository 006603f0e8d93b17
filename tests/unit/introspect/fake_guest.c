/* SPDX-License-Identifier: MIT */
#include "fake_guest.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

void fake_guest_tick(struct fake_guest *g) {
  fake_put64(g->f, g->f->jiffies, g->jiffies += 250);
}

static void touch_all(const struct fake_kernel *f) {
  volatile uint8_t sum = 0;
  for (uint64_t i = 0; i < f->o.size; i += 4096)
    sum = (uint8_t)(sum + f->ram[i]);
}

/* The child touches its memory as a guest does, and gives it up from the
 * offset on as it is asked. */
static void play(const struct fake_kernel *f, int from, int to,
                 void (*touch)(const struct fake_kernel *)) {
  uint64_t offset;
  touch(f);
  while (write(to, "x", 1) == 1 &&
         read(from, &offset, sizeof(offset)) == sizeof(offset))
    munmap(f->ram + offset, f->o.size - offset);
  _exit(0);
}

static void wait_for_process(const struct fake_guest *g) {
  char c;
  ssize_t n = read(g->from, &c, 1);
  assert(n == 1);
  (void)n;
}

static void start_process(struct fake_guest *g,
                          void (*touch)(const struct fake_kernel *)) {
  int there[2], back[2];
  if (pipe2(there, O_CLOEXEC) < 0 || pipe2(back, O_CLOEXEC) < 0)
    abort();
  g->pid = fork();
  if (g->pid == 0)
    play(g->f, there[0], back[1], touch);
  close(there[0]);
  close(back[1]);
  g->to = there[1];
  g->from = back[0];
  assert(g->pid > 0);
  wait_for_process(g);
}

void fake_guest_unmap(struct fake_guest *g, uint64_t from) {
  ssize_t n = write(g->to, &from, sizeof(from));
  assert(n == sizeof(from));
  (void)n;
  wait_for_process(g);
}

void fake_guest_start(struct fake_guest *g) {
  fake_guest_start_cold(g, touch_all);
}

void fake_guest_start_cold(struct fake_guest *g,
                           void (*touch)(const struct fake_kernel *)) {
  g->f = fake_new(&(struct fake_options){.layout = FAKE_6_12,
                                         .size = FAKE_GUEST_SIZE,
                                         .at = 32 << 20,
                                         .cpus = 2,
                                         .without_tick_time = true,
                                         .shared = true});
  g->jiffies = 4294892296ull + 25000;
  fake_guest_tick(g);
  start_process(g, touch);
}

void fake_guest_kill(struct fake_guest *g) {
  kill(g->pid, SIGKILL);
  waitpid(g->pid, NULL, 0);
}

void fake_guest_end(struct fake_guest *g) {
  fake_guest_kill(g);
  close(g->to);
  close(g->from);
  fake_free(g->f);
}
