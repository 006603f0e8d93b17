/* SPDX-License-Identifier: MIT */
#include "tools/vmrecon-play-acts.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20, PAGE = 4096 };
#define MOST_MIB 1e9 /* which no machine has */

/* --- context switches: two processes of one processor that wait for each
 * other, so that each byte is one switch --- */

static void answer(int in, int out) {
  char byte;
  while (read(in, &byte, 1) == 1 && write(out, &byte, 1) == 1)
    continue;
  _exit(0);
}

int vr_tools_switches_open(struct vr_tools_act *a, struct vr_error *ret_error) {
  int there[2], back[2];
  if (pipe2(there, O_CLOEXEC) < 0 || pipe2(back, O_CLOEXEC) < 0)
    return vr_error_set(ret_error, -errno, "no pipe: %s", strerror(errno));
  pid_t pid = fork();
  if (pid < 0)
    return vr_error_set(ret_error, -errno, "no process: %s", strerror(errno));
  if (pid == 0) {
    close(there[1]);
    close(back[0]);
    answer(there[0], back[1]);
  }
  close(there[0]);
  close(back[1]);
  a->in = back[0];
  a->out = there[1];
  /* Both on the processor that this is on now: the child inherits nothing
   * afterwards. */
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  sched_setaffinity(pid, sizeof(one), &one);
  a->at = (off_t)sched_getcpu();
  return 0;
}

double vr_tools_switches_do(struct vr_tools_act *a, double amount) {
  char byte = 0;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET((int)a->at, &one);
  sched_setaffinity(0, sizeof(one), &one);
  double done = 0;
  for (; done + 2 <= amount; done += 2)
    if (write(a->out, &byte, 1) != 1 || read(a->in, &byte, 1) != 1)
      break;
  return done;
}

/* --- processes --- */

double vr_tools_forks_do(struct vr_tools_act *a, double amount) {
  (void)a;
  double done = 0;
  for (; done + 1 <= amount; done++) {
    pid_t pid = fork();
    if (pid == 0)
      _exit(0);
    if (pid < 0 || waitpid(pid, NULL, 0) < 0)
      break;
  }
  return done;
}

/* --- memory: so many MiB are held, and each page is written to once a turn ---
 */

int vr_tools_memory_open(struct vr_tools_act *a, struct vr_error *ret_error) {
  a->size = (size_t)ceil(fmin(a->most, MOST_MIB) + 1) * MIB;
  a->memory = mmap(NULL, a->size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (a->memory == MAP_FAILED)
    return vr_error_set(ret_error, -errno, "no %.0f MiB of memory: %s", a->most,
                        strerror(errno));
  madvise(a->memory, a->size, MADV_NOHUGEPAGE);
  return 0;
}

double vr_tools_memory_do(struct vr_tools_act *a, double amount) {
  size_t wanted = (size_t)(amount * MIB) / PAGE * PAGE;
  if (wanted > a->size)
    wanted = a->size;
  if (wanted < a->touched)
    madvise(a->memory + wanted, a->touched - wanted, MADV_DONTNEED);
  for (size_t i = 0; i < wanted; i += PAGE)
    a->memory[i]++;
  a->touched = wanted;
  return (double)wanted / MIB;
}
