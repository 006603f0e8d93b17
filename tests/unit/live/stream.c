/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heard heard = {.lock = PTHREAD_MUTEX_INITIALIZER};
char log_text[8192];
const vr_time epoch = 1700000000 * VR_SECOND;

void hear(void *user, const struct vr_answer *a) {
  (void)user;
  pthread_mutex_lock(&heard.lock);
  if (heard.n < MAX_ANSWERS) {
    heard.answers[heard.n] = *a;
    snprintf(heard.hosts[heard.n], 16, "%s", a->host);
    snprintf(heard.guests[heard.n], 16, "%s", a->guest);
    heard.n++;
  }
  pthread_mutex_unlock(&heard.lock);
}

void receive_log(int priority, const char *message) {
  (void)priority;
  pthread_mutex_lock(&heard.lock);
  size_t n = strlen(log_text);
  snprintf(log_text + n, sizeof(log_text) - n, "%s\n", message);
  pthread_mutex_unlock(&heard.lock);
}

static void parse(const char *models, struct vr_model_set *set) {
  char text[8192];
  struct vr_error e;
  snprintf(text, sizeof(text),
           "{\"format\":\"vmrecon-model\",\"version\":2,\"models\":[%s]}",
           models);
  if (vr_model_file_parse("test", text, strlen(text), set, &e) < 0)
    fail_msg("%s", e.message);
}

void set_models(struct vr_live *r, const char *models) {
  struct vr_model_set *set = calloc(1, sizeof(*set));
  parse(models, set);
  assert_int_equal(vr_live_set_models(r, set, 1), 0);
}

struct vr_live *start_with(struct vr_live_options options, const char *models) {
  options.answer = hear;
  struct vr_live *r = vr_live_new(&options);
  assert_non_null(r);
  heard.n = 0;
  log_text[0] = '\0';
  vr_log_set(receive_log);
  set_models(r, models);
  return r;
}

struct vr_live *start(const char *models) {
  struct vr_live_options o = vr_live_defaults();
  o.model_series = true;
  return start_with(o, models);
}

vr_time at(double t) { return epoch + vr_signal_time_of_seconds(t); }

int feed(struct vr_live *r, const char *name, double t, double interval,
         enum vr_kind kind, double value) {
  struct vr_name n;
  assert_int_equal(vr_identifier_parse(name, &n), 0);
  struct vr_value v = {.name = n.data_source, .kind = kind};
  if (kind == VR_GAUGE)
    v.number.gauge = value;
  else
    v.number.derive = (int64_t)llround(value);
  return vr_live_feed(r, &n.id, at(t), vr_signal_time_of_seconds(interval), &v,
                      1);
}

double run_time(double t) { return 1e9 * (t < 10 ? t : 10 + 3 * (t - 10)); }

double expected_processes(int t) {
  double y = 2;
  for (int k = 11; k <= t; k++)
    y = 0.5 * y + 3;
  return y;
}

const struct vr_answer *answer_at(double t, enum vr_counter c) {
  for (size_t i = 0; i < heard.n; i++)
    if (heard.answers[i].time == at(t) && heard.answers[i].counters[c].present)
      return &heard.answers[i];
  return NULL;
}

double value_at(double t, enum vr_counter c) {
  const struct vr_answer *a = answer_at(t, c);
  return a ? a->counters[c].value : NAN;
}

void assert_near(double x, double y) {
  if (!(fabs(x - y) <= 1e-9 * (1 + fabs(y))))
    fail_msg("%.17g is not %.17g", x, y);
}
