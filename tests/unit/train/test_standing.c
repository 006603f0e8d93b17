/* SPDX-License-Identifier: MIT
 *
 * What an operator reads of a counter: how it stands, how much more history it
 * needs, what else would help, and the line that sums up.
 */
#include "recording.h"
#include "train/report/needed_history.h"
#include "train/report/operator_report.h"
#include "train/report/standing_advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct vr_guest_data *data;
static struct vr_guest_result result;
static char text[4000];

/* A model of COUNTER with the fit FIT, where the mean has 0. */
static struct vr_trained trained(enum vr_counter counter,
                                 enum vr_provenance provenance, double fit) {
  struct vr_trained t = {.is_there = true, .reference_fit = NAN};
  t.model = (struct vr_model){.counter = counter,
                              .provenance = provenance,
                              .n_inputs = 1,
                              .fit = {.free_run = fit, .one_step = fit},
                              .baseline = {.mean_fit = 0, .gain_fit = NAN}};
  return t;
}

/* One guest of ROWS seconds, whose load and context switches are known. */
static void begin(size_t rows) {
  data = recording_in_memory(rows, 1);
  recording_truth(data, VR_LOAD);
  recording_truth(data, VR_CONTEXTSWITCH);
  result = (struct vr_guest_result){.data = data};
  for (int c = 0; c < VR_COUNTERS; c++)
    result.counters[c].has_truth = data->y[c] != NULL;
}

static void end(void) { recording_free(data); }

static struct vr_counter_result *counter(enum vr_counter c) {
  return &result.counters[c];
}

/* The row of C without its name. */
static const char *row(enum vr_counter c) {
  struct vr_standing s;
  memset(text, 0, sizeof(text));
  FILE *f = fmemopen(text, sizeof(text), "w");
  vr_standing_of(&result, c, 5, &s);
  vr_standing_print(&s, f);
  vr_standing_advise(&result, c, &s, f);
  fclose(f);
  return text;
}

/* A load average has the memory of a minute, and 90 of them are wanted: of 78
 * minutes 12 are missing. Context switches have had their quarter of an hour.
 */
static void test_more_history(void **state) {
  (void)state;
  begin(78 * 60);
  counter(VR_LOAD)->inferred = trained(VR_LOAD, VR_INFERRED, 34);
  assert_string_equal(row(VR_LOAD), "weak (34 %), 12 more minutes needed");
  counter(VR_LOAD)->inferred.model.fit.free_run = 71.6;
  assert_string_equal(row(VR_LOAD), "good (72 %), 12 more minutes needed");
  counter(VR_LOAD)->inferred.model.withheld = true;
  assert_string_equal(row(VR_LOAD),
                      "not surely better than the mean (72 %), 12 more minutes "
                      "needed");
  counter(VR_LOAD)->inferred.model.baseline.has_gain = true;
  counter(VR_LOAD)->inferred.model.baseline.gain_fit = 71;
  assert_string_equal(row(VR_LOAD),
                      "not surely better than a static gain (72 %), 12 more "
                      "minutes needed");
  counter(VR_LOAD)->inferred.model.baseline.gain_fit = 72;
  assert_string_equal(row(VR_LOAD),
                      "not better than a static gain, 12 more minutes needed");
  counter(VR_CONTEXTSWITCH)->inferred =
      trained(VR_CONTEXTSWITCH, VR_INFERRED, 34);
  assert_string_equal(
      row(VR_CONTEXTSWITCH),
      "weak (34 %): introspection would tell (Introspect publish)");
  counter(VR_CONTEXTSWITCH)->inferred.model.fit.free_run = 50;
  assert_string_equal(row(VR_CONTEXTSWITCH), "good (50 %)");
  /* Where it has had its due and is not sure, as much again. */
  counter(VR_CONTEXTSWITCH)->inferred.model.withheld = true;
  assert_string_equal(
      row(VR_CONTEXTSWITCH),
      "not surely better than the mean (50 %), 78 more minutes needed");
  end();
}

/* Only seconds in which the guest's own value is known count. */
static void test_unknown_seconds(void **state) {
  (void)state;
  begin(900);
  for (size_t i = 0; i < 300; i++)
    data->y[VR_CONTEXTSWITCH][3 * i] = NAN;
  counter(VR_CONTEXTSWITCH)->inferred =
      trained(VR_CONTEXTSWITCH, VR_INFERRED, 60);
  assert_string_equal(row(VR_CONTEXTSWITCH),
                      "good (60 %), 5 more minutes needed");
  end();
}

/* What is measured is not estimated and needs no history. It is published
 * however bad it looks, so that somebody has to look at it. */
static void test_measured(void **state) {
  (void)state;
  begin(100);
  recording_truth(data, VR_NET_TX);
  recording_truth(data, VR_PAGE_FAULTS);
  counter(VR_NET_TX)->has_truth = counter(VR_PAGE_FAULTS)->has_truth = true;
  counter(VR_NET_TX)->definition = trained(VR_NET_TX, VR_DIRECT, 94);
  counter(VR_NET_TX)->inferred = trained(VR_NET_TX, VR_INFERRED, 97);
  assert_string_equal(row(VR_NET_TX), "good (94 %), measured by the host");
  counter(VR_PAGE_FAULTS)->definition =
      trained(VR_PAGE_FAULTS, VR_COOPERATIVE, 80);
  assert_string_equal(row(VR_PAGE_FAULTS),
                      "good (80 %), reported by its balloon driver");
  /* Introspection goes before the balloon driver, not before the host. */
  counter(VR_CONTEXTSWITCH)->definition =
      trained(VR_CONTEXTSWITCH, VR_DIRECT, 40);
  assert_string_equal(row(VR_CONTEXTSWITCH),
                      "weak (40 %), measured by the host");
  counter(VR_CONTEXTSWITCH)->definition =
      trained(VR_CONTEXTSWITCH, VR_COOPERATIVE, 40);
  assert_string_equal(row(VR_CONTEXTSWITCH),
                      "weak (40 %), reported by its balloon driver: "
                      "introspection would tell (Introspect publish)");
  counter(VR_CONTEXTSWITCH)->definition =
      trained(VR_CONTEXTSWITCH, VR_DIRECT, -20);
  assert_string_equal(row(VR_CONTEXTSWITCH),
                      "not better than the mean (-20 %), measured by the host, "
                      "published all the same: see that the right guest is "
                      "paired (--pair)");
  end();
}

/* What is missing is named with what to do. */
static void test_missing(void **state) {
  (void)state;
  begin(3600);
  assert_string_equal(row(VR_PROCESSES),
                      "no truth: the guest's own series are not recorded; "
                      "LoadPlugin processes in its collectd");
  counter(VR_CONTEXTSWITCH)->inferred =
      trained(VR_CONTEXTSWITCH, VR_INFERRED, NAN);
  counter(VR_CONTEXTSWITCH)->inferred.model.n_inputs = 0;
  assert_string_equal(
      row(VR_CONTEXTSWITCH),
      "no input: introspection would tell (Introspect publish)");
  counter(VR_CONTEXTSWITCH)->inferred.model.baseline.mean_fit = NAN;
  assert_string_equal(row(VR_CONTEXTSWITCH),
                      "did not change: record it while it moves");
  const struct {
    enum vr_counter counter;
    const char *wanted;
  } inputs[] = {{VR_BUFFERS, "no balloon statistics"},
                {VR_PAGE_FAULTS, "no balloon statistics"},
                {VR_DISK_READ, "QMP socket"},
                {VR_NET_RX, "no tap"}};
  for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
    enum vr_counter c = inputs[i].counter;
    recording_truth(data, c);
    counter(c)->has_truth = true;
    counter(c)->inferred = trained(c, VR_INFERRED, 1);
    if (!strstr(row(c), inputs[i].wanted))
      fail_msg("%s: \"%s\"", vr_counter_info(c)->name, text);
  }
  end();
}

/* At a step of 10 s a memory of 10 s is one row; a longer step is the memory.
 */
static void test_needed(void **state) {
  (void)state;
  char t[40];
  assert_near(vr_needed_seconds(VR_CPU, 1), vr_needed_seconds(VR_CPU, 10), 0);
  assert_near(vr_needed_seconds(VR_CPU, 20), 2 * vr_needed_seconds(VR_CPU, 10),
              0);
  for (int c = 0; c < VR_COUNTERS; c++)
    assert_true((vr_needed_seconds((enum vr_counter)c, 1) > 0) ==
                vr_counter_info((enum vr_counter)c)->trainable);
  vr_needed_text(1, t, sizeof(t));
  assert_string_equal(t, "1 more minute");
  vr_needed_text(61, t, sizeof(t));
  assert_string_equal(t, "2 more minutes");
  vr_needed_text(2.5 * 3600, t, sizeof(t));
  assert_string_equal(t, "2.5 more hours");
  vr_needed_text(10 * 86400, t, sizeof(t));
  assert_string_equal(t, "10.0 more days");
}

static const char *summed_up(const char *name) {
  struct vr_operator_totals totals = {0};
  vr_operator_count(&result, 5, &totals);
  memset(text, 0, sizeof(text));
  FILE *f = fmemopen(text, sizeof(text), "w");
  vr_operator_sum_up(&totals, "/m", name, f);
  fclose(f);
  return text;
}

static void test_sum(void **state) {
  (void)state;
  begin(60 * 60);
  counter(VR_LOAD)->inferred = trained(VR_LOAD, VR_INFERRED, 34);
  counter(VR_CONTEXTSWITCH)->inferred =
      trained(VR_CONTEXTSWITCH, VR_INFERRED, 70);
  assert_string_equal(
      summed_up("trained.json"),
      "1 guest trained, 2 of 10 counters published, /m/trained.json written; "
      "the target takes it up by itself where its ModelDir is /m; record 30 "
      "more minutes and train again\n");
  counter(VR_LOAD)->inferred.is_there = false;
  assert_string_equal(
      summed_up(NULL),
      "1 guest trained, 1 of 10 counters published, nothing written\n");
  end();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_more_history),
      cmocka_unit_test(test_unknown_seconds),
      cmocka_unit_test(test_measured),
      cmocka_unit_test(test_missing),
      cmocka_unit_test(test_needed),
      cmocka_unit_test(test_sum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
