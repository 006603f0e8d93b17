/* SPDX-License-Identifier: MIT
 *
 * What a reading does when nothing comes or goes: it allocates nothing, and a
 * guest's helpers cost nothing. --wrap counts what the reader calls; QEMUs'
 * answers are left out, which a library of JSON takes apart.
 */
#include "../unit.h"

#include "counted.h"
#include "guests.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WARM_UP = 70, INTERVALS = 200, HELPERS = 12 };

static int opens;

COUNTED(char *, strdup, (const char *s), (s))
COUNTED(char *, strndup, (const char *s, size_t n), (s, n))
COUNTED(DIR *, opendir, (const char *path), (path))
COUNTED(DIR *, fdopendir, (int fd), (fd))
COUNTED(FILE *, fopen, (const char *path, const char *mode), (path, mode))

int __real_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
int __wrap_openat(int dirfd, const char *path, int flags, ...) {
  opens += counting;
  return __real_openat(dirfd, path, flags);
}

static void make_machine(const struct tree *t) {
  tree_write(t, "loadavg", "0.10 0.20 0.30 1/100 300\n");
  tree_write(t, "stat",
             "cpu 1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n"
             "ctxt 5\nprocesses 7\nprocs_running 1\n"
             "procs_blocked 0\n");
  tree_write(t, "vmstat", "pgfault 5\npgmajfault 1\n");
  tree_write(t, "diskstats", "8 0 sda 1 0 8 0 1 0 8 0 0 0 0\n");
  tree_write(t, "block/sda/device/model", "x\n");
  tree_write(t, "net/dev",
             "x\ny\n  eth0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n"
             "  tap0: 1 2 0 0 0 0 0 0 3 4 0 0 0 0 0 0\n");
}

/* With a tap, a control group on a stacked device, and counters of KVM. */
static void make_guests(const struct tree *t) {
  const char *group =
      "fs/cgroup/machine.slice/machine-qemu\\x2d1\\x2dweb.scope";
  char path[160];
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "db", 6);
  tree_link(t, "100/fd/20", "/dev/net/tun");
  tree_write(t, "100/fdinfo/20", "pos:\t0\niff:\ttap0\n");
  tree_link(t, "100/fd/21", "anon_inode:kvm-vm");
  tree_write(t, "kernel/debug/kvm/100-21/exits", "5\n");
  tree_write(t, "100/cgroup",
             "0::/machine.slice/machine-qemu\\x2d1\\x2dweb.scope\n");
  snprintf(path, sizeof(path), "%s/cpu.stat", group);
  tree_write(t, path, "usage_usec 1\n");
  snprintf(path, sizeof(path), "%s/io.stat", group);
  tree_write(t, path, "8:0 rbytes=1 wbytes=1 rios=1 wios=1\n");
}

/* Children that look like it, as those that QEMU forks. */
static void make_helpers(const struct tree *t) {
  for (int i = 0; i < HELPERS; i++) {
    guest_start(t, 1000 + 10 * i, "web", 7 + i);
    guest_owner(t, 1000 + 10 * i, 0, 0, 100);
  }
}

static void read_counted(struct vr_host *h, const struct tree *t) {
  for (int i = 0; i < WARM_UP; i++)
    vr_host_read(h);
  allocations = opens = 0;
  for (int i = 0; i < INTERVALS; i++) {
    guest_run(t, 100, 5, i);
    counting = true;
    vr_host_read(h);
    counting = false;
  }
}

static void allocates_nothing(void **state) {
  (void)state;
  static const int budgets[] = {1, 1000};
  for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
    struct tree t = tree_new();
    make_machine(&t);
    make_guests(&t);
    make_helpers(&t);
    struct vr_host *h = reader_new(&t, budgets[i]);
    read_counted(h, &t);
    const struct vr_vmproc_sample *s = guest_named(h, "web");
    assert_true(s->have_tap && s->have_kvm && s->cgroup.have_io);
    assert_true(vr_host_self(h)->have_disks && vr_host_self(h)->have_stat);
    assert_int_equal(vr_host_vmproc_count(h), 2);
    assert_int_equal(allocations, 0);
    vr_host_free(h);
    tree_free(&t);
  }
}

static int opens_with(bool helpers) {
  struct tree t = tree_new();
  make_machine(&t);
  make_guests(&t);
  if (helpers)
    make_helpers(&t);
  struct vr_host *h = reader_new(&t, 1000);
  read_counted(h, &t);
  vr_host_free(h);
  tree_free(&t);
  return opens;
}

static void helpers_are_looked_at_once(void **state) {
  (void)state;
  assert_int_equal(opens_with(true), opens_with(false));
}

/* The counter itself works: a guest that comes is worth some allocations. */
static void counts_what_a_new_guest_takes(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, "web", 5);
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  guest_start(&t, 200, "db", 5);
  allocations = 0;
  counting = true;
  vr_host_read(h);
  counting = false;
  assert_in_range(allocations, 1, 20);
  vr_host_free(h);
  tree_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(allocates_nothing),
      cmocka_unit_test(helpers_are_looked_at_once),
      cmocka_unit_test(counts_what_a_new_guest_takes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
