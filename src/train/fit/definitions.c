/* SPDX-License-Identifier: MIT */
#include "train/fit/definitions.h"

#include "basic/cleanup.h"
#include "train/data/sources.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define VM "%{host}/vmrecon-%{guest}/"

/* A guest without a steal clock counts the time that its vCPU threads wait for
 * a CPU as busy (TCG): all of what they waited after they were put aside, and
 * nothing of what they waited after they were woken. Where the two were not
 * told apart, in an archive of earlier days, it is a part of both that has to
 * be calibrated. One with a steal clock does not (KVM). The tap counts from the
 * host's side: what it received, the guest transmitted. */
const struct vr_definition vr_definitions[] = {
    {VR_CPU,
     VR_DIRECT,
     VR_ACCEL_TCG,
     {VM "derive-vcpu_run:value", VM "derive-vcpu_wait_preempted:value"},
     1e-9,
     100,
     VR_PER_VCPU,
     100},
    {VR_CPU,
     VR_DIRECT,
     VR_ACCEL_TCG,
     {VM "derive-vcpu_run:value", VM "derive-vcpu_wait:value"},
     1e-9,
     100,
     VR_PER_VCPU,
     100},
    {VR_CPU,
     VR_DIRECT,
     VR_ACCEL_KVM,
     {VM "derive-vcpu_run:value"},
     1e-9,
     100,
     VR_PER_VCPU,
     100},
    {VR_PAGE_FAULTS,
     VR_COOPERATIVE,
     VR_ACCEL_ANY,
     {VM "vmpage_faults-balloon:minflt"},
     1,
     1,
     VR_PER_ONE,
     INFINITY},
    {VR_DISK_READ,
     VR_DIRECT,
     VR_ACCEL_ANY,
     {VM "disk_octets-block:read"},
     1,
     1,
     VR_PER_ONE,
     INFINITY},
    {VR_DISK_WRITE,
     VR_DIRECT,
     VR_ACCEL_ANY,
     {VM "disk_octets-block:write"},
     1,
     1,
     VR_PER_ONE,
     INFINITY},
    {VR_NET_TX,
     VR_DIRECT,
     VR_ACCEL_ANY,
     {VM "if_octets-tap:rx"},
     1,
     1,
     VR_PER_ONE,
     INFINITY},
    {VR_NET_RX,
     VR_DIRECT,
     VR_ACCEL_ANY,
     {VM "if_octets-tap:tx"},
     1,
     1,
     VR_PER_ONE,
     INFINITY},
};

const size_t vr_definitions_count =
    sizeof(vr_definitions) / sizeof(vr_definitions[0]);

bool vr_fit_accelerator_serves(enum vr_accelerator model,
                               enum vr_accelerator guest) {
  return model == VR_ACCEL_ANY || model == guest;
}

/* Input of the signals FIRST .. END - 1 of DEF. */
static int definition_input(const struct vr_definition *def, size_t first,
                            size_t end, struct vr_model_input *ret_input) {
  struct vr_source s = {
      .name = "definition", .scale = def->scale, .per = def->per};
  for (size_t i = first; i < end; i++)
    s.signals[i - first] = def->signals[i];
  return vr_sources_input(&s, ret_input);
}

static size_t n_signals(const struct vr_definition *def) {
  size_t n = 0;
  while (n < VR_DEFINITION_SIGNALS && def->signals[n])
    n++;
  return n;
}

static int add_gain(struct vr_arx *arx, double gain) {
  double *b = calloc(1, sizeof(*b));
  if (!b)
    return -ENOMEM;
  *b = gain;
  arx->inputs[arx->nu++] = (struct vr_arx_input){.nb = 1, .nk = 0, .b = b};
  return 0;
}

/* One input of all signals; with a weight of its own the last is another. */
static int fill_inputs(const struct vr_definition *def, double weight,
                       struct vr_model *m) {
  size_t n = n_signals(def), together = weight == 1 ? n : n - 1;
  int r = definition_input(def, 0, together, &m->inputs[0]);
  if (r < 0)
    return r;
  m->n_inputs = 1;
  r = add_gain(&m->arx, def->gain);
  if (r < 0 || together == n)
    return r;
  r = definition_input(def, together, n, &m->inputs[1]);
  if (r < 0)
    return r;
  m->n_inputs = 2;
  return add_gain(&m->arx, weight * def->gain);
}

int vr_definitions_model(const struct vr_definition *def, const char *guest,
                         double weight, struct vr_model *ret_model) {
  struct vr_model m = {
      .counter = def->counter,
      .provenance = def->provenance,
      .guest = strdup(guest),
      .accelerator = def->accelerator,
      .structure = VR_STATIC,
      .inputs = calloc(VR_DEFINITION_SIGNALS, sizeof(*m.inputs)),
      .arx.inputs = calloc(VR_DEFINITION_SIGNALS, sizeof(*m.arx.inputs)),
      .output = {.per = VR_PER_ONE, .min = 0, .max = def->max},
      .fit = {.free_run = NAN, .one_step = NAN},
      .baseline = {.mean = NAN, .mean_fit = NAN, .gain_fit = NAN},
  };
  int r = m.guest && m.inputs && m.arx.inputs ? fill_inputs(def, weight, &m)
                                              : -ENOMEM;
  if (r < 0)
    vr_model_clear(&m);
  else
    *ret_model = m;
  return r;
}

double vr_fit_calibrate_wait(const double *y, const double *run,
                             const double *wait, double gain,
                             const unsigned char *fold, unsigned folds,
                             size_t rows) {
  double energy = 0, product = 0;
  for (size_t i = 0; i < rows; i++) {
    if ((fold && !(folds >> fold[i] & 1)) || !isfinite(y[i]) ||
        !isfinite(run[i]) || !isfinite(wait[i]))
      continue;
    energy += gain * wait[i] * gain * wait[i];
    product += gain * wait[i] * (y[i] - gain * run[i]);
  }
  return energy > 0 ? fmin(fmax(product / energy, 0), 1) : 1;
}

int vr_definitions_column(const struct vr_definition *def,
                          struct vr_reader *reader, const char *host,
                          const char *guest, double *ret) {
  vr_cleanup(vr_data_input_clear) struct vr_model_input in = {0};
  int r = definition_input(def, 0, n_signals(def), &in);
  if (r == 0)
    r = vr_reader_input(reader, &in, host, guest, ret);
  if (r < 0)
    return r;
  size_t rows = vr_reader_timeline(reader)->rows;
  for (size_t i = 0; i < rows; i++) {
    ret[i] *= def->gain;
    if (isfinite(ret[i]))
      ret[i] = fmin(fmax(ret[i], 0), def->max);
  }
  return 0;
}
