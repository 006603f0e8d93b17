/* SPDX-License-Identifier: MIT
 *
 * A collectd plugin that measures what our target costs inside the daemon, next
 * to collectd's own target_set and its aggregation plugin: the same value list
 * is sent through chains that hold one target each. VR_BENCH_GUESTS is
 * the number of guests. What the targets dispatch ends at the target vr_count
 * in the PreCache chain, before it enters collectd's cache. Run by target.sh.
 */
#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/filter_chain.h"
#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include <stdatomic.h>
#include <time.h>

enum {
  UNWANTED = 1000000,
  INPUTS = 3,
  WARM_UP = 4,            /* ticks until models run */
  GUEST_TICKS = 200000,   /* at least so many are measured */
  GUESTS_IN_FLIGHT = 4000 /* whose answers are on the daemon's queue at once */
};

void module_register(void);

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void name_list(value_list_t *vl, const char *plugin,
                      const char *instance, const char *type,
                      const char *type_instance) {
  sstrncpy(vl->host, "hypervisor.example", sizeof(vl->host));
  sstrncpy(vl->plugin, plugin, sizeof(vl->plugin));
  sstrncpy(vl->plugin_instance, instance, sizeof(vl->plugin_instance));
  sstrncpy(vl->type, type, sizeof(vl->type));
  sstrncpy(vl->type_instance, type_instance, sizeof(vl->type_instance));
}

/* A value list that no model and no aggregation wants. */
static void bench_unwanted(const char *chain_name) {
  fc_chain_t *chain = fc_chain_get_by_name(chain_name);
  const data_set_t *ds = plugin_get_ds("if_octets");
  value_t values[2] = {{.derive = 1}, {.derive = 2}};
  value_list_t vl = {.values = values,
                     .values_len = 2,
                     .interval = TIME_T_TO_CDTIME_T(1),
                     .time = TIME_T_TO_CDTIME_T(1700000000)};
  if (!chain || !ds)
    return;
  name_list(&vl, "interface", "eth0", "if_octets", "");
  double begin = cpu_seconds();
  for (int i = 0; i < UNWANTED; i++)
    fc_process_chain(ds, &vl, chain);
  NOTICE("bench: chain %-12s unwanted value %8.1f ns", chain_name,
         (cpu_seconds() - begin) / UNWANTED * 1e9);
}

static void bench_aggregation(const char *plugin, const char *what) {
  const data_set_t *ds = plugin_get_ds("cpu");
  value_t value = {.derive = 1};
  value_list_t vl = {.values = &value,
                     .values_len = 1,
                     .interval = TIME_T_TO_CDTIME_T(1),
                     .time = TIME_T_TO_CDTIME_T(1700000000)};
  enum { N = UNWANTED / 10 };
  name_list(&vl, plugin, "0", "cpu", "user");
  double begin = cpu_seconds();
  for (int i = 0; i < N; i++)
    plugin_write("aggregation", ds, &vl);
  NOTICE("bench: aggregation %-9s value %8.1f ns", what,
         (cpu_seconds() - begin) / N * 1e9);
}

/* Lists that came out of the daemon's queue, and counters that were published
 * in them: of the load's three values one is a counter of the model. */
static atomic_size_t lists, published;

static bool is_quality(const value_list_t *vl) {
  return strncmp(vl->type_instance, "fit_", 4) == 0 ||
         strncmp(vl->type_instance, "provenance_", 11) == 0;
}

static int count_create(const oconfig_item_t *ci, void **user_data) {
  (void)ci;
  *user_data = NULL;
  return 0;
}

static int count_invoke(const data_set_t *ds, value_list_t *vl,
                        notification_meta_t **meta, void **user_data) {
  (void)ds;
  (void)meta;
  (void)user_data;
  if (strcmp(vl->plugin, "virt_inferred") == 0 && !is_quality(vl))
    atomic_fetch_add(&published,
                     strcmp(vl->type, "load") == 0 ? 1 : vl->values_len);
  atomic_fetch_add(&lists, 1);
  return FC_TARGET_STOP;
}

/* Waits until the queue is empty: nothing comes out of it any more. */
static void drain(void) {
  const struct timespec pause = {.tv_nsec = 20000000};
  size_t before;
  do {
    before = atomic_load(&lists);
    nanosleep(&pause, NULL);
  } while (atomic_load(&lists) != before);
}

static void feed(fc_chain_t *chain, const data_set_t *const ds[INPUTS], int g,
                 int t) {
  static const char *const series[INPUTS][2] = {
      {"derive", "vcpu_run"}, {"derive", "vcpu_wait"}, {"memory", "rss"}};
  char name[32];
  snprintf(name, sizeof(name), "guest-%d", g);
  for (int s = 0; s < INPUTS; s++) {
    value_t value = {.derive = t * INT64_C(500000000)};
    value_list_t vl = {.values = &value,
                       .values_len = 1,
                       .interval = TIME_T_TO_CDTIME_T(1),
                       .time = TIME_T_TO_CDTIME_T(1700000000 + t)};
    if (s == 2)
      value.gauge = 2e8 + t;
    name_list(&vl, "vmrecon", name, series[s][0], series[s][1]);
    fc_process_chain(ds[s], &vl, chain);
  }
}

/* One tick of all guests. Returns the CPU time of this thread that it took,
 * what it puts on the daemon's queue included. */
static double feed_all(fc_chain_t *chain, const data_set_t *const ds[INPUTS],
                       int guests, int t) {
  static int in_flight;
  double seconds = 0;
  for (int g = 0; g < guests;) {
    int end = g + GUESTS_IN_FLIGHT < guests ? g + GUESTS_IN_FLIGHT : guests;
    in_flight += end - g;
    double begin = cpu_seconds();
    for (; g < end; g++)
      feed(chain, ds, g, t);
    seconds += cpu_seconds() - begin;
    if (in_flight < GUESTS_IN_FLIGHT)
      continue;
    drain();
    in_flight = 0;
  }
  return seconds;
}

/* The inputs of all models of many guests, with all that follows from them. */
static void bench_wanted(const char *chain_name, int guests) {
  fc_chain_t *chain = fc_chain_get_by_name(chain_name);
  const data_set_t *const ds[INPUTS] = {plugin_get_ds("derive"),
                                        plugin_get_ds("derive"),
                                        plugin_get_ds("memory")};
  int ticks = GUEST_TICKS / guests > 3 ? GUEST_TICKS / guests : 3;
  double seconds = 0;
  if (!chain)
    return;
  for (int t = 0; t < WARM_UP; t++)
    feed_all(chain, ds, guests, t);
  drain();
  atomic_store(&published, 0);
  for (int t = WARM_UP; t < WARM_UP + ticks; t++)
    seconds += feed_all(chain, ds, guests, t);
  drain();
  NOTICE("bench: chain %-12s %6d guests: wanted value %8.1f ns, %9.0f inferred "
         "values/s, their value lists on the daemon's queue included",
         chain_name, guests, seconds / ticks / guests / INPUTS * 1e9,
         (double)atomic_load(&published) / seconds);
}

static int bench_read(void) {
  static bool done;
  const char *number = getenv("VR_BENCH_GUESTS");
  int guests = number ? atoi(number) : 0;
  if (done)
    return 0;
  done = true;
  static const char *const chains[] = {"BenchSet", "BenchVmrecon"};
  for (size_t i = 0; i < STATIC_ARRAY_SIZE(chains); i++)
    bench_unwanted(chains[i]);
  bench_aggregation("interface", "unwanted");
  bench_aggregation("cpu", "wanted");
  if (guests > 0) {
    bench_wanted("BenchSet", guests);
    bench_wanted("BenchVmrecon", guests);
  }
  NOTICE("bench: done");
  return 0;
}

void module_register(void) {
  target_proc_t proc = {.create = count_create, .invoke = count_invoke};
  fc_register_target("vr_count", proc);
  plugin_register_read("vr_bench", bench_read);
}
