/* SPDX-License-Identifier: MIT
 *
 * More guests than files may be kept open: nothing of any of them is missing.
 */
#include "../unit.h"

#include "fake_qmp.h"
#include "guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GUESTS = 3 };

static const char *const names[GUESTS] = {"one", "two", "three"};

static struct vr_host *reader_with_qmp(const struct tree *t, int budget) {
  struct vr_host_options options;
  struct vr_host *h;
  reader_options(t, budget, &options);
  options.qmp = true;
  /* QEMU is played between two readings. */
  options.qmp_wait_ms = 0;
  if (vr_host_new(&options, &h) < 0)
    exit(99);
  return h;
}

/* Reads so often that every QEMU has answered. */
static void talk(struct vr_host *h, struct fake_qmp *f, int readings) {
  for (int i = 0; i < readings; i++) {
    vr_host_read(h);
    for (int k = 0; k < GUESTS; k++)
      fake_qmp_serve(&f[k]);
  }
  vr_host_read(h);
}

/* Of how many guests QEMU has reported the disks. */
static int reported_by_qmp(int budget, int *ret_messages) {
  struct tree t = tree_new();
  struct fake_qmp f[GUESTS];
  for (int i = 0; i < GUESTS; i++) {
    fake_qmp_start(&f[i], &t, names[i]);
    f[i].read_bytes = 1000 + (unsigned)i;
  }
  struct vr_host *h = reader_with_qmp(&t, budget);
  talk(h, f, 6);
  int n = 0;
  for (int i = 0; i < GUESTS; i++) {
    const struct vr_vmproc_sample *s = guest_named(h, names[i]);
    assert_non_null(s);
    assert_true(s->have_threads && s->have_io && s->have_resident);
    assert_true(!s->have_block || s->block.read_bytes == 1000 + (unsigned)i);
    n += s->have_block;
  }
  assert_in_range(vr_host_fds(h), 0, budget);
  talk(h, f, 100);
  *ret_messages = log_count();
  vr_host_free(h);
  for (int i = 0; i < GUESTS; i++)
    fake_qmp_end(&f[i]);
  tree_free(&t);
  return n;
}

/* A socket has to stay open, a file can be opened for each reading. */
static void sockets_come_before_files(void **state) {
  (void)state;
  int messages;
  assert_int_equal(reported_by_qmp(1000, &messages), GUESTS);
  assert_int_equal(messages, 0);
  assert_int_equal(reported_by_qmp(24, &messages), GUESTS);
  assert_int_equal(messages, 0);
}

static void logs_once_that_sockets_are_left_out(void **state) {
  (void)state;
  int messages;
  int reported = reported_by_qmp(2, &messages);
  assert_int_equal(reported, 2);
  assert_int_equal(messages, 1);
  assert_non_null(strstr(log_last, "QMP socket"));
  assert_non_null(strstr(log_last, "LimitNOFILE"));
}

static void start_in_group(const struct tree *t, int i) {
  char path[160];
  int pid = 100 * (i + 1);
  guest_start(t, pid, names[i], 5);
  snprintf(path, sizeof(path), "%d/cgroup", pid);
  tree_write(t, path, "0::/machine.slice/machine-qemu\\x2d%d\\x2d%s.scope\n", i,
             names[i]);
  snprintf(path, sizeof(path),
           "fs/cgroup/machine.slice/machine-qemu\\x2d%d\\x2d%s.scope/"
           "memory.current",
           i, names[i]);
  tree_write(t, path, "%d\n", 4096 * (i + 1));
}

static void control_groups_need_no_budget(void **state) {
  (void)state;
  static const int budgets[] = {1, 2, 30, 1000};
  for (size_t b = 0; b < sizeof(budgets) / sizeof(budgets[0]); b++) {
    struct tree t = tree_new();
    for (int i = 0; i < GUESTS; i++)
      start_in_group(&t, i);
    struct vr_host *h = reader_new(&t, budgets[b]);
    for (int round = 0; round < 3; round++) {
      vr_host_read(h);
      for (int i = 0; i < GUESTS; i++) {
        const struct vr_vmproc_sample *s = guest_named(h, names[i]);
        assert_true(s->cgroup.have_memory);
        assert_int_equal(s->cgroup.memory, 4096 * (i + 1));
      }
      assert_in_range(vr_host_fds(h), 0, budgets[b]);
    }
    vr_host_free(h);
    tree_free(&t);
  }
}

/* A guest is moved into its group a moment after it was started. */
static void finds_a_group_that_comes_later(void **state) {
  (void)state;
  struct tree t = tree_new();
  guest_start(&t, 100, names[0], 5);
  tree_write(&t, "100/cgroup", "0::/system.slice/starter.service\n");
  struct vr_host *h = reader_new(&t, 100);
  vr_host_read(h);
  assert_false(guest_named(h, names[0])->cgroup.have_memory);
  start_in_group(&t, 0);
  vr_host_read(h);
  assert_true(guest_named(h, names[0])->cgroup.have_memory);
  vr_host_free(h);
  tree_free(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sockets_come_before_files),
      cmocka_unit_test(logs_once_that_sockets_are_left_out),
      cmocka_unit_test(control_groups_need_no_budget),
      cmocka_unit_test(finds_a_group_that_comes_later),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
