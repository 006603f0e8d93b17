/* SPDX-License-Identifier: MIT
 *
 * Guests whose QEMU reports what their files do not: the reader as a whole,
 * against QEMUs that the test plays between two readings.
 */
#include "../unit.h"

#include "fake_qmp.h"
#include "guests.h"

#include "host/emit_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define S 1000000000ULL

struct scene {
  struct tree t;
  struct fake_qmp f;
  struct vr_host *h;
};

static struct scene scene_new(void) {
  struct scene s = {.t = tree_new()};
  fake_qmp_start(&s.f, &s.t, "web");
  return s;
}

static void scene_read(struct scene *s, int readings) {
  struct vr_host_options options;
  if (!s->h) {
    reader_options(&s->t, 100, &options);
    options.qmp = true;
    options.qmp_wait_ms = 0;
    if (vr_host_new(&options, &s->h) < 0)
      exit(99);
  }
  for (int i = 0; i < readings; i++) {
    vr_host_read(s->h);
    fake_qmp_serve(&s->f);
  }
  vr_host_read(s->h);
}

static const struct vr_vmproc_sample *scene_guest(const struct scene *s) {
  const struct vr_vmproc_sample *g = guest_named(s->h, "web");
  assert_non_null(g);
  return g;
}

static void scene_free(struct scene *s) {
  vr_host_free(s->h);
  fake_qmp_end(&s->f);
  tree_free(&s->t);
}

static void thread_file(const struct scene *s, int i, const char *file,
                        const char *text) {
  char path[64];
  snprintf(path, sizeof(path), "%d/task/%d/%s", (int)s->f.pid,
           (int)s->f.pid + i, file);
  tree_write(&s->t, path, "%s", text);
}

static void say_threads(const struct scene *s, int n) {
  char path[32];
  snprintf(path, sizeof(path), "%d/stat", (int)s->f.pid);
  tree_write(&s->t, path,
             "%d (qemu) S 1 1 1 0 -1 0 9000 0 900 0 1 1 0 0 20 0 %d 0 5 0 0 0 "
             "0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
             (int)s->f.pid, n);
}

/* A thread of the emulator's in all that its files say. */
static void plug_thread(const struct scene *s, int i) {
  thread_file(s, i, "comm", "qemu-system-x86\n");
  thread_file(s, i, "schedstat", "7000000000 0 9\n");
  thread_file(s, i, "status",
              "voluntary_ctxt_switches:\t70\nnonvoluntary_ctxt_switches:\t7\n");
  thread_file(s, i, "stat",
              "9 (qemu) S 1 1 1 0 -1 0 700 0 70 0 1 1 0 0 20 0 4 0 5 0 0 0 0 0 "
              "0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  say_threads(s, i + 1);
}

/* A vCPU that is plugged in is one as soon as QEMU reports it; what was
 * taken for the emulator's until then stays there: no sum goes back. */
static void knows_a_vcpu_that_is_plugged_in(void **state) {
  (void)state;
  struct scene s = scene_new();
  int pid = s.f.pid;
  guest_run(&s.t, pid, 5, 1);
  for (int i = 1; i < 3; i++)
    thread_file(&s, i, "comm", "qemu-system-x86\n");
  scene_read(&s, 0);
  assert_false(scene_guest(&s)->have_threads);
  snprintf(s.f.cpus, sizeof(s.f.cpus), "{\"thread-id\":%d},{\"thread-id\":%d}",
           pid + 1, pid + 2);
  scene_read(&s, 6);
  assert_true(scene_guest(&s)->have_threads);
  assert_int_equal(scene_guest(&s)->vcpu.sched.run_ns, 5 * S);
  assert_int_equal(scene_guest(&s)->vcpu.switches.voluntary, 14);
  assert_int_equal(scene_guest(&s)->emulator.sched.run_ns, 1 * S);
  uint64_t faults = scene_guest(&s)->vcpu.minflt;

  snprintf(s.f.cpus, sizeof(s.f.cpus),
           "{\"thread-id\":%d},{\"thread-id\":%d},{\"thread-id\":%d}", pid + 1,
           pid + 2, pid + 3);
  plug_thread(&s, 3);
  scene_read(&s, 5);
  assert_int_equal(scene_guest(&s)->vcpus, 3);
  assert_int_equal(scene_guest(&s)->vcpu.sched.run_ns, 5 * S);
  assert_int_equal(scene_guest(&s)->emulator.sched.run_ns, 8 * S);
  thread_file(&s, 3, "schedstat", "9000000000 0 10\n");
  scene_read(&s, 0);
  assert_int_equal(scene_guest(&s)->vcpu.sched.run_ns, 7 * S);
  assert_int_equal(scene_guest(&s)->emulator.sched.run_ns, 8 * S);
  assert_int_equal(scene_guest(&s)->vcpu.minflt, faults);
  scene_free(&s);
}

#define DISK(name, bytes)                                                      \
  ",{\"device\": \"" name "\", \"stats\": {\"rd_bytes\": " bytes               \
  ", \"wr_bytes\": 0, \"rd_operations\": 0, \"wr_operations\": 0}}"

/* The sum grows by what each disk does while it is the guest's. */
static void a_disk_that_comes_or_goes_makes_no_jump(void **state) {
  (void)state;
  struct scene s = scene_new();
  s.f.read_bytes = 1000;
  s.f.more_disks = DISK("d1", "5000000000");
  scene_read(&s, 5);
  assert_true(scene_guest(&s)->have_block);
  assert_int_equal(scene_guest(&s)->block.read_bytes, 5000001000);
  s.f.more_disks = NULL;
  s.f.read_bytes = 1010;
  scene_read(&s, 2);
  assert_int_equal(scene_guest(&s)->block.read_bytes, 5000001010);
  s.f.more_disks = DISK("d2", "77000");
  scene_read(&s, 2);
  assert_int_equal(scene_guest(&s)->block.read_bytes, 5000001010);
  s.f.more_disks = DISK("d2", "77003");
  scene_read(&s, 2);
  assert_int_equal(scene_guest(&s)->block.read_bytes, 5000001013);
  scene_free(&s);
}

#define TIMED_DISK(name, read, write, flush)                                   \
  ",{\"device\": \"" name "\", \"stats\": {\"rd_bytes\": 1, \"wr_bytes\": 0, " \
  "\"rd_operations\": 0, \"wr_operations\": 0, \"rd_total_time_ns\": " read    \
  ", \"wr_total_time_ns\": " write ", \"flush_total_time_ns\": " flush "}}"

/* The same of the time that requests take; where no disk says it, none is
 * known. */
static void times_of_requests_make_no_jump(void **state) {
  (void)state;
  struct scene s = scene_new();
  scene_read(&s, 5);
  assert_true(scene_guest(&s)->have_block);
  assert_false(scene_guest(&s)->block.have_times);
  assert_false(scene_guest(&s)->block.have_flush_time);
  vr_host_free(s.h);
  s.h = NULL;
  s.f.more_disks = TIMED_DISK("d1", "7000000001", "500", "60");
  scene_read(&s, 5);
  assert_true(scene_guest(&s)->block.have_times);
  assert_true(scene_guest(&s)->block.have_flush_time);
  assert_int_equal(scene_guest(&s)->block.read_ns, 7000000001);
  s.f.more_disks = TIMED_DISK("d1", "7000000002", "501", "62")
      TIMED_DISK("d2", "9000000000", "9000", "900");
  scene_read(&s, 2);
  assert_int_equal(scene_guest(&s)->block.read_ns, 7000000002);
  s.f.more_disks = TIMED_DISK("d2", "9000000010", "9020", "930");
  scene_read(&s, 2);
  assert_int_equal(scene_guest(&s)->block.read_ns, 7000000012);
  assert_int_equal(scene_guest(&s)->block.write_ns, 521);
  assert_int_equal(scene_guest(&s)->block.flush_ns, 92);
  scene_free(&s);
}

/* The instants of a guest's series. */
struct instants {
  unsigned of_reading, of_balloon;
  double balloon;
};

static void note_instant(void *ctx, const struct vr_emitted *s) {
  struct instants *n = ctx;
  bool is_balloon = strstr(s->instance, "balloon") != NULL;
  n->of_reading += s->at == 0;
  n->of_balloon += s->at > 0;
  assert_true(is_balloon == (s->at > 0));
  if (is_balloon)
    n->balloon = s->at;
}

/* Only what the driver reported is dated by its report, and sent once. */
static void a_report_has_its_own_time(void **state) {
  (void)state;
  struct scene s = scene_new();
  struct instants n = {0};
  s.f.faults = 500;
  scene_read(&s, 8);
  assert_true(scene_guest(&s)->balloon.minor == 500);
  s.f.ahead = 100;
  scene_read(&s, 1);
  vr_emit_vmproc(scene_guest(&s), VR_EVERY_GROUP, note_instant, &n);
  assert_true(n.of_reading > 0 && n.of_balloon == 1);
  double now = (double)time(NULL);
  assert_true(n.balloon > now - 60 && n.balloon <= now + 1);
  scene_free(&s);
}

/* A fifth of the interval, but at least 2 s, as a report comes each second; and
 * nothing where that is more than half of it. */
static void reports_are_read_as_often_as_it_helps(void **state) {
  (void)state;
  assert_true(vr_host_between(10, -1) == 2);
  assert_true(vr_host_between(60, -1) == 12);
  assert_true(vr_host_between(5, -1) == 2);
  assert_true(vr_host_between(3, -1) == 0);
  assert_true(vr_host_between(1, -1) == 0);
  assert_true(vr_host_between(10, 0) == 0);
  assert_true(vr_host_between(10, 5) == 5);
  assert_true(vr_host_between(10, 0.1) == 1);
  assert_true(vr_host_between(10, 6) == 0);
}

/* Words of QEMU's qapi/run-state.json; what it has not, is not known. */
static void knows_whether_it_runs(void **state) {
  (void)state;
  const struct {
    const char *word;
    enum vr_vmstate state;
  } cases[] = {
      {"running", 1},        {"paused", 2},   {"io-error", 3},
      {"postmigrate", 2},    {"shutdown", 4}, {"suspended", 5},
      {"guest-panicked", 3}, {"odd", 0},
  };
  struct scene s = scene_new();
  scene_read(&s, 4);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    s.f.status = cases[i].word;
    scene_read(&s, 3);
    assert_int_equal(scene_guest(&s)->state, cases[i].state);
  }
  scene_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_report_has_its_own_time),
      cmocka_unit_test(reports_are_read_as_often_as_it_helps),
      cmocka_unit_test(times_of_requests_make_no_jump),
      cmocka_unit_test(knows_whether_it_runs),
      cmocka_unit_test(a_disk_that_comes_or_goes_makes_no_jump),
      cmocka_unit_test(knows_a_vcpu_that_is_plugged_in),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
