/* SPDX-License-Identifier: MIT
 *
 * What runs remember: over new models, over a restart.
 */
#include "stream.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void new_models_go_on_from_the_old_state(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
  for (int t = 0; t < 12; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  /* The same structure, another model beside it that shifts all signals. */
  set_models(r, DIRECT("cpu", "memory-rss:value") "," PROCESSES(FIT("70")));
  for (int t = 12; t < 20; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  assert_near(value_at(13, VR_PROCESSES), expected_processes(13));
  assert_near(answer_at(18, VR_PROCESSES)->counters[VR_PROCESSES].fit, 70);
  /* No models, nothing; models again: from the rest of the history. */
  set_models(r, DIRECT("cpu", "memory-rss:value"));
  for (int t = 20; t < 25; t++)
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
  assert_null(answer_at(22, VR_PROCESSES));
  vr_reconstructor_free(r);
}

/* y(t) = 0.98 y(t-1) + 0.02 u(t), both about OFFSET: rests on u itself. */
#define ABOUT(offset)                                                          \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," FIT("50") "\"inputs\":[{\"signals\":[" OURS(           \
      "memory-rss:value") "],\"offset\":" offset ",\"b\":[0.02]}],\"a\":[1,"   \
                          "-0.98],\"output\":{\"offset\":" offset "}}"

/* Training again changes the means that a model is about, not what is so. */
static void retrained_models_go_on_where_the_old_ones_were(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(ABOUT("100"));
  for (int t = 0; t < 400; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 120);
  set_models(r, ABOUT("200"));
  for (int t = 400; t < 700; t++)
    feed(r, RSS, t, 1, VR_GAUGE, 120);
  for (int t = 380; t < 690; t++)
    assert_near(value_at(t, VR_PROCESSES), 120);
  /* It settles in 1 + 149 ticks (0.98^149 < 5 %), and claims nothing before. */
  assert_near(answer_at(398, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  assert_true(isnan(answer_at(401, VR_PROCESSES)->counters[VR_PROCESSES].fit));
  assert_true(isnan(answer_at(540, VR_PROCESSES)->counters[VR_PROCESSES].fit));
  assert_near(answer_at(555, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  vr_reconstructor_free(r);
}

/* A model that comes late passes over the inputs that are remembered: its
 * first answer is where it would have been. */
static void a_late_model_is_warm(void **state) {
  (void)state;
  struct vr_reconstructor *r = start(DIRECT("cpu", "memory-rss:value"));
  for (int t = 0; t < 18; t++) {
    if (t == 14)
      set_models(r, DIRECT("cpu", "memory-rss:value") "," PROCESSES(FIT("50")));
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t)); /* nobody asks for it yet */
    feed(r, RSS, t, 1, VR_GAUGE, 1);
  }
  assert_null(answer_at(12, VR_PROCESSES));
  assert_near(value_at(15, VR_PROCESSES), expected_processes(15));
  assert_near(answer_at(15, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  vr_reconstructor_free(r);
}

static void state_survives_a_restart(void **state) {
  (void)state;
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  struct vr_reconstructor *r =
      start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  double t = 0;
#define TAP "h/vmrecon-g/if_octets-tap:tx"
  for (; t < 14; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  }
  int64_t total = answer_at(12, VR_NET_RX)->counters[VR_NET_RX].total;
  assert_int_equal(vr_reconstructor_save(r, path), 0);
  vr_reconstructor_free(r);

  r = start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_reconstructor_restore(r, path), 0);
  /* Saving before the guest has appeared again does not lose it. */
  assert_int_equal(vr_reconstructor_save(r, path), 0);
  vr_reconstructor_free(r);
  r = start(PROCESSES(FIT("50")) "," DIRECT("net_rx", "if_octets-tap:tx"));
  assert_int_equal(vr_reconstructor_restore(r, path), 0);
  for (t = 20; t < 40; t++) {
    feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    /* One that comes late makes the guest be bound anew. */
    if (t > 21)
      feed(r, TAP, t, 1, VR_DERIVE, 1000 * t);
  }
  /* A rate takes two samples: of the first tick nothing is known. */
  assert_true(isnan(value_at(20, VR_PROCESSES)));
  /* Inputs were 3 all the time, so that the bridge over 14..20 is exact. */
  assert_near(value_at(22, VR_PROCESSES), expected_processes(22));
  /* It does not claim a fit before it has settled again. */
  assert_true(isnan(answer_at(22, VR_PROCESSES)->counters[VR_PROCESSES].fit));
  assert_near(answer_at(35, VR_PROCESSES)->counters[VR_PROCESSES].fit, 50);
  assert_true(answer_at(30, VR_NET_RX)->counters[VR_NET_RX].total > total);
  vr_reconstructor_free(r);
  unlink(path);
}

static void a_broken_state_file_is_ignored_with_one_line(void **state) {
  (void)state;
  static const char *const bad[] = {
      "", "no json\n", "{\"format\":\"vmrecon-state\",\"version\":9}\n",
      "{\"format\":\"vmrecon-state\",\"version\":2}\n{\"host\":\"h\"}\n",
      "{\"format\":\"vmrecon-state\",\"version\":2}\n{\"host\":\"h\",\"gue"};
  char path[] = "/tmp/vr-state-XXXXXX";
  close(mkstemp(path));
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    FILE *f = fopen(path, "w");
    fputs(bad[i], f);
    fclose(f);
    struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
    assert_int_equal(vr_reconstructor_restore(r, path), -EINVAL);
    assert_non_null(strstr(log_text, "ignored\n"));
    for (int t = 0; t < 14; t++)
      feed(r, RUN, t, 1, VR_DERIVE, run_time(t));
    assert_near(value_at(9, VR_PROCESSES), 2);
    vr_reconstructor_free(r);
  }
  unlink(path);
  struct vr_reconstructor *r = start(PROCESSES(FIT("50")));
  assert_int_equal(vr_reconstructor_restore(r, path), 0);
  assert_string_equal(log_text, "");
  vr_reconstructor_free(r);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(new_models_go_on_from_the_old_state),
      cmocka_unit_test(retrained_models_go_on_where_the_old_ones_were),
      cmocka_unit_test(a_late_model_is_warm),
      cmocka_unit_test(state_survives_a_restart),
      cmocka_unit_test(a_broken_state_file_is_ignored_with_one_line),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
