/* SPDX-License-Identifier: MIT
 *
 * A guest without a steal clock that counts another part of its run-queue delay
 * than the shipped law has, as one with another HZ does: the trainer finds it.
 */
#include "recording.h"
#include "train/fit/train_guest.h"
#include "train/report/heading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1500 };

/* What this guest counts of its run-queue delay. */
#define COUNTED 0.55

static const char VM[] = "vmrecon-g";

static void write_tree(const struct recording *r) {
  static double run[ROWS], wait[ROWS], cpu[ROWS], on[ROWS], block[ROWS],
      zero[ROWS];
  unsigned seed = 3;
  recording_on_off(1, ROWS, on);
  for (size_t i = 0; i < ROWS; i++) {
    double u = 0.05 + 0.4 * on[i] + 0.1 * (0.5 + recording_noise(&seed));
    double w = 0.1 + 0.3 * (0.5 + recording_noise(&seed));
    block[i] = 1e6 * (1 + recording_noise(&seed)); /* shows the clock */
    run[i] = 2e9 * u;
    wait[i] = 2e9 * w;
    cpu[i] = 100 * (u + COUNTED * w) / (1 - (1 - COUNTED) * w);
  }
  recording_put_constant(r, "hv", VM, "gauge-accelerator", VR_ACCEL_TCG);
  recording_put_constant(r, "hv", VM, "count-vcpus", 2);
  recording_put(r, "hv", VM, "derive-vcpu_run", "value", run, NULL);
  recording_put(r, "hv", VM, "derive-vcpu_wait", "value", wait, NULL);
  recording_put(r, "hv", VM, "disk_octets-block", "read,write", block, zero);
  recording_put(r, "g", "disk-vda", "disk_octets", "read,write", block, zero);
  recording_put(r, "g", "cpu", "percent-active", "value", cpu, NULL);
}

struct trained {
  struct recording r;
  struct vr_archive *archive;
  struct vr_guest_data data;
  struct vr_guest_result result;
};

/* The definition of CPU usage in model files of version FORMAT. */
static const struct vr_trained *train(struct trained *t, int format) {
  const struct vr_train_options options = {
      .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1}, .format = format};
  struct vr_error error = {""};
  recording_new(&t->r, ROWS);
  write_tree(&t->r);
  recording_load(&t->r, "g", &t->archive, &t->data);
  if (vr_fit_guest(&t->data, &options, &t->result, &error) < 0)
    fail_msg("%s", error.message);
  return &t->result.counters[VR_CPU].definition;
}

static void clear(struct trained *t) {
  vr_fit_guest_result_clear(&t->result);
  vr_data_guest_clear(&t->data);
  vr_archive_free(t->archive);
  recording_remove(&t->r);
}

static void finds_what_the_guest_counts(void **state) {
  (void)state;
  struct trained t = {0};
  const struct vr_trained *cpu = train(&t, VR_MODEL_FILE_VERSION);
  const struct vr_model *m = &cpu->model;
  struct vr_error e;
  assert_true(cpu->is_there);
  assert_int_equal(m->structure, VR_RATIO);
  assert_int_equal(vr_model_check(m, &e), 0);
  assert_int_equal(m->n_inputs, 2);
  assert_string_equal(m->inputs[1].signals[0],
                      "%{host}/vmrecon-%{guest}/derive-vcpu_wait:value");
  assert_near(m->arx.inputs[1].b[0], COUNTED, 0.01);
  assert_near(m->arx.inputs[1].b[1], COUNTED - 1, 0.01);
  assert_near(m->fit.free_run, 97.5, 2.5);
  clear(&t);
}

static void version_2_has_the_older_definition(void **state) {
  (void)state;
  struct trained t = {0};
  const struct vr_trained *cpu = train(&t, VR_MODEL_FILE_COMMON);
  assert_true(cpu->is_there);
  assert_int_equal(cpu->model.structure, VR_STATIC);
  assert_true(cpu->model.fit.free_run < 92);
  clear(&t);
}

/* A guest that keeps its processors while it is idle: neither law nor model is
 * made of how long they ran, and the report says why. */
static void run_time_that_hides_idle_time_is_no_input(void **state) {
  (void)state;
  struct trained t = {0};
  char *text = NULL;
  size_t n = 0;
  const struct vr_train_options options = {
      .orders = {.nb = {1}, .n_nb = 1, .n_nk = 1},
      .format = VR_MODEL_FILE_VERSION};
  struct vr_error error = {""};
  recording_new(&t.r, ROWS);
  write_tree(&t.r);
  recording_put_constant(&t.r, "hv", VM, "gauge-idle_hidden", 1);
  recording_load(&t.r, "g", &t.archive, &t.data);
  assert_true(t.data.idle_hidden);
  for (size_t i = 0; i < vr_sources_count; i++)
    if (strcmp(vr_sources[i].name, "run") == 0 ||
        strcmp(vr_sources[i].name, "busy") == 0)
      assert_null(t.data.u[i]);
    else if (strcmp(vr_sources[i].name, "wait") == 0)
      assert_non_null(t.data.u[i]);
  if (vr_fit_guest(&t.data, &options, &t.result, &error) < 0)
    fail_msg("%s", error.message);
  assert_false(t.result.counters[VR_CPU].definition.is_there);
  const struct vr_trained *inferred = &t.result.counters[VR_CPU].inferred;
  for (size_t i = 0; inferred->is_there && i < inferred->model.n_inputs; i++)
    assert_null(strstr(inferred->model.inputs[i].signals[0], "vcpu_run"));
  FILE *f = open_memstream(&text, &n);
  vr_report_guest_size(&t.data, f);
  fclose(f);
  assert_non_null(strstr(text, "its idle time is hidden from the host"));
  free(text);
  clear(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_what_the_guest_counts),
      cmocka_unit_test(version_2_has_the_older_definition),
      cmocka_unit_test(run_time_that_hides_idle_time_is_no_input),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
