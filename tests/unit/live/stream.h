/* SPDX-License-Identifier: MIT
 *
 * For the tests of the reconstructor: models in a line or two, a stream of
 * values that goes in, and a listener that keeps every answer.
 */
#ifndef VR_TESTS_UNIT_MODEL_STREAM_H
#define VR_TESTS_UNIT_MODEL_STREAM_H

#include "../unit.h"

#include "basic/log.h"
#include "live/reconstructor.h"

#include <pthread.h>

/* --- what was answered and logged since the last start() --- */

enum { MAX_ANSWERS = 4096 };

struct heard {
  pthread_mutex_t lock;
  size_t n;
  struct vr_answer answers[MAX_ANSWERS];
  char hosts[MAX_ANSWERS][16], guests[MAX_ANSWERS][16];
};

extern struct heard heard;
extern char log_text[8192];

/* The listener, and the receiver of the log. */
void hear(void *user, const struct vr_answer *a);
void receive_log(int priority, const char *message);

/* --- models --- */

#define OURS(series) "\"%{host}/vmrecon-%{guest}/" series "\""
#define DIRECT(counter, series)                                                \
  "{\"counter\":\"" counter "\",\"provenance\":\"direct\",\"structure\":"      \
  "\"static\",\"inputs\":[{\"signals\":[" OURS(series) "],\"b\":[1]}]}"
/* y(t) = 0.5 y(t-1) + u(t), u = run seconds per second */
#define PROCESSES(rest)                                                        \
  "{\"counter\":\"processes\",\"provenance\":\"inferred\",\"structure\":"      \
  "\"arx\",\"step\":1," rest "\"inputs\":[{\"signals\":[" OURS(                \
      "derive-vcpu_run:value") "],\"scale\":1e-9,\"b\":[1]}],\"a\":[1,-0.5]}"
#define FIT(fit) "\"fit\":{\"free_run\":" fit "},"

/* A reconstructor with MODELS whose answers are heard, with model series. */
struct vr_live *start(const char *models);
struct vr_live *start_with(struct vr_live_options options, const char *models);
void set_models(struct vr_live *r, const char *models);

/* --- the stream: T is seconds since an epoch of the tests' own --- */

extern const vr_time epoch;
vr_time at(double t);

int feed(struct vr_live *r, const char *name, double t, double interval,
         enum vr_kind kind, double value);

#define RUN "h/vmrecon-g/derive-vcpu_run:value"
#define RSS "h/vmrecon-g/memory-rss:value"

/* vCPU run time: 1 s/s up to T = 10, then 3 s/s. */
double run_time(double t);

/* What PROCESSES says of it by its equation: rests at 2 while u = 1, then u is
 * 3. */
double expected_processes(int t);

/* --- answers --- */

/* The first that speaks of C at T; NULL if none does. */
const struct vr_answer *answer_at(double t, enum vr_counter c);
/* Its value; NAN if there is none. */
double value_at(double t, enum vr_counter c);

void assert_near(double x, double y);

#endif
