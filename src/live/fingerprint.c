/* SPDX-License-Identifier: MIT */
#include "live/fingerprint.h"

#include <string.h>

/* Must never change: old state files are read by it. */
static const char *const counters_v3[] = {
    "load",          "processes",         "cpu",
    "contextswitch", "page_faults",       "buffers",
    "disk_read",     "disk_write",        "net_tx",
    "net_rx",        "page_faults_major", "steal",
    "execution",
};
enum { COUNTERS_V3 = sizeof(counters_v3) / sizeof(counters_v3[0]) };

/* So are these. */
_Static_assert(VR_STATIC == 0 && VR_ARX == 1 && VR_FIR == 2 && VR_SHARE == 3 &&
                   VR_LOAD_FILTER == 4,
               "version 3 hashes the structure's number");
_Static_assert(VR_PER_ONE == 0 && VR_PER_VCPU == 1 && VR_PER_GIB == 2,
               "version 3 hashes the number of per");

static const uint64_t begin = UINT64_C(0xcbf29ce484222325);

static uint64_t hash_bytes(uint64_t hash, const void *data, size_t n) {
  const unsigned char *p = data;
  for (size_t i = 0; i < n; i++)
    hash = (hash ^ p[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
  return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text) {
  return hash_bytes(hash, text, strlen(text) + 1);
}

/* Adding 0 makes -0 and 0 the same. */
static uint64_t hash_number(uint64_t hash, double value) {
  value += 0.0;
  return hash_bytes(hash, &value, sizeof(value));
}

static uint64_t hash_per(uint64_t h, enum vr_per per, bool by_name) {
  return by_name ? hash_text(h, vr_per_name(per)) : hash_number(h, per);
}

static uint64_t hash_input(uint64_t h, const struct vr_model_input *in,
                           const struct vr_arx_input *x, bool by_name) {
  h = hash_number(h, x->nb);
  h = hash_number(h, x->nk);
  h = hash_bytes(h, x->b, x->nb * sizeof(*x->b));
  h = hash_number(h, in->scale);
  h = hash_per(h, in->per, by_name);
  h = hash_number(h, in->offset);
  for (size_t s = 0; s < in->n_signals; s++)
    h = hash_text(h, in->signals[s]);
  if (in->n_busy > 0 || in->transform != VR_PLAIN) {
    h = hash_number(h, (double)in->n_busy);
    h = hash_number(h, in->transform);
  }
  return h;
}

/* All that comes after counter and structure. */
static uint64_t hash_equation(uint64_t h, const struct vr_model *m,
                              bool by_name) {
  h = hash_number(h, m->step);
  h = hash_number(h, m->output.offset);
  h = hash_per(h, m->output.per, by_name);
  h = hash_number(h, m->arx.na);
  for (unsigned k = 1; k <= m->arx.na; k++)
    h = hash_number(h, m->arx.a[k]);
  for (size_t i = 0; i < m->n_inputs; i++)
    h = hash_input(h, &m->inputs[i], &m->arx.inputs[i], by_name);
  return h;
}

/* A load law remembers tasks, whatever the inputs that they were counted by. */
uint64_t vr_live_fingerprint(const struct vr_model *m) {
  uint64_t h = hash_text(begin, vr_counter_info(m->counter)->name);
  h = hash_text(h, vr_model_structure_name(m->structure));
  if (m->structure == VR_LOAD_LAW)
    return h;
  return hash_equation(h, m, true);
}

uint64_t vr_live_fingerprint_v3(const struct vr_model *m) {
  const char *name = vr_counter_info(m->counter)->name;
  for (size_t i = 0; i < COUNTERS_V3; i++)
    if (strcmp(name, counters_v3[i]) == 0) {
      uint64_t h = hash_number(begin, (double)i);
      return hash_equation(hash_number(h, m->structure), m, false);
    }
  return 0;
}

const char *vr_live_counter_v3(size_t i) {
  return i < COUNTERS_V3 ? counters_v3[i] : NULL;
}
