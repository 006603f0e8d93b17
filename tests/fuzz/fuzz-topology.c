/* SPDX-License-Identifier: MIT
 *
 * What hosts report to a central, each field from a short list or, where the
 * list ends, from the input: names, times, intervals, counters, levels. The
 * instance must be whole whatever they say, and so must plans of ways.
 */
#include "fuzz.h"

#include "topology/instance_underlay.h"
#include "topology/observer.h"

#include <math.h>
#include <stdlib.h>

enum { GUESTS = 12, FLOWS = 60, TEXT = 40, WINDOW_EVERY = 16 };

static struct vr_observer *observer;
static vr_time now;

/* --- what comes in --- */

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *text_of(struct fuzz_input *in, const char *const *list,
                           size_t n, char own[TEXT]) {
  size_t i = fuzz_number(in, 1);
  if (i < n)
    return list[i];
  fuzz_text(in, own, TEXT);
  return own;
}
#define TEXT_OF(in, list, own) text_of(in, list, COUNT(list), own)

static vr_time time_of(struct fuzz_input *in) {
  uint64_t how = fuzz_number(in, 1);
  return how < 128 ? now - (vr_time)how * VR_SECOND / 10
                   : (vr_time)fuzz_number(in, 8);
}

static double level_of(struct fuzz_input *in) {
  static const double list[] = {0,    1,    2,   -1,    NAN,  INFINITY,
                                1500, 1e18, 0.5, 125e6, 1e300};
  uint64_t i = fuzz_number(in, 1);
  return i < COUNT(list) ? list[i] : (double)(int64_t)fuzz_number(in, 8);
}

static void take(struct fuzz_input *in) {
  static const char *const hosts[] = {"h1", "h2", "h3"};
  static const char *const plugins[] = {"vmrecon_net", "vmrecon",
                                        "vmrecon_underlay", "ping"};
  static const char *const guests[] = {"g1", "g2", "g3", "", "eth0"};
  static const char *const types[] = {"if_octets", "if_packets",   "gauge",
                                      "derive",    "count",        "memory",
                                      "ping",      "ping_droprate"};
  static const char *const instances[] = {"525400000001",
                                          "525400000002",
                                          "525400000003",
                                          "mac_525400000001",
                                          "mac_525400000002",
                                          "mac_525400000003",
                                          "wire_525400000001",
                                          "wire_received_525400000002",
                                          "cpus",
                                          "vcpus",
                                          "used",
                                          "configured",
                                          "vtep_192.0.2.1",
                                          "speed",
                                          "mtu",
                                          "192.0.2.1"};
  char own[5][TEXT];
  const struct vr_identifier id = {
      TEXT_OF(in, hosts, own[0]), TEXT_OF(in, plugins, own[1]),
      TEXT_OF(in, guests, own[2]), TEXT_OF(in, types, own[3]),
      TEXT_OF(in, instances, own[4])};
  uint64_t n = 1 + fuzz_number(in, 1) % 2;
  const int64_t counts[2] = {(int64_t)fuzz_number(in, 8),
                             (int64_t)fuzz_number(in, 3)};
  const double level = level_of(in);
  struct vr_observer_value v = {.id = &id,
                                .time = time_of(in),
                                .arrival = now,
                                .interval = (vr_time)fuzz_number(in, 8),
                                .n = n,
                                .is_count = n == 2 || fuzz_number(in, 1) % 2,
                                .count = counts,
                                .level = &level};
  (void)!vr_observer_take(observer, &v);
}

/* --- what goes out --- */

static void plan(void *ctx, struct vr_instance *i) {
  struct vr_error e;
  enum vr_paths_keeper_change change;
  struct vr_paths_plan p = {0};
  if (vr_instance_underlay_take("fuzz", "{}", i, &e) < 0)
    return; /* more hosts than are planned for */
  fuzz_require(vr_observer_measure(observer, now, i) == 0);
  fuzz_require(vr_instance_underlay_plan(i, ctx, &p, &change) == 0);
  fuzz_require(p.total >= 0 && p.planned >= 0 && p.now >= 0);
  vr_paths_plan_clear(&p);
}

static void format(void *ctx, const struct vr_instance *i) {
  char *text = vr_instance_format(i);
  (void)ctx;
  fuzz_require(text);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_input in = {data, size};
  struct vr_paths_keeper keeper = {.options = vr_paths_keeper_defaults()};
  const struct vr_observer_sink sink = {
      .underlay = plan, .instance = format, .ctx = &keeper};
  struct vr_observer_options o = vr_observer_defaults();
  o.ledger.max_guests = GUESTS;
  o.ledger.max_flows = FLOWS;
  now = 1700000000 * VR_SECOND;
  observer = vr_observer_new(&o);
  fuzz_require(observer);
  for (size_t n = 1; in.left > 0; n++) {
    take(&in);
    if (n % WINDOW_EVERY != 0 && in.left > 0)
      continue;
    now += 10 * VR_SECOND;
    fuzz_require(vr_observer_step(observer, now, &sink) == 0);
  }
  vr_observer_free(observer);
  vr_paths_keeper_clear(&keeper);
  return 0;
}

/* All fields from lists: h1, vmrecon_net, g1 and whatever follows. */
void fuzz_seeds(void) {
  uint8_t value[40] = {0}, all[40 * 64] = {0};
  for (size_t k = 0; k < 64; k++) {
    for (size_t i = 0; i < sizeof(value); i++)
      all[k * sizeof(value) + i] = (uint8_t)(i == 0   ? k % 3
                                             : i == 1 ? k / 16 % 4
                                             : i == 2 ? k % 3
                                             : i == 3 ? k / 8 % 3
                                             : i == 4 ? k % 16
                                                      : 0);
  }
  fuzz_seed(all, sizeof(all));
  fuzz_seed(value, sizeof(value));
}
