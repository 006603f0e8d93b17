/* SPDX-License-Identifier: MIT */
#include "../unit.h"

#include "signal/resample.h"

#include <math.h>

static vr_time seconds(double s) { return vr_signal_time_of_seconds(s); }

static struct vr_sample derive(double t, int64_t value) {
  return (struct vr_sample){seconds(t), {.derive = value}};
}

static struct vr_sample gauge(double t, double value) {
  return (struct vr_sample){seconds(t), {.gauge = value}};
}

static const struct vr_signal_form form_derive = {.kind = VR_DERIVE,
                                                  .interval = VR_SECOND};
static const struct vr_signal_form form_gauge = {.kind = VR_GAUGE,
                                                 .interval = VR_SECOND};

static void assert_near(double x, double y) {
  if (!(fabs(x - y) <= 1e-9 * (1 + fabs(y))))
    fail_msg("%.17g is not %.17g", x, y);
}

static void keeps_time_to_the_nanosecond(void **state) {
  (void)state;
  assert_true(seconds(1.5) == 1500000000);
  assert_true(seconds(-0.25) == -250000000);
  assert_true(vr_signal_time_of_seconds(1700000000) == 1700000000 * VR_SECOND);
  assert_true(vr_signal_seconds_of_time(1700000000 * VR_SECOND + 500000000) ==
              1700000000.5);
}

/* Tick k is ((k-1) s, k s]. */
static void counts_ticks_from_the_epoch(void **state) {
  (void)state;
  assert_true(vr_signal_tick_of(VR_SECOND, seconds(5)) == 5);
  assert_true(vr_signal_tick_of(VR_SECOND, seconds(5) + 1) == 6);
  assert_true(vr_signal_tick_of(10 * VR_SECOND, seconds(5)) == 1);
  assert_true(vr_signal_tick_of(VR_SECOND, -1) == 0);
  struct vr_grid g =
      vr_signal_grid_between(VR_SECOND, seconds(0.5), seconds(4.5));
  assert_true(g.first == 2 && g.n == 3); /* (1,2] (2,3] (3,4] */
  g = vr_signal_grid_between(VR_SECOND, seconds(1), seconds(4));
  assert_true(g.first == 2 && g.n == 3);
  assert_true(vr_signal_grid_between(VR_SECOND, seconds(1.1), seconds(1.9)).n ==
              0);
  assert_true(vr_signal_grid_time(&g, 2) == seconds(4));
}

/* A counter seen at 0.4, 1.4, 2.4, 3.4: rises 10, 20, 30. On (1, 2] it is
 * 0.4 * 10 + 0.6 * 20 = 16, on (2, 3] 0.4 * 20 + 0.6 * 30 = 26. */
static void interpolates_a_counter(void **state) {
  (void)state;
  struct vr_sample s[] = {derive(0.4, 100), derive(1.4, 110), derive(2.4, 130),
                          derive(3.4, 160)};
  struct vr_grid g = {VR_SECOND, 1, 4};
  double v[4];
  vr_resample(&form_derive, s, 4, &g, v);
  assert_near(v[0], 10); /* 0.6 of it is known */
  assert_near(v[1], 16);
  assert_near(v[2], 26);
  assert_true(isnan(v[3])); /* only 0.4 of it */
}

/* The same counter by a clock that lags 0.6 s: at 1, 2, 3, 4 on our clock. */
static void moves_by_the_clocks_offset(void **state) {
  (void)state;
  struct vr_sample s[] = {derive(0.4, 100), derive(1.4, 110), derive(2.4, 130),
                          derive(3.4, 160)};
  struct vr_signal_form form = form_derive;
  form.offset = seconds(0.6);
  struct vr_grid g = {VR_SECOND, 1, 4};
  double v[4];
  vr_resample(&form, s, 4, &g, v);
  assert_true(isnan(v[0]));
  assert_near(v[1], 10);
  assert_near(v[2], 20);
  assert_near(v[3], 30);
}

/* RRDtool's own answer (1.7.2), with T = 17000000: rrdtool create x.rrd --start
 * ${T}00 --step 10 DS:v:DERIVE:20:0:U RRA:AVERAGE:0.5:1:10; rrdtool update
 * x.rrd ${T}03:1000 ${T}11:1800 ${T}24:3100 ${T}33:3370 ${T}50:9000
 * ${T}55:9050 ${T}61:9110; rrdtool fetch x.rrd AVERAGE -s ${T}00 -e ${T}59. */
static void agrees_with_rrdtool(void **state) {
  (void)state;
  struct vr_sample s[] = {derive(1700000003, 1000), derive(1700000011, 1800),
                          derive(1700000024, 3100), derive(1700000033, 3370),
                          derive(1700000050, 9000), derive(1700000055, 9050),
                          derive(1700000061, 9110)};
  struct vr_signal_form form = {
      .kind = VR_DERIVE, .interval = seconds(10), .max_gap = seconds(20)};
  struct vr_grid g = {10 * VR_SECOND, 170000001, 6};
  double v[6];
  vr_resample(&form, s, 7, &g, v);
  const double rrd[] = {100, 100, 58, 240.82352941, 331.17647059, 10};
  for (int i = 0; i < 6; i++)
    assert_near(v[i], rrd[i]);
}

/* 2, 4, 6 hold over the second before each; on ticks of 2 s: means. */
static void averages_a_finer_stream(void **state) {
  (void)state;
  struct vr_sample s[] = {gauge(1, 2), gauge(2, 4), gauge(3, 6), gauge(4, 8)};
  struct vr_grid g = {2 * VR_SECOND, 1, 2};
  double v[2];
  vr_resample(&form_gauge, s, 4, &g, v);
  assert_near(v[0], 3);
  assert_near(v[1], 7);
}

static void does_not_speak_over_gaps(void **state) {
  (void)state;
  struct vr_sample s[] = {gauge(1, 1), gauge(2, 1), gauge(6, 5), gauge(7, 5)};
  struct vr_grid g = {VR_SECOND, 1, 7};
  double v[7];
  vr_resample(&form_gauge, s, 4, &g, v);
  assert_near(v[1], 1);
  for (int i = 2; i < 5; i++)
    assert_true(isnan(v[i]));
  assert_near(v[5], 5); /* it speaks for the interval before itself */
  assert_near(v[6], 5);
  struct vr_sample c[] = {derive(1, 0), derive(2, 1), derive(6, 5),
                          derive(7, 6)};
  vr_resample(&form_derive, c, 4, &g, v);
  assert_near(v[1], 1);
  for (int i = 2; i < 6; i++)
    assert_true(isnan(v[i]));
  assert_near(v[6], 1);
}

static void one_lost_sample_is_no_gap(void **state) {
  (void)state;
  struct vr_sample c[] = {derive(1, 0), derive(2, 1), derive(4.1, 43)};
  struct vr_grid g = {VR_SECOND, 3, 2};
  double v[2];
  vr_resample(&form_derive, c, 3, &g, v);
  assert_near(v[0], 20);
  assert_near(v[1], 20);
}

static void knows_wraps_and_resets(void **state) {
  (void)state;
  struct vr_sample a = {0, {.counter = UINT32_MAX - 9}}, b = {VR_SECOND, {0}};
  b.value.counter = 5;
  assert_near(vr_resample_between(VR_COUNTER, &a, &b), 15);
  a.value.counter = UINT64_MAX - 9;
  assert_near(vr_resample_between(VR_COUNTER, &a, &b), 15);
  a.value.derive = 100;
  b.value.derive = 5;
  assert_true(isnan(vr_resample_between(VR_DERIVE, &a, &b)));
  a.value.derive = INT64_MIN;
  b.value.derive = INT64_MAX;
  assert_true(isnan(vr_resample_between(VR_DERIVE, &a, &b)));
  b.time = VR_SECOND / 2;
  b.value.absolute = 7;
  assert_near(vr_resample_between(VR_ABSOLUTE, &a, &b), 14);
  b.value.gauge = INFINITY;
  assert_true(isnan(vr_resample_between(VR_GAUGE, NULL, &b)));
}

/* Beyond 2^53 a counter's own double would lose whole units. */
static void keeps_the_units_of_large_counters(void **state) {
  (void)state;
  int64_t large = INT64_C(1) << 60;
  struct vr_sample s[] = {derive(1, large + 1), derive(2, large + 4)};
  assert_near(vr_resample_between(VR_DERIVE, &s[0], &s[1]), 3);
}

/* Rows of an RRD moved by 0.25 s: each tick is 0.25 of the row before and 0.75
 * of its own, where both are known. */
static void regrids_rows(void **state) {
  (void)state;
  const double rows[] = {4, 8, NAN, 16};
  struct vr_grid from = {VR_SECOND, 11, 4}, to = {VR_SECOND, 11, 5};
  double v[5];
  vr_resample_regrid(&from, rows, seconds(0.25), &to, v);
  assert_near(v[0], 4);
  assert_near(v[1], 0.25 * 4 + 0.75 * 8);
  assert_true(isnan(v[2])); /* 0.25 known */
  assert_near(v[3], 16);    /* 0.75 known */
  assert_true(isnan(v[4]));
  vr_resample_regrid(&from, rows, 0, &from, v);
  assert_true(v[0] == 4 && v[1] == 8 && isnan(v[2]) && v[3] == 16);
  struct vr_grid wide = {2 * VR_SECOND, 6, 2}; /* (10,12] (12,14] */
  vr_resample_regrid(&from, rows, 0, &wide, v);
  assert_near(v[0], 6);
  assert_near(v[1], 16);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keeps_time_to_the_nanosecond),
      cmocka_unit_test(counts_ticks_from_the_epoch),
      cmocka_unit_test(interpolates_a_counter),
      cmocka_unit_test(moves_by_the_clocks_offset),
      cmocka_unit_test(agrees_with_rrdtool),
      cmocka_unit_test(averages_a_finer_stream),
      cmocka_unit_test(does_not_speak_over_gaps),
      cmocka_unit_test(one_lost_sample_is_no_gap),
      cmocka_unit_test(knows_wraps_and_resets),
      cmocka_unit_test(keeps_the_units_of_large_counters),
      cmocka_unit_test(regrids_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
