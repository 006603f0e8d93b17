/* SPDX-License-Identifier: MIT
 *
 * Guests of one name, as Proxmox VE, a clone, or a guest that moves to a new
 * QEMU have it: each keeps its name, whoever starts when.
 */
#include "../unit.h"

#include "guests.h"

#include "host/owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A "a1111111-2222-4333-8444-555555555555"
#define B "b2222222-2222-4333-8444-555555555555"

struct scene {
  struct tree t;
  char names[128];
  struct vr_host *h;
};

static struct scene scene_new(void) {
  struct scene s = {.t = tree_new()};
  snprintf(s.names, sizeof(s.names), "%s/names", s.t.path);
  return s;
}

/* OPTION is "-uuid\nUUID", or "-id\nVMID". */
static void start_named(const struct scene *s, int pid, const char *name,
                        const char *option, int start) {
  char path[64], args[512];
  guest_start(&s->t, pid, name, start);
  snprintf(path, sizeof(path), "%d/cmdline", pid);
  snprintf(args, sizeof(args), "qemu-system-x86_64\n-name\n%s\n%s\n", name,
           option);
  tree_args(&s->t, path, args);
}

static void start_guest(const struct scene *s, int pid, const char *option,
                        int start) {
  start_named(s, pid, "web", option, start);
}

static void end_guest(const struct scene *s, int pid) {
  char path[32];
  snprintf(path, sizeof(path), "%d/stat", pid);
  tree_write(&s->t, path, "%d (q) X 1\n", pid);
}

/* Of a daemon that has run before. */
static void daemon_starts(struct scene *s) {
  struct vr_host_options o;
  vr_host_free(s->h);
  reader_options(&s->t, 100, &o);
  o.names_file = s->names;
  if (vr_host_new(&o, &s->h) < 0)
    exit(99);
  vr_host_read(s->h);
}

static void check(const struct scene *s, const char *name, int pid) {
  const struct vr_vmproc_sample *g = guest_named(s->h, name);
  assert_non_null(g);
  assert_int_equal(g->pid, pid);
}

static void scene_free(struct scene *s) {
  vr_host_free(s->h);
  tree_free(&s->t);
}

static void both_carry_a_suffix(void **state) {
  (void)state;
  struct scene s = scene_new();
  start_guest(&s, 100, "-uuid\n" A, 5);
  daemon_starts(&s);
  check(&s, "web", 100);
  start_guest(&s, 200, "-uuid\n" B, 6);
  vr_host_read(s.h);
  check(&s, "web-a1111111", 100);
  check(&s, "web-b2222222", 200);
  /* The first one restarts, and is the younger now. */
  end_guest(&s, 100);
  vr_host_read(s.h);
  check(&s, "web-b2222222", 200);
  start_guest(&s, 300, "-uuid\n" A, 9);
  vr_host_read(s.h);
  check(&s, "web-a1111111", 300);
  check(&s, "web-b2222222", 200);
  /* It is alone again, with its own name. */
  end_guest(&s, 200);
  vr_host_read(s.h);
  vr_host_read(s.h);
  check(&s, "web", 300);
  scene_free(&s);
}

static void remembers_whose_name_it_is(void **state) {
  (void)state;
  struct scene s = scene_new();
  start_guest(&s, 100, "-uuid\n" A, 5);
  daemon_starts(&s);
  start_guest(&s, 200, "-uuid\n" B, 6);
  daemon_starts(&s);
  check(&s, "web-a1111111", 100);
  end_guest(&s, 100);
  daemon_starts(&s);
  check(&s, "web-b2222222", 200);
  end_guest(&s, 200);
  /* In capitals it is the same. */
  start_guest(&s, 300, "-uuid\nA1111111-2222-4333-8444-555555555555", 9);
  daemon_starts(&s);
  check(&s, "web", 300);
  scene_free(&s);
}

/* A guest that is made anew under a name that nobody else had at a time. */
static void a_new_guest_takes_a_free_name(void **state) {
  (void)state;
  struct scene s = scene_new();
  start_guest(&s, 100, "-uuid\n" A, 5);
  daemon_starts(&s);
  end_guest(&s, 100);
  start_guest(&s, 200, "-uuid\n" B, 6);
  daemon_starts(&s);
  check(&s, "web", 200);
  scene_free(&s);
}

/* One uuid, two processes for a while. */
static void moves_to_a_new_process(void **state) {
  (void)state;
  struct scene s = scene_new();
  start_guest(&s, 100, "-uuid\n" A, 5);
  daemon_starts(&s);
  start_guest(&s, 200, "-uuid\n" A "\n-incoming\ndefer", 6);
  vr_host_read(s.h);
  check(&s, "web", 100);
  check(&s, "web-200", 200);
  assert_string_equal(guest_named(s.h, "web-200")->uuid, "");
  end_guest(&s, 100);
  vr_host_read(s.h);
  vr_host_read(s.h);
  check(&s, "web", 200);
  assert_string_equal(guest_named(s.h, "web")->uuid, A);
  /* And on to the next. */
  start_guest(&s, 300, "-uuid\n" A "\n-incoming\ndefer", 8);
  end_guest(&s, 200);
  vr_host_read(s.h);
  check(&s, "web", 300);
  scene_free(&s);
}

/* Moved while another guest has its name. */
static void moves_beside_a_duplicate(void **state) {
  (void)state;
  struct scene s = scene_new();
  start_guest(&s, 100, "-uuid\n" A, 5);
  start_guest(&s, 150, "-uuid\n" B, 5);
  daemon_starts(&s);
  start_guest(&s, 200, "-uuid\n" A, 6);
  vr_host_read(s.h);
  check(&s, "web-a1111111", 100);
  check(&s, "web-200", 200);
  end_guest(&s, 100);
  vr_host_read(s.h);
  vr_host_read(s.h);
  check(&s, "web-a1111111", 200);
  check(&s, "web-b2222222", 150);
  scene_free(&s);
}

static void distinguishes_by_vmid_and_long_uuids(void **state) {
  (void)state;
  struct scene s = scene_new();
  start_guest(&s, 100, "-id\n116", 5);
  start_guest(&s, 200, "-id\n119", 6);
  /* Uuids that begin alike, and a guest that is called as another's suffix. */
  start_named(&s, 300, "db", "-uuid\n00000000-0000-4000-8000-000000000001", 7);
  start_named(&s, 400, "db", "-uuid\n00000000-0000-4000-8000-000000000002", 8);
  start_named(&s, 500, "web-116", "-uuid\n" A, 9);
  daemon_starts(&s);
  check(&s, "web-119", 200);
  check(&s, "web-116", 500);
  assert_int_equal(vr_host_vmproc_count(s.h), 5);
  for (size_t i = 0; i < 5; i++)
    for (size_t k = 0; k < i; k++)
      assert_string_not_equal(vr_host_vmproc(s.h, i)->name,
                              vr_host_vmproc(s.h, k)->name);
  scene_free(&s);
}

static void survives_any_file(void **state) {
  (void)state;
  static const char *const files[] = {
      "",
      "vmrecon names 1\n",
      "vmrecon names 1\nshared\nshared x\n\n\nshared - \nsingle - web\n",
      "vmrecon names 2\nshared uuid:x web\n",
      "\nshared uuid:x web\n",
  };
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    struct scene s = scene_new();
    tree_write(&s.t, "names", "%s", files[i]);
    start_guest(&s, 100, "-uuid\n" A, 5);
    daemon_starts(&s);
    check(&s, "web", 100);
    scene_free(&s);
  }
  /* No directory: one line, when there is anything to keep. */
  struct scene s = scene_new();
  snprintf(s.names, sizeof(s.names), "%s/no/names", s.t.path);
  start_guest(&s, 100, "-uuid\n" A, 5);
  daemon_starts(&s);
  check(&s, "web", 100);
  assert_int_equal(log_count(), 0);
  start_guest(&s, 200, "-uuid\n" B, 6);
  vr_host_read(s.h);
  assert_int_equal(log_count(), 3);
  assert_non_null(strstr(log_last, "make the file writable"));
  scene_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_carry_a_suffix),
      cmocka_unit_test(remembers_whose_name_it_is),
      cmocka_unit_test(a_new_guest_takes_a_free_name),
      cmocka_unit_test(moves_to_a_new_process),
      cmocka_unit_test(moves_beside_a_duplicate),
      cmocka_unit_test(distinguishes_by_vmid_and_long_uuids),
      cmocka_unit_test(survives_any_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
