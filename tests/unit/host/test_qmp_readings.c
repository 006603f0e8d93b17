/* SPDX-License-Identifier: MIT
 *
 * What the QMP client reports.
 */
#include "../unit.h"

#include "played_qemu.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void reports_disks_and_balloon(void **state) {
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  pid_t tids[4];
  char stats[1024];
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", qemu_handshake(m));
  qemu_answer(m, questions, "query-cpus-fast",
              "[{\"cpu-index\": 0, \"thread-id\": 71}, {\"thread-id\": 72}]");
  qemu_answer(
      m, questions, "peripheral\"",
      "[{\"name\": \"type\", \"type\": \"string\"}, {\"name\": \"balloon0\", "
      "\"type\": \"child<virtio-balloon-pci>\"}]");
  qemu_answer(m, questions, "peripheral-anon", "[]");
  qemu_answer(m, questions, "query-blockstats", qemu_disks);
  qemu_answer(m, questions, "query-memory-size-summary",
              "{\"base-memory\": 1073741824, \"plugged-memory\": 536870912}");
  qemu_answer(m, questions, "query-status", QEMU_RUNNING);
  assert_false(vr_qmp_take(m->q));
  vr_qmp_sample(m->q, &s);
  assert_true(s.have_block);
  assert_true(s.have_memory);
  assert_int_equal(s.state, VR_VMSTATE_RUNNING);
  assert_int_equal(s.memory, 1536 << 20);
  assert_false(s.have_balloon);
  assert_int_equal(disks_sum(&s.disks).read_bytes, 52162048 + 1000);
  assert_int_equal(disks_sum(&s.disks).write_bytes, 3024);
  assert_int_equal(disks_sum(&s.disks).read_ops, 416);
  assert_int_equal(disks_sum(&s.disks).write_ops, 5);
  assert_int_equal(vr_qmp_vcpus(m->q, tids, 4), 2);
  assert_int_equal(tids[1], 72);
  /* The guest was not asked to report yet: it is now. */
  snprintf(questions, sizeof(questions), "%s", qemu_heard(m));
  qemu_answer(m, questions, "guest-stats-polling-interval", "0");
  assert_false(vr_qmp_take(m->q));
  snprintf(questions, sizeof(questions), "%s", qemu_heard(m));
  assert_non_null(strstr(questions, "\"value\":1"));
  qemu_answer(m, questions, "qom-set", "{}");
  assert_true(vr_qmp_take(m->q));
  /* The next interval. */
  snprintf(questions, sizeof(questions), "%s", qemu_next_questions(m));
  assert_null(strstr(questions, "query-cpus-fast"));
  qemu_answer(m, questions, "query-blockstats", qemu_disks);
  qemu_answer(m, questions, "query-memory-size-summary",
              "{\"base-memory\": 1073741824}");
  qemu_answer(m, questions, "query-status", QEMU_RUNNING);
  snprintf(stats, sizeof(stats),
           "{\"stats\": {\"stat-swap-out\": 18446744073709551615, "
           "\"stat-available-memory\": 161714176, \"stat-free-memory\": "
           "111104000, \"stat-minor-faults\": 9167, \"stat-major-faults\": 3, "
           "\"stat-total-memory\": 227700736, \"stat-disk-caches\": -1, "
           "\"stat-swap-in\": 0}, \"last-update\": %lld}",
           (long long)time(NULL));
  qemu_answer(m, questions, "\"guest-stats\"", stats);
  vr_qmp_take(m->q);
  vr_qmp_sample(m->q, &s);
  assert_int_equal(s.memory, 1 << 30); /* unplugged */
  assert_true(s.have_balloon);
  assert_int_equal(s.balloon_period, 1);
  assert_true(s.balloon_updated > 0 && s.balloon_updated <= time(NULL));
  assert_int_equal(s.balloon.minor, 9167);
  assert_int_equal(s.balloon.total, 227700736);
  assert_true(s.balloon.have_swap_in);
  assert_int_equal(s.balloon.swap_in, 0);
  /* What the driver does not say is absent. */
  assert_false(s.balloon.have_swap_out);
  assert_false(s.balloon.have_caches);
}

static void forgets_old_answers(void **state) {
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  qemu_answer(m, qemu_handshake(m), "query-blockstats", qemu_disks);
  vr_qmp_take(m->q);
  vr_qmp_ask(m->q);
  vr_qmp_sample(m->q, &s);
  assert_true(s.have_block); /* one interval late is as good */
  vr_qmp_ask(m->q);
  vr_qmp_sample(m->q, &s);
  assert_false(s.have_block);
}

static void comes_back(void **state) {
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  qemu_handshake(m);
  close(m->client);
  vr_qmp_take(m->q);
  assert_int_equal(log_count(), 1);
  for (int i = 0; i < 40 && vr_qmp_pollfd(m->q) < 0; i++)
    vr_qmp_ask(m->q);
  assert_true(vr_qmp_pollfd(m->q) >= 0);
  qemu_accept(m);
  qemu_greet(m);
  vr_qmp_take(m->q);
  qemu_answer(m, qemu_heard(m), "qmp_capabilities", "{}");
  vr_qmp_take(m->q);
  qemu_answer(m, qemu_heard(m), "query-blockstats", qemu_disks);
  vr_qmp_take(m->q);
  vr_qmp_sample(m->q, &s);
  assert_true(s.have_block);
  assert_int_equal(log_count(), 1); /* that it is back */
}

static void takes_a_long_path(void **state) {
  struct qemu *m = *state;
  const struct vr_qmp_options o = {.balloon_period = 1};
  char directory[64] = "", path[128];
  memset(directory, 'd', 60);
  tree_link(&m->t, directory, ".");
  snprintf(path, sizeof(path), "%s/%s", m->t.path, directory);
  assert_int_equal(vr_qmp_new(path, getpid(), "/q", "web", &o, &m->q), 0);
  assert_true(vr_qmp_pollfd(m->q) >= 0);
  qemu_accept(m);
}

static struct vr_qmp_report kvm_of(const struct qemu *m) {
  struct vr_qmp_report s = {0};
  vr_qmp_sample(m->q, &s);
  return s;
}

/* Only of a guest on KVM, and only while QEMU knows the question. */
static void asks_what_kvm_counts(void **state) {
  const struct vr_qmp_options o = {.kvm = true, .balloon_period = 1};
  struct qemu *m = *state;
  char questions[4096];
  assert_null(strstr(qemu_handshake(m), "query-stats"));
  vr_qmp_free(m->q);
  close(m->client);
  snprintf(questions, sizeof(questions), "%s", qemu_handshake_with(m, &o));
  assert_non_null(strstr(questions, "\"exits\",\"halt_exits\""));
  qemu_answer(m, questions, "query-stats",
              "[{\"provider\": \"kvm\", \"stats\": [{\"name\": \"exits\", "
              "\"value\": 41}]}]");
  qemu_answer_usual(m, questions, "[]");
  assert_true(vr_qmp_take(m->q));
  assert_true(kvm_of(m).have_kvm);
  assert_int_equal(kvm_of(m).kvm.value[VR_KVM_exits], 41);
  snprintf(questions, sizeof(questions), "%s", qemu_next_questions(m));
  qemu_answer_usual(m, questions, "[]");
  qemu_refuse(m, questions, "query-stats", "CommandNotFound",
              "The command query-stats has not been found");
  assert_true(vr_qmp_take(m->q));
  assert_false(kvm_of(m).have_kvm);
  assert_null(strstr(qemu_next_questions(m), "query-stats"));
}

static const char slow_disk[] =
    "[{\"device\": \"\", \"qdev\": \"/machine/peripheral/d0/virtio-backend\", "
    "\"stats\": {\"rd_bytes\": 1, \"wr_bytes\": 2, \"rd_operations\": 3, "
    "\"wr_operations\": 4}}]";

/* The next reading: all is answered, but for what is asked of queues. */
static void answer_but_queues(struct qemu *m, char questions[4096]) {
  snprintf(questions, 4096, "%s", qemu_next_questions(m));
  qemu_answer(m, questions, "query-blockstats", slow_disk);
  qemu_answer(m, questions, "query-status", QEMU_RUNNING);
  qemu_answer(m, questions, "query-memory-size-summary",
              "{\"base-memory\": 1}");
}

/* A first reading of a guest with a virtio disk. */
static void first_reading(struct qemu *m, const struct vr_qmp_options *o) {
  char questions[4096];
  snprintf(questions, sizeof(questions), "%s", qemu_handshake_with(m, o));
  assert_null(strstr(questions, "x-query"));
  qemu_answer(m, questions, "query-blockstats", slow_disk);
  qemu_answer(m, questions, "query-status", QEMU_RUNNING);
  qemu_answer(m, questions, "query-memory-size-summary",
              "{\"base-memory\": 1}");
  qemu_answer(m, questions, "query-cpus-fast", "[]");
  assert_true(vr_qmp_take(m->q));
}

static void reports_requests_of_a_disk_that_hangs(void **state) {
  struct qemu *m = *state;
  struct vr_qmp_report s = {0};
  char questions[4096];
  const struct vr_qmp_options o = {.balloon_period = 1};
  first_reading(m, &o);
  for (int i = 0; i < 3; i++) {
    answer_but_queues(m, questions);
    qemu_answer(m, questions, "\"queue\":0",
                "{\"name\": \"virtio-blk\", \"inuse\": 7, \"vring-num\": 256}");
    assert_non_null(strstr(questions, "{\"execute\":\"x-query-virtio-queue-"
                                      "status\",\"arguments\":{\"path\":\"/"
                                      "machine/peripheral/d0/virtio-backend\","
                                      "\"queue\":0},\"id\":"));
    if (i == 0)
      qemu_refuse(m, questions, "\"queue\":1", "GenericError",
                  "Invalid virtqueue number 1");
    assert_true(vr_qmp_take(m->q));
    vr_qmp_sample(m->q, &s);
    assert_int_equal(s.have_stalled, i > 0);
  }
  assert_int_equal(s.stalled, 7);
  assert_int_equal(log_count(), 0);
}

/* It is said once for all guests, and the rest is read on. */
static void asks_an_older_qemu_once(void **state) {
  (void)state;
  struct vr_complaint no_queues = {0};
  const struct vr_qmp_options o = {.balloon_period = 1,
                                   .no_queues = &no_queues};
  for (int guest = 0; guest < 2; guest++) {
    struct qemu m = qemu_new();
    struct vr_qmp_report s = {0};
    char questions[4096];
    first_reading(&m, &o);
    answer_but_queues(&m, questions);
    for (int i = 0; i < 2; i++)
      qemu_refuse(&m, questions, i ? "\"queue\":1" : "\"queue\":0",
                  "CommandNotFound", "x");
    assert_true(vr_qmp_take(m.q));
    answer_but_queues(&m, questions);
    assert_null(strstr(questions, "x-query"));
    assert_true(vr_qmp_take(m.q));
    vr_qmp_sample(m.q, &s);
    assert_true(s.have_block && !s.have_stalled);
    assert_int_equal(info_count(), guest == 0);
    qemu_free(&m);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      on_a_qemu(reports_disks_and_balloon),
      on_a_qemu(forgets_old_answers),
      on_a_qemu(takes_a_long_path),
      on_a_qemu(comes_back),
      on_a_qemu(asks_what_kvm_counts),
      on_a_qemu(reports_requests_of_a_disk_that_hangs),
      cmocka_unit_test(asks_an_older_qemu_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
