/* SPDX-License-Identifier: MIT
 *
 * After 100 000 intervals memory and descriptors are where they were once
 * everything had happened a few times: guests that come and go, a tap and a
 * disk as well, a QEMU that hangs up. VR_SOAK in the environment sets
 * another number of intervals (valgrind is slow).
 */
#include "../unit.h"

#include "fake_qmp.h"
#include "guests.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_files(void) {
  int n = 0;
  DIR *d = opendir("/proc/self/fd");
  while (d && readdir(d))
    n++;
  closedir(d);
  return n;
}

/* A guest with a control group and two taps of which one comes and goes. */
static void start_busy(const struct tree *t) {
  guest_start(t, 100, "web", 5);
  tree_write(t, "100/cgroup", "0::/vms/web\n");
  tree_write(t, "fs/cgroup/vms/web/cpu.stat", "usage_usec 1\n");
  tree_link(t, "100/fd/20", "/dev/net/tun");
  tree_write(t, "100/fdinfo/20", "pos:\t0\niff:\ttap0\n");
}

static void interfaces(const struct tree *t, int i) {
  tree_write(t, "net/dev",
             "x\ny\n  eth0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n"
             "  tap0: %d 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n"
             "%s",
             i, i / 500 % 2 ? "  tap1: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n" : "");
  if (i / 500 % 2) {
    tree_link(t, "100/fd/21", "/dev/net/tun");
    tree_write(t, "100/fdinfo/21", "pos:\t0\niff:\ttap1\n");
  } else {
    tree_remove(t, "100/fd/21");
  }
  tree_write(t, "fs/cgroup/vms/web/io.stat",
             "8:%d rbytes=%d wbytes=1 rios=1 wios=1\n", i / 500 % 7, i);
}

/* Files of a made-up tree can still be read when they are gone. */
static void end(const struct tree *t, int pid) {
  char path[32];
  snprintf(path, sizeof(path), "%d/stat", pid);
  tree_write(t, path, "%d (q) X 1\n", pid);
}

/* Every guest has another number and another name, and lives 100 intervals. */
static void come_and_go(const struct tree *t, int i) {
  char path[32], name[32];
  int pid = 1000 + 10 * (i / 500 % 50);
  snprintf(path, sizeof(path), "%d", pid);
  snprintf(name, sizeof(name), "g%d", i);
  if (i % 500 == 200)
    guest_start(t, pid, name, i);
  else if (i % 500 == 300)
    end(t, pid);
  else if (i % 500 == 400)
    tree_remove(t, path);
}

static void change(const struct tree *t, struct fake_qmp *f, int i) {
  /* Threads run now and then, so that all their files are read. */
  if (i % 1000 == 1)
    guest_run(t, 100, 5, i);
  if (i % 500 == 1)
    interfaces(t, i);
  if (i % 100 == 0)
    come_and_go(t, i);
  if (i % 4 == 0)
    fake_qmp_serve(f);
  if (i % 5000 == 2500)
    fake_qmp_hang_up(f);
}

static struct vr_host *reader_with_qmp(const struct tree *t) {
  struct vr_host_options options;
  struct vr_host *h;
  reader_options(t, 100, &options);
  options.qmp = true;
  options.qmp_wait_ms = 0;
  assert_int_equal(vr_host_new(&options, &h), 0);
  return h;
}

static void stays_as_it_is(void **state) {
  (void)state;
  const char *set = getenv("VR_SOAK");
  int intervals = set ? atoi(set) : 100000, files = 0, fds = 0;
  size_t bytes = 0;
  struct tree t = tree_new();
  struct fake_qmp f;
  start_busy(&t);
  guest_start(&t, 200, "db", 6);
  fake_qmp_start(&f, &t, "asked");
  tree_write(&t, "loadavg", "0.10 0.20 0.30 1/100 300\n");
  struct vr_host *h = reader_with_qmp(&t);
  for (int i = 1; i <= intervals; i++) {
    change(&t, &f, i);
    vr_host_read(h);
    if (i == 1100) {
      bytes = mallinfo2().uordblks;
      files = open_files();
      fds = vr_host_fds(h);
    }
  }
  assert_int_equal(vr_host_vmproc_count(h), 3);
  assert_true(guest_named(h, "asked")->have_block);
  assert_in_range(mallinfo2().uordblks, 0, bytes + 4096);
  assert_int_equal(open_files(), files);
  assert_int_equal(vr_host_fds(h), fds);
  vr_host_free(h);
  fake_qmp_end(&f);
  tree_free(&t);
}

/* The allocator counts what a thread keeps for its next requests (tcache) as in
 * use: it has to keep nothing, which only its environment can say. Under
 * valgrind, which has VR_SOAK set, another program would not be watched. */
static void without_tcache(char **argv) {
  if (getenv("VR_SOAK") || getenv("GLIBC_TUNABLES"))
    return;
  setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1);
  execv("/proc/self/exe", argv);
}

int main(int argc, char **argv) {
  (void)argc;
  without_tcache(argv);
  const struct CMUnitTest tests[] = {cmocka_unit_test(stays_as_it_is)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
