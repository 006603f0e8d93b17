/* SPDX-License-Identifier: MIT
 *
 * A model: how one counter of one guest, or of every guest, follows from
 * series that collectd on the host has. One struct serves every provenance: a
 * direct counter is a static model with na = 0 and known gains, an inferred
 * one is an ARX model that the trainer fitted. docs/model-file.md describes the
 * file that holds models.
 */
#ifndef VR_MODEL_MODEL_H
#define VR_MODEL_MODEL_H

#include "basic/error.h"
#include "model/arx.h"
#include "schema/accelerator.h"
#include "schema/counters.h"
#include "schema/guest_kernel.h"
#include "schema/per.h"
#include "schema/provenance.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* How the coefficients of a dynamic model came about. */
enum vr_structure {
  VR_STATIC,      /* na = 0, nb = 1, nk = 0, gains known beforehand */
  VR_ARX,         /* free a and b */
  VR_FIR,         /* na = 0, regularised b */
  VR_SHARE,       /* as VR_STATIC, but what is published is the percentage that
                     the first input's b u has of all of them together */
  VR_LOAD_FILTER, /* a is the kernel's load average filter, b is free; the
                     5- and 15-minute averages follow from the same b */
  VR_LOAD_LAW,    /* load_law.h: three b of each input are its weights in the
                     lower bound, the value and the upper bound of the number of
                     active tasks */
  VR_RATIO,       /* ratio.h: no memory; two or three b of each input are its
                     weights in a numerator, a denominator and a limit */
};

/* What is made of an input before its range: itself, or log(1 + x), 0 where x
 * is below 0. */
enum vr_transform { VR_PLAIN, VR_LOG1P };

/* u = clamp(scale * (sum of the signals) / per, range) - offset. A signal is an
 * identifier pattern, "%{host}/vmrecon-%{guest}/derive-vcpu_run:value": rates
 * for DERIVE and COUNTER, levels for GAUGE. The input is missing when one of
 * its signals is. */
struct vr_model_input {
  size_t n_signals;
  char **signals;
  /* The last so many of the signals are no summands, but the times, ns/s, that
   * the vCPUs are not idle in: the sum of the others is divided by the idle
   * part of a vCPU that is left (units.h). 0: it is not. */
  size_t n_busy;
  enum vr_transform transform;
  double scale;
  enum vr_per per;
  double offset;
  /* The training range of scale * sum / per, with a margin; -INFINITY, INFINITY
   * if unknown. Beyond it the input is held at its edge, and before long an
   * inferred counter is withheld (range.h): a linear model was not validated
   * out of its training range. */
  double range_min, range_max;
};

struct vr_model_output {
  double offset; /* y = (free run + offset) * per, then clamped */
  enum vr_per per;
  double min, max; /* clamp; -INFINITY, INFINITY for none */
};

/* Free-run score of a model, in percent: fit = 100 (1 - |y - yhat| / |y -
 * mean(y)|) on data that estimation did not use. NAN where not validated. */
struct vr_model_fit {
  double free_run;
  double one_step; /* shown, never used to choose */
  /* Of a level that was sampled finely: also against its samples, and against
   * what they would be on average, which their noise does not cap. */
  bool judged_twice;
  double snapshot, expected;
  double rows;       /* number of validation samples */
  double begin, end; /* their time span, seconds since the epoch */
};

/* What an operator could have had without a model, on the same data. */
struct vr_model_baseline {
  double mean;     /* mean of the estimation data */
  double mean_fit; /* percent, NAN if unknown */
  bool has_gain;
  struct vr_model_input gain_input; /* y = gain * u + constant */
  double gain, constant;
  double gain_fit;
};

enum { VR_MODEL_MAX_REGIMES = 8 };

/* How far the counter may lie from the model's value. Half-widths differ
 * between regimes, which one input shows: regime k is where it lies from
 * edges[k - 1] to below edges[k]. */
struct vr_model_intervals {
  double level; /* what fraction of values they are to hold; 0: no intervals */
  unsigned n_regimes;           /* 1: no input distinguishes regimes */
  struct vr_model_input regime; /* n_signals = 0 with one regime */
  double edges[VR_MODEL_MAX_REGIMES - 1]; /* rising */
  /* In the unit of the output before it is multiplied by the guest's size;
   * INFINITY: in this regime nothing was validated. */
  double half_width[VR_MODEL_MAX_REGIMES];
  /* Fraction that they held of data that widths do not come from, with its 95 %
   * range; NAN if not measured. */
  double coverage, coverage_lower, coverage_upper;
};

struct vr_model {
  enum vr_counter counter;
  enum vr_provenance provenance;
  char *guest; /* a name, or a pattern of fnmatch(3): "*" for every guest */
  enum vr_accelerator accelerator;
  enum vr_steal_clock steal_clock; /* of guests with or without one */
  enum vr_structure structure;
  bool nested;   /* of guests whose KVM host is itself a guest */
  bool generic;  /* not validated on the host that uses it */
  bool withheld; /* not to be published, however good its fit looks */
  /* It proved clearly better than what the host measures of its counter, which
   * gives way to it. Of inferred models only. */
  bool preferred;
  double step;       /* seconds; 0: serves any interval */
  struct vr_arx arx; /* arx.nu = n_inputs */
  size_t n_inputs;
  struct vr_model_input *inputs;
  struct vr_model_output output;
  struct vr_model_fit fit;
  struct vr_model_baseline baseline;
  struct vr_model_intervals intervals;
};

/* The models of one file. Several sets may hold the same models, which nobody
 * changes then: they go with the last of these sets. */
struct vr_model_set {
  size_t n_models;
  struct vr_model *models;
  atomic_uint *holders; /* NULL: this set alone */
};

/* Releases what the model holds, not the struct itself. */
void vr_model_clear(struct vr_model *m);
void vr_model_set_clear(struct vr_model_set *set);

/* *RET holds the models of SET, too; it is to be cleared as SET is. Returns 0
 * or -ENOMEM. */
int vr_model_set_share(struct vr_model_set *set, struct vr_model_set *ret);

/* The latest version that is read. Version 1 has no intervals, version 2 none
 * of the structures that vr_model_structure_version() says, no steal clock, no
 * preferred model, none that was judged twice, and none of a nested host.
 * A file is written as of VR_MODEL_FILE_COMMON where it has nothing later. */
enum { VR_MODEL_FILE_COMMON = 2, VR_MODEL_FILE_VERSION = 3 };

/* The first version of the file that has S. */
int vr_model_structure_version(enum vr_structure s);

/* The first version that has all that M says. */
int vr_model_version(const struct vr_model *m);

/* Reads and checks a model file. A file that is not whole and valid (unknown
 * format or later version, missing field, number that is not finite, unstable
 * polynomial, ...) is refused as a whole: negative errno, *ret_error filled,
 * *ret_set untouched. */
int vr_model_file_read(const char *path, struct vr_model_set *ret_set,
                       struct vr_error *ret_error);

/* The same for LENGTH bytes of TEXT that PATH held. */
int vr_model_file_parse(const char *path, const char *text, size_t length,
                        struct vr_model_set *ret_set,
                        struct vr_error *ret_error);

/* Writes SET to PATH atomically, every number at full precision. GENERIC is the
 * file's flag; GENERATOR names the program. Returns 0 or a negative errno. */
int vr_model_file_write(const char *path, const struct vr_model_set *set,
                        bool generic, const char *generator,
                        struct vr_error *ret_error);

/* Is there nothing to remember from one tick to the next, whatever the step? */
bool vr_model_structure_is_static(enum vr_structure s);

/* Does it run at any interval, with a step of 0? */
bool vr_model_structure_has_any_step(enum vr_structure s);
const char *vr_model_structure_name(enum vr_structure s);
int vr_model_structure_by_name(const char *name, enum vr_structure *ret);

/* Bounds that keep a hostile or broken file from costing more than its size:
 * the stability check alone is quadratic in na. */
enum {
  VR_MODEL_MAX_NA = 256,
  VR_MODEL_MAX_NB = 4096,
  VR_MODEL_MAX_NK = 65536,
  VR_MODEL_MAX_INPUTS = 64,
  VR_MODEL_MAX_SIGNALS = 64,    /* of one input */
  VR_MODEL_FILE_MAX = 64 << 20, /* bytes */
};

/* Is M a model that may run: sizes that agree, finite numbers, patterns that
 * parse, a stable polynomial? 0, or -EINVAL and ret_error->message, which
 * names the field. */
int vr_model_check(const struct vr_model *m, struct vr_error *ret_error);

#endif
