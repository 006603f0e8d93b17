/* SPDX-License-Identifier: MIT
 *
 * A guest that is killed in the middle of a reading: before each single open
 * and read of an interval in turn, on the real /proc. This program plays the
 * guests itself; --wrap puts the killing between the reader and the C library.
 */
#include "../unit.h"

#include "guests.h"

#include "basic/log.h"
#include "host/host.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_CALLS = 2000 };

/* The real /proc may hold another run of this test: names that are ours alone.
 */
static char elder_name[32], victim_name[32], younger_name[32];

static void name_guests(void) {
  int pid = (int)getpid();
  snprintf(elder_name, sizeof(elder_name), "elder%d", pid);
  snprintf(victim_name, sizeof(victim_name), "victim%d", pid);
  snprintf(younger_name, sizeof(younger_name), "younger%d", pid);
}

/* --- a guest: two vCPU threads, a worker, the main thread --- */

static void *be_thread(void *name) {
  prctl(PR_SET_NAME, name);
  if (write(1, "", 1) != 1)
    _exit(1);
  /* The files of a thread are read when it ran. */
  for (;;)
    usleep(2000);
  return NULL;
}

static int be_guest(void) {
  static char names[][16] = {"CPU 0/TCG", "CPU 1/TCG", "worker"};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (size_t i = 0; i < 3; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, be_thread, names[i]) != 0)
      return 1;
  }
  for (;;)
    pause();
}

/* Returns when its threads have their names. */
static pid_t guest_spawn(const char *name) {
  int ready[2];
  char option[64], c;
  snprintf(option, sizeof(option), "guest=%s,debug-threads=on", name);
  if (pipe(ready) < 0)
    exit(99);
  pid_t pid = fork();
  if (pid == 0) {
    dup2(ready[1], 1);
    execl("/proc/self/exe", "qemu-system-x86_64", "-name", option, "-accel",
          "tcg", "-smp", "2", (char *)NULL);
    _exit(1);
  }
  close(ready[1]);
  for (int i = 0; i < 3; i++)
    if (read(ready[0], &c, 1) != 1)
      exit(99);
  close(ready[0]);
  return pid;
}

/* --- the killing --- */

static pid_t victim;
static int calls_left; /* before which of the reader's calls; 0: disarmed */

static void kill_guest(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

static void before_call(void) {
  if (calls_left > 0 && --calls_left == 0)
    kill_guest(victim);
}

ssize_t __real_pread(int fd, void *buffer, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *buffer, size_t n, off_t offset);
ssize_t __wrap_pread(int fd, void *buffer, size_t n, off_t offset) {
  before_call();
  return __real_pread(fd, buffer, n, offset);
}

int __real_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...) {
  before_call();
  return __real_openat(dirfd, path, flags);
}

/* --- the reading --- */

static int messages;

/* Whoever else runs on this machine may be worth a message at any time. */
static bool is_about_ours(const char *message) {
  char process[32];
  snprintf(process, sizeof(process), "process %d ", (int)victim);
  return strstr(message, elder_name) || strstr(message, victim_name) ||
         strstr(message, younger_name) || strstr(message, process);
}

static void count_message(int priority, const char *message) {
  /* That a guest has ended is no trouble. */
  if (priority >= LOG_INFO)
    return;
  fprintf(stderr, "%s\n", message);
  messages += is_about_ours(message);
}

static bool is_ours(void *ctx, const struct vr_vm *vm) {
  (void)ctx;
  return strcmp(vm->name, elder_name) == 0 ||
         strcmp(vm->name, victim_name) == 0 ||
         strcmp(vm->name, younger_name) == 0;
}

static struct vr_host *reader_of_machine(int fd_budget) {
  struct vr_host_options options;
  struct vr_host *h;
  vr_host_options_default(&options);
  options.qmp = false;
  options.fd_budget = fd_budget;
  options.select = is_ours;
  vr_log_set(count_message);
  assert_int_equal(vr_host_new(&options, &h), 0);
  return h;
}

static bool is_whole(const struct vr_vmproc_sample *s) {
  return s && s->have_threads && s->vcpus == 2 && s->vcpu.have_sched &&
         s->vcpu.sched.run_ns > 0 && s->emulator.sched.run_ns > 0 &&
         s->have_resident;
}

/* Within two readings, as promised. */
static void find_all(struct vr_host *h) {
  vr_host_read(h);
  vr_host_read(h);
  assert_true(is_whole(guest_named(h, elder_name)));
  assert_true(is_whole(guest_named(h, victim_name)));
  assert_true(is_whole(guest_named(h, younger_name)));
}

static void check_other(const struct vr_host *h, const char *name,
                        const struct vr_vmproc_sample *before) {
  const struct vr_vmproc_sample *s = guest_named(h, name);
  assert_true(is_whole(s));
  assert_int_equal(s->pid, before->pid);
  assert_true(s->vcpu.sched.run_ns >= before->vcpu.sched.run_ns);
  assert_true(s->emulator.sched.run_ns >= before->emulator.sched.run_ns);
  assert_true(s->have_io == before->have_io);
}

/* What is still said of it is what was known of it, not less. */
static void check_victim(const struct vr_host *h,
                         const struct vr_vmproc_sample *before) {
  const struct vr_vmproc_sample *s = guest_named(h, victim_name);
  if (!s)
    return;
  assert_int_equal(s->pid, before->pid);
  assert_true(s->have_threads);
  assert_int_equal(s->vcpus, 2);
  assert_true(s->vcpu.sched.run_ns >= before->vcpu.sched.run_ns);
  assert_true(s->emulator.sched.run_ns >= before->emulator.sched.run_ns);
  assert_true(!s->have_resident || s->resident > 0);
}

/* Returns false when this reading had no N-th call. Files of a thread are read
 * only if it ran, for which there are WAIT_US. */
static bool kill_before(struct vr_host *h, int n, int fds, unsigned wait_us) {
  victim = guest_spawn(victim_name);
  pid_t last = guest_spawn(younger_name);
  find_all(h);
  const struct vr_vmproc_sample one = *guest_named(h, victim_name);
  const struct vr_vmproc_sample elder = *guest_named(h, elder_name);
  const struct vr_vmproc_sample younger = *guest_named(h, younger_name);
  messages = 0;
  usleep(wait_us);
  calls_left = n;
  vr_host_read(h);
  bool fired = calls_left == 0;
  calls_left = 0;
  if (!fired)
    kill_guest(victim);
  check_victim(h, &one);
  check_other(h, elder_name, &elder);
  check_other(h, younger_name, &younger);
  vr_host_read(h);
  assert_null(guest_named(h, victim_name));
  check_other(h, elder_name, &elder);
  check_other(h, younger_name, &younger);
  kill_guest(last);
  vr_host_read(h);
  assert_int_equal(messages, 0);
  assert_int_equal(vr_host_fds(h), fds);
  return fired;
}

/* Returns false when no reading has an N-th call, however long all threads had
 * time to run on a busy machine. */
static bool kill_patiently(struct vr_host *h, int n, int fds) {
  static const unsigned waits_us[] = {5000, 100000, 1000000};
  for (size_t i = 0; i < sizeof(waits_us) / sizeof(waits_us[0]); i++)
    if (kill_before(h, n, fds, waits_us[i]))
      return true;
  return false;
}

static void kill_before_each_call(int fd_budget) {
  struct vr_host *h = reader_of_machine(fd_budget);
  pid_t elder = guest_spawn(elder_name);
  vr_host_read(h);
  vr_host_read(h);
  assert_non_null(guest_named(h, elder_name));
  int fds = vr_host_fds(h), n = 1;
  while (n < MOST_CALLS && kill_patiently(h, n, fds))
    n++;
  /* Three guests of four threads have at least so many. */
  assert_in_range(n, 30, MOST_CALLS - 1);
  print_message("killed before each of %d calls\n", n - 1);
  kill_guest(elder);
  vr_host_free(h);
}

static void with_files_open(void **state) {
  (void)state;
  kill_before_each_call(500);
}

static void with_files_opened_each_time(void **state) {
  (void)state;
  kill_before_each_call(1);
}

int main(int argc, char **argv) {
  if (argc > 0 && strcmp(argv[0], "qemu-system-x86_64") == 0)
    return be_guest();
  name_guests();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(with_files_open),
      cmocka_unit_test(with_files_opened_each_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
