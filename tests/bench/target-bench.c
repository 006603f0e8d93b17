/* SPDX-License-Identifier: MIT
 *
 * A collectd plugin that measures what our target costs inside the daemon, next
 * to collectd's own target_set and its aggregation plugin: the same value list
 * is sent through chains that hold one target each. Run by target-bench.sh.
 */
#include "collectd/core/daemon/collectd.h"

#include "collectd/core/daemon/filter_chain.h"
#include "collectd/core/daemon/plugin.h"
#include "collectd/core/utils/common/common.h"

#include <time.h>

enum { UNWANTED = 1000000, GUESTS = 500, TICKS = 40 };

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

/* The values of many guests' taps and vCPUs, with all that follows from them:
 * the answers are made and put on the daemon's queue. */
static void bench_wanted(const char *chain_name) {
  fc_chain_t *chain = fc_chain_get_by_name(chain_name);
  static const char *const series[][2] = {{"derive", "vcpu_run"},
                                          {"derive", "vcpu_wait"},
                                          {"count", "vcpus"},
                                          {"gauge", "accelerator"}};
  size_t n = 0;
  double begin = cpu_seconds();
  for (int t = 0; chain && t < TICKS; t++)
    for (int g = 0; g < GUESTS; g++)
      for (size_t s = 0; s < STATIC_ARRAY_SIZE(series); s++, n++) {
        char name[32];
        value_t value = {.derive = t * INT64_C(500000000)};
        value_list_t vl = {.values = &value,
                           .values_len = 1,
                           .interval = TIME_T_TO_CDTIME_T(1),
                           .time = TIME_T_TO_CDTIME_T(1700000000 + t)};
        if (s >= 2)
          value.gauge = 1;
        snprintf(name, sizeof(name), "guest-%d", g);
        name_list(&vl, "vmrecon", name, series[s][0], series[s][1]);
        fc_process_chain(plugin_get_ds(vl.type), &vl, chain);
      }
  double seconds = cpu_seconds() - begin;
  NOTICE("bench: chain %-12s wanted value   %8.1f ns, %d guests, each answer "
         "of three value lists on the daemon's queue included",
         chain_name, n ? seconds / (double)n * 1e9 : 0, GUESTS);
}

static int bench_read(void) {
  static bool done;
  if (done)
    return 0;
  done = true;
  static const char *const chains[] = {"BenchSet", "BenchVmrecon"};
  for (size_t i = 0; i < STATIC_ARRAY_SIZE(chains); i++)
    bench_unwanted(chains[i]);
  bench_aggregation("interface", "unwanted");
  bench_aggregation("cpu", "wanted");
  bench_wanted("BenchSet");
  bench_wanted("BenchVmrecon");
  NOTICE("bench: done");
  return 0;
}

void module_register(void) { plugin_register_read("vr_bench", bench_read); }
