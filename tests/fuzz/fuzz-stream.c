/* SPDX-License-Identifier: MIT
 *
 * The reconstructor's stream: an input is decoded into what may come in through
 * collectd, from whomever, and into what the target does meanwhile.
 */
#include "fuzz.h"

#include "fuzz-live.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Of one input: more of them find little more and take their time. */
enum { HAPPENINGS = 32 };

struct stream {
  struct vr_live *r;
  struct vr_live_options options;
  vr_time now;
  struct fuzz_input in;
};

static unsigned take(struct stream *s, unsigned below) {
  return (unsigned)fuzz_number(&s->in, 1) % below;
}

/* --- odd things --- */

#define LONGEST                                                                \
  "0123456789012345678901234567890123456789012345678901234567890123456789"     \
  "012345678901234567890123456789012345678901234567890123456"

static const char *host(struct stream *s) {
  static const char *const hosts[] = {"h", "h2", "g", "", LONGEST, "\xff"};
  return hosts[take(s, 6)];
}

static const char *guest(struct stream *s) {
  static const char *const guests[] = {
      "g", "g2", "h", "a\nb\033", LONGEST, "\xff\x80", "%{host}", ""};
  return guests[take(s, 8)];
}

static vr_time odd_time(struct stream *s) {
  switch (take(s, 8)) {
  case 0:
    return INT64_MAX;
  case 1:
    return -s->now;
  case 2:
    return s->now + 86400 * VR_SECOND * (1 + take(s, 200));
  case 3:
    return s->now - 3600 * VR_SECOND * (1 + take(s, 200));
  case 4:
    return (vr_time)fuzz_number(&s->in, 8);
  case 5:
    return s->now + (vr_time)(int16_t)fuzz_number(&s->in, 2) * 1000000;
  default:
    return s->now;
  }
}

static vr_time odd_interval(struct stream *s) {
  static const vr_time intervals[] = {VR_SECOND,
                                      10 * VR_SECOND,
                                      VR_SECOND / 10,
                                      60 * VR_SECOND,
                                      VR_SHORTEST_INTERVAL,
                                      VR_LONGEST_INTERVAL,
                                      0,
                                      -1,
                                      INT64_MAX,
                                      VR_SECOND / 3};
  unsigned i = take(s, 11);
  return i < 10 ? intervals[i] : (vr_time)fuzz_number(&s->in, 8);
}

static double odd_value(struct stream *s) {
  static const double values[] = {0,      1,      -1,   NAN,    INFINITY,
                                  1e308,  1e-320, 1e18, -1e308, 4294967296.0,
                                  0x1p63, 1e9};
  unsigned i = take(s, 16);
  double value;
  if (i < 12)
    return values[i];
  uint64_t bits = fuzz_number(&s->in, i == 12 ? 8 : 2);
  if (i != 12)
    return (double)bits;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

/* --- what happens --- */

static void feed_series(struct stream *s, vr_time time, vr_time interval) {
  static const char *const types[][2] = {
      {"derive", "vcpu_run"},  {"derive", "vcpu_wait"},
      {"memory", "rss"},       {"count", "vcpus"},
      {"if_octets", "tap"},    {"gauge", "accelerator"},
      {"ps_state", "running"}, {"load", ""},
      {"percent", "active"},   {"memory", "max"},
      {"if_octets", "vnet3"},  {"if_octets", "vnet17"},
      {"if_octets", ""},
  };
  static const char *const plugins[] = {"vmrecon",       "virt", "processes",
                                        "virt_inferred", "load", "cpu"};
  const char *const *type = types[take(s, 13)];
  struct vr_identifier id = {.host = host(s),
                             .plugin = plugins[take(s, 6)],
                             .plugin_instance = guest(s),
                             .type = type[0],
                             .type_instance = type[1]};
  static const char *const names[] = {"value", "tx", "rx", "shortterm", ""};
  struct vr_value v[2];
  unsigned n = take(s, 3);
  for (unsigned i = 0; i < n; i++) {
    v[i].name = names[take(s, 5)];
    v[i].kind = (enum vr_kind)take(s, 4);
    if (v[i].kind == VR_GAUGE)
      v[i].number.gauge = odd_value(s);
    else
      v[i].number.counter = fuzz_number(&s->in, 1 + take(s, 8));
  }
  vr_live_feed(s->r, &id, time, interval, v, n);
}

static void feed_name(struct stream *s) {
  char name[VR_NAME_SIZE];
  fuzz_text(&s->in, name, 200);
  fuzz_live_feed(s->r, name, s->now, VR_SECOND, (enum vr_kind)take(s, 4),
                 odd_value(s));
}

static void feed_ticks(struct stream *s, vr_time interval) {
  const char *h = host(s), *g = guest(s);
  unsigned n = 1 + take(s, 24);
  double level = take(s, 8);
  for (unsigned i = 0; i < n; i++, s->now += interval)
    fuzz_live_tick(s->r, h, g, s->now, interval, level);
}

/* What a guest's own collectd sends. */
static void feed_own(struct stream *s) {
  static const char *const states[] = {"running", "sleeping", "blocked",
                                       "zombies", "stopped",  "paging"};
  const char *g = guest(s);
  double value = odd_value(s);
  for (int i = 0; i < 6; i++) {
    const struct vr_identifier id = {g, "processes", "", "ps_state", states[i]};
    const struct vr_value v = {"value", VR_GAUGE, {.gauge = value}};
    vr_live_feed(s->r, &id, s->now, VR_SECOND, &v, 1);
  }
}

static void restart(struct stream *s) {
  const char *path = fuzz_path("state");
  unsigned set = take(s, 2);
  fuzz_require(vr_live_save(s->r, path) == 0);
  vr_live_free(s->r);
  s->r = fuzz_live_new(s->options, set);
  fuzz_require(vr_live_restore(s->r, path) == 0);
}

static void notice(void *user, const struct vr_notice *n) {
  (void)user;
  fuzz_require(memchr(n->message, '\0', sizeof(n->message)));
}

static void happen(struct stream *s) {
  switch (take(s, 12)) {
  case 0:
  case 1:
    feed_ticks(s, VR_SECOND);
    break;
  case 2:
    feed_ticks(s, 10 * VR_SECOND);
    break;
  case 3:
    feed_series(s, s->now, VR_SECOND);
    break;
  case 4: {
    vr_time time = odd_time(s);
    feed_series(s, time, odd_interval(s));
    break;
  }
  case 5:
    feed_name(s);
    break;
  case 6:
    feed_own(s);
    break;
  case 7: {
    const char *h = host(s), *g = guest(s);
    vr_time time = odd_time(s);
    vr_live_standby(s->r, h, g, time, odd_interval(s));
    break;
  }
  case 8:
    for (unsigned n = take(s, 32); n > 0; n--)
      vr_live_sweep(s->r);
    break;
  case 9:
    restart(s);
    break;
  case 10:
    fuzz_live_models(s->r, take(s, 2));
    break;
  default:
    s->now += (vr_time)(int16_t)fuzz_number(&s->in, 2) * (VR_SECOND / 4);
    vr_live_take_notices(s->r, notice, NULL);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct stream s = {.options = vr_live_defaults(),
                     .now = 1700000000 * VR_SECOND,
                     .in = {data, size}};
  unsigned head = (unsigned)fuzz_number(&s.in, 1);
  s.options.model_series = head & 1;
  s.options.intervals = head & 2;
  s.options.allowed_lateness = head >> 2 & 3;
  s.options.max_guests = head & 16 ? 3 : 1000;
  s.options.forget_after = head & 32 ? 2 : 60;
  s.options.history_bytes = head & 64 ? 5000 : 1 << 20;
  s.options.notify_after = 5 * VR_SECOND;
  s.options.quality = (struct vr_quality_rule){head & 128 ? 5 : 1, head & 1};
  s.r = fuzz_live_new(s.options, 0);
  for (int i = 0; i < HAPPENINGS && s.in.left > 0; i++)
    happen(&s);
  vr_live_take_notices(s.r, notice, NULL);
  vr_live_free(s.r);
  return 0;
}

void fuzz_seeds(void) {
  /* Options; then operations with their arguments, in the order above. */
  static const uint8_t seeds[][24] = {
      {3, 0, 0, 0, 20, 1, 9, 0, 0, 0, 0, 10, 2, 10, 1, 0, 0, 0, 5, 1},
      {7, 0, 0, 0, 23, 2, 6, 0, 1, 6, 0, 9, 0, 0, 0, 9, 3, 11, 4, 0},
      {48, 2, 0, 0, 9, 1, 2, 1, 0, 9, 1, 8, 5, 7, 0, 0, 6, 0, 2, 0, 0, 9, 1},
      {2, 4, 4, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 1, 0, 3},
  };
  for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
    fuzz_seed(seeds[i], sizeof(seeds[i]));
}
