/* SPDX-License-Identifier: MIT
 *
 * What decides that a model may be published: margins over the baselines, and
 * most blocks of time won.
 */
#include "model/publishable.h"
#include "recording.h"
#include "train/fit/judge.h"
#include "train/report/verdict.h"

#include <string.h>

static struct vr_model model(double fit, double mean, double gain) {
  return (struct vr_model){.provenance = VR_INFERRED,
                           .n_inputs = 1,
                           .fit.free_run = fit,
                           .baseline = {.mean_fit = mean,
                                        .has_gain = isfinite(gain),
                                        .gain_fit = gain}};
}

/* More than two points above the better of both, and of 0. */
static void test_margin(void **state) {
  (void)state;
  const struct {
    double fit, mean, gain;
    bool beats;
  } cases[] = {
      {12.1, 10, 5, true},    {12, 10, 5, false},    {12.1, 5, 10, true},
      {11.9, 5, 10, false},   {2.1, -50, NAN, true}, {1.9, -50, NAN, false},
      {-10, -50, -40, false}, {2.1, NAN, NAN, true}, {NAN, 1, 1, false},
      {50, 10, 47.9, true},   {50, 10, 48.1, false},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    const struct vr_model m = model(cases[i].fit, cases[i].mean, cases[i].gain);
    assert_int_equal(vr_judge_beats_baselines_by(&m, VR_JUDGE_MARGIN),
                     cases[i].beats);
  }
  const struct vr_model close = model(10.5, 10, NAN);
  assert_true(vr_judge_beats_baselines_by(&close, 0));
  assert_false(vr_judge_beats_baselines_by(&close, 0.5));
}

/* Five folds of two rows. The model is exact where its fold's bit is set and
 * off by 3 elsewhere; the mean is off by 1, the gain by 2. */
static bool wins(unsigned exact, bool with_gain, unsigned unused) {
  unsigned char fold[10], used[10];
  double y[10], mean[10], gain[10], x[10];
  for (size_t i = 0; i < 10; i++) {
    fold[i] = (unsigned char)(i / 2);
    used[i] = !(unused >> fold[i] & 1);
    y[i] = (double)i;
    mean[i] = y[i] + 1;
    gain[i] = y[i] - 2;
    x[i] = exact >> fold[i] & 1 ? y[i] : y[i] + 3;
  }
  const struct vr_features f = {
      .rows = 10, .n_folds = 5, .fold = fold, .used = used};
  return vr_judge_wins_most_blocks(&f, y, mean, with_gain ? gain : NULL, x);
}

static void test_blocks(void **state) {
  (void)state;
  assert_true(wins(1 | 2 | 4, true, 0));
  assert_false(wins(1 | 2, true, 0));
  assert_true(wins(31, false, 0));
  assert_false(wins(0, false, 0));
  /* A block without a known row is not won. */
  assert_false(wins(1 | 2 | 4, true, 4));
}

/* One lucky block carries the fit over all of them, and is not believed. */
static void test_one_lucky_block(void **state) {
  (void)state;
  unsigned char fold[] = {0, 1, 2, 3, 4}, used[] = {1, 1, 1, 1, 1};
  const double y[] = {100, 0, 0, 0, 0}, mean[] = {20, 1, 1, 1, 1},
               x[] = {100, 2, 2, 2, 2};
  const struct vr_features f = {
      .rows = 5, .n_folds = 5, .fold = fold, .used = used};
  assert_false(vr_judge_wins_most_blocks(&f, y, mean, NULL, x));
}

/* The report's words are those of the rule that publishes. */
static void test_verdict(void **state) {
  (void)state;
  struct vr_model m = model(30, 10, 20);
  assert_string_equal(vr_report_verdict(&m, 5), "published");
  assert_non_null(strstr(vr_report_verdict(&m, 40), "MinFit"));
  m.withheld = true;
  assert_non_null(strstr(vr_report_verdict(&m, 5), "no clear gain"));
  assert_false(vr_model_publishable(&m, 5));
  m = model(15, 10, 20);
  assert_non_null(strstr(vr_report_verdict(&m, 5), "not published"));
  m = model(NAN, 10, 20);
  assert_non_null(strstr(vr_report_verdict(&m, 5), "not validated"));
  m.n_inputs = 0;
  assert_non_null(strstr(vr_report_verdict(&m, 5), "no model"));
  m = model(1, 10, 20);
  m.provenance = VR_DIRECT;
  assert_non_null(strstr(vr_report_verdict(&m, 5), "published, though"));
  assert_true(vr_model_publishable(&m, 5));
}

/* What is not published says what it needs: of 15 minutes of CPU usage 7 are
 * there. */
static void test_needs(void **state) {
  (void)state;
  char text[VR_VERDICT_SIZE];
  struct vr_model m = model(62.31, 10, 20);
  m.counter = VR_CPU;
  m.step = 10;
  m.fit.rows = 42;
  m.n_inputs = 1;
  vr_report_verdict_needs(&m, 5, text);
  assert_string_equal(text, "published");
  vr_report_reason(&m, 5, text);
  assert_string_equal(text, "its model had 62.3 % in training");
  m.withheld = true;
  vr_report_verdict_needs(&m, 5, text);
  assert_string_equal(text, "not published: no clear gain over a trivial "
                            "baseline, 8 more minutes needed");
  vr_report_reason(&m, 5, text);
  assert_string_equal(text, "its history is too short (62.3 % in training): 8 "
                            "more minutes needed");
  /* It has had its due: as much again. */
  m.fit.rows = 120;
  vr_report_reason(&m, 5, text);
  assert_string_equal(text, "its model is not surely better than a trivial "
                            "baseline (62.3 % in training): 20 more minutes "
                            "needed");
  m.fit.free_run = 19;
  vr_report_reason(&m, 5, text);
  assert_string_equal(text, "its model is no better than a trivial baseline "
                            "(19.0 % in training)");
  m.generic = true;
  vr_report_reason(&m, 5, text);
  assert_string_equal(text, "the model for every guest had 19.0 % in training");
  vr_report_reason(NULL, 5, text);
  assert_string_equal(text, "it has no model");
}

/* Blocks of two rows whose mean advantage over the mean is 0 to 4, with SHIFT
 * added: their mean is 2 + SHIFT, its standard error sqrt(0.5), and Student's t
 * for 4 degrees of freedom and 95 % is 2.132 (a table's), so that it is certain
 * above 1.084. */
static bool is_certain(double shift, size_t blocks, bool with_gain,
                       double of_gain) {
  enum { ROWS = 10 };
  unsigned char used[ROWS];
  double y[ROWS] = {0}, mean[ROWS], gain[ROWS], x[ROWS];
  for (size_t i = 0; i < ROWS; i++) {
    used[i] = i < 2 * blocks;
    x[i] = 3;
    mean[i] = sqrt(9 + (double)(i / 2) + shift);
    gain[i] = sqrt(9 + of_gain);
  }
  const struct vr_features f = {.rows = ROWS, .used = used};
  return vr_judge_is_confident(&f, y, mean, with_gain ? gain : NULL, x, 2);
}

static void test_confidence(void **state) {
  (void)state;
  assert_true(is_certain(-0.91, 5, false, 0));
  assert_false(is_certain(-0.92, 5, false, 0));
  /* Over both baselines. */
  assert_true(is_certain(0, 5, true, 1));
  assert_false(is_certain(0, 5, true, -1));
  /* Too few blocks say nothing, however good. */
  assert_false(is_certain(1000, VR_JUDGE_MIN_BLOCKS - 1, false, 0));
  assert_true(is_certain(1000, VR_JUDGE_MIN_BLOCKS, false, 0));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_margin),          cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_one_lucky_block), cmocka_unit_test(test_confidence),
      cmocka_unit_test(test_verdict),         cmocka_unit_test(test_needs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
