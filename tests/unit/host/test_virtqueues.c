/* SPDX-License-Identifier: MIT
 *
 * Requests that wait at disks which complete nothing, by replies as QEMU 7.2
 * writes them: when is it asked, of what, and what is made of the answers.
 */
#include "../unit.h"

#include "host/proc/accumulator.h"
#include "host/qmp/virtqueues.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH(name) "/machine/peripheral/" name "/virtio-backend"

static json_t *json(const char *text) {
  json_t *v = json_loads(text, JSON_DECODE_ANY, NULL);
  assert_non_null(v);
  return v;
}

/* Line N (from 1) of replies that QEMU 7.2 sent; the caller's to release. */
static json_t *recorded(int n) {
  char path[512], line[65536];
  snprintf(path, sizeof(path), "%s/qmp/virtqueues-7.2.json",
           getenv("VR_TEST_DATA"));
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  for (int i = 0; i < n; i++)
    assert_non_null(fgets(line, sizeof(line), f));
  fclose(f);
  return json(line);
}

/* query-blockstats of disks "NAME:COMPLETED NAME:COMPLETED ...". */
static void reading(struct vr_virtqueues *q, const char *disks) {
  char text[16384] = "[", name[256];
  unsigned completed;
  int used;
  for (const char *p = disks;
       sscanf(p, " %255[^:]:%u%n", name, &completed, &used) == 2; p += used)
    snprintf(text + strlen(text), sizeof(text) - strlen(text),
             "%s{\"device\": \"d\", \"qdev\": \"" PATH(
                 "%s") "\", \"stats\": "
                       "{\"rd_operations\": %u, \"wr_operations\": 3}}",
             p == disks ? "" : ",", name, completed);
  json_t *v = json(strcat(text, "]"));
  vr_virtqueues_take_disks(q, v);
  json_decref(v);
}

static void status(struct vr_virtqueues *q, const struct vr_virtqueue *asked,
                   unsigned in_use) {
  char text[512];
  snprintf(text, sizeof(text),
           "{\"name\": \"virtio-blk\", \"queue-index\": %u, \"inuse\": %u, "
           "\"vring-num\": 256, \"shadow-avail-idx\": 0, \"used-idx\": %u}",
           asked->number, in_use, (65536 - in_use) % 65536);
  json_t *v = json(text);
  vr_virtqueues_take(q, asked->disk, asked->number, v);
  json_decref(v);
}

static void error(struct vr_virtqueues *q, const struct vr_virtqueue *asked,
                  const char *class) {
  json_t *v = json_pack("{s:s, s:s}", "class", class, "desc", "x");
  vr_virtqueues_take_error(q, asked->disk, asked->number, v);
  json_decref(v);
}

/* Answers what is due: each disk has QUEUES, with IN_USE requests in each.
 * Returns how many questions there were. */
static size_t serve(struct vr_virtqueues *q, unsigned queues, unsigned in_use) {
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  size_t n = vr_virtqueues_due(q, due);
  assert_true(n <= VR_VIRTQUEUES_MAX);
  for (size_t i = 0; i < n; i++)
    if (due[i].number < queues)
      status(q, &due[i], in_use);
    else
      error(q, &due[i], "GenericError");
  return n;
}

static int64_t stalled(const struct vr_virtqueues *q) {
  uint64_t value = 77;
  bool known = vr_virtqueues_stalled(q, &value);
  assert_true(known || value == 77);
  return known ? (int64_t)value : -1;
}

/* One interval, in the order of the client's questions: what is due, the disks,
 * and the answers. */
static size_t interval(struct vr_virtqueues *q, const char *disks,
                       unsigned queues, unsigned in_use) {
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  size_t n = vr_virtqueues_due(q, due);
  reading(q, disks);
  for (size_t i = 0; i < n; i++)
    if (due[i].number < queues)
      status(q, &due[i], in_use);
    else
      error(q, &due[i], "GenericError");
  return n;
}

static void a_disk_that_hangs_is_counted(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  assert_int_equal(interval(&q, "a:5", 1, 0), 0);
  assert_int_equal(stalled(&q), -1);
  /* Two questions find out that there is one queue. */
  assert_int_equal(interval(&q, "a:6", 1, 9), 2);
  assert_int_equal(stalled(&q), 0);
  /* One that completes is not asked about, whatever is in flight. */
  assert_int_equal(interval(&q, "a:7", 1, 9), 0);
  assert_int_equal(stalled(&q), 0);
  /* It stands still: from the next reading on it is. */
  assert_int_equal(interval(&q, "a:7", 1, 9), 0);
  assert_int_equal(interval(&q, "a:7", 1, 9), 1);
  assert_int_equal(stalled(&q), 9);
  assert_int_equal(interval(&q, "a:7", 1, 12), 1);
  assert_int_equal(stalled(&q), 12);
  /* It goes on; the answer to what was asked before counts no more. */
  assert_int_equal(interval(&q, "a:8", 1, 12), 1);
  assert_int_equal(stalled(&q), 0);
  assert_int_equal(interval(&q, "a:9", 1, 12), 0);
  assert_int_equal(stalled(&q), 0);
  vr_virtqueues_free(&q);
}

static void an_idle_disk_has_none(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  for (int i = 0; i < 4; i++)
    interval(&q, "a:5", 1, 0);
  assert_int_equal(stalled(&q), 0);
  /* Between the two: that it stands still is known, its requests are not. */
  struct vr_virtqueues young = {0};
  interval(&young, "a:5", 1, 3);
  interval(&young, "a:5", 1, 3);
  assert_int_equal(stalled(&young), -1);
  vr_virtqueues_free(&q);
  vr_virtqueues_free(&young);
}

/* One disk hangs while another works: the sum over the guest would hide it. */
static void each_disk_counts_alone(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  char disks[64];
  for (unsigned i = 0; i < 6; i++) {
    snprintf(disks, sizeof(disks), "a:5 b:%u", i);
    interval(&q, disks, 1, 4);
  }
  assert_int_equal(stalled(&q), 4);
  /* It is unplugged. */
  interval(&q, "b:7", 1, 4);
  assert_int_equal(stalled(&q), 0);
  interval(&q, "", 1, 4);
  assert_int_equal(stalled(&q), -1);
  vr_virtqueues_free(&q);
}

/* 20 queues: eight questions a reading at most; what is known of a round that
 * is under way counts, and never less than a round ago. */
static void many_queues_are_asked_in_turn(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  size_t most = 0, n, readings = 0;
  for (int64_t last = -1; readings < 60 && last < 60; readings++) {
    n = interval(&q, "a:5", 20, 3);
    most = n > most ? n : most;
    assert_true(stalled(&q) >= last);
    last = stalled(&q);
  }
  assert_int_equal(stalled(&q), 60);
  assert_true(most <= 8 && readings < 20);
  for (int i = 0; i < 7; i++) {
    interval(&q, "a:5", 20, 3);
    assert_int_equal(stalled(&q), 60);
  }
  vr_virtqueues_free(&q);
}

/* Disks with many queues leave room for the others. */
static void every_disk_has_its_turn(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  for (int i = 0; i < 80; i++)
    interval(&q, "a:5 b:5 c:5", 40, 1);
  assert_int_equal(stalled(&q), 120);
  uint64_t first = 0;
  for (int i = 0; i < 3; i++) {
    vr_virtqueues_due(&q, due);
    assert_true(due[0].disk != first);
    first = due[0].disk;
  }
  vr_virtqueues_free(&q);
}

/* Once the command is known to be absent nothing is asked any more. */
static void an_older_qemu_is_asked_once(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  reading(&q, "a:5 b:5");
  size_t n = vr_virtqueues_due(&q, due);
  assert_true(n > 0);
  for (size_t i = 0; i < n; i++)
    error(&q, &due[i], "CommandNotFound");
  assert_true(q.absent);
  for (int i = 0; i < 4; i++)
    assert_int_equal(interval(&q, "a:5 b:5", 1, 3), 0);
  assert_int_equal(stalled(&q), -1);
  vr_virtqueues_free(&q);
}

static int parse(const char *text, uint64_t *ret) {
  json_t *v = json(text);
  int r = vr_virtqueues_parse(v, ret);
  json_decref(v);
  return r;
}

#define STATUS(inuse, size, shadow, used)                                      \
  "{\"name\": \"virtio-blk\", \"inuse\": " inuse ", \"vring-num\": " size      \
  ", \"shadow-avail-idx\": " shadow ", \"used-idx\": " used "}"

/* Indices of 16 bits: hw/virtio/virtio.c counts requests so itself when a guest
 * has moved (virtio_load). Expected by hand. */
static void indices_wrap(void **state) {
  (void)state;
  uint64_t n = 0;
  assert_int_equal(parse(STATUS("3", "256", "4", "1"), &n), 0);
  assert_int_equal(n, 3);
  assert_int_equal(parse(STATUS("5", "256", "2", "65533"), &n), 0);
  assert_int_equal(n, 5);
  /* Seen by the device, not fetched yet. */
  assert_int_equal(parse(STATUS("0", "256", "2", "65533"), &n), 0);
  assert_int_equal(n, 5);
  assert_int_equal(parse(STATUS("256", "256", "256", "0"), &n), 0);
  assert_int_equal(n, 256);
  /* A packed queue's wrap at its size: 3 - 120 is no number of requests. */
  assert_int_equal(parse(STATUS("11", "128", "3", "120"), &n), 0);
  assert_int_equal(n, 11);
  assert_int_equal(parse(STATUS("0", "128", "7", "7"), &n), 0);
  assert_int_equal(n, 0);
}

static void replies_of_another_form_are_refused(void **state) {
  (void)state;
  static const char *const odd[] = {
      "{}",
      "[]",
      "7",
      "{\"name\": \"virtio-blk\"}",
      "{\"name\": \"virtio-scsi\", \"inuse\": 1, \"vring-num\": 256}",
      "{\"name\": 3, \"inuse\": 1, \"vring-num\": 256}",
      STATUS("-1", "256", "0", "0"),
      STATUS("1e300", "256", "0", "0"),
      STATUS("257", "256", "0", "0"),
      STATUS("70000", "70000", "0", "0"),
      STATUS("\"3\"", "256", "0", "0"),
      STATUS("3", "null", "0", "0"),
  };
  uint64_t n = 77;
  for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
    assert_int_equal(parse(odd[i], &n), -EBADMSG);
  assert_int_equal(n, 77);
  /* Indices that cannot be used leave what is in use. */
  assert_int_equal(parse(STATUS("3", "256", "\"x\"", "1e18"), &n), 0);
  assert_int_equal(n, 3);
}

/* A disk whose reply is of another form is left alone; the others count. */
static void a_disk_of_another_kind_is_left_alone(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  reading(&q, "a:5 b:5");
  size_t n = vr_virtqueues_due(&q, due);
  json_t *v = json("{\"name\": \"virtio-net\", \"inuse\": 1}");
  for (size_t i = 0; i < n; i++)
    if (strcmp(due[i].path, PATH("a")) == 0)
      vr_virtqueues_take(&q, due[i].disk, due[i].number, v);
    else if (due[i].number == 0)
      status(&q, &due[i], 2);
    else
      error(&q, &due[i], "GenericError");
  json_decref(v);
  for (int i = 0; i < 3; i++)
    interval(&q, "a:5 b:5", 1, 2);
  assert_int_equal(stalled(&q), 2);
  vr_virtqueues_free(&q);
}

/* What no question would be safe with, and what is no virtio device. */
static void odd_paths_are_not_asked_about(void **state) {
  (void)state;
  static const char *const odd[] = {
      "/virtio-backend",
      "/machine/peripheral/a\\\"b/virtio-backend",
      "/machine/peripheral/a b/virtio-backend",
      "/machine/peripheral/a\\u0001/virtio-backend",
      "/machine/peripheral/\u00e4/virtio-backend",
      "/machine/peripheral-anon/device[0]",
      "virtio-backend",
      "",
  };
  struct vr_virtqueues q = {0};
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
    char text[512];
    snprintf(text, sizeof(text),
             "[{\"qdev\": \"%s\", \"stats\": {\"rd_operations\": 1}}, 7, {}, "
             "{\"qdev\": 7}, {\"qdev\": null}]",
             odd[i]);
    json_t *v = json(text);
    vr_virtqueues_take_disks(&q, v);
    vr_virtqueues_take_disks(&q, v);
    assert_int_equal(vr_virtqueues_due(&q, due), 0);
    json_decref(v);
  }
  json_t *v = json_pack("[{s:s+}]", "qdev", PATH("x"), "y");
  char *path = calloc(1, 4000);
  memset(path, 'x', 3000);
  strcat(path, "/virtio-backend");
  json_object_set_new(json_array_get(v, 0), "qdev", json_string(path));
  vr_virtqueues_take_disks(&q, v);
  assert_int_equal(vr_virtqueues_due(&q, due), 0);
  json_decref(v);
  free(path);
  vr_virtqueues_free(&q);
}

/* However many disks are reported, one twice, or queues without an end. */
static void a_qemu_that_lies_costs_little(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  json_t *many = json_array();
  for (int i = 0; i < 5000; i++) {
    char path[64];
    snprintf(path, sizeof(path), PATH("d%d"), i / 2);
    json_array_append_new(many, json_pack("{s:s}", "qdev", path));
  }
  for (int i = 0; i < 3; i++) {
    vr_virtqueues_take_disks(&q, many);
    serve(&q, 1u << 30, 256);
  }
  assert_true(q.count <= 64);
  json_decref(many);
  vr_virtqueues_free(&q);
  for (int i = 0; i < 5000; i++)
    interval(&q, "a:5", 1u << 30, 256);
  assert_int_equal(stalled(&q), -1);
  assert_int_equal(interval(&q, "a:5", 1u << 30, 256), 0);
  /* Answers to nothing. */
  const struct vr_virtqueue nobody = {.disk = 99, .number = 3};
  status(&q, &nobody, 4);
  error(&q, &nobody, "GenericError");
  vr_virtqueues_take_error(&q, 99, 0, NULL);
  vr_virtqueues_take(&q, 99, 0, NULL);
  vr_virtqueues_free(&q);
}

/* A disk that discards, flushes or fails completes something. */
static void all_that_ends_is_completed(void **state) {
  (void)state;
  static const char *const keys[] = {
      "rd_operations",          "wr_operations",        "flush_operations",
      "unmap_operations",       "failed_rd_operations", "failed_wr_operations",
      "failed_flush_operations"};
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    struct vr_virtqueues q = {0};
    for (int n = 0; n < 6; n++) {
      struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
      json_t *v =
          json_pack("[{s:s, s:{s:i}}]", "qdev", PATH("a"), "stats", keys[i], n);
      size_t asked = vr_virtqueues_due(&q, due);
      vr_virtqueues_take_disks(&q, v);
      for (size_t k = 0; k < asked; k++)
        if (due[k].number == 0)
          status(&q, &due[k], 5);
        else
          error(&q, &due[k], "GenericError");
      json_decref(v);
    }
    assert_int_equal(stalled(&q), 0);
    vr_virtqueues_free(&q);
  }
}

/* Recorded: a disk with three queues, throttled to one byte a second, of which
 * three blocks are to be read (by QEMU's test protocol, not by a guest), beside
 * an idle one and a SCSI disk: the disks; the first two queues of the first;
 * its fourth, which it has not; what is no virtio device; the queue of the SCSI
 * controller; a command that does not exist. The numbers are what another
 * parser of JSON (Python's) reads there, and what was put into the queue. */
static void recorded_replies_are_understood(void **state) {
  (void)state;
  struct vr_virtqueues q = {0};
  struct vr_virtqueue due[VR_VIRTQUEUES_MAX];
  const uint64_t slow = vr_accumulator_key(PATH("disk1"));
  uint64_t n = 77;
  json_t *disks = recorded(1);
  vr_virtqueues_take_disks(&q, json_object_get(disks, "return"));
  json_decref(disks);
  assert_int_equal(vr_virtqueues_due(&q, due), 4); /* two disks, two each */
  json_t *m = recorded(2);
  assert_int_equal(vr_virtqueues_parse(json_object_get(m, "return"), &n), 0);
  assert_int_equal(n, 3);
  json_decref(m);
  m = recorded(3);
  assert_int_equal(vr_virtqueues_parse(json_object_get(m, "return"), &n), 0);
  assert_int_equal(n, 0);
  json_decref(m);
  for (int line = 4; line <= 5; line++) {
    m = recorded(line);
    assert_int_equal(vr_virtqueues_parse(json_object_get(m, "return"), &n),
                     -EBADMSG);
    vr_virtqueues_take_error(&q, slow, line == 4 ? 3 : 0,
                             json_object_get(m, "error"));
    assert_false(q.absent);
    json_decref(m);
  }
  m = recorded(6);
  assert_int_equal(vr_virtqueues_parse(json_object_get(m, "return"), &n),
                   -EBADMSG);
  json_decref(m);
  m = recorded(7);
  vr_virtqueues_take_error(&q, slow, 0, json_object_get(m, "error"));
  assert_true(q.absent);
  json_decref(m);
  vr_virtqueues_free(&q);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_disk_that_hangs_is_counted),
      cmocka_unit_test(an_idle_disk_has_none),
      cmocka_unit_test(each_disk_counts_alone),
      cmocka_unit_test(many_queues_are_asked_in_turn),
      cmocka_unit_test(every_disk_has_its_turn),
      cmocka_unit_test(an_older_qemu_is_asked_once),
      cmocka_unit_test(indices_wrap),
      cmocka_unit_test(replies_of_another_form_are_refused),
      cmocka_unit_test(a_disk_of_another_kind_is_left_alone),
      cmocka_unit_test(odd_paths_are_not_asked_about),
      cmocka_unit_test(a_qemu_that_lies_costs_little),
      cmocka_unit_test(all_that_ends_is_completed),
      cmocka_unit_test(recorded_replies_are_understood),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
