/* SPDX-License-Identifier: MIT
 *
 * The reader on made-up trees: guests that come, go, lie and collide.
 */
#include "../unit.h"

#include "guests.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define S 1000000000ULL

static void stops_when_a_guest_ends(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "db", 6);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  /* What is left of a process that ended is a zombie, or nothing. */
  tree_write(t, "100/stat",
             "100 (q) Z 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 3 0 5 0 0 0 0 0 0 "
             "0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_non_null(guest_named(h, "db"));
  /* One line says so. */
  assert_int_equal(info_count(), 1);
  assert_string_equal(log_last, "guest web has ended (process 100)");
  for (int i = 0; i < 100; i++)
    vr_host_read(h);
  assert_int_equal(info_count(), 0);
  assert_int_equal(log_count(), 0);
  tree_remove(t, "200");
  vr_host_read(h);
  /* Files of a made-up tree can still be read when they are gone; one that is
   * opened anew can not. */
  h = machine_reader(state, 0);
  vr_host_read(h);
  assert_null(guest_named(h, "db"));
}

/* The same number, another process: nothing of the old guest is left. */
static void notices_a_reused_number(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "old", 5);
  guest_run(t, 100, 5, 9);
  struct vr_host *h = machine_reader(state, 1);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "old")->vcpu.sched.run_ns, 45 * S);
  guest_start(t, 100, "new", 77);
  guest_run(t, 100, 77, 1);
  vr_host_read(h);
  assert_null(guest_named(h, "old"));
  vr_host_read(h);
  assert_null(guest_named(h, "old"));
  assert_non_null(guest_named(h, "new"));
  assert_int_equal(guest_named(h, "new")->vcpu.sched.run_ns, 5 * S);
}

static void ignores_who_is_not_trusted(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "web", 6);
  guest_owner(t, 200, 1000, 1000, 1);
  guest_start(t, 300, "web", 6);
  guest_owner(t, 300, 1000, 0, 1); /* set-uid */
  struct vr_host *h = machine_reader(state, 100);
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_int_equal(guest_named(h, "web")->pid, 100);
  /* One line for all of a user's. */
  assert_int_equal(log_count(), 1);
  assert_non_null(strstr(log_last, "of user 1000 "));
  for (int i = 0; i < 100; i++) {
    guest_start(t, 1000 + 10 * i, "web", 7);
    guest_owner(t, 1000 + 10 * i, 2000 + i, 0, 1);
    vr_host_read(h);
  }
  /* Somebody may have very many users. */
  assert_in_range(log_count(), 10, 20);
}

/* Without uuids they are known as long as they run. */
static void keeps_twins_apart(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->pid, 100);
  log_count();
  guest_start(t, 200, "web", 6);
  guest_run(t, 200, 6, 1);
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_int_equal(guest_named(h, "web-100")->pid, 100);
  assert_int_equal(guest_named(h, "web-200")->pid, 200);
  assert_int_equal(log_count(), 2);
  /* The younger keeps its name when the elder ends. */
  tree_write(t, "100/stat", "100 (q) X 1\n");
  vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_int_equal(guest_named(h, "web-200")->pid, 200);
}

/* What a command line says may lead out of a writer's directory. */
static void twins_with_strange_uuids(void **state) {
  (void)state;
  static const char *const uuids[] = {"../../y", "c480f677-d5ac-44f1-b585-bfa8",
                                      "c480f677/d5ac-44f1-b585-bfa84ecfd130",
                                      "------------------------------------"};
  for (size_t i = 0; i < sizeof(uuids) / sizeof(uuids[0]); i++) {
    struct tree t = tree_new();
    char args[256];
    guest_start(&t, 100, "uuu", 5);
    guest_start(&t, 200, "uuu", 6);
    snprintf(args, sizeof(args), "qemu-system-x86_64\n-name\nuuu\n-uuid\n%s\n",
             uuids[i]);
    tree_args(&t, "200/cmdline", args);
    struct vr_host *h = reader_new(&t, 100);
    vr_host_read(h);
    assert_non_null(guest_named(h, "uuu-200"));
    assert_string_equal(guest_named(h, "uuu-200")->vm->uuid, "");
    vr_host_free(h);
    tree_free(&t);
  }
}

static void takes_names_of_all_kinds(void **state) {
  struct tree *t = &machine_of(state)->tree;
  char raw[340] = "guest=", long_a[320], long_b[320];
  memset(long_a, 'n', 300);
  strcpy(long_a + 300, "A");
  memset(long_b, 'n', 300);
  strcpy(long_b + 300, "B");
  guest_start(t, 100, "guest=a/b", 1);
  guest_start(t, 110, "guest=my-web server", 1);
  guest_start(t, 120, "guest=gr\xc3\xbc\xc3\x9f", 1);
  strcpy(raw + 6, long_a);
  guest_start(t, 130, raw, 1);
  strcpy(raw + 6, long_b);
  guest_start(t, 140, raw, 1);
  struct vr_host *h = machine_reader(state, 200);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 5);
  assert_non_null(guest_named(h, "a_b"));
  assert_non_null(guest_named(h, "my-web server"));
  assert_non_null(guest_named(h, "gr\xc3\xbc\xc3\x9f"));
  strcpy(long_a + 100, "-130");
  assert_int_equal(guest_named(h, long_a)->pid, 130);
  strcpy(long_a + 100, "-140");
  assert_int_equal(guest_named(h, long_a)->pid, 140);
}

/* However few files may stay open, the numbers are the same. */
static void needs_no_budget(void **state) {
  (void)state;
  static const int budgets[] = {1, 4, 7, 1000};
  for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
    struct tree t = tree_new();
    guest_start(&t, 100, "web", 5);
    guest_start(&t, 200, "db", 6);
    struct vr_host *h = reader_new(&t, budgets[i]);
    for (int round = 1; round <= 5; round++) {
      guest_run(&t, 100, 5, round);
      guest_run(&t, 200, 6, 2 * round);
      vr_host_read(h);
      assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, 5 * S * round);
      assert_int_equal(guest_named(h, "web")->vcpu.minflt, 500 * round);
      assert_int_equal(guest_named(h, "db")->emulator.switches.involuntary,
                       6 * round);
      assert_in_range(vr_host_fds(h), 0, budgets[i]);
    }
    assert_int_equal(log_count(), 0);
    vr_host_free(h);
    tree_free(&t);
  }
}

/* Absent, not zero, and said once. */
static void does_without_what_it_cannot_read(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "db", 6);
  tree_remove(t, "100/io");
  tree_remove(t, "100/statm");
  tree_remove(t, "100/task/101/status");
  tree_write(t, "100/task/102/stat", "nonsense");
  struct vr_host *h = machine_reader(state, 100);
  for (int i = 1; i < 20; i++) {
    guest_run(t, 200, 6, i);
    vr_host_read(h);
  }
  const struct vr_vmproc_sample *s = guest_named(h, "web");
  assert_false(s->have_io);
  assert_false(s->have_resident);
  assert_true(guest_named(h, "db")->have_io);
  assert_int_equal(guest_named(h, "db")->vcpu.sched.run_ns, 5 * S * 19);
  assert_int_equal(log_count(), 0);
}

/* Whoever was listed first. */
static void none_of_twins_has_the_plain_name(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 500, "web", 9000);
  guest_start(t, 30000, "web", 80);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web-30000")->pid, 30000);
  assert_int_equal(guest_named(h, "web-500")->pid, 500);
}

/* The kernel names a process after the program that it executes. */
static void forgets_a_guest_that_executes_another_program(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "db", 6);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  tree_remove(t, "100/cmdline");
  tree_args(t, "100/cmdline", "sleep\n1000\n");
  tree_write(t, "100/stat",
             "100 (sleep) S 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 3 0 5 0 0 0 0 "
             "0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  vr_host_read(h);
  assert_null(guest_named(h, "web"));
  assert_non_null(guest_named(h, "db"));
  /* And one that becomes another guest. */
  guest_start(t, 200, "other", 6);
  tree_write(t, "200/stat",
             "200 (qemu-kvm) S 1 1 1 0 -1 0 600 0 60 0 1 1 0 0 20 0 3 0 6 0 0 "
             "0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  vr_host_read(h);
  vr_host_read(h);
  assert_null(guest_named(h, "db"));
  assert_int_equal(guest_named(h, "other")->pid, 200);
  assert_int_equal(vr_host_vmproc_count(h), 1);
}

/* A VMM's helper looks like it until it has executed its own program. */
static void does_not_count_children_of_guests(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "web", 6);
  guest_owner(t, 200, 0, 0, 100);
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
}

/* A VMM that puts itself into the background goes on in a child, which
 * looks like the guest's helper until the guest ends. */
static void finds_who_goes_into_the_background(void **state) {
  struct tree *t = &machine_of(state)->tree;
  guest_start(t, 100, "web", 5);
  for (int pid = 1000; pid < 1040; pid++) {
    char path[32];
    snprintf(path, sizeof(path), "%d/cmdline", pid);
    tree_args(t, path, "sleep\n1\n");
    guest_owner(t, pid, 0, 0, 1);
  }
  struct vr_host *h = machine_reader(state, 100);
  vr_host_read(h);
  guest_start(t, 110, "web", 6);
  guest_owner(t, 110, 0, 0, 100);
  for (int i = 0; i < 10; i++)
    vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  tree_write(t, "100/stat", "100 (q) X 1\n");
  guest_owner(t, 110, 0, 0, 1);
  vr_host_read(h);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 1);
  assert_int_equal(guest_named(h, "web")->pid, 110);
}

/* bash executes QEMU an hour after it was started. */
static void finds_who_executes_late(void **state) {
  struct tree *t = &machine_of(state)->tree;
  tree_args(t, "50/cmdline", "bash\n");
  guest_owner(t, 50, 0, 0, 1);
  for (int pid = 1000; pid < 1020; pid++) {
    char path[32];
    snprintf(path, sizeof(path), "%d/cmdline", pid);
    tree_args(t, path, "sleep\n1\n");
    guest_owner(t, pid, 0, 0, 1);
  }
  struct vr_host *h = machine_reader(state, 100);
  for (int i = 0; i < 100; i++)
    vr_host_read(h);
  guest_start(t, 50, "late", 5);
  /* 21 processes, two of them looked at in an interval. */
  for (int i = 0; i < 11; i++)
    vr_host_read(h);
  assert_non_null(guest_named(h, "late"));
}

static void lets_500_guests_come_and_go(void **state) {
  struct tree *t = &machine_of(state)->tree;
  struct vr_host *h = machine_reader(state, 200);
  char name[32];
  guest_start(t, 10, "stays", 1);
  for (int i = 0; i < 500; i++) {
    int pid = 1000 + 10 * i;
    snprintf(name, sizeof(name), "g%d", i);
    guest_start(t, pid, name, i);
    guest_run(t, 10, 1, i);
    vr_host_read(h);
    assert_non_null(guest_named(h, name));
    assert_int_equal(guest_named(h, "stays")->vcpu.sched.run_ns, 5 * S * i);
    snprintf(name, sizeof(name), "%d/stat", pid);
    tree_write(t, name, "%d (q) X 1\n", pid);
    vr_host_read(h);
    assert_int_equal(vr_host_vmproc_count(h), 1);
    snprintf(name, sizeof(name), "%d", pid);
    tree_remove(t, name);
  }
  assert_int_equal(log_count(), 0);
  /* Some ends are said one by one, the rest of them is counted. */
  assert_in_range(info_count(), 20, 250);
  assert_in_range(vr_host_fds(h), 0, 30);
}

/* Neither descriptors nor files are there: nobody has ended. */
static void a_shortage_of_descriptors_ends_no_guest(void **state) {
  struct tree *t = &machine_of(state)->tree;
  struct rlimit before, none;
  guest_start(t, 100, "web", 5);
  guest_start(t, 200, "db", 6);
  guest_run(t, 100, 5, 1);
  struct vr_host *h = machine_reader(state, 1);
  vr_host_read(h);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  log_count();
  info_count();
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  for (int i = 0; i < 3; i++)
    vr_host_read(h);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(vr_host_vmproc_count(h), 2);
  assert_int_equal(info_count(), 0);
  /* What was not read is not known; it does not stand still. */
  assert_false(guest_named(h, "web")->have_threads);
  assert_false(guest_named(h, "web")->have_resident);
  guest_run(t, 100, 5, 3);
  vr_host_read(h);
  assert_int_equal(guest_named(h, "web")->vcpu.sched.run_ns, 15 * S);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_machine(stops_when_a_guest_ends),
      on_a_machine(notices_a_reused_number),
      on_a_machine(ignores_who_is_not_trusted),
      on_a_machine(a_shortage_of_descriptors_ends_no_guest),
      on_a_machine(keeps_twins_apart),
      cmocka_unit_test(twins_with_strange_uuids),
      on_a_machine(takes_names_of_all_kinds),
      cmocka_unit_test(needs_no_budget),
      on_a_machine(does_without_what_it_cannot_read),
      on_a_machine(none_of_twins_has_the_plain_name),
      on_a_machine(forgets_a_guest_that_executes_another_program),
      on_a_machine(does_not_count_children_of_guests),
      on_a_machine(finds_who_goes_into_the_background),
      on_a_machine(finds_who_executes_late),
      on_a_machine(lets_500_guests_come_and_go),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
