/* SPDX-License-Identifier: MIT
 *
 * Guests that count less of their vCPUs' time as busy than their host does: an
 * estimated model is clearly better than the definition, which gives way,
 * unless it is the better one of late.
 */
#include "recording.h"
#include "train/fit/give_way.h"
#include "train/fit/pool.h"
#include "train/fit/train_guest.h"
#include "train/report/guest_report.h"
#include "train/report/pool_report.h"
#include "train/report/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1500, GUESTS = 3 };

/* What of its vCPUs' time a guest counts. */
#define COUNTED 0.6

/* From row AS_DEFINED on the guest counts all of it. */
static void write_guest(const struct recording *r, const char *guest,
                        unsigned seed, size_t as_defined) {
  static double run[ROWS], wait[ROWS], cpu[ROWS], on[ROWS], block[ROWS],
      zero[ROWS];
  char vm[16];
  snprintf(vm, sizeof(vm), "vmrecon-%s", guest);
  recording_on_off(seed, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    double u = 0.1 + 0.5 * on[i] + 0.1 * (0.5 + recording_noise(&seed));
    block[i] = 1e6 * (1 + recording_noise(&seed)); /* shows the clock */
    run[i] = 1e9 * u;
    wait[i] = 1e7 * (1 + recording_noise(&seed));
    cpu[i] = 100 * (i < as_defined ? COUNTED * u : u + 1e-9 * wait[i]);
  }
  recording_put_constant(r, "hv", vm, "gauge-accelerator", VR_ACCEL_KVM);
  recording_put_constant(r, "hv", vm, "count-vcpus", 1);
  recording_put(r, "hv", vm, "derive-vcpu_run", "value", run, NULL);
  recording_put(r, "hv", vm, "derive-vcpu_wait", "value", wait, NULL);
  recording_put(r, "hv", vm, "disk_octets-block", "read,write", block, zero);
  recording_put(r, guest, "disk-vda", "disk_octets", "read,write", block, zero);
  recording_put(r, guest, "cpu", "percent-active", "value", cpu, NULL);
}

#define OPTIONS(version)                                                       \
  { .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}, .format = (version) }

struct trained {
  struct recording r;
  struct vr_archive *archive;
  struct vr_guest_data data;
  struct vr_guest_result result;
};

static const struct vr_counter_result *train(struct trained *t, int format,
                                             size_t as_defined) {
  const struct vr_train_options options = OPTIONS(format);
  struct vr_error error = {""};
  recording_new(&t->r, ROWS);
  write_guest(&t->r, "g", 3, as_defined);
  recording_load(&t->r, "g", &t->archive, &t->data);
  if (vr_fit_guest(&t->data, &options, &t->result, &error) < 0)
    fail_msg("%s", error.message);
  return &t->result.counters[VR_CPU];
}

static void clear(struct trained *t) {
  vr_fit_guest_result_clear(&t->result);
  vr_data_guest_clear(&t->data);
  vr_archive_free(t->archive);
  recording_remove(&t->r);
}

/* Published is the estimate, without a range, and the report says so. */
static void test_gives_way(void **state) {
  (void)state;
  struct trained t;
  const struct vr_counter_result *k = train(&t, VR_MODEL_FILE_VERSION, ROWS);
  const struct vr_model *m = &k->inferred.model;
  struct vr_standing s;
  assert_true(k->definition.is_there && k->inferred.is_there);
  assert_true(k->definition.model.fit.free_run < 60);
  assert_true(m->fit.free_run > 95);
  assert_true(m->preferred);
  assert_int_equal(vr_model_version(m), VR_MODEL_FILE_VERSION);
  assert_true(isinf(m->inputs[0].range_min) && isinf(m->inputs[0].range_max));
  vr_standing_of(&t.result, VR_CPU, 5, &s);
  assert_int_equal(s.by, VR_INFERRED);
  assert_true(s.published);
  /* Bytes are counted, whatever the fit. */
  assert_false(t.result.counters[VR_DISK_READ].inferred.model.preferred);
  clear(&t);
}

static void test_says_so(void **state) {
  (void)state;
  struct trained t;
  train(&t, VR_MODEL_FILE_VERSION, ROWS);
  static struct vr_guest_diagnoses none;
  char *text;
  size_t size;
  FILE *f = open_memstream(&text, &size);
  vr_report_guest(&t.result, &none, 5, f);
  fclose(f);
  assert_non_null(strstr(text, "gives way to the inferred model"));
  free(text);
  json_t *root = vr_report_guest_json(&t.result, &none, 5), *m;
  size_t i, published = 0;
  json_array_foreach(json_object_get(root, "models"), i, m) {
    if (strcmp(json_string_value(json_object_get(m, "counter")), "cpu") != 0 ||
        !json_is_true(json_object_get(m, "published")))
      continue;
    published++;
    assert_string_equal(json_string_value(json_object_get(m, "provenance")),
                        "inferred");
  }
  assert_int_equal(published, 1);
  json_decref(root);
  clear(&t);
}

/* Files of older versions cannot say it. */
static void test_old_format(void **state) {
  (void)state;
  struct trained t;
  assert_false(train(&t, VR_MODEL_FILE_COMMON, ROWS)->inferred.model.preferred);
  clear(&t);
}

/* Over all of the time the estimate is better; in the last fifth it is not. */
static void test_no_longer(void **state) {
  (void)state;
  struct trained t;
  const struct vr_counter_result *k =
      train(&t, VR_MODEL_FILE_VERSION, ROWS * 4 / 5);
  struct vr_standing s;
  assert_false(k->inferred.model.preferred);
  vr_standing_of(&t.result, VR_CPU, 5, &s);
  assert_int_equal(s.by, VR_DIRECT);
  clear(&t);
}

/* Nor by chance: two points are asked for. */
static void test_margin(void **state) {
  (void)state;
  struct vr_model m = {.counter = VR_CPU, .n_inputs = 1, .fit.free_run = 72.1};
  const int latest = VR_MODEL_FILE_VERSION;
  assert_true(vr_give_way_may(&m, VR_DIRECT, 70, latest));
  assert_false(vr_give_way_may(&m, VR_COOPERATIVE, 70, latest));
  m.withheld = true;
  assert_false(vr_give_way_may(&m, VR_DIRECT, 70, latest));
  m.withheld = false;
  m.fit.free_run = 71.9;
  assert_false(vr_give_way_may(&m, VR_DIRECT, 70, latest));
  m.fit.free_run = 99;
  m.counter = VR_DISK_WRITE;
  assert_false(vr_give_way_may(&m, VR_DIRECT, 70, latest));
}

static void test_pool(void **state) {
  (void)state;
  static const struct vr_train_options options = OPTIONS(VR_MODEL_FILE_VERSION);
  struct recording r;
  struct vr_archive *archives[GUESTS];
  struct vr_guest_data data[GUESTS];
  const struct vr_guest_data *all[] = {&data[0], &data[1], &data[2]};
  struct vr_pool pool;
  struct vr_error error = {""};
  char *text;
  size_t size;
  recording_new(&r, ROWS);
  write_guest(&r, "a", 3, ROWS);
  write_guest(&r, "b", 4, ROWS);
  write_guest(&r, "c", 5, ROWS);
  recording_load_all(&r, GUESTS, archives, data);
  assert_int_equal(vr_pool_train(all, GUESTS, &options, &pool, &error), 0);
  const struct vr_pool_counter *k = &pool.counters[VR_CPU];
  assert_true(k->definition.known);
  assert_true(k->inferred.model.preferred && k->inferred.model.generic);
  assert_false(pool.counters[VR_DISK_READ].inferred.is_there &&
               pool.counters[VR_DISK_READ].inferred.model.preferred);
  FILE *f = open_memstream(&text, &size);
  vr_report_pool_print(&pool, 5, f);
  vr_report_pool_rows(&pool, 5, f);
  fclose(f);
  assert_non_null(strstr(text, "gives way to the inferred model"));
  assert_null(strstr(strstr(text, "cpu:"), "measured by the host"
                                           "\n  contextswitch"));
  free(text);
  vr_pool_clear(&pool);
  recording_end_all(&r, GUESTS, archives, data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gives_way),  cmocka_unit_test(test_says_so),
      cmocka_unit_test(test_old_format), cmocka_unit_test(test_no_longer),
      cmocka_unit_test(test_margin),     cmocka_unit_test(test_pool),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
