/* SPDX-License-Identifier: MIT
 *
 * Model files. Those that are accepted must run on any input, and what is
 * written of them must be accepted again.
 */
#include "fuzz.h"

#include "model/model.h"
#include "model/run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TICKS = 12 };

static void run(const struct vr_model *m) {
  static const double sums[TICKS] = {0,    1,      NAN, NAN,      NAN,  1e300,
                                     -1e9, 1e-300, 7,   INFINITY, 1e18, 3};
  const struct vr_guest_size size = {.vcpus = 2, .gib = 0.5};
  double inputs[VR_MODEL_MAX_INPUTS];
  struct vr_run *r = vr_run_new(m, vr_model_settling(m));
  if (!r)
    return;
  for (int t = 0; t < TICKS; t++) {
    for (size_t i = 0; i < m->n_inputs; i++)
      inputs[i] = sums[(t + (int)i) % TICKS];
    vr_run_set_regime(r, sums[TICKS - 1 - t]);
    vr_run_step(r, inputs, &size);
  }
  double *state = calloc(vr_run_state_size(r) + 1, sizeof(*state));
  if (state) {
    vr_run_export(r, state);
    vr_run_import(r, state, 3);
    vr_run_step(r, inputs, &size);
  }
  free(state);
  vr_run_free(r);
}

static void write_and_read(const struct vr_model_set *set) {
  struct vr_model_set again;
  struct vr_error e;
  const char *path = fuzz_file("model.json", "", 0);
  fuzz_require(vr_model_file_write(path, set, false, "fuzz", &e) == 0);
  fuzz_require(vr_model_file_read(path, &again, &e) == 0);
  fuzz_require(again.n_models == set->n_models);
  vr_model_set_clear(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct vr_model_set set;
  struct vr_error e;
  if (vr_model_file_parse("f", (const char *)data, size, &set, &e) < 0) {
    fuzz_require(memchr(e.message, '\0', sizeof(e.message)));
    return 0;
  }
  for (size_t i = 0; i < set.n_models; i++)
    run(&set.models[i]);
  write_and_read(&set);
  vr_model_set_clear(&set);
  return 0;
}

void fuzz_seeds(void) {
  static const char *const seeds[] = {
      "{\"format\": \"vmrecon-model\", \"version\": 1, \"generic\": false, "
      "\"generator\": \"fuzz\", \"models\": [{\"counter\": \"load\", "
      "\"provenance\": \"inferred\", \"guest\": \"web\", \"accelerator\": "
      "\"tcg\", \"structure\": \"arx\", \"step\": 1.0, \"inputs\": "
      "[{\"signals\": [\"%{host}/vmrecon-%{guest}/derive-vcpu_run:value\"], "
      "\"scale\": 1e-9, \"per\": \"vcpu\", \"offset\": 0.5, \"range\": [0, "
      "null], \"delay\": 1, \"b\": [0.1, 0.2]}], \"a\": [1.0, -0.9, 0.1], "
      "\"output\": {\"offset\": 0.3, \"per\": \"one\", \"min\": 0}, \"fit\": "
      "{\"free_run\": 50.0, \"one_step\": 80, \"rows\": 100, \"begin\": 1, "
      "\"end\": 2}, \"baseline\": {\"mean\": 0.3, \"mean_fit\": -1, "
      "\"gain\": {\"input\": {\"signals\": "
      "[\"%{host}/vmrecon-%{guest}/memory-rss:value\"], \"scale\": 1, "
      "\"per\": \"one\", \"offset\": 0}, \"gain\": 2, \"constant\": 1, "
      "\"fit\": 3}}}]}",
      "{\"format\":\"vmrecon-model\",\"version\":2,\"models\":[{\"counter\":"
      "\"cpu\",\"provenance\":\"direct\",\"structure\":\"share\",\"inputs\":"
      "[{\"signals\":[\"%{host}/vmrecon-%{guest}/derive-vcpu_run:value\"],"
      "\"b\":[1]}]}]}",
      "{\"format\":\"vmrecon-model\",\"version\":3,\"models\":[{\"counter\":"
      "\"load\",\"provenance\":\"derived\",\"structure\":\"load_law\","
      "\"inputs\":"
      "[{\"signals\":[\"%{host}/vmrecon-%{guest}/derive-vcpu_run:value\"],"
      "\"scale\":1e-9,\"b\":[1,1,1]}]}]}",
  };
  for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
    fuzz_seed(seeds[i], strlen(seeds[i]));
}
