/* SPDX-License-Identifier: MIT
 *
 * What a Prometheus answers: a list of series, which get names, or samples.
 */
#include "fuzz.h"

#include "archive/prometheus.h"
#include "archive/prometheus_names.h"
#include "archive/prometheus_slices.h"

#include <stdlib.h>
#include <string.h>

/* A name that is taken is one of three parts of a path, none of which leads
 * anywhere else. */
static void require_name(const struct vr_prometheus_name *n) {
  fuzz_require(*n->host && *n->plugin && *n->type && *n->ds);
  fuzz_require(n->host[0] != '.' && !strchr(n->host, '/'));
  fuzz_require(!strchr(n->plugin, '/') && !strchr(n->type, '/'));
}

static void read_series(const json_t *list) {
  size_t i;
  json_t *labels;
  json_array_foreach(list, i, labels) {
    struct vr_prometheus_name name;
    if (json_is_object(labels) && vr_prometheus_name(labels, &name) == 0)
      require_name(&name);
  }
}

static void read_samples(const json_t *data) {
  struct vr_prometheus_series s = {0};
  size_t n;
  for (int twice = 0; twice < 2; twice++)
    (void)!vr_prometheus_take(data, 1, &s, &n);
  for (size_t i = 1; i < s.n; i++)
    fuzz_require(s.all[i].time > s.all[i - 1].time);
  free(s.all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  json_t *root = json_loadb((const char *)data, size, 0, NULL);
  if (json_is_array(root))
    read_series(root);
  else if (root)
    read_samples(root);
  json_decref(root);
  return 0;
}

static void seed(const char *text) { fuzz_seed(text, strlen(text)); }

void fuzz_seeds(void) {
  seed("[{\"__name__\":\"collectd_vmrecon_derive_total\",\"instance\":\"hv\","
       "\"vmrecon\":\"web\",\"type\":\"vcpu_run\"},"
       "{\"__name__\":\"collectd_load_shortterm\",\"exported_instance\":"
       "\"web\",\"instance\":\"hv:9103\",\"job\":\"c\"},"
       "{\"__name__\":\"collectd_disk_disk_octets_read_total\",\"disk\":"
       "\"vda\",\"instance\":\"web\"}]");
  seed("{\"resultType\":\"matrix\",\"result\":[{\"metric\":{\"instance\":"
       "\"web\"},\"values\":[[1700000000.123,\"17\"],[1700000010,\"NaN\"],"
       "[1700000020,\"1.8446744073709552e+19\"],[1700000019,\"1\"]]}]}");
}
