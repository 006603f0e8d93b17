/* SPDX-License-Identifier: MIT
 *
 * Ratios by hand, and the law of CPU usage (schema/cpu_terms.h) against a guest
 * kernel's tick accounting, which is written down here and shares nothing with
 * what it checks.
 */
#include "../unit.h"

#include "model/ratio.h"
#include "model/run.h"
#include "schema/cpu_terms.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static const struct vr_guest_size two_vcpus = {.vcpus = 2, .gib = NAN};

#define assert_close(x, wanted)                                                \
  do {                                                                         \
    double x_ = (x), wanted_ = (wanted);                                       \
    if (!(fabs(x_ - wanted_) < 1e-9))                                          \
      fail_msg("%s is %.12g, not %.12g", #x, x_, wanted_);                     \
  } while (0)

/* --- by hand --- */

enum { INPUTS = 3 };
static char *names[] = {"%{host}/vmrecon-%{guest}/derive-vcpu_run:value"};
static double weights[INPUTS][3];
static struct vr_arx_input arx[INPUTS];
static struct vr_model_input inputs[INPUTS];
static struct vr_model model;

/* N = u0 + 0.5 u1 + u2, D = 1 - 0.5 u1, C = 0; u2 is not counted above 3. */
static int set_up(void **state) {
  (void)state;
  static const double b[INPUTS][3] = {{1, 0}, {0.5, -0.5}, {1, 0}};
  memcpy(weights, b, sizeof(weights));
  for (int i = 0; i < INPUTS; i++) {
    arx[i] = (struct vr_arx_input){.nb = i == 1 ? 2 : 3, .b = weights[i]};
    inputs[i] = (struct vr_model_input){.n_signals = 1,
                                        .signals = names,
                                        .scale = 1,
                                        .per = VR_PER_VCPU,
                                        .range_min = -INFINITY,
                                        .range_max = i == 2 ? 3 : INFINITY};
  }
  model = (struct vr_model){
      .counter = VR_CPU,
      .provenance = VR_DIRECT,
      .guest = "*",
      .structure = VR_RATIO,
      .arx = {.nu = INPUTS, .inputs = arx},
      .n_inputs = INPUTS,
      .inputs = inputs,
      .output = {.min = 0, .max = 100},
  };
  return 0;
}

static double value(double u0, double u1, double u2) {
  /* Of two vCPUs, so that each is halved. */
  const double sums[] = {2 * u0, 2 * u1, 2 * u2};
  double y;
  assert_int_equal(vr_model_simulate(&model, sums, 1, &two_vcpus, &y), 0);
  return y;
}

static void divides_what_it_counts(void **state) {
  (void)state;
  assert_close(value(0.3, 0, 0), 30);
  assert_close(value(0.3, 0.4, 0), 100 * 0.5 / 0.8);
  assert_close(value(0.3, 0.4, 0.1), 100 * 0.6 / 0.8);
  assert_close(value(0.3, 0.4, 2), 100);
  assert_close(value(0, 0, 0), 0);
}

static void is_not_known_of_nothing(void **state) {
  (void)state;
  assert_true(isnan(value(0.1, 2, 0)));
  assert_true(isnan(value(NAN, 0, 0)));
}

static void does_not_count_what_is_beyond_its_range(void **state) {
  (void)state;
  assert_close(value(0.3, 0.4, 3.01), 100 * 0.5 / 0.8);
  weights[0][0] = weights[1][0] = 0;
  assert_close(value(0.3, 0.4, 0.2), 100 * 0.2 / 0.8);
  assert_true(isnan(value(0.3, 0.4, 3.01)));
}

/* Idle time with requests in flight is at most the idle time. */
static void leaves_what_others_take(void **state) {
  (void)state;
  weights[0][0] = weights[1][0] = 0;
  weights[0][2] = 1;
  assert_close(value(0.3, 0, 0.2), 20);
  assert_close(value(0.3, 0, 1.5), 70);
  assert_close(value(1.2, 0, 1.5), 0);
}

static void has_no_memory_at_any_step(void **state) {
  (void)state;
  struct vr_error e;
  assert_int_equal(vr_model_check(&model, &e), 0);
  assert_int_equal(vr_model_settling(&model), 0);
  struct vr_run *run = vr_run_new(&model, 0);
  const double first[] = {1.8, 0, 8}, second[] = {0.6, 0.8, 0};
  vr_run_step(run, first, &two_vcpus);
  struct vr_run_value v = vr_run_step(run, second, &two_vcpus);
  assert_close(v.value, 100 * 0.5 / 0.8);
  vr_run_free(run);
}

static void is_refused_with_other_weights(void **state) {
  (void)state;
  struct vr_error e = {""};
  arx[1].nb = 1;
  assert_int_equal(vr_model_check(&model, &e), -EINVAL);
  assert_non_null(strstr(e.message, "inputs[1]: of a ratio"));
  arx[1].nb = 2;
  arx[1].nk = 1;
  assert_int_equal(vr_model_check(&model, &e), -EINVAL);
}

/* --- the law against a kernel --- */

/* What happened to one vCPU: it ran, was preempted, slept; and what its kernel
 * counted of that. */
struct guest {
  double now, tick, next;          /* seconds; of the next timer tick */
  double ran, preempted;           /* as the host sees it */
  double counted_gaps;             /* min(d, tick), summed */
  double busy_ticks, idle_seconds; /* as the guest does */
};

/* A tick for each that is due, or one for all that came due while it could not
 * be delivered: hrtimer_forward() skips what was missed. */
static void run_for(struct guest *g, double seconds) {
  double end = g->now + seconds;
  if (g->next < g->now) {
    g->busy_ticks++;
    g->next = (floor(g->now / g->tick) + 1) * g->tick;
  }
  for (; g->next < end; g->next += g->tick)
    g->busy_ticks++;
  g->ran += seconds;
  g->now = end;
}

static void preempt_for(struct guest *g, double seconds) {
  g->now += seconds;
  g->preempted += seconds;
  g->counted_gaps += fmin(seconds, g->tick);
}

/* The tick stops, and the time is taken from a clock. */
static void sleep_for(struct guest *g, double seconds) {
  g->now += seconds;
  g->idle_seconds += seconds;
  g->next = (floor(g->now / g->tick) + 1) * g->tick;
}

static double noise(unsigned *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 8) / 16777216.0;
}

/* Bursts of work with preemptions of 20 us mostly and up to 60 ms, and sleeps
 * between them. */
static struct guest live(double hz, unsigned seed) {
  struct guest g = {.tick = 1 / hz, .next = 1 / hz};
  while (g.now < 600) {
    for (int n = (int)(20 * noise(&seed)); n > 0; n--) {
      run_for(&g, 0.002 * noise(&seed));
      double x = noise(&seed);
      preempt_for(&g, x < 0.7 ? 2e-5 : 0.06 * noise(&seed) * noise(&seed));
    }
    run_for(&g, 0.001 * noise(&seed));
    sleep_for(&g, 0.1 * noise(&seed));
  }
  return g;
}

/* The law with the guest's own a, and b = 0 since p is known here. */
static double law(const struct guest *g) {
  double a = g->counted_gaps / g->preempted;
  double b[2][2] = {{1, 0}, {a, a - 1}};
  double u[] = {g->ran / g->now, g->preempted / g->now};
  struct vr_arx_input in[] = {{.nb = 2, .b = b[0]}, {.nb = 2, .b = b[1]}};
  const struct vr_arx ratio = {.nu = 2, .inputs = in};
  return vr_ratio_percent(&ratio, u);
}

static void agrees_with_ticks_at_any_rate(void **state) {
  (void)state;
  static const double hz[] = {100, 250, 1000};
  for (int i = 0; i < 3; i++) {
    struct guest g = live(hz[i], 7);
    double busy = g.busy_ticks * g.tick;
    double active = 100 * busy / (busy + g.idle_seconds);
    double naive = 100 * (g.ran + g.preempted) / g.now;
    if (!(fabs(law(&g) - active) < 2))
      fail_msg("HZ %g: the law says %g, the kernel %g", hz[i], law(&g), active);
    /* What it is there for: the ticks that are lost are no small thing. */
    assert_true(naive > active + 5);
  }
}

/* --- the table --- */

/* What definition D gives of these shares. */
static double of_table(const struct vr_cpu_definition *d, double run,
                       double preempted, double wait, double in_flight) {
  double n = 0, all = 1, taken = 0, b[VR_CPU_TERM_WEIGHTS];
  for (size_t i = 0; i < vr_schema_cpu_terms_count; i++) {
    const struct vr_cpu_term *t = &vr_schema_cpu_terms[i];
    if (!vr_schema_cpu_weights(d, t, b))
      continue;
    enum vr_signal_id id = t->values[0].id;
    double u = id == VR_SIGNAL_VCPU_RUN              ? run
               : id == VR_SIGNAL_VCPU_WAIT_PREEMPTED ? preempted
               : id == VR_SIGNAL_VCPU_WAIT           ? wait
               : id == VR_SIGNAL_BLOCK_TIME          ? in_flight
                                                     : 0;
    n += b[0] * u;
    all += b[1] * u;
    taken += b[2] * u;
  }
  return 100 * fmax(fmin(n, all - taken), 0) / all;
}

/* That of counter C by PARTS under the accelerator of D; NULL: none. */
static const struct vr_cpu_definition *
sibling(const struct vr_cpu_definition *d, enum vr_counter c, unsigned parts) {
  for (size_t i = 0; i < vr_schema_cpu_definitions_count; i++) {
    const struct vr_cpu_definition *s = &vr_schema_cpu_definitions[i];
    if (s->counter == c && s->parts == parts &&
        s->accelerator == d->accelerator && s->steal_clock == d->steal_clock)
      return s;
  }
  return NULL;
}

/* Many ticks at once are what each is by itself. */
static void ticks_at_once_are_the_same(void **state) {
  (void)state;
  enum { N = 600 };
  double u[INPUTS * N], at_once[N];
  unsigned seed = 5;
  for (int i = 0; i < INPUTS * N; i++) {
    seed = seed * 1664525 + 1013904223;
    u[i] = seed >> 27 == 0 ? NAN : (double)(seed >> 20) / 1000;
  }
  vr_ratio_percents(&model.arx, u, N, N, at_once);
  for (int t = 0; t < N; t++) {
    const double now[] = {u[t], u[N + t], u[2 * N + t]};
    bool known = !isnan(now[0] + now[1] + now[2]);
    double one = vr_ratio_percent(&model.arx, now);
    assert_true(known ? at_once[t] == (isnan(one) ? 100 : one)
                      : isnan(at_once[t]));
  }
}

/* Busy, steal and waiting for I/O are all that is not idle. */
static void parts_add_up(void **state) {
  (void)state;
  const unsigned io = VR_CPU_IN_FLIGHT;
  int n = 0;
  for (size_t i = 0; i < vr_schema_cpu_definitions_count; i++) {
    const struct vr_cpu_definition *d = &vr_schema_cpu_definitions[i];
    if (d->counter != VR_CPU || (d->parts & io) != io)
      continue;
    const struct vr_cpu_definition *busy = sibling(d, VR_BUSY, d->parts & ~io);
    const struct vr_cpu_definition *wait = sibling(d, VR_WAIT, d->parts);
    assert_true(busy && wait);
    double steal = d->steal_clock == VR_STEAL_CLOCK_PRESENT ? 20 : 0;
    for (double f = 0; f < 3; f += 0.25)
      assert_close(of_table(d, 0.3, 0.15, 0.2, f),
                   of_table(busy, 0.3, 0.15, 0.2, f) + steal +
                       of_table(wait, 0.3, 0.15, 0.2, f));
    n++;
  }
  assert_int_equal(n, 6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(divides_what_it_counts, set_up),
      cmocka_unit_test_setup(is_not_known_of_nothing, set_up),
      cmocka_unit_test_setup(does_not_count_what_is_beyond_its_range, set_up),
      cmocka_unit_test_setup(leaves_what_others_take, set_up),
      cmocka_unit_test_setup(has_no_memory_at_any_step, set_up),
      cmocka_unit_test_setup(is_refused_with_other_weights, set_up),
      cmocka_unit_test(agrees_with_ticks_at_any_rate),
      cmocka_unit_test(parts_add_up),
      cmocka_unit_test_setup(ticks_at_once_are_the_same, set_up),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
