/* SPDX-License-Identifier: MIT
 *
 * What the guest itself counts is published at the instants of its reports,
 * beside the ends of ticks: whoever reads the series at other instants finds
 * what the host received, not what two interpolations have left of it.
 */
#include "stream.h"

#include <math.h>

#define FAULTS(counter, source, rest)                                          \
  "{\"counter\":\"" counter                                                    \
  "\",\"provenance\":\"cooperative\",\"structure\":\"static\",\"inputs\":["    \
  "{\"signals\":[" OURS("vmpage_faults-balloon:" source) "]," rest             \
                                                         "\"b\":[1]}]}"
#define BOTH                                                                   \
  FAULTS("page_faults", "minflt", "")                                          \
  "," FAULTS("page_faults_major", "majflt", "")

/* Bursts: the count stands still for 7 s, then rises for 4. */
static double count(double t) {
  double turn = floor(t / 11), into = t - 11 * turn;
  return 40000 * turn + (into > 7 ? 10000 * (into - 7) : 0);
}

static void report(struct vr_live *r, double t, double value) {
  feed(r, "h/vmrecon-g/vmpage_faults-balloon:minflt", t, 10, VR_DERIVE, value);
  feed(r, "h/vmrecon-g/vmpage_faults-balloon:majflt", t, 10, VR_DERIVE,
       floor(value / 100));
}

/* Reports each EVERY seconds from FIRST on, while readings are 10 s apart. */
static struct vr_live *reports(const char *models, double first, double every) {
  struct vr_live *r = start(models);
  for (double t = first; t < 200; t += every)
    report(r, t, count(t));
  return r;
}

static double total_at(double t) {
  const struct vr_answer *a = answer_at(t, VR_PAGE_FAULTS);
  if (!a)
    fail_msg("nothing is published at %g", t);
  return (double)a->counters[VR_PAGE_FAULTS].total;
}

/* As the host received it, linear between reports each EVERY seconds. */
static double received(double t, double first, double every) {
  double k = floor((t - first) / every), t0 = first + k * every;
  double a = count(t0), b = count(t0 + every);
  return a + (b - a) * (t - t0) / every;
}

/* Of what is published at T. A count is a whole number. */
static void assert_as_received(double t, double first, double every) {
  double rise = received(t, first, every) - received(60, first, every);
  if (!(fabs(total_at(t) - total_at(60) - rise) <= 1.001))
    fail_msg("at %g: %g is not %g", t, total_at(t) - total_at(60), rise);
}

static void one_report_an_interval_keeps_its_instant(void **state) {
  (void)state;
  struct vr_live *r = reports(BOTH, 6.5, 10);
  for (double t = 66.5; t < 180; t += 10)
    assert_as_received(t, 6.5, 10);
  for (double t = 70; t < 180; t += 10)
    assert_as_received(t, 6.5, 10);
  vr_live_free(r);
}

static void finer_reports_are_all_passed_on(void **state) {
  (void)state;
  struct vr_live *r = reports(BOTH, 1.5, 2);
  /* A report half a second before a tick is of the tick's second. */
  for (double t = 61.5; t < 180; t += 2)
    if (fmod(t, 10) != 9.5)
      assert_as_received(t, 1.5, 2);
    else
      assert_null(answer_at(t, VR_PAGE_FAULTS));
  for (double t = 70; t < 180; t += 10)
    assert_as_received(t, 1.5, 2);
  vr_live_free(r);
}

/* In whole seconds, as collectd has them of its times. */
static long long second_of(const struct vr_answer *a) {
  return llround((double)(a->time - epoch) / 1e9);
}

/* Each answer is later than the one before, in another second, as RRD files
 * want it, and has collectd's interval; what is between ticks is marked and
 * holds nothing else. */
static void they_come_in_order_at_the_interval(void **state) {
  (void)state;
  struct vr_live *r =
      reports(BOTH "," DIRECT("net_tx", "derive-vcpu_run:value"), 0.25, 0.5);
  size_t between = 0;
  for (size_t i = 1; i < heard.n; i++) {
    const struct vr_answer *a = &heard.answers[i];
    assert_true(second_of(a) > second_of(a - 1));
    assert_true(a->interval == 10 * VR_SECOND);
    assert_true(a->between == (a->time % (10 * VR_SECOND) != 0));
    between += a->between;
    assert_true(a->counters[VR_PAGE_FAULTS].present);
    assert_true(a->counters[VR_PAGE_FAULTS_MAJOR].present);
    assert_true(!a->between || !a->counters[VR_PAGE_FAULTS].quality_due);
  }
  assert_true(between >= 8 * 16);
  vr_live_free(r);
}

/* Values that come at collectd's instants have none of their own to keep, and
 * models answer for ticks. */
static void what_the_host_counts_stays_on_the_grid(void **state) {
  (void)state;
  struct vr_live *r = start(DIRECT("net_tx", "derive-vcpu_run:value"));
  for (double t = 3.5; t < 100; t += 10)
    feed(r, RUN, t, 10, VR_DERIVE, count(t));
  for (size_t i = 0; i < heard.n; i++)
    assert_true(heard.answers[i].time % (10 * VR_SECOND) == 0);
  assert_true(heard.n >= 8);
  vr_live_free(r);
}

/* Over a gap, and where the count began anew, nothing is passed on that nobody
 * counted. */
static void gaps_and_resets_add_nothing(void **state) {
  (void)state;
  struct vr_live *r = start(BOTH);
  for (double t = 0.5; t < 300; t += 2)
    if (t < 100 || t > 160)
      report(r, t, 100 * t - (t > 200 ? 100 * 200 : 0));
  double before = -1;
  for (size_t i = 0; i < heard.n; i++) {
    const struct vr_counter_answer *a =
        &heard.answers[i].counters[VR_PAGE_FAULTS];
    if (!a->present || !isfinite(a->value))
      continue;
    assert_true((double)a->total >= before);
    before = (double)a->total;
  }
  /* Unknown time counts as the time after it; a second or two of the reset is
   * lost. */
  assert_true(before > 100 * 285 && before < 100 * 300);
  vr_live_free(r);
}

/* A model may wait for longer than an interval: the reports that it is of are
 * kept that long. */
static void many_reports_are_kept_for_a_long_tick(void **state) {
  (void)state;
  struct vr_live *r = start(
      "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"
      "\"fir\",\"step\":70," FIT("50") "\"inputs\":[{\"signals\":[" OURS(
          "vmpage_faults-balloon:minflt") "],\"b\":[1]}]}");
  for (double t = 0.5; t < 700; t += 1)
    report(r, t, 1000 * floor(t / 70 + 0.5));
  size_t finite = 0;
  for (size_t i = 0; i < heard.n; i++) {
    double v = heard.answers[i].counters[VR_PROCESSES].value;
    /* The first tick is not known as a whole. */
    if (!heard.answers[i].counters[VR_PROCESSES].present || !isfinite(v) ||
        heard.answers[i].time < at(120))
      continue;
    finite++;
    assert_true(fabs(v - 1000. / 70) < 0.5);
  }
  assert_true(finite > 40);
  vr_live_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_report_an_interval_keeps_its_instant),
      cmocka_unit_test(finer_reports_are_all_passed_on),
      cmocka_unit_test(they_come_in_order_at_the_interval),
      cmocka_unit_test(what_the_host_counts_stays_on_the_grid),
      cmocka_unit_test(gaps_and_resets_add_nothing),
      cmocka_unit_test(many_reports_are_kept_for_a_long_tick),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
